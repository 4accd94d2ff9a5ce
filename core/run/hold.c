/* SPDX-License-Identifier: MIT */
/* hold - resources: tasks that are ready and wait for tokens, in order. */

#include "core/run/hold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/job/job.h"

enum { CORES = 0 };

static uint32_t
find_queue(const struct hold *h, const char *name)
{
	for (uint32_t i = 1; i < h->nqueues; i++)
		if (!strcmp(h->queue[i].name, name))
			return i;
	return 0;
}

/* How many tokens of queue q a task wants. */
static int32_t
want(const struct hold *h, heddle_task t, uint32_t q)
{
	const struct graph_attr *a = graph_attr(h->graph, t);

	if (q == CORES)
		return h->uses_cores ? (int32_t)a->cores : 0;
	if (h->pool_of[h->graph->group[graph_group_of(h->graph, t)].node] == q)
		return (int32_t)a->tokens;
	return 0;
}

/* One that wants more than there is (workers were taken away) goes when
 * nothing else uses the resource. */
static int
fits(const struct hold_queue *q, int32_t n)
{
	return q->free >= n || q->free == q->all;
}

int
hold_init(struct hold *h, const struct graph *g, const struct settings *set, struct err *err)
{
	memset(h, 0, sizeof(*h));
	h->graph = g;
	h->nqueues = 1 + set->npools;
	h->queue = xcalloc(h->nqueues, sizeof(*h->queue));
	h->queue[CORES].name = "cores";
	h->queue[CORES].all = h->queue[CORES].free = (int32_t)set->workers;
	for (uint32_t i = 0; i < set->npools; i++) {
		h->queue[1 + i].name = set->pool[i].name;
		h->queue[1 + i].all = h->queue[1 + i].free = (int32_t)set->pool[i].tokens;
	}
	h->pool_of = xcalloc(g->nnodes, sizeof(*h->pool_of));
	for (uint32_t i = 0; i < g->nnodes; i++) {
		const struct graph_attr *a = &g->node[i].attr;
		const char *node = graph_text(g, g->node[i].name);

		if (a->cores > 1)
			h->uses_cores = h->is_used = 1;
		if (a->cores > set->workers) {
			err_set(err, EXIT_GRAPH, "node '%s' wants %u cores, there are %u workers",
				node, a->cores, set->workers);
			goto fail;
		}
		if (!a->pool)
			continue;
		h->is_used = 1;
		h->pool_of[i] = find_queue(h, graph_text(g, a->pool));
		if (!h->pool_of[i] || h->queue[h->pool_of[i]].all < (int32_t)a->tokens) {
			err_set(err, EXIT_GRAPH, "node '%s' wants %u of pool '%s', there are %d",
				node, a->tokens, graph_text(g, a->pool),
				h->pool_of[i] ? h->queue[h->pool_of[i]].all : 0);
			goto fail;
		}
	}
	return 0;

fail:
	hold_fini(h);
	return -1;
}

void
hold_fini(struct hold *h)
{
	for (uint32_t i = 0; i < h->nqueues; i++)
		free(h->queue[i].heap);
	free(h->queue);
	free(h->pool_of);
	memset(h, 0, sizeof(*h));
}

static int
is_before(const struct hold_entry *a, const struct hold_entry *b)
{
	if (a->rank > b->rank)
		return 1;
	return !(a->rank < b->rank) && a->seq < b->seq;
}

static void
sift_up(struct hold_entry *heap, size_t i)
{
	for (; i && is_before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2) {
		struct hold_entry e = heap[i];

		heap[i] = heap[(i - 1) / 2];
		heap[(i - 1) / 2] = e;
	}
}

static void
sift_down(struct hold_entry *heap, size_t n, size_t i)
{
	for (;;) {
		size_t best = i;

		for (size_t k = 2 * i + 1; k <= 2 * i + 2 && k < n; k++)
			if (is_before(&heap[k], &heap[best]))
				best = k;
		if (best == i)
			return;
		struct hold_entry e = heap[i];
		heap[i] = heap[best];
		heap[best] = e;
		i = best;
	}
}

static void
enqueue(struct hold_queue *q, struct hold_entry e)
{
	*XADD(&q->heap, &q->n, &q->cap) = e;
	sift_up(q->heap, q->n - 1);
}

static struct hold_entry
take_at(struct hold_queue *q, size_t i)
{
	struct hold_entry e = q->heap[i];

	q->heap[i] = q->heap[--q->n];
	if (i < q->n) {
		sift_up(q->heap, i);
		sift_down(q->heap, q->n, i);
	}
	return e;
}

/* The first resource a task lacks; nqueues: none.  head: it stands first in
 * this queue, so nobody there is before it (UINT32_MAX: in none). */
static uint32_t
lacks(const struct hold *h, heddle_task t, uint32_t head)
{
	for (uint32_t q = 0; q < h->nqueues; q++) {
		int32_t n = want(h, t, q);

		if (n && (!fits(&h->queue[q], n) || (q != head && h->queue[q].n)))
			return q;
	}
	return h->nqueues;
}

static void
move_tokens(struct hold *h, heddle_task t, int sign)
{
	for (uint32_t q = 0; q < h->nqueues; q++)
		h->queue[q].free += sign * want(h, t, q);
}

int
hold_take(struct hold *h, heddle_task t, double rank)
{
	uint32_t q = lacks(h, t, UINT32_MAX);

	if (q == h->nqueues) {
		move_tokens(h, t, -1);
		return 1;
	}
	enqueue(&h->queue[q], (struct hold_entry){ rank, h->seq++, t });
	h->nheld++;
	return 0;
}

void
hold_give(struct hold *h, heddle_task t)
{
	move_tokens(h, t, 1);
}

heddle_task
hold_admit(struct hold *h)
{
	for (uint32_t q = 0; q < h->nqueues; q++) {
		while (h->queue[q].n) {
			struct hold_entry e = h->queue[q].heap[0];
			uint32_t lack = lacks(h, e.task, q);

			if (lack == q)
				break;		/* the head waits on, so do all behind it */
			take_at(&h->queue[q], 0);
			if (lack < h->nqueues) {
				enqueue(&h->queue[lack], e);
				continue;
			}
			move_tokens(h, e.task, -1);
			h->nheld--;
			return e.task;
		}
	}
	return HEDDLE_NONE;
}

int
hold_remove(struct hold *h, heddle_task t)
{
	for (uint32_t q = 0; q < h->nqueues; q++)
		for (size_t i = 0; i < h->queue[q].n; i++)
			if (h->queue[q].heap[i].task == t) {
				take_at(&h->queue[q], i);
				h->nheld--;
				return 1;
			}
	return 0;
}

void
hold_resize(struct hold *h, uint32_t workers)
{
	struct hold_queue *q = &h->queue[CORES];

	q->free += (int32_t)workers - q->all;
	q->all = (int32_t)workers;
}

const char *
hold_why(const struct hold *h, heddle_task t, char *buf, size_t n)
{
	buf[0] = '\0';
	for (uint32_t q = 0; q < h->nqueues; q++)
		for (size_t i = 0; i < h->queue[q].n; i++) {
			const struct hold_queue *on = &h->queue[q];

			if (on->heap[i].task != t)
				continue;
			if (q == CORES)
				snprintf(buf, n, "cores %d > %d free", want(h, t, q),
					 on->free > 0 ? on->free : 0);
			else
				snprintf(buf, n, "pool %s %d/%d", on->name,
					 on->all - on->free, on->all);
			return buf;
		}
	return buf;
}
