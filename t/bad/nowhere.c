/* SPDX-License-Identifier: MIT */
/* nowhere - places tasks on a worker that is not there, and ranks by no number. */

#include "queue.h"

static uint32_t
where(void *self, heddle_task t)
{
	const struct queue *q = self;

	return t % 2 ? q->graph->nworkers : 0;
}

static double
rank(void *self, heddle_task t)
{
	(void)self;
	return t ? t : 0.0 / 0.0;
}

SCHEDULER("nowhere", "places tasks on a worker that is not there, and ranks by no number",
	  HONEST, .rank = rank, .where = where);
