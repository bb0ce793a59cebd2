#!/bin/bash
# A kernel that was booted with kthread_lifecycle=tracking=on, and whose debugfs nobody
# has mounted: the kselftests that need it skip and say why, the others pass, and what
# happened meanwhile is in the files once it is mounted, wherever that is.
number=0 bad=0
out=$(mktemp)

result() {
	number=$((number + 1))
	[ "$2" -eq 0 ] || { echo "not ok $number $1"; bad=1; return; }
	echo "ok $number $1"
}

# skipped TEST REASON - all of it
skipped() {
	sed -n "/^# selftests: kthread: $1$/,/^ok .* selftests: kthread: $1/p" "$out" |
		awk -v reason="$2" 'index($0, "# SKIP") && index($0, reason) { n++; next }
			/^# (not )?ok / { bad = 1 } END { exit bad || !n }'
	result "$1 is skipped: $2" $?
}

walk() {
	insmod /kselftest/kthread/test_modules/test_kthread.ko &&
		echo run_stop > /sys/module/test_kthread/parameters/path
	rmmod test_kthread
}

echo "TAP version 13"
umount /sys/kernel/debug
# Through a pipe: its runner opens /dev/stdout anew, and a file from its beginning.
(cd /kselftest && ./run_kselftest.sh -S kthread:oops.sh) 2>&1 | cat > "$out"
! grep '^not ok\|^# not ok' "$out" | sed 's/^/# failed: /' | grep .
result "no kselftest fails" $?
grep -q '^ok .* selftests: kthread: events.sh$' "$out"
result "the events are as they should be" $?
for test in records.sh crowd.sh toggles.sh control; do
	skipped "$test" "debugfs is not mounted"
done

walk
result "kthreads live" $?
mkdir /tmp/debug
mount -t debugfs debugfs /tmp/debug
awk -v creator="bash:$$" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["comm"] == "test_kthread/run_stop" && $at["creator"] == creator { n++ }
	END { exit n != 1 }' /tmp/debug/kthread/history
result "they were recorded" $?
grep -qx 'setting.tracking on' /tmp/debug/kthread/stats
result "the setting of the command line is in force" $?
echo "1..$number"
exit $bad
