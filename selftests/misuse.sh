#!/bin/bash
# Run the kselftest whose mistakes end in oopses and warnings.
cd /kselftest || exit 1
KTHREAD_TEST_OOPS=1 ./run_kselftest.sh -t kthread:misuse.sh
