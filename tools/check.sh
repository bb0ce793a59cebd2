#!/bin/sh
# Check the patches, one by one and together, and the project's own scripts.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir -p "$log"
"$tools/tree.sh" --keep-work
"$tools/kernel.sh"
[ -d "$BUILD/check-$name" ] || need_space "$BUILD" 2500 "the trees of make check"
export tree state kernel log top
# shellcheck disable=SC2046
exec "$tools/check.py" "$BUILD/check-$name" "$(cat "$state/base")" $(series)
