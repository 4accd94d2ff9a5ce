/* SPDX-License-Identifier: MIT */
/* exits - calls exit while it is loaded. */

#include "queue.h"

__attribute__((constructor)) static void
end(void)
{
	exit(3);
}

SCHEDULER("exits", "calls exit while it is loaded", HONEST);
