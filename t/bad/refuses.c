/* SPDX-License-Identifier: MIT */
/* refuses - fails to open, and says why. */

#include "queue.h"

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	(void)g;
	(void)arg;
	host->fail(host->self, "the moon is not full");
	return NULL;
}

SCHEDULER("refuses", "fails to open, and says why",
	  .open = open, .close = queue_close, .ready = queue_ready, .next = queue_next);
