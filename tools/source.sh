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
. "$tools/apt.sh"

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
