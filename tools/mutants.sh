#!/bin/sh
# Break one promise of the records at a time, and see that a test notices.
#
#   mutants.sh [NAME...]    selftests/mutants/NAME.patch; all of them by default
#
# The first line of a patch is "TEST: the promise that it breaks". TEST is kunit, or
# a kselftest that is run in the guest: records, control, crowd, ... The results are in
# Documentation/mutants.md: the next run goes on, also in another clone, and repeats what
# depends on something that has changed. The last line is "N caught, N survived".
set -eu
. "$(dirname "$0")/lib.sh"

patches=$top/selftests/mutants
: "${MUTANTS_TABLE:=$top/Documentation/mutants.md}"
table=$MUTANTS_TABLE
work=$BUILD/mutants-$name-$ARCH-$CONFIG
copy=$work/tree-$name
selftests=tools/testing/selftests/kthread
caught=0 survived=0 broken=0

# A tool that works in $work, on the copy of the tree
in_copy() {
	tool=$1
	shift
	env BUILD="$work" "$tools/$tool" "$@"
}

# Files that mutants may change: copies, with the time of the copy, so that make sees
# that they have changed back.
mutable() { (cd "$tree" && echo kernel/kthread* include/trace/events/kthread.h); }

restore() {
	for file in $(mutable); do
		cmp -s "$tree/$file" "$copy/$file" || cp "$tree/$file" "$copy/$file"
	done
}

# All other files are links to those of the tree.
link_tree() {
	[ -e "$copy/Makefile" ] || say "mutants: linking the files of $tree into $copy"
	# Modules of the kselftests are built in the tree.
	flock "$state/selftests.lock" rsync -a --delete --link-dest="$tree/" --exclude=/.git \
		--exclude='/kernel/kthread*' --exclude=/include/trace/events/kthread.h "$tree/" "$copy/"
	restore
}

prepare() {
	need_space "$BUILD" 1500 "the builds of the mutants"
	mkdir -p "$copy" "$work/kernel-$name-$ARCH-$CONFIG" "$work/log"
	link_tree
	ln -sfn "$guest" "$work/guest-$name-$ARCH-$CONFIG"
	cp -u "$kernel/.config" "$work/kernel-$name-$ARCH-$CONFIG/"
	version=$("$tools/kmake.sh" -s kernelversion)
	code=$(code_of "$tree" | hash_of)
	touch "$table" "$work/sound"
}

# What is broken, without the comments, on which no result depends
code_of() (
	cd "$1"
	cat kernel/kthread*config
	for file in kernel/kthread*.[ch] include/trace/events/kthread.h; do
		gcc -w -fpreprocessed -dD -E -P "$file"
	done
)

# The source of the test modules that a test names
modules_of() (
	cd $selftests
	grep -ohwE 'test_kthread(_[a-z]+)?' functions.sh "$1.sh" | sort -u | while read -r module; do
		tgit ls-files "$selftests/test_modules/$module.[ch]"
	done
)

# key_of PATCH TEST: what the result of a mutant depends on
# shellcheck disable=SC2046
key_of() (
	cd "$tree"
	case $2 in
	kunit) set -- "$1" ;;
	control) set -- "$1" "$kernel/.config" $selftests/control.c ;;
	*) set -- "$1" "$kernel/.config" $selftests/functions.sh "$selftests/$2.sh" $(modules_of "$2") ;;
	esac
	{ echo "$code"; cat "$@"; } | hash_of
)

# Each of these says caught, survived, or broken if it could not be tried.
with_kunit() {
	in_copy kunit.sh > "$work/out" 2>&1 < /dev/null || true
	if grep -q 'UML does not build' "$work/out"; then
		echo broken
	elif grep -q '^ok 1 kthread_lifecycle$' "$work/out"; then
		echo survived
	else
		echo caught
	fi
}

with_guest() {
	printf 'cd /kselftest && exec ./run_kselftest.sh -t kthread:%s\n' "$1" > "$work/script.sh"
	if ! in_copy kmake.sh -s olddefconfig bzImage > "$work/out" 2>&1 < /dev/null; then
		echo broken
		return
	fi
	status=0
	in_copy boot.sh --timeout 600 --append slab_nomerge --label mutant --until '^[# ]*not ok' \
		"$work/script.sh" > "$work/out" 2>&1 < /dev/null || status=$?
	case $status in
	0) echo survived ;;
	126) echo broken ;;
	*) echo caught ;;
	esac
}

run_test() {
	case $1 in
	kunit) with_kunit ;;
	control) with_guest control ;;
	*) with_guest "$1.sh" ;;
	esac
}

# A test that fails anyway would catch everything.
sound() {
	without="$1 $(key_of /dev/null "$1")"
	! grep -qxF "$without" "$work/sound" || return 0
	say "mutants: $1, without a mutant"
	[ "$(run_test "$1")" = survived ] ||
		die "$1 fails without any mutant" "its output is in $work/out"
	echo "$without" >> "$work/sound"
}

try() {
	if ! patch -s -p1 -d "$copy" < "$1" > "$work/out" 2>&1; then
		echo broken
	else
		run_test "$2"
	fi
	restore
}

# rows [MUTANT]: those of the table, but for that one's, and for what is no mutant any more
rows() {
	grep -E '^\| [a-z0-9_]+ \|.* (caught|survived) \|' "$table" | while read -r row; do
		name_of=${row#| }
		name_of=${name_of%% *}
		[ "$name_of" = "${1:-}" ] || [ ! -f "$patches/$name_of.patch" ] || echo "$row"
	done
}

# record MUTANT ROW: after each one, so that a run that breaks off is not lost
record() {
	{ rows "$1"; echo "$2"; } | sort > "$work/rows"
	{
		cat <<-EOF
			# The tests are tested

			Written by \`make mutants\`, not by hand: each patch of \`selftests/mutants/\` breaks a
			promise of the series, and a test must notice. *State* is the hash of all that a
			result depends on.

			$(grep -c '| caught |' "$work/rows") caught, $(grep -c '| survived |' "$work/rows") survived, $(($(find "$patches" -name '*.patch' | wc -l) - $(wc -l < "$work/rows"))) without a result

			| mutant | test | what it breaks | outcome | when | Linux | state |
			|---|---|---|---|---|---|---|
		EOF
		cat "$work/rows"
	} > "$table.new"
	mv "$table.new" "$table"
}

# The verdict on a mutant, which may be known already
verdict() {
	key=$(key_of "$1" "$3")
	outcome=$(sed -n "s/^| $2 |.* | \([a-z]*\) | [^|]* | [^|]* | $key |\$/\1/p" "$table")
	[ -z "$outcome" ] || return 0
	sound "$3"
	outcome=$(try "$1" "$3")
	if [ "$outcome" = broken ]; then
		tail -n 5 "$work/out" >&2
		return 0
	fi
	record "$2" "| $2 | $3 | $(sed -n '1s/^[^:]*: //p' "$1") | $outcome | $(date -u '+%Y-%m-%d %H:%M') | $version | $key |"
}

mutant() {
	verdict "$1" "$(basename "$1" .patch)" "$(sed -n '1s/:.*//p' "$1")"
	case $outcome in
	caught) caught=$((caught + 1)) ;;
	survived) survived=$((survived + 1)) ;;
	*) broken=$((broken + 1)) ;;
	esac
	printf '%-8s %s (%s)\n' "$outcome" "$(basename "$1" .patch)" "$(sed -n 1p "$1")"
}

[ -d "$patches" ] || die "there are no mutants in $patches"
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(basename -a -s .patch "$patches"/*.patch)
for mutant; do
	[ -f "$patches/$mutant.patch" ] || die "there is no mutant $mutant" \
		"expected some of: $(basename -a -s .patch "$patches"/*.patch | xargs)"
done
"$tools/kernel.sh"
"$tools/guest.sh"
prepare
for mutant; do
	mutant "$patches/$mutant.patch"
done
[ $broken -eq 0 ] || echo "$broken could not be tried: they do not apply, build or boot"
echo "$caught caught, $survived survived"
[ $((survived + broken)) -eq 0 ]
