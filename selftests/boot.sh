#!/bin/bash
# A kernel that was booted with kthread_lifecycle=: its first kthreads are
# recorded, with their creators.
files=/sys/kernel/debug/kthread
number=0 bad=0

result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

echo "TAP version 13"
grep -qx tracking=on "$files/control" && grep -qx history=7 "$files/control" &&
	grep -qxF 'comm=*,!rcu_*' "$files/control"
result "the settings of the command line are in force" $?

awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["pid"] <= 2 || $at["comm"] ~ /^rcu_/ { next }
	$at["creator"] == "-" || $at["create_us"] == "-" || $at["start_us"] == "-" {
		print "# not known: " $0; bad = 1 }
	{ n++ }
	END { exit bad || n < 10 }' "$files/threads"
result "every kthread but kthreadd has a creator and a start" $?

awk 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["comm"] ~ /^rcu_/ && $at["creator"] != "-" { bad = 1 }
	END { exit bad }' "$files/threads"
result "but for those that are excluded" $?

[ "$(awk '$1 == "adopted" { print $2 }' "$files/stats")" -eq 0 ]
result "none had to be adopted" $?
echo "1..$number"
exit $bad
