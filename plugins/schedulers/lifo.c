/* SPDX-License-Identifier: MIT */
/* lifo - the task that became ready last runs first. */

#include <heddle.h>
#include <stdlib.h>

struct lifo {
	uint32_t n;
	heddle_task stack[];
};

static void *
lifo_open(const struct heddle_host *host, const struct heddle_graph *graph,
	  const struct heddle_arg *arg)
{
	struct lifo *l = malloc(sizeof(*l) + graph->ntasks * sizeof(l->stack[0]));

	(void)arg;
	if (!l) {
		host->fail(host->self, "no memory for the stack");
		return NULL;
	}
	l->n = 0;
	return l;
}

static void
lifo_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct lifo *l = self;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++)
		l->stack[l->n++] = task[i];
}

static heddle_task
lifo_next(void *self, uint32_t worker)
{
	struct lifo *l = self;

	(void)worker;
	return l->n ? l->stack[--l->n] : HEDDLE_NONE;
}

static const struct heddle_scheduler lifo = {
	.size = sizeof(lifo),
	.open = lifo_open,
	.close = free,
	.ready = lifo_ready,
	.next = lifo_next,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "lifo",
	.version = "1",
	.about = "the task that became ready last runs first",
	.scheduler = &lifo,
};
