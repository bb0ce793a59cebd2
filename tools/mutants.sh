#!/bin/sh
# Break one promise of the records at a time, and see that a test notices.
#
#   mutants.sh [NAME...]    selftests/mutants/NAME.patch; all of them by default
#
# The first line of a patch is "TEST: the promise that it breaks". TEST is kunit, or
# a kselftest that is run in the guest: records, control, crowd, ... Results are kept:
# the next run goes on, and repeats what depends on something that has changed. A run
# of all of them writes Documentation/mutants.md. The last line is "N caught, N survived".
set -eu
. "$(dirname "$0")/lib.sh"

patches=$top/selftests/mutants
work=$BUILD/mutants-$name-$ARCH-$CONFIG
copy=$work/tree-$name
results=$work/results
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
	[ -f "$kernel/.config" ] || die "there is no kernel in $kernel" "run 'make kernel' first"
	need_space "$BUILD" 1500 "the builds of the mutants"
	mkdir -p "$results" "$copy" "$work/kernel-$name-$ARCH-$CONFIG" "$work/log"
	link_tree
	ln -sfn "$guest" "$work/guest-$name-$ARCH-$CONFIG"
	cp -u "$kernel/.config" "$work/kernel-$name-$ARCH-$CONFIG/"
}

# key_of PATCH TEST: what the result of a mutant depends on
# shellcheck disable=SC2046
key_of() (
	cd "$tree"
	selftests=tools/testing/selftests/kthread
	case $2 in
	kunit) set -- "$1" ;;
	control) set -- "$1" "$kernel/.config" $selftests/control.c ;;
	*)
		set -- "$1" "$kernel/.config" $selftests/functions.sh "$selftests/$2.sh" \
			$(tgit ls-files $selftests/test_modules)
		;;
	esac
	cat "$@" kernel/kthread* include/trace/events/kthread.h | hash_of
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
	! grep -qsxF "$without" "$results/.sound" || return 0
	say "mutants: $1, without a mutant"
	[ "$(run_test "$1")" = survived ] ||
		die "$1 fails without any mutant" "its output is in $work/out"
	echo "$without" >> "$results/.sound"
}

try() {
	if ! patch -s -p1 -d "$copy" < "$1" > "$work/out" 2>&1; then
		echo broken
	else
		run_test "$2"
	fi
	restore
}

# The verdict on a mutant, which may be known already
verdict() {
	key=$(key_of "$1" "$3")
	if ! grep -qsxE "$key (caught|survived)" "$results/$2"; then
		sound "$3"
		outcome=$(try "$1" "$3")
		[ "$outcome" != broken ] || tail -n 5 "$work/out" >&2
		echo "$key $outcome" > "$results/$2"
	fi
	outcome=$(cut -d' ' -f2 "$results/$2")
}

mutant() {
	test=$(sed -n '1s/:.*//p' "$1")
	verdict "$1" "$(basename "$1" .patch)" "$test"
	case $outcome in
	caught) caught=$((caught + 1)) ;;
	survived) survived=$((survived + 1)) ;;
	*) broken=$((broken + 1)) ;;
	esac
	printf '%-8s %s (%s)\n' "$outcome" "$(basename "$1" .patch)" "$(sed -n 1p "$1")"
	printf '| %s | %s | %s | %s |\n' "$(basename "$1" .patch)" "$test" \
		"$(sed -n '1s/^[^:]*: //p' "$1")" "$outcome" >> "$work/rows"
}

table() {
	cat <<-EOF
		# The tests are tested

		Written by \`make mutants\`, not by hand: each patch of \`selftests/mutants/\` breaks a
		promise of the records, and a test must notice.

		Linux $("$tools/kmake.sh" -s kernelversion), $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches, $(date -u '+%Y-%m-%d %H:%M'): $caught caught, $survived survived$1

		| mutant | test | what it breaks | outcome |
		|---|---|---|---|
	EOF
	cat "$work/rows"
}

[ -d "$patches" ] || die "there are no mutants in $patches"
prepare
: > "$work/rows"
whole=
# shellcheck disable=SC2046
[ $# -gt 0 ] || { whole=y; set -- $(basename -a -s .patch "$patches"/*.patch); }
for mutant; do
	[ -f "$patches/$mutant.patch" ] || die "there is no mutant $mutant in $patches"
	mutant "$patches/$mutant.patch"
done
untried=
[ $broken -eq 0 ] || untried="$broken could not be tried: they do not apply, build or boot"
[ -z "$untried" ] || echo "$untried"
[ -z "$whole" ] || table "${untried:+; $untried}" > "$top/Documentation/mutants.md"
echo "$caught caught, $survived survived"
[ $((survived + broken)) -eq 0 ]
