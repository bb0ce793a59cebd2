#!/bin/bash
# The USB camera gadget as it is: every bind leaves a worker behind, and its module can
# go.
# shellcheck source=functions.sh
. /guest/field/functions.sh
# shellcheck source=uvc.sh
. /guest/field/uvc.sh

binds=5
call='uvcg_video_init\+[0-9a-fx/]+ ?\[usb_f_uvc\]'

# How many workers of this camera are there?
workers() {
	awk -v creator="bash:$$" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["comm"] == "UVCG" && $at["creator"] == creator { n++ }
		END { print n + 0 }' "$FILES/threads"
}

camera
result "there is a camera" $?
for _ in $(seq $binds); do
	bind && unbind
	result "it is bound, and unbound" $?
done
remove_gadget && silent
result "it is removed, and nothing is reported" $?
[ "$(workers)" -eq $binds ]
result "$binds workers live on" $?

rmmod usb_f_uvc
result "the module goes" $?
[ "$(reports left_behind)" -eq $binds ] && [ "$(reports)" -eq $binds ]
result "each of the workers is reported, and nothing else: left_behind" $?
said left_behind UVCG "UVCG:[0-9]+ lives on while the module that created it, usb_f_uvc, goes$" \
	"function +kthread_worker_fn\+" "created by bash:$$ from $call, [0-9]+ ms ago$" \
	"look at +the module's way out"
result "the report names UVCG, the module, and who created it from where" $?
has threads UVCG "creator=bash:$$" "caller=$call"
result "threads still knows the name of the call, now that its module is gone" $?
end
