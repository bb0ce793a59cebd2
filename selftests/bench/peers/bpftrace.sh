#!/bin/bash
# bpftrace.sh [noticed]: start kthread.bt, with a probe that sees kthread_should_stop()
# return true if asked for, and wait until the probes are there.
set -eu
log=/tmp/bpftrace.log
program=$(cat "${0%/*}/kthread.bt")
if [ "${1:-}" = noticed ]; then
	program="$program kretprobe:kthread_should_stop /retval/ { @noticed = count(); }"
fi
bpftrace -e "$program BEGIN { printf(\"attached\\n\"); }" > "$log" 2>&1 &
until grep -qs attached "$log"; do
	kill -0 $! || { cat "$log" >&2; exit 1; }
	sleep 0.1
done
