#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fuzz kthread_control.c in user space, and run its KUnit cases there.
#
#   run.sh kunit|fuzz [RUNS]
#
# TREE: kernel sources; SOURCE: the file; INTERNAL: its part of kthread_internal.h;
# KUNIT: the file with the cases; WORK: where to build; STAGE=-DSTAGE_B
set -eu
here=$(cd "$(dirname "$0")" && pwd)
TREE=${TREE:?the tree of next/}
SOURCE=${SOURCE:-$here/../kthread_control.c}
INTERNAL=${INTERNAL:-$here/../control_internal.h}
KUNIT=${KUNIT:-$here/../control_kunit.c}
WORK=${WORK:-${TMPDIR:-/tmp}/kthread_control_fuzz}
STAGE=${STAGE:-}

# Headers that are asked for are empty; ctype.h is the kernel's.
mkdir -p "$WORK/include/linux" "$WORK/include/kunit" "$WORK/corpus"
cat "$TREE/lib/kstrtox.c" "$TREE/lib/glob.c" "$TREE/lib/ctype.c" "$SOURCE" "$KUNIT" |
	sed -n 's|^#include <\(linux/.*\)>|\1|p' | while read -r header; do
	: > "$WORK/include/$header"
done
: > "$WORK/include/linux/compiler.h"
cp "$TREE/include/linux/ctype.h" "$WORK/include/linux/ctype.h"
cp "$here/kunit.h" "$WORK/include/kunit/test.h"
{ printf '#pragma once\n'; cat "$here/internal_head.h"; sed 's/^struct seq_file;$//' "$INTERNAL"; } > "$WORK/kthread_internal.h"
{
	echo '#include <linux/ctype.h>'
	sed -n '/^char \*skip_spaces/,/^}/p; /^char \*strim/,/^}/p; /^int match_string/,/^}/p' \
		"$TREE/lib/string_helpers.c"
} > "$WORK/helpers.c"
# Up to what is not needed
sed '/^EXPORT_SYMBOL(kstrtoint);/,$d' "$TREE/lib/kstrtox.c" > "$WORK/kstrtox.c"
cp "$TREE/lib/kstrtox.h" "$WORK/"
cp "$SOURCE" "$WORK/kthread_control.c"
cp "$KUNIT" "$WORK/control_kunit.c"

cd "$WORK"
flags="-g -O1 -std=gnu11 -Wall -Werror -Wno-unused-function -funsigned-char -D_GNU_SOURCE $STAGE
	-fno-sanitize-recover=undefined -include $here/kernel.h -idirafter include -I. -I$here"
parts="kthread_control.c $here/stubs.c helpers.c kstrtox.c $TREE/lib/glob.c $TREE/lib/ctype.c"
case $1 in
kunit)
	# shellcheck disable=SC2086
	clang $flags -fsanitize=address,undefined -o kunit control_kunit.c $parts
	exec ./kunit
	;;
fuzz)
	# shellcheck disable=SC2086
	clang $flags -fsanitize=fuzzer,address,undefined -o fuzz "$here/fuzz.c" $parts
	exec nice -n 19 ./fuzz -runs="${2:-200000}" -max_len=600 -seed=1 -print_final_stats=1 \
		-dict="$here/dict" -verbosity=1 -artifact_prefix="$WORK/" "$WORK/corpus" "$here/corpus"
	;;
esac
