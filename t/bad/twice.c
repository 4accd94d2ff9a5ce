/* SPDX-License-Identifier: MIT */
/* twice - gives every tenth task twice. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;
	heddle_task t = queue_next(self, worker);

	if (t != HEDDLE_NONE && t % 10 == 0 && q->given % 2)
		queue_ready(self, worker, &t, 1);
	return t;
}

SCHEDULER("twice", "gives every tenth task twice",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
