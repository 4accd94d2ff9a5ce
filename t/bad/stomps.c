/* SPDX-License-Identifier: MIT */
/* stomps - writes into the graph. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;

	*(volatile uint64_t *)q->graph->succ_at = 99;
	return queue_next(self, worker);
}

SCHEDULER("stomps", "writes into the graph",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
