#!/bin/sh
# A panic of khungtaskd with hung_task_sys_info=kthreads: the console has the list of
# waits for kthreads. Prints TAP.
set -eu
. "$(dirname "$0")/lib.sh"

label=panic-$name-$ARCH-$CONFIG
console=$BUILD/run/$label/console.log
"$tools/boot.sh" --label "$label" --timeout 300 "$top/selftests/panic.sh" \
	> "$log/$label.log" 2>&1 || true
number=0 bad=0

# said NAME PATTERN: on the console, before the end of the panic
said() {
	number=$((number + 1))
	if tr -d '\r' < "$console" | sed -n '/who waits for which kthread:/,$p' |
		grep -Eq "$2"; then
		echo "ok $number - panic: $1"
	else
		tail -n 30 "$console" | sed 's/^/# /'
		echo "not ok $number - panic: $1"
		bad=1
	fi
}

said "the console has who waits for whom" \
	'kthread: bash:[0-9]+ waits for kthread test_kthread/asleep:[0-9]+ to stop: '
said "and from where" 'from test_stop\+0x.*\[test_kthread_wait\]'
said "before the panic" 'Kernel panic - not syncing: hung_task: blocked tasks'
echo "1..$number"
exit $bad
