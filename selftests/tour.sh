#!/bin/bash
# The tour of `make run`: the life of a few kthreads, told by the events.
#
# The kthreads are rcutorture's, which nobody here wrote: loading the module
# makes them, unloading it stops them.  With a second CPU, that CPU is taken
# away and given back: its softirq thread is parked.
set -eu

tracing=/sys/kernel/tracing
instance=$tracing/instances/tour
cpu=/sys/devices/system/cpu/cpu1/online

fail() {
	echo "tour: $1" >&2
	exit 1
}

# Wait until the trace has a line like $1, at most 60 s.
wait_for() {
	local end=$((SECONDS + 60))

	until grep -qE "$1" "$instance/trace"; do
		[ "$SECONDS" -lt "$end" ] || fail "no event like '$1' came within 60 s"
		sleep 0.1
	done
}

start_recording() {
	[ -d "$tracing/events/kthread" ] ||
		fail "this kernel has no kthread events (expected $tracing/events/kthread)"
	mkdir "$instance"
	echo 1 > "$instance/events/kthread/enable"
}

torture() {
	modprobe rcutorture nreaders=2 nfakewriters=1 fwd_progress=0 \
		stutter=0 shuffle_interval=0 stat_interval=0
	wait_for 'kthread_start:.* name=rcu_torture_writer'
	wait_for 'kthread_start:.* name=rcu_torture_reader'
	rmmod rcutorture
	wait_for 'kthread_free:.*comm=rcu_torture_wri'
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

# life TITLE COMM: the events of the first kthread of that name.
life() {
	printf '\n%s\n' "$1"
	awk -v comm="$2" -f /dev/fd/3 "$instance/trace" 3<<-'EOF'
	function field(name,    part) {
		if (!match(" " $0, " " name "=[^ ]*"))
			return ""
		part = substr(" " $0, RSTART, RLENGTH)
		sub(/^[^=]*=/, "", part)
		return part
	}
	function show(text) { lines[++n] = text }
	# A line: TASK-PID [CPU] FLAGS TIME: EVENT: FIELDS
	/ kthread_[a-z_]+: / {
		event = $5
		sub(/^kthread_/, "", event); sub(/:$/, "", event)
		who = $1
		says = $0
		sub(/.* kthread_[a-z_]+: */, "", says)
		name = substr(field("name"), 1, 15)
		this = sprintf("%s|%s|%s|%s", $4 + 0, who, event, says)
		if (event == "create" && name == comm && !pid) {
			asker = who
			held[1] = this; kept = 1
		} else if (event == "spawn" && name == comm && kept == 1) {
			held[++kept] = this
		} else if (event == "create_done" && who == asker && kept && !pid) {
			pid = field("pid")
			for (i = 1; i <= kept; i++)
				show(held[i])
			show(this)
		} else if (pid && field("pid") == pid || !kept && field("comm") == comm) {
			show(this)
		}
	}
	END {
		if (!n)
			exit 1
		for (i = 1; i <= n; i++) {
			split(lines[i], part, "|")
			if (i == 1)
				zero = part[1]
			printf "%10.3f ms  %-18s %-12s %s\n",
				(part[1] - zero) * 1000, part[2], part[3], part[4]
		}
	}
	EOF
}

start_recording
torture
hotplug
legend
life "rcu_torture_writer: modprobe makes it, rmmod stops it" rcu_torture_wri
life "rcu_torture_reader: the same, one of two" rcu_torture_rea
[ ! -w "$cpu" ] ||
	life "ksoftirqd/1: was there before, is parked while its CPU is away" ksoftirqd/1
rmdir "$instance"
