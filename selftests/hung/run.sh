#!/bin/bash
# In the guest: what khungtaskd says of waits for kthreads that nothing ends, without
# what is not the same each time. With "hung_tracking" on the kernel's command line,
# while they are recorded and reported as well.
set -eu
files=/sys/kernel/debug/kthread
sysctl=/proc/sys/kernel
# More than one look at each of them
lines=25

fail() {
	echo "hung: $1" >&2
	exit 1
}

# wait_for SECONDS COMMAND...
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || fail "'$*' did not come true"
		sleep 0.2
	done
}

hung() { dmesg | sed -n 's/^\[[^]]*\] \(INFO: task .*\)/\1/p'; }
# shellcheck disable=SC2317 # called by name
all_said() { dmesg | grep -q 'Future hung task reports are suppressed'; }
# shellcheck disable=SC2317 # called by name
module_waits() { grep -q kthread_stop "/proc/$1/wchan"; }

echo 'expect-splat: begin' > /dev/kmsg
if grep -qw hung_tracking /proc/cmdline; then
	echo 'tracking=on; comm=*; start_ms=500; stop_ms=500; park_ms=500' > "$files/control"
fi
# All of them are to be hung before the first look.
echo 0 > "$sysctl/hung_task_timeout_secs"
echo "$lines" > "$sysctl/hung_task_warnings"
insmod /hung/hung.ko &
wait_for 60 module_waits $!
echo 3 > "$sysctl/hung_task_timeout_secs"
wait_for 300 all_said
hung | sed -E 's/:[0-9]+/:PID/g; s/more than [0-9]+ seconds/more than N seconds/'
if [ -r "$files/stats" ]; then
	awk '/^report\./ && $2 { print "# " $0 }' "$files/stats"
fi
echo 'expect-splat: end' > /dev/kmsg
