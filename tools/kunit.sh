#!/bin/sh
# Run the series' KUnit tests under UML, with the kernel's own kunit.py. KTAP
# goes to stdout.
set -eu
. "$(dirname "$0")/lib.sh"

kunitconfig=$tree/kernel/kthread_lifecycle.kunitconfig
[ -f "$kunitconfig" ] || die "there are no KUnit tests in $tree" \
	"expected $kunitconfig: 'make tree' with a series that has them"

mkdir -p "$BUILD/uml-$name" "$log"
say "kunit: building UML (log: $log/uml.log)"
kunit() {
	(cd "$tree" && env -u BASE -u CONFIG -u TREE -u SMP -u MEM -u BUILD -u ARCH \
		tools/testing/kunit/kunit.py "$@" --build_dir="$BUILD/uml-$name" \
		--kunitconfig="$kunitconfig" --make_options "CC=ccache gcc" \
		--make_options "HOSTCC=ccache gcc")
}
kunit build --jobs="$JOBS" > "$log/uml.log" 2>&1 || {
	tail -n 20 "$log/uml.log" >&2
	die "UML does not build" "whole log: $log/uml.log"
}
(cd "$tree" && tools/testing/kunit/kunit.py exec --build_dir="$BUILD/uml-$name" \
	--raw_output=kunit kthread_lifecycle 2>&1)
