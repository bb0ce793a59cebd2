#!/bin/bash
# In the guest: measure one column of `make bench`, the one that the kernel's
# command line names. Each line is a figure; tools/bench.py knows what it says.
# With "bench_short" there it is the work only.
set -eu
bench=/sys/kernel/debug/kthread-bench
records=/sys/kernel/debug/kthread
tracing=/sys/kernel/tracing
works="run unwoken exit park work poll-stop poll-park"
crowds="1000 20000"

fail() {
	echo "bench: $1" >&2
	exit 1
}

# Sets name, events, control and script to what selftests/bench/columns says.
read_column() {
	local wanted

	wanted=$(sed -n 's/.*\<bench_column=\([^ ]*\).*/\1/p' /proc/cmdline)
	while read -r name _ events control script; do
		[ "$name" != "$wanted" ] || return 0
	done < /guest/bench/columns
	fail "bench_column=$wanted is no column of selftests/bench/columns"
}

switch_on_events() {
	local patterns pattern file

	IFS=, read -ra patterns <<< "$events"
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2231 # a pattern is to match several
		for file in $tracing/events/$pattern/enable; do
			echo 1 > "$file"
		done
	done
}

switch_on() {
	[ "$events" = - ] || switch_on_events
	# shellcheck disable=SC2086 # the script's arguments
	[ "$script" = - ] || /guest/bench/peers/$script
	[ "$control" != - ] || return 0
	[ -f "$records/control" ] || fail "this kernel has no $records/control"
	echo "$control" > "$records/control"
}

# Pids stay at one depth of their tree from here on, and the history is full.
warm_up() {
	echo 4194304 > /proc/sys/kernel/pid_max
	echo 100000 > /proc/sys/kernel/threads-max
	echo 8192 > "$bench/warm-up"
	echo 1 > "$bench/running"
}

# How many events were written, even if they are not in the buffer any more
events_written() {
	cat "$tracing"/per_cpu/cpu*/stats |
		awk '/^(entries|overrun):/ { sum += $2 } END { print sum }'
}

measure_works() {
	local work before

	for work in $works; do
		before=$(events_written)
		echo "work $(cat "$bench/$work")"
		echo "events $work $(($(events_written) - before))"
	done
}

# read_file FILE CROWD COUNT
read_file() {
	/bench/read "$records/$1" 5 | sed "s|^|read $1 $2 $3 |"
}

# run_command NAME COUNT COMMAND...: what people use to list kthreads
run_command() {
	local name=$1 count=$2 tasks

	shift 2
	tasks=$(find /proc -maxdepth 1 -name '[0-9]*' | wc -l)
	/bench/count 3 "$@" | sed "s|.*|command $name $count $tasks &|"
}

# measure_reads CROWD COUNT
measure_reads() {
	[ -f "$records/threads" ] || return 0
	read_file threads "$1" "$2"
	read_file pending "$1" "$2"
}

measure_running() {
	local count

	for count in $crowds; do
		echo "$count" > "$bench/running"
		sed "s/^run/work run@$count/" "$bench/run"
		measure_reads running "$count"
		[ "$name" = unpatched ] || continue
		run_command ps "$count" ps
		run_command stack "$count" cat /proc/[0-9]*/stack
	done
	echo 1 > "$bench/running"
}

measure_created() {
	local count

	[ -f "$records/threads" ] || return 0
	for count in $crowds; do
		echo "$count" > "$bench/created"
		measure_reads created "$count"
	done
	echo 0 > "$bench/created"
}

# The history is empty where nothing is recorded.
measure_history() {
	local count

	[ "$control" != - ] || return 0
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
read_column
switch_on
warm_up
echo "clock $(cat "$bench/khz")"
measure_works
if grep -qw bench_short /proc/cmdline; then
	exit 0
fi
measure_running
measure_created
measure_history
measure_slabs
