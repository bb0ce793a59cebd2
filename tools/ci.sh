#!/bin/sh
# What CI runs on a fresh clone: `make test`; and beside it, as one core idles while a
# guest is emulated, what other kernels have to show: the tests without the option, the
# field bugs, KUnit and the storm under KASAN and lockdep; then a sample of the mutants.
# The last line is "N passed, N failed, N skipped".
#
# CI has 90 minutes, of which this takes half on an idle machine with two cores. Where it
# takes longer, what has not begun after CI_MINUTES is skipped, and counted so.
set -eu
CONFIG=default
. "$(dirname "$0")/lib.sh"

results=$BUILD/ci-$name
stages="default mutants lifecycle-n field debug"
: "${CI_MINUTES:=60}" "${CI_BEGAN:=$(date +%s)}"
export CI_MINUTES CI_BEGAN

# stage NAME COMMAND...
stage() {
	stage=$1
	shift
	printf '\n==== %s\n' "$stage"
	if is_late; then
		echo "not begun: $CI_MINUTES minutes are over"
		echo "0 passed, 0 failed, 1 skipped"
	else
		"$@" < /dev/null 2>&1
	fi | tee "$results/$stage.log"
}

# Some of them, and others when the patches change; tried, whatever was known of them
sample() (
	cd "$top/selftests/mutants"
	cat "$PATCHES"/*.patch > "$results/seed"
	grep -l '^kunit: ' ./*.patch | shuf -n 3 --random-source="$results/seed"
	grep -L '^kunit: ' ./*.patch | shuf -n 1 --random-source="$results/seed"
)

# Kernels are built at low priority, or the guests of the other lane would be slow.
other_kernels() {
	for config in lifecycle-n field debug; do
		is_late || CONFIG=$config nice "$tools/kernel.sh" || true
	done
}

lane() {
	case $1 in
	default)
		stage default "$tools/test.sh"
		names=$(sample | xargs -n 1 basename -s .patch)
		# shellcheck disable=SC2086
		stage mutants env MUTANTS_TABLE="$results/mutants.md" \
			"$tools/mutants.sh" ${names:?no mutants}
		;;
	others)
		other_kernels
		stage lifecycle-n env CONFIG=lifecycle-n "$tools/test.sh" no_code kselftests
		stage field "$tools/field.sh"
		# The kselftests take ten minutes there, and are in make matrix.
		stage debug env CONFIG=debug "$tools/test.sh" kunit storm
		;;
	esac
}

# counts STAGE: what its last line says; without such a line it has failed.
counts() {
	tail -n 2 "$results/$1.log" | awk '
		/ could not be tried/ { failed += $1 }
		/^[0-9]+ caught, [0-9]+ survived$/ { found = 1; passed += $1; failed += $3 }
		/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
			found = 1; passed += $1; failed += $3; skipped += $5 }
		END {
			if (!found) failed++
			printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		}'
}

if [ $# -gt 0 ]; then
	lane "$1"
	exit
fi
rm -rf "$results"
mkdir -p "$results" "$log"
"$tools/tree.sh"
"$tools/kernel.sh"
# What runs in the background does not hear of Ctrl-C.
trap 'trap - INT TERM; kill 0' INT TERM
"$0" others > "$results/others.lane" 2>&1 &
"$0" default &
wait
cat "$results/others.lane"

printf '\n==== results\n'
for stage in $stages; do
	printf '%-14s%s\n' "$stage" "$(counts "$stage")"
done | tee "$results/counts"
awk '{ passed += $2; failed += $4; skipped += $6 }
	END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped; exit failed > 0 }' \
	"$results/counts"
