/* SPDX-License-Identifier: MIT */
/* links - edges between groups, counted, and how deep each group begins: what is drawn of a large graph. */

#include <stdlib.h>

#include "core/base/xalloc.h"
#include "core/graph/draft.h"

/* Per group, while the tasks of one other group are looked at.  What belongs
 * to an earlier one is told by its stamp, so nothing is cleared. */
struct mark {
	uint32_t link;			/* in the list */
	uint32_t of;			/* 1 + the group link was set for */
	heddle_task task;		/* 1 + the task n counts for */
	uint32_t n;
};

struct links {
	struct graph_link *at;
	size_t n, cap;
};

static int
by_from(const void *a, const void *b)
{
	const struct graph_link *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static void
count_in(const struct graph *g, const uint32_t *group_of, uint32_t to, struct mark *mark,
	 struct links *l)
{
	for (uint32_t i = 0; i < g->group[to].n; i++) {
		heddle_task t = graph_nth(g, to, i);

		for (uint64_t e = g->csr.pred_at[t]; e < g->csr.pred_at[t + 1]; e++) {
			uint32_t from = group_of[g->csr.pred[e]];
			struct mark *m = &mark[from];
			struct graph_link *link;

			if (from == to)
				continue;
			if (m->of != to + 1) {
				m->of = to + 1;
				m->link = (uint32_t)l->n;
				link = XADD(&l->at, &l->n, &l->cap);
				link->from = from;
				link->to = to;
			}
			link = &l->at[m->link];
			if (m->task != t + 1) {
				m->task = t + 1;
				m->n = 0;
			}
			link->n++;
			if (++m->n > link->fan_in)
				link->fan_in = m->n;
		}
	}
}

static void
count_out(const struct graph *g, const uint32_t *group_of, uint32_t from, struct mark *mark,
	  struct links *l)
{
	for (uint32_t i = 0; i < g->group[from].n; i++) {
		heddle_task t = graph_nth(g, from, i);

		for (uint64_t e = g->csr.succ_at[t]; e < g->csr.succ_at[t + 1]; e++) {
			uint32_t to = group_of[g->csr.succ[e]];
			struct mark *m = &mark[to];

			if (to == from)
				continue;
			if (m->task != t + 1) {
				m->task = t + 1;
				m->n = 0;
			}
			if (++m->n > l->at[m->link].fan_out)
				l->at[m->link].fan_out = m->n;
		}
	}
}

/* Links by the group they leave: at[from] .. at[from + 1] - 1 of the answer. */
static uint32_t *
links_by_from(const struct links *l, uint32_t ngroups, uint32_t *at)
{
	uint32_t *by = xmalloc(l->n * sizeof(*by));

	for (size_t i = 0; i < l->n; i++)
		at[l->at[i].from + 1]++;
	for (uint32_t i = 0; i < ngroups; i++)
		at[i + 1] += at[i];
	for (size_t i = l->n; i-- > 0;)
		by[--at[l->at[i].from + 1]] = (uint32_t)i;
	for (uint32_t i = 0; i < ngroups; i++)
		at[i] = at[i + 1];
	at[ngroups] = (uint32_t)l->n;
	return by;
}

static void
set_fan_out(const struct graph *g, const uint32_t *group_of, struct links *l)
{
	uint32_t *at = xcalloc((size_t)g->ngroups + 1, sizeof(*at));
	uint32_t *by = links_by_from(l, g->ngroups, at);
	struct mark *mark = xcalloc(g->ngroups, sizeof(*mark));

	for (uint32_t from = 0; from < g->ngroups; from++) {
		for (uint32_t i = at[from]; i < at[from + 1]; i++)
			mark[l->at[by[i]].to].link = by[i];
		if (at[from] < at[from + 1])
			count_out(g, group_of, from, mark, l);
	}
	free(at);
	free(by);
	free(mark);
}

static void
set_levels(struct graph *g, const uint32_t *group_of)
{
	uint32_t *level = xmalloc((size_t)g->csr.ntasks * sizeof(*level));

	for (uint32_t i = 0; i < g->ngroups; i++)
		g->group[i].level = UINT32_MAX;
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint32_t deep = 0, *least = &g->group[group_of[t]].level;

		for (uint64_t e = g->csr.pred_at[t]; e < g->csr.pred_at[t + 1]; e++)
			if (level[g->csr.pred[e]] >= deep)
				deep = level[g->csr.pred[e]] + 1;
		level[t] = deep;
		if (deep < *least)
			*least = deep;
	}
	free(level);
}

void
draft_links(struct graph *g, const uint32_t *group_of)
{
	struct links l = { NULL, 0, 0 };
	struct mark *mark;

	if (g->ngroups > 1) {
		mark = xcalloc(g->ngroups, sizeof(*mark));
		for (uint32_t to = 0; to < g->ngroups; to++) {
			size_t first = l.n;

			count_in(g, group_of, to, mark, &l);
			if (l.n - first > 1)
				qsort(l.at + first, l.n - first, sizeof(*l.at), by_from);
		}
		free(mark);
		set_fan_out(g, group_of, &l);
		set_levels(g, group_of);
	}
	g->nlinks = (uint32_t)l.n;
	g->link = pages_grow(NULL, 0, l.n * sizeof(*g->link));
	for (size_t i = 0; i < l.n; i++)
		g->link[i] = l.at[i];
	free(l.at);
}
