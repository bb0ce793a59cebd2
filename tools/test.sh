#!/bin/sh
# Every test: the checks, the tests of the tools, the kselftests in the guest.
# The last line is "N passed, N failed, N skipped".
#
#   test.sh [PART...]    all that the tree and the kernel have something to test for
set -eu
. "$(dirname "$0")/lib.sh"

results=$BUILD/tests-$name-$ARCH-$CONFIG

# part NAME COMMAND...: its TAP goes to the results and to stdout.
part() {
	part=$1
	shift
	printf '\n== %s\n' "$part"
	if is_late; then
		echo "1..0 # SKIP not begun: $CI_MINUTES minutes are over"
	else
		"$@" < /dev/null
	fi | tee "$results/$part.tap"
}

# The tests of the tools need to run only when the tools have changed.
tools_key() {
	find "$tools" "$top/Makefile" "$top/selftests/init" "$top/selftests/fuzz" \
		"$top/selftests/bench/columns" \
		"$tree/kernel/kthread_lifecycle_parse.c" -type f ! -name '*.pyc' 2>/dev/null |
		sort | xargs sha256sum | { cat; "$(field arches "$ARCH" 5)" --version 2>&1; } | hash_of
}

# unless_passed KEY PART COMMAND...: passed with the same key is passed.
unless_passed() {
	key=$1
	shift
	if [ "$(cat "$results/$1.key" 2>/dev/null)" = "$key" ]; then
		printf '\n== %s: passed before, and nothing that it looks at has changed since\n' "$1"
		return 0
	fi
	rm -f "$results/$1.key"
	part "$@"
	cat "$results/$1.tap" "$results/$1.end" 2>/dev/null | grep -q '^not ok\|SKIP not begun' ||
		printf '%s\n' "$key" > "$results/$1.key"
}

part_once() { unless_passed "$(tools_key)" "$@"; }

# All that a guest is made of; kselftests and KUnit run each time all the same.
guest_key() {
	{ tools_key; sha256sum "$kernel/$(field arches "$ARCH" 4)" "$guest"/*.cpio.gz \
		"$top/selftests/$1.sh"; } | hash_of
}

part_guest() { unless_passed "$(guest_key "$3")" "$@"; }

# in_guest SCRIPT [OPTION...]: kselftest's runner ends with 1 when a test failed,
# and the results say which.  Any other status is about the guest: a line of its own.
in_guest() {
	status=0
	script=$1
	# Kernels may be tested side by side.
	label=$name-$ARCH-$CONFIG-$script
	shift
	rm -f "$BUILD/run/$label/ended"
	"$tools/boot.sh" --timeout 3600 --label "$label" "$@" "$top/selftests/$script.sh" || status=$?
	good="not ok"
	[ "$status" -gt 1 ] || [ ! -f "$BUILD/run/$label/ended" ] || good=ok
	echo "$good - $script: the guest ran to its end, the kernel was silent (status $status)" \
		> "$results/$part.end"
}

# The ends of the guests, one a part
ends() {
	for file in $files; do
		cat "$results/$file.end" 2>/dev/null || true
	done | awk '{ sub(/ok/, "ok " NR); print } END { print "1.." NR }'
}

# A sample; 10 million inputs are for make fuzz.
fuzz() {
	echo "1..1"
	if "$tools/fuzz.sh" 200000 > "$log/fuzz.log" 2>&1; then
		echo "ok 1 - the grammar survives 200000 random inputs"
	else
		tail -n 20 "$log/fuzz.log" | sed 's/^/# /'
		echo "not ok 1 - the grammar survives 200000 random inputs"
	fi
}

# Without the option there is no code for the records.
no_code() {
	good=ok
	nm "$kernel/vmlinux" > "$results/symbols" || good="not ok"
	! grep -E 'kthread_(lifecycle|wait|report|control|verdict)' "$results/symbols" || good="not ok"
	printf '1..1\n%s 1 - no symbol of the option is in vmlinux\n' "$good"
}

# The stack of each allocation makes the shells of the kselftests three times as slow.
# Leaks are what the storm looks for; the checks of freed memory stay.
kselftests() {
	if has_option DEBUG_KMEMLEAK; then
		in_guest kselftests --timeout 5400 \
			--append 'slab_nomerge kmemleak=off slab_debug=FZP'
	else
		in_guest kselftests --append slab_nomerge
	fi
}

list=$guest/installed/kselftest/kselftest-list.txt

# The series of next/; what wants its parts C and D comes with them.
parts_of_waits() {
	! grep -qsx 'kthread:misuse.sh' "$list" || echo misuse
	if has_option KTHREAD_LIFECYCLE; then
		echo kunit panic storm
	else
		echo no_code
	fi
	echo uml
}

parts() {
	echo check tools ktap boot bench kselftests
	! grep -qsx 'kthread:oops.sh' "$list" || echo oops
	if [ -f "$tree/kernel/kthread_wait.c" ]; then
		parts_of_waits
		return
	fi
	[ -f "$tree/kernel/kthread_lifecycle.c" ] || return 0
	if has_option KTHREAD_LIFECYCLE; then
		echo kunit boot_parameter wrong_boot unmounted lockdown storm
	else
		echo no_code
	fi
	echo uml fuzz
}

do_part() {
	case $1 in
	check) part check "$tools/check.sh" ;;
	tools) part_once tools "$tools/tests/host.sh" ;;
	ktap) part_once ktap "$tools/tests/ktap.sh" ;;
	boot) part_once boot "$tools/tests/guest.sh" ;;
	bench) part_once bench "$tools/tests/bench.sh" ;;
	kselftests) part kselftests kselftests ;;
	oops) part_guest oops in_guest oops ;;
	misuse) part_guest misuse in_guest misuse ;;
	panic) part_once panic "$tools/panic.sh" ;;
	no_code) part no_code no_code ;;
	kunit) part kunit in_guest kunit ;;
	uml) part uml "$tools/kunit.sh" ;;
	boot_parameter)
		part_guest boot_parameter in_guest boot \
			--append 'kthread_lifecycle=tracking=on,comm=*,!rcu_*,history=7'
		;;
	wrong_boot)
		part_guest wrong_boot in_guest wrong_boot \
			--append 'kthread_lifecycle=tracking=on,histry=5 debugfs=off'
		;;
	unmounted) part_guest unmounted in_guest unmounted --append 'kthread_lifecycle=tracking=on' ;;
	lockdown)
		part_guest lockdown in_guest lockdown \
			--append 'lockdown=integrity kthread_lifecycle=tracking=on'
		;;
	storm) part_guest storm in_guest storm --append 'storm=20 slab_nomerge' ;;
	fuzz) part_once fuzz fuzz ;;
	esac
}

known="check tools ktap boot bench kselftests oops misuse panic no_code kunit uml boot_parameter \
wrong_boot unmounted lockdown storm fuzz"
for asked; do
	case " $known " in
	*" $asked "*) ;;
	*) die "there is no part $asked to test" "expected some of: $known" ;;
	esac
done
mkdir -p "$results" "$log"
"$tools/kernel.sh"
"$tools/guest.sh"
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(parts)
rm -f "$results/kselftests.tap" "$results/guest.tap"
for asked; do
	do_part "$asked"
done
files=$*
ends > "$results/guest.tap"
! grep -q '^ok\|^not ok' "$results/guest.tap" || files="$files guest"
# What is in the list has to run, but for the one that has a part of its own.
listed=
case " $* " in
*" kselftests "*" oops "*" misuse "*) listed="--listed $list" ;;
*" kselftests "*" oops "*)
	grep -vx 'kthread:misuse.sh' "$list" > "$results/listed"
	listed="--listed $results/listed"
	;;
*" kselftests "*)
	grep -vxE 'kthread:(oops|misuse).sh' "$list" > "$results/listed"
	listed="--listed $results/listed"
	;;
esac
! grep -qs 'SKIP not begun' "$results/kselftests.tap" || listed=

printf '\n== results\n'
# shellcheck disable=SC2046,SC2086
exec "$tools/ktap.py" $listed \
	$(for file in $files; do printf '%s=%s ' "$file" "$results/$file.tap"; done)
