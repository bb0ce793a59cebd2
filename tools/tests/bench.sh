#!/bin/bash
# Tests of bench.py, the tables and which goals it takes for missed, and of profile.py.
# Prints TAP.
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

	for work_item in run run@1000 run@20000; do
		echo "work $work_item 2000 1 $1 $1 $1 $1 $1 $(($1 * 2000))"
	done
	echo "clock 1000000"
	echo "events run 20200"
	for work_item in unwoken exit park work; do
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
		'symbol kthread_stop T 0x20' 'symbol kthread_stop.cold t 0x10' \
		'symbol __traceiter_kthread_stop T 0x30' 'symbol perf_trace_kthread_task t 0x40' \
		'symbol schedule U 0x0'
}

# All figures within the goals.
measured() {
	rm -rf "${work:?}"/*
	mkdir -p "$work/figures"
	for column in $(column_names); do
		guest 46000 4000 > "$work/figures/$column"
	done
	guest 56000 4000 > "$work/figures/kprobes"
	for number in 1000 20000; do
		echo "command ps $number $number $((number * 33000))"
	done >> "$work/figures/unpatched"
	awk '!/^#/ && NF { print $2 }' "$columns" | while read -r kernel; do
		mkdir -p "$work/$kernel"
		objects > "$work/$kernel/sizes"
	done
	echo 'Unpatched: Linux' > "$work/versions"
}

# gives NAME STATUS TEXT: what bench.py says and returns.
gives() {
	local good=ok status=0

	"$tools/bench.py" "$work" "$columns" "$work/cost" > "$work/out" 2>&1 || status=$?
	[ "$status" -eq "$2" ] || good="not ok"
	grep -qF -- "$3" "$work/out" || good="not ok"
	result "$good" "$1"
	[ "$good" = ok ] || sed 's/^/# /' "$work/out"
}

result() {
	count=$((count + 1))
	echo "$1 $count - $2"
}

# has NAME FILE TEXT
has() {
	if grep -q "$3" "$work/$2"; then
		result ok "$1"
	else
		result "not ok" "$1"
	fi
}

lacks() {
	if grep -q "$3" "$work/$2"; then
		result "not ok" "$1"
	else
		result ok "$1"
	fi
}

measured
gives "goals that are met" 0 "+0 (1.00x)"
measured
gives "a poll is one call" 0 "9.00 to 9.00, 9.00"
measured
sed -i 's/^work run 2000 .*/work run 2000 1 1 50000 1 1 1 138000000/' "$work/figures/graph"
gives "a difference of the medians, a ratio of the means" 0 "+4,000 (1.50x)"
measured
guest 46081 4000 > "$work/figures/off"
gives "81 instructions more while off are too many" 1 "missed: off: more per run cycle"
measured
guest 46080 4000 > "$work/figures/off"
gives "80 are not" 0 "+80 (1.00x)"
measured
sed -i 's/^work park 2000 1 900 1000/work park 2000 1 900 1011/' "$work/figures/off"
gives "11 instructions per park cycle are" 1 "missed: off: more per park cycle"
measured
guest 59501 4000 > "$work/figures/stacks"
gives "two stacks cost 13,500" 1 "missed: stacks: more per run cycle"
measured
guest 46301 4000 > "$work/figures/detectors"
gives "detectors cost 300" 1 "missed: detectors: more per run cycle"
measured
sed -i 's/^work poll-stop 100 1000 9000 9000/work poll-stop 100 1000 9000 10000/' "$work/figures/events"
gives "\"noticed\" costs no poll anything" 1 "missed: events: more per poll"
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
echo 'symbol __kthread_lifecycle_stop t 0x8' >> "$work/config_n/sizes"
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
sed -i 's/^size kthread.o .*/size kthread.o 15001 1450 3/' "$work/config_y/sizes"
gives "text and data count" 1 "missed: text and data"
measured
sed -i 's/^size kthread.o .*/size kthread.o 15001 1450 3/; s/_task t 0x40/_task t 0x140/' \
	"$work/config_y/sizes"
gives "but for the classes of events" 0 "16,192"
measured
guest 47001 4000 > "$work/figures/tracking"
gives "tracking costs a tenth of the kprobe events" 1 "missed: tracking: more per run cycle, %"
measured
sed -i 's/^work run@20000 .*/work run@20000 2000 1 9 47151 9 9 9 9/' "$work/figures/tracking"
gives "a run cycle among many may cost 2 % more" 1 "missed: tracking: a run cycle among 20,000"
measured
guest 51500 4000 > "$work/figures/events"
gives "events cost 55 % of the kprobe events" 0 " 55.0 "
measured
guest 51600 4000 > "$work/figures/events"
gives "and not more" 1 "missed: events: more per run cycle, %"
measured
guest 46701 4000 | sed 's/^events run .*/events run 2020/' > "$work/figures/events"
gives "an event costs 700" 1 "missed: events: more per run cycle, each event"
measured
sed -i 's/^command ps 1000 .*/command ps 1000 1000 27000000/' "$work/figures/unpatched"
gives "ps costs seven times as much" 1 "missed: threads: a line, % of one of ps, 1,000"
measured
mkdir "$work/figures-kvm"
for column in $(column_names); do
	guest 3000 9 | sed 's/^clock .*/clock 3000000/' > "$work/figures-kvm/$column"
done
gives "the time under KVM" 0 "1,000.0 (1.00x)"
has "is a table" cost.md '^## Time'
measured
gives "without KVM" 0 "## Memory"
lacks "there is none" cost.md '^## Time'
measured
sed -i 's/^work run 2000 1 [0-9]* [0-9]*/work run 2000 1 9 66000/' "$work/figures/graph"
gives "the plot is drawn" 0 "(cost.svg)"
has "its longest bar is the longest" cost.svg 'width="520.0"'
measured
echo 'tr: write error' >> "$work/figures/off"
gives "what is no figure is shown" 1 "figures/off: this is no figure: tr: write error"
measured
rm "$work/figures/stacks"
gives "a column without figures is named" 1 "figures/stacks: No such file"
measured
sed -i '/^work run/d' "$work/figures/off"
gives "a missing figure is named" 1 "nothing was measured for ('run', 'off')"

# What the plugin left: a column, and the instructions of kthread_stop.
counted() {
	mkdir -p "$work/$1"
	printf '%s\n' 'ffffffff81000000 T _stext' 'ffffffff81000010 t kthread_stop' \
		'ffffffff81000020 T schedule' > "$work/$1/symbols"
	echo 'work run 80 1 9 9 9 9 9 720' > "$work/$1/figures"
	printf '%s\n' "ffffffff81000010 $2" 'ffffffff8100001f 64' 'ffffffff81000030 c8' \
		> "$work/$1/count.0"
}

counted off 64
counted tracking 3e8
"$tools/profile.py" run 0 off "$work" > "$work/out"
has "instructions count for their function" out '^ *+2.0  kthread_stop$'
has "and for all, per call" out '^ *+4.0  all of off, run'
"$tools/profile.py" run 0 off tracking "$work" > "$work/out"
has "two columns are a difference" out '^ *+9.0  kthread_stop$'
lacks "what is the same is not shown" out schedule
echo "1..$count"
