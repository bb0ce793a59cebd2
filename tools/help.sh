#!/bin/sh
# What `make` alone prints.
set -eu
. "$(dirname "$0")/lib.sh"

variable() { printf '  %-24s %s\n' "$1" "$2"; }

cat <<EOF
Targets
  make deps     install the Debian packages that are missing (root or sudo)
  make tree     make the kernel tree: the base, and the patches of patches/
  make series   write patches/ from the commits of that tree
  make kernel   build its kernel, its modules and the guest's initramfs
  make run      boot the guest: a tour through the life of some kthreads
  make shell    boot the guest and give a prompt in it; leave with exit, or Ctrl-A X
  make check    checkpatch, builds patch by patch, kernel-doc, spelling, scripts
  make test     everything: check, tests of the tools, tests in the guest
  make ci       what .ci/run does: test, and a part of what follows with other kernels
  make kunit    the KUnit tests of the series under UML
  make mutants  break one promise of the records at a time: does a test notice?
  make fuzz     10 million random inputs for the grammar of the control file
  make field    real bugs of real drivers happen again: are they explained?
  make storm    everything at once in the guest for STORM seconds; try CONFIG=debug
  make quiet    do what is no mistake, with every kthread watched: is it silent?
  make hung_task  hangs of kthreads: does khungtaskd say what it says without us?
  make regress  upstream's kselftests: the same results as without the series?
  make bench    count the instructions of a kthread's life: Documentation/cost.md
  make am       apply the series to a tree of yours: make am TREE=dir
  make matrix   the tests in other configurations: Documentation/matrix.md
  make mbox     the cover letter and the patches as a thread, addressed: build/mbox/
  make clean    remove what was generated; refuses where work would be lost

Variables, as in: make test JOBS=4
EOF
variable "BASE=$BASE" "the kernel that the patches go on; known: $(keys bases)"
variable "ARCH=$ARCH" "the guest's architecture; known: $(keys arches) (riscv64: make matrix only)"
variable "CONFIG=$CONFIG" "default, or NAME for kernel-config/NAME.config on top; bench, field, hung_task, quiet and regress have their own"
variable "KERNEL_TREE=$KERNEL_TREE" "a git tree of Linux, or a tarball, instead of BASE"
variable "JOBS=$JOBS" "parallel jobs of a build"
variable "ACCEL=${ACCEL:-auto}" "what QEMU runs on: auto, kvm or tcg"
variable "SMP=${SMP:-2}" "CPUs of the guest"
variable "MEM=${MEM:-1024}" "memory of the guest in MB"
variable "STORM=${STORM:-120}" "seconds that 'make storm' takes"
variable "PARTS=${PARTS:-}" "what 'make test' tests, as: kselftests kunit; everything by default"
variable "CI_MINUTES=${CI_MINUTES:-60}" "after which 'make ci' begins nothing else"
variable "MUTANTS=${MUTANTS:-}" "names from selftests/mutants/; all of them by default"
variable "CELLS=${CELLS:-}" "names from tools/matrix-cells; all of them by default"
variable "QUIET=${QUIET:-}" "what 'make quiet' does: parts of selftests/quiet.sh, or all"
variable "REGRESS=${REGRESS:-}" "suites that 'make regress' runs; all that tools/regress-suites says"
variable "FIELD=${FIELD:-}" "names from selftests/field/; all of them by default"
variable "TREE=${TREE:-}" "the tree that 'make am' applies the series to"
variable "BUILD=$(realpath --relative-base="$PWD" "$BUILD")" "where everything generated goes"
