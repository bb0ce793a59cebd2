// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the life of a kthread costs.
 *
 * Under QEMU's -icount the time stamp counter counts instructions. A read of
 * /sys/kernel/debug/kthread-bench/WORK does the work many times and shows
 *
 *	WORK samples calls-per-sample p5 p50 p95 min max sum
 *
 * Kernels differ in the phase of their ticks, of RCU and of wake-ups. So that
 * they can be compared, the reader becomes a FIFO task, and the kernel comes to
 * rest before. "warm-up" does as many cycles as are written to it, "created" and
 * "running" hold as many kthreads; "khz" is what the counter counts per ms.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timex.h>
#include <asm/tsc.h>

#define HELD_MAX	32768
#define POLLS		1000
#define UNTIMED		20

struct work {
	const char *name;
	unsigned int samples;
	unsigned int calls;
	/* Do it once and say what it cost. */
	int (*once)(u32 *cost);
	int (*begin)(void);
	void (*end)(void);
};

struct crowd {
	struct task_struct *tasks[HELD_MAX];
	unsigned int count;
	bool wake;
};

static DEFINE_MUTEX(bench_mutex);
static DECLARE_COMPLETION(handshake);
static struct task_struct *parker;
static struct kthread_worker *worker;
static struct crowd created, running = { .wake = true };

/* === What kthreads do === */

static void sleep_until_stop(void)
{
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static int run_fn(void *data)
{
	complete(&handshake);
	sleep_until_stop();
	return 0;
}

static int exit_fn(void *data)
{
	kthread_complete_and_exit(&handshake, 0);
}

static int park_fn(void *data)
{
	complete(&handshake);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (!kthread_should_park()) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		kthread_parkme();
		complete(&handshake);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* What POLLS calls cost without the loop around them */
static __always_inline u32 cost_of_polls(bool (*poll)(void))
{
	cycles_t begin, between, end;
	unsigned long flags;
	unsigned int i;

	local_irq_save(flags);
	begin = get_cycles();
	for (i = 0; i < POLLS; i++)
		poll();
	between = get_cycles();
	for (i = 0; i < POLLS; i++)
		barrier();
	end = get_cycles();
	local_irq_restore(flags);
	return (between - begin) - (end - between);
}

static int poll_stop_fn(void *data)
{
	*(u32 *)data = cost_of_polls(kthread_should_stop);
	return run_fn(NULL);
}

static int poll_park_fn(void *data)
{
	*(u32 *)data = cost_of_polls(kthread_should_park);
	return run_fn(NULL);
}

/* === Work === */

static int start(struct task_struct **task, int (*fn)(void *data), void *data)
{
	*task = kthread_run(fn, data, "bench");
	if (IS_ERR(*task))
		return PTR_ERR(*task);
	wait_for_completion(&handshake);
	return 0;
}

static int run_once(u32 *cost)
{
	cycles_t begin = get_cycles();
	struct task_struct *task;
	int ret = start(&task, run_fn, NULL);

	if (ret)
		return ret;
	ret = kthread_stop(task);
	*cost = get_cycles() - begin;
	return ret;
}

static int unwoken_once(u32 *cost)
{
	cycles_t begin = get_cycles();
	struct task_struct *task = kthread_create(run_fn, NULL, "bench");

	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_stop(task);
	*cost = get_cycles() - begin;
	return 0;
}

/* A FIFO task is faster than the exit, which then counts in the next cycle. */
static int exit_once(u32 *cost)
{
	cycles_t begin = get_cycles();
	struct task_struct *task;
	int ret = start(&task, exit_fn, NULL);

	*cost = get_cycles() - begin;
	return ret;
}

static int park_begin(void)
{
	return start(&parker, park_fn, NULL);
}

/* It polls four times in a cycle, twice for each of stop and park. */
static int park_once(u32 *cost)
{
	cycles_t begin = get_cycles();
	int ret = kthread_park(parker);

	kthread_unpark(parker);
	if (!ret)
		wait_for_completion(&handshake);
	*cost = get_cycles() - begin;
	return ret;
}

static void park_end(void)
{
	kthread_stop(parker);
}

static void work_fn(struct kthread_work *work)
{
}

static DEFINE_KTHREAD_WORK(empty_work, work_fn);

static int work_begin(void)
{
	worker = kthread_run_worker(0, "bench-worker");
	return PTR_ERR_OR_ZERO(worker);
}

static int work_once(u32 *cost)
{
	cycles_t begin = get_cycles();

	kthread_queue_work(worker, &empty_work);
	kthread_flush_work(&empty_work);
	*cost = get_cycles() - begin;
	return 0;
}

static void work_end(void)
{
	kthread_destroy_worker(worker);
}

static int poll_once(u32 *cost, int (*fn)(void *data))
{
	struct task_struct *task;
	int ret = start(&task, fn, cost);

	return ret ?: kthread_stop(task);
}

static int poll_stop_once(u32 *cost)
{
	return poll_once(cost, poll_stop_fn);
}

static int poll_park_once(u32 *cost)
{
	return poll_once(cost, poll_park_fn);
}

static const struct work works[] = {
	{ "run", 2000, 1, run_once },
	{ "unwoken", 2000, 1, unwoken_once },
	{ "exit", 2000, 1, exit_once },
	{ "park", 2000, 1, park_once, park_begin, park_end },
	{ "work", 2000, 1, work_once, work_begin, work_end },
	{ "poll-stop", 100, POLLS, poll_stop_once },
	{ "poll-park", 100, POLLS, poll_park_once },
};

/* === Samples === */

static void settle(void)
{
	rcu_barrier();
	msleep(50);
	rcu_barrier();
}

static int take_samples(const struct work *work, u32 *samples)
{
	unsigned int i;
	u32 untimed;
	int ret = 0;

	settle();
	for (i = 0; !ret && i < UNTIMED; i++)
		ret = work->once(&untimed);
	for (i = 0; !ret && i < work->samples; i++)
		ret = work->once(&samples[i]);
	return ret;
}

static int sample_in_peace(const struct work *work, u32 *samples)
{
	int ret;

	guard(mutex)(&bench_mutex);
	sched_set_fifo(current);
	ret = work->begin ? work->begin() : 0;
	if (!ret) {
		ret = take_samples(work, samples);
		if (work->end)
			work->end();
	}
	sched_set_normal(current, 0);
	return ret;
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void show_samples(struct seq_file *m, const struct work *work, u32 *samples)
{
	unsigned int i, n = work->samples;
	u64 sum = 0;

	sort(samples, n, sizeof(*samples), compare, NULL);
	for (i = 0; i < n; i++)
		sum += samples[i];
	seq_printf(m, "%s %u %u %u %u %u %u %u %llu\n", work->name, n, work->calls,
		   samples[n / 20], samples[n / 2], samples[n - 1 - n / 20],
		   samples[0], samples[n - 1], sum);
}

static int work_show(struct seq_file *m, void *v)
{
	const struct work *work = m->private;
	u32 *samples = kvmalloc_array(work->samples, sizeof(*samples), GFP_KERNEL);
	int ret;

	if (!samples)
		return -ENOMEM;
	ret = sample_in_peace(work, samples);
	if (!ret)
		show_samples(m, work, samples);
	kvfree(samples);
	return ret;
}
DEFINE_SHOW_ATTRIBUTE(work);

static int warm_up_set(void *data, u64 cycles)
{
	u32 untimed;
	int ret = 0;

	guard(mutex)(&bench_mutex);
	while (!ret && cycles--)
		ret = run_once(&untimed);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(warm_up_fops, NULL, warm_up_set, "%llu\n");

/* === Kthreads that are there === */

static int join(struct crowd *crowd)
{
	struct task_struct *task;

	task = kthread_create(run_fn, NULL, "bench-held/%u", crowd->count);
	if (IS_ERR(task))
		return PTR_ERR(task);
	crowd->tasks[crowd->count++] = task;
	if (crowd->wake) {
		wake_up_process(task);
		wait_for_completion(&handshake);
	}
	return 0;
}

static int crowd_set(void *data, u64 count)
{
	struct crowd *crowd = data;
	int ret = 0;

	if (count > HELD_MAX)
		return -ERANGE;
	guard(mutex)(&bench_mutex);
	while (crowd->count > count)
		kthread_stop(crowd->tasks[--crowd->count]);
	while (!ret && crowd->count < count)
		ret = join(crowd);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(crowd_fops, NULL, crowd_set, "%llu\n");

/* === The module === */

static struct dentry *directory;

static int __init bench_init(void)
{
	unsigned int i;

	directory = debugfs_create_dir("kthread-bench", NULL);
	if (IS_ERR(directory))
		return PTR_ERR(directory);
	for (i = 0; i < ARRAY_SIZE(works); i++)
		debugfs_create_file(works[i].name, 0400, directory,
				    (void *)&works[i], &work_fops);
	debugfs_create_u32("khz", 0400, directory, &tsc_khz);
	debugfs_create_file("warm-up", 0200, directory, NULL, &warm_up_fops);
	debugfs_create_file("created", 0200, directory, &created, &crowd_fops);
	debugfs_create_file("running", 0200, directory, &running, &crowd_fops);
	return 0;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	debugfs_remove(directory);
	crowd_set(&created, 0);
	crowd_set(&running, 0);
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Count the instructions of the life of a kthread");
MODULE_LICENSE("GPL");
