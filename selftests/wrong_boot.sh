#!/bin/bash
# A kernel that was booted with a kthread_lifecycle= that makes no sense, and with
# debugfs=off: it boots, says so, and has neither records nor files.
echo "TAP version 13"
echo "1..3"
dmesg | grep -q 'kthread_lifecycle=: ignored, at "histry=5" expected a setting' &&
	echo "ok 1 the wrong parameter is reported" || echo "not ok 1 the wrong parameter is reported"
mountpoint -q /sys/kernel/debug && [ -e /sys/kernel/debug/kthread ] &&
	echo "not ok 2 there are no files" || echo "ok 2 there are no files"
modprobe rcutorture && rmmod rcutorture &&
	echo "ok 3 kthreads live" || echo "not ok 3 kthreads live"
