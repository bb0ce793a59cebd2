#!/bin/bash
# Run one suite of the upstream kselftests with kselftest's own runner: make regress.
# On the kernel's command line: regress_suite=NAME; regress_tests=NAME,... for some of
# its tests only; regress_cases=FILE,... for some of ftrace's cases only.
# shellcheck source=upstream.sh
. /guest/upstream.sh
suite="" tests="" cases=""
read -r -a cmdline < /proc/cmdline
for word in "${cmdline[@]}"; do
	case $word in
	regress_suite=*) suite=${word#*=} ;;
	regress_tests=*) tests=${word#*=} ;;
	regress_cases=*) cases=${word#*=} ;;
	esac
done
options=(-f)

use_tools
mount -t cgroup2 none /sys/fs/cgroup
cd /kselftest || exit
# Their limits are for machines; those that have no limit have their reason.
grep -qsx timeout=0 "$suite/settings" || options+=(-o 900)
if [ -n "$cases" ]; then
	sed -i "s|-K -v.*|& ${cases//,/ }|" "$suite"/*-ktap
fi
if [ -n "$tests" ]; then
	for test in ${tests//,/ }; do
		options+=(-t "$suite:$test")
	done
else
	options+=(-c "$suite")
fi
exec ./run_kselftest.sh "${options[@]}" 2>&1
