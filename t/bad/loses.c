/* SPDX-License-Identifier: MIT */
/* loses - forgets every tenth task. */

#include "queue.h"

static void
ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (task[i] % 10 != 9)
			queue_ready(self, worker, &task[i], 1);
}

SCHEDULER("loses", "forgets every tenth task",
	  .open = queue_open, .close = queue_close, .ready = ready, .next = queue_next);
