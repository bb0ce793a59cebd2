/* === Control === */

struct seq_file;

#define KTHREAD_CONTROL_GLOBS	128

/* What kthread/control sets */
struct kthread_settings {
	bool tracking;
	bool report_warn;	/* a report of what is certainly wrong is a WARN */
	unsigned int history;	/* how many exited kthreads are kept */
	unsigned int create_ms;	/* a wait is reported after so long; 0: never */
	unsigned int start_ms;
	unsigned int stop_ms;
	unsigned int park_ms;
	unsigned int flush_ms;
	char comm[KTHREAD_CONTROL_GLOBS]; /* "GLOB[,GLOB]...", last match wins */
};

int kthread_control_write(char *text, size_t length);
void kthread_control_show(struct seq_file *m);
void kthread_control_get(struct kthread_settings *settings);
bool kthread_control_comm_matches(const struct kthread_settings *settings,
				  const char *name);
void kthread_control_init(void);

/*
 * What kthread_control_write() calls.
 *
 * kthread_history_prepare() allocates, and changes nothing: a ring of so many
 * entries, or NULL if the ring in use has as many. It may return an ERR_PTR().
 * Its result, be it NULL, goes to one of kthread_history_install(), which cannot
 * fail, and kthread_history_discard(). All three are called under
 * kthread_control_mutex, and so is kthread_tracking_set(), which comes last and
 * may sleep in cpus_read_lock(). It also is called when nothing changes.
 *
 * kthread_record_clear() and kthread_wait_wake() may be called at the same time as
 * any of them, and wait for none.
 */
void *kthread_history_prepare(unsigned int entries);
void kthread_history_install(void *history);
void kthread_history_discard(void *history);
void kthread_tracking_set(bool on);
void kthread_record_clear(void);
