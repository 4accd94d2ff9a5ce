/* SPDX-License-Identifier: MIT */
/* times - what tasks of a group take, what is left of it, when the run may end. */

#include <stdlib.h>
#include <string.h>

#include "core/insight/source.h"

/*
 * A fill of a live run takes in TAKE_ROWS rows at most: where more have come
 * since, every n-th of them, so that the mean is that of a sample.  A past
 * run is read whole, once.
 */
enum { TAKE_ROWS = 128 << 10 };

static void
take_row(struct view_source *s, const struct log_row *r)
{
	struct group_time *k;

	if (r->task == HEDDLE_NONE || row_status(r) != ROW_DONE)
		return;
	k = &s->time[graph_group_of(s->graph, r->task)];
	k->ns += r->end - r->start;
	k->n++;
}

void
times_take(struct view_source *s)
{
	uint64_t come = 0, step = 1;

	for (uint32_t i = 0; i < s->nworkers; i++)
		come += s->rows[i].n - s->timed[i];
	if (!s->past && come > TAKE_ROWS)
		step = come / TAKE_ROWS + 1;
	for (uint32_t i = 0; i < s->nworkers; i++) {
		for (uint64_t k = s->timed[i]; k < s->rows[i].n; k += step)
			take_row(s, rows_at(&s->rows[i], k));
		s->timed[i] = s->rows[i].n;
	}
}

/* How long the running tasks of a group have been running: together, and the
 * most that one of them should still take. */
static void
in_progress(const struct view *v, uint32_t group, uint64_t mean, uint64_t *spent, uint64_t *rest)
{
	for (uint32_t i = 0; i < v->nworkers; i++) {
		const struct view_worker *w = &v->worker[i];

		if (w->task == HEDDLE_NONE || graph_group_of(v->graph, w->task) != group)
			continue;
		*spent += w->since < mean ? w->since : mean;
		if (w->since < mean && mean - w->since > *rest)
			*rest = mean - w->since;
	}
}

/* Is the group one chain of tasks? */
static int
is_chain(const struct view_source *s, uint32_t group)
{
	for (uint32_t i = s->link_at[group]; i < s->link_at[group + 1]; i++) {
		const struct graph_link *l = &s->graph->link[s->link_in[i]];

		if (l->from == group)
			return l->fan_in == 1 && l->fan_out == 1 &&
			       l->n + 1 == s->graph->group[group].n;
	}
	return 0;
}

/*
 * The longest way through the groups: a group counts as one of its tasks (a
 * chain as all of them).  So it is what the span comes to where tasks of a
 * group do not need each other, and a bound from below elsewhere.
 */
static uint64_t
longest_way(struct view_source *s, const uint64_t *one)
{
	uint64_t most = 0;

	for (uint32_t n = 0; n < s->graph->ngroups; n++) {
		uint32_t k = s->by_level[n];
		uint64_t before = 0;

		for (uint32_t i = s->link_at[k]; i < s->link_at[k + 1]; i++) {
			uint32_t from = s->graph->link[s->link_in[i]].from;

			if (s->graph->group[from].level < s->graph->group[k].level &&
			    s->longest[from] > before)
				before = s->longest[from];
		}
		s->longest[k] = before + one[k];
		if (s->longest[k] > most)
			most = s->longest[k];
	}
	return most;
}

struct outlook { uint64_t left; int is_known; };

/* What is left of one group; one[k] is its step in the longest way. */
static void
group_left(struct view *v, struct view_source *s, uint32_t k, uint64_t *one, struct outlook *o)
{
	struct view_group *g = &v->group[k];
	const struct group_time *t = &s->time[k];
	uint64_t n = (uint64_t)g->sum.blocked + g->sum.ready + g->sum.held + g->sum.running;
	uint64_t mean = t->n ? t->ns / t->n : t->expect, spent, rest;

	g->mean = t->n && g->sum.done ? t->ns / t->n : 0;
	g->is_left_known = !n || mean > 0;
	one[k] = 0;
	o->is_known &= g->is_left_known;
	if (!n || !mean)
		return;
	spent = rest = 0;
	if (g->sum.running)
		in_progress(v, k, mean, &spent, &rest);
	g->left = n * mean > spent ? n * mean - spent : 0;
	one[k] = is_chain(s, k) ? n * mean : n == g->sum.running ? rest : mean;
	o->left += g->left;
}

void
times_fill(struct view *v, const struct source_at *at)
{
	struct view_source *s = at->s;
	uint64_t *one = s->longest + s->graph->ngroups, way, share;
	struct outlook o = { 0, 1 };

	for (uint32_t k = 0; k < s->graph->ngroups; k++)
		group_left(v, s, k, one, &o);
	if (v->end && !v->is_then) {
		v->work_total = v->account.work;
		v->finish = v->end;
		return;
	}
	if (!o.is_known)
		return;
	v->work_total = v->account.work + o.left;
	way = longest_way(s, one);
	share = o.left / (v->workers ? v->workers : 1);
	v->finish = v->now + (way > share ? way : share);
	for (uint32_t k = 0; k < s->graph->ngroups; k++) {
		const struct group_time *t = &s->time[k];
		uint64_t mean = t->n ? t->ns / t->n : t->expect;

		one[k] = is_chain(s, k) ? mean * s->graph->group[k].n : mean;
	}
	v->span_total = longest_way(s, one);
}
