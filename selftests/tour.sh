#!/bin/bash
# The tour of `make run`: the life of a few kthreads, told by the events.
#
# The kthreads are rcutorture's, which nobody here wrote: loading the module
# makes them, unloading it stops them.  With a second CPU, that CPU is taken
# away and given back: its softirq thread is parked.  At the end, what the kernel's
# own records say of the same kthreads.
set -eu

tracing=/sys/kernel/tracing
instance=$tracing/instances/tour
trace=/tmp/tour.trace
cpu=/sys/devices/system/cpu/cpu1/online
files=/sys/kernel/debug/kthread

fail() {
	echo "tour: $1" >&2
	exit 1
}

# Wait until the trace has a line like $1, at most 60 s.
wait_for() {
	local end=$((SECONDS + 60))

	until grep -qsE "$1" "$trace"; do
		[ "$SECONDS" -lt "$end" ] || fail "no event like '$1' came within 60 s"
		sleep 0.1
	done
}

start_recording() {
	[ -d "$tracing/events/kthread" ] ||
		fail "this kernel has no kthread events (expected $tracing/events/kthread)"
	mkdir "$instance"
	echo 1 > "$instance/events/kthread/enable"
	# Read as it comes: once a module is gone its functions have no names.
	cat "$instance/trace_pipe" > "$trace" &
	reader=$!
}

stop_recording() {
	kill "$reader"
	wait "$reader" || true
	rmdir "$instance"
}

torture() {
	modprobe rcutorture nreaders=2 nfakewriters=1 fwd_progress=0 \
		stutter=0 shuffle_interval=0 stat_interval=0
	wait_for 'kthread_start:.* name=rcu_torture_writer'
	wait_for 'kthread_start:.* name=rcu_torture_reader'
	rmmod rcutorture
	wait_for 'kthread_free:.*comm=rcu_torture_wri'
	wait_for 'kthread_free:.*comm=rcu_torture_rea'
}

hotplug() {
	[ -w "$cpu" ] || return 0
	echo 0 > "$cpu"
	echo 1 > "$cpu"
	wait_for 'kthread_unpark:.*comm=ksoftirqd/1'
}

legend() {
	cat <<-EOF

	Every step of a kthread's life is an event, in order of time:
	  create       somebody asks for it (caller: from where)
	  spawn        kthreadd takes the request up
	  create_done  the asker has it, with its pid
	  start        it enters its function
	  park         somebody asks it to park;  parked: it does;  unpark: it may go on
	  stop         somebody asks it to stop;  stop_seen: it has noticed
	  exit         it leaves (how, and with which result)
	  stop_done    the one who asked has its result
	  free         nothing is left of it
	EOF
}

# life COMM TITLE: the events of the first kthread of that name.
life() {
	printf '\n%s\n' "$2"
	awk -v comm="$1" -f /guest/life.awk "$trace" ||
		fail "the trace has no whole life of $1"
}

# A series without records has no such files.
keep_records() { [ ! -e "$files/control" ] || echo tracking=on > "$files/control"; }

# Some of the columns of the history; they are found by their names.
records() {
	[ -e "$files/history" ] || return 0
	printf '\n%s\n%s\n%s\n\n' "The kernel's own records, kept while tracking=on; make shell, and then:" \
		"    echo tracking=on > $files/control" \
		"    cat $files/threads $files/pending $files/history"
	echo "Some columns of the history, of the kthreads that have exited:"
	awk -v want='comm creator stopper how result caller' '
		BEGIN { n = split(want, name) }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR == 1 || $at["comm"] ~ /^rcu_torture_(writer|reader)$/ {
			for (i = 1; i <= n; i++)
				printf "%-22s", (name[i] in at) ? $at[name[i]] : "-"
			print ""
		}' "$files/history" | sed 's/ *$//; s/^/  /'
}

keep_records
start_recording
torture
hotplug
stop_recording
legend
life rcu_torture_wri "rcu_torture_writer: modprobe makes it, rmmod stops it"
life rcu_torture_rea "rcu_torture_reader: the same, one of two"
[ ! -w "$cpu" ] ||
	life ksoftirqd/1 "ksoftirqd/1: was there before, is parked while its CPU is away"
records
