#!/bin/sh
# Go through the configurations of tools/matrix-cells: build each, run the tests in it,
# and write the table Documentation/matrix.md.
#
#   matrix.sh [CELL...]     all of them by default
#
# A cell that has passed with the same code, tests and configuration is not done again.
set -eu
. "$(dirname "$0")/lib.sh"

table=$top/Documentation/matrix.md
results=$BUILD/matrix-$name/${MATRIX_CELL:-}

column() { field matrix-cells "$1" "$2"; }

# What is changed, without the comments, on which no result depends
code() {
	tgit diff --name-only "$(cat "$state/base")" HEAD -- . ':!Documentation' ':!MAINTAINERS' |
		while read -r file; do
			echo "$file"
			case $file in
			*.[ch]) gcc -w -fpreprocessed -dD -E -P "$tree/$file" ;;
			*) cat "$tree/$file" ;;
			esac
		done
}

# What the result of a cell depends on, apart from the compiler and the machine: the
# code, the configuration, and what runs in the guest
key_of() {
	# shellcheck disable=SC2046
	{
		cat "$state/base"
		code
		cat $("$tools/kernel.sh" fragments)
		awk -v c="$1" '$1 == c' "$tools/matrix-cells"
		cd "$top/selftests" && cat init kselftests.sh kunit.sh
	} | hash_of
}

# What is tested in the kernel that was built
parts() {
	has_option KTHREAD_LIFECYCLE || echo no_code
	[ "$1" = test ] || return 0
	echo kselftests
	! has_option KTHREAD_LIFECYCLE_KUNIT_TEST || echo kunit
	# Leaks are looked for there.
	! has_option DEBUG_KMEMLEAK || echo storm
}

do_cell() {
	if [ "$1" = random ]; then
		"$tools/randconfig.sh" "$BUILD/random-$name" "$MATRIX_KEY" > "$results/random.tap"
		return
	fi
	"$tools/kernel.sh"
	printf '1..1\nok 1 - the kernel is built\n' > "$results/built.tap"
	# shellcheck disable=SC2046
	set -- $(parts "$1")
	[ $# -gt 0 ] || return 0
	say "matrix: $MATRIX_CELL: $*; see $log/matrix-$MATRIX_CELL.log"
	# What an earlier run left is no result of this one.
	for part in "$@"; do
		rm -f "$BUILD/tests-$name-$ARCH-$CONFIG/$part.tap"
	done
	"$tools/test.sh" "$@" > "$log/matrix-$MATRIX_CELL.log" 2>&1 || true
	for part in "$@" guest; do
		cp "$BUILD/tests-$name-$ARCH-$CONFIG/$part.tap" "$results/" || : > "$results/$part.tap"
	done
}

versions() {
	echo "Linux $("$tools/kmake.sh" -s kernelversion), $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches, $("$(compiler)" --version | head -n 1)"
}

# In an environment that says which cell this is
if [ -n "${MATRIX_CELL:-}" ]; then
	"$tools/deps.sh"
	"$tools/tree.sh" --keep-work
	MATRIX_KEY=$(key_of "$MATRIX_CELL")
	if grep -qs "^| $MATRIX_CELL | [a-z]* | [0-9]* | 0 |.* $MATRIX_KEY |" "$table"; then
		say "matrix: $MATRIX_CELL: passed before, and nothing that it depends on has changed"
		exit
	fi
	say "matrix: $MATRIX_CELL"
	rm -rf "$results"
	mkdir -p "$results" "$log"
	command -v "$(compiler)" > /dev/null ||
		die "the cell $MATRIX_CELL wants $(compiler), which is not here" "install its package"
	do_cell "$(column "$MATRIX_CELL" 4)" || die "the cell $MATRIX_CELL could not be tried" \
		"see above; its results so far are in $results"
	# shellcheck disable=SC2046
	"$tools/ktap.py" $(for tap in "$results"/*.tap; do
		printf '%s=%s ' "$(basename "$tap" .tap)" "$tap"
	done) > "$results/summary" || true
	versions > "$results/versions"
	exec flock "$BUILD/matrix.lock" \
		"$tools/matrix.py" "$table" "$MATRIX_CELL" "$MATRIX_KEY" "$results"
fi

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(keys matrix-cells)
for cell; do
	[ -n "$(column "$cell" 2)" ] ||
		die "there is no cell $cell" "expected some of: $(keys matrix-cells)"
done
bad=0
for cell; do
	env MATRIX_CELL="$cell" ARCH="$(column "$cell" 2)" CONFIG="$(column "$cell" 3)" \
		COMPILER="$(column "$cell" 5)" BASE="$(column "$cell" 6)" "$0" || bad=1
done
tail -n +1 "$table"
exit $bad
