# shellcheck shell=bash
# For scripts that run upstream kselftests: . /guest/upstream.sh

# What the suites want, and busybox and the guest do not have
use_tools() {
	mkdir -p /tmp/bin /mnt "/lib/modules/$(uname -r)/build"
	cat > /tmp/bin/sysctl <<-'END'
		#!/bin/sh
		exec busybox sysctl $(echo "$@" | sed s/--values/-n/)
	END
	chmod +x /tmp/bin/sysctl
	export PATH=/tmp/bin:$PATH DEFAULT_KMOD_FS=binfmt_misc
}
