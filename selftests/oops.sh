#!/bin/bash
# Run the kselftest that takes a kthread down with a real oops.
cd /kselftest || exit 1
echo "expect-splat: begin" > /dev/kmsg
KTHREAD_TEST_OOPS=1 ./run_kselftest.sh -t kthread:oops.sh
status=$?
echo "expect-splat: end" > /dev/kmsg
exit "$status"
