#!/bin/bash
# What ubi.sh does, with a thread that sleeps in a way that no signal ends: there the
# wake-up is lost still, and detaching hangs.
#
# Some functions are called by name, through loop_until().
# shellcheck disable=SC2317

# shellcheck source=functions.sh
. /guest/field/functions.sh

over() { reported stop_stalled || gone "$stopper"; }

echo stop_ms=1000 > "$FILES/control"
modprobe mtdram total_size=4096 erase_size=128 && modprobe ubi
result "there is flash" $?
for _ in $(seq 10); do
	ends ubiattach -m 0 -d 0 || break
	ubidetach -d 0 &
	stopper=$!
	loop_until over
	! reported stop_stalled || break
done
reported stop_stalled
result "detaching hangs, and is reported: stop_stalled" $?
# The first report may have come before it slept; there is one more each time that
# the age has doubled.
loop_until is pending ubi_bgt0d verdict=lost_wakeup
dmesg -c > /dev/null
pid=$(value threads ubi_bgt0d pid)
said stop_stalled ubi_bgt0d "ubi_bgt0d:$pid has not stopped for [0-9]+ ms: lost_wakeup$" \
	"function +ubi_thread\+.*\[ubi\]$" \
	"created by ubiattach:[0-9]+ from ubi_attach_mtd_dev\+.*\[ubi\]," \
	"asked by +ubidetach:$stopper from ubi_detach_mtd_dev\+.*\[ubi\]," \
	"last poll +[0-9]+ us before the request" "found it awake" \
	"look at +the loop that it sleeps in"
result "the report names who stops it, from where, and why it sleeps on" $?
has pending ubi_bgt0d what=stop verdict=lost_wakeup "requester=ubidetach:$stopper" \
	'caller=ubi_detach_mtd_dev\+.*\[ubi\]'
result "so does pending" $?
echo "wake $pid" > "$FILES/control"
loop_until gone "$stopper"
result "the wake that control gives ends it" $?
dmesg | grep -q "stop_stalled: ubi_bgt0d:$pid stopped after all, after [0-9]* ms"
result "and the log says so" $?
end
