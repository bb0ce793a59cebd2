#!/bin/sh
# Install the Debian packages of tools/packages that are missing.
set -eu
. "$(dirname "$0")/lib.sh"

wanted() {
	awk -v a="$ARCH" -v c="$COMPILER" \
		'!/^#/ && NF && ($3 == "all" || $3 == a || $3 == c) { print $1 }' "$tools/packages"
}

installed() {
	# Exit status 1 means that some are not known at all: those are missing.
	# shellcheck disable=SC2046
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' $(wanted) 2>/dev/null |
		awk '$2 == "installed" { print $1 }' | sort -u
}

missing() {
	have=$(mktemp)
	installed > "$have"
	wanted | sort -u | comm -23 - "$have"
	rm -f "$have"
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -- "$@"
	fi
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 \
		-o Acquire::Retries=3 "$@" < /dev/null > "$log/apt.log" 2>&1
}

cannot_install() {
	tail -n 8 "$log/apt.log" >&2
	die "$1" "$2" "still missing: $(missing | tr '\n' ' ')" "whole log: $log/apt.log"
}

install_packages() {
	[ "$(id -u)" -eq 0 ] || command -v sudo > /dev/null ||
		die "packages are missing, and this is neither root nor is there sudo" \
		    "as root: apt-get install $list"
	mkdir -p "$log"
	say "deps: installing $list"
	# An update that fails in part may still do: the install decides.
	apt update || say "deps: apt-get update failed; trying with the lists at hand"
	# shellcheck disable=SC2086
	apt install -y --no-install-recommends $list ||
		cannot_install "apt-get could not install all packages" \
			"expected: a network, and a package source that has them all"
	[ -z "$(missing)" ] || cannot_install "apt-get said it was done, and it is not" \
		"expected every package of tools/packages installed"
}

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
	say "deps: this is not Debian (no dpkg-query, apt-get): nothing is installed;" \
	    "needed are the packages of tools/packages under this system's names"
	exit 0
fi

list=$(missing | tr '\n' ' ')
[ -z "$list" ] || install_packages
