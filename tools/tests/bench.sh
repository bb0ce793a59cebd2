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
	for number in 1000 20000; do
		for crowd in created running; do
			echo "read threads $crowd $number $((number + 1)) 99 $((number * $2))"
			echo "read pending $crowd $number 3 99 $((number * 700))"
		done
		echo "read history exited $number $((number + 1)) 99 $((number * 800))"
	done
	echo "slab kthread_record 248"
}

objects() {
	printf '%s\n' 'struct kthread 0x98' 'struct history_slot 0x8' 'size kthread.o 1 2 3' \
		'function kthread_stop 0x20' 'function kthread_stop.cold 0x10' \
		'function __traceiter_kthread_stop 0x30' 'symbol kthread_stop'
}

# All figures within the goals.
measured() {
	rm -rf "${work:?}"/*
	mkdir -p "$work/figures"
	for column in $(column_names); do
		guest 46000 4000 > "$work/figures/$column"
	done
	awk '!/^#/ && NF { print $2 }' "$columns" | while read -r kernel; do
		mkdir -p "$work/$kernel"
		objects > "$work/$kernel/sizes"
	done
	echo 'Unpatched: Linux' > "$work/versions"
}

# gives NAME STATUS TEXT: what bench.py says and returns.
gives() {
	local good=ok status=0

	"$tools/bench.py" "$work" "$columns" "$work/cost.md" > "$work/out" 2>&1 || status=$?
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
guest 46081 4000 > "$work/figures/off"
gives "81 instructions more while off are too many" 1 "missed: off: more per run cycle"
measured
guest 46080 4000 > "$work/figures/off"
gives "80 are not" 0 "46,080 (+80)"
measured
guest 46000 5001 > "$work/figures/tracking"
gives "5,001 instructions a line are too many" 1 "missed: threads: per line, 1,000 kthreads"
measured
sed -i 's/^read threads running 20000 .*/read threads running 20000 20001 99 90000000/' \
	"$work/figures/tracking"
gives "a line among many may cost a tenth more" 1 "missed: threads: linear"
measured
sed -i 's/0x98/0xc8/' "$work/config_y/sizes"
gives "200 bytes are of the slab of 256" 1 "missed: struct kthread: bytes of its slab"
measured
gives "the code of kthread.o is without the events'" 0 "48 (+0)"
measured
gives "a kthread that pending looks at costs something without a line" 0 " 700 "
measured
measured
echo 'symbol __kthread_lifecycle_stop' >> "$work/config_n/sizes"
gives "CONFIG=n knows nothing of the records" 1 "missed: CONFIG=n: symbols of the records"
measured
sed -i 's/^work poll-park .*/work poll-park 100 1000 9000 9001 9002 9000 9002 900100/' "$work/figures/off"
gives "a poll costs nothing while off" 0 "+0.00"
measured
sed -i 's/^work poll-park .*/work poll-park 100 1000 10000 10000 10000 10000 10000 1000000/' "$work/figures/off"
gives "one instruction per poll is too many while off" 1 "missed: off: more per poll of should_park"
measured
sed -i 's/248/256/' "$work/figures/tracking"
gives "an entry of the history has a slot" 1 "missed: an entry of the history"
measured
rm "$work/figures/stacks"
gives "a column without figures is named" 1 "figures/stacks: No such file"
measured
sed -i '/^work run/d' "$work/figures/off"
gives "a missing figure is named" 1 "nothing was measured for ('run', 'off')"
echo "1..$count"
