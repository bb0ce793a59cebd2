#!/bin/sh
# Write patches/ from the commits of the tree's branch: all of it for the first base of
# tools/bases; for another only what must differ there, and the list of what it takes.
#
# The same commits give the same bytes: no commit ids of this tree, no version
# of git, blob ids of a fixed length.  A tree that is what patches/ gave is left
# alone, so that a newer point release of the base rewrites nothing by itself.
# --force writes them all the same.
set -eu
. "$(dirname "$0")/lib.sh"

cover=$PATCHES/0000-cover-letter.patch

# The base by name, not by commit: the commit of an unpacked package means
# nothing elsewhere, and its point release moves.
base_note() {
	if [ -z "$KERNEL_TREE" ]; then
		echo "Base: Linux $BASE.y (Debian's $(field bases "$BASE" 2))"
	elif [ -d "$KERNEL_TREE" ]; then
		echo "base-commit: $base"
	else
		echo "Base: Linux $(awk '$1 == "VERSION" { v = $3 }
			$1 == "PATCHLEVEL" { print v "." $3; exit }' "$tree/Makefile").y"
	fi
}

format() {
	GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 tgit \
		-c safe.directory="$tree" -c diff.algorithm=histogram \
		-c diff.noprefix=false -c diff.mnemonicPrefix=false \
		-c diff.renames=true -c diff.context=3 -c format.useAutoBase=false \
		format-patch -q --zero-commit --no-signature --no-thread --stat=72 \
		--filename-max-length=64 -o "$new" "$@" "$base..HEAD"
}

# A long name and address on one line: b4 0.12 does not know a folded From header.
unfold_from() {
	sed -i '2 { N; s/^\(From: .*\)\n /\1 / }' "$new"/*.patch
}

# The hand-written part of the cover letter stays; the list of commits and the
# diffstat below it, which git wrote, are renewed.
refresh_cover() {
	awk -v authors="$(tgit log --format=%an "$base..HEAD" | sort -u)" \
	    -v fresh="$new/0000-cover-letter.patch" -v note="$(base_note)" '
	function is_list(line,    i) {
		for (i in author)
			if (index(line, author[i] " (") == 1 && line ~ /\([0-9]+\):$/)
				return 1
		return 0
	}
	BEGIN {
		split(authors, author, "\n")
		while ((getline line < fresh) > 0) {
			if (line ~ /^Subject: /)
				count = line
			if (is_list(line))
				on = 1
			if (on && line != "-- ")
				list = list line "\n"
		}
		sub(/\].*/, "]", count)
	}
	is_list($0) { exit }
	/^(Base|base-commit): / { next }
	/^Subject: \[/ && !seen++ { sub(/^Subject: \[[^]]*\]/, count) }
	/^From: / && !from++ { getline line; print $0 (line ~ /^ / ? line : "\n" line); next }
	{
		# Blank lines at the end of the hand-written part are not kept.
		if ($0 == "") { blank = blank "\n"; next }
		printf "%s%s\n", blank, $0
		blank = ""
	}
	END {
		sub(/\n+$/, "\n", list)
		printf "\n%s\n%s\n", list, note
	}' "$1" > "$new/cover"
	mv "$new/cover" "$new/0000-cover-letter.patch"
}

# Names of this machine do not belong into a patch; as a regular expression.
# /tmp is everybody's: only a message that names a file there is suspicious.
machine_paths() {
	printf '%s\n' "$top" "$(dirname "$top")" "$BUILD" "${HOME:-}" "${KERNEL_TREE:-}" |
		grep '^/.' | grep -vx /tmp | sort -u |
		sed 's|[].[*^$+?(){}|]|\\&|g; s|.*|(^\|[^[:alnum:]_./-])&/|'
}

# What was written by us: the header and message, then the added lines.
message() { awk '/^diff --git / { exit } { print FILENAME ": " $0 }' "$1" | sed "s|^$new/||"; }

added_lines() { awk '/^diff --git / { diff = 1 } diff && /^\+/ { print FILENAME ": " substr($0, 2) }' "$1" | sed "s|^$new/||"; }

look_for_mistakes() {
	machine_paths > "$new/.paths"
	for patch in "$new"/*.patch; do
		message "$patch" > "$new/.message"
		if grep -E ': Signed-off-by:' "$new/.message" >&2; then
			die "a patch has a Signed-off-by" \
				"expected none: only who submits a patch may sign it off; reword the commit"
		fi
		if grep -E -e '[^[:alnum:]_./-]/tmp/' -f "$new/.paths" "$new/.message" >&2 ||
			added_lines "$patch" | grep -E -f "$new/.paths" >&2; then
			die "a patch names a path of this machine" "expected none: edit the commit"
		fi
	done
	if tgit log --format=%s "$base..HEAD" | grep -E '^(fixup|squash|amend)!' >&2; then
		die "there are commits to be squashed" \
			"expected a finished series: git -C $tree rebase -i --autosquash base"
	fi
	rm -f "$new/.paths" "$new/.message"
}

start_writing() {
	new=$state/series
	rm -rf "$new"
	mkdir -p "$new" "$PATCHES"
}

write_patches() {
	start_writing
	format --cover-letter
	unfold_from
	look_for_mistakes
	if [ -f "$cover" ]; then
		refresh_cover "$cover"
	else
		refresh_cover "$new/0000-cover-letter.patch"
		say "series: there was no cover letter: write the subject and text of $cover"
	fi
	install_patches
}

# Files that are right already keep their time.
install_patches() {
	for old in "$PATCHES"/[0-9]*.patch; do
		[ -e "$new/${old##*/}" ] || rm -f "$old"
	done
	for patch in "$new"/*.patch; do
		cmp -s "$patch" "$PATCHES/${patch##*/}" || cp "$patch" "$PATCHES/"
	done
	rm -rf "$new"
	"$tools/state.sh"
	say "series: $(series | wc -l) patches in $PATCHES"
}

# What a base takes of patches/, and what it has of its own beside it
write_backport() {
	start_writing
	format
	unfold_from
	look_for_mistakes
	echo "# What Linux $target takes, in this order; by 'make series BASE=$target'. A patch of its
# own is followed by the hash of the patch of patches/ that it was made from." > "$new/series"
	for patch in "$new"/*.patch; do
		line=$(list_patch "$patch") || exit 1
		echo "$line" >> "$new/series"
	done
	install_backport
}

same() { [ -f "$2" ] && [ "$(essence "$1")" = "$(essence "$2")" ]; }

# list_patch PATCH: the line of the list. Who has no counterpart has no hash.
list_patch() {
	other=$(counterpart "$1")
	if [ -z "$other" ]; then
		echo "$target/${1##*/}"
	elif same "$1" "$other"; then
		rm "$1"
		echo "${other##*/}"
	else
		hash=$(made_from "$1" "$other") || exit 1
		echo "$target/${1##*/} $hash"
	fi
}

# made_from PATCH OTHER: the hash of what the patch was made from. One that has not
# changed since it was written was not made from what OTHER has become.
made_from() {
	mine=$(find "$PATCHES/$target" -name "[0-9]*-${1#"$new"/*-}" 2>/dev/null || true)
	if same "$1" "$mine"; then
		awk -v path="$target/${mine##*/}" '$1 == path { print $2 }' "$PATCHES/series-$target"
	elif same "$1" "$state/patches/${2##*/}"; then
		die "${2##*/} has changed, and the tree has it as it was" \
			"expected the change in the tree as well, or the old patch in patches/"
	else
		essence "$2" | hash_of
	fi
}

install_backport() {
	rm -rf "${PATCHES:?}/$target" "$PATCHES/series-$target"
	own=0
	for patch in "$new"/*.patch; do
		[ -e "$patch" ] || continue
		mkdir -p "$PATCHES/$target"
		mv "$patch" "$PATCHES/$target/"
		own=$((own + 1))
	done
	sed '/^#/d' "$new/series" > "$new/list"
	first_series | sed 's|.*/||' | cmp -s - "$new/list" || mv "$new/series" "$PATCHES/series-$target"
	rm -rf "$new"
	"$tools/state.sh"
	say "series: $(series | wc -l) patches for $target, $own of them its own"
}

# What make series writes: for another base than the first only its own
written() {
	if [ "$target" = "$first" ]; then
		series
	else
		series | grep -F "/$target/" || true
	fi
}

# The patches may have been edited since they were applied: writing them now
# would lose that.  A base that they did not apply to has been made to take them by hand.
patches_edited() {
	[ "$target" = "$first" ] || [ -s "$state/patches/series" ] || return 0
	for patch in $(written); do
		cmp -s "$patch" "$state/patches/${patch##*/}" || echo "${patch##*/}"
	done
}

[ -f "$state/head" ] || die "there is no kernel tree in $tree" "run 'make tree' first"
base=$(cat "$state/base")
target=$(series_base)
first=$(keys bases | cut -d' ' -f1)
# A user's tree that takes the patches as they are may be what they are written from.
[ -z "$KERNEL_TREE" ] || [ -f "$PATCHES/series-$target" ] || target=$first
edited=$(patches_edited)
[ -z "$edited" ] || die "patches/ has changes that the tree does not have" \
	"the files: $(echo "$edited" | tr '\n' ' ')" \
	"expected them as 'make tree' applied them: undo that, or run 'make tree' first"
[ -z "$(tgit status --porcelain)" ] ||
	say "series: the tree has changes that are not committed; they are not in patches/"
if [ "$(tgit rev-parse HEAD)" = "$(cat "$state/head")" ] && [ "${1:-}" != --force ]; then
	say "series: patches/ is in step with the tree"
elif [ "$target" = "$first" ]; then
	write_patches
else
	write_backport
fi
