/* SPDX-License-Identifier: MIT */
/* timeline - what a worker did in each of some slices of its time. */

#include <string.h>

#include "core/insight/source.h"

/* What the worker does now, as a row that has not ended. */
static int
open_row(const struct view_source *s, uint32_t worker, struct log_row *row)
{
	const struct live_worker *w = live_workers(s->live) + worker;
	uint32_t task = atomic_load_explicit(&w->task, memory_order_acquire);
	uint64_t since = atomic_load_explicit(&w->since, memory_order_acquire);
	uint32_t class = atomic_load_explicit(&w->class, memory_order_acquire);
	uint64_t n = s->rows[worker].n;

	if (s->past || atomic_load(&s->live->end) || atomic_load(&w->end) || class >= CLASS_N)
		return 0;
	if (!atomic_load(&w->start) && worker)
		return 0;
	if (n && since < rows_at(&s->rows[worker], n - 1)->end)
		return 0;			/* its row is there already */
	*row = (struct log_row){
		since, s->ops.now ? s->ops.now(s->self) : since, (uint64_t)class << 8,
		task < s->live->ntasks ? task : HEDDLE_NONE, 0
	};
	return row->end > row->start;
}

/* When a worker began and left (now, if it has not). */
static void
life_of(const struct view_source *s, uint32_t worker, uint64_t *start, uint64_t *end)
{
	const struct live_worker *w = live_workers(s->live) + worker;

	*start = atomic_load(&w->start);
	*end = atomic_load(&w->end);
	if (!*end)
		*end = atomic_load(&s->live->end);
	if (!*end)
		*end = s->ops.now ? s->ops.now(s->self) : 0;
	if (!*start && worker)
		*end = 0;			/* it has not begun */
}

struct slice {
	uint64_t from, to, ns[CLASS_N], ntasks;
	uint32_t task;
	uint64_t most;			/* ns of that task in the slice */
	int is_start, is_end;
};

static uint64_t
overlap(const struct slice *c, const struct log_row *r)
{
	uint64_t from = r->start > c->from ? r->start : c->from;
	uint64_t to = r->end < c->to ? r->end : c->to;

	return to > from ? to - from : 0;
}

/* The task that takes most of the slice stands for it. */
static void
consider(struct slice *c, const struct log_row *r)
{
	uint64_t ns = overlap(c, r);

	if (r->task == HEDDLE_NONE || (c->task != HEDDLE_NONE && ns <= c->most))
		return;
	c->task = r->task;
	c->most = ns;
	c->is_start = r->start >= c->from && r->start < c->to;
	c->is_end = r->end > c->from && r->end <= c->to;
}

/* Rows of a slice between two cuts: all if they are few, else some, evenly
 * apart. */
enum { CONSIDER = 16 };

static void
slice_rows(const struct rows *rows, struct slice *c, const struct digest_cut *was,
	   const struct digest_cut *is)
{
	uint64_t hi = is->row < rows->n ? is->row + 1 : is->row, step;

	for (int k = 0; k < CLASS_N; k++)
		c->ns[k] = is->ns[k] - was->ns[k];
	c->ntasks = is->ntasks - was->ntasks;
	step = hi > was->row ? (hi - was->row) / CONSIDER + 1 : 1;
	for (uint64_t i = was->row; i < hi; i += step)
		if (overlap(c, rows_at(rows, i)))
			consider(c, rows_at(rows, i));
}

static void
fill_cell(struct view_source *s, struct view_cell *cell, struct slice *c)
{
	int best = CLASS_OVH;
	uint64_t rest = c->to - c->from;

	for (int k = 0; k < CLASS_N; k++)
		rest -= c->ns[k] < rest ? c->ns[k] : rest;
	c->ns[CLASS_OVH] += rest;
	for (int k = 0; k < CLASS_N; k++)
		if (c->ns[k] > c->ns[best])
			best = k;
	cell->class = (uint8_t)best;
	cell->ntasks = (uint32_t)c->ntasks;
	cell->is_start = cell->is_end = 0;
	cell->task = HEDDLE_NONE;
	cell->group = 0;
	if (best != CLASS_RUN_CPU || c->task == HEDDLE_NONE)
		return;
	cell->task = c->task;
	cell->group = graph_group_of(s->graph, c->task);
	cell->is_start = (uint8_t)c->is_start;
	cell->is_end = (uint8_t)c->is_end;
}

static uint64_t
edge(uint64_t from, uint64_t to, uint32_t i, uint32_t columns)
{
	return from + (uint64_t)((unsigned __int128)(to - from) * i / columns);
}

void
view_timeline(struct view_source *s, uint32_t worker, uint64_t from, uint64_t to,
	      struct view_cell *cell, uint32_t columns)
{
	struct digest_cut was, is;
	uint64_t start, end, cut_at = UINT64_MAX;
	struct log_row open;
	int is_open;

	for (uint32_t i = 0; i < columns; i++)
		cell[i] = (struct view_cell){ .task = HEDDLE_NONE, .class = CLASS_N };
	if (!s->live || worker >= s->nworkers || from >= to)
		return;
	rows_update(&s->rows[worker]);
	is_open = open_row(s, worker, &open);
	life_of(s, worker, &start, &end);
	for (uint32_t i = 0; i < columns; i++) {
		struct slice c = {
			.from = edge(from, to, i, columns), .to = edge(from, to, i + 1, columns),
			.task = HEDDLE_NONE
		};

		if (c.from < start)
			c.from = start;
		if (c.to > end)
			c.to = end;
		if (c.from >= c.to)
			continue;
		if (cut_at != c.from)
			digest_until(s, worker, c.from, 0, &was);
		digest_until(s, worker, c.to, was.row, &is);
		slice_rows(&s->rows[worker], &c, &was, &is);
		was = is;
		cut_at = c.to;
		if (is_open && overlap(&c, &open)) {
			c.ns[open.task != HEDDLE_NONE ? CLASS_RUN_CPU : row_status(&open)] +=
				overlap(&c, &open);
			consider(&c, &open);
			if (c.task == open.task)
				c.is_end = 0;
		}
		fill_cell(s, &cell[i], &c);
	}
}
