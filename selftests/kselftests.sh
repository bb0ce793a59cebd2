#!/bin/bash
# Run the installed kselftests with kselftest's own runner, apart from the one
# that oopses: it has a guest of its own (oops.sh).
cd /kselftest 2>/dev/null || {
	echo "Bail out! the tree has no tools/testing/selftests/kthread to run"
	exit 1
}
exec ./run_kselftest.sh -S kthread:oops.sh
