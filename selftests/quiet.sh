#!/bin/bash
# What is not wrong raises no report: make quiet. Booted with
# kthread_lifecycle=tracking=on,comm=*, all kthreads are watched, at the thresholds
# that users have. Each part of this does something that looks like a kthread in
# trouble and is none, and then no counter of reports may have moved.
#
# The last part makes a mistake, to see that somebody was watching.
#
# Most functions are called by name.
# shellcheck disable=SC2317
# shellcheck source=upstream.sh
. /guest/upstream.sh
files=/sys/kernel/debug/kthread
mistake=/sys/module/test_kthread_stall/parameters/mistake
release=/sys/module/test_kthread_stall/parameters/release
parts="boot hotplug suspend modules torture slow suites mistake"
number=0 bad=0
read -r -a cmdline < /proc/cmdline
for word in "${cmdline[@]}"; do
	case $word in
	quiet_parts=*) parts=${word#*=} parts=${parts//,/ } ;;
	quiet_suites=*) suites=${word#*=} suites=${suites//,/ } ;;
	quiet_seconds=*) seconds=${word#*=} ;;
	esac
done
# Longer than the thresholds
: "${seconds:=30}" "${suites:=}"

result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

reports() { awk '/^report\./ { n += $2 } END { print n + 0 }' "$files/stats"; }

# In the log too, which may have lost what the counters have.
logged() { dmesg | grep -E 'kthread: [a-z_]+: .*:-?[0-9]+ '; }

# quiet PART STATUS - it did what it should, and nothing was reported
quiet() {
	result "$1: went through" "$2"
	[ "$(reports)" -eq 0 ]
	result "$1: nothing is reported" $?
	[ "$(reports)" -eq 0 ] || say_what
}

# The next part is to be judged by itself.
say_what() {
	grep '^report\.' "$files/stats" | grep -v ' 0$' | sed 's/^/# /'
	logged | sed 's/^/# /'
	dmesg -c > /dev/null
	echo clear > "$files/control"
}

# Beyond the longest threshold
pass_time() { sleep 12; }

part_boot() {
	grep -qx tracking=on "$files/control" && grep -qxF 'comm=*' "$files/control" &&
		[ "$(grep -cx '[a-z]*_ms=10000' "$files/control")" -eq 4 ] && pass_time
}

part_hotplug() {
	local round cpu status=0

	for round in 1 2 3 4 5; do
		for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
			echo 0 > "$cpu" || status=1
		done
		# Their kthreads stay parked for that long.
		[ "$round" -ne 3 ] || pass_time
		for cpu in /sys/devices/system/cpu/cpu[1-9]*/online; do
			echo 1 > "$cpu" || status=1
		done
	done
	return "$status"
}

# loop_until COMMAND... - for a minute at most
loop_until() {
	local tries

	for ((tries = 0; tries < 600; tries++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

crowd_waits() { [ "$(grep -c '^stop .*/crowd_' "$files/pending")" -eq 99 ]; }

# suspend STATE LEVEL SECONDS - as far as LEVEL, and back
suspend() {
	echo "$3" > /sys/module/suspend/parameters/pm_test_delay
	echo "$2" > /sys/power/pm_test
	echo "$1" > /sys/power/state
}

load_stall() { insmod /kselftest/kthread/test_modules/test_kthread_stall.ko; }

# let_go PID - end the wait of the one who makes a mistake
let_go() {
	while kill -0 "$1" 2> /dev/null; do
		echo 1 > "$release"
		sleep 0.1
	done
	wait "$1"
}

# Suspend to idle has only the first levels. In the end, a hundred kthreads
# wait to be stopped while the system is suspended for longer than they may.
part_suspend() {
	local round level status=0

	for round in 1 2; do
		for level in freezer devices platform processors core; do
			echo "# $level, round $round"
			suspend mem "$level" 1 || status=1
			case $level in
			freezer|devices|platform) suspend freeze "$level" 1 || status=1 ;;
			esac
		done
	done
	load_stall || return
	echo crowd > "$mistake" &
	loop_until crowd_waits || status=1
	suspend mem freezer 12 || status=1
	let_go $! && rmmod test_kthread_stall && return "$status"
}

# Every module there is, in the order of their names. refscale, unlike the others,
# powers the machine off when it is done.
part_modules() {
	local file name options status=0 loaded=0

	while read -r file; do
		name=$(basename "$file" .ko)
		[ ! -d "/sys/module/${name//-/_}" ] || continue
		options=()
		[ "$name" != refscale ] || options=(shutdown_secs=0)
		modprobe "$name" "${options[@]}" 2> /tmp/modprobe || {
			echo "# $name cannot be loaded: $(tail -n 1 /tmp/modprobe)"
			continue
		}
		loaded=$((loaded + 1))
		sleep 1
		modprobe -r "$name" || { echo "# $name cannot be unloaded"; status=1; }
	done < <(find /lib/modules/ -name '*.ko' | sort)
	echo "# $loaded modules were loaded and unloaded"
	[ "$loaded" -ge 5 ] || status=1
	return "$status"
}

# torture SECONDS MODULE [PARAMETER...]
torture() {
	local length=$1 module=$2

	shift 2
	echo "# $module $* for $length s"
	modprobe "$module" "$@" || return
	sleep "$length"
	rmmod "$module"
}

# One of each for long, so that what has finished waits for long to be stopped
part_torture() {
	local type status=0

	torture "$seconds" rcutorture stat_interval=5 || status=1
	torture "$seconds" refscale shutdown_secs=0 nreaders=2 loops=100 nruns=3 || status=1
	torture "$seconds" rcuscale nreaders=2 nwriters=2 minruntime=1 || status=1
	torture "$seconds" locktorture torture_type=mutex_lock stat_interval=5 || status=1
	torture "$seconds" scftorture || status=1
	for type in srcu srcud tasks tasks-rude tasks-tracing; do
		torture 3 rcutorture torture_type="$type" stat_interval=1 || status=1
	done
	for type in spin_lock spin_lock_irq raw_spin_lock rw_lock rw_lock_irq ww_mutex_lock \
			rtmutex_lock rwsem_lock percpu_rwsem_lock; do
		torture 3 locktorture torture_type="$type" stat_interval=1 || status=1
	done
	return "$status"
}

# slow MISTAKE - it takes its time, but not too long
slow() {
	echo "$1" > "$mistake" &
	sleep 5
	let_go $!
}

part_slow() {
	local name status=0

	load_stall || return
	for name in asleep lost_wakeup noticed park_noticed park_asleep never_woken; do
		slow "$name" || { echo "# $name failed"; status=1; }
	done
	rmmod test_kthread_stall || status=1
	return "$status"
}

# What the tests say themselves counts, or, if they do not say it in TAP, how they end.
summary() {
	awk -v suite="$1" '
		function add(i) { n[i, /# SKIP/ ? "skip" : /not ok/ ? "bad" : "ok"]++; any[i] = 1 }
		/^(not )?ok / { add("ended") }
		/^# (not )?ok / { add("said") }
		END {
			i = any["said"] ? "said" : "ended"
			printf "# suite %s: %d ok, %d not ok, %d skipped\n", suite,
				n[i, "ok"], n[i, "bad"], n[i, "skip"]
		}'
}

# Tests of these may fail, as they do without the series; a report is what counts.
suites() {
	local suite

	use_tools
	for suite in $suites; do
		(cd /kselftest && ./run_kselftest.sh -f -o 1800 -c "$suite" 2>&1) |
			tee "/tmp/$suite.tap" | grep -E '^#? ?not ok ' | sed 's/^/# /'
		summary "$suite" < "/tmp/$suite.tap"
		quiet "suite $suite" 0
	done
}

is_reported() { [ "$(reports)" -gt 0 ] && logged > /dev/null; }

part_mistake() {
	local status=0

	load_stall || return
	echo asleep > "$mistake" &
	loop_until is_reported || status=1
	let_go $! && rmmod test_kthread_stall && return "$status"
}

echo "TAP version 13"
for part in $parts; do
	case $part in
	suites)
		suites
		;;
	mistake)
		part_mistake
		result "mistake: a stop that hangs is reported" $?
		;;
	*)
		"part_$part"
		quiet "$part" $?
		;;
	esac
done
echo "1..$number"
exit $bad
