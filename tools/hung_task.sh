#!/bin/sh
# The same waits for kthreads that nothing ends, on the unpatched kernel and on the
# patched one, without records and with them: khungtaskd has to say the same. The
# kernels are those of `make bench`.
set -eu
CONFIG=bench
. "$(dirname "$0")/lib.sh"

bench=$BUILD/bench-$name
base_tree=$bench/$(basename "$tree")
programs=$guest
hung=$BUILD/hung-$name
source=$top/selftests/hung

# The unpatched kernel is built where tools/bench.sh builds it.
use_kernel() {
	[ "$1" = unpatched ] || return 0
	KERNEL_DIR=$bench/kernel
	SOURCE_DIR=$base_tree
	export KERNEL_DIR SOURCE_DIR
}

build() (
	use_kernel "$1"
	"$tools/kernel.sh"
	mkdir -p "$hung/kernel-$1/module"
	cp -u "$source/Makefile" "$source/hung.c" "$hung/kernel-$1/module"
	"$tools/kmake.sh" -s M="$hung/kernel-$1/module" modules > "$log/hung-module.log" 2>&1 || {
		tail -n 20 "$log/hung-module.log" >&2
		die "building selftests/hung for the kernel $1 failed" "whole log: $log/hung-module.log"
	}
)

# The initramfs of a kernel: the programs of the guest, and the module
pack() {
	parts=$hung/kernel-$1/guest
	rm -rf "$parts"
	mkdir -p "$parts/stage/hung"
	cp "$hung/kernel-$1/module/hung.ko" "$parts/stage/hung"
	ln -s "$programs/programs.cpio.gz" "$parts/programs.cpio.gz"
	(cd "$parts/stage" && find . -mindepth 1 | sort |
		cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -1n > "$parts/modules.cpio.gz"
	: | gzip -1n > "$parts/selftests.cpio.gz"
}

# run KERNEL LABEL [PARAMETER]: what khungtaskd says, into a file
run() (
	use_kernel "$1"
	"$tools/boot.sh" --timeout 600 --quiet --label "hung-$2" --parts "$hung/kernel-$1/guest" \
		--append "${3:-}" "$source/run.sh" ||
		die "the guest hung-$2 did not end well" "see above, and $BUILD/run/hung-$2/"
	grep -v '^#' "$BUILD/run/hung-$2/output.log" > "$hung/$2"
)

number=0 bad=0
result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

# same LABEL
same() {
	status=0
	diff -u "$hung/unpatched" "$hung/$1" > "$hung/$1.diff" || status=1
	sed 's/^/# /' "$hung/$1.diff"
	result "$1: khungtaskd says what it says without the series" $status
}

reported() { grep -q "^# report.$1 [1-9]" "$BUILD/run/hung-tracking-on/output.log"; }

mkdir -p "$hung" "$log"
"$tools/base_tree.sh" "$base_tree"
for one in unpatched patched; do
	build $one
done
"$tools/guest.sh"
pack unpatched
pack patched
run unpatched unpatched
run patched tracking-off
run patched tracking-on hung_tracking

echo "TAP version 13"
sort "$hung/unpatched" | uniq -c | sed 's/^ */# /'
status=0
[ "$(wc -l < "$hung/unpatched")" -ge 20 ] || status=1
result "unpatched: khungtaskd finds the waits" $status
same tracking-off
same tracking-on
for kind in stop_stalled park_stalled never_started; do
	status=0
	reported $kind || status=1
	result "tracking-on: $kind is reported at the same time" $status
done
echo "1..$number"
exit $bad
