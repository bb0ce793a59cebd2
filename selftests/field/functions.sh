# shellcheck shell=bash
# What the scripts of the field bugs share: results in TAP, the records and reports of
# one kthread, and a CPU that nothing else gets. Sourced, not run.
FILES=/sys/kernel/debug/kthread
HOG=
number=0 bad=0 patience=60

result() {
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number $1"
	else
		echo "not ok $number $1"
		bad=1
	fi
}

# end - the plan, and what was seen if that was not all right
end() {
	if [ $bad -ne 0 ]; then
		for file in pending history; do
			sed "s/^/# $file: /" "$FILES/$file"
		done
		dmesg | grep 'kthread: ' | sed 's/^/# log: /'
	fi
	echo "1..$number"
	exit $bad
}

# loop_until COMMAND - wait until the command succeeds, for a minute, and for 5 seconds
# only once that was not enough
loop_until() {
	local end=$((SECONDS + patience))

	until "$@"; do
		if [ "$SECONDS" -ge $end ]; then
			patience=5
			return 1
		fi
		sleep 0.1
	done
}

gone() { ! kill -0 "$1" 2> /dev/null; }

# ends COMMAND... - does it end, and well?
ends() {
	"$@" > /dev/null &
	loop_until gone $! && wait $!
}

# value FILE NAME COLUMN - of the last line about a kthread of that name
value() {
	awk -v comm="$2" -v column="$3" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	/^\t/ { next }
	$at["comm"] == comm { last = $at[column] }
	END { print last }' "$FILES/$1"
}

# has FILE NAME COLUMN=REGEX... - of the last line about a kthread of that name
has() {
	local file=$1 name=$2 wanted status=0

	shift 2
	for wanted; do
		value "$file" "$name" "${wanted%%=*}" | grep -Eqx -- "${wanted#*=}" && continue
		echo "# $file: $name: ${wanted%%=*} is $(value "$file" "$name" "${wanted%%=*}")," \
			"not ${wanted#*=}"
		status=1
	done
	return $status
}

# is FILE NAME COLUMN=REGEX... - the same without a word
is() { has "$@" > /dev/null; }

# reports [KIND] - how many; of all kinds by default
reports() {
	awk -v kind="report.${1:-}" 'index($1, kind) == 1 { n += $2 } END { print n + 0 }' \
		"$FILES/stats"
}

reported() { [ "$(reports "$1")" -gt 0 ]; }

# block KIND NAME - the first report of that kind on that kthread, up to its advice
block() {
	dmesg | sed 's/^\[[^]]*\] //' | awk -v start="kthread: $1: $2:" '
	index($0, start) == 1 { on = 1 }
	on { print }
	on && /look at/ { exit }'
}

whole() { block "$1" "$2" | grep -q 'look at'; }

# said KIND NAME PATTERN... - is each of these in a line of the report?
said() {
	local kind=$1 name=$2 text pattern status=0

	shift 2
	loop_until whole "$kind" "$name" || echo "# no whole report $kind of $name"
	text=$(block "$kind" "$name")
	for pattern; do
		grep -Eq -- "$pattern" <<< "$text" && continue
		echo "# not in the report: $pattern"
		status=1
	done
	return $status
}

# silent - was nothing at all reported?
silent() { [ "$(reports)" -eq 0 ] && ! dmesg | grep -E 'kthread: [a-z_]+: '; }

# hog - keep everybody else from CPU 1, where all that shall stand still is put with
# taskset. Without its fair server the CPU has not a moment for the others.
hog() {
	taskset -p 1 $$ > /dev/null
	echo 0 > /sys/kernel/debug/sched/fair_server/cpu1/runtime
	chrt -f 50 taskset 2 sh -c 'while :; do :; done' &
	HOG=$!
	loop_until hogged
}

# From chrt to taskset to the shell
hogged() {
	local name

	read -r name < "/proc/$HOG/comm"
	[ "$name" = sh ]
}

release() {
	kill "$HOG"
	wait "$HOG" 2> /dev/null
	HOG=
}

echo "TAP version 13"
echo 'tracking=on; comm=*' > "$FILES/control"
