#!/bin/bash
# Tests of bench.py: the table, and which goals it takes for missed.  Prints TAP.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd)
columns=$tools/../selftests/bench/columns
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

column_names() { sed 's/#.*//' "$columns" | awk 'NF { print $1 }'; }

# What a guest prints: RUN instructions for a run cycle, LINE for a line of
# threads, everything else the same in each column.
guest() {
	local work_item crowd number

	echo "work run 2000 1 $1 $1 $1 $1 $1 $(($1 * 2000))"
	for work_item in unwoken exit park; do
		echo "work $work_item 2000 1 900 1000 1100 800 1200 2000000"
	done
	for work_item in poll-stop poll-park; do
		echo "work $work_item 100 1000 9000 9000 9000 9000 9000 900000"
	done
	for crowd in created running; do
		for number in 1000 20000; do
			echo "read threads $crowd $number $((number + 1)) 99 $((number * $2))"
		done
	done
	echo "slab kthread_record 248"
}

# All figures within the goals.
measured() {
	rm -rf "${work:?}"/*
	for column in $(column_names); do
		mkdir -p "$work/run/bench-$column"
		guest 46000 4000 > "$work/run/bench-$column/output.log"
	done
	awk '!/^#/ && NF { print $2 }' "$columns" | while read -r kernel; do
		mkdir -p "$work/$kernel"
		printf 'struct kthread 0x98\nstruct history_slot 0x8\nsize kthread.o 1 2 3\n' > "$work/$kernel/sizes"
	done
	echo 'Unpatched: Linux' > "$work/versions"
}

# gives NAME STATUS TEXT: what bench.py says and returns.
gives() {
	local good=ok status=0

	"$tools/bench.py" "$work" "$work/run" "$columns" "$work/cost.md" > "$work/out" 2>&1 || status=$?
	[ "$status" -eq "$2" ] || good="not ok"
	grep -qF -- "$3" "$work/out" || good="not ok"
	count=$((count + 1))
	echo "$good $count - $1"
	[ "$good" = ok ] || sed 's/^/# /' "$work/out"
}

measured
gives "goals that are met" 0 "46,000 (+0)"
measured
gives "a poll is one call" 0 "9.00 (+0.00)"
measured
guest 46081 4000 > "$work/run/bench-off/output.log"
gives "81 instructions more while off are too many" 1 "missed: off: more per run cycle"
measured
guest 46080 4000 > "$work/run/bench-off/output.log"
gives "80 are not" 0 "46,080 (+80)"
measured
guest 46000 5001 > "$work/run/bench-tracking/output.log"
gives "5,001 instructions a line are too many" 1 "missed: threads: per line, 1,000 kthreads"
measured
sed -i 's/^read threads running 20000 .*/read threads running 20000 20001 99 90000000/' \
	"$work/run/bench-tracking/output.log"
gives "a line among many may cost a tenth more" 1 "missed: threads: linear"
measured
sed -i 's/0x98/0xc8/' "$work/config_y/sizes"
gives "200 bytes are of the slab of 256" 1 "missed: struct kthread: bytes of its slab"
measured
sed -i 's/248/256/' "$work/run/bench-tracking/output.log"
gives "an entry of the history has a slot" 1 "missed: an entry of the history"
measured
rm "$work/run/bench-stacks/output.log"
gives "a column without figures is named" 1 "bench-stacks/output.log: No such file"
measured
sed -i '/^work run/d' "$work/run/bench-off/output.log"
gives "a missing figure is named" 1 "nothing was measured for ('run', 'off')"
echo "1..$count"
