// SPDX-License-Identifier: GPL-2.0
/*
 * Kthreads that make, park, stop and lose kthreads as fast as they can, until
 * the module is unloaded. Each maker takes its own random way through the API.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#define MAKERS 4

static struct task_struct *makers[MAKERS];
static atomic_long_t made = ATOMIC_LONG_INIT(0);
static atomic_long_t failed = ATOMIC_LONG_INIT(0);

static int polls(void *unused)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		schedule_timeout_interruptible(HZ);
	}
	return 0;
}

static int leaves(void *done)
{
	complete(done);
	return 0;
}

static int exits(void *done)
{
	kthread_complete_and_exit(done, 0);
}

/* One that leaves by itself is out of our text when it has exited. */
static void wait_for_exit(struct task_struct *task)
{
	while (!READ_ONCE(task->exit_state))
		schedule_timeout_uninterruptible(1);
	put_task_struct(task);
}

static void leave_alone(int (*threadfn)(void *), struct rnd_state *random)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *task;

	task = kthread_create(threadfn, &done, "storm/leaves_by_itself/%u",
			      prandom_u32_state(random) % 100);
	if (IS_ERR(task)) {
		atomic_long_inc(&failed);
		return;
	}
	get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&done);
	wait_for_exit(task);
}

static void park_and_stop(struct task_struct *task, u32 way)
{
	if (way & 1)
		wake_up_process(task);
	if (way & 2)
		kthread_park(task);
	if ((way & 6) == 6)
		kthread_unpark(task);
	if (way & 8)
		schedule_timeout_uninterruptible(1);
	kthread_stop(task);
}

static void make_one(struct rnd_state *random)
{
	u32 way = prandom_u32_state(random);
	struct task_struct *task;

	atomic_long_inc(&made);
	if (!(way & 0x300)) {
		leave_alone(way & 1 ? leaves : exits, random);
		return;
	}
	if ((way & 0x300) == 0x100)
		task = kthread_create_on_cpu(polls, NULL, 0, "storm/%u");
	else
		task = kthread_create(polls, NULL, "storm with a blank/%u", way % 100);
	if (IS_ERR(task))
		atomic_long_inc(&failed);
	else
		park_and_stop(task, way);
}

static int make_many(void *number)
{
	struct rnd_state random;

	prandom_seed_state(&random, (unsigned long)number + 1);
	while (!kthread_should_stop()) {
		make_one(&random);
		cond_resched();
	}
	return 0;
}

static void storm_exit(void)
{
	unsigned long i;

	for (i = 0; i < MAKERS; i++)
		if (makers[i])
			kthread_stop(makers[i]);
	pr_info("made %ld kthreads, %ld failed\n", atomic_long_read(&made),
		atomic_long_read(&failed));
}
module_exit(storm_exit);

static int __init storm_init(void)
{
	struct task_struct *task;
	unsigned long i;

	for (i = 0; i < MAKERS; i++) {
		task = kthread_run(make_many, (void *)i, "storm_maker/%lu", i);
		if (IS_ERR(task)) {
			storm_exit();
			return PTR_ERR(task);
		}
		makers[i] = task;
	}
	return 0;
}
module_init(storm_init);

static int made_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%ld %ld\n", atomic_long_read(&made),
			  atomic_long_read(&failed));
}

static const struct kernel_param_ops made_ops = { .get = made_get };
module_param_cb(made, &made_ops, NULL, 0400);
MODULE_PARM_DESC(made, "how many kthreads were requested, and how many not made");

MODULE_DESCRIPTION("Make, park and stop kthreads as fast as possible");
MODULE_LICENSE("GPL");
