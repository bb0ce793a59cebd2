#!/bin/bash
# The thread of the USB storage gadget allows signals: kill -9 ends it, and the gadget
# is dead without a word.
# shellcheck source=functions.sh
. /guest/field/functions.sh
# shellcheck source=gadget.sh
. /guest/field/gadget.sh

call='fsg_bind\+[0-9a-fx/]+ ?\[usb_f_mass_storage\]'

storage() {
	truncate -s 1M /tmp/disk
	gadget mass_storage.0 &&
		echo /tmp/disk > $GADGET/functions/mass_storage.0/lun.0/file &&
		plug mass_storage.0
}

storage && bind
result "the storage is bound" $?
has threads file-storage state=running signals=INT,KILL,USR1,TERM "creator=bash:$$" \
	"caller=$call" "threadfn=fsg_main_thread.*\[usb_f_mass_storage\]"
result "threads says what its thread can be killed with" $?

pid=$(value threads file-storage pid)
kill -9 "$pid"
loop_until is history file-storage "pid=$pid"
result "kill -9 ends it" $?
has history file-storage how=killed signal=KILL "sender=bash:$$" "creator=bash:$$" \
	"caller=$call" stop_us=- stopper=- "threadfn=fsg_main_thread.*"
result "the history says that a signal killed it, which, and who sent it" $?

unbind && remove_gadget && rmmod usb_f_mass_storage
result "the module goes" $?
has history file-storage "caller=$call" && silent
result "nothing is reported" $?
end
