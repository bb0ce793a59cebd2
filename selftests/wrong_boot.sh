#!/bin/bash
# A kernel that was booted with a kthread_lifecycle= that makes no sense, and with
# debugfs=off: it boots, says so, and has neither records nor files.
number=0 bad=0

result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

echo "TAP version 13"
dmesg | grep -q 'kthread_lifecycle=: ignored, at "histry=5" expected a setting'
result "the wrong parameter is reported" $?
[ ! -e /sys/kernel/debug/kthread ]
result "there are no files" $?
modprobe rcutorture && rmmod rcutorture
result "kthreads live" $?
echo "1..$number"
exit $bad
