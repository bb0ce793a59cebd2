#!/bin/sh
# Check the patches, one by one and together, and the project's own scripts.
set -eu
. "$(dirname "$0")/lib.sh"

mkdir -p "$log"
"$tools/tree.sh" --keep-work
"$tools/kernel.sh"
[ -d "$BUILD/check-$name" ] || need_space "$BUILD" 2500 "the trees of make check"
# Only the first base's patches are for sending.
mailbox=
if [ "$(series_base)" = "$(keys bases | cut -d' ' -f1)" ] && [ -n "$(series)" ]; then
	"$tools/mbox.sh"
	mailbox=$(find "$BUILD/mbox" -name 'v*.mbox' | sort -V | tail -n 1)
fi
export tree state kernel log top mailbox
# shellcheck disable=SC2046
exec "$tools/check.py" "$BUILD/check-$name" "$(cat "$state/base")" $(series)
