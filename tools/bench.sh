#!/bin/sh
# Count the instructions of the life of a kthread, on the unpatched kernel and on
# the patched one, and write the table Documentation/cost.md.
#
#   bench.sh                all of it
#   bench.sh COLUMN...      only these columns; the others stay as they were measured
#
# A column is measured again only if its kernel, its module or what is done in the
# guest has changed.  On a machine with KVM the work is timed as well.
set -eu
. "$(dirname "$0")/bench-lib.sh"

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
# "symbol NAME type bytes".  An object may be left over from another configuration:
# the archive knows which ones are linked.  The offsets are for kprobe events.
sizes() {
	object=$kernel/kernel/kthread.o
	nm -S "$bench/$1/module/sizes.o" |
		awk '$4 ~ /^offset_of_/ { sub("offset_of_", "", $4); print $4, "0x" $2 }' > "$bench/$1/offsets"
	{
		ar t "$kernel/kernel/built-in.a" | sed 's|.*/||' | grep '^kthread' |
			while read -r linked; do
				size "$kernel/kernel/$linked" |
					awk -v name="$linked" 'NR > 1 { print "size", name, $1, $2, $3 }'
			done
		nm -S "$bench/$1/module/sizes.o" |
			awk '$4 ~ /^size_of_/ { sub("size_of_", "", $4); print "struct", $4, "0x" $2 }'
		nm -S "$object" | awk '{ print "symbol", $NF, $(NF - 1), NF == 4 ? "0x" $2 : "0x0" }'
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

# The initramfs of a kernel: the programs of the guest, the module, what reads.
pack() {
	parts=$bench/$1/guest
	rm -rf "$parts"
	mkdir -p "$parts/stage/bench"
	cp "$bench/$1/module/bench.ko" "$bench/$1/offsets" "$bench/read" "$bench/count" \
		"$parts/stage/bench"
	ln -s "$programs/programs.cpio.gz" "$parts/programs.cpio.gz"
	archive "$parts/stage" > "$parts/modules.cpio.gz"
	: | gzip -1n > "$parts/selftests.cpio.gz"
	rm -rf "$parts-bpftrace"
	cp -a "$parts" "$parts-bpftrace"
	ln -sf "$bench/bpftrace.cpio.gz" "$parts-bpftrace/selftests.cpio.gz"
}

# bpftrace is ten times as large as all the rest: not every guest has it.
pack_bpftrace() {
	version=$(bpftrace --version) || die "the host has no bpftrace for the guest" \
		"expected the package bpftrace: 'make deps' installs it"
	[ "$(cat "$bench/bpftrace.key" 2>/dev/null)" != "$version" ] || return 0
	rm -rf "$bench/bpftrace"
	add_program "$bench/bpftrace" "$(command -v bpftrace)"
	archive "$bench/bpftrace" > "$bench/bpftrace.cpio.gz"
	rm -r "$bench/bpftrace"
	echo "$version" > "$bench/bpftrace.key"
}

# build COLUMN...
build() {
	[ "$ARCH" = x86_64 ] || die "ARCH=$ARCH: 'make bench' reads the time stamp counter" \
		"expected ARCH=x86_64, where QEMU makes it count instructions"
	mkdir -p "$figures" "$log"
	"$tools/base_tree.sh" "$base_tree"
	for one in $(kernels "$@"); do
		build_kernel "$one"
	done
	same_configuration
	(use_kernel config_y && "$tools/guest.sh")
	for program in read count; do
		gcc -O2 -Wall -static -o "$bench/$program" "$source/$program.c"
	done
	for one in $(kernels "$@"); do
		pack "$one"
	done
	pack_bpftrace
}

# What the figures of a column depend on
stamp() (
	use_kernel "$(kernel_of "$1")"
	{
		awk -v c="$1" '$1 == c' "$source/columns"
		"$BENCH_QEMU" --version
		cat "$kernel/$(field arches "$ARCH" 4)" "$bench/$(kernel_of "$1")/module/bench.ko" \
			"$bench/read" "$bench/count" "$source/run.sh" "$tools/icount-qemu.sh" \
			"$programs/programs.key"
		[ "$(script_of "$1")" = - ] || cat "$bench/$(kernel_of "$1")/offsets" "$source/peers/"*
		[ "$(script_of "$1")" != bpftrace.sh ] || bpftrace --version
	} | hash_of
)

# measure DIR COLUMN OPTION...: boot the guest with these options and put what it
# counts into DIR
measure() (
	where=$1
	column=$2
	shift 2
	wanted=$(stamp "$column")
	if [ "$(cat "$where/$column.stamp" 2>/dev/null)" = "$wanted" ]; then
		say "bench: $column: nothing has changed since it was measured"
		exit 0
	fi
	mkdir -p "$where"
	rm -f "$where/$column.stamp"
	use_kernel "$(kernel_of "$column")"
	"$tools/boot.sh" --timeout 1800 --quiet --label "bench-$column" \
		--parts "$(parts_of "$column")" "$@" "$source/run.sh" ||
		die "the column $column was not measured" "see above, and $BUILD/run/bench-$column/"
	cp "$BUILD/run/bench-$column/output.log" "$where/$column"
	echo "$wanted" > "$where/$column.stamp"
)

has_kvm() (
	use_kernel unpatched
	"$tools/accel.py" "$ARCH" "$BENCH_QEMU" "$(field arches "$ARCH" 6)" \
		"$kernel/$(field arches "$ARCH" 4)" "$BUILD/accel-$ARCH" | grep -qx kvm
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

case ${1:-} in
instructions)
	measure "$figures" "$2" --qemu "$tools/icount-qemu.sh" --append "bench_column=$2"
	exit
	;;
time)
	ACCEL=kvm
	measure "$bench/figures-kvm" "$2" --append "bench_column=$2 bench_short"
	exit
	;;
esac
check_columns "$@"
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(columns)
build "$@"
printf '%s\n' "$@" | xargs -P "$JOBS" -n 1 "$0" instructions
if has_kvm; then
	printf '%s\n' "$@" | xargs -n 1 "$0" time
fi
versions "$@" > "$bench/versions"
exec "$tools/bench.py" "$bench" "$source/columns" "$top/Documentation/cost"
