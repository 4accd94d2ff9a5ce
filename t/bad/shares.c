/* SPDX-License-Identifier: MIT */
/* shares - keeps its queue in a global. */

#include "queue.h"

static struct queue *the;

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	return the = queue_open(host, g, arg);
}

static void
close(void *self)
{
	if (self == the)
		the = NULL;
	queue_close(self);
}

static void
ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	queue_ready(the ? the : self, worker, task, n);
}

static heddle_task
next(void *self, uint32_t worker)
{
	return queue_next(the ? the : self, worker);
}

SCHEDULER("shares", "keeps its queue in a global",
	  .open = open, .close = close, .ready = ready, .next = next);
