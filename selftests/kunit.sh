#!/bin/bash
# The results of the KUnit tests, which ran when this kernel booted.
results=/sys/kernel/debug/kunit/kthread_lifecycle/results

if [ -f "$results" ]; then
	cat "$results"
	exit
fi
# Without debugfs they are in the log, among those of others.
dmesg | sed 's/^\[ *[0-9.]*\] //' | awk '
	/# Subtest: kthread_lifecycle$/ { on = 1; print "1..1" }
	on && /^(not )?ok [0-9]+ kthread_lifecycle/ {
		sub(/ok [0-9]+/, "ok 1")
		print
		found = 1
		exit
	}
	on
	END { if (!found) print "Bail out! this kernel has no KUnit tests of kthreads"; exit !found }'
