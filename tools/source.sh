#!/bin/sh
# Fetch the base kernel's source package and print the path of the package.
#
# The machine's own release does not list it.  So apt works here with a state
# of its own, over the machine's mirror, on newer suites; apt checks the
# signatures against Debian's keyring.  Nothing of the machine's apt changes.
set -eu
. "$(dirname "$0")/lib.sh"

dir=$BUILD/source/$BASE
package=$(field bases "$BASE" 2)
suites=$(awk -v b="$BASE" '$1 == b { for (i = 3; i <= NF; i++) printf "%s ", $i }' "$tools/bases")
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The first repository that apt knows: apt's options, then conditions.
# shellcheck disable=SC2016 # $(REPO_URI) is apt's, not the shell's
repository() {
	# shellcheck disable=SC2086
	apt-get $1 indextargets --format '$(REPO_URI)' 'Created-By: Packages' ${2:+"$2"} 2>/dev/null |
		grep -v security | head -n 1
}

# Where this machine gets Debian from.  A machine that has never run
# "apt-get update" does not know whose its sources are: then one is run, beside
# the machine's own state.  A mirror may have a name of its own.
mirror() {
	uri=$(repository '' 'Label: Debian')
	[ -n "$uri" ] || uri=$(mirror_of_new_machine)
	[ -n "$uri" ] || uri=$(repository '' '')
	printf '%s\n' "$uri"
}

mirror_of_new_machine() {
	own="-o Dir::State=$dir/apt/machine -o Dir::State::status=/var/lib/dpkg/status"
	own="$own -o Dir::Cache=$dir/apt/cache -o APT::Sandbox::User=root"
	mkdir -p "$dir/apt/machine/lists/partial" "$dir/apt/cache/archives/partial"
	# shellcheck disable=SC2086
	apt-get -q $own update > "$dir/apt/machine.log" 2>&1 || true
	repository "$own" 'Label: Debian'
}

private_apt() {
	apt-get -q -o Dir::Etc::sourcelist="$dir/apt/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null -o Dir::State="$dir/apt/state" \
		-o Dir::State::status=/var/lib/dpkg/status \
		-o Dir::Cache="$dir/apt/cache" -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o Acquire::PDiffs=false \
		-o Acquire::Retries=2 -o APT::Get::List-Cleanup=true "$@"
}

write_sources() {
	uri=$(mirror)
	[ -n "$uri" ] || die "this machine's apt names no Debian mirror" \
		"expected a 'deb' line or a .sources file for Debian in /etc/apt" \
		"or give a kernel tree: KERNEL_TREE=/path/to/linux"
	mkdir -p "$dir/apt/state/lists/partial" "$dir/apt/cache/archives/partial"
	for suite in $suites; do
		printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$uri" "$suite"
	done > "$dir/apt/sources.list"
}

no_source() {
	grep -E '^(E|W|Err)' "$dir/apt/log" | head -n 6 >&2
	die "$1" "expected: a network (or apt's proxy), and a mirror with one of: $suites" \
		"without a network give a kernel tree or tarball: KERNEL_TREE=/path/to/linux" \
		"whole log: $dir/apt/log"
}

# Suites that the mirror does not have make the update fail, and the others
# usable: whether the package is to be had is what counts.
fetch() {
	write_sources
	say "source: looking for $package in $suites"
	private_apt update > "$dir/apt/log" 2>&1 || true
	private_apt --print-uris download "$package" > "$dir/apt/uris" 2>> "$dir/apt/log" ||
		no_source "apt finds no package $package"
	need_space "$dir" 400 "the kernel's source package"
	rm -rf "$dir/new"
	mkdir "$dir/new"
	say "source: downloading $(awk '{ print $2; exit }' "$dir/apt/uris")"
	(cd "$dir/new" && private_apt download "$package" >> "$dir/apt/log" 2>&1) ||
		no_source "apt could not download $package"
	mv "$dir/new/$package"_*.deb "$dir/"
	rm -rf "$dir/new"
}

have() { find "$dir" -maxdepth 1 -name "$package"'_*.deb' 2>/dev/null | sort | head -n 1; }

[ -n "$(have)" ] || fetch
have
