/* SPDX-License-Identifier: MIT */
/* astray - places tasks on a worker that is not there. */

#include "queue.h"

static uint32_t
where(void *self, heddle_task t)
{
	const struct queue *q = self;

	return t % 2 ? q->graph->nworkers : 0;
}

SCHEDULER("astray", "places tasks on a worker that is not there", HONEST, .where = where);
