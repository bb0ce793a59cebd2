#!/bin/bash
# Everything at once, for SECONDS_OF_STORM (120 unless the kernel's command line
# says storm=N): makers of kthreads, modules that come and go, CPU hotplug,
# writers of kthread/control and readers of all files. Then: nothing was torn,
# nothing leaked, and slab failures only cost records. Whatever the debugging
# options of the kernel have to say fails the run by itself.
#
# Most functions are called by name, through part().
# shellcheck disable=SC2317
files=/sys/kernel/debug/kthread
cpu1=/sys/devices/system/cpu/cpu1/online
seconds=120
read -r -a cmdline < /proc/cmdline
for word in "${cmdline[@]}"; do
	case $word in storm=*) seconds=${word#*=} ;; esac
done
work=$(mktemp -d)
number=0 bad=0

result() {
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number $1"
	else
		echo "not ok $number $1"
		bad=1
	fi
}

on() { [ ! -e "$work/end" ]; }

# Each part counts its rounds, so that one that stood still is seen.
part() {
	local name=$1 rounds=0

	shift
	while on; do
		"$@" || echo "# $name: $* failed" >> "$work/failed"
		rounds=$((rounds + 1))
	done
	echo "$rounds" > "$work/rounds.$name"
}

# A line with more or fewer columns than the header is torn.
whole_lines() {
	awk -v file="$1" 'NR == 1 { n = NF } /^\t/ { next }
		NF != n { print "# torn in " file ": " $0; bad = 1 } END { exit bad }' "$files/$1"
}

read_tables() {
	whole_lines threads && whole_lines pending || return
	! records || whole_lines history
}

# The series of next/ has no records yet: their parts come with it.
records() { grep -q '^tracking=' "$files/control"; }

wake() {
	# Refused, most of the time: there may be nobody to wake.
	echo "wake $((RANDOM % 1000 + 2))" 2> /dev/null > "$files/control"
	cat "$files/control" > /dev/null
}

# On the console, and through khungtaskd's eyes
show_waits() {
	echo t > /proc/sysrq-trigger
	sleep 5
}
read_stats() { awk 'NF != 2 { bad = 1 } END { exit bad || !NR }' "$files/stats"; }

toggle() {
	echo tracking=off > "$files/control"
	echo tracking=on > "$files/control"
}

settings() {
	echo "history=$((RANDOM % 300)); comm=*,!storm/$((RANDOM % 10))*" > "$files/control"
	echo 'stacks=on; rundown' > "$files/control"
	echo 'stacks=off; clear; comm=*' > "$files/control"
	# Refused, most of the time: there may be nobody to wake.
	echo "wake $((RANDOM % 1000 + 2))" 2> /dev/null > "$files/control"
	echo 'history=bad' 2> /dev/null > "$files/control"
	cat "$files/control" > /dev/null
}

storm_module() { insmod /storm/storm.ko && sleep 3 && made && rmmod storm; }
made() { cat /sys/module/storm/parameters/made >> "$work/made"; }
test_module() {
	insmod /kselftest/kthread/test_modules/test_kthread.ko || return
	for path in run_stop park returns stop_unwoken worker signalled; do
		echo "$path" > /sys/module/test_kthread/parameters/path
	done
	rmmod test_kthread
}
torture() { modprobe rcutorture stat_interval=0 && sleep 1; rmmod rcutorture torture; }
hotplug() { echo 0 > "$cpu1" && echo 1 > "$cpu1"; }

storm() {
	if records; then
		part toggle toggle &
		part settings settings &
		part stats read_stats &
	else
		part wake wake &
		part show show_waits &
	fi
	part tables read_tables &
	part storm storm_module &
	part test test_module &
	part torture torture &
	[ ! -e "$cpu1" ] || part hotplug hotplug &
	while [ "$SECONDS" -lt "$seconds" ]; do
		sleep 1
	done
	touch "$work/end"
	wait
}

# Records that nobody refers to any more would stay in use here.
records_in_use() { awk '$1 == "kthread_record" { print $2 }' /proc/slabinfo; }

leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	# An object must be unreferenced for some seconds, and in two scans.
	for _ in 1 2 3; do
		sleep 3
		echo scan > /sys/kernel/debug/kmemleak
	done
	grep -B 2 -A 20 -E 'kthread_(lifecycle|wait|report|control)' /sys/kernel/debug/kmemleak && return 1
	return 0
}

# Every allocation of a record fails: kthreads are made all the same.
slab_failures() {
	local slab=/sys/kernel/slab/kthread_record before

	if [ ! -e /sys/kernel/debug/failslab ] || [ ! -e $slab/failslab ]; then
		echo "ok $((number += 1)) slab failures # SKIP no FAILSLAB in this kernel"
		return
	fi
	echo 'tracking=on; comm=*' > "$files/control"
	echo 1 > $slab/failslab
	echo 1 > /sys/kernel/debug/failslab/cache-filter
	# Allocations that may wait fail only when asked for.
	echo 0 > /sys/kernel/debug/failslab/ignore-gfp-wait
	echo 0 > /sys/kernel/debug/failslab/verbose
	echo -1 > /sys/kernel/debug/failslab/times
	echo 100 > /sys/kernel/debug/failslab/probability
	before=$(awk '$1 == "lost" { print $2 }' "$files/stats")
	test_module
	result "slab failures: kthreads are made" $?
	echo 0 > /sys/kernel/debug/failslab/probability
	[ "$(awk '$1 == "lost" { print $2 }' "$files/stats")" -ge $((before + 6)) ]
	result "slab failures: lost records are counted" $?
}

echo "TAP version 13"
storm
sort "$work/failed" 2> /dev/null | uniq -c | sed 's/^/# /' | head -20
[ ! -e "$work/failed" ]
result "storm: every part did what it should" $?
for rounds in "$work"/rounds.*; do
	echo "# ${rounds##*.}: $(cat "$rounds") rounds"
	[ "$(cat "$rounds")" -gt 0 ]
	result "storm: ${rounds##*.} went round" $?
done
echo "# kthreads made, and failed, by each load of the storm module: $(paste -sd, "$work/made")"
[ "$(awk '{ made += $1; failed += $2 } END { print(made > 0 && !failed) }' "$work/made")" -eq 1 ]
result "storm: kthreads were made, and none failed" $?

records || {
	leaks
	result "storm: no leak" $?
	[ "$(wc -l < "$files/pending")" -eq 1 ]
	result "storm: nobody waits any more" $?
	echo "1..$number"
	exit $bad
}
echo 'tracking=off; clear; history=0' > "$files/control"
# What exited is freed by RCU, some time after.
for _ in $(seq 50); do
	echo 1 > /sys/kernel/slab/kthread_record/shrink
	[ "$(records_in_use)" -le "$(grep -c . "$files/threads")" ] && break
	sleep 0.2
done
echo "# records in use: $(records_in_use), kthreads: $(grep -c . "$files/threads")"
[ "$(records_in_use)" -le "$(grep -c . "$files/threads")" ]
result "storm: as many records as kthreads are left, or fewer" $?
leaks
result "storm: no leak" $?
slab_failures
echo "1..$number"
exit $bad
