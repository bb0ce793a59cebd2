#!/bin/sh
# The kernel's make with the project's settings: kmake.sh [make's arguments]
set -eu
. "$(dirname "$0")/lib.sh"
kmake "$@"
