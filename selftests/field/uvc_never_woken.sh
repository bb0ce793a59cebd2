#!/bin/bash
# The USB camera gadget before 6.14: it creates a worker, and wakes it never.
# shellcheck source=functions.sh
. /guest/field/functions.sh
# shellcheck source=uvc.sh
. /guest/field/uvc.sh

call='uvcg_video_init\+[0-9a-fx/]+ ?\[usb_f_uvc\]'

echo start_ms=1000 > "$FILES/control"
camera && bind
result "the camera is bound" $?

loop_until reported never_started
result "its worker is reported: never_started" $?
said never_started UVCG "UVCG:$(value pending UVCG pid) was created and not woken for [0-9]+ ms: never_woken$" \
	"created by bash:$$ from $call, [0-9]+ ms ago$" "look at .*wake_up_process\(\)"
result "the report names UVCG, and who created it from where in which module" $?
has pending UVCG what=start verdict=never_woken "creator=bash:$$" "creator_caller=$call"
result "so does pending" $?
[ "$(reports)" -eq "$(reports never_started)" ]
result "nothing else is reported" $?
end
