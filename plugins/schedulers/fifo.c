/* SPDX-License-Identifier: MIT */
/* fifo - the task that has been ready longest runs first. */

#include <heddle.h>
#include <stdlib.h>

struct fifo {
	uint32_t cap, first, n;		/* a ring: no task is in it twice, so it never overflows */
	heddle_task ring[];
};

static void *
fifo_open(const struct heddle_host *host, const struct heddle_graph *graph,
	  const struct heddle_arg *arg)
{
	struct fifo *f = malloc(sizeof(*f) + graph->ntasks * sizeof(f->ring[0]));

	(void)arg;
	if (!f) {
		host->fail(host->self, "no memory for the queue");
		return NULL;
	}
	f->cap = graph->ntasks;
	f->first = f->n = 0;
	return f;
}

static void
fifo_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct fifo *f = self;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++)
		f->ring[((uint64_t)f->first + f->n++) % f->cap] = task[i];
}

static heddle_task
fifo_next(void *self, uint32_t worker)
{
	struct fifo *f = self;
	heddle_task task;

	(void)worker;
	if (f->n == 0)
		return HEDDLE_NONE;
	task = f->ring[f->first];
	f->first = (f->first + 1) % f->cap;
	f->n--;
	return task;
}

static const struct heddle_scheduler fifo = {
	.size = sizeof(fifo),
	.open = fifo_open,
	.close = free,
	.ready = fifo_ready,
	.next = fifo_next,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "fifo",
	.version = "1",
	.about = "the task that has been ready longest runs first",
	.scheduler = &fifo,
};
