#!/bin/bash
# A kernel that was booted with lockdown=integrity and kthread_lifecycle=tracking=on:
# kthread/control cannot be opened, which nothing is lost by but the control, and all
# the rest can be read.
files=/sys/kernel/debug/kthread
number=0 bad=0
out=$(mktemp)

result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

# What the command cannot do is not permitted, rather than anything else.
refused() { ! "$@" > "$out" 2>&1 && grep -q 'Operation not permitted' "$out"; }
# shellcheck disable=SC2317 # called by name
write() { echo tracking=off > "$files/control"; }

# skipped TEST - all of it. Through a pipe: the runner of the kselftests opens
# /dev/stdout anew, and a file from its beginning.
skipped() {
	/kselftest/run_kselftest.sh -t "kthread:$1" 2>&1 | cat > "$out"
	awk '/# SKIP.*locked down/ { n++; next }
		/^# (not )?ok / { bad = 1 } END { exit bad || !n }' "$out"
}

echo "TAP version 13"
if ! dmesg | grep -q 'Kernel is locked down from command line'; then
	echo "1..0 # SKIP this kernel has no CONFIG_SECURITY_LOCKDOWN_LSM"
	exit
fi
refused cat "$files/control"
result "control cannot be read" $?
refused write
result "control cannot be written" $?
for file in threads pending history stats; do
	[ "$(wc -l < "$files/$file")" -ge 1 ]
	result "$file can be read" $?
done
grep -qx 'setting.tracking on' "$files/stats"
result "stats says that the boot parameter is in force" $?
awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["creator"] != "-" && $at["start_us"] != "-" { n++ } END { exit n < 10 }' "$files/threads"
result "threads says who created the kthreads" $?
for test in records.sh reports.sh crowd.sh toggles.sh control; do
	skipped "$test"
	result "$test is skipped: the kernel is locked down" $?
done
echo "1..$number"
exit $bad
