#!/bin/sh
# Boot the kernel with the guest's initramfs and run a script in it.
# Options: see boot.py --help.
set -eu
# The exit status where no guest was booted; see boot.py
own_error=126
. "$(dirname "$0")/lib.sh"

image=$kernel/$(field arches "$ARCH" 4)
qemu=$(field arches "$ARCH" 5)
command -v "$qemu" > /dev/null || die "there is no $qemu in PATH" \
	"expected QEMU for ARCH=$ARCH: 'make deps' installs it on Debian"
[ -f "$image" ] || die "there is no kernel $image" "run 'make kernel' first"
[ -f "$guest/selftests.cpio.gz" ] || die "there is no initramfs in $guest" \
	"run 'make kernel' first"
need_space "$BUILD" 100 "a guest's initramfs and log"
# The races that the rest of the kernel has are not ours: kthread_is_per_cpu(), which
# the series does not touch, reads the flags of a task that may exit.
! has_option KCSAN || set -- --tolerate 'BUG: KCSAN: (?!.*kthread(?!_is_per_cpu))' "$@"
# A timer interrupt while the features of the boot CPU are looked up anew: KASAN, not
# inlined, asks them how long addresses are, and takes those of five levels for wild.
! has_option KASAN_OUTLINE || set -- --append no5lvl "$@"
exec "$tools/boot.py" --arch "$ARCH" --qemu "$qemu" --image "$image" \
	--machine "$(field arches "$ARCH" 6)" --console "$(field arches "$ARCH" 7)" \
	--port "$(field arches "$ARCH" 8)" --cpu "$(field arches "$ARCH" 10)" \
	--parts "$guest" --init "$top/selftests/init" --build "$BUILD" \
	--accel "${ACCEL:-auto}" --smp "${SMP:-2}" --mem "${MEM:-1024}" "$@"
