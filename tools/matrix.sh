#!/bin/sh
# Go through the configurations of tools/matrix-cells: build each, run the tests in it,
# and write the table Documentation/matrix.md.
#
#   matrix.sh [CELL...]     all of them by default
#
# A cell whose row is of the same code, tests and configuration is not done again.
set -eu
. "$(dirname "$0")/lib.sh"

table=$top/Documentation/matrix.md
results=$BUILD/matrix-$name/${MATRIX_CELL:-}

column() { field matrix-cells "$1" "$2"; }

# What the result of a cell depends on, apart from the compiler and the machine: the
# code, but not what is said of it; the configuration; and what runs in the guest.
key_of() {
	# shellcheck disable=SC2046
	{
		cat "$state/base"
		tgit diff "$(cat "$state/base")" HEAD -- . ':!Documentation' ':!MAINTAINERS'
		cat $("$tools/kernel.sh" fragments)
		awk -v c="$1" '$1 == c' "$tools/matrix-cells"
		cd "$top/selftests" && cat init kselftests.sh kunit.sh
	} | hash_of
}

# in_guest SCRIPT [OPTION...]: see tools/test.sh
in_guest() {
	script=$1
	shift
	status=0
	say "matrix: $MATRIX_CELL: $script in the guest"
	"$tools/boot.sh" --timeout 3600 --quiet --label "matrix-$MATRIX_CELL-$script" "$@" \
		"$top/selftests/$script.sh" || status=$?
	cp "$BUILD/run/matrix-$MATRIX_CELL-$script/output.log" "$results/$script.tap"
	good="not ok"
	[ "$status" -gt 1 ] || [ ! -f "$BUILD/run/matrix-$MATRIX_CELL-$script/ended" ] || good=ok
	guests=$((guests + 1))
	echo "$good $guests - $script: the guest ran to its end, the kernel was silent (status $status)" \
		>> "$results/guest.tap"
}

test_guest() {
	guests=0
	: > "$results/guest.tap"
	in_guest kselftests --append slab_nomerge
	! has_option KTHREAD_LIFECYCLE_KUNIT_TEST || in_guest kunit
	echo "1..$guests" >> "$results/guest.tap"
}

# Without the option there is no code for the records.
no_code() {
	good=ok
	! nm "$kernel/vmlinux" | grep 'kthread_lifecycle' || good="not ok"
	printf '1..1\n%s 1 - no symbol of the records is in vmlinux\n' "$good"
}

do_cell() {
	if [ "$1" = random ]; then
		"$tools/randconfig.sh" "$BUILD/random-$name" "$MATRIX_KEY" > "$results/random.tap"
		return
	fi
	"$tools/kernel.sh"
	printf '1..1\nok 1 - the kernel is built\n' > "$results/built.tap"
	has_option KTHREAD_LIFECYCLE || no_code > "$results/code.tap"
	[ "$1" = test ] || return 0
	"$tools/guest.sh"
	test_guest
}

versions() {
	echo "Linux $("$tools/kmake.sh" -s kernelversion), $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches, $("$(compiler)" --version | head -n 1)"
}

# In an environment that says which cell this is
if [ -n "${MATRIX_CELL:-}" ]; then
	"$tools/deps.sh"
	"$tools/tree.sh" --keep-work
	MATRIX_KEY=$(key_of "$MATRIX_CELL")
	if grep -qs "^| $MATRIX_CELL |.* $MATRIX_KEY |" "$table"; then
		say "matrix: $MATRIX_CELL: done before, and nothing that it depends on has changed"
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
