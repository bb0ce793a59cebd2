// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sizes of structures that only kernel/kthread.c and its records know. This
 * is compiled, not linked; "nm -S" shows the sizes.
 */
#include "kernel/kthread.c"
#undef CREATE_TRACE_POINTS

char size_of_kthread[sizeof(struct kthread)];

#ifdef CONFIG_KTHREAD_LIFECYCLE
#include "kernel/kthread_lifecycle_record.h"

char size_of_kthread_record[sizeof(struct kthread_record)];
char size_of_history_slot[sizeof(*((struct kthread_history *)NULL)->slots)];
#endif
