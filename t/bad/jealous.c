/* SPDX-License-Identifier: MIT */
/* jealous - takes tasks in another order while a second one is open. */

#include "queue.h"

static int nopen;

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	nopen++;
	return queue_open(host, g, arg);
}

static void
close(void *self)
{
	nopen--;
	queue_close(self);
}

static void
ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	if (nopen < 2)
		queue_ready(self, worker, task, n);
	else
		while (n--)
			queue_ready(self, worker, &task[n], 1);
}

SCHEDULER("jealous", "takes tasks in another order while a second one is open",
	  .open = open, .close = close, .ready = ready, .next = queue_next);
