#!/bin/bash
# Tests of the runner: a guest that dies, hangs or complains is a failed run,
# and says so.  Needs the kernel and the initramfs.  Prints TAP.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

# guest NAME STATUS TEXT SECONDS [OPTION...]: the script from stdin in a guest ends
# with this exit status, and the runner says the text.
guest() {
	local rc good="not ok"
	cat > "$work/script"
	"$tools/boot.sh" --label tools-test --timeout "${@:4}" "$work/script" > "$work/out" 2>&1 < /dev/null
	rc=$?
	count=$((count + 1))
	if [ "$rc" = "$2" ] && grep -qF -- "$3" "$work/out"; then
		good=ok
	fi
	echo "$good $count - $1"
	[ "$good" = ok ] || sed "s/^/# /; \$a # exit status $rc" "$work/out"
}

guest "a script's output and exit status come back" 7 "two words" 120 <<-'EOF'
	echo "two words"
	exit 7
EOF
guest "a guest that panics has failed" 125 "the kernel panicked" 120 <<-'EOF'
	echo c > /proc/sysrq-trigger
EOF
guest "a guest that hangs has failed" 124 "not done after 5 s" 5 <<-'EOF'
	exec tail -f /dev/null
EOF
guest "a guest that ends before its script has failed" 125 "ended before its script did" 120 <<-'EOF'
	reboot -f
EOF
guest "the last lines of the console are shown" 125 "sysrq: Resetting" 120 <<-'EOF'
	echo b > /proc/sysrq-trigger
EOF
guest "a marker that is not the guest's own ends nothing" 3 "guest-exit 0 0" 120 <<-'EOF'
	echo "guest-exit 0 0"
	exit 3
EOF
guest "a complaint of the kernel is a failure" 125 "BUG: something" 120 <<-'EOF'
	echo "BUG: something" > /dev/kmsg
EOF
guest "a complaint that was announced is none" 0 "all is well" 120 <<-'EOF'
	echo "expect-splat: begin" > /dev/kmsg
	echo "BUG: something" > /dev/kmsg
	echo "expect-splat: end" > /dev/kmsg
	echo "all is well"
EOF
guest "an announcement that does not end is a failure" 125 "has no 'expect-splat: end'" 120 <<-'EOF'
	echo "expect-splat: begin" > /dev/kmsg
EOF
guest "a line that is waited for ends the guest" 1 "# not ok 1" 120 --until '^[# ]*not ok' <<-'EOF'
	echo "ok 1"
	echo "# not ok 1"
	exec tail -f /dev/null
EOF
guest "what kselftest's runner needs is there" 0 "line" 120 <<-'EOF'
	set -e
	/usr/bin/timeout --foreground 60 /usr/bin/stdbuf --output=L echo line
	for dir in /proc /sys /sys/kernel/debug /sys/kernel/tracing /tmp; do
		grep -q " $dir " /proc/mounts
	done
	command -v bash trace-cmd modprobe awk
EOF
echo "1..$count"
