#!/bin/sh
# Count the instructions of the life of a kthread, on the unpatched kernel and on
# the patched one, and write the table Documentation/cost.md.
#
#   bench.sh                all of it
#   bench.sh guest COLUMN   measure one column; the kernels are there
set -eu
CONFIG=bench
. "$(dirname "$0")/lib.sh"
ACCEL=tcg
SMP=1
MEM=2048
BENCH_QEMU=$(field arches "$ARCH" 5)
export ACCEL SMP MEM BENCH_QEMU

bench=$BUILD/bench-$name
base_tree=$bench/$(basename "$tree")
programs=$guest
source=$top/selftests/bench

columns() { sed 's/#.*//' "$source/columns" | awk 'NF { print $1 }'; }
kernels() { sed 's/#.*//' "$source/columns" | awk 'NF && !seen[$2]++ { print $2 }'; }
kernel_of() { awk -v c="$1" '$1 == c { print $2 }' "$source/columns"; }

# Where a kernel is built, from what, and with what on top of CONFIG=bench.  The way
# from there to its tree is the same for all: ccache then knows their files again.
use_kernel() {
	MORE_CONFIG=
	kernel=$BUILD/kernel-$name-$ARCH-$CONFIG
	case $1 in
	unpatched)
		kernel=$bench/kernel
		tree=$base_tree
		;;
	config_n)
		kernel=$kernel-n
		MORE_CONFIG=$top/kernel-config/bench-n.config
		;;
	config_y) ;;
	*) die "no kernel is called $1" "expected one of: $(kernels | xargs)" ;;
	esac
	KERNEL_DIR=$kernel
	SOURCE_DIR=$tree
	export KERNEL_DIR SOURCE_DIR MORE_CONFIG
	mkdir -p "$bench/$1"
}

make_base_tree() {
	base=$(cat "$state/base")
	[ "$(git -C "$base_tree" rev-parse HEAD 2>/dev/null)" != "$base" ] || return 0
	need_space "$BUILD" 2500 "the unpatched kernel's tree"
	say "bench: a tree of the unpatched kernel (half a minute)"
	rm -rf "$base_tree"
	git clone -q --shared --no-checkout "$tree" "$base_tree"
	git -C "$base_tree" -c core.hooksPath=/dev/null -c advice.detachedHead=false \
		checkout -q "$base"
}

build_kernel() (
	use_kernel "$1"
	say "bench: the kernel $1"
	"$tools/kernel.sh"
	build_module "$1"
	sizes "$1"
)

# The kernel's make cannot do modules and single objects in one run.
build_module() {
	module=$bench/$1/module
	mkdir -p "$module"
	cp "$source/Makefile" "$source/bench.c" "$source/sizes.c" "$module"
	for goal in modules sizes.o; do
		"$tools/kmake.sh" -s M="$module" "$goal" > "$log/bench-module.log" 2>&1 ||
			build_failed "building $goal for the kernel $1" "$log/bench-module.log"
	done
}

build_failed() {
	tail -n 20 "$2" >&2
	die "$1 failed" "whole log: $2"
}

# Lines "size OBJECT text data bss" and "struct NAME bytes".
sizes() {
	{
		size "$kernel/kernel/kthread.o" "$kernel"/kernel/kthread_lifecycle*.o 2>/dev/null |
			awk 'NR > 1 { sub(".*/", "", $6); print "size", $6, $1, $2, $3 }'
		nm -S "$bench/$1/module/sizes.o" |
			awk '$4 ~ /^size_of_/ { sub("size_of_", "", $4); print "struct", $4, "0x" $2 }'
	} > "$bench/$1/sizes"
}

# The same but for the records, or the difference is not theirs.
same_configuration() {
	for one in $(kernels); do
		(use_kernel "$one"
		grep -vE 'KTHREAD_LIFECYCLE|STACKDEPOT|^#' "$kernel/.config" > "$bench/$one/config")
		diff "$bench/unpatched/config" "$bench/$one/config" > "$bench/$one/config.diff" ||
			die "the kernels unpatched and $one differ in more than the records" \
			    "expected the same configuration; see $bench/$one/config.diff" \
			    "what the kselftests of the series ask for has to be in kernel-config/bench.config"
	done
}

# The initramfs of a kernel: the programs of the guest, the module, the reader.
pack() {
	parts=$bench/$1/guest
	rm -rf "$parts"
	mkdir -p "$parts/stage/bench"
	cp "$bench/$1/module/bench.ko" "$bench/read" "$parts/stage/bench"
	ln -s "$programs/programs.cpio.gz" "$parts/programs.cpio.gz"
	(cd "$parts/stage" && find . -mindepth 1 | sort |
		cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -1n > "$parts/modules.cpio.gz"
	: | gzip -1n > "$parts/selftests.cpio.gz"
}

build() {
	[ "$ARCH" = x86_64 ] || die "ARCH=$ARCH: 'make bench' reads the time stamp counter" \
		"expected ARCH=x86_64, where QEMU makes it count instructions"
	mkdir -p "$bench" "$log"
	make_base_tree
	for one in $(kernels); do
		build_kernel "$one"
	done
	same_configuration
	(use_kernel config_y && "$tools/guest.sh")
	gcc -O2 -Wall -static -o "$bench/read" "$source/read.c"
	for one in $(kernels); do
		pack "$one"
	done
}

measure() (
	one=$(kernel_of "$1")
	use_kernel "$one"
	"$tools/boot.sh" --timeout 900 --quiet --label "bench-$1" \
		--qemu "$tools/icount-qemu.sh" --parts "$bench/$one/guest" \
		--append "bench_column=$1" "$source/run.sh" ||
		die "the column $1 was not measured" "see above, and $BUILD/run/bench-$1/"
)

# "VERSION (DAY)": of the package, or of the commit where there is none.
base_version() {
	package=$(find "$BUILD/source/$BASE" -name '*.deb' 2>/dev/null | sort | tail -n 1)
	if [ -z "$KERNEL_TREE" ] && [ -n "$package" ]; then
		echo "$(basename "$package" .deb) ($(ar tv "$package" | awk 'NR == 1 { print $6, $5, $8 }'))"
	else
		tgit log -1 --format='%h (%cs)' "$(cat "$state/base")"
	fi
}

versions() {
	echo "Unpatched: Linux $("$tools/kmake.sh" -s kernelversion), $(base_version)"
	echo "Patched: $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches on it"
	echo "Configuration: CONFIG=$CONFIG (kernel-config/$CONFIG.config over base, $ARCH and test)"
	echo "gcc $(gcc -dumpfullversion), $("$BENCH_QEMU" --version | head -n 1)"
	echo "Command: make bench"
}

if [ "${1:-}" = guest ]; then
	measure "$2"
	exit
fi
build
columns | xargs -P "$JOBS" -n 1 "$0" guest
versions > "$bench/versions"
exec "$tools/bench.py" "$bench" "$BUILD/run" "$source/columns" "$top/Documentation/cost.md"
