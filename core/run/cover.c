/* SPDX-License-Identifier: MIT */
/* cover - the unfinished tasks as chains: no more than so many can ever run at once. */

#include "core/run/cover.h"

#include <stdlib.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/live.h"

struct cover {
	uint32_t n, nchains;
	_Atomic uint32_t bound;		/* sum of the weights of chains with tasks left */
	_Atomic uint32_t *chain_of;	/* task -> chain */
	_Atomic uint32_t *left;		/* chain -> unfinished tasks */
	uint32_t *weight;		/* chain -> cores */
};

static int
is_over(uint32_t word)
{
	unsigned s = word_state(word);

	return s == WORD_DONE || s == WORD_FAILED || s == WORD_SKIPPED || s == WORD_STOPPED;
}

struct start {
	uint64_t level;
	heddle_task task;
};

/* The longest way to the end first; equal ones in the order of ids. */
static int
longest_first(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->level != y->level)
		return x->level < y->level ? 1 : -1;
	return x->task < y->task ? -1 : x->task > y->task;
}

/* ns (1 where unknown) from a task's start to the last end. */
static uint64_t *
levels(const struct graph *g)
{
	uint32_t n = g->csr.ntasks;
	uint64_t *level = xmalloc((size_t)n * sizeof(*level));

	for (heddle_task t = n; t--;) {
		uint64_t most = 0, own = graph_expect(g, t);

		for (uint64_t e = g->csr.succ_at[t]; e < g->csr.succ_at[t + 1]; e++)
			if (level[g->csr.succ[e]] > most)
				most = level[g->csr.succ[e]];
		level[t] = most + (own ? own : 1);
	}
	return level;
}

/* The uncovered successor with the longest way to go, or GRAPH_NONE. */
static heddle_task
follow(const struct graph *g, const struct cover *c, const uint64_t *level, heddle_task t)
{
	heddle_task best = GRAPH_NONE;

	for (uint64_t e = g->csr.succ_at[t]; e < g->csr.succ_at[t + 1]; e++) {
		heddle_task s = g->csr.succ[e];

		if (atomic_load_explicit(&c->chain_of[s], memory_order_relaxed) == COVER_NONE &&
		    (best == GRAPH_NONE || level[s] > level[best]))
			best = s;
	}
	return best;
}

struct cover *
cover_new(const struct graph *g, const _Atomic uint32_t *words)
{
	uint32_t n = g->csr.ntasks, nstart = 0;
	struct cover *c = xcalloc(1, sizeof(*c));
	struct start *start = xmalloc((size_t)n * sizeof(*start));
	uint64_t *level = levels(g);

	c->n = n;
	c->chain_of = xmalloc((size_t)n * sizeof(*c->chain_of));
	c->left = xcalloc(n, sizeof(*c->left));
	c->weight = xcalloc(n, sizeof(*c->weight));
	for (heddle_task t = 0; t < n; t++) {
		atomic_init(&c->chain_of[t], COVER_NONE);
		if (!is_over(atomic_load_explicit(&words[t], memory_order_relaxed)))
			start[nstart++] = (struct start){ level[t], t };
	}
	qsort(start, nstart, sizeof(*start), longest_first);
	for (uint32_t i = 0; i < nstart; i++) {
		heddle_task t = start[i].task;
		uint32_t k = c->nchains;

		if (atomic_load_explicit(&c->chain_of[t], memory_order_relaxed) != COVER_NONE)
			continue;
		for (; t != GRAPH_NONE; t = follow(g, c, level, t)) {
			uint32_t cores = graph_attr(g, t)->cores;

			atomic_store_explicit(&c->chain_of[t], k, memory_order_relaxed);
			atomic_fetch_add_explicit(&c->left[k], 1, memory_order_relaxed);
			if (cores > c->weight[k])
				c->weight[k] = cores;
		}
		c->bound += c->weight[k];
		c->nchains++;
	}
	free(level);
	free(start);
	return c;
}

void
cover_free(struct cover *c)
{
	if (!c)
		return;
	free((void *)c->chain_of);
	free((void *)c->left);
	free(c->weight);
	free(c);
}

uint32_t
cover_end(struct cover *c, heddle_task t)
{
	uint32_t k = atomic_exchange_explicit(&c->chain_of[t], COVER_NONE, memory_order_acq_rel);

	if (k != COVER_NONE &&
	    atomic_fetch_sub_explicit(&c->left[k], 1, memory_order_acq_rel) == 1)
		atomic_fetch_sub_explicit(&c->bound, c->weight[k], memory_order_acq_rel);
	return cover_bound(c);
}

void
cover_sweep(struct cover *c, const _Atomic uint32_t *words)
{
	for (heddle_task t = 0; t < c->n; t++)
		if (is_over(atomic_load_explicit(&words[t], memory_order_acquire)))
			cover_end(c, t);
}

uint32_t
cover_bound(const struct cover *c)
{
	return atomic_load_explicit(&c->bound, memory_order_acquire);
}
