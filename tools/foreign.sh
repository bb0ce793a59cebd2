#!/bin/sh
# Fetch the guest's programs for an architecture that is not this machine's, from the
# packages that have them here, and print the directory that they are in.
set -eu
. "$(dirname "$0")/lib.sh"

dir=$BUILD/source/$ARCH
root=$dir/root
apt_arch=$(field arches "$ARCH" 9)
# The machine's own release: the programs of the guest are the same everywhere.
# shellcheck disable=SC2016 # $(CODENAME) is apt's
suites=$(apt-get indextargets --format '$(CODENAME)' 'Created-By: Packages' 'Label: Debian' |
	head -n 1)
. "$tools/apt.sh"

# The program, and the libraries that it is linked with
files_of() {
	file=$(command -v "$1")
	echo "$file"
	ldd "$file" 2>/dev/null | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'
}

# Files of before /usr was merged are known to dpkg by their old names.
package_of() {
	for place in "$1" "${1#/usr}" "$(realpath "$1")"; do
		owner=$(dpkg-query -S "$place" 2>/dev/null) || continue
		echo "${owner%%:*}"
		return
	done
	die "no package of this machine has $1" "expected a Debian package, to fetch for $ARCH"
}

packages() {
	for program in busybox $(sed 's/ *#.*//; /^$/d' "$tools/guest-programs"); do
		files_of "$program"
	done | sort -u | while read -r file; do
		package_of "$file"
	done | sort -u
}

fetch() {
	write_sources
	say "foreign: fetching $(echo "$list" | wc -w) packages for $apt_arch"
	private_apt update > "$dir/apt/log" 2>&1 || true
	rm -rf "$dir/new" "$root.new"
	mkdir -p "$dir/new" "$root.new"
	# shellcheck disable=SC2086
	(cd "$dir/new" && private_apt download $list >> "$dir/apt/log" 2>&1) ||
		die "apt could not download $list for $apt_arch" "whole log: $dir/apt/log"
	for deb in "$dir/new"/*.deb; do
		dpkg-deb -x "$deb" "$root.new"
	done
	rm -rf "$root" "$dir/new"
	mv "$root.new" "$root"
	echo "$list" > "$dir/packages"
}

mkdir -p "$dir"
list=$(packages | xargs)
[ "$(cat "$dir/packages" 2>/dev/null)" = "$list" ] || fetch
echo "$root"
