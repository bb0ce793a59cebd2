#!/bin/bash
# probes.sh p|f [stacks|noticed]: switch on the events in "probes", of kprobes and
# kretprobes or of fprobes; with stacks of who creates and who stops, or with the
# moment when a kthread learns that it is to stop.
set -eu
tracing=/sys/kernel/tracing
events=$tracing/events/peer

# add EVENT FUNCTION [ARGUMENT...]
add() {
	local event=$1

	shift
	echo "$kind:peer/$event $*" >> "$tracing/dynamic_events"
}

offset() { awk -v what="$1" '$1 == what { print $2 }' /bench/offsets; }

add_all() {
	local line

	# shellcheck disable=SC2086 # the words of the line
	while read -r line; do
		add $line
	done < <(sed "/^#/d; s/+PID/+$(offset pid)/; s/+COMM/+$(offset comm)/" "${0%/*}/probes")
}

kind=$1
add_all
case ${2:-} in
stacks)
	echo stacktrace > "$events/create/trigger"
	echo stacktrace > "$events/stop/trigger"
	;;
noticed)
	# shellcheck disable=SC2016 # $retval is the kernel's
	add noticed kthread_should_stop%return 'told=$retval:u8'
	echo 'told == 1' > "$events/noticed/filter"
	;;
esac
echo 1 > "$events/enable"
