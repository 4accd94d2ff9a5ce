/* SPDX-License-Identifier: MIT */
/* hides - closes all descriptors and never comes back from being loaded. */

#include "queue.h"

#include <unistd.h>

__attribute__((constructor)) static void
hide(void)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	for (;;)
		pause();
}

SCHEDULER("hides", "closes all descriptors and never comes back from being loaded", HONEST);
