#!/bin/bash
# A host adapter is to get its error handler while kthreadd gets no CPU, and whoever
# waits for that is killed: today "failed to spawn, error = -4", and no more.
# shellcheck source=functions.sh
. /guest/field/functions.sh

call='scsi_host_alloc\+[0-9a-fx/]+ ?\[scsi_mod\]'

echo create_ms=1000 > "$FILES/control"
modprobe scsi_mod && modprobe crc-t10dif
taskset -p 2 2 > /dev/null
hog
result "kthreadd is to get no CPU" $?

modprobe scsi_debug &
loader=$!
loop_until reported create_stalled
result "the creation is reported: create_stalled" $?
said create_stalled scsi_eh_0 "scsi_eh_0:0 has not been created for [0-9]+ ms: queued$" \
	"function +scsi_error_handler\+.*\[scsi_mod\]$" \
	"created by modprobe:$loader from $call, [0-9]+ ms ago$" \
	"waiting +[1-9][0-9]* requests" "look at +what kthreadd waits for"
result "the report names the creator, its call, and kthreadd" $?
has pending scsi_eh_0 what=create verdict=queued "requester=modprobe:$loader" "caller=$call"
result "so does pending" $?
dmesg | grep -q 'stack of kthreadd:' && dmesg | grep -q 'stack of the waiter:'
result "the log has the stacks of kthreadd and of who waits" $?

kill -9 $loader
wait $loader 2> /dev/null
[ $? -eq 137 ]
result "modprobe is killed" $?
has history scsi_eh_0 how=create_failed result=-4 "creator=modprobe:$loader" "caller=$call" \
	"threadfn=scsi_error_handler.*"
result "the history says that the creation failed, and whose it was" $?
[ -z "$(value pending scsi_eh_0 what)" ]
result "nobody waits for it any more" $?

release
modprobe brd
result "kthreadd makes kthreads again" $?
[ "$(reports)" -eq "$(reports create_stalled)" ]
result "nothing else is reported" $?
end
