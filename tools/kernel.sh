#!/bin/sh
# Configure and build the kernel of the tree; "kernel.sh configure" does no more
# than the former, and "kernel.sh fragments" names what the configuration is made of.
set -eu
. "$(dirname "$0")/lib.sh"

fragments() {
	for part in base test "$ARCH" "linux-$(series_base)"; do
		[ ! -f "$top/kernel-config/$part.config" ] || echo "$top/kernel-config/$part.config"
	done
	[ ! -f "$tree/tools/testing/selftests/kthread/config" ] ||
		echo "$tree/tools/testing/selftests/kthread/config"
	! ls "$tree"/kernel/kthread*_kunit.c > /dev/null 2>&1 ||
		echo "$top/kernel-config/records.config"
	[ "$CONFIG" = default ] || echo "$top/kernel-config/$CONFIG.config"
	[ -z "${MORE_CONFIG:-}" ] || echo "$MORE_CONFIG"
}

# What the configuration depends on: the fragments, and Kconfig as it is.
config_key() {
	{
		# shellcheck disable=SC2046
		cat $(fragments) "$tools/kernel.sh"
		tgit ls-files -s -- '*Kconfig*'
		tgit diff HEAD -- '*Kconfig*'
		"$(compiler)" --version
	} | hash_of
}

configure() {
	say "kernel: configuring $kernel"
	: > "$log/config-$CONFIG.log"
	kmake -s tinyconfig >> "$log/config-$CONFIG.log" 2>&1 || config_failed tinyconfig
	# shellcheck disable=SC2046
	(cd "$tree" && scripts/kconfig/merge_config.sh -m -O "$kernel" \
		"$kernel/.config" $(fragments)) >> "$log/config-$CONFIG.log" 2>&1 || config_failed merge_config.sh
	kmake -s olddefconfig >> "$log/config-$CONFIG.log" 2>&1 || config_failed olddefconfig
	# shellcheck disable=SC2046
	"$tools/config-took.awk" "$kernel/.config" $(fragments) ||
		die "the configuration is not what was asked for" \
		    "see what the symbol depends on: grep -rn 'config SYMBOL' --include='Kconfig*' $tree"
	config_key > "$kernel/config-key"
}

config_failed() {
	tail -n 20 "$log/config-$CONFIG.log" >&2
	die "$1 failed" "whole log: $log/config-$CONFIG.log"
}

# Where few options differ, most of what the default configuration has compiled will do:
# kbuild compiles again what depends on one that differs, if it finds itself where the
# rest was made.
take_over() {
	from=$BUILD/kernel-$name-$ARCH-default
	[ "$CONFIG" != default ] && [ -z "${KERNEL_DIR:-}" ] && [ ! -e "$kernel/.config" ] &&
		[ -f "$from/vmlinux" ] || return 0
	say "kernel: taking over what the default configuration has compiled"
	flock "$from.lock" cp -a "$from/." "$kernel/"
	rm -f "$kernel/config-key" "$kernel/vmlinux"
	grep -rlZ --include='*.cmd' --include='*.d' "$from" "$kernel" |
		xargs -0 -r sed -i "s|$from/|$kernel/|g"
}

# UT=1 reports tracepoints that nothing calls; it costs nothing here.
compile() {
	"$tools/progress.py" kernel "$log/kernel-$name-$CONFIG.log" \
		"$tools/kmake.sh" UT=1 all
}

if [ "${1:-}" = fragments ]; then
	fragments
	exit
fi
mkdir -p "$kernel" "$log"
# Two builds in one place spoil each other.
exec 9> "$kernel.lock"
flock -n 9 || say "kernel: waiting for another build in $kernel"
flock 9
[ -f "$kernel/vmlinux" ] || need_space "$BUILD" 1000 "building the kernel"
[ -e "$tree/.git" ] || die "there is no kernel tree in $tree" "run 'make tree' first"
take_over
[ "$(cat "$kernel/config-key" 2>/dev/null)" = "$(config_key)" ] || configure
[ "${1:-}" = configure ] || compile
