#!/bin/bash
# The thread of UBI without the poll that follows its change of state: until 6.1 the
# wake-up was lost now and then, and detaching hung. Now a stop ends such sleeps. It
# must not hang, and must not be reported.
# shellcheck source=functions.sh
. /guest/field/functions.sh

rounds=10 lost=0 failed=0

modprobe mtdram total_size=4096 erase_size=128 && modprobe ubi
result "there is flash" $?
for _ in $(seq $rounds); do
	if ! ends ubiattach -m 0 -d 0 || ! ends ubidetach -d 0; then
		failed=1
		break
	fi
	is history ubi_bgt0d woke=no && lost=$((lost + 1))
done
result "$rounds times, detaching does not hang" $failed
echo "# the wake-up found the thread awake in $lost of $rounds"
[ $lost -gt 0 ]
result "some wake-ups came between the poll and the sleep" $?
has history ubi_bgt0d how=returned 'creator=ubiattach:[0-9]+' 'stopper=ubidetach:[0-9]+'
result "the thread was stopped, and left" $?
silent
result "nothing is reported" $?
end
