#!/bin/sh
# Apply the series to a user's tree, as `git am` does, or leave it as it was.
set -eu
. "$(dirname "$0")/lib.sh"

say_usage() { die "$1" "expected: make am TREE=/path/to/a/git/tree/of/linux"; }

ugit() { git -C "$TREE" "$@"; }

# git am wants a committer; a machine without one gets one for this run only.
identify() {
	ugit var GIT_COMMITTER_IDENT > /dev/null 2>&1 || {
		GIT_COMMITTER_NAME=$(id -un)
		GIT_COMMITTER_EMAIL=$(id -un)@localhost
		export GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
	}
}

failed() {
	# git names only the first file that it has no common ancestor of.
	ugit am --show-current-patch=diff 2>/dev/null | ugit apply --check >> "$am_log" 2>&1 || true
	subject=$(ugit am --show-current-patch=raw 2>/dev/null | subject)
	files=$( (ugit diff --name-only --diff-filter=U
		sed -n 's/^error: patch failed: \(.*\):[0-9]*$/\1/p
		s/^	\(.*\)$/\1/p
		s/^error: \(.*\): \(does not exist in index\|already exists in .*\|patch does not apply\)$/\1/p
		' "$am_log") | sort -u | tr '\n' ' ')
	ugit am --abort > /dev/null 2>&1 || true
	ugit reset -q --merge "$before" 2>/dev/null || true
	sed '/^error: \(sha1 information\|could not build fake\)/d' "$am_log" |
		grep -E '^(error|CONFLICT)' >&2 || cat "$am_log" >&2
	rm -f "$am_log"
	[ "$(ugit rev-parse HEAD)" = "$before" ] ||
		die "could not undo git am in $TREE" "it was at commit $before"
	die "the series does not apply to $TREE" "the patch that does not: $subject" \
		"the files in question: ${files:-see above}" \
		"the tree is as it was before"
}

# The subjects that are not among the last commits of the tree
missing() {
	ugit log -n 1000 --format=%s > "$am_log"
	for patch in $patches; do
		subject < "$patch" | grep -vxFf "$am_log" || true
	done
}

[ -n "${TREE:-}" ] || say_usage "TREE is not set"
[ -d "$TREE" ] || say_usage "TREE=$TREE is not a directory"
TREE=$(realpath "$TREE")
gitdir=$(ugit rev-parse --absolute-git-dir 2>&1) ||
	die "TREE=$TREE is not a git tree that can be used; git says:" "$gitdir" \
		"expected: make am TREE=/path/to/a/git/tree/of/linux"
ugit cat-file -e HEAD:kernel/kthread.c 2>/dev/null || say_usage "TREE=$TREE is not a tree of Linux"
version=$(ugit show HEAD:Makefile | version_of)
target=$(base_for "$version")
oldest=
[ "$(printf '%s\n' "$version" "$target" | sort -V | head -n 1)" = "$target" ] ||
	oldest=", the oldest that there are"
say "am: $TREE is Linux $version: it gets the patches for $target$oldest"
patches=$(series_of "$target")
[ -n "$patches" ] || die "there are no patches in $PATCHES"
if [ -d "$gitdir/rebase-apply" ] || [ -d "$gitdir/rebase-merge" ]; then
	die "$TREE is in the middle of a git am or rebase" "finish or abort that first"
fi
if [ -n "$(ugit status --porcelain --untracked-files=no)" ]; then
	ugit status --short --untracked-files=no | head -n 10 >&2
	die "$TREE has changes that are not committed" "commit or stash them first"
fi
before=$(ugit rev-parse HEAD)
am_log=$(mktemp)
# One file a line: their path may have blanks.
IFS='
'
if [ -z "$(missing)" ]; then
	rm -f "$am_log"
	die "$TREE has the series already" "its last commits have the subjects of all patches"
fi
identify
# shellcheck disable=SC2086
ugit am -q --3way $patches > "$am_log" 2>&1 || failed
rm -f "$am_log"
say "am: $(printf '%s\n' "$patches" | wc -l) patches applied to $TREE, on $(ugit describe --always "$before")"
