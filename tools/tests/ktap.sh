#!/bin/bash
# Tests of ktap.py: what it counts, and what it takes for a failure.  Prints TAP.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# counts NAME "N passed, N failed, N skipped" [TEXT]: for the KTAP on stdin; TEXT
# is in the summary.
counts() {
	local good=ok
	cat > "$work/tap"
	"$tools/ktap.py" "t=$work/tap" > "$work/out" 2>&1
	[ "$(tail -n 1 "$work/out")" = "$2" ] || good="not ok"
	grep -qF -- "${3:-}" "$work/out" || good="not ok"
	count=$((count + 1))
	echo "$good $count - $1"
	[ "$good" = ok ] || sed 's/^/# /' "$work/out"
}

counts "results are counted" "1 passed, 1 failed, 1 skipped" "t: c: no reason" <<-'EOF'
	TAP version 13
	1..3
	ok 1 a
	not ok 2 b
	ok 3 c # SKIP no reason
EOF
counts "nothing at all is a failure" "0 passed, 1 failed, 0 skipped" "no result" < /dev/null
counts "so is text without a result" "0 passed, 1 failed, 0 skipped" "no result" <<-'EOF'
	hello
	ok then
EOF
counts "a plan without its results is a failure" "1 passed, 1 failed, 0 skipped" \
	"3 results were planned, 1 came" <<-'EOF'
	1..3
	ok 1 a
EOF
counts "a missing plan is a failure" "1 passed, 1 failed, 0 skipped" "no plan" <<-'EOF'
	ok 1 a
EOF
counts "a result that comes twice is a failure" "2 passed, 1 failed, 0 skipped" "numbered" <<-'EOF'
	1..2
	ok 1 a
	ok 1 a
EOF
counts "Bail out! is a failure" "1 passed, 1 failed, 0 skipped" "Bail out! no disk" <<-'EOF'
	1..1
	ok 1 a
	Bail out! no disk
EOF
counts "a plan of 0 with a reason is a skip" "0 passed, 0 failed, 1 skipped" "t: no module" <<-'EOF'
	1..0 # SKIP no module
EOF
counts "kselftest's subtests are counted, not their parent" "2 passed, 1 failed, 0 skipped" \
	"t: selftests: kthread: x.sh # exit=1: b" <<-'EOF'
	TAP version 13
	1..1
	# timeout set to 45
	# selftests: kthread: x.sh
	# TAP version 13
	# 1..3
	# ok 1 a
	# not ok 2 b
	# some words
	# ok 3 c
	# # Totals: pass:2 fail:1
	not ok 1 selftests: kthread: x.sh # exit=1
EOF
counts "a subtest's broken plan is a failure" "1 passed, 1 failed, 0 skipped" "2 results" <<-'EOF'
	1..1
	# 1..2
	# ok 1 a
	not ok 1 selftests: kthread: x.sh # TIMEOUT 45 seconds
EOF
counts "a parent that fails alone is a failure" "1 passed, 1 failed, 0 skipped" \
	"all its subtests passed" <<-'EOF'
	1..1
	# 1..1
	# ok 1 a
	not ok 1 selftests: kthread: x.sh # exit=1
EOF
counts "subtests that are broken off are a failure" "1 passed, 1 failed, 0 skipped" \
	"2 results were planned, 1 came" <<-'EOF'
	# 1..2
	# ok 1 a
EOF
counts "KUnit's subtests are indented" "2 passed, 1 failed, 0 skipped" "t: suite: case: two" <<-'EOF'
	KTAP version 1
	1..1
	    KTAP version 1
	    1..2
	        KTAP version 1
	        1..2
	        ok 1 one
	        not ok 2 two
	    not ok 1 case
	    ok 2 other
	not ok 1 suite
EOF
counts "a skipped parent says why" "0 passed, 0 failed, 1 skipped" "set X=1" <<-'EOF'
	1..1
	# 1..0 # SKIP set X=1
	ok 1 selftests: kthread: x.sh # SKIP
EOF

# Every test of the list has to run.
printf '1..1\nok 1 selftests: kthread: a.sh\n' > "$work/tap"
printf 'kthread:a.sh\nkthread:b.sh\n' > "$work/list"
"$tools/ktap.py" --listed "$work/list" "t=$work/tap" > "$work/out" 2>&1
count=$((count + 1))
if grep -qF "kthread:b.sh: it is in the list of tests and did not run" "$work/out"; then
	echo "ok $count - a test of the list that did not run is a failure"
else
	echo "not ok $count - a test of the list that did not run is a failure"
fi
echo "1..$count"
