#!/bin/bash
# In the guest: a stop hangs until khungtaskd panics. The host looks for the list of
# waits on the console: tools/panic.sh.
insmod /kselftest/kthread/test_modules/test_kthread_wait.ko || exit 1
echo kthreads > /proc/sys/kernel/hung_task_sys_info || exit 1
echo 1 > /proc/sys/kernel/hung_task_panic
echo 2 > /proc/sys/kernel/hung_task_timeout_secs
echo asleep > /sys/module/test_kthread_wait/parameters/do
