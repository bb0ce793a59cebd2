#!/bin/sh
# Run upstream's own kselftests on the unpatched kernel and on the patched one, both
# as `make quiet` configures them, with the records off as users have them at first;
# compare result by result, and write Documentation/regress.md.
#
#   regress.sh [SUITE...]     those that tools/regress-suites says by default
#
# What differs is run again in both, up to three times: only what never is the same is
# a difference.  A suite runs again only if a kernel or what the guests have changes.
set -eu
CONFIG=quiet
. "$(dirname "$0")/lib.sh"

bench=$BUILD/bench-$name
base_tree=$bench/$(basename "$tree")
work=$BUILD/regress-$name
table=$top/Documentation/regress.md
kernels="unpatched patched"
rounds="1 2 3"

suites() { sed -n 's/^run://p' "$tools/regress-suites" | xargs; }

# Both have guests of their own; the unpatched kernel is built beside that of `make
# bench`, from the same tree, and is asked for what the kselftests of the series want.
use_kernel() {
	GUEST_DIR=$work/guest-$1
	export GUEST_DIR
	[ "$1" = unpatched ] || return 0
	KERNEL_DIR=$bench/kernel-$CONFIG
	SOURCE_DIR=$base_tree
	MORE_CONFIG=$work/more.config
	export KERNEL_DIR SOURCE_DIR MORE_CONFIG
}

# The variables that use_kernel sets are for the tools; here are their values.
kernel_of() (
	use_kernel "$1"
	echo "${KERNEL_DIR:-$kernel}"
)

build() (
	use_kernel "$1"
	say "regress: the kernel $1"
	"$tools/kernel.sh"
	# The tests are compiled with the kernel's own headers.
	"$tools/kmake.sh" -s headers > "$log/headers.log" 2>&1 || {
		tail -n 20 "$log/headers.log" >&2
		die "the headers of the kernel $1 could not be made" "whole log: $log/headers.log"
	}
	# A suite that does not build is left out, and shown.
	KSELFTESTS=$(suites) FORCE_TARGETS='' "$tools/guest.sh"
)

# What is configured but for the records
configuration() {
	grep -vE 'KTHREAD_LIFECYCLE|STACKDEPOT|^#' "$(kernel_of "$1")/.config"
}

# The same, or a difference of the results is not that of the series
same_configuration() {
	for one in $kernels; do
		configuration "$one" > "$work/$one.config"
	done
	diff "$work/unpatched.config" "$work/patched.config" > "$work/config.diff" ||
		die "the two kernels differ in more than the records" \
		    "expected the same configuration; see $work/config.diff"
}

# What the results of a kernel depend on
stamp() {
	cat "$(kernel_of "$1")/$(field arches "$ARCH" 4)" "$work/guest-$1"/*.key \
		"$top/selftests/regress.sh" "$top/selftests/upstream.sh" | hash_of
}

is_built() { grep -q "^$1:" "$work/guest-unpatched/installed/kselftest/kselftest-list.txt"; }

# run KERNEL SUITE ROUND [PARAMETER...]: into files KERNEL/SUITE.ROUND.*
run() (
	use_kernel "$1"
	to=$work/$1/$2.$3
	label=regress-$1-$2
	suite=$2
	shift 3
	status=0
	"$tools/boot.sh" --timeout 5400 --quiet --label "$label" \
		--append "regress_suite=$suite $*" "$top/selftests/regress.sh" > "$log/$label.log" 2>&1 ||
		status=$?
	cat "$log/$label.log" >&2
	case $status in
	0|124|125) ;;
	*) die "the guest $label did not run (status $status)" "see above" ;;
	esac
	cp "$BUILD/run/$label/console.log" "$to.console"
	mv "$BUILD/run/$label/output.log" "$to.tap"
)

# side_by_side KERNELS SUITE ROUND [PARAMETER...]: a guest has one core without KVM.
side_by_side() {
	on=$1
	shift
	echo "$on" | xargs -n 1 | xargs -P 2 -I KERNEL "$0" --run KERNEL "$@"
}

# Parameters for the tests of a suite, if some are left out
tests_of() {
	left_out=$(sed -n 's/^not [^:]*: *//p' "$tools/regress-suites" | xargs -n 1)
	case " $(echo "$left_out" | xargs) " in
	*" $1:"*) ;;
	*) return 0 ;;
	esac
	sed -n "/^$1:/p" "$work/guest-unpatched/installed/kselftest/kselftest-list.txt" |
		grep -vxF "$left_out" | sed 's/^[^:]*://' | xargs | sed 's/ /,/g; s/^/regress_tests=/'
}

# The first round of a suite
first_round() {
	todo=
	for one in $kernels; do
		if [ "$(cat "$work/$one/$1.stamp" 2>/dev/null)" = "$(cat "$work/$one.stamp")" ]; then
			say "regress: $1, $one: nothing has changed since it ran"
		else
			rm -f "$work/$one/$1".*
			todo="$todo $one"
		fi
	done
	[ -n "$todo" ] || return 0
	rm -f "$work"/*/"$1".[1-9].*
	side_by_side "$todo" "$1" 0 "$(tests_of "$1")"
	for one in $todo; do
		cp "$work/$one.stamp" "$work/$one/$1.stamp"
	done
}

# Files of ftrace's cases with these descriptions, which are lines on stdin; nothing,
# for all of them, if one is not found or they are many
cases_of() {
	while read -r case; do
		(cd "$tree/tools/testing/selftests/$1" &&
			grep -rlxF "# description: ${case#(instance) }" test.d) || echo none
	done | sort -u | xargs | awk '/none/ || NF > 20 { exit } { gsub(" ", ","); print }'
}

# Again, what differs after all rounds so far
again() {
	"$tools/regress.py" differing "$work" "$1" > "$work/differing"
	[ -s "$work/differing" ] || return 0
	[ ! -f "$work/patched/$1.$2.tap" ] || [ ! -f "$work/unpatched/$1.$2.tap" ] || return 0
	tests=$(cut -f1 "$work/differing" | sort -u | xargs | tr ' ' ,)
	set -- "$1" "$2" "regress_tests=$tests"
	case $tests in
	*-ktap) set -- "$@" "regress_cases=$(cut -f2 "$work/differing" | cases_of "$1")" ;;
	esac
	say "regress: $1, again ($2): $tests"
	side_by_side "$kernels" "$@"
}

versions() {
	echo "Unpatched: Linux $("$tools/kmake.sh" -s kernelversion)"
	echo "Patched: $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches on it, no parameters: the records are off"
	echo "Configuration: CONFIG=$CONFIG, $ARCH, the same but for the records; $SMP CPUs, $MEM MB"
	echo "$("$(compiler)" --version | head -n 1), $("$(field arches "$ARCH" 5)" --version | head -n 1)"
}

if [ "${1:-}" = --run ]; then
	shift
	run "$@"
	exit
fi
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(suites)
for suite; do
	case " $(suites) " in
	*" $suite "*) ;;
	*) die "there is no suite $suite to run" "expected some of: $(suites)" ;;
	esac
done
mkdir -p "$work/unpatched" "$work/patched" "$log"
# Two of these in one place spoil each other.
exec 9> "$work/lock"
flock -n 9 || say "regress: waiting for another one in $work"
flock 9
"$tools/base_tree.sh" "$base_tree"
grep -v KTHREAD_LIFECYCLE "$tree/tools/testing/selftests/kthread/config" > "$work/more.config"
for one in $kernels; do
	build "$one"
	stamp "$one" > "$work/$one.stamp"
done
same_configuration
for suite; do
	if ! is_built "$suite"; then
		say "regress: $suite does not build here: see $log/kselftest-$CONFIG.log"
		continue
	fi
	first_round "$suite"
	for round in $rounds; do
		again "$suite" "$round"
	done
done
versions > "$work/versions"
(cd "$tree/tools/testing/selftests" && printf '%s\n' */ | tr -d /) > "$work/upstream"
exec "$tools/regress.py" table "$work" "$tools/regress-suites" "$table"
