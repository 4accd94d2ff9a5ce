/* SPDX-License-Identifier: MIT */
/* unranked - ranks by no number. */

#include "queue.h"

static double
rank(void *self, heddle_task t)
{
	(void)self;
	return t ? t : 0.0 / 0.0;
}

SCHEDULER("unranked", "ranks by no number", HONEST, .rank = rank);
