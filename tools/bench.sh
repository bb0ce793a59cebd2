#!/bin/sh
# Count the instructions of the life of a kthread, on the unpatched kernel and on
# the patched one, and write the table Documentation/cost.md.
#
#   bench.sh                all of it
#   bench.sh COLUMN...      only these columns; the others stay as they were measured
#
# A column is measured again only if its kernel, its module or what is done in the
# guest has changed.
set -eu
CONFIG=bench
. "$(dirname "$0")/lib.sh"
ACCEL=tcg
SMP=1
MEM=2048
BENCH_QEMU=$(field arches "$ARCH" 5)
export ACCEL SMP MEM BENCH_QEMU

bench=$BUILD/bench-$name
figures=$bench/figures
base_tree=$bench/$(basename "$tree")
programs=$guest
source=$top/selftests/bench

columns() { awk '!/^#/ && NF { print $1 }' "$source/columns"; }
kernel_of() { awk -v c="$1" '$1 == c { print $2 }' "$source/columns"; }

# The kernels of the columns
kernels() {
	for one; do
		kernel_of "$one"
	done | awk '!seen[$0]++'
}

# Where a kernel is built, from what, and with what on top of CONFIG=bench.  The way
# from there to its tree is the same for all: ccache then knows their files again.
use_kernel() {
	MORE_CONFIG=
	kernel=$BUILD/kernel-$name-$ARCH-$CONFIG
	case $1 in
	unpatched)
		kernel=$bench/kernel
		tree=$base_tree
		;;
	config_n)
		kernel=$kernel-n
		MORE_CONFIG=$top/kernel-config/bench-n.config
		;;
	config_y) ;;
	*) die "no kernel is called $1" "expected unpatched, config_n or config_y" ;;
	esac
	KERNEL_DIR=$kernel
	SOURCE_DIR=$tree
	export KERNEL_DIR SOURCE_DIR MORE_CONFIG
	mkdir -p "$bench/$1"
}

make_base_tree() {
	base=$(cat "$state/base")
	[ "$(git -C "$base_tree" rev-parse HEAD 2>/dev/null)" != "$base" ] || return 0
	need_space "$BUILD" 2500 "the unpatched kernel's tree"
	say "bench: a tree of the unpatched kernel (half a minute)"
	rm -rf "$base_tree"
	git clone -q --shared --no-checkout "$tree" "$base_tree"
	git -C "$base_tree" -c core.hooksPath=/dev/null -c advice.detachedHead=false \
		checkout -q "$base"
}

build_kernel() (
	use_kernel "$1"
	say "bench: the kernel $1"
	"$tools/kernel.sh"
	build_module "$1"
	sizes "$1"
)

# Files that have not changed keep their time: nothing is built again.
build_module() {
	module=$bench/$1/module
	mkdir -p "$module"
	for file in Makefile bench.c sizes.c; do
		cmp -s "$source/$file" "$module/$file" || cp "$source/$file" "$module"
	done
	"$tools/kmake.sh" -s M="$module" modules > "$log/bench-module.log" 2>&1 ||
		build_failed "building the module for the kernel $1" "$log/bench-module.log"
}

build_failed() {
	tail -n 20 "$2" >&2
	die "$1 failed" "whole log: $2"
}

# Lines "size OBJECT text data bss", "struct NAME bytes" and, of kthread.o,
# "function NAME bytes" and "symbol NAME".  An object may be left over from another
# configuration: the archive knows which ones are linked.
sizes() {
	object=$kernel/kernel/kthread.o
	{
		ar t "$kernel/kernel/built-in.a" | sed 's|.*/||' | grep '^kthread' |
			while read -r linked; do
				size "$kernel/kernel/$linked" |
					awk -v name="$linked" 'NR > 1 { print "size", name, $1, $2, $3 }'
			done
		nm -S "$bench/$1/module/sizes.o" |
			awk '$4 ~ /^size_of_/ { sub("size_of_", "", $4); print "struct", $4, "0x" $2 }'
		nm -S "$object" | awk '$3 ~ /^[tT]$/ { print "function", $4, "0x" $2 }'
		nm "$object" | awk '{ print "symbol", $NF }'
	} > "$bench/$1/sizes"
}

# What is configured but for the records; fails if the kernel is not there.
configuration() (
	use_kernel "$1"
	[ -f "$kernel/.config" ] || exit 1
	grep -vE 'KTHREAD_LIFECYCLE|STACKDEPOT|^#' "$kernel/.config" > "$bench/$1/config"
)

# The same for all, or the difference is not that of the records.
same_configuration() {
	# shellcheck disable=SC2046
	for one in $(kernels $(columns)); do
		configuration "$one" || continue
		diff "$bench/unpatched/config" "$bench/$one/config" > "$bench/$one/config.diff" ||
			die "the kernels unpatched and $one differ in more than the records" \
			    "expected the same configuration; see $bench/$one/config.diff" \
			    "what the kselftests of the series ask for has to be in kernel-config/bench.config"
	done
}

# The initramfs of a kernel: the programs of the guest, the module, the reader.
pack() {
	parts=$bench/$1/guest
	rm -rf "$parts"
	mkdir -p "$parts/stage/bench"
	cp "$bench/$1/module/bench.ko" "$bench/read" "$parts/stage/bench"
	ln -s "$programs/programs.cpio.gz" "$parts/programs.cpio.gz"
	(cd "$parts/stage" && find . -mindepth 1 | sort |
		cpio -o -H newc -R 0:0 --reproducible --quiet) | gzip -1n > "$parts/modules.cpio.gz"
	: | gzip -1n > "$parts/selftests.cpio.gz"
}

# build COLUMN...
build() {
	[ "$ARCH" = x86_64 ] || die "ARCH=$ARCH: 'make bench' reads the time stamp counter" \
		"expected ARCH=x86_64, where QEMU makes it count instructions"
	mkdir -p "$figures" "$log"
	make_base_tree
	for one in $(kernels "$@"); do
		build_kernel "$one"
	done
	same_configuration
	(use_kernel config_y && "$tools/guest.sh")
	gcc -O2 -Wall -static -o "$bench/read" "$source/read.c"
	for one in $(kernels "$@"); do
		pack "$one"
	done
}

# What the figures of a column depend on
stamp() (
	use_kernel "$(kernel_of "$1")"
	{
		awk -v c="$1" '$1 == c' "$source/columns"
		"$BENCH_QEMU" --version
		cat "$kernel/$(field arches "$ARCH" 4)" "$bench/$(kernel_of "$1")/module/bench.ko" \
			"$bench/read" "$source/run.sh" "$tools/icount-qemu.sh" "$programs/programs.cpio.gz"
	} | hash_of
)

measure() (
	wanted=$(stamp "$1")
	if [ "$(cat "$figures/$1.stamp" 2>/dev/null)" = "$wanted" ]; then
		say "bench: $1: nothing has changed since it was measured"
		exit 0
	fi
	rm -f "$figures/$1.stamp"
	one=$(kernel_of "$1")
	use_kernel "$one"
	"$tools/boot.sh" --timeout 1800 --quiet --label "bench-$1" \
		--qemu "$tools/icount-qemu.sh" --parts "$bench/$one/guest" \
		--append "bench_column=$1" "$source/run.sh" ||
		die "the column $1 was not measured" "see above, and $BUILD/run/bench-$1/"
	cp "$BUILD/run/bench-$1/output.log" "$figures/$1"
	echo "$wanted" > "$figures/$1.stamp"
)

# "VERSION (DAY)": of the package, or of the commit where there is none.
base_version() {
	package=$(find "$BUILD/source/$BASE" -name '*.deb' 2>/dev/null | sort | tail -n 1)
	if [ -z "$KERNEL_TREE" ] && [ -n "$package" ]; then
		echo "$(basename "$package" .deb) ($(ar tv "$package" | awk 'NR == 1 { print $5, $4, $7 }'))"
	else
		tgit log -1 --format='%h (%cs)' "$(cat "$state/base")"
	fi
}

# versions COLUMN...
versions() {
	changes=
	[ -z "$(GIT_OPTIONAL_LOCKS=0 tgit status --porcelain)" ] ||
		changes=", and changes that are in none"
	echo "Unpatched: Linux $("$tools/kmake.sh" -s kernelversion), $(base_version)"
	echo "Patched: $(tgit rev-list --count "$(cat "$state/base")..HEAD") patches on it$changes"
	echo "Configuration: CONFIG=$CONFIG (kernel-config/$CONFIG.config over base, $ARCH and test)"
	echo "gcc $(gcc -dumpfullversion), $("$BENCH_QEMU" --version | head -n 1)"
	echo "Command: make bench"
	[ "$*" = "$(columns | xargs)" ] ||
		echo "Only these columns were brought up to date: $*"
}

if [ "${1:-}" = guest ]; then
	measure "$2"
	exit
fi
for column; do
	[ -n "$(kernel_of "$column")" ] ||
		die "there is no column $column" "expected some of: $(columns | xargs)"
done
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(columns)
build "$@"
printf '%s\n' "$@" | xargs -P "$JOBS" -n 1 "$0" guest
versions "$@" > "$bench/versions"
exec "$tools/bench.py" "$bench" "$source/columns" "$top/Documentation/cost.md"
