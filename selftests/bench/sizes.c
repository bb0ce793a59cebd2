// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sizes of structures that only kernel/kthread.c and its records know, and
 * where a task has what kprobe events fetch by its offset. This is compiled, not
 * linked; "nm -S" shows the sizes.
 */
#include "kernel/kthread.c"
#undef CREATE_TRACE_POINTS

char size_of_kthread[sizeof(struct kthread)];
char offset_of_pid[offsetof(struct task_struct, pid)];
char offset_of_comm[offsetof(struct task_struct, comm)];

#if defined(CONFIG_KTHREAD_LIFECYCLE) && __has_include("kernel/kthread_lifecycle_record.h")
#include "kernel/kthread_lifecycle_record.h"

char size_of_kthread_record[sizeof(struct kthread_record)];
char size_of_history_slot[sizeof(*((struct kthread_history *)NULL)->slots)];
#endif
