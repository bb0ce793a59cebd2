#!/bin/sh
# Every test: the checks, the tests of the tools, the kselftests in the guest.
# The last line is "N passed, N failed, N skipped".
set -eu
. "$(dirname "$0")/lib.sh"

results=$BUILD/tests-$name-$ARCH-$CONFIG

# part NAME COMMAND...: its TAP goes to the results and to stdout.
part() {
	part=$1
	shift
	printf '\n== %s\n' "$part"
	"$@" < /dev/null | tee "$results/$part.tap"
}

# The tests of the tools need to run only when the tools have changed.
tools_key() {
	find "$tools" "$top/Makefile" "$top/selftests/init" -type f ! -name '*.pyc' |
		sort | xargs sha256sum | hash_of
}

part_once() {
	key=$(tools_key)
	if [ "$(cat "$results/$1.key" 2>/dev/null)" = "$key" ]; then
		printf '\n== %s: passed before, and the tools have not changed since\n' "$1"
		return 0
	fi
	rm -f "$results/$1.key"
	part "$@"
	grep -q '^not ok' "$results/$1.tap" || printf '%s\n' "$key" > "$results/$1.key"
}

# kselftest's runner ends with 1 when a test failed: the results say that.
# Anything else is the guest's end.
kselftests() {
	status=0
	"$tools/boot.sh" --timeout 1800 --label kselftest "$top/selftests/kselftests.sh" || status=$?
	case $status in
	0|1) guest_end="ok 1 - the guest ran to its end and the kernel did not complain" ;;
	*) guest_end="not ok 1 - the guest ran to its end and the kernel did not complain (status $status)" ;;
	esac
	printf '1..1\n%s\n' "$guest_end" > "$results/guest.tap"
}

mkdir -p "$results" "$log"
"$tools/kernel.sh"
"$tools/guest.sh"
part check "$tools/check.sh"
part_once tools "$tools/tests/host.sh"
part_once boot "$tools/tests/guest.sh"
rm -f "$results/guest.tap"
part kselftest kselftests
printf '\n== results\n'
touch "$guest/installed/kselftest/kselftest-list.txt" 2>/dev/null || mkdir -p "$guest/installed/kselftest"
exec "$tools/ktap.py" --listed "$guest/installed/kselftest/kselftest-list.txt" \
	check="$results/check.tap" tools="$results/tools.tap" boot="$results/boot.tap" \
	guest="$results/guest.tap" kselftest="$results/kselftest.tap"
