/* SPDX-License-Identifier: MIT */
/* hlf - highest level first: the task with the longest way to the end (Hu 1961). */

#include <heddle.h>
#include <stdlib.h>

enum tie { TIE_FIFO, TIE_SUCC, TIE_RANDOM };	/* as the words of option ties */

/* What goes first compares as less: by before, then by task. */
struct entry {
	uint64_t before;		/* the level, turned; then the tie */
	heddle_task task;
} __attribute__((packed, aligned(4)));	/* 12 bytes */

struct hlf {
	const struct heddle_graph *graph;
	const uint64_t *level;
	enum tie tie;
	unsigned shift;			/* a level >> shift fits in 32 bits */
	uint32_t came;			/* how many tasks have come */
	uint64_t seed;
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

/* The same number for the same task and seed, whenever it is asked. */
static uint32_t
draw(uint64_t seed, heddle_task t)
{
	uint64_t x = seed + (t + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(x >> 32);
}

static uint32_t
tie(struct hlf *h, heddle_task t)
{
	switch (h->tie) {
	case TIE_SUCC:
		return UINT32_MAX - (uint32_t)(h->graph->succ_at[t + 1] - h->graph->succ_at[t]);
	case TIE_RANDOM:
		return draw(h->seed, t);
	case TIE_FIFO:
		break;
	}
	return h->came++;
}

/* Levels are told apart to one part in 2^32 of the longest. */
static unsigned
shift_of(const uint64_t *level, uint32_t n)
{
	uint64_t most = 0;
	unsigned shift = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		if (level[i] > most)
			most = level[i];
	while (most >> shift > UINT32_MAX)
		shift++;
	return shift;
}

static void *
hlf_open(const struct heddle_host *host, const struct heddle_graph *graph,
	 const struct heddle_arg *arg)
{
	struct hlf *h = malloc(sizeof(*h) + graph->ntasks * sizeof(h->heap[0]));

	if (!h) {
		host->fail(host->self, "no memory for the heap");
		return NULL;
	}
	h->graph = graph;
	h->level = host->levels(host->self);
	h->tie = (enum tie)arg[0].v[0].i;
	h->shift = shift_of(h->level, graph->ntasks);
	h->came = 0;
	h->seed = host->seed;
	h->n = 0;
	return h;
}

static void
hlf_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct hlf *h = self;
	struct entry e;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++) {
		e.task = task[i];
		e.before = (uint64_t)(UINT32_MAX - (uint32_t)(h->level[e.task] >> h->shift)) << 32 |
			tie(h, e.task);
		push(h->heap, h->n++, e);
	}
}

static heddle_task
hlf_next(void *self, uint32_t worker)
{
	struct hlf *h = self;

	(void)worker;
	if (h->n == 0)
		return HEDDLE_NONE;
	h->n--;
	return pop(h->heap, h->n);
}

static double
hlf_rank(void *self, heddle_task t)
{
	const struct hlf *h = self;

	return (double)h->level[t];
}

static const struct heddle_option options[] = {
	{
		.size = sizeof(options[0]),
		.type = HEDDLE_CHOICE,
		.name = "ties",
		.fallback = "fifo",
		.words = "fifo|succ|random",
		.about = "of tasks with equally long ways: the one that came first, "
			 "the one with most successors, or any, by [job] seed",
	},
	{ .name = NULL },
};

static const struct heddle_scheduler hlf = {
	.size = sizeof(hlf),
	.options = options,
	.open = hlf_open,
	.close = free,
	.ready = hlf_ready,
	.next = hlf_next,
	.rank = hlf_rank,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "hlf",
	.version = "1",
	.about = "highest level first: the longest way to the end",
	.scheduler = &hlf,
};
