// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings and actions: kthread/control and the boot parameter kthread_lifecycle=.
 *
 * kthread_control_lock is a leaf, and held while something is copied.
 * kthread_control_mutex is held while kthread_tracking_set() waits for CPU hotplug.
 * Only writes that name tracking= or history= take it: while "tracking=on" hangs,
 * all other writes and all readers work.
 */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/glob.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "kthread_internal.h"

/* A row of the table that parses and shows */
struct kthread_control_key {
	const char *name;
	const char *expected;	/* as its value */
	const char *words[2];	/* for false and for true */
	unsigned int max;	/* of a number */
	size_t offset, size;	/* in struct kthread_settings; 0: an action */
};

/* The rows that do more than to set a value; they come first. */
enum kthread_control_id {
	KTHREAD_CONTROL_TRACKING,
	KTHREAD_CONTROL_HISTORY,
	KTHREAD_CONTROL_CLEAR,
	KTHREAD_CONTROL_WAKE,
};

#define KTHREAD_CONTROL_FIELD(_field, _type)				\
	.offset = offsetof(struct kthread_settings, _field), .size = sizeof(_type)

#define KTHREAD_CONTROL_MS(_field)					\
	{ .name = #_field, KTHREAD_CONTROL_FIELD(_field, unsigned int),	\
	  .max = 86400000, .expected = "0 (never) to 86400000 milliseconds" }

static const struct kthread_control_key kthread_control_keys[] = {
	[KTHREAD_CONTROL_TRACKING] = { .name = "tracking", .words = { "off", "on" },
		.expected = "on or off", KTHREAD_CONTROL_FIELD(tracking, bool) },
	[KTHREAD_CONTROL_HISTORY] = { .name = "history", .max = 65536,
		.expected = "0 to 65536", KTHREAD_CONTROL_FIELD(history, unsigned int) },
	[KTHREAD_CONTROL_CLEAR] = { .name = "clear", .expected = "no value" },
	[KTHREAD_CONTROL_WAKE] = { .name = "wake", .max = INT_MAX,
		.expected = "the pid of a kthread that is waited for and has run" },
	{ .name = "comm", KTHREAD_CONTROL_FIELD(comm, char[KTHREAD_CONTROL_GLOBS]),
	  .expected = "[!]GLOB[,[!]GLOB]... of at most 127 characters" },
	KTHREAD_CONTROL_MS(create_ms),
	KTHREAD_CONTROL_MS(start_ms),
	KTHREAD_CONTROL_MS(stop_ms),
	KTHREAD_CONTROL_MS(park_ms),
	KTHREAD_CONTROL_MS(flush_ms),
	{ .name = "report", .words = { "log", "warn" }, .expected = "log or warn",
	  KTHREAD_CONTROL_FIELD(report_warn, bool) },
};

static struct kthread_settings kthread_control_settings = {
	.report_warn = false,
	.history = 1024, .comm = "*,!kworker/*",
	.create_ms = 10000, .start_ms = 10000, .stop_ms = 10000, .park_ms = 10000,
	.flush_ms = 10000,
};

/* A place in the text of a write, and what was expected there; NULL: no error */
static struct kthread_control_place {
	unsigned int line, column;
	const char *expected;
	char text[128];		/* of the line; may be cut */
} kthread_control_error;
static DEFINE_RAW_SPINLOCK(kthread_control_lock);
static DEFINE_MUTEX(kthread_control_mutex);

/* What a write asks for, and where; line 0: it does not */
struct kthread_control_request {
	unsigned long named;	/* rows of the table, as bits */
	struct kthread_settings settings;	/* valid where named */
	unsigned int pid;
	struct kthread_control_place at, wake_at;
	struct kthread_control_place tracking_at;	/* tracking= or history= */
};

/* No = in a glob: what is between a comma and = is a key. */
static int kthread_control_parse_globs(char *text, char *globs, size_t size)
{
	char *glob;

	if (strscpy(globs, text, size) < 0)
		return -E2BIG;
	while ((glob = strsep(&text, ","))) {
		if (!glob[*glob == '!'])
			return -EINVAL;
		for (; *glob; glob++) {
			if (!isascii(*glob) || !isgraph(*glob) || *glob == '=')
				return -EINVAL;
		}
	}
	return 0;
}

static int kthread_control_parse_value(const struct kthread_control_key *key,
				       char *text, void *value)
{
	int ret;

	if (key->words[0]) {
		ret = match_string(key->words, ARRAY_SIZE(key->words), text);
		*(bool *)value = ret > 0;
		return min(ret, 0);
	}
	if (!key->max && key->size)
		return kthread_control_parse_globs(text, value, key->size);
	if (!key->max)
		return *text ? -EINVAL : 0;
	ret = kstrtouint(text, 10, value);
	return !ret && *(unsigned int *)value > key->max ? -ERANGE : ret;
}

static int kthread_control_parse_item(struct kthread_control_request *request,
				      char *item, const char *line)
{
	const struct kthread_control_key *key = kthread_control_keys;
	char *text = item + strcspn(item, "= \t");
	bool setting = *text == '=';
	unsigned int i;

	if (*text)
		*text++ = '\0';
	request->at.column = item - line + 1;
	request->at.expected = "a setting, clear or wake PID, each only once";
	for (i = 0; i < ARRAY_SIZE(kthread_control_keys); i++, key++) {
		if (!(request->named & BIT(i)) && setting == !!key->size &&
		    !strcmp(item, key->name))
			break;
	}
	if (i == ARRAY_SIZE(kthread_control_keys))
		return -EINVAL;
	request->named |= BIT(i);
	if (!setting)
		text = skip_spaces(text);
	request->at.column = text - line + 1;
	request->at.expected = key->expected;
	if (i == KTHREAD_CONTROL_WAKE)
		request->wake_at = request->at;
	if (i == KTHREAD_CONTROL_TRACKING || i == KTHREAD_CONTROL_HISTORY)
		request->tracking_at = request->at;
	return kthread_control_parse_value(key, text, setting ? (void *)&request->settings +
					   key->offset : &request->pid);
}

static int kthread_control_parse(struct kthread_control_request *request,
				 char *text, size_t length)
{
	const char *nul = text + strlen(text), *end = text + length;
	char *line, *rest, *item;
	int err;

	while ((rest = strsep(&text, "\n"))) {
		line = rest;
		request->at.line++;
		strscpy(request->at.text, line);
		rest[strcspn(rest, "#")] = '\0';
		/* A comma before KEY= separates items, like a semicolon. */
		for (item = strchr(rest, ','); item; item = strchr(item + 1, ',')) {
			if (item[1 + strcspn(item + 1, ",;=")] == '=')
				*item = ';';
		}
		while ((item = strsep(&rest, ";"))) {
			item = strim(item);
			err = *item ? kthread_control_parse_item(request, item, line) : 0;
			if (err)
				return err;
		}
		request->at.column = nul - line + 1;
	}
	request->at.expected = "text, not a NUL byte";
	return nul == end ? 0 : -EINVAL;
}

/* Only the wake-up can fail, so it comes first. */
static int kthread_control_apply(struct kthread_control_request *request)
{
	const struct kthread_control_key *key = kthread_control_keys;
	int i, err;

	request->at = request->wake_at;
	err = request->at.line ? kthread_wait_wake(request->pid) : 0;
	if (err)
		return err;
	scoped_guard(raw_spinlock_irqsave, &kthread_control_lock) {
		for (i = 0; i < ARRAY_SIZE(kthread_control_keys); i++, key++) {
			if (request->named & BIT(i))
				memcpy((void *)&kthread_control_settings + key->offset,
				       (void *)&request->settings + key->offset, key->size);
		}
		kthread_control_error.expected = NULL;
	}
	if (request->named & BIT(KTHREAD_CONTROL_CLEAR))
		kthread_record_clear();
	return 0;
}

/* The static key is what the last writer's settings say: the mutex orders both. */
static int kthread_control_apply_tracking(struct kthread_control_request *request)
{
	void *history;
	int err;

	guard(mutex)(&kthread_control_mutex);
	if (!(request->named & BIT(KTHREAD_CONTROL_HISTORY)))
		request->settings.history = kthread_control_settings.history;
	request->at = request->tracking_at;
	request->at.expected = "a history that there is memory for";
	history = kthread_history_prepare(request->settings.history);
	if (IS_ERR(history))
		return PTR_ERR(history);
	err = kthread_control_apply(request);
	if (err)
		kthread_history_discard(history);
	else
		kthread_history_install(history);
	if (!err && (request->named & BIT(KTHREAD_CONTROL_TRACKING)))
		kthread_tracking_set(request->settings.tracking);
	return err;
}

/**
 * kthread_control_write - do what is written to kthread/control, or nothing
 * @text: settings and actions, with a NUL behind them; is modified
 * @length: how many bytes were written
 *
 * Context: process context.
 * Return: 0, or %-EINVAL, %-ERANGE, %-ESRCH or %-ENOENT (wake),
 *	%-E2BIG (comm), %-ENOMEM (history),
 *	and control shows where and why.
 */
int kthread_control_write(char *text, size_t length)
{
	struct kthread_control_request request = { };
	int err = kthread_control_parse(&request, text, length);

	if (!err)
		err = request.tracking_at.line ? kthread_control_apply_tracking(&request) :
						 kthread_control_apply(&request);
	if (err)
		scoped_guard(raw_spinlock_irqsave, &kthread_control_lock)
			kthread_control_error = request.at;
	return err;
}

/**
 * kthread_control_get - copy the settings
 * @settings: where to
 *
 * Context: any but NMI.
 */
void kthread_control_get(struct kthread_settings *settings)
{
	guard(raw_spinlock_irqsave)(&kthread_control_lock);
	*settings = kthread_control_settings;
}

/**
 * kthread_control_show - show the settings, and why the last write was refused
 * @m: where to; all of it can be written to control
 *
 * Context: any but NMI.
 */
void kthread_control_show(struct seq_file *m)
{
	const struct kthread_control_key *key = kthread_control_keys;
	struct kthread_control_place error;
	struct kthread_settings settings;
	void *value;
	char *c;
	int i;

	kthread_control_get(&settings);
	scoped_guard(raw_spinlock_irqsave, &kthread_control_lock)
		error = kthread_control_error;
	for (i = 0; i < ARRAY_SIZE(kthread_control_keys); i++, key++) {
		value = (void *)&settings + key->offset;
		if (key->words[0])
			seq_printf(m, "%s=%s\n", key->name, key->words[*(bool *)value]);
		else if (key->size && key->max)
			seq_printf(m, "%s=%u\n", key->name, *(unsigned int *)value);
		else if (key->size)
			seq_printf(m, "%s=%s\n", key->name, (char *)value);
	}
	if (!error.expected)
		return;
	for (c = error.text; *c; c++) {
		if (!isascii(*c) || !isprint(*c))
			*c = isspace(*c) ? ' ' : '?';
	}
	seq_printf(m, "# refused: %s\n", error.text);
	if (error.column < sizeof(error.text))
		seq_printf(m, "#          %*s\n", error.column, "^");
	seq_printf(m, "# %u:%u: expected %s\n", error.line, error.column, error.expected);
}

/**
 * kthread_control_comm_matches - does comm= name a kthread?
 * @settings: the settings
 * @name: the kthread's full name
 *
 * Context: any.
 * Return: what the last glob that matches says; false if none does.
 */
bool kthread_control_comm_matches(const struct kthread_settings *settings, const char *name)
{
	char globs[sizeof(settings->comm)], *next = globs, *glob;
	bool matches = false;

	strscpy(globs, settings->comm);
	while ((glob = strsep(&next, ","))) {
		if (glob_match(glob + (*glob == '!'), name))
			matches = *glob != '!';
	}
	return matches;
}

static char kthread_control_boot[512] __initdata;

static int __init kthread_control_setup(char *text)
{
	return text && strscpy(kthread_control_boot, text) >= 0 ? 0 : -EINVAL;
}
early_param("kthread_lifecycle", kthread_control_setup);

/**
 * kthread_control_init - do what the boot parameter asks for
 *
 * Context: early process context.
 */
void __init kthread_control_init(void)
{
	const struct kthread_control_place *error = &kthread_control_error;

	if (kthread_control_write(kthread_control_boot, strlen(kthread_control_boot)))
		pr_warn("kthread_lifecycle=: ignored, at \"%s\" expected %s\n",
			error->text + min(error->column, sizeof(error->text)) - 1, error->expected);
}
