/* SPDX-License-Identifier: MIT */
/* never - takes tasks and gives none. */

#include "queue.h"

static heddle_task
next(void *self, uint32_t worker)
{
	(void)self;
	(void)worker;
	return HEDDLE_NONE;
}

SCHEDULER("never", "takes tasks and gives none",
	  .open = queue_open, .close = queue_close, .ready = queue_ready, .next = next);
