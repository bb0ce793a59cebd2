#!/bin/bash
# Run the installed kselftests with kselftest's own runner, apart from those that
# oops: they have guests of their own (oops.sh, misuse.sh).
cd /kselftest 2>/dev/null || {
	echo "Bail out! the tree has no tools/testing/selftests/kthread to run"
	exit 1
}
# So many fit into the guest's 1024 MB, without KASAN.
if awk '$1 == "MemAvailable:" { exit $2 < 900000 }' /proc/meminfo; then
	export KTHREAD_TEST_CROWD=20000
fi
# The kselftest's own limit is a minute.
export KTHREAD_TEST_SECONDS=20
# Under KASAN, without KVM, reports.sh takes twenty minutes, and more on a busy machine.
# The runner of 6.12 cannot be told what to skip.
# shellcheck disable=SC2046
exec ./run_kselftest.sh -o 2700 $(sed '/^kthread:\(oops\|misuse\).sh$/d; s/^/-t /' kselftest-list.txt)
