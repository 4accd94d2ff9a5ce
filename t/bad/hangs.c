/* SPDX-License-Identifier: MIT */
/* hangs - never comes back from being loaded. */

#include "queue.h"

#include <unistd.h>

__attribute__((constructor)) static void
hang(void)
{
	for (;;)
		pause();
}

SCHEDULER("hangs", "never comes back from being loaded", HONEST);
