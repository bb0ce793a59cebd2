#!/bin/sh
# In which functions of the kernel a work of `make bench` executes its instructions:
#
#   profile.sh WORK COLUMN              in one column, per cycle
#   profile.sh WORK COLUMN COLUMN       what the second has more or less than the first
#
# WORK is one of those in selftests/bench/run.sh, a COLUMN is one of
# selftests/bench/columns that `make bench` has measured.
set -eu
. "$(dirname "$0")/bench-lib.sh"

works() { sed -n 's/^works="\(.*\)"/\1/p' "$source/run.sh"; }

# Works are done in their order, and each is counted on its own.
number_of() { works | tr ' ' '\n' | awk -v w="$1" '$1 == w { print NR - 1 }'; }

address() { nm "$kernel/vmlinux" | awk -v s="$1" '$3 == s { print $1; exit }'; }

plugin() {
	gcc -O2 -Wall -shared -fPIC -fvisibility=hidden -o "$bench/profile.so" "$tools/profile-plugin.c"
	printf "%s,text=%s,etext=%s,begin=%s,end=%s,out=%s\n" "$bench/profile.so" \
		"$(address _stext)" "$(address _einittext)" \
		"$(address sched_set_fifo)" "$(address sched_set_normal)" "$1/count"
}

# profile COLUMN: boot its guest, which leaves the counts in $bench/profile/COLUMN.
profile() (
	use_kernel "$(kernel_of "$1")"
	[ -f "$kernel/vmlinux" ] || die "there is no kernel $kernel" "run 'tools/bench.sh $1' first"
	counts=$bench/profile/$1
	rm -rf "$counts"
	mkdir -p "$counts"
	BENCH_PLUGIN=$(plugin "$counts")
	export BENCH_PLUGIN
	"$tools/boot.sh" --timeout 1800 --quiet --label "profile-$1" --parts "$(parts_of "$1")" \
		--qemu "$tools/icount-qemu.sh" --append "bench_column=$1 bench_short" "$source/run.sh" ||
		die "the column $1 was not profiled" "see above, and $BUILD/run/profile-$1/"
	nm -n "$kernel/vmlinux" > "$counts/symbols"
	cp "$BUILD/run/profile-$1/output.log" "$counts/figures"
)

[ $# -eq 2 ] || [ $# -eq 3 ] || die "expected WORK COLUMN [COLUMN]" "works: $(works)"
work=$1
shift
[ -n "$(number_of "$work")" ] || die "there is no work $work" "expected one of: $(works)"
check_columns "$@"
for column; do
	profile "$column"
done
exec "$tools/profile.py" "$work" "$(number_of "$work")" "$@" "$bench/profile"
