// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for kthreads that nothing ends, for khungtaskd to find: loading the module
 * makes them all. It is one of them, and never done.
 *
 * Builds on any kernel, with the series or without.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>

static DECLARE_COMPLETION(entered);
static DECLARE_COMPLETION(never);
static DECLARE_COMPLETION(locked);
static DEFINE_MUTEX(lock);

/* Nothing that it is asked for wakes it for good. */
static int sleeps(void *unused)
{
	complete(&entered);
	wait_for_completion(&never);
	return 0;
}

/* The same, in a state that khungtaskd takes for no trouble */
static int idles(void *unused)
{
	complete(&entered);
	while (!completion_done(&never))
		schedule_timeout_idle(MAX_SCHEDULE_TIMEOUT);
	return 0;
}

static int wants_lock(void *unused)
{
	complete(&entered);
	wait_for_completion(&locked);
	mutex_lock(&lock);
	mutex_unlock(&lock);
	return 0;
}

static int stops(void *victim)
{
	return kthread_stop(victim);
}

static int stops_with_lock(void *victim)
{
	guard(mutex)(&lock);
	complete(&locked);
	return kthread_stop(victim);
}

static int parks(void *victim)
{
	return kthread_park(victim);
}

static const struct wait {
	const char *name;
	int (*victim)(void *unused);
	int (*waiter)(void *victim);
} waits[] = {
	{ "asleep",	sleeps,		stops },
	{ "idle",	idles,		stops },
	{ "locked",	wants_lock,	stops_with_lock },
	{ "unparked",	sleeps,		parks },
	{ "idle_park",	idles,		parks },
};

/* Stopped before it is in its function, it would never be. */
static struct task_struct *start(int (*victim)(void *unused), const char *name)
{
	struct task_struct *task = kthread_run(victim, NULL, "%s", name);

	if (!IS_ERR(task))
		wait_for_completion(&entered);
	return task;
}

static int make_wait(const struct wait *wait)
{
	struct task_struct *victim, *waiter;

	victim = start(wait->victim, wait->name);
	if (IS_ERR(victim))
		return PTR_ERR(victim);
	waiter = kthread_run(wait->waiter, victim, "for_%s", wait->name);
	return PTR_ERR_OR_ZERO(waiter);
}

static int __init hung_init(void)
{
	struct task_struct *victim = kthread_create(idles, NULL, "unwoken");
	size_t i;

	for (i = 0; !IS_ERR(victim) && i < ARRAY_SIZE(waits); i++)
		if (make_wait(&waits[i]))
			return -EAGAIN;
	victim = start(idles, "of_module");
	return IS_ERR(victim) ? PTR_ERR(victim) : kthread_stop(victim);
}
module_init(hung_init);

MODULE_DESCRIPTION("Waits for kthreads that nothing ends");
MODULE_LICENSE("GPL");
