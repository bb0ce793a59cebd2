#!/bin/bash
# bpftrace.sh [noticed]: start kthread.bt, and wait until its probes are there; with
# one that sees kthread_should_stop() return true.
set -eu
program=$(cat "${0%/*}/kthread.bt")
if [ "${1:-}" = noticed ]; then
	program="$program kretfunc:kthread_should_stop /retval/ { @noticed = count(); }"
fi
log=/tmp/bpftrace.log
bpftrace -e "BEGIN { printf(\"attached\\n\"); } $program" > "$log" 2>&1 &
until grep -q attached "$log"; do
	kill -0 $! 2>/dev/null || { cat "$log" >&2; exit 1; }
	sleep 0.1
done
