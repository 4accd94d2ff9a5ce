/* SPDX-License-Identifier: MIT */
/* aborts - aborts while it is loaded. */

#include "queue.h"

__attribute__((constructor)) static void
end(void)
{
	abort();
}

SCHEDULER("aborts", "aborts while it is loaded", HONEST);
