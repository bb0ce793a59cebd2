#!/bin/sh
# Remove what was generated.  Trees with work that is not in patches/ stay, and
# so does everything else then.
set -eu
. "$(dirname "$0")/lib.sh"

# Each tree with the state that tree.sh keeps beside it.
states() { find "$BUILD" -maxdepth 1 -type d -name 'state-*' 2>/dev/null; }

has_work() {
	tree=$BUILD/tree-${1##*/state-}
	[ -e "$tree/.git" ] || return 1
	[ "$(tgit rev-parse HEAD)" = "$(cat "$1/head")" ] || return 0
	[ -z "$(tgit status --porcelain)" ] || return 0
	# Commits on other branches are somebody's work, too.
	[ "$(tgit rev-parse --git-common-dir)" = .git ] || return 1
	[ -n "$(tgit rev-list --branches --not "$(cat "$1/head")" | head -n 1)" ]
}

# A worktree is known to the user's repository, which must forget it, and the
# branch that was made for it.
forget_worktree() {
	common=$(tgit rev-parse --git-common-dir)
	[ "$common" != .git ] || return 0
	branch=$(tgit symbolic-ref -q --short HEAD || true)
	git --git-dir="$common" worktree remove --force "$tree"
	case $branch in
	kthread-series-*) git --git-dir="$common" branch -q -D "$branch" ;;
	esac
	say "clean: took the worktree $tree and its branch $branch out of $common"
}

[ -d "$BUILD" ] || { say "clean: there is nothing in $BUILD"; exit 0; }
for dir in $(states); do
	if has_work "$dir"; then
		die "$tree has work that is not in patches/; nothing was removed" \
			"to keep the work: commit it, 'make series'; then 'make clean' again" \
			"to drop it: git -C $tree checkout -f - ; git -C $tree reset --hard $(cat "$dir/head")"
	fi
done
size=$(du -sm "$BUILD" | cut -f1)
for dir in $(states); do
	tree=$BUILD/tree-${dir##*/state-}
	[ ! -e "$tree/.git" ] || forget_worktree
done
# By name: BUILD may be a directory that has other things in it.
for entry in "$BUILD"/source "$BUILD"/ccache "$BUILD"/log "$BUILD"/run \
	"$BUILD"/tree-* "$BUILD"/state-* "$BUILD"/kernel-* "$BUILD"/guest-* \
	"$BUILD"/check-* "$BUILD"/tests-* "$BUILD"/accel-* "$BUILD"/making-* \
	"$BUILD"/bench-* "$BUILD"/mutants-*; do
	[ -e "$entry" ] || continue
	rm -rf "$entry"
	say "clean: removed $entry"
done
rmdir "$BUILD" 2>/dev/null || true
say "clean: there were $size MB in $BUILD"
