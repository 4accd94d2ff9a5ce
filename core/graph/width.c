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
 * or far, or starts one.  Of those it knows it takes the one that ended first,
 * which has the fewest others left to go on with it, and remembers a few more
 * for its successors: a chain that was left behind is found again further on.
 */
enum { KEPT = 6 };

struct kept {
	heddle_task last[KEPT];		/* of the chain, when it was remembered */
	uint32_t chain[KEPT];
	uint32_t n;
};

struct chains {
	heddle_task *last;		/* of each chain */
	uint32_t n;
	struct kept *of;		/* a task; its own chain first */
};

/* Remember a chain that is still open, the ones that ended first. */
static void
keep(const struct chains *c, struct kept *k, uint32_t chain, heddle_task last)
{
	uint32_t i;

	if (c->last[chain] != last)
		return;
	for (i = 0; i < k->n; i++)
		if (k->chain[i] == chain)
			return;
	if (k->n == KEPT && last >= k->last[KEPT - 1])
		return;
	for (i = k->n < KEPT ? k->n++ : KEPT - 1; i && k->last[i - 1] > last; i--) {
		k->last[i] = k->last[i - 1];
		k->chain[i] = k->chain[i - 1];
	}
	k->last[i] = last;
	k->chain[i] = chain;
}

uint32_t
width_bound(const struct graph *g)
{
	size_t n = g->csr.ntasks;
	struct chains c = {
		.last = xmalloc(n * sizeof(*c.last)), .of = xmalloc(n * sizeof(*c.of))
	};

	for (heddle_task t = 0; t < n; t++) {
		struct kept *own = &c.of[t], k = { .n = 0 };
		uint32_t chain;

		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++) {
			const struct kept *from = &c.of[g->csr.pred[i]];

			for (uint32_t j = 0; j < from->n; j++)
				keep(&c, &k, from->chain[j], from->last[j]);
		}
		chain = k.n ? k.chain[0] : c.n++;
		c.last[chain] = t;
		own->n = 1;
		own->chain[0] = chain;
		own->last[0] = t;
		for (uint32_t j = 1; j < k.n && own->n < KEPT; j++) {
			own->chain[own->n] = k.chain[j];
			own->last[own->n++] = k.last[j];
		}
	}
	free(c.last);
	free(c.of);
	return c.n;
}
