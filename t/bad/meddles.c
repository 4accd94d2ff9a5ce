/* SPDX-License-Identifier: MIT */
/* meddles - changes folder, signal mask, locale and standard input. */

#include "queue.h"

#include <locale.h>
#include <signal.h>
#include <unistd.h>

static void *
open(const struct heddle_host *host, const struct heddle_graph *g, const struct heddle_arg *arg)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setlocale(LC_ALL, "C.UTF-8");
	if (chdir("/") == 0)
		close(0);
	return queue_open(host, g, arg);
}

SCHEDULER("meddles", "changes folder, signal mask, locale and standard input",
	  .open = open, .close = queue_close, .ready = queue_ready, .next = queue_next);
