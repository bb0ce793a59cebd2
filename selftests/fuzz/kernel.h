/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kernel/kthread_lifecycle_parse.c needs of the kernel, in user space:
 * included before anything else, see tools/fuzz.sh.
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

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

/* The fuzzer should see what is used before it is written. */
#define __uninitialized

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* The kernel's own ctype: ASCII, and not the C library's locales */
static inline bool isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c & 0xff) == 0xa0;
}

static inline bool isprint(int c)
{
	c &= 0xff;
	return (c >= ' ' && c < 0x7f) || c >= 0xa0;
}

static inline int kstrtouint(const char *text, unsigned int base,
			     unsigned int *number)
{
	unsigned long long value;
	char *end;

	if (!*text || *text == '-' || isspace(*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, base);
	if (*end && strcmp(end, "\n"))
		return -EINVAL;
	if (errno || value > UINT_MAX)
		return -ERANGE;
	*number = value;
	return 0;
}

static inline int scnprintf(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(buffer, size, format, args);
	va_end(args);
	if (!size)
		return 0;
	return (size_t)length < size ? length : (int)size - 1;
}

bool match_wildcard(const char *pattern, const char *text);

#endif /* FUZZ_KERNEL_H */
