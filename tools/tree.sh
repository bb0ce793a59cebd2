#!/bin/sh
# Make the git tree that is worked in: the base as one commit (or the user's
# commit), then the series.  Work in it that is not in patches/ is never lost:
# where that would have to be, this says so and stops.
#
#   tree.sh              the tree must be what patches/ says
#   tree.sh --keep-work  a tree with work on top of patches/ will do
set -eu
. "$(dirname "$0")/lib.sh"

keep_work=${1:-}
# state/base, state/head: the commits; state/patches/: the series as applied;
# state/applying: we are at it, what is in the tree is ours.  The same says
# $making while the tree is made.
making=$BUILD/making-$name

unpack() {
	mkdir -p "$log"
	extract "$1" "$2" 2> "$log/unpack.log" || unpack_failed "$1" "$2"
	[ -f "$2/kernel/kthread.c" ] ||
		die "$1 has no kernel in it" "expected a source tree with kernel/kthread.c"
}

extract() {
	case $1 in
	*.deb)
		dpkg-deb --fsys-tarfile "$1" |
			tar -x -O --wildcards './usr/src/linux-source-*.tar.*' |
			tar -x -J --strip-components=1 -C "$2"
		;;
	*)
		tar -x -f "$1" --strip-components=1 -C "$2"
		;;
	esac
}

unpack_failed() {
	# The log may have had no space either.
	left=$(df -Pm "$BUILD" | awk 'NR == 2 { print $4 }')
	rm -rf "$2"
	if [ "$left" -lt 20 ] || grep -q 'No space left' "$log/unpack.log"; then
		die "no space left while $1 was unpacked in $BUILD" \
		    "make room there, or name another place with BUILD=/path"
	fi
	die "$1 cannot be unpacked: $(head -n 1 "$log/unpack.log")" \
		"expected a tarball of a kernel's source" "all that was said: $log/unpack.log"
}

# Debian's .gitignore ignores every file at the top and all below it: new files
# would neither be seen as work nor be added.
mend_gitignore() {
	[ ! -f "$1/.gitignore" ] || sed -i '\|^/\*$|d' "$1/.gitignore"
}

commit_base() {
	git -C "$1" init -q -b series
	# A rebase of a person's git would collect 95,000 objects, again and again.
	git -C "$1" config gc.auto 0
	mend_gitignore "$1"
	git -C "$1" -c core.autocrlf=false add -A -f .
	version=$(kernel_version "$1")
	GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000' as_tools \
		git -C "$1" -c core.hooksPath=/dev/null -c commit.gpgSign=false -c gc.auto=0 \
		commit -q -m "Linux $version"
	git -C "$1" tag base
}

kernel_version() {
	awk -F ' *= *' '$1 == "VERSION" { v = $2 } $1 == "PATCHLEVEL" { p = $2 }
		$1 == "SUBLEVEL" { s = $2 } $1 == "EXTRAVERSION" { e = $2 }
		NR > 6 { exit } END { print v "." p "." s e }' "$1/Makefile"
}

# In a directory of another name until it is whole.
tree_from_archive() {
	# What an interrupted run has left is not in use.
	rm -rf "$tree.new"
	need_space "$BUILD" 4000 "a kernel tree"
	mkdir -p "$tree.new"
	say "tree: unpacking $(basename "$1")"
	unpack "$1" "$tree.new"
	say "tree: $(kernel_version "$tree.new"), adding it to git (half a minute)"
	commit_base "$tree.new"
	rm -rf "$state" "$tree"
	mv "$tree.new" "$tree"
}

tree_from_git() {
	git_says=$(git -C "$KERNEL_TREE" rev-parse --git-dir 2>&1) ||
		die "KERNEL_TREE=$KERNEL_TREE is not a git tree that can be used; git says:" "$git_says" \
		    "expected a git repository of Linux, or a tarball of its source"
	git -C "$KERNEL_TREE" cat-file -e HEAD:kernel/kthread.c 2>/dev/null ||
		die "KERNEL_TREE=$KERNEL_TREE is not a Linux tree" \
		    "expected kernel/kthread.c in its commit HEAD"
	rm -rf "$tree"
	need_space "$BUILD" 2000 "a worktree of the kernel"
	say "tree: a worktree of $KERNEL_TREE at $(git -C "$KERNEL_TREE" log -1 --format='%h (%s)')"
	rm -rf "$state"
	git -C "$KERNEL_TREE" worktree prune
	git -C "$KERNEL_TREE" -c core.hooksPath=/dev/null worktree add -q --force \
		-B "$(series_branch)" "$tree" HEAD
}

create_tree() {
	[ -f "$making" ] || [ ! -e "$tree" ] ||
		die "$tree is there, and what it was made from is not known any more" \
		    "expected $state beside it; move the tree away if there is work in it, else remove it"
	mkdir -p "$BUILD"
	touch "$making"
	if [ -z "$KERNEL_TREE" ]; then
		archive=$("$tools/source.sh")
		tree_from_archive "$archive"
	elif [ -d "$KERNEL_TREE" ]; then
		tree_from_git
	elif [ -f "$KERNEL_TREE" ]; then
		tree_from_archive "$KERNEL_TREE"
	else
		die "KERNEL_TREE=$KERNEL_TREE does not exist" \
		    "expected a git tree of Linux or a tarball of its source"
	fi
	start_state
	rm -f "$making"
}

# The state of a tree that has nothing of the series.
start_state() {
	rm -rf "$state.new"
	mkdir -p "$state.new/patches"
	: > "$state.new/patches/series"
	tgit rev-parse HEAD | tee "$state.new/base" > "$state.new/head"
	rm -rf "$state"
	mv "$state.new" "$state"
}

# What the tree has that patches/ (as applied) does not have; nothing if none.
work_in_tree() {
	branch=$(tgit symbolic-ref -q --short HEAD || echo 'no branch')
	[ "$branch" = "$(series_branch)" ] ||
		echo "is on $branch, expected the branch $(series_branch)"
	head=$(cat "$state/head")
	if [ "$(tgit rev-parse HEAD)" != "$head" ]; then
		echo "has other commits than patches/ gave:"
		tgit log --oneline -n 10 "$head..HEAD"
	fi
	tgit status --porcelain > "$state/status"
	if [ -s "$state/status" ]; then
		echo "has changes that are not committed:"
		head -n 10 "$state/status"
	fi
}

refuse() {
	printf '%s\n' "$work" | sed "s|^|tree: |" >&2
	die "$tree has work that is not in patches/, and is left as it is" \
	    "to keep the work: commit it, then 'make series'" \
	    "to drop it: $(drop_work "$(cat "$state/head")")"
}

# The commit of the user's tree, if it is not the base any more
moved_base() {
	[ -d "$KERNEL_TREE" ] || return 0
	git -C "$KERNEL_TREE" rev-parse HEAD 2>/dev/null | grep -vx "$(cat "$state/base")" || true
}

move_base() {
	say "tree: $KERNEL_TREE has moved to $(tgit log -1 --format='%h (%s)' "$1"): the base from now on"
	touch "$state/applying"
	keep_commits
	tgit reset -q --hard "$1"
	start_state
}

# Commits that are not to be on the branch any more stay under a name: patches/ may
# not have them all.
keep_commits() {
	[ "$(cat "$state/base")" != "$(cat "$state/head")" ] || return 0
	kept=refs/worktree/before/$(tgit rev-parse --short HEAD)
	tgit update-ref "$kept" HEAD
	say "tree: the commits so far stay: git -C '$tree' log $kept"
}

# How many patches, from the first on, are the same as when they were applied.
same_patches() {
	n=0
	for patch in $(series); do
		cmp -s "$patch" "$state/patches/${patch##*/}" || break
		[ "$(sed -n "$((n + 1))p" "$state/patches/series" 2>/dev/null)" = "${patch##*/}" ] ||
			break
		n=$((n + 1))
	done
	echo "$n"
}

in_step() {
	[ "$(same_patches)" -eq "$(series | wc -l)" ] &&
		[ "$(same_patches)" -eq "$(wc -l < "$state/patches/series")" ]
}

# Only the files that the patches touch are written: the next build has little
# to do.
apply() {
	keep=$(same_patches)
	old=$(cat "$state/head")
	from=$( (cat "$state/base"; tgit rev-list --reverse "$(cat "$state/base")..$old") |
		sed -n "$((keep + 1))p")
	touch "$state/applying"
	[ "$from" = "$old" ] || keep_commits
	tgit reset -q --hard "$from"
	patches=$(series | tail -n +"$((keep + 1))")
	if [ -n "$patches" ]; then
		say "tree: applying $(printf '%s\n' "$patches" | wc -l) of $(series | wc -l) patches"
		# shellcheck disable=SC2086
		GIT_CONFIG_GLOBAL=/dev/null as_tools git -C "$tree" \
			-c safe.directory="$tree" -c core.hooksPath=/dev/null \
			-c commit.gpgSign=false -c gc.auto=0 -c core.autocrlf=false \
			am -q --3way --committer-date-is-author-date $patches \
			> "$state/am.log" 2>&1 || apply_failed
	fi
	save_state
}

apply_failed() {
	tgit diff --name-only --diff-filter=U | sed 's/^/error: conflict in /' >> "$state/am.log"
	# git names only the first file that it has no common ancestor of.
	tgit am --show-current-patch=diff 2>/dev/null | tgit apply --check >> "$state/am.log" 2>&1 || true
	sed '/^error: \(sha1 information\|could not build fake\)/d' "$state/am.log" |
		grep -E '^(error|Patch failed|CONFLICT)' >&2 || cat "$state/am.log" >&2
	failed=$(tgit am --show-current-patch=raw 2>/dev/null | subject)
	now="as it was before"
	[ "$old" != "$(cat "$state/base")" ] || now="its base, without the series"
	tgit am -q --abort || true
	tgit reset -q --hard "$old"
	rm -f "$state/applying"
	die "the series does not apply to $tree ($(kernel_version "$tree"))" \
	    "the patch that does not: $failed" \
	    "the tree is $now; mend patches/, or name the base that they are for" \
	    "if it cannot fit all bases: Documentation/carrying-on.md, 'Another base'"
}

save_state() {
	"$tools/state.sh"
	rm -f "$state/applying"
	say "tree: $tree, $(kernel_version "$tree") and $(series | wc -l) patches"
	"$tools/backports.sh" "$(series_base)" >&2
}

# Broken off while applying: everything in the tree since then is ours.
recover() {
	say "tree: a run before this one broke off; starting again from what it had"
	tgit am -q --abort 2>/dev/null || true
	tgit reset -q --hard "$(cat "$state/head")"
	rm -f "$state/applying"
}

case $top$BUILD in
*[[:space:]:]*)
	die "the kernel cannot be built here: its make takes no blank and no colon in a path" \
	    "the paths: $top and $BUILD" "'make am' works everywhere"
	;;
esac
need_space "$BUILD" 1 "the kernel tree"
# Two of these for one tree spoil it. What git leaves running in the background does not
# keep the lock.
if [ "${TREE_LOCKED:-}" != "$tree" ]; then
	mkdir -p "$BUILD"
	flock -n "$making.lock" true || say "tree: waiting for another one that makes $tree"
	export TREE_LOCKED="$tree"
	exec flock -o "$making.lock" "$0" "$@"
fi
if [ ! -f "$state/head" ] || [ ! -e "$tree/.git" ]; then
	create_tree
fi
check_repository "$state"
[ ! -f "$state/applying" ] || recover
work=$(work_in_tree)
moved=$(moved_base)
[ -z "$moved" ] || [ -z "$work" ] ||
	say "tree: $KERNEL_TREE is at another commit now, $tree is not: it follows when its work is in patches/"
if [ -z "$work" ]; then
	[ -z "$moved" ] || move_base "$moved"
	in_step || apply
elif [ "$keep_work" = --keep-work ] && in_step; then
	say "tree: $tree has work that is not in patches/: taken as it is"
else
	refuse
fi
