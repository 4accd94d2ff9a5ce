/* SPDX-License-Identifier: MIT */
/* crashes - writes to address 8 while it is loaded. */

#include "queue.h"

static int *volatile eight = (int *)8;

__attribute__((constructor)) static void
crash(void)
{
	*eight = 1;
}

SCHEDULER("crashes", "writes to address 8 while it is loaded", HONEST);
