/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef FUZZ_STUBS_H
#define FUZZ_STUBS_H

#include "kernel.h"
#include "kthread_internal.h"

/* What has been done to the stubs */
struct stub_state {
	unsigned int entries;
	bool tracking;
	unsigned long wakes;
	unsigned long clears;
	unsigned long changes;
};

extern struct stub_state stub;

#endif
