// SPDX-License-Identifier: GPL-2.0-only
/* What kthread_control.c calls: a history, a key, waits. */
#include "kernel.h"
#include "stubs.h"

int kernel_spinlocks;
int kernel_mutexes;
char kernel_log[2048];
struct stub_state stub = { .entries = 1024 };

int kthread_wait_wake(pid_t pid)
{
	KERNEL_EXPECT(!kernel_spinlocks);
	stub.wakes++;
	/* As in a kernel: 1 is no kthread, nobody waits for 2. */
	return pid == 3 ? 0 : pid == 2 ? -ENOENT : -ESRCH;
}

#ifndef STAGE_B
void *kthread_history_prepare(unsigned int entries)
{
	unsigned int *history;

	KERNEL_EXPECT(!kernel_spinlocks && kernel_mutexes == 1);
	if (entries == stub.entries)
		return NULL;
	if (entries == 65535)
		return ERR_PTR(-ENOMEM);
	history = malloc(sizeof(*history));
	*history = entries;
	return history;
}

void kthread_history_install(void *history)
{
	KERNEL_EXPECT(!kernel_spinlocks && kernel_mutexes == 1);
	stub.changes++;
	if (history)
		stub.entries = *(unsigned int *)history;
	free(history);
}

/* The leak sanitizer says if it is not called. */
void kthread_history_discard(void *history)
{
	KERNEL_EXPECT(!kernel_spinlocks && kernel_mutexes == 1);
	free(history);
}

void kthread_record_clear(void)
{
	KERNEL_EXPECT(!kernel_spinlocks);
	stub.clears++;
	stub.changes++;
}

/* It hangs: everybody else must get through. Mutexes and locks abort if not. */
void kthread_tracking_set(bool on)
{
	char wake[] = "wake 3; clear", other[] = "comm=x; stop_ms=7; report=warn", bad[] = "?";
	static const struct kthread_settings empty;
	struct kthread_settings before, seen;
	char text[2048], again[2048];
	struct seq_file m = { .buf = text, .size = sizeof(text) };
	struct stub_state saved = stub;

	KERNEL_EXPECT(!kernel_spinlocks && kernel_mutexes == 1);
	stub.tracking = on;
	kthread_control_get(&before);
	KERNEL_EXPECT(before.tracking == on);
	KERNEL_EXPECT(before.history == stub.entries);
	KERNEL_EXPECT(memcmp(&before, &empty, sizeof(empty)));
	KERNEL_EXPECT(!kthread_control_write(wake, strlen(wake)));
	KERNEL_EXPECT(!kthread_control_write(other, strlen(other)));
	KERNEL_EXPECT(kthread_control_write(bad, strlen(bad)) == -EINVAL);
	kthread_control_show(&m);
	kthread_control_get(&seen);
	KERNEL_EXPECT(seen.stop_ms == 7 && seen.report_warn && !strcmp(seen.comm, "x"));
	/* Back to what the write has set */
	snprintf(again, sizeof(again), "comm=%s;stop_ms=%u;report=%s", before.comm,
		 before.stop_ms, before.report_warn ? "warn" : "log");
	KERNEL_EXPECT(!kthread_control_write(again, strlen(again)));
	saved.tracking = on;
	saved.changes++;
	stub = saved;
}
#endif
