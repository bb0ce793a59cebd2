// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz kthread/control, for libFuzzer and the sanitizers.
 *
 * Whatever is written: the code stays within the text; a refused write changes
 * nothing and says where it is wrong; what an accepted write leads to is possible,
 * and shown so that it can be written once more and means the same; what has
 * neither tracking= nor history= takes no mutex (stubs.c, kthread_tracking_set()).
 */
#include "stubs.h"

static char shown[8192];

static void show(void)
{
	struct seq_file m = { .buf = shown, .size = sizeof(shown) };

	kthread_control_show(&m);
}

static int write_copy(const uint8_t *data, size_t size)
{
	/* Of its own, so that the sanitizer sees an access behind its end. */
	char *text = malloc(size + 1);
	int err;

	memcpy(text, data, size);
	text[size] = '\0';
	err = kthread_control_write(text, size);
	free(text);
	KERNEL_EXPECT(!kernel_spinlocks && !kernel_mutexes);
	return err;
}

/* The three lines name a place that is in the text, with its line above it. */
static void check_refused(const uint8_t *data, size_t size, int err)
{
	char *refused = strstr(shown, "# refused: "), *caret, *place;
	unsigned int line, column, i, length;
	const uint8_t *start = data;

	KERNEL_EXPECT(refused);
	caret = strchr(refused, '\n') + 1;
	place = strrchr(shown, '#');
	KERNEL_EXPECT(sscanf(place, "# %u:%u: expected ", &line, &column) == 2);
	KERNEL_EXPECT(line >= 1 && column >= 1);
	for (i = 1; i < line; i++) {
		start = memchr(start, '\n', data + size - start);
		KERNEL_EXPECT(start++);
	}
	for (length = 0; start + length < data + size && start[length] != '\n' &&
	     start[length]; length++)
		;
	KERNEL_EXPECT(column <= length + 1);
	refused += strlen("# refused: ");
	KERNEL_EXPECT(caret - 1 - refused == min(length, 127U));
	for (i = 0; i < min(length, 127U); i++) {
		KERNEL_EXPECT(refused[i] >= ' ' && refused[i] <= '~');
		if (start[i] > ' ' && start[i] <= '~')
			KERNEL_EXPECT(refused[i] == start[i]);
	}
	KERNEL_EXPECT((caret != place) == (column < 128));
	if (caret != place)
		KERNEL_EXPECT(strspn(caret + 1, " ") == 9 + column && caret[10 + column] == '^');
	if (err == -ERANGE)
		KERNEL_EXPECT(column > length || strchr("+0123456789", start[column - 1]));
#ifndef STAGE_B
	if (err == -E2BIG)
		KERNEL_EXPECT(length - (column - 1) >= KTHREAD_CONTROL_GLOBS);
#endif
}

static void check_settings(const struct kthread_settings *now)
{
	char saved[8192];

	strcpy(saved, shown);
	KERNEL_EXPECT(!strchr(shown, '#'));
	KERNEL_EXPECT(!write_copy((uint8_t *)shown, strlen(shown)));
	show();
	KERNEL_EXPECT(!strcmp(saved, shown));
#ifndef STAGE_B
	KERNEL_EXPECT(now->history <= 65536 && now->history == stub.entries);
	KERNEL_EXPECT(now->tracking == stub.tracking);
	KERNEL_EXPECT(now->create_ms <= 86400000 && now->start_ms <= 86400000);
	KERNEL_EXPECT(now->stop_ms <= 86400000 && now->park_ms <= 86400000);
	KERNEL_EXPECT(now->flush_ms <= 86400000);
	KERNEL_EXPECT(*now->comm && strlen(now->comm) < KTHREAD_CONTROL_GLOBS);
	kthread_control_comm_matches(now, "kworker/0:1");
	kthread_control_comm_matches(now, "");
#endif
}

/* The boot parameter, and what is there without it */
extern int (*const early_param_kthread_control_setup)(char *);

static void boot(char *text, const char *expected, const char *log)
{
	kernel_log[0] = '\0';
	KERNEL_EXPECT(!early_param_kthread_control_setup(text));
	kthread_control_init();
	show();
	KERNEL_EXPECT(strstr(shown, expected));
	KERNEL_EXPECT(!strcmp(kernel_log, log));
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char text[513];

	(void)argc;
	(void)argv;
	memset(text, ' ', sizeof(text) - 1);
	text[512] = '\0';
	KERNEL_EXPECT(early_param_kthread_control_setup(NULL) == -EINVAL);
	KERNEL_EXPECT(early_param_kthread_control_setup(text) == -EINVAL);
	text[511] = '\0';
	boot(text, "report=log\n", "");
	text[510] = 'x';
	boot(text, "# 1:511: expected a setting",
#ifdef STAGE_B
	     "kthread_lifecycle=: ignored, at \"\" expected a setting or wake PID, each only once\n");
#else
	     "kthread_lifecycle=: ignored, at \"\" expected a setting, clear or wake PID, each only once\n");
#endif
#ifndef STAGE_B
	boot("", "tracking=off\nhistory=1024\ncomm=*,!kworker/*\ncreate_ms=10000\n"
	     "start_ms=10000\nstop_ms=10000\npark_ms=10000\nflush_ms=10000\nreport=log\n", "");
	boot("tracking=on,comm=*,!rcu_*,history=7", "tracking=on\nhistory=7\ncomm=*,!rcu_*\n", "");
	boot("stop_ms=9,histry=5", "stop_ms=10000\n", "kthread_lifecycle=: ignored, at "
	     "\"histry=5\" expected a setting, clear or wake PID, each only once\n");
	boot("report=warn,history=65535", "report=log\n", "kthread_lifecycle=: ignored, at "
	     "\"65535\" expected a history that there is memory for\n");
#endif
	boot("report=warn", "report=warn\n", "");
	boot("wake 3", "report=warn\n", "");
	KERNEL_EXPECT(stub.wakes == 1);
#ifndef STAGE_B
	boot("clear", "report=warn\n", "");
	KERNEL_EXPECT(stub.clears == 1);
#endif
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kthread_settings before, after;
	struct stub_state was = stub;
	int err;

	kthread_control_get(&before);
	err = write_copy(data, size);
	kthread_control_get(&after);
	show();
	if (err) {
		KERNEL_EXPECT(err == -EINVAL || err == -ERANGE || err == -E2BIG ||
			      err == -ESRCH || err == -ENOENT || err == -ENOMEM);
		KERNEL_EXPECT(!memcmp(&before, &after, sizeof(before)));
		KERNEL_EXPECT(was.changes == stub.changes && was.tracking == stub.tracking);
		KERNEL_EXPECT(was.wakes + (err == -ESRCH || err == -ENOENT) == stub.wakes);
		check_refused(data, size, err);
	} else {
		KERNEL_EXPECT(!memchr(data, '\0', size));
		check_settings(&after);
	}
	return 0;
}
