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

control() {
	local column text

	column=$(sed -n 's/.*\<bench_column=\([^ ]*\).*/\1/p' /proc/cmdline)
	text=$(awk -v c="$column" '$1 == c { print $3 }' /guest/bench/columns)
	[ -n "$text" ] || fail "bench_column=$column is no column of selftests/bench/columns"
	[ "$text" != - ] || return 0
	[ -f "$records/control" ] || fail "this kernel has no $records/control"
	echo "$text" > "$records/control"
}

# Pids stay at one depth of their tree from here on, and the history is full.
warm_up() {
	echo 4194304 > /proc/sys/kernel/pid_max
	echo 100000 > /proc/sys/kernel/threads-max
	echo 8192 > "$bench/warm-up"
	echo 1 > "$bench/created"
}

measure_works() {
	local work

	for work in $works; do
		echo "work $(cat "$bench/$work")"
	done
}

# measure_reads CROWD: threads, while there are that many kthreads more.
measure_reads() {
	local count

	for count in $crowds; do
		echo "$count" > "$bench/$1"
		/bench/read "$records/threads" 3 | sed "s|^|read threads $1 $count |"
	done
	echo 0 > "$bench/$1"
}

measure_slabs() {
	local slab

	for slab in kthread_record kmalloc-192; do
		[ ! -d "/sys/kernel/slab/$slab" ] ||
			echo "slab $slab $(cat "/sys/kernel/slab/$slab/slab_size")"
	done
}

insmod /bench/bench.ko
control
warm_up
measure_works
if [ -f "$records/threads" ]; then
	measure_reads created
	measure_reads running
fi
measure_slabs
