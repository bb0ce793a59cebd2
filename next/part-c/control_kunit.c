// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kthread/control: what it takes, what it refuses and how, and that what
 * it shows can be written.
 *
 * They change the settings of the machine, and put them back.
 */
#include <kunit/test.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "kthread_internal.h"

/* What control shows after this was written */
#define START								\
	"tracking=off\nhistory=16\ncomm=*\n"				\
	"create_ms=1\nstart_ms=2\nstop_ms=3\npark_ms=4\nflush_ms=5\n"	\
	"report=log\n"

static char control_before[2048], control_shown[2048], control_text[2048];

static const char *control_show(void)
{
	struct seq_file m = { .buf = control_shown, .size = sizeof(control_shown) };

	memset(control_shown, 0, sizeof(control_shown));
	kthread_control_show(&m);
	return control_shown;
}

static int control_write(const char *text, size_t length)
{
	memset(control_text, 0, sizeof(control_text));
	memcpy(control_text, text, length);
	return kthread_control_write(control_text, length);
}

static int control_init(struct kunit *test)
{
	strscpy(control_before, control_show());
	return control_write(START, strlen(START));
}

static void control_exit(struct kunit *test)
{
	control_write(control_before, strlen(control_before));
}

struct control_row {
	const char *text;
	int err;
	const char *shows;	/* a part of what is shown then */
	size_t length;		/* if there is a NUL in the text */
};

static const struct control_row control_rows[] = {
	/* Nothing */
	{ "", 0, START },
	{ "\n;; ;\n \t\r\n", 0, START },
	{ "# report=warn; wake 1\n  # x", 0, START },
	/* Settings */
	{ "report=warn", 0, "report=warn\n" },
	{ "report=warn\n", 0, "report=warn\n" },
	{ " ;\treport=warn ;", 0, "report=warn\n" },
	{ "report=warn#glued", 0, "report=warn\n" },
	/* No key, or no value */
	{ "x", -EINVAL, "# refused: x\n#          ^\n# 1:1: expected a setting" },
	{ "reports=log", -EINVAL, "# 1:1: expected a setting" },
	{ "repor=log", -EINVAL, "# 1:1: expected a setting" },
	{ "Report=log", -EINVAL, "# 1:1: expected a setting" },
	{ "report", -EINVAL, "# 1:1: expected a setting" },
	{ "report log", -EINVAL, "# 1:1: expected a setting" },
	{ "=log", -EINVAL, "# 1:1: expected a setting" },
	{ "wake=1", -EINVAL, "# 1:1: expected a setting" },
	{ "report=", -EINVAL, "# refused: report=\n#                 ^\n# 1:8: expected log" },
	{ "report= log", -EINVAL, "# 1:8: expected log or warn\n" },
	{ "report=lo", -EINVAL, "# 1:8: expected log or warn\n" },
	{ "report=logs", -EINVAL, "# 1:8: expected log or warn\n" },
	{ "report=log x", -EINVAL, "# 1:8: expected log or warn\n" },
	{ "report=warn,x", -EINVAL, "# 1:8: expected log or warn\n" },
	/* Place of the error */
	{ "# x\n\n  report=maybe # what?\n", -EINVAL,
	  "# refused:   report=maybe # what?\n#                   ^\n# 3:10: expected log" },
	{ "\treport=warn;\treport=log", -EINVAL,
	  "# refused:  report=warn; report=log\n#                        ^\n# 1:15: expected a " },
	{ "report=warn;wake 1", -ESRCH,
	  "# refused: report=warn;wake 1\n#                           ^\n# 1:18: expected the " },
	{ "wake 2\nreport=warn\n# x", -ENOENT, "# refused: wake 2\n#               ^\n# 1:6:" },
	/* All or nothing */
	{ "report=warn\0", -EINVAL, "# 1:12: expected text, not a NUL byte\n", 12 },
	{ "report=warn\n\0report=log", -EINVAL, "# 2:1: expected text, not a NUL byte\n", 23 },
	{ "\0", -EINVAL, "# 1:1: expected text, not a NUL byte\n", 1 },
	{ "report=warn\nwake", -EINVAL, "# 2:5: expected the pid of a kthread" },
	{ "report=warn\nwake x", -EINVAL, "# 2:6: expected the pid of a kthread" },
	{ "report=warn\nwake 0", -ESRCH, "# 2:6: expected the pid of a kthread" },
	{ "report=warn\nwake 1 2", -EINVAL, "# 2:6: expected the pid of a kthread" },
	{ "report=warn\nwake \t 2147483647", -ESRCH, "# 2:8: expected the pid of a kthread" },
	{ "report=warn\nwake 2147483648", -ERANGE, "# 2:6: expected the pid of a kthread" },
	{ "report=warn;wake 2;wake 2", -EINVAL, "# 1:20: expected a setting" },
	/* More settings */
	{ "tracking=on", 0, "tracking=on\nhistory=16\n" },
	{ " tracking=on ; history=7 ;comm=a;\n\tstop_ms=86400000 # a day",
	  0, "tracking=on\nhistory=7\ncomm=a\ncreate_ms=1\nstart_ms=2\nstop_ms=86400000\n" },
	{ "create_ms=0;start_ms=10;park_ms=11;flush_ms=0000000000000000000012",
	  0, "create_ms=0\nstart_ms=10\nstop_ms=3\npark_ms=11\nflush_ms=12\nreport" },
	{ "history=0", 0, "\nhistory=0\n" },
	{ "history=65536", 0, "\nhistory=65536\n" },
	{ "comm=*,!a*,b?,!!c", 0, "\ncomm=*,!a*,b?,!!c\n" },
	{ "clear", 0, START },
	/* The boot parameter separates with commas as well. */
	{ "tracking=on,comm=*,!rcu_*,history=7", 0, "tracking=on\nhistory=7\ncomm=*,!rcu_*\n" },
	{ "comm=a,b,report=warn", 0, "comm=a,b\n" },
	{ "report=warn,stop_ms=9;park_ms=8", 0, "stop_ms=9\npark_ms=8\nflush_ms=5\nreport=warn" },
	{ "history=7,histry=5", -EINVAL, "# 1:11: expected a setting" },
	/* No value */
	{ "tracking=1", -EINVAL, "# 1:10: expected on or off\n" },
	{ "clear 1", -EINVAL, "# 1:7: expected no value\n" },
	{ "clear=1", -EINVAL, "# 1:1: expected a setting" },
	{ "clearly", -EINVAL, "# 1:1: expected a setting" },
	/* Numbers */
	{ "history=", -EINVAL, "# 1:9: expected 0 to 65536\n" },
	{ "history=-1", -EINVAL, "# 1:9: expected 0 to 65536\n" },
	{ "history=0x10", -EINVAL, "# 1:9: expected 0 to 65536\n" },
	{ "history=1k", -EINVAL, "# 1:9: expected 0 to 65536\n" },
	{ "history=65537", -ERANGE, "# 1:9: expected 0 to 65536\n" },
	{ "history=4294967296", -ERANGE, "# 1:9: expected 0 to 65536\n" },
	{ "history=99999999999999999999", -ERANGE, "# 1:9: expected 0 to 65536\n" },
	{ "flush_ms=86400001", -ERANGE, "# 1:10: expected 0 (never) to 86400000" },
	/* Globs */
	{ "comm=", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=!", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=a,", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=,a", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=a,!,b", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=a=b", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=a b", -EINVAL, "# 1:6: expected [!]GLOB" },
	{ "comm=a\x01", -EINVAL, "# refused: comm=a?\n#               ^\n" },
	/* All or nothing */
	{ "tracking=on;history=5;comm=b;stop_ms=6;clear;wake 1", -ESRCH, "# 1:51: expected the" },
	{ "stop_ms=6;history=65537;tracking=on", -ERANGE, "# 1:19: expected 0 to 65536\n" },
	{ "tracking=on;comm=b\ntracking=on", -EINVAL, "# 2:1: expected a setting" },
	{ "clear;clear", -EINVAL, "# 1:7: expected a setting" },
};

static void control_test_rows(struct kunit *test)
{
	const struct control_row *row = control_rows;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(control_rows); i++, row++) {
		KUNIT_ASSERT_EQ(test, 0, control_write(START, strlen(START)));
		KUNIT_EXPECT_EQ_MSG(test, row->err,
				    control_write(row->text, row->length ?: strlen(row->text)),
				    "\"%s\"", row->text);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(control_show(), row->shows),
					  "\"%s\" shows: %s", row->text, control_shown);
		/* Only what was refused has left an error, and it has left nothing else. */
		KUNIT_EXPECT_EQ_MSG(test, !row->err, !strchr(control_shown, '#'), "\"%s\"",
				    row->text);
		KUNIT_EXPECT_TRUE_MSG(test, !row->err ||
				      !strncmp(control_shown, START, strlen(START)),
				      "\"%s\" shows: %s", row->text, control_shown);
	}
}

/* What is shown, an error too, can be written, and then shows the same. */
static void control_test_round_trip(struct kunit *test)
{
	static char saved[sizeof(control_shown)];
	const struct control_row *row = control_rows;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(control_rows); i++, row++) {
		KUNIT_ASSERT_EQ(test, 0, control_write(START, strlen(START)));
		control_write(row->text, row->length ?: strlen(row->text));
		strscpy(saved, control_show());
		KUNIT_ASSERT_EQ(test, 0, control_write(START, strlen(START)));
		KUNIT_EXPECT_EQ_MSG(test, 0, control_write(saved, strlen(saved)), "%s", saved);
		if (strchr(saved, '#'))
			*strchr(saved, '#') = '\0';
		KUNIT_EXPECT_STREQ_MSG(test, saved, control_show(), "\"%s\"", row->text);
	}
}

/* A line that is cut has no caret behind its end. */
static void control_test_long_line(struct kunit *test)
{
	char text[200];

	memset(text, ' ', sizeof(text));
	memcpy(text + 127, "?", 2);
	KUNIT_EXPECT_EQ(test, -EINVAL, control_write(text, 128));
	KUNIT_EXPECT_NULL(test, strchr(control_show(), '^'));
	KUNIT_EXPECT_EQ(test, -EINVAL, control_write(text + 1, 127));
	KUNIT_EXPECT_NOT_NULL(test, strstr(control_show(), " ^\n# 1:127:"));
}

static void control_test_long_globs(struct kunit *test)
{
	struct kthread_settings settings;
	char text[200];

	memset(text, 'a', sizeof(text));
	memcpy(text, "comm=", 5);
	KUNIT_EXPECT_EQ(test, -E2BIG, control_write(text, 5 + KTHREAD_CONTROL_GLOBS));
	KUNIT_EXPECT_NOT_NULL(test, strstr(control_show(), "# 1:6: expected [!]GLOB"));
	KUNIT_EXPECT_EQ(test, 0, control_write(text, 5 + KTHREAD_CONTROL_GLOBS - 1));
	kthread_control_get(&settings);
	KUNIT_EXPECT_EQ(test, KTHREAD_CONTROL_GLOBS - 1, strlen(settings.comm));
}

static void control_test_comm(struct kunit *test)
{
	static const struct {
		const char *comm, *name;
		bool matches;
	} rows[] = {
		{ "*", "anything", true },
		{ "*", "", true },
		{ "a", "ab", false },
		{ "a?", "ab", true },
		{ "[ab]*", "bc", true },
		{ "*,!kworker/*", "kworker/0:1", false },
		{ "*,!kworker/*", "kswapd0", true },
		{ "!kworker/*,*", "kworker/0:1", true },
		{ "!kworker/*", "kswapd0", false },
		{ "*,!k*,kswapd?", "kswapd0", true },
		{ "*,!k*,kswapd?", "kworker/0:1", false },
		{ "a,b", "b", true },
		{ "a,b", "a,b", false },
		{ "*,!!a", "!a", false },
		{ "*,!!a", "a", true },
	};
	struct kthread_settings settings = { };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		strscpy(settings.comm, rows[i].comm);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].matches,
				    kthread_control_comm_matches(&settings, rows[i].name),
				    "%s on %s", rows[i].comm, rows[i].name);
	}
}

static struct kunit_case control_cases[] = {
	KUNIT_CASE(control_test_rows),
	KUNIT_CASE(control_test_round_trip),
	KUNIT_CASE(control_test_long_line),
	KUNIT_CASE(control_test_long_globs),
	KUNIT_CASE(control_test_comm),
	{ }
};

static struct kunit_suite control_suite = {
	.name = "kthread_control",
	.init = control_init,
	.exit = control_exit,
	.test_cases = control_cases,
};

kunit_test_suite(control_suite);
