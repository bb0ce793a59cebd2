#!/bin/sh
# Remove what was generated.  Trees with work that is not in patches/ stay, and
# so does everything else then.
set -eu
. "$(dirname "$0")/lib.sh"

# The branches that go with the tree, and have commits that patches/ has not.  In a
# user's repository all other branches are left.
branches_with_work() {
	refs=refs/heads
	[ -d "$tree/.git" ] || refs=refs/heads/$(series_branch)
	tgit for-each-ref --format='%(refname:short)' --no-merged "$1" "$refs"
}

has_work() {
	check_repository "$dir"
	[ "$(tgit rev-parse HEAD)" = "$head" ] || return 0
	[ -z "$(tgit status --porcelain)" ] || return 0
	[ -n "$(branches_with_work "$head")" ]
}

refuse() {
	set -- "$tree has work that is not in patches/; nothing was removed" \
		"to keep the work: commit it, 'make series'; then 'make clean' again" \
		"to drop it: $(drop_work "$head")"
	for branch in $(branches_with_work "$head"); do
		[ "$branch" = "$(series_branch)" ] ||
			set -- "$@" "and the branch $branch: git -C '$tree' branch -D $branch"
	done
	die "$@"
}

# A worktree is known to the user's repository, which must forget it, and the
# branch that was made for it.
forget_worktree() {
	[ -f "$tree/.git" ] || return 0
	common=$(tgit rev-parse --git-common-dir)
	branch=$(series_branch)
	git --git-dir="$common" worktree remove --force "$tree"
	say "clean: took the worktree $tree out of $common"
	git --git-dir="$common" show-ref -q --verify "refs/heads/$branch" || return 0
	git --git-dir="$common" branch -q -D "$branch"
	say "clean: and its branch $branch"
}

[ -d "$BUILD" ] || { say "clean: there is nothing in $BUILD"; exit 0; }
# Each tree with the state that tree.sh keeps beside it.
for dir in "$BUILD"/state-*; do
	tree=$BUILD/tree-${dir##*/state-}
	[ -e "$tree/.git" ] || continue
	[ -f "$dir/head" ] || continue
	head=$(cat "$dir/head")
	! has_work || refuse
done
size=$(du -sm "$BUILD" | cut -f1)
for dir in "$BUILD"/state-*; do
	tree=$BUILD/tree-${dir##*/state-}
	forget_worktree
done
# By name: BUILD may be a directory that has other things in it.
for entry in "$BUILD"/source "$BUILD"/log "$BUILD"/run \
	"$BUILD"/tree-* "$BUILD"/state-* "$BUILD"/kernel-* "$BUILD"/guest-* \
	"$BUILD"/check-* "$BUILD"/tests-* "$BUILD"/accel-* "$BUILD"/making-* \
	"$BUILD"/bench-* "$BUILD"/mutants-* "$BUILD"/uml-* "$BUILD"/fuzz "$BUILD"/mbox \
	"$BUILD"/matrix-* "$BUILD"/matrix.lock "$BUILD"/random-* "$BUILD"/field-* \
	"$BUILD"/regress-* "$BUILD"/hung-* "$BUILD"/ci-*; do
	[ -e "$entry" ] || continue
	rm -rf "$entry"
	say "clean: removed $entry"
done
rmdir "$BUILD" 2>/dev/null || true
say "clean: there were $size MB in $BUILD"
