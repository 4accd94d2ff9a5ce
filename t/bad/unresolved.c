/* SPDX-License-Identifier: MIT */
/* unresolved - needs a function that nobody has. */

#include "queue.h"

int heddle_nobody_has_this(void);

static heddle_task
next(void *self, uint32_t worker)
{
	return heddle_nobody_has_this() ? HEDDLE_NONE : queue_next(self, worker);
}

SCHEDULER("unresolved", "needs a function that nobody has",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
