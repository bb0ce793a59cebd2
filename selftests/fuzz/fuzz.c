// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz the grammar of kthread/control, for libFuzzer and the address sanitizer.
 *
 * Whatever is written: the parser stays within the text and says where an error
 * is; what it accepts is a possible setting, and printed, is accepted once more
 * and means the same.
 */
#include "kernel.h"
#include "kthread_lifecycle_parse.h"

#define EXPECT(what)							\
do {									\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
		abort();						\
	}								\
} while (0)

static const struct kthread_settings start = KTHREAD_SETTINGS_DEFAULT;

static void check_error(const char *text, size_t length, int ret,
			const struct kthread_parse_error *error)
{
	EXPECT(ret == -EINVAL || ret == -ERANGE);
	EXPECT(error->expected && *error->expected);
	EXPECT(error->line >= 1);
	EXPECT(error->text >= text && error->text + error->length <= text + length);
	EXPECT(error->column >= 1 && error->column <= error->length + 1);
	EXPECT(!memchr(error->text, '\n', error->length));
}

static void check_settings(const struct kthread_settings *settings)
{
	struct kthread_command again = { .settings = start };
	struct kthread_parse_error error;
	char text[KTHREAD_SETTINGS_TEXT];
	int length = kthread_lifecycle_print(text, sizeof(text), settings);

	EXPECT(settings->history <= KTHREAD_HISTORY_MAX);
	EXPECT(*settings->comm && strlen(settings->comm) < KTHREAD_COMM_GLOBS);
	EXPECT(length == (int)strlen(text) && text[length - 1] == '\n');
	EXPECT(!kthread_lifecycle_parse(text, length, &again, &error));
	EXPECT(again.settings.tracking == settings->tracking);
	EXPECT(again.settings.stacks == settings->stacks);
	EXPECT(again.settings.history == settings->history);
	EXPECT(!strcmp(again.settings.comm, settings->comm));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kthread_command command = { .settings = start };
	struct kthread_parse_error error = { 0 };
	char split[KTHREAD_COMM_GLOBS + 1];
	/* Of its own, so that the sanitizer sees a read behind its end. */
	char *text = malloc(size);
	int ret;

	memcpy(text, data, size);
	ret = kthread_lifecycle_parse(text, size, &command, &error);
	if (ret) {
		check_error(text, size, ret, &error);
	} else {
		EXPECT(!memchr(text, '\0', size));
		check_settings(&command.settings);
		EXPECT(!(command.actions & 1U << KTHREAD_ACTION_WAKE) || command.wake > 0);
		kthread_lifecycle_split(command.settings.comm, split);
		kthread_lifecycle_matches(split, "kworker/0:1");
	}
	free(text);
	return 0;
}
