// SPDX-License-Identifier: GPL-2.0-only
/*
 * read FILE TIMES: read the file to its end so many times, and print its lines,
 * its bytes, and what a reading cost, each on a line:
 *
 *	lines bytes instructions
 *
 * Only the reads are counted. Built static: the guest needs no libraries for it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

static char buffer[65536];

static long lines_in(const char *text, size_t length)
{
	const char *end = text + length;
	long lines = 0;

	while ((text = memchr(text, '\n', end - text))) {
		text++;
		lines++;
	}
	return lines;
}

static int read_once(const char *path)
{
	unsigned long long begin, cost = 0;
	long lines = 0, bytes = 0;
	ssize_t length;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	do {
		begin = __rdtsc();
		length = read(fd, buffer, sizeof(buffer));
		cost += __rdtsc() - begin;
		lines += length > 0 ? lines_in(buffer, length) : 0;
		bytes += length > 0 ? length : 0;
	} while (length > 0);
	close(fd);
	if (!length)
		printf("%ld %ld %llu\n", lines, bytes, cost);
	return length;
}

int main(int argc, char **argv)
{
	int times;

	if (argc != 3) {
		fprintf(stderr, "usage: read FILE TIMES\n");
		return 2;
	}
	for (times = atoi(argv[2]); times > 0; times--) {
		if (read_once(argv[1])) {
			perror(argv[1]);
			return 1;
		}
	}
	return 0;
}
