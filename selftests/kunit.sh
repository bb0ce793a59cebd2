#!/bin/bash
# The results of the KUnit tests, which ran when this kernel booted.
results=/sys/kernel/debug/kunit/kthread_lifecycle/results

if [ ! -f "$results" ]; then
	echo "Bail out! no $results: this kernel has no KUnit tests of kthreads"
	exit 1
fi
cat "$results"
