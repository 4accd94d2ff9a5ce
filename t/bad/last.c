/* SPDX-License-Identifier: MIT */
/* last - keeps the last task for itself. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;

	return q->n == 1 && q->given + 1 >= q->graph->ntasks ? HEDDLE_NONE :
	       queue_next(self, worker);
}

SCHEDULER("last", "keeps the last task for itself",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
