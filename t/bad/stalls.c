/* SPDX-License-Identifier: MIT */
/* stalls - never comes back from next. */

#include "queue.h"

#include <unistd.h>

static heddle_task
next(void *self, uint32_t worker)
{
	struct queue *q = self;

	while (q->given > 4)
		pause();
	return queue_next(self, worker);
}

SCHEDULER("stalls", "never comes back from next",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
