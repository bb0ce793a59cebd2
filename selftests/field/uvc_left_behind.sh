#!/bin/bash
# The USB camera gadget as it is: every bind leaves a worker behind, and its module can
# go.
# shellcheck source=functions.sh
. /guest/field/functions.sh
# shellcheck source=uvc.sh
. /guest/field/uvc.sh

binds=5
call='uvcg_video_init\+[0-9a-fx/]+ ?\[usb_f_uvc\]'

# Short of what is in the log of two CPUs, a worker that was woken is no news.
echo start_ms=1000 > "$FILES/control"
camera
result "there is a camera" $?
for _ in $(seq $binds); do
	bind && unbind || bad=1
done
remove_gadget && silent
result "it is bound $binds times and removed, and nothing is reported" $?
awk -v creator="bash:$$" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["comm"] == "UVCG" && $at["creator"] == creator { n++ }
	END { print n > "/tmp/workers" }' "$FILES/threads"
[ "$(cat /tmp/workers)" -eq $binds ]
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
