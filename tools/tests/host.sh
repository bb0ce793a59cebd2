#!/bin/bash
# Tests of the tools on a small tree that only looks like Linux: bad uses are
# answered in words, no work is lost, the series comes out as it went in.
# Prints TAP.  No network, no kernel build, nothing outside of a temporary
# directory.
set -u

tools=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"; mountpoint -q "$work/small" && umount "$work/small"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Tester GIT_AUTHOR_EMAIL=tester@localhost
export GIT_COMMITTER_NAME=Tester GIT_COMMITTER_EMAIL=tester@localhost
unset BASE ARCH CONFIG KERNEL_TREE TREE ACCEL
count=0
status=0

result() {
	count=$((count + 1))
	echo "$1 $count - $2"
	if [ "$1" = "not ok" ]; then
		sed 's/^/# /' "$work/out"
		# shellcheck disable=SC2034 # the exit status, below
		status=1
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# Run a command; its output and exit status are kept.
try() {
	"$@" > "$work/out" 2>&1 < /dev/null
	rc=$?
	echo "(exit status $rc of: $*)" >> "$work/out"
}

says() { grep -qF -- "$1" "$work/out"; }

# refused NAME TEXT...: the last command failed, and said all of this.
refused() {
	local name=$1 text good=ok
	shift
	[ "$rc" -ne 0 ] || good="not ok"
	for text; do
		says "$text" || good="not ok"
	done
	result "$good" "$name"
}

check() {
	local name=$1
	shift
	if "$@" >> "$work/out" 2>&1; then
		result ok "$name"
	else
		result "not ok" "$name"
	fi
}

fake_linux() {
	mkdir -p "$1/kernel" "$1/lib"
	printf '# SPDX\nVERSION = 7\nPATCHLEVEL = 2\nSUBLEVEL = 1\nEXTRAVERSION =\n' > "$1/Makefile"
	seq -f 'line %g;' 1 40 > "$1/kernel/kthread.c"
	seq -f 'option %g' 1 20 > "$1/lib/Kconfig.debug"
	git -C "$1" init -q -b main
	git -C "$1" add .
	git -C "$1" commit -q -m "Linux"
}

# A user's tree, and a series of three patches for it.
setup() {
	export BUILD=$work/build PATCHES=$work/patches KERNEL_TREE=$work/linux
	fake_linux "$work/linux"
	git clone -q "$work/linux" "$work/author"
	local n
	for n in 1 2 3; do
		sed -i "$((n * 10))s/.*/changed by $n;/" "$work/author/kernel/kthread.c"
		git -C "$work/author" commit -q -a -m "kthread: change $n" -m "Because of $n."
	done
	git -C "$work/author" format-patch -q --zero-commit --no-signature \
		--cover-letter -o "$PATCHES" HEAD~3
	tree=$BUILD/tree-linux-$(realpath "$KERNEL_TREE" | cksum | cut -d' ' -f1)
	state=${tree/tree-/state-}
}

hash_patches() { (cd "$PATCHES" && sha256sum -- *); }

test_settings() {
	local target
	try env BASE=9.9 KERNEL_TREE= "$tools/tree.sh"
	refused "an unknown BASE" "BASE=9.9 is not known" "7.2"
	try env ARCH=vax "$tools/tree.sh"
	refused "an unknown ARCH" "ARCH=vax is not known" "x86_64"
	try env CONFIG=nothing "$tools/tree.sh"
	refused "an unknown CONFIG" "CONFIG=nothing is not known" "kernel-config/nothing.config"
	try env ACCEL=xen "$tools/tree.sh"
	refused "an unknown ACCEL" "ACCEL=xen is not known" "kvm or tcg"
	try env SMP=two "$tools/tree.sh"
	refused "SMP that is no number" "SMP=two is not a number"
	try env MEM=1G "$tools/tree.sh"
	refused "MEM that is no number" "MEM=1G is not a number of MB" "1 or more"
	try make -C "$tools/.." shell
	refused "make shell without a terminal" "needs a terminal" "tools/boot.sh script.sh"
	try make -C "$tools/.." BUILD="$work/none" PATCHES="$PATCHES"
	for target in deps tree series kernel run shell test check am mbox matrix clean; do
		check "make alone names the target $target" says "make $target "
	done
	for target in BASE ARCH CONFIG KERNEL_TREE JOBS ACCEL SMP MEM TREE; do
		check "make alone names the variable $target" says "  $target="
	done
	check "make alone makes nothing" test ! -e "$work/none"
}

test_kernel_tree() {
	try env KERNEL_TREE="$work/nowhere" "$tools/tree.sh"
	refused "KERNEL_TREE that is not there" "nowhere does not exist" "expected a git tree"
	mkdir "$work/plain"
	try env KERNEL_TREE="$work/plain" "$tools/tree.sh"
	refused "KERNEL_TREE that is no git tree" "is not a git tree" "expected a git repository"
	git init -q "$work/other"
	git -C "$work/other" commit -q --allow-empty -m other
	try env KERNEL_TREE="$work/other" "$tools/tree.sh"
	refused "KERNEL_TREE that is not Linux" "is not a Linux tree" "kernel/kthread.c"
	tar -C "$work" -czf "$work/linux.tar.gz" --exclude=.git linux
	try env KERNEL_TREE="$work/linux.tar.gz" "$tools/tree.sh"
	check "KERNEL_TREE that is a tarball" says "7.2.1 and 3 patches"
	tar -C "$work" -czf "$work/plain.tar.gz" plain
	try env KERNEL_TREE="$work/plain.tar.gz" "$tools/tree.sh"
	refused "a tarball that is not Linux" "has no kernel in it"
	echo text > "$work/text"
	try env KERNEL_TREE="$work/text" "$tools/tree.sh"
	refused "a file that is no tarball" "text cannot be unpacked" "expected a tarball"
	try env BUILD="$work/text/build" "$tools/tree.sh"
	refused "BUILD that cannot be made" "cannot make the directory"
	try env BUILD="$work/a blank" "$tools/tree.sh"
	refused "BUILD with a blank" "takes no blank"
}

test_tree() {
	local before other
	before=$(git -C "$work/linux" rev-parse HEAD)
	"$tools/tree.sh" > "$work/other.out" 2>&1 < /dev/null &
	try "$tools/tree.sh"
	wait $!
	other=$?
	check "a user's tree takes the series" \
		grep -qF "3 patches" "$work/out" "$work/other.out"
	check "two that make a tree at once" test "$rc $other" = "0 0"
	check "the tree has the patches' commits" \
		test "$(git -C "$tree" log --oneline | wc -l)" = 4
	check "the user's branch has not moved" \
		test "$before $(git -C "$work/linux" symbolic-ref --short HEAD)" = \
		     "$(git -C "$work/linux" rev-parse HEAD) main"
	check "the user's index and files are as they were" \
		test -z "$(git -C "$work/linux" status --porcelain)"
	touch -d '2020-01-01' "$tree/kernel/kthread.c" "$tree/Makefile"
	git -C "$tree" update-index -q --refresh
	try "$tools/tree.sh"
	check "a second make tree does nothing" test "$rc $(stat -c %Y "$tree/kernel/kthread.c")" = \
		"0 $(date -d 2020-01-01 +%s)"
}

test_round_trip() {
	local before
	try "$tools/series.sh" --force
	check "the series can be written" says "3 patches in"
	before=$(hash_patches)
	try "$tools/tree.sh"
	try "$tools/series.sh" --force
	check "tree and series change no byte" test "$before" = "$(hash_patches)"
	rm -rf "$state"
	touch "${tree/tree-/making-}"
	try "$tools/tree.sh"
	try "$tools/series.sh" --force
	check "nor do they from a new tree" test "$before" = "$(hash_patches)"
	check "the cover letter names the base" grep -q '^base-commit: ' "$PATCHES/0000-cover-letter.patch"
}

test_cover() {
	local cover=$PATCHES/0000-cover-letter.patch
	sed -i 's/\*\*\* SUBJECT HERE \*\*\*/A subject/; s/\*\*\* BLURB HERE \*\*\*/Text (1):\n\nmore/' "$cover"
	git -C "$tree" commit -q --allow-empty -m x
	git -C "$tree" reset -q --hard HEAD~1
	echo "changed by 4;" >> "$tree/kernel/kthread.c"
	git -C "$tree" commit -q -a -m "kthread: change 4"
	try "$tools/series.sh"
	check "a commit becomes a patch" test -f "$PATCHES/0004-kthread-change-4.patch"
	check "the cover letter's text is kept" grep -qx 'more' "$cover"
	check "the cover letter counts anew" grep -qx 'Subject: \[PATCH 0/4\] A subject' "$cover"
	check "the cover letter lists the new commit" grep -qx '  kthread: change 4' "$cover"
	git -C "$tree" reset -q --hard HEAD~1
	try "$tools/series.sh"
	check "a commit dropped is a patch removed" test ! -e "$PATCHES/0004-kthread-change-4.patch"
	try "$tools/tree.sh"
	check "after make series the tree is in step" test "$rc" = 0
}

test_unsaved_work() {
	echo "precious" >> "$tree/kernel/kthread.c"
	try "$tools/tree.sh"
	refused "make tree refuses with changes that are not committed" \
		"kernel/kthread.c" "make series" "checkout -f -B kthread-series-"
	check "and leaves them" grep -q precious "$tree/kernel/kthread.c"
	try "$tools/clean.sh"
	refused "make clean refuses, too" "has work that is not in patches/"
	try "$tools/tree.sh" --keep-work
	check "make kernel takes them as they are" says "taken as it is"
	git -C "$tree" commit -q -a -m "kthread: precious"
	try "$tools/tree.sh"
	refused "make tree refuses with a commit of its own" "kthread: precious" "make series"
	sed -i 's/^Because of 2/Since 2/' "$PATCHES"/0002-*.patch
	try "$tools/tree.sh" --keep-work
	refused "make kernel refuses when patches/ has changed as well" "kthread: precious"
	try "$tools/series.sh"
	refused "make series refuses to overwrite an edited patch" "0002-kthread-change-2.patch"
	git -C "$tree" reset -q --hard HEAD~1
	try "$tools/tree.sh"
	check "an edited patch is applied again" test \
		"$(git -C "$tree" log -1 --format=%b HEAD~1)" = "Since 2."
	echo untracked > "$tree/new.c"
	try "$tools/tree.sh"
	refused "make tree refuses with a new file" "new.c"
	rm "$tree/new.c"
}

# What the command after "to drop it:" does, and what it leaves alone
test_drop() {
	local tool
	for tool in tree.sh clean.sh; do
		git -C "$tree" checkout -q -B theirs
		echo theirs >> "$tree/Makefile"
		git -C "$tree" commit -q -a -m theirs
		echo precious > "$tree/new.c"
		try "$tools/$tool"
		refused "$tool refuses on another branch" "to drop it: "
		try sh -c "$(sed -n 's/.*to drop it: //p' "$work/out")"
		check "what $tool says drops the work" test "$(cat "$state/head")" = \
			"$(git -C "$tree" rev-parse "$(git -C "$tree" symbolic-ref HEAD)")"
		check "and not the other branch" test "$(git -C "$tree" log -1 --format=%s theirs)" = theirs
		try "$tools/tree.sh"
		check "then the tree is in step" test "$rc" = 0
		git -C "$tree" branch -q -D theirs
	done
}

test_moved_base() {
	local before
	before=$(git -C "$work/linux" rev-parse HEAD)
	echo "above" >> "$work/linux/Makefile"
	git -C "$work/linux" commit -q -a -m "moved on"
	echo "precious" >> "$tree/Makefile"
	try "$tools/tree.sh" --keep-work
	check "work keeps a tree on the old base" says "at another commit now"
	git -C "$tree" checkout -q .
	try "$tools/tree.sh"
	check "without work the tree follows KERNEL_TREE" says "3 patches"
	check "to its commit" test "$(git -C "$tree" log -1 --format=%s HEAD~3)" = "moved on"
	git -C "$work/linux" reset -q --hard "$before"
	try "$tools/tree.sh"
	check "and back" test "$(git -C "$tree" rev-parse HEAD~3)" = "$before"
}

# Commits that make series wrote, and somebody took out of patches/ again
test_dropped_patch() {
	cp -a "$PATCHES" "$work/kept"
	echo "five" >> "$tree/Makefile"
	git -C "$tree" commit -q -a -m "kthread: change 5"
	try "$tools/series.sh"
	rm -rf "$PATCHES"
	mv "$work/kept" "$PATCHES"
	try "$tools/tree.sh"
	check "commits that patches/ lost stay under a name" test "kthread: change 5" = \
		"$(sh -c "$(sed -n 's/.*so far stay: //p' "$work/out") -1 --format=%s")"
	check "and are not in the tree" test "$(git -C "$tree" log --oneline | wc -l)" = 4
}

test_repository_gone() {
	mv "$work/linux" "$work/elsewhere"
	try "$tools/tree.sh"
	refused "make tree without KERNEL_TREE's repository" "worktree repair" "rm -r "
	try "$tools/clean.sh"
	refused "make clean without it" "worktree repair" "rm -r "
	mv "$work/elsewhere" "$work/linux"
	try "$tools/tree.sh"
	check "it is back" test "$rc" = 0
}

test_bad_commits() {
	local trailer="Signed-off-by: Tester <tester@localhost>"
	git -C "$tree" commit -q --allow-empty -m "kthread: x" -m "$trailer"
	echo "x" >> "$tree/Makefile"
	git -C "$tree" commit -q -a --amend --no-edit
	try "$tools/series.sh"
	refused "make series refuses a Signed-off-by" "$trailer" "reword the commit"
	git -C "$tree" commit -q --amend -m "kthread: x" -m "See $work/log."
	try "$tools/series.sh"
	refused "make series refuses a path of this machine" "$work/log" "path of this machine"
	git -C "$tree" commit -q --amend -m "kthread: x"
	echo "log=$work/log" >> "$tree/Makefile"
	git -C "$tree" commit -q -a --amend --no-edit
	try env HOME="$work" "$tools/series.sh"
	refused "make series refuses one in the files, too" "log=$work/log" "path of this machine"
	git -C "$tree" commit -q --amend -m "fixup! kthread: change 3"
	try "$tools/series.sh"
	refused "make series refuses a fixup" "fixup! kthread: change 3" "autosquash"
	git -C "$tree" reset -q --hard HEAD~1
}

test_does_not_apply() {
	local head
	cp -a "$PATCHES" "$work/kept"
	sed -i 's/^-line 20;/-line twenty;/' "$PATCHES"/0002-*.patch
	head=$(git -C "$tree" rev-parse HEAD)
	try "$tools/tree.sh"
	refused "a series that does not apply" "kthread: change 2" "kernel/kthread.c" "does not apply"
	check "the tree is as it was" test "$head$(git -C "$tree" status --porcelain)" = \
		"$(git -C "$tree" rev-parse HEAD)"
	rm -rf "$PATCHES"
	mv "$work/kept" "$PATCHES"
	mv "$state" "$work/state"
	try "$tools/tree.sh"
	refused "a tree that nothing is known about" "$tree is there" "move the tree away"
	mv "$work/state" "$state"
	touch "$state/applying"
	git -C "$tree" reset -q --hard HEAD~2
	try "$tools/tree.sh"
	check "a make tree that was broken off is taken up again" test "$rc$head" = \
		"0$(git -C "$tree" rev-parse HEAD)"
}

test_am() {
	local user=$work/user head
	git clone -q "$work/linux" "$user"
	try env TREE= "$tools/am.sh"
	refused "make am without TREE" "TREE is not set" "make am TREE="
	try env TREE="$work/plain" "$tools/am.sh"
	refused "make am on a directory that is no git tree" "is not a git tree"
	echo dirty >> "$user/Makefile"
	try env TREE="$user" "$tools/am.sh"
	refused "make am on a tree with changes" "Makefile" "commit or stash"
	git -C "$user" checkout -q .
	sed -i '10s/.*/other;/' "$user/kernel/kthread.c"
	git -C "$user" commit -q -a -m other
	head=$(git -C "$user" rev-parse HEAD)
	try env TREE="$user" "$tools/am.sh"
	refused "make am on a tree that the series does not apply to" \
		"kthread: change 1" "kernel/kthread.c" "as it was before"
	check "make am leaves such a tree as it was" test "$head$(git -C "$user" status --porcelain)" = \
		"$(git -C "$user" rev-parse HEAD)"
	git -C "$user" reset -q --hard HEAD~1
	sed -i '1s/^/above\n/' "$user/kernel/kthread.c"
	git -C "$user" commit -q -a -m above
	try env TREE="$user" "$tools/am.sh"
	check "make am on a tree that has moved on" says "3 patches applied"
	check "make am made the commits" test "$(git -C "$user" log --oneline | wc -l)" = 5
	try env TREE="$user" "$tools/am.sh"
	refused "make am a second time" "has the series already"
	git -C "$user" reset -q --hard HEAD~3
	mkdir "$work/a blank"
	cp -a "$PATCHES" "$tools" "$work/a blank/"
	mv "$user" "$work/a blank/user"
	try env -u PATCHES TREE="$work/a blank/user" "$work/a blank/tools/am.sh"
	check "make am in a path with a blank" says "3 patches applied"
	rm -rf "$work/a blank"
}

# A kernel of 6.12's age, where the line that patch 2 changes is another one
test_backport() {
	local old=$work/old user=$work/user612
	git clone -q "$work/linux" "$old"
	sed -i 's/^VERSION = 7/VERSION = 6/; s/^PATCHLEVEL = 2/PATCHLEVEL = 12/' "$old/Makefile"
	sed -i '20s/.*/older;/; 1s/^/above\n/' "$old/kernel/kthread.c"
	git -C "$old" commit -q -a -m "Linux 6.12"
	git clone -q "$old" "$user"
	try env KERNEL_TREE="$old" BASE=6.12 "$tools/tree.sh"
	refused "make tree where a patch needs a backport" "kthread: change 2" "kernel/kthread.c" \
		"Another base"
	tree612=$BUILD/tree-old-$(realpath "$old" | cksum | cut -d' ' -f1)
	try git -C "$tree612" am -q "$PATCHES"/0001-*
	sed -i '21s/.*/changed by 2, differently;/' "$tree612/kernel/kthread.c"
	try git -C "$tree612" commit -q -a -m "kthread: change 2" -m "Because of 2."
	try git -C "$tree612" am -q "$PATCHES"/0003-*
	echo "# What Linux 6.12 takes" > "$PATCHES/series-6.12"
	try env KERNEL_TREE="$old" "$tools/series.sh"
	check "make series writes what differs" test \
		"$(ls "$PATCHES/6.12")" = 0002-kthread-change-2.patch
	check "and the list" test "$(sed '/^#/d; s/ .*//' "$PATCHES/series-6.12" | xargs)" = \
		"0001-kthread-change-1.patch 6.12/0002-kthread-change-2.patch 0003-kthread-change-3.patch"
	try env TREE="$user" "$tools/am.sh"
	check "make am says which patches it takes" says "is Linux 6.12: it gets the patches for 6.12"
	check "and takes them" test "$(git -C "$user" rev-parse "HEAD^{tree}")" = \
		"$(git -C "$tree612" rev-parse "HEAD^{tree}")"
	git clone -q "$old" "$work/older"
	sed -i 's/^VERSION = .*/VERSION = 5/' "$work/older/Makefile"
	try git -C "$work/older" commit -q -a -m "an old one"
	try env TREE="$work/older" "$tools/am.sh"
	check "and that a tree is older than all bases" says \
		"is Linux 5.12: it gets the patches for 6.12, the oldest that there are"
	try env KERNEL_TREE="$old" "$tools/tree.sh"
	check "then the tree is in step" test "$rc" = 0
	try "$tools/backports.sh"
	check "the backport is up to date" test "$rc $(sed 1d "$work/out")" = "0 "
	test_stale_backport
	git -C "$old" worktree remove --force "$tree612"
	rm -rf "$PATCHES/6.12" "$PATCHES/series-6.12" "${tree612/tree-/state-}"
}

test_stale_backport() {
	cp -a "$PATCHES" "$work/kept"
	sed -i 's/^Since 2/As of 2/' "$PATCHES"/0002-*.patch
	cp "$PATCHES/0001-kthread-change-1.patch" "$PATCHES/0004-kthread-new.patch"
	try "$tools/backports.sh"
	check "a backport of what has changed is found" says \
		"6.12/0002-kthread-change-2.patch was made from another version"
	rm "$PATCHES/0004-kthread-new.patch"
	try env KERNEL_TREE="$work/old" "$tools/series.sh" --force
	try "$tools/backports.sh"
	check "and still is when it was written again" says "6.12/0002-kthread-change-2.patch was made"
	sed -i 's/^Because of 3/As of 3/' "$PATCHES"/0003-*.patch
	try env KERNEL_TREE="$work/old" "$tools/series.sh" --force
	refused "make series does not take back a change of a shared patch" \
		"0003-kthread-change-3.patch has changed, and the tree has it as it was"
	cp "$PATCHES/0001-kthread-change-1.patch" "$PATCHES/0004-kthread-new.patch"
	try "$tools/backports.sh"
	check "so is a patch that the list has not" says "nothing of 0004-kthread-new.patch"
	rm "$PATCHES/0002-kthread-change-2.patch" "$PATCHES/0001-kthread-change-1.patch"
	try "$tools/backports.sh"
	check "so is one of a patch that is gone" says "does not have any more"
	check "and a patch that the list names" says "0001-kthread-change-1.patch, which is not there"
	rm -rf "$PATCHES"
	mv "$work/kept" "$PATCHES"
}

# A patch that makes a file which is there, and not git's; its subject is folded.
test_am_untracked() {
	local user=$work/user
	git clone -q "$work/linux" "$user"
	echo new > "$user/new.c"
	git -C "$user" add new.c
	git -C "$user" commit -q -m "kthread: a subject that is so long that it is folded in the patch's header"
	git -C "$user" format-patch -q -o "$work/one" HEAD~1
	git -C "$user" reset -q --hard HEAD~1
	echo mine > "$user/new.c"
	try env PATCHES="$work/one" TREE="$user" "$tools/am.sh"
	refused "make am with a file in the way" "new.c" "folded in the patch's header"
	check "the file stays" grep -qx mine "$user/new.c"
	chown -R nobody "$user" 2>/dev/null || {
		skip "make am on somebody else's tree" "only root can give files away"
		return
	}
	try env TREE="$user" "$tools/am.sh"
	refused "make am on somebody else's tree" "safe.directory"
}

test_mbox() {
	local id
	printf 'A Person <a@localhost>\nTester <tester@localhost>\nlist@localhost\n' > "$work/to"
	try sh -c "'$tools/mbox.py' 2 '$work/to' '$PATCHES'/*.patch > '$work/mbox'"
	id=$(sed -n 's/^Message-ID: //p' "$work/mbox" | head -n 1)
	check "a mailbox has the cover letter and the patches" test "$rc $(grep -c '^From ' "$work/mbox")" = "0 4"
	check "they are one thread" test "$(grep -cxF "In-Reply-To: $id" "$work/mbox")" = 3
	check "of their version" test "$(grep -c '^Subject: \[PATCH v2 ./3\]' "$work/mbox")" = 4
	check "to the others" test "$(grep -cx 'To: A Person <a@localhost>' "$work/mbox")" = 4
	check "and to the lists" test "$(grep -cx 'Cc: list@localhost' "$work/mbox")" = 4
	sed 's/^Because of 1/Signed-off-by: Tester <tester@localhost>/' "$PATCHES"/0001-*.patch > "$work/signed"
	try "$tools/mbox.py" 1 "$work/to" "$PATCHES"/0000-*.patch "$work/signed"
	refused "a mailbox of patches that are signed off" "a Signed-off-by"
}

# cell_done CELL KEY SUMMARY: the tool gets a result.
cell_done() {
	mkdir -p "$work/cell"
	echo "Linux 7.2.1" > "$work/cell/versions"
	printf '%b' "$3" > "$work/cell/summary"
	try "$tools/matrix.py" "$work/matrix.md" "$1" "$2" "$work/cell"
}

test_matrix() {
	cell_done up key1 'Skipped:\n    a test: no CPU\n3 passed, 0 failed, 1 skipped\n'
	cell_done default key2 '4 passed, 0 failed, 0 skipped\n'
	check "the matrix has its rows in order" test "$(sed -n 's/^| \([a-z]*\) |.*key.*/\1/p' "$work/matrix.md" | xargs)" = "default up"
	check "with counts" grep -q '^| up | test | 3 | 0 | 1 | .* | Linux 7.2.1 | key1 |$' "$work/matrix.md"
	check "and what was skipped, and why" grep -qx '        a test: no CPU' "$work/matrix.md"
	check "and which have no result" grep -q '^Without a result: lifecycle-n, rt, nomodules, ' "$work/matrix.md"
	cell_done up key3 'Failed:\n    b test\n3 passed, 1 failed, 0 skipped\n'
	check "a cell that is done again has one row" test "$(grep -c '^| up ' "$work/matrix.md")" = 1
	check "and its own remarks" test "$(grep -cx '        [ab] test.*' "$work/matrix.md")" = 1
	cell_done up key4 ''
	refused "a result without counts" "has no counts"
	try env KERNEL_TREE="$work/linux" "$tools/matrix.sh" nothing
	refused "a cell that is not known" "there is no cell nothing" "default lifecycle-n"
}

# ran KERNEL ROUND CASES: what a guest printed, with a case for each of ok, bad, skip, -
ran() {
	local case number=0 prefix good=ok
	{
		echo "# selftests: suite: big.sh"
		for case in $3; do
			number=$((number + 1))
			prefix=ok
			[ "$case" != bad ] || prefix="not ok" good="not ok"
			[ "$case" = - ] || echo "# $prefix $number case $number$([ "$case" != skip ] || echo ' # SKIP')"
		done
		echo "$good 1 selftests: suite: big.sh"
		echo "# Totals: pass:1"
	} > "$work/regress/$1/timens.$2.tap"
	echo "[    1.0] all is well" > "$work/regress/$1/timens.$2.console"
}

compare_runs() {
	try "$tools/regress.py" table "$work/regress" "$tools/regress-suites" "$work/regress.md"
}

test_regress() {
	mkdir -p "$work/regress/unpatched" "$work/regress/patched"
	echo timens rust unheard > "$work/regress/upstream"
	echo "Unpatched: Linux 7.2.1" > "$work/regress/versions"
	ran unpatched 0 "ok bad skip"
	ran patched 0 "ok bad skip"
	compare_runs
	check "the same results are no difference" test "$rc $(tail -n 2 "$work/out" | head -n 1)" = \
		"0 5 the same, 0 vary, 0 better, 0 worse"
	check "the table has both columns" grep -qxF \
		"| timens: big.sh | 1 passed, 1 skipped, 1 failed | 1 passed, 1 skipped, 1 failed |  |" "$work/regress.md"
	check "and what fails anyway" grep -qx -- "- timens: big.sh: case 2" "$work/regress.md"
	check "and the version" grep -qx -- "- Unpatched: Linux 7.2.1" "$work/regress.md"
	check "and how many suites have run" grep -qx -- '- Suites: 1 of the [0-9][0-9] that are to be run' "$work/regress.md"
	check "and why a suite is not run" grep -q '^- .*: rust$' "$work/regress.md"
	check "nor a test of one" grep -q '^- .*: breakpoints:step_after_suspend_test$' "$work/regress.md"
	check "or that nobody knows why" grep -qx -- '- nobody has looked at it: unheard' "$work/regress.md"
	ran patched 0 "bad bad skip"
	compare_runs
	refused "a case that fails only with the series is worse" \
		"timens: big.sh: case 1: passed; patched: failed" "1 worse" "**worse**"
	try "$tools/regress.py" differing "$work/regress" timens
	check "and is to be run again" test "$(head -n 1 "$work/out")" = "$(printf 'big.sh\tcase 1')"
	ran unpatched 1 "ok"
	ran patched 1 "ok"
	compare_runs
	check "what comes out the same in the end only varies" test "$rc" = 0 -a \
		"$(grep -c 'timens: big.sh: case 1: passed, passed; patched: failed, passed' "$work/regress.md")" = 1
	rm "$work"/regress/*/timens.1.*
	ran patched 0 "ok bad bad"
	compare_runs
	refused "so is one that was skipped" "timens: big.sh: case 3: skipped; patched: failed"
	ran patched 0 "ok bad -"
	compare_runs
	refused "and one that does not come" "timens: big.sh: case 3: skipped; patched: missing"
	ran patched 0 "ok ok skip"
	compare_runs
	check "one that passes only with the series is better" test "$rc" = 0 -a \
		"$(grep -c 'case 2: failed; patched: passed' "$work/regress.md")" = 1
	ran patched 0 "ok bad skip"
	echo "[    2.0] BUG: at address 0x1234" >> "$work/regress/patched/timens.0.console"
	compare_runs
	refused "a complaint of the patched kernel is worse" "the kernel says: BUG: at address N: passed; patched: failed"
	ran patched 0 "ok bad skip"
	sed -i /Totals/d "$work/regress/patched/timens.0.tap"
	compare_runs
	refused "so is a guest that does not come to its end" "the guest comes to its end: passed; patched: failed"
	try "$tools/regress.py" differing "$work/regress" timens
	check "and then all is run again" test "$(head -n 1 "$work/out")" = "$(printf 'big.sh\t')"
	try env KERNEL_TREE="$work/linux" "$tools/regress.sh" nothing
	refused "a suite that is not known" "there is no suite nothing" "cpu-hotplug livepatch"
}

test_clean() {
	try "$tools/clean.sh"
	check "make clean removes the trees" test "$rc" = 0 -a ! -e "$tree"
	check "the user's repository has no worktree of ours left" \
		test "$(git -C "$work/linux" worktree list | wc -l)" = 1
	check "nor a branch" test "$(git -C "$work/linux" branch | wc -l)" = 1
}

test_no_network() {
	local conf=$work/apt.conf
	printf 'Acquire::http::Proxy "http://127.0.0.1:9";\nAcquire::https::Proxy "http://127.0.0.1:9";\nAcquire::Retries "0";\n' > "$conf"
	if ! command -v apt-get > /dev/null; then
		skip "no network" "there is no apt here"
		return
	fi
	try env APT_CONFIG="$conf" KERNEL_TREE= BUILD="$work/offline" "$tools/source.sh"
	refused "no network" "expected: a network" "KERNEL_TREE="
}

test_no_space() {
	mkdir "$work/small"
	if ! mount -t tmpfs -o size=8m tmpfs "$work/small" 2> /dev/null; then
		skip "no space" "mounting a small file system is not allowed here"
		return
	fi
	try env BUILD="$work/small" "$tools/tree.sh"
	refused "no space" "no space" "MB left" "BUILD="
	umount "$work/small"
}

test_late_ci() {
	mkdir -p "$work/late/ci-7.2"
	try env KERNEL_TREE= BUILD="$work/late" CI_BEGAN=0 "$tools/ci.sh" others
	check "CI begins nothing that is too late" test ! -e "$work/late/kernel-7.2-x86_64-debug"
	check "and counts it as skipped" \
		test "$(grep -cx '0 passed, 0 failed, 1 skipped' "$work/out")" = 3
}

test_no_qemu() {
	local dir=$work/bin program
	mkdir "$dir"
	for program in sh env dirname basename awk sed nproc realpath cksum tr cut; do
		ln -s "$(command -v $program)" "$dir/$program"
	done
	try env PATH="$dir" "$tools/boot.sh" "$work/linux/Makefile"
	refused "no qemu" "there is no qemu-system-x86_64 in PATH" "make deps"
	check "no qemu is no exit status of a script" test "$rc" = 126
}

# in_lib FUNCTION ARGUMENT...: a function of lib.sh
in_lib() {
	# shellcheck disable=SC2016,SC2317 # the inner shell's
	sh -c '. "$(dirname "$0")/lib.sh"; "$@"' "$tools/guest.sh" "$@"
}

# The root of a guest, whose links lead to this machine's files (here: to those of a
# folder). Who fills it is root.
test_guest_root() {
	local host=$work/host root=$work/root program

	program=$(type -P env)
	mkdir -p "$host" "$root/usr/bin" "$root/usr/sbin"
	echo "the host's own" > "$host/busybox"
	touch -d 2001-01-01 "$host/busybox"
	ln -s "$host/busybox" "$root/usr/${program#/usr/}"
	try in_lib add_program "$root" "$program"
	check "adding a program leaves what a link led to" grep -qx "the host's own" "$host/busybox"
	check "and replaces the link" test ! -L "$root/usr/${program#/usr/}"
	printf '#!/bin/sh\necho usr/bin/true; echo sbin/modprobe\n' > "$work/busybox"
	chmod +x "$work/busybox"
	try in_lib link_applets "$root" "$work/busybox"
	check "no link in a guest's root is absolute" \
		test -L "$root/usr/bin/true" -a -z "$(find "$root" -type l -lname '/*')"
	check "modprobe is kmod's" test "$(readlink "$root/usr/sbin/modprobe")" = ../bin/kmod
}

setup
test_guest_root
test_settings
test_kernel_tree
test_tree
test_round_trip
test_cover
test_unsaved_work
test_drop
test_moved_base
test_dropped_patch
test_repository_gone
test_bad_commits
test_does_not_apply
test_am
test_am_untracked
test_backport
test_mbox
test_matrix
test_regress
test_clean
test_no_network
test_no_space
test_late_ci
test_no_qemu
echo "1..$count"
exit $status
