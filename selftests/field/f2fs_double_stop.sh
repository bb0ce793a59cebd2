#!/bin/bash
# Two shutdown ioctls of f2fs at once, without the lock that keeps them apart: both
# stop the garbage collector. The guard lets the machine survive.
#
# Both ioctls find the file system frozen, and go on at the same moment: after the
# first, f2fs would refuse the second.
#
# Some functions are called by name, through loop_until().
# shellcheck disable=SC2317

# shellcheck source=functions.sh
. /guest/field/functions.sh

call='f2fs_stop_gc_thread\+[0-9a-fx/]+ ?\[f2fs\]'
made='f2fs_start_gc_thread\+[0-9a-fx/]+ ?\[f2fs\]'
window=/sys/module/f2fs/parameters/window
both=()

# sleeps_in FUNCTION PID
sleeps_in() { [ "$(cat "/proc/$2/wchan")" = "$1" ]; }

# two_shutdowns DISK - that wait for the file system to thaw
two_shutdowns() {
	mkfs.f2fs -q "/dev/$1" && mount -t f2fs -o nodiscard "/dev/$1" /mnt && fsfreeze --freeze /mnt ||
		return
	both=()
	for _ in 1 2; do
		f2fs_io shutdown 2 /mnt > /dev/null &
		both+=($!)
	done
	loop_until sleeps_in percpu_rwsem_wait "${both[0]}" &&
		loop_until sleeps_in percpu_rwsem_wait "${both[1]}"
}

both_gone() { gone "${both[0]}" && gone "${both[1]}"; }

# other PID - of the two
other() { [ "$1" = "${both[0]}" ] && echo "${both[1]}" || echo "${both[0]}"; }

# pid of NAME:PID in the column
pid_in() { value "$@" | sed 's/.*://'; }

mkdir -p /mnt
modprobe brd rd_nr=2 rd_size=65536
modprobe f2fs
echo guard=on > "$FILES/control"

# The collector gets no CPU: the first stop waits, and the second one comes.
gc=f2fs_gc-1:0
two_shutdowns ram0
result "two shutdowns wait for the file system" $?
taskset -p 2 "$(value threads $gc pid)" > /dev/null
hog
fsfreeze --unfreeze /mnt
loop_until reported stop_repeated
result "the second stop is reported: stop_repeated" $?
first=$(pid_in pending $gc requester)
second=$(other "$first")
said stop_repeated $gc "$gc:$(value threads $gc pid) is stopped once more" \
	"function +gc_thread_func\+.*\[f2fs\]$" "created by mount:[0-9]+ from $made," \
	"stopped by f2fs_io:$first from $call," "called by +f2fs_io:$second from $call, now$" \
	"look at +who is to stop it"
result "the report names the first stopper, the second, and their calls" $?
has pending $gc what=stop verdict=starved "requester=f2fs_io:$first" "caller=$call"
result "pending has the first one only, and says why it waits" $?
release
loop_until both_gone
result "both shutdowns end" $?
has history $gc how=returned "stopper=f2fs_io:$first" "stop_caller=$call"
result "the history has the first stopper" $?
umount /mnt

# One of the two stands between the test and the stop while the other stops it.
gc=f2fs_gc-1:1
two_shutdowns ram1
result "two shutdowns wait for another file system" $?
echo 1 > $window
fsfreeze --unfreeze /mnt
loop_until is history $gc 'free_us=[0-9]+'
result "one of them stops the collector" $?
first=$(pid_in history $gc stopper)
second=$(other "$first")
[ "$(reports)" -eq "$(reports stop_repeated)" ]
result "which is nothing to report" $?
echo 0 > $window
loop_until reported stop_after_exit
result "the second stop is reported: stop_after_exit" $?
said stop_after_exit $gc "$gc:$(value history $gc pid) is gone" \
	"function +gc_thread_func\+.*\[f2fs\]$" "created by mount:[0-9]+ from $made," \
	"stopped by f2fs_io:$first from $call," "left +returned, result 0," \
	"called by +f2fs_io:$second from $call, now$"
result "the report says how it left, who stopped it, and who comes too late" $?
loop_until both_gone
result "both shutdowns end" $?
[ "$(reports stop_repeated)" -eq 1 ] && [ "$(reports stop_after_exit)" -eq 1 ] &&
	[ "$(reports)" -eq 2 ]
result "each was reported once, and nothing else" $?
end
