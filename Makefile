# The targets; what they do is in tools/.

BASE ?= 7.2
ARCH ?= x86_64
CONFIG ?= default
KERNEL_TREE ?=
JOBS ?= $(shell nproc)
ACCEL ?= auto
SMP ?= 2
MEM ?= 1024
TREE ?=
BUILD ?= $(CURDIR)/build
STORM ?= 120
PARTS ?=
MUTANTS ?=
CELLS ?=
QUIET ?=
FIELD ?=
REGRESS ?=
export BASE ARCH CONFIG KERNEL_TREE JOBS ACCEL SMP MEM TREE BUILD STORM

.PHONY: help deps tree series kernel run shell test ci check kunit mutants fuzz field storm quiet hung_task regress bench am mbox matrix clean terminal

help:
	@tools/help.sh

deps:
	@tools/deps.sh

tree: deps
	@tools/tree.sh

series:
	@tools/series.sh

kernel: deps
	@tools/tree.sh --keep-work
	@tools/kernel.sh
	@tools/guest.sh

run: kernel
	@tools/boot.sh --timeout 300 selftests/tour.sh

# Before anything is built
terminal:
	@[ -t 0 ] || { echo "make shell is interactive and needs a terminal;" \
		"to run a script in the guest: tools/boot.sh script.sh" >&2; exit 1; }

shell: terminal kernel
	@tools/boot.sh --shell selftests/shellrc

check: deps
	@tools/check.sh

test: tree
	@tools/test.sh $(PARTS)

ci: tree
	@tools/ci.sh

kunit: deps
	@tools/tree.sh --keep-work
	@tools/kunit.sh

mutants: deps
	@tools/tree.sh --keep-work
	@tools/mutants.sh $(MUTANTS)

fuzz: deps
	@tools/tree.sh --keep-work
	@tools/fuzz.sh

field: deps
	@tools/tree.sh --keep-work
	@tools/field.sh $(FIELD)

storm: kernel
	@tools/boot.sh --timeout $$((3600 + 2 * $(STORM))) --append 'storm=$(STORM) slab_nomerge' selftests/storm.sh

# CPUs to take away, and memory for the torture tests
quiet: SMP = 4
quiet: MEM = 2048
quiet: deps
	@tools/tree.sh --keep-work
	@tools/quiet.sh $(QUIET)

hung_task: deps
	@tools/tree.sh --keep-work
	@tools/hung_task.sh

regress: MEM = 2048
regress: deps
	@tools/tree.sh --keep-work
	@tools/regress.sh $(REGRESS)

bench: deps
	@tools/tree.sh --keep-work
	@tools/bench.sh

am:
	@tools/am.sh

matrix: deps
	@tools/tree.sh --keep-work
	@tools/matrix.sh $(CELLS)

mbox: deps
	@tools/tree.sh --keep-work
	@tools/mbox.sh

clean:
	@tools/clean.sh
