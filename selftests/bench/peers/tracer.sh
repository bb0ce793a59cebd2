#!/bin/bash
# tracer.sh TRACER: the tracer on the functions whose names begin with kthread.
set -eu
echo 'kthread*' > /sys/kernel/tracing/set_ftrace_filter
echo "$1" > /sys/kernel/tracing/current_tracer
