#include "kernel.h"
int kthread_wait_wake(pid_t pid);
