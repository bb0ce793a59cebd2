#!/bin/sh
# Make one mailbox of the cover letter and the patches: a thread, addressed to whom the
# kernel's get_maintainer.pl names, ready for git send-email or b4.
#
# Its version is one more than that of the last mailbox in releases/.
set -eu
. "$(dirname "$0")/lib.sh"

first=$(keys bases | cut -d' ' -f1)
[ "$(series_base)" = "$first" ] ||
	die "only the series for $first is for sending" "expected BASE=$first"
[ -f "$PATCHES/0000-cover-letter.patch" ] || die "there is no cover letter in $PATCHES" \
	"expected one: 'make series' writes it"

mbox=$BUILD/mbox
version=$(($(find "$top/releases" -name 'v*.mbox' 2>/dev/null | wc -l) + 1))
mkdir -p "$mbox"

# Words in a text make nobody a maintainer (keywords), nor does a base that is one
# commit know who worked on it (git).
recipients() {
	# shellcheck disable=SC2046
	(cd "$tree" && scripts/get_maintainer.pl --nogit --nogit-fallback --nokeywords \
		--norolestats $(series)) > "$1.new" 2> "$1.log" || {
		cat "$1.log" >&2
		die "get_maintainer.pl failed in $tree"
	}
	mv "$1.new" "$1"
}

# shellcheck disable=SC2046
key=$(cat "$0" $(series) "$tree/MAINTAINERS" | hash_of)
if [ ! -f "$mbox/recipients" ] || [ "$(cat "$mbox/key" 2>/dev/null)" != "$key" ]; then
	say "mbox: asking get_maintainer.pl (a quarter of a minute)"
	recipients "$mbox/recipients"
	echo "$key" > "$mbox/key"
fi
[ "$version" -eq 1 ] || grep -q "^Changes in v$version" "$PATCHES/0000-cover-letter.patch" ||
	say "mbox: the cover letter has no 'Changes in v$version:'"
# shellcheck disable=SC2046
"$tools/mbox.py" "$version" "$mbox/recipients" "$PATCHES/0000-cover-letter.patch" $(series) \
	> "$mbox/v$version.mbox.new"
rm -f "$mbox"/v*.mbox
mv "$mbox/v$version.mbox.new" "$mbox/v$version.mbox"
say "mbox: version $version, $(($(series | wc -l) + 1)) mails to $(wc -l < "$mbox/recipients") addresses: $mbox/v$version.mbox"
