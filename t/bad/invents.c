/* SPDX-License-Identifier: MIT */
/* invents - gives a task that the graph does not have. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;

	if (q->asked != 2)
		return queue_next(self, worker);
	q->asked++;
	return q->graph->ntasks + 7;
}

SCHEDULER("invents", "gives a task that the graph does not have",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
