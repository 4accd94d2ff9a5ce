/* SPDX-License-Identifier: MIT */
/* planned - a view of a graph that nothing runs yet. */

#include <stdio.h>
#include <string.h>

#include "core/insight/source.h"

static int
is_root(const struct graph *g, heddle_task t)
{
	return g->csr.pred_at[t] == g->csr.pred_at[t + 1];
}

/* Counted once: a plan does not change. */
static void
count(struct view_source *s)
{
	const struct graph *g = s->graph;

	if (s->is_counted)
		return;
	s->is_counted = 1;
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		struct live_sum *sum = &s->sums[graph_group_of(g, t)];

		if (is_root(g, t))
			sum->ready++;
		else
			sum->blocked++;
	}
}

/* Roots by id; 64 k tasks are looked at, so that a frame stays cheap. */
static void
roots_fill(struct view *v, struct view_source *s, uint32_t nready, uint32_t offset)
{
	uint32_t seen = 0, most = s->graph->csr.ntasks;

	if (most > 64 << 10)
		most = 64 << 10;
	for (heddle_task t = 0; t < most && v->nready_list < VIEW_LIST; t++)
		if (is_root(s->graph, t) && seen++ >= offset)
			source_task(s, &v->ready[v->nready_list++], t);
	if (nready > v->nready_list)
		v->nready_more = nready - v->nready_list;
}

void
plan_fill(struct view *v, struct view_source *s, unsigned want, uint32_t offset)
{
	uint32_t nready = 0;

	count(s);
	memcpy(v->job, s->job, sizeof(v->job));
	memcpy(v->scheduler, s->scheduler, sizeof(v->scheduler));
	v->executor[0] = '\0';
	v->status = RUN_PLANNED;
	v->now = 0;
	v->workers = s->workers;
	v->work_total = s->plan_work;
	v->span_total = s->plan_span;
	for (uint32_t i = 0; i < v->nworkers; i++) {
		v->worker[i].task = HEDDLE_NONE;
		v->worker[i].class = CLASS_OFF;
		v->worker[i].progress = -1;
	}
	for (uint32_t k = 0; k < s->graph->ngroups; k++) {
		struct view_group *g = &v->group[k];

		g->group = k;
		g->sum = s->sums[k];
		nready += g->sum.ready;
		g->left = s->time[k].expect * s->graph->group[k].n;
		g->is_left_known = s->time[k].nexpect == s->graph->group[k].n;
	}
	if (want & VIEW_READY)
		roots_fill(v, s, nready, offset);
	if (want & VIEW_WAITS)
		waits_fill(v, s, offset);
}
