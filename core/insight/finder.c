/* SPDX-License-Identifier: MIT */
/* finder - the ready and the held tasks of a view, out of millions, a little a fill. */

#include <math.h>
#include <stdlib.h>

#include "core/base/xalloc.h"
#include "core/insight/source.h"

/*
 * States are looked at group by group, 64 k a fill, going on where the last
 * fill stopped, so that a list of ten million costs what a small one does and
 * is whole after some frames.  What was found stays while it is still so.
 */
enum { LOOK_TASKS = 64 << 10 };

static int
by_rank(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;

	if (!isnan(a->rank) && !isnan(b->rank) && a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return a->task < b->task ? -1 : a->task > b->task;
}

static void
cut(struct finder *f, size_t most)
{
	size_t n = 0;

	if (f->n)
		qsort(f->row, f->n, sizeof(*f->row), by_rank);
	for (size_t i = 0; i < f->n; i++)
		if (!n || f->row[n - 1].task != f->row[i].task)
			f->row[n++] = f->row[i];
	f->n = n < most ? n : most;
	f->nbest = f->n == most ? most : 0;
}

/* Where as many as are wanted are at hand, in order, one that comes after the
 * last of them is not kept. */
static void
add(const struct view_source *s, struct finder *f, heddle_task t)
{
	struct found row = { t, NAN };
	uint32_t worker;

	if (s->ops.rank)
		s->ops.rank(s->self, t, &row.rank, &worker);
	if (!f->nbest || by_rank(&row, &f->row[f->nbest - 1]) < 0)
		*XADD(&f->row, &f->n, &f->cap) = row;
}

/* Keep what is still so; ranks may have changed. */
static void
find_again(const struct source_at *at, struct finder *f, enum task_state state)
{
	size_t n = f->n;

	f->n = f->nbest = 0;
	for (size_t i = 0; i < n; i++)
		if (source_state(at, f->row[i].task) == state)
			add(at->s, f, f->row[i].task);
}

/* Where one step of the search lies.  Groups whose tasks are no range are
 * looked through together. */
struct stretch { heddle_task first; uint32_t n; int is_worth; };

static struct stretch
stretch_of(const struct view_source *s, const struct finder *f, enum task_state state)
{
	const struct graph_group *g = &s->graph->group[f->group];
	const struct live_sum *sum = &s->sums[f->group];

	if (s->graph->group_of)
		return (struct stretch){ 0, s->graph->csr.ntasks, 1 };
	return (struct stretch){
		g->first, g->n, state == TASK_HELD ? sum->held > 0 : sum->ready > 0
	};
}

/* Look through it from f->i on; -> how many tasks were looked at. */
static uint32_t
look(const struct source_at *at, struct finder *f, const struct stretch *in,
     enum task_state state, uint32_t budget, size_t most)
{
	uint32_t n = 0;

	for (; f->i < in->n && n < budget; f->i++, n++) {
		if (source_state(at, in->first + f->i) != state)
			continue;
		add(at->s, f, in->first + f->i);
		if (f->n > 2 * most)
			cut(f, most);
	}
	return n;
}

static void
find_tasks(const struct source_at *at, struct finder *f, enum task_state state, size_t most)
{
	uint32_t budget = LOOK_TASKS;
	uint32_t ngroups = at->s->graph->group_of ? 1 : at->s->graph->ngroups;

	find_again(at, f, state);
	for (uint32_t seen = 0; seen <= ngroups && budget && ngroups; seen++) {
		struct stretch in = stretch_of(at->s, f, state);

		if (in.is_worth)
			budget -= look(at, f, &in, state, budget, most);
		if (!in.is_worth || f->i >= in.n) {
			f->group = (f->group + 1) % ngroups;
			f->i = 0;
		}
	}
	cut(f, most);
}

static int
is_running(const struct view *v, heddle_task t)
{
	for (uint32_t i = 0; i < v->nworkers; i++)
		if (v->worker[i].task == t)
			return 1;
	return 0;
}

void
ready_fill(struct view *v, const struct source_at *at, uint32_t offset)
{
	struct finder *f = &at->s->ready;

	find_tasks(at, f, TASK_READY, (size_t)offset + VIEW_LIST);
	for (size_t i = offset; i < f->n && v->nready_list < VIEW_LIST; i++)
		if (!is_running(v, f->row[i].task))
			source_task(at->s, &v->ready[v->nready_list++], f->row[i].task);
	if (v->sum.ready > v->nready_list)
		v->nready_more = v->sum.ready - v->nready_list;
}

void
held_fill(struct view *v, const struct source_at *at, uint32_t offset)
{
	struct view_source *s = at->s;

	find_tasks(at, &s->held, TASK_HELD, (size_t)offset + VIEW_LIST);
	for (size_t i = offset; i < s->held.n && v->nheld_list < VIEW_LIST; i++) {
		struct view_task *row = &v->held_list[v->nheld_list++];

		source_task(s, row, s->held.row[i].task);
		if (s->ops.held_by)
			s->ops.held_by(s->self, row->task, row->note, sizeof(row->note));
	}
	if (v->sum.held > v->nheld_list)
		v->nheld_more = v->sum.held - v->nheld_list;
}
