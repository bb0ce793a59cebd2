# shellcheck shell=sh
# What all the scripts share: settings, messages, where things are.
# Read with: . "$(dirname "$0")/lib.sh"

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
tools=$top/tools
: "${BASE:=7.2}" "${ARCH:=x86_64}" "${CONFIG:=default}" "${KERNEL_TREE:=}" "${COMPILER:=gcc}"
: "${JOBS:=$(nproc)}" "${BUILD:=$top/build}" "${PATCHES:=$top/patches}"
BUILD=$(realpath -m "$BUILD")
PATCHES=$(realpath -m "$PATCHES")
export BASE ARCH CONFIG KERNEL_TREE JOBS BUILD PATCHES COMPILER

# Variables given to our make are not meant for the kernel's.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKE_TERMOUT MAKE_TERMERR
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
# Messages are looked at by the scripts, and files are sorted.
LC_ALL=C
export LC_ALL

say() { printf '%s\n' "$*" >&2; }

die() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	shift
	for line; do printf '    %s\n' "$line" >&2; done
	exit "${own_error:-1}"
}

# Field $3 of the line of table $1 whose first field is $2.
field() {
	awk -v key="$2" -v n="$3" '$1 == key { print $n; exit }' "$tools/$1"
}

keys() { awk '!/^#/ && NF { printf "%s%s", sep, $1; sep = " " }' "$tools/$1"; }

check_settings() {
	[ -n "$KERNEL_TREE" ] || [ -n "$(field bases "$BASE" 2)" ] ||
		die "BASE=$BASE is not known" \
		    "known: $(keys bases) (tools/bases)" \
		    "for another kernel give its tree: KERNEL_TREE=/path/to/linux"
	[ -n "$(field arches "$ARCH" 2)" ] ||
		die "ARCH=$ARCH is not known" "known: $(keys arches) (tools/arches)"
	[ "$CONFIG" = default ] || [ -f "$top/kernel-config/$CONFIG.config" ] ||
		die "CONFIG=$CONFIG is not known" \
		    "expected 'default' or a fragment, kernel-config/$CONFIG.config; there are: $(
		    basename -a -s .config "$top/kernel-config"/*.config |
			grep -vxE "base|test|records|linux-.*|$(keys arches | tr ' ' '|')" | xargs)"
	number JOBS "$JOBS" jobs
	number SMP "${SMP:=2}" CPUs
	number MEM "${MEM:=1024}" MB
	number STORM "${STORM:=120}" seconds
	check_accel
}

# In CI, is it too late to begin anything else?
is_late() {
	[ -n "${CI_BEGAN:-}" ] && [ $(($(date +%s) - CI_BEGAN)) -gt $((CI_MINUTES * 60)) ]
}

number() {
	case $2 in
	''|*[!0-9]*|0*) die "$1=$2 is not a number of $3" "expected 1 or more, digits only" ;;
	esac
}

# Whether KVM works as well is seen when the kernel is there: tools/accel.py.
check_accel() {
	case ${ACCEL:=auto} in
	auto|tcg) ;;
	kvm)
		[ -w /dev/kvm ] ||
			die "ACCEL=kvm: /dev/kvm is not there, or not to be written" \
			    "expected a machine with KVM, or ACCEL=tcg"
		;;
	*) die "ACCEL=$ACCEL is not known" "expected auto, kvm or tcg" ;;
	esac
}

# A short name for the tree: the base, or the user's tree and its hash.
tree_name() {
	if [ -z "$KERNEL_TREE" ]; then
		echo "$BASE"
	else
		printf '%s-%s\n' "$(basename "$KERNEL_TREE" | tr -c 'A-Za-z0-9.\n' _)" \
			"$(realpath -m "$KERNEL_TREE" | cksum | cut -d' ' -f1)"
	fi
}

check_settings
name=$(tree_name)
# shellcheck disable=SC2034 # for the scripts that read this
{
# make check builds elsewhere, with more fragments: it says where and which.
tree=${SOURCE_DIR:-$BUILD/tree-$name}
state=$BUILD/state-$name
kernel=${KERNEL_DIR:-$BUILD/kernel-$name-$ARCH-$CONFIG}
guest=${GUEST_DIR:-$BUILD/guest-$name-$ARCH-$CONFIG}
log=$BUILD/log
}

# "7.2", from a kernel's Makefile on stdin
version_of() {
	awk -F ' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { p = $2 }
		NR > 6 { exit } END { print v "." p }'
}

# The base whose patches a kernel takes: the newest that is not newer than it; the
# oldest, if all are.
base_for() {
	{ keys bases | xargs -n 1; echo "$1 this"; } | sort -V |
		awk 'NF == 2 { if (base) exit; here = 1; next } { base = $1 } here { exit }
			END { print base }'
}

# The base that the patches of the tree are for
series_base() {
	if [ -z "$KERNEL_TREE" ]; then
		echo "$BASE"
	else
		base_for "$(version_of < "$tree/Makefile")"
	fi
}

# The patches of the first base in order, without the cover letter
first_series() {
	find "$PATCHES" -maxdepth 1 -name '[0-9]*.patch' ! -name '0000-*' 2>/dev/null | sort
}

# series_of BASE: its patches in order.  A base that does not take those of the first
# one as they are has a list: see Documentation/tools.md.
series_of() {
	list=$PATCHES/series-$1
	if [ -f "$list" ]; then
		awk '!/^#/ && NF { print ENVIRON["PATCHES"] "/" $1 }' "$list"
	else
		first_series
	fi
}

# The patches of the tree
series() { series_of "$(series_base)"; }

# What a patch says and does, without where in the file and which of how many: the
# same text means that one will do for both bases.
essence() {
	sed -e 1d -e 's/^Subject: \[PATCH[^]]*\]/Subject:/' -e '/^index [0-9a-f]*\.\./d' \
		-e 's/^@@ -[0-9,]* +[0-9,]* @@.*/@@/' "$1"
}

# The patch of the first base with the name of this one, whatever their numbers
counterpart() {
	name_of=${1##*/}
	find "$PATCHES" -maxdepth 1 -name "[0-9]*-${name_of#*-}" ! -name '0000-*'
}

# git as the project wants it, whatever the user's own settings are.
tgit() {
	git -C "$tree" -c core.hooksPath=/dev/null -c commit.gpgSign=false \
	    -c core.abbrev=12 -c gc.auto=0 -c advice.detachedHead=false \
	    -c core.autocrlf=false -c core.safecrlf=false "$@"
}

# The branch of the series in the tree.  In a worktree it is one among the user's
# branches, and has a name of its own.
series_branch() {
	if [ -f "$tree/.git" ] || { [ ! -e "$tree/.git" ] && [ -d "$KERNEL_TREE" ]; }; then
		echo "kthread-series-$(printf %s "$tree" | cksum | cut -d' ' -f1)"
	else
		echo series
	fi
}

# drop_work HEAD: the command that makes the tree what patches/ gave.  It touches no
# other branch.
drop_work() {
	echo "git -C '$tree' checkout -f -B $(series_branch) $1 && git -C '$tree' clean -fd"
}

# check_repository STATE: a worktree needs the repository that it belongs to.
check_repository() {
	git_says=$(tgit rev-parse HEAD 2>&1) || die "git cannot read $tree" "$git_says" \
		"if its repository was moved: git -C /new/place worktree repair '$tree'" \
		"to give up what is in it: rm -r '$tree' '$1'"
}

# The subject of a patch from stdin, on one line
subject() { git mailinfo /dev/null /dev/null 2>/dev/null | sed -n 's/^Subject: //p'; }

# Commits of the tools have a fixed name and time: the same patches on the same
# source are the same commits.
as_tools() {
	GIT_AUTHOR_NAME=${GIT_AUTHOR_NAME:-series} \
	GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL:-series@localhost} \
	GIT_COMMITTER_NAME=series GIT_COMMITTER_EMAIL=series@localhost "$@"
}

# need_space DIR MEGABYTES WHAT
need_space() {
	mkdir -p "$1" 2>/dev/null ||
		die "cannot make the directory $1" "expected a place to write $3 to"
	[ -w "$1" ] || die "$1 cannot be written to" \
		"expected a place to write $3 to: name another with BUILD=/path"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$2" ] ||
		die "no space: $3 needs $2 MB, $1 has $free MB left" \
		    "make room there, or name another place with BUILD=/path"
}

# A file and the libraries it wants, at their place under the root $1.
add_program() {
	{
		echo "$2"
		ldd "$2" 2>/dev/null | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }'
	} | while read -r file; do
		place=$(echo "$file" | sed 's|^/usr/|/|')
		mkdir -p "$1/usr${place%/*}"
		copy -L "$file" "$1/usr$place"
	done
}

# copy OPTION... FROM TO: what is there is replaced. Without the option, cp writes
# through a link that is there, maybe to a file of this machine.
copy() { cp --remove-destination "$@"; }

# The busybox $2 has what nothing else in the root $1 has. The links stay inside of it.
link_applets() {
	"$2" --list-full | while read -r applet; do
		place=$1/usr/${applet#usr/}
		[ ! -d "${place%/*}" ] || [ -e "$place" ] || ln -sf ../bin/busybox "$place"
	done
	# busybox's insmod and modprobe load a module that fails a second time.
	for tool in depmod insmod lsmod modinfo modprobe rmmod; do
		ln -sf ../bin/kmod "$1/usr/sbin/$tool"
	done
}

# The directory $1 as an initramfs
archive() {
	(cd "$1" && find . -mindepth 1 | sort |
		cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -1n
}

hash_of() { sha256sum | cut -c1-16; }

# What goes before the names of the compiler and its tools
cross_prefix() { field arches "$ARCH" 3 | sed 's/^-$//'; }

compiler() { echo "$(cross_prefix)$COMPILER"; }

# Is CONFIG_$1 on in the kernel?
has_option() { grep -q "^CONFIG_$1=y" "$kernel/.config"; }

# The kernel's make, without what our own variables would do to it.
kmake() {
	env -u BASE -u CONFIG -u TREE -u SMP -u MEM -u BUILD -u ARCH \
		make -C "$tree" O="$kernel" ARCH="$(field arches "$ARCH" 2)" \
		CROSS_COMPILE="$(cross_prefix)" CC="ccache $(compiler)" \
		HOSTCC="ccache gcc" LOCALVERSION= KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_USER=series KBUILD_BUILD_HOST=localhost \
		-j"$JOBS" "$@"
}

# Objects are kept where ccache keeps those of all projects, out of build/. Below this,
# names of files are relative: another clone, or another tree, finds them again.
: "${CCACHE_BASEDIR:=$BUILD}"
export CCACHE_BASEDIR
