#!/bin/sh
# Pack what the guest runs, in parts (the kernel takes an initramfs of several
# archives): programs, the kernel's modules, the installed kselftests.  A part
# is packed again only if what is in it has changed.
set -eu
. "$(dirname "$0")/lib.sh"

# pack PART: the directory $guest/PART becomes $guest/PART.cpio.gz.
pack() {
	archive "$guest/$1" > "$guest/$1.cpio.gz.new"
	mv "$guest/$1.cpio.gz.new" "$guest/$1.cpio.gz"
}

# part NAME KEY FUNCTION: call FUNCTION to fill the directory and pack it,
# unless it was packed from the same key.
part() {
	[ "$(cat "$guest/$1.key" 2>/dev/null)" != "$2" ] || return 0
	rm -rf "${guest:?}/$1" "$guest/$1.key"
	mkdir -p "$guest/$1"
	"$3" "$guest/$1"
	pack "$1"
	printf '%s\n' "$2" > "$guest/$1.key"
}

programs() { sed 's/ *#.*//; /^$/d' "$tools/guest-programs"; }

foreign() { [ "$(field arches "$ARCH" 9)" != "$(dpkg --print-architecture 2>/dev/null)" ]; }

# Users have no sbin in their PATH.
program_files() (
	PATH=$PATH:/usr/sbin:/sbin
	for program in $(programs); do
		command -v "$program" || die "the host has no $program for the guest" \
			"expected it in PATH: 'make deps' installs it"
	done
	# Not linked, but loaded: by stdbuf; by pthread_cancel() and pthread_exit(); and
	# what upstream's kselftests are linked with
	find /usr/lib* -name libstdbuf.so 2>/dev/null || true
	for library in libgcc_s.so.1 libm.so.6; do
		realpath "$("$COMPILER" -print-file-name="$library")"
	done
)

# All libraries of the packages: ldd knows only what this machine can run.
fill_foreign_programs() {
	root=$("$tools/foreign.sh")
	mkdir -p "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/run" "$1/etc" "$1/usr"
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$1/$dir"
		mkdir -p "$1/usr/$dir"
		[ ! -d "$root/$dir" ] || copy -a "$root/$dir/." "$1/usr/$dir/"
	done
	copy -a "$root/usr/bin/." "$1/usr/bin/"
	copy -a "$root/usr/sbin/." "$1/usr/sbin/"
	copy -a "$root/usr/lib/." "$1/usr/lib/"
	# Where stdbuf has its library
	[ ! -d "$root/usr/libexec" ] || copy -a "$root/usr/libexec" "$1/usr/"
	link_applets "$1" "$busybox"
	passwd "$1"
}

passwd() {
	echo 'root:x:0:0:root:/:/bin/bash' > "$1/etc/passwd"
	echo 'root:x:0:' > "$1/etc/group"
}

fill_programs() {
	if foreign; then
		fill_foreign_programs "$1"
		return
	fi
	for dir in bin sbin lib lib64; do
		mkdir -p "$1/usr/$dir"
		ln -s "usr/$dir" "$1/$dir"
	done
	mkdir -p "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/run" "$1/etc"
	copy "$busybox" "$1/usr/bin/busybox"
	link_applets "$1" "$busybox"
	printf '%s\n' "$files" | while read -r file; do
		rm -f "$1/usr/bin/${file##*/}"
		add_program "$1" "$file"
		case $file in
		*.so|*.so.*|/bin/*|/sbin/*|/usr/bin/*|/usr/sbin/*) ;;
		*) ln -s "../${file#/usr/}" "$1/usr/bin/${file##*/}" ;;
		esac
	done
	passwd "$1"
}

fill_modules() {
	has_option MODULES || return 0
	kmake -s modules_install INSTALL_MOD_PATH="$1/usr" INSTALL_MOD_STRIP=1 \
		> "$log/modules-$CONFIG.log" 2>&1 || part_failed "$log/modules-$CONFIG.log" modules_install
	rm -f "$1"/usr/lib/modules/*/build
}

modules_key() {
	has_option MODULES || {
		echo "no modules"
		return
	}
	sed "s|^|$kernel/|; s|\.o$|.ko|" "$kernel/modules.order" | xargs -r cat | hash_of
	"$tools/kmake.sh" -s kernelrelease
}

# The tests are built and installed each time (make knows what is to be done), then
# packed if the result differs; in the tree itself, hence the lock. KSELFTESTS names others than those of the series;
# with an empty FORCE_TARGETS those that do not build are left out.
install_selftests() {
	selftests=$tree/tools/testing/selftests
	mkdir -p "$guest/installed"
	[ -n "${KSELFTESTS:-}" ] || [ -d "$selftests/kthread" ] || {
		say "guest: this tree has no tools/testing/selftests/kthread: no kselftests"
		return 0
	}
	# Without modules there are none of theirs either.
	set --
	has_option MODULES || set -- TEST_GEN_MODS_DIR=
	env -u BASE -u CONFIG -u TREE -u SMP -u MEM -u BUILD \
		ARCH="$(field arches "$ARCH" 2)" CROSS_COMPILE="$(cross_prefix)" \
		flock "$state/selftests.lock" make -s -C "$selftests" O="$kernel" KDIR="$kernel" TARGETS="${KSELFTESTS:-kthread}" \
		CC="ccache $(compiler)" FORCE_TARGETS="${FORCE_TARGETS-1}" \
		INSTALL_PATH="$guest/installed/kselftest" "$@" install > "$log/kselftest-$CONFIG.log" 2>&1 || part_failed "$log/kselftest-$CONFIG.log" "building the kselftests"
}

# A module of our own, not of the series; built in a copy, to keep its place clean.
install_storm() {
	has_option MODULES || return 0
	mkdir -p "$guest/storm" "$guest/installed/storm"
	cp -u "$top"/selftests/storm/* "$guest/storm/"
	kmake -s M="$guest/storm" modules > "$log/storm-$CONFIG.log" 2>&1 ||
		part_failed "$log/storm-$CONFIG.log" "building selftests/storm"
	cp "$guest/storm/storm.ko" "$guest/installed/storm/"
}

part_failed() {
	tail -n 20 "$1" >&2
	die "$2 failed" "whole log: $1"
}

fill_selftests() {
	copy -a "$guest/installed/." "$1/"
}

tree_hash() { (cd "$1" && find . -type f | sort | xargs -r sha256sum) | hash_of; }

busybox=$(command -v busybox) || die "the host has no busybox for the guest" \
	"expected the package busybox-static: 'make deps' installs it"
! ldd "$busybox" > /dev/null 2>&1 || die "$busybox is not a static program" \
	"expected the package busybox-static, not busybox"
[ -f "$kernel/vmlinux" ] || die "there is no kernel in $kernel" "run 'make kernel' first"
mkdir -p "$guest" "$log"
need_space "$guest" 200 "the guest's initramfs"

files=$(program_files)
part programs "$(printf '%s\n' "$files" "$tools/guest.sh" "$busybox" | xargs sha256sum | hash_of)" fill_programs
part modules "$(modules_key)" fill_modules
rm -rf "$guest/installed"
install_selftests
install_storm
part selftests "$(tree_hash "$guest/installed")" fill_selftests
