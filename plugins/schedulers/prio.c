/* SPDX-License-Identifier: MIT */
/* prio - the highest priority runs first, of equals the lowest number. */

#include <heddle.h>
#include <stdlib.h>

/* A heap of four children a node, the smallest on top.  An entry is the
 * priority, turned so that the highest is the smallest, above the task. */
struct prio {
	const struct heddle_host *host;
	uint32_t n;
	uint64_t heap[];
};

static uint64_t
entry(const struct heddle_host *host, heddle_task t)
{
	int64_t priority = host->priority(host->self, t);

	return (uint64_t)(INT32_MAX - priority) << 32 | t;
}

static void
push(uint64_t *heap, uint32_t i, uint64_t e)
{
	for (; i > 0 && heap[(i - 1) / 4] > e; i = (i - 1) / 4)
		heap[i] = heap[(i - 1) / 4];
	heap[i] = e;
}

/* Take the top; n is how many are left. */
static uint64_t
pop(uint64_t *heap, uint32_t n)
{
	uint64_t top = heap[0], e = heap[n], i = 0, child, last, k;

	while ((child = 4 * i + 1) < n) {
		last = child + 4 < n ? child + 4 : n;
		for (k = child + 1; k < last; k++)
			child = heap[k] < heap[child] ? k : child;
		if (heap[child] >= e)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = e;
	return top;
}

static void *
prio_open(const struct heddle_host *host, const struct heddle_graph *graph,
	  const struct heddle_arg *arg)
{
	struct prio *p = malloc(sizeof(*p) + graph->ntasks * sizeof(p->heap[0]));

	(void)arg;
	if (!p) {
		host->fail(host->self, "no memory for the heap");
		return NULL;
	}
	p->host = host;
	p->n = 0;
	return p;
}

static void
prio_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct prio *p = self;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++)
		push(p->heap, p->n++, entry(p->host, task[i]));
}

static heddle_task
prio_next(void *self, uint32_t worker)
{
	struct prio *p = self;

	(void)worker;
	if (p->n == 0)
		return HEDDLE_NONE;
	p->n--;
	return (heddle_task)pop(p->heap, p->n);
}

static double
prio_rank(void *self, heddle_task t)
{
	const struct prio *p = self;

	return p->host->priority(p->host->self, t);
}

static const struct heddle_scheduler prio = {
	.size = sizeof(prio),
	.open = prio_open,
	.close = free,
	.ready = prio_ready,
	.next = prio_next,
	.rank = prio_rank,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "prio",
	.version = "1",
	.about = "the highest `priority` first, of equals the lowest number",
	.scheduler = &prio,
};
