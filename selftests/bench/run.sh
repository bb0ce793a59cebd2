#!/bin/bash
# In the guest: measure one column of `make bench`, the one that the kernel's
# command line names. Each line is a figure; tools/bench.py knows what it says.
set -eu
bench=/sys/kernel/debug/kthread-bench
records=/sys/kernel/debug/kthread
works="run unwoken exit park poll-stop poll-park"
crowds="1000 20000"

fail() {
	echo "bench: $1" >&2
	exit 1
}

# column FIELD: of the line of selftests/bench/columns that is measured
column() {
	local name text

	name=$(sed -n 's/.*\<bench_column=\([^ ]*\).*/\1/p' /proc/cmdline)
	text=$(awk -v c="$name" -v field="$1" '$1 == c { print $field }' /guest/bench/columns)
	[ -n "$text" ] || fail "bench_column=$name is no column of selftests/bench/columns"
	[ "$text" = - ] || echo "$text"
}

switch_on() {
	local events text

	events=$(column 3)
	text=$(column 4)
	[ -z "$events" ] || echo 1 > "/sys/kernel/tracing/events/$events/enable"
	[ -n "$text" ] || return 0
	[ -f "$records/control" ] || fail "this kernel has no $records/control"
	echo "$text" > "$records/control"
}

# Pids stay at one depth of their tree from here on, and the history is full.
warm_up() {
	echo 4194304 > /proc/sys/kernel/pid_max
	echo 100000 > /proc/sys/kernel/threads-max
	echo 8192 > "$bench/warm-up"
	echo 1 > "$bench/running"
}

measure_works() {
	local work

	for work in $works; do
		echo "work $(cat "$bench/$work")"
	done
}

# read_file FILE CROWD COUNT
read_file() {
	/bench/read "$records/$1" 5 | sed "s|^|read $1 $2 $3 |"
}

# measure_reads CROWD: of live kthreads, while there are that many more.
measure_reads() {
	local count

	for count in $crowds; do
		echo "$count" > "$bench/$1"
		read_file threads "$1" "$count"
		read_file pending "$1" "$count"
	done
	echo 0 > "$bench/$1"
}

# The history is empty where nothing is recorded.
measure_history() {
	local count

	[ -n "$(column 4)" ] || return 0
	for count in $crowds; do
		echo "history=$count" > "$records/control"
		echo "$count" > "$bench/warm-up"
		read_file history exited "$count"
	done
}

measure_slabs() {
	local slab

	for slab in kthread_record kmalloc-192; do
		[ ! -d "/sys/kernel/slab/$slab" ] ||
			echo "slab $slab $(cat "/sys/kernel/slab/$slab/slab_size")"
	done
}

insmod /bench/bench.ko
switch_on
warm_up
measure_works
if [ -f "$records/threads" ]; then
	measure_reads created
	measure_reads running
	measure_history
fi
measure_slabs
