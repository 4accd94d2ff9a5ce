/* SPDX-License-Identifier: MIT */
/* alone - loses roots that come back after it was asked first. */

#include "queue.h"

static void
ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct queue *q = self;
	const struct heddle_graph *g = q->graph;

	/* counts on every task coming once, after its predecessors here */
	for (uint32_t i = 0; i < n; i++) {
		if (q->asked && g->pred_at[task[i]] == g->pred_at[task[i] + 1])
			continue;
		queue_ready(self, worker, &task[i], 1);
	}
}

SCHEDULER("alone", "loses roots that come back after it was asked first",
	  .open = queue_open, .close = queue_close, .ready = ready, .next = queue_next);
