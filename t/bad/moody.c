/* SPDX-License-Identifier: MIT */
/* moody - orders by what earlier runs left behind. */

#include "queue.h"

static uint32_t runs;

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	struct queue *q = queue_open(host, g, arg);

	q->given = runs++;
	return q;
}

/* Odd runs turn each batch around. */
static void
ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct queue *q = self;

	if (q->given % 2 == 0)
		queue_ready(self, worker, task, n);
	else
		while (n--)
			queue_ready(self, worker, &task[n], 1);
}

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;
	heddle_task t = queue_next(self, worker);

	q->given -= t != HEDDLE_NONE;
	return t;
}

SCHEDULER("moody", "orders by what earlier runs left behind",
	  .open = open, .close = queue_close, .ready = ready, .next = next);
