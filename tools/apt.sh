# shellcheck shell=sh
# apt with a state of its own in $dir/apt, over the machine's mirror: for $suites, and
# $apt_arch if it is not the machine's.  Read with: . "$tools/apt.sh"
# shellcheck disable=SC2154 # dir and suites are the reader's

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
		-o Acquire::Retries=2 -o APT::Get::List-Cleanup=true \
		${apt_arch:+-o APT::Architecture="$apt_arch" -o APT::Architectures="$apt_arch"} "$@"
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
