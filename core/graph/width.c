/* SPDX-License-Identifier: MIT */
/* width - the degree of parallelism: most tasks of which none needs another. */

#include "core/graph/width.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"

/*
 * Dilworth: the width is the least number of chains that hold all tasks, and
 * that is n less a largest matching between tasks and tasks that come later
 * (each matched pair joins two chains).  "Later" is the transitive closure,
 * a row of bits a task.
 */
struct match {
	uint32_t n, words;
	uint64_t *later;		/* n rows of words */
	uint64_t *unseen;		/* later ends this search has not met */
	uint64_t *alive;		/* later ends that may still be re-matched */
	uint32_t *next, *prev;		/* matched with; GRAPH_NONE */
	uint32_t *from;			/* later end -> by whom it was met */
	uint32_t *queue;
};

static void
close_up(struct match *m, const struct graph *g)
{
	for (heddle_task t = m->n; t-- > 0;) {
		uint64_t *row = m->later + (size_t)t * m->words;

		for (uint64_t i = g->csr.succ_at[t]; i < g->csr.succ_at[t + 1]; i++) {
			heddle_task s = g->csr.succ[i];
			const uint64_t *more = m->later + (size_t)s * m->words;

			if (row[s / 64] >> s % 64 & 1)
				continue;
			row[s / 64] |= 1ull << s % 64;
			for (uint32_t w = s / 64; w < m->words; w++)
				row[w] |= more[w];
		}
	}
}

/* Turn the way back from a free later end round: one pair more. */
static void
augment(struct match *m, uint32_t v)
{
	while (v != GRAPH_NONE) {
		uint32_t u = m->from[v], left = m->next[u];

		m->next[u] = v;
		m->prev[v] = u;
		v = left;
	}
}

/* Breadth first over alternating ways from u; 1 if it found a pair. */
static int
search(struct match *m, uint32_t u)
{
	uint32_t head = 0, tail = 0;

	m->queue[tail++] = u;
	while (head < tail) {
		const uint64_t *row;

		u = m->queue[head++];
		row = m->later + (size_t)u * m->words;
		for (uint32_t w = u / 64; w < m->words; w++)
			for (uint64_t bits; (bits = row[w] & m->unseen[w]) != 0;) {
				uint32_t v = 64 * w + (uint32_t)__builtin_ctzll(bits);

				m->unseen[w] &= ~(1ull << v % 64);
				m->from[v] = u;
				if (m->prev[v] == GRAPH_NONE) {
					augment(m, v);
					return 1;
				}
				m->queue[tail++] = m->prev[v];
			}
	}
	return 0;
}

/* What a search without success met can never help a later one (Hungarian
 * trees), so it stays out; searches without success cost n * n / 64 in all. */
static uint32_t
count_pairs(struct match *m)
{
	uint32_t npairs = 0;

	for (uint32_t u = 0; u < m->n; u++) {
		memcpy(m->unseen, m->alive, m->words * sizeof(*m->unseen));
		if (search(m, u))
			npairs++;
		else
			memcpy(m->alive, m->unseen, m->words * sizeof(*m->alive));
	}
	return npairs;
}

uint32_t
width_exact(const struct graph *g)
{
	uint32_t n = g->csr.ntasks, words = (n + 63) / 64, npairs;
	struct match m = {
		.n = n, .words = words,
		.later = xcalloc((size_t)n * words, sizeof(uint64_t)),
		.unseen = xmalloc(words * sizeof(uint64_t)),
		.alive = xmalloc(words * sizeof(uint64_t)),
		.next = xmalloc(n * sizeof(uint32_t)),
		.prev = xmalloc(n * sizeof(uint32_t)),
		.from = xmalloc(n * sizeof(uint32_t)),
		.queue = xmalloc((n + 1) * sizeof(uint32_t)),
	};

	memset(m.alive, 0xff, words * sizeof(uint64_t));
	for (uint32_t i = 0; i < n; i++)
		m.next[i] = m.prev[i] = GRAPH_NONE;
	close_up(&m, g);
	npairs = count_pairs(&m);
	free(m.later);
	free(m.unseen);
	free(m.alive);
	free(m.next);
	free(m.prev);
	free(m.from);
	free(m.queue);
	return n - npairs;
}

/* ---- a bound ----------------------------------------------------------------------- */

/*
 * Each task goes on with a chain whose last task is a predecessor of its, near
 * or far, or starts one.  Beside the chain it is in, a task remembers one more
 * chain that ended among its predecessors and nobody took: its successors may
 * go on with that.
 */
struct chains {
	heddle_task *last;		/* of each chain */
	uint32_t n;
	uint32_t *own, *spare;		/* chains, a task */
	heddle_task *spare_last;	/* last of spare when it was remembered */
};

uint32_t
width_bound(const struct graph *g)
{
	size_t n = g->csr.ntasks;
	struct chains c = {
		.last = xmalloc(n * sizeof(*c.last)), .own = xmalloc(n * sizeof(*c.own)),
		.spare = xmalloc(n * sizeof(*c.spare)),
		.spare_last = xmalloc(n * sizeof(*c.spare_last)),
	};

	for (heddle_task t = 0; t < n; t++) {
		uint32_t take = GRAPH_NONE, keep = GRAPH_NONE;

		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++) {
			heddle_task p = g->csr.pred[i];
			uint32_t s = c.spare[p];
			uint32_t found[2] = {
				c.last[c.own[p]] == p ? c.own[p] : GRAPH_NONE,
				s != GRAPH_NONE && c.last[s] == c.spare_last[p] ? s : GRAPH_NONE
			};

			for (int k = 0; k < 2; k++) {
				if (found[k] == GRAPH_NONE || found[k] == take)
					continue;
				if (take == GRAPH_NONE)
					take = found[k];
				else
					keep = found[k];
			}
		}
		if (take == GRAPH_NONE)
			take = c.n++;
		c.last[take] = t;
		c.own[t] = take;
		c.spare[t] = keep;
		c.spare_last[t] = keep == GRAPH_NONE ? 0 : c.last[keep];
	}
	free(c.last);
	free(c.own);
	free(c.spare);
	free(c.spare_last);
	return c.n;
}
