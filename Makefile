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
export BASE ARCH CONFIG KERNEL_TREE JOBS ACCEL SMP MEM TREE BUILD

.PHONY: help deps tree series kernel run shell test check am clean

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

shell: kernel
	@tools/boot.sh --shell selftests/shellrc

check: deps
	@tools/check.sh

test: tree
	@tools/test.sh

am:
	@tools/am.sh

clean:
	@tools/clean.sh
