#!/bin/sh
# Note that the tree and patches/ are in step: see tree.sh.
set -eu
. "$(dirname "$0")/lib.sh"

rm -rf "$state/new"
mkdir -p "$state/new"
for patch in $(series); do
	cp "$patch" "$state/new/"
done
series | sed 's|.*/||' > "$state/new/series"
rm -rf "$state/patches"
mv "$state/new" "$state/patches"
tgit rev-parse HEAD > "$state/head.new"
mv "$state/head.new" "$state/head"
