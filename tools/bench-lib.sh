# shellcheck shell=sh
# What bench.sh and profile.sh share: the columns and their kernels.
# Read with: . "$(dirname "$0")/bench-lib.sh"

CONFIG=bench
. "$(dirname "$0")/lib.sh"
# shellcheck disable=SC2034 # for the scripts that read this
{
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
}

columns() { awk '!/^#/ && NF { print $1 }' "$source/columns"; }
kernel_of() { awk -v c="$1" '$1 == c { print $2 }' "$source/columns"; }
script_of() { awk -v c="$1" '$1 == c { print $5 }' "$source/columns"; }

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

# The initramfs of a column
parts_of() {
	case $(script_of "$1") in
	bpftrace.sh) echo "$bench/$(kernel_of "$1")/guest-bpftrace" ;;
	*) echo "$bench/$(kernel_of "$1")/guest" ;;
	esac
}

# A column of that name is in the list.
check_columns() {
	for column; do
		[ -n "$(kernel_of "$column")" ] ||
			die "there is no column $column" "expected some of: $(columns | xargs)"
	done
}
