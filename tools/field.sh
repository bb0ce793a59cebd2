#!/bin/sh
# Make real bugs of real drivers happen in guests, and see that they are explained.
#
#   field.sh [NAME...]    selftests/field/NAME, all of them by default
#
# NAME.sh runs in a guest of its own, with NAME.patch, if there is one, applied to
# copies of the drivers that it changes: external modules, which take the place of the
# kernel's own in that guest. The last line is "N passed, N failed, N skipped".
set -eu
CONFIG=field
. "$(dirname "$0")/lib.sh"

source=$top/selftests/field
work=$BUILD/field-$name-$ARCH

bugs() {
	grep -L '^# .*Sourced, not run' "$source"/*.sh | xargs basename -a -s .sh
}

# The directories of the tree that a patch changes
directories() { sed -n 's|^+++ b/\(.*\)/[^/]*$|\1|p' "$1" | sort -u; }

# Copies of them with the patch. Files that have not changed keep their time, and
# nothing is built again.
patched_copies() {
	stage=$work/stage
	rm -rf "$stage"
	for directory in $(directories "$source/$1.patch"); do
		mkdir -p "$stage/$directory" "$work/$1/build/$directory"
		cp -R "$tree/$directory/." "$stage/$directory/"
	done
	patch -s -p1 -d "$stage" < "$source/$1.patch" ||
		die "$source/$1.patch does not apply" "expected it to fit $tree"
	rsync -rc "$stage/" "$work/$1/build/"
}

# build_modules BUG ROOT: the modules that it changes, to where the kernel's own are
build_modules() {
	patched_copies "$1"
	for directory in $(directories "$source/$1.patch"); do
		built=$work/$1/build/$directory
		kmake -s M="$built" modules > "$log/field-$1.log" 2>&1 || {
			tail -n 20 "$log/field-$1.log" >&2
			die "building $directory for $1 failed" "whole log: $log/field-$1.log"
		}
		place=$2/usr/lib/modules/$release/kernel/$directory
		mkdir -p "$place"
		cp "$built"/*.ko "$place"
	done
}

# The initramfs of a bug's guest: the last part has what differs from the others.
pack() {
	parts=$work/$1/parts
	rm -rf "$parts"
	mkdir -p "$parts/root"
	ln -s "$guest/programs.cpio.gz" "$guest/modules.cpio.gz" "$parts/"
	[ ! -f "$source/$1.patch" ] || build_modules "$1" "$parts/root"
	# The same files are the same archive.
	find "$parts/root" -exec touch -d @0 {} +
	(cd "$parts/root" && find . -mindepth 1 | sort |
		cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -1n > "$parts/selftests.cpio.gz"
}

# All that the outcome depends on
key_of() {
	{
		cat "$kernel/$(field arches "$ARCH" 4)" "$work/$1/parts"/*.cpio.gz \
			"$source"/*.sh "$top/selftests/init" "$tools/boot.py"
		"$(field arches "$ARCH" 5)" --version
	} | hash_of
}

# A bug is tried again until it has passed, and when something has changed since.
try() {
	key=$(key_of "$1")
	printf '\n== %s\n' "$1"
	if [ "$(cat "$work/$1/passed" 2> /dev/null)" = "$key" ]; then
		echo "passed before, and nothing that it looks at has changed since"
		return 0
	fi
	rm -f "$work/$1/passed" "$BUILD/run/field-$1/output.log"
	status=0
	"$tools/boot.sh" --timeout 900 --quiet --label "field-$1" --parts "$work/$1/parts" \
		"$source/$1.sh" < /dev/null || status=$?
	cp "$BUILD/run/field-$1/output.log" "$work/$1/tap" 2> /dev/null || : > "$work/$1/tap"
	cat "$work/$1/tap"
	if [ $status -eq 0 ]; then
		echo "$key" > "$work/$1/passed"
	elif [ $status -gt 1 ]; then
		echo "Bail out! the guest did not end well (status $status)" | tee -a "$work/$1/tap"
	fi
}

for bug; do
	[ -f "$source/$bug.sh" ] || die "there is no field bug $bug" "expected some of: $(bugs | xargs)"
done
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(bugs)
[ "$SMP" -gt 1 ] || die "SMP=$SMP is too few" "expected 2 CPUs or more: one of them is kept busy"
mkdir -p "$work" "$log"
"$tools/kernel.sh"
"$tools/guest.sh"
release=$("$tools/kmake.sh" -s kernelrelease)
for bug; do
	pack "$bug"
	try "$bug"
done
printf '\n== results\n'
# shellcheck disable=SC2046
exec "$tools/ktap.py" $(for bug; do printf '%s=%s ' "$bug" "$work/$bug/tap"; done)
