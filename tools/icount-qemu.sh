#!/bin/sh
# Runs $BENCH_QEMU with these arguments and those that make it count
# instructions: the guest's clock is their number, idle time is skipped, nothing
# depends on the host. The last -cpu is the one that counts.
#
# With ERMS a "rep stosb" would count once per byte; the random instructions
# would not be the same twice.  $BENCH_PLUGIN is a TCG plugin with its arguments.
set -eu
exec "${BENCH_QEMU:?}" "$@" ${BENCH_PLUGIN:+-plugin "$BENCH_PLUGIN"} -cpu max,-erms,-rdrand,-rdseed \
	-icount shift=0,sleep=off -rtc base=2026-01-01T00:00:00,clock=vm -seed 1 -net none
