/* SPDX-License-Identifier: MIT */
/* early - gives successors before they are ready. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;
	const struct heddle_graph *g = q->graph;
	heddle_task t = queue_next(self, worker);

	if (t != HEDDLE_NONE && g->succ_at[t] < g->succ_at[t + 1]) {
		heddle_task s = g->succ[g->succ_at[t]];

		queue_ready(self, worker, &s, 1);
	}
	return t;
}

SCHEDULER("early", "gives successors before they are ready",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
