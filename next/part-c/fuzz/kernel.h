/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kernel/kthread_control.c needs of the kernel, in user space: included
 * before anything else, see run.sh. The functions that read text are the kernel's
 * own, taken from the tree; locks only check who holds them.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1UL << (n))
#define __init
#define __initdata
#define __pure
#define noinline
#define unlikely(x) (x)
#define fallthrough __attribute__((fallthrough))
#define check_mul_overflow __builtin_mul_overflow
#define check_add_overflow __builtin_add_overflow
#define EXPORT_SYMBOL(name) _Static_assert(1, "")
#define EXPORT_SYMBOL_GPL EXPORT_SYMBOL
#define MODULE_DESCRIPTION EXPORT_SYMBOL
#define MODULE_LICENSE EXPORT_SYMBOL
#define min(a, b) ({ __auto_type _a = (a); __auto_type _b = (b); _a < _b ? _a : _b; })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define IS_ERR(p) ((unsigned long)(p) >= -4095UL)
#define PTR_ERR(p) ((long)(p))
#define ERR_PTR(e) ((void *)(long)(e))
#define KERNEL_EXPECT(what)						\
do {									\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
		abort();						\
	}								\
} while (0)

#define early_param(name, f) int (*const early_param_##f)(char *) = f

/* The last message, for who wants to see it */
extern char kernel_log[2048];
#define pr_warn(...) snprintf(kernel_log, sizeof(kernel_log), __VA_ARGS__)

static inline ssize_t kernel_strscpy(char *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size);

	if (!size)
		return -E2BIG;
	memcpy(to, from, min(length, size - 1));
	to[min(length, size - 1)] = '\0';
	return length < size ? (ssize_t)length : -E2BIG;
}
#define STRSCPY2(to, from) kernel_strscpy(to, from, sizeof(to))
#define STRSCPY3(to, from, size) kernel_strscpy(to, from, size)
#define STRSCPY_OF(a, b, c, name, ...) name
#define strscpy(...) STRSCPY_OF(__VA_ARGS__, STRSCPY3, STRSCPY2)(__VA_ARGS__)

char *skip_spaces(const char *text);
char *strim(char *text);
int match_string(const char * const *array, size_t n, const char *string);
int kstrtouint(const char *text, unsigned int base, unsigned int *number);
bool glob_match(const char *pattern, const char *text);

/* === Locks === */

struct kernel_lock {
	bool held;
};

extern int kernel_spinlocks;
extern int kernel_mutexes;
#define DEFINE_RAW_SPINLOCK(name) struct kernel_lock name
#define DEFINE_MUTEX(name) struct kernel_lock name

static inline struct kernel_lock *kernel_raw_spinlock_irqsave(struct kernel_lock *lock)
{
	KERNEL_EXPECT(!lock->held);
	lock->held = true;
	kernel_spinlocks++;
	return lock;
}

static inline void kernel_raw_spinlock_irqsave_end(struct kernel_lock **lock)
{
	(*lock)->held = false;
	kernel_spinlocks--;
}

static inline struct kernel_lock *kernel_mutex(struct kernel_lock *lock)
{
	KERNEL_EXPECT(!lock->held && !kernel_spinlocks);
	lock->held = true;
	kernel_mutexes++;
	return lock;
}

static inline void kernel_mutex_end(struct kernel_lock **lock)
{
	(*lock)->held = false;
	kernel_mutexes--;
}

#define guard(kind)							\
	struct kernel_lock *guarded __attribute__((cleanup(kernel_##kind##_end), unused)) = \
	kernel_##kind
#define scoped_guard(kind, lock)					\
	for (struct kernel_lock *guarded __attribute__((cleanup(kernel_##kind##_end))) = \
	     kernel_##kind(lock), *once = guarded; once; once = NULL)

/* === Files === */

struct seq_file {
	char *buf;
	size_t size;
	size_t count;
};

static inline void seq_printf(struct seq_file *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	m->count += vsnprintf(m->buf + m->count, m->size - m->count, format, args);
	va_end(args);
	KERNEL_EXPECT(m->count < m->size);
	KERNEL_EXPECT(!kernel_spinlocks);
}

#endif /* FUZZ_KERNEL_H */
