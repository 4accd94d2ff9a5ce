/* SPDX-License-Identifier: MIT */
/* topo - one stable topological order, and cycles told as a path. */

#include "core/graph/topo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"

struct heap {
	uint64_t *at;
	size_t n;
};

static void
push(struct heap *h, uint64_t key)
{
	size_t i = h->n++;

	for (; i && h->at[(i - 1) / 2] > key; i = (i - 1) / 2)
		h->at[i] = h->at[(i - 1) / 2];
	h->at[i] = key;
}

static uint64_t
pop(struct heap *h)
{
	uint64_t top = h->at[0], last = h->at[--h->n];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < h->n) {
		if (kid + 1 < h->n && h->at[kid + 1] < h->at[kid])
			kid++;
		if (h->at[kid] >= last)
			break;
		h->at[i] = h->at[kid];
		i = kid;
	}
	h->at[i] = last;
	return top;
}

uint32_t
topo_order(uint32_t n, const uint64_t *succ_at, const uint32_t *succ,
	   uint32_t *left, const uint32_t *high, uint32_t *order)
{
	struct heap h = { xmalloc(n * sizeof(uint64_t)), 0 };
	uint32_t done = 0;

	for (uint32_t v = 0; v < n; v++)
		if (!left[v])
			push(&h, (uint64_t)(high ? high[v] : 0) << 32 | v);
	while (h.n) {
		uint32_t v = (uint32_t)pop(&h);

		order[done++] = v;
		for (uint64_t i = succ_at[v]; i < succ_at[v + 1]; i++)
			if (!--left[succ[i]])
				push(&h, (uint64_t)(high ? high[succ[i]] : 0) << 32 | succ[i]);
	}
	free(h.at);
	return done;
}

/* ---- cycles ---------------------------------------------------------------- */

/* Some vertex on a cycle: one that was never ordered has such a predecessor
 * too, so a walk back stays among them, and after n steps goes in a circle. */
static uint32_t
on_cycle(uint32_t n, const uint64_t *pred_at, const uint32_t *pred, const uint32_t *left)
{
	uint32_t v = 0;

	while (!left[v])
		v++;
	for (uint32_t step = 0; step < n; step++) {
		uint64_t i = pred_at[v];

		while (!left[pred[i]])
			i++;
		v = pred[i];
	}
	return v;
}

/* The shortest cycle through a vertex that is on one: breadth first,
 * backwards, until it comes round.  next: the way on to the root. */
uint32_t
topo_cycle(uint32_t n, const uint64_t *pred_at, const uint32_t *pred,
	   const uint32_t *left, uint32_t *path)
{
	uint32_t root = on_cycle(n, pred_at, pred, left), head = 0, tail = 0, length = 0;
	uint32_t *queue = xmalloc(n * sizeof(*queue)), *next = xmalloc(n * sizeof(*next));
	int is_round = 0;

	for (uint32_t v = 0; v < n; v++)
		next[v] = UINT32_MAX;
	queue[tail++] = root;
	while (!is_round) {
		uint32_t v = queue[head++];

		for (uint64_t i = pred_at[v]; i < pred_at[v + 1] && !is_round; i++) {
			uint32_t p = pred[i];

			if (!left[p] || next[p] != UINT32_MAX)
				continue;
			next[p] = v;
			if (p == root)
				is_round = 1;
			else
				queue[tail++] = p;
		}
	}
	path[length++] = root;
	for (uint32_t v = next[root]; v != root; v = next[v])
		path[length++] = v;
	free(queue);
	free(next);
	return length;
}

enum { MOST_NAMES = 10, MOST_PLACES = 4 };

static void
add_place(char *at, size_t size, const char *place)
{
	size_t n = strlen(at);

	if (*place && !strstr(at, place))
		snprintf(at + n, size - n, "%s%s", n ? ", " : "", place);
}

int
topo_tell(struct err *err, const char *what, const uint32_t *path, uint32_t n,
	  topo_tell_fn *tell, const void *user)
{
	char name[TOPO_NAME], place[TOPO_PLACE], places[MOST_PLACES * (TOPO_PLACE + 2)] = "";

	err_set(err, EXIT_GRAPH, "%s a cycle: ", what);
	for (uint32_t i = 0; i < n && i < MOST_NAMES; i++) {
		tell(user, path[i], name, place);
		err_add(err, "%s -> ", name);
		if (i < MOST_PLACES)
			add_place(places, sizeof(places), place);
	}
	if (n > MOST_NAMES)
		err_add(err, "(%u more) -> ", n - MOST_NAMES);
	tell(user, path[0], name, place);
	err_add(err, "%s", name);
	if (*places)
		err_add(err, " (%s)", places);
	return -1;
}
