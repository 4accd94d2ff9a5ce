/* SPDX-License-Identifier: MIT */
/* liar - says it may be called by all at once, and keeps no lock. */

#include "queue.h"

#include <sched.h>

/* The gap between reading and writing is made wide. */
static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;
	volatile uint32_t *n = &q->n, *head = &q->head;
	uint32_t at = *head, left = *n;
	heddle_task t;

	(void)worker;
	if (!left)
		return HEDDLE_NONE;
	t = q->ring[at];
	sched_yield();
	*head = (at + 1) % (q->graph->ntasks + 1);
	*n = left - 1;
	return t;
}

SCHEDULER("liar", "says it may be called by all at once, and keeps no lock",
	  .flags = HEDDLE_CONCURRENT,
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
