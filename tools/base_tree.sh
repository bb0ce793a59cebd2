#!/bin/sh
# base_tree.sh DIR: make DIR a tree of the kernel without the series.
set -eu
. "$(dirname "$0")/lib.sh"

base=$(cat "$state/base")
[ "$(git -C "$1" rev-parse HEAD 2>/dev/null)" != "$base" ] || exit 0
need_space "$BUILD" 2500 "the unpatched kernel's tree"
say "a tree of the unpatched kernel in $1 (half a minute)"
rm -rf "$1"
git clone -q --shared --no-checkout "$tree" "$1"
git -C "$1" -c core.hooksPath=/dev/null -c advice.detachedHead=false checkout -q "$base"
