#!/bin/sh
# Fuzz the grammar of kthread/control in user space: the series' own source file
# under libFuzzer and the address and undefined-behaviour sanitizers.
#
#   fuzz.sh [RUNS]   how many inputs; 10 million by default
set -eu
. "$(dirname "$0")/lib.sh"

runs=${1:-10000000}
source=$top/selftests/fuzz
work=$BUILD/fuzz
parser=$tree/kernel/kthread_lifecycle_parse.c

[ -f "$parser" ] || die "$parser is missing" "expected a tree with the records of kthreads: make tree"
if ! printf 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return !d && n; }' |
   clang -x c -fsanitize=fuzzer,address - -o /dev/null 2> /dev/null; then
	die "clang does not build fuzzers here" \
	    "expected clang and its run-time library: apt-get install clang libclang-rt-dev"
fi

# All that the parser needs is in kernel.h: the headers that it asks for are
# empty, where user space has none of that name.
mkdir -p "$work/include/linux" "$work/corpus"
sed -n 's|^#include <linux/\(.*\)>|\1|p' "$parser" "${parser%.c}.h" |
	while read -r header; do
		: > "$work/include/linux/$header"
	done
# The one function of the kernel that is not simple enough for the header
sed -n '/^bool match_wildcard/,/^}/p' "$tree/lib/parser.c" > "$work/match_wildcard.c"

say "fuzz: $runs inputs; findings go to $work"
cd "$work"
clang -g -O1 -Wall -Werror -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined -D_GNU_SOURCE \
	-include "$source/kernel.h" -idirafter "$work/include" -I "$source" \
	-I "$tree/kernel" -o fuzz \
	"$source/fuzz.c" "$parser" match_wildcard.c
# New inputs go to the first corpus; the one in selftests/ stays as it is.
exec ./fuzz -runs="$runs" -max_len=600 -seed=1 -print_final_stats=1 -verbosity=1 \
	-artifact_prefix="$work/" "$work/corpus" "$source/corpus"
