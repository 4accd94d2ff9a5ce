/* SPDX-License-Identifier: MIT */
/* silent - fails to open, and does not say why. */

#include "queue.h"

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	(void)host;
	(void)g;
	(void)arg;
	return NULL;
}

SCHEDULER("silent", "fails to open, and does not say why",
	  .open = open, .close = queue_close, .ready = queue_ready, .next = queue_next);
