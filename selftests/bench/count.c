// SPDX-License-Identifier: GPL-2.0-only
/*
 * count TIMES COMMAND [ARGUMENT...]: run the command so many times, without what
 * it prints, and print what each run took, from fork() to its end, on a line:
 *
 *	instructions
 *
 * A command that complains has run all the same: threads come and go.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define CANNOT_RUN	127

static void run_silently(char **command)
{
	int null = open("/dev/null", O_WRONLY);

	if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
		execvp(command[0], command);
	_exit(CANNOT_RUN);
}

static int count_once(char **command)
{
	unsigned long long begin = __rdtsc();
	int status;
	pid_t pid = fork();

	if (!pid)
		run_silently(command);
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) == CANNOT_RUN)
		return -1;
	printf("%llu\n", __rdtsc() - begin);
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	int times;

	if (argc < 3) {
		fprintf(stderr, "usage: count TIMES COMMAND [ARGUMENT...]\n");
		return 2;
	}
	for (times = atoi(argv[1]); times > 0; times--) {
		if (count_once(argv + 2)) {
			fprintf(stderr, "count: %s did not run\n", argv[2]);
			return 1;
		}
	}
	return 0;
}
