#!/bin/sh
# Run the series' KUnit tests under UML, with the kernel's own kunit.py. KTAP
# goes to stdout.
set -eu
. "$(dirname "$0")/lib.sh"

kunitconfig=$tree/kernel/kthread.kunitconfig
[ -f "$kunitconfig" ] || kunitconfig=$tree/kernel/kthread_lifecycle.kunitconfig
[ -f "$kunitconfig" ] || die "there are no KUnit tests in $tree" \
	"expected $kunitconfig: 'make tree' with a series that has them"

mkdir -p "$BUILD/uml-$name" "$log"
(cd "$tree" && "$tools/progress.py" "kunit: building UML" "$log/uml.log" \
	env -u BASE -u CONFIG -u TREE -u SMP -u MEM -u BUILD -u ARCH \
	tools/testing/kunit/kunit.py build --jobs="$JOBS" --build_dir="$BUILD/uml-$name" \
	--kunitconfig="$kunitconfig" --make_options "CC=ccache gcc" \
	--make_options "HOSTCC=ccache gcc") ||
	die "UML does not build" "whole log: $log/uml.log"
(cd "$tree" && tools/testing/kunit/kunit.py exec --build_dir="$BUILD/uml-$name" \
	--raw_output=kunit 'kthread_*' 2>&1)
