#!/bin/sh
# randconfig.sh DIRECTORY KEY: build what the series touches in 20 random configurations
# that have the records, and print TAP.  A number gives the same configuration again; it
# is not built again if it was good with the same key.
set -eu
. "$(dirname "$0")/lib.sh"

work=$1
key=$2
kernel=$work/kernel
KERNEL_DIR=$kernel
export KERNEL_DIR

wanted=$work/wanted
objects() {
	tgit diff --name-only --diff-filter=AM "$(cat "$state/base")" HEAD -- \
		'kernel/*.c' 'init/*.c' | sed 's/\.c$/.o/'
}

# What is not in this configuration is not built; the archives of its directory know.
in_configuration() {
	for object; do
		case $object in
		*_kunit.o) grep -q '^CONFIG_KTHREAD_LIFECYCLE_KUNIT_TEST=y' "$kernel/.config" ;;
		*_debugfs.o) grep -q '^CONFIG_DEBUG_FS=y' "$kernel/.config" ;;
		kernel/module/*) grep -q '^CONFIG_MODULES=y' "$kernel/.config" ;;
		esac || continue
		echo "$object"
	done
}

configure() {
	KCONFIG_SEED=$1 KCONFIG_ALLCONFIG=$wanted "$tools/kmake.sh" -s randconfig &&
		grep -q '^CONFIG_KTHREAD_LIFECYCLE=y' "$kernel/.config"
}

compile() {
	# shellcheck disable=SC2046
	set -- $(in_configuration $(objects))
	for object; do
		rm -f "$kernel/$object"
	done
	"$tools/kmake.sh" -s "$@"
}

mkdir -p "$kernel" "$log"
printf 'CONFIG_%s=y\n' DEBUG_KERNEL EXPERT FTRACE SCHED_TRACER KTHREAD_LIFECYCLE 64BIT > "$wanted"
# Compilers and plugins that are not here
printf '# CONFIG_%s is not set\n' WERROR GCC_PLUGINS MODULE_SIG DEBUG_INFO_BTF RUST >> "$wanted"
echo "1..20"
for seed in $(seq 20); do
	said=$log/randconfig-$seed.log
	good=ok
	: > "$said.warnings"
	if [ "$(cat "$work/good-$seed" 2>/dev/null)" != "$key" ]; then
		say "randconfig: $seed of 20"
		{ configure "$seed" && compile; } > "$said" 2>&1 || good="not ok"
		! grep -E 'warning: |error: ' "$said" | grep -v '\.config:' > "$said.warnings" ||
			good="not ok"
	fi
	sed 's/^/# /' "$said.warnings"
	echo "$good $seed - KCONFIG_SEED=$seed"
	[ "$good" != ok ] || echo "$key" > "$work/good-$seed"
done
