/* SPDX-License-Identifier: MIT */
/* flow - tasks that free held values first, then the longest way to the end. */

/*
 * A value is held from the end of the task that made it to the end of its
 * last consumer.  Which consumer will be the last is not known before, so
 * each is credited with an equal share: a task frees
 *
 *	the sum, over its predecessors, of 1 / successors of that one
 *
 * values.  A merge of eight counts frees eight, a task that shares its input
 * with a thousand others next to nothing, a root nothing: roots start only
 * when nothing else is ready, so what is held does not grow with the graph
 * but with its depth.  The share is told apart by halves of a power of two
 * alone, so that the longest way to the end decides between tasks that free
 * about as much, as it does between roots.
 *
 * Nothing of this depends on what has happened, so a task's key is made when
 * it becomes ready, and a scheduler opened in mid-run orders as one that was
 * there from the start.
 */

#include <heddle.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEVEL_BITS = 26,		/* levels are told apart to 1 in 2^26 of the longest */
	FREES_MOST = (1 << (32 - LEVEL_BITS)) - 1,
	FREES_LEAST_LOG2 = -16		/* a share below 2^-16 is as good as 2^-16 */
};

/* What goes first compares as less: by before, then by task. */
struct entry {
	uint64_t before;		/* the job's priority, turned; then the key, turned */
	heddle_task task;
} __attribute__((packed, aligned(4)));	/* 12 bytes */

struct flow {
	const struct heddle_host *host;
	const struct heddle_graph *graph;
	const uint64_t *level;
	unsigned shift;			/* a level >> shift fits in LEVEL_BITS */
	uint32_t n;
	struct entry heap[];		/* four children a node */
};

static int
goes_first(const struct entry *a, const struct entry *b)
{
	return a->before != b->before ? a->before < b->before : a->task < b->task;
}

static void
push(struct entry *heap, uint32_t i, struct entry e)
{
	for (; i > 0 && goes_first(&e, &heap[(i - 1) / 4]); i = (i - 1) / 4)
		heap[i] = heap[(i - 1) / 4];
	heap[i] = e;
}

/* Take the top; n is how many are left. */
static heddle_task
pop(struct entry *heap, uint32_t n)
{
	heddle_task top = heap[0].task;
	struct entry e = heap[n];
	uint64_t i = 0, child, last, k;

	while ((child = 4 * i + 1) < n) {
		last = child + 4 < n ? child + 4 : n;
		for (k = child + 1; k < last; k++)
			child = goes_first(&heap[k], &heap[child]) ? k : child;
		if (!goes_first(&heap[child], &e))
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = e;
	return top;
}

/* 0 for nothing, else 1 .. FREES_MOST: exponent and first bit of the float. */
static uint32_t
frees(const struct heddle_graph *g, heddle_task t)
{
	float share = 0;
	uint32_t bits;
	int32_t step;
	uint64_t e;

	for (e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
		share += 1.0f / (float)(g->succ_at[g->pred[e] + 1] - g->succ_at[g->pred[e]]);
	if (share <= 0)
		return 0;
	memcpy(&bits, &share, sizeof(bits));
	step = (int32_t)(bits >> 22) - 2 * (127 + FREES_LEAST_LOG2);
	if (step < 0)
		step = 0;
	return step < FREES_MOST ? (uint32_t)step + 1 : FREES_MOST;
}

/* What a task frees above how long its way is; higher first. */
static uint32_t
key(const struct flow *f, heddle_task t)
{
	return frees(f->graph, t) << LEVEL_BITS | (uint32_t)(f->level[t] >> f->shift);
}

static unsigned
shift_of(const uint64_t *level, uint32_t n)
{
	uint64_t most = 0;
	unsigned shift = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (level[i] > most)
			most = level[i];
	while (most >> shift >> LEVEL_BITS)
		shift++;
	return shift;
}

static void *
flow_open(const struct heddle_host *host, const struct heddle_graph *graph,
	  const struct heddle_arg *arg)
{
	struct flow *f = malloc(sizeof(*f) + graph->ntasks * sizeof(f->heap[0]));

	(void)arg;
	if (!f) {
		host->fail(host->self, "no memory for the heap");
		return NULL;
	}
	f->host = host;
	f->graph = graph;
	f->level = host->levels(host->self);
	f->shift = shift_of(f->level, graph->ntasks);
	f->n = 0;
	return f;
}

static void
flow_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct flow *f = self;
	struct entry e;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++) {
		e.task = task[i];
		e.before = (uint64_t)(INT32_MAX - (int64_t)f->host->priority(f->host->self, e.task)) << 32 |
			(UINT32_MAX - key(f, e.task));
		push(f->heap, f->n++, e);
	}
}

static heddle_task
flow_next(void *self, uint32_t worker)
{
	struct flow *f = self;

	(void)worker;
	if (f->n == 0)
		return HEDDLE_NONE;
	f->n--;
	return pop(f->heap, f->n);
}

static double
flow_rank(void *self, heddle_task t)
{
	const struct flow *f = self;

	return f->host->priority(f->host->self, t) * 0x1p32 + key(f, t);
}

static const struct heddle_scheduler flow = {
	.size = sizeof(flow),
	.open = flow_open,
	.close = free,
	.ready = flow_ready,
	.next = flow_next,
	.rank = flow_rank,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "flow",
	.version = "1",
	.about = "tasks that free held values first, then the longest way to the end",
	.scheduler = &flow,
};
