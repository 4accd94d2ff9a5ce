/* SPDX-License-Identifier: MIT */
/* view - everything a front end shows of a run at one instant, now or then, as plain numbers. */

#include "core/insight/view.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/insight/source.h"
#include "core/insight/why.h"

/* Rows of workers that are wanted or ever began: a run has some to spare. */
static uint32_t
count_workers(const struct view_source *s)
{
	uint32_t n = s->live ? atomic_load(&s->live->workers) : s->workers;

	if (!s->live)
		return n;
	if (n > s->nworkers)
		n = s->nworkers;
	for (uint32_t i = n; i < s->nworkers; i++)
		if (atomic_load_explicit(&live_workers(s->live)[i].start, memory_order_acquire))
			n = i + 1;
	return n;
}

static void
room(struct view *v, const struct view_source *s)
{
	uint32_t nworkers = count_workers(s);

	if (v->graph != s->graph) {
		v->group = xrealloc(v->group, s->graph->ngroups * sizeof(*v->group));
		v->graph = s->graph;
	}
	if (v->nworkers != nworkers || !v->worker)
		v->worker = xrealloc(v->worker, nworkers * sizeof(*v->worker));
	v->nworkers = nworkers;
	memset(v->worker, 0, nworkers * sizeof(*v->worker));
	memset(v->group, 0, s->graph->ngroups * sizeof(*v->group));
	v->nready_list = v->nrunning_list = v->nheld_list = 0;
	v->nwaits = v->nevents = v->nseries = v->nwhy = v->nevents_all = 0;
	v->nready_more = v->nheld_more = 0;
	v->speedup = v->done_per_s = 0;
	v->held = v->held_bytes = v->held_peak = v->held_bytes_peak = 0;
	v->cover = v->exit = 0;
	v->end = v->finish = v->work_total = v->span_total = 0;
	v->is_then = 0;
	memset(&v->sum, 0, sizeof(v->sum));
	memset(&v->account, 0, sizeof(v->account));
}

static void
add_up(struct view *v)
{
	for (uint32_t k = 0; k < v->graph->ngroups; k++) {
		const struct live_sum *g = &v->group[k].sum;

		v->sum.blocked += g->blocked;
		v->sum.ready += g->ready;
		v->sum.held += g->held;
		v->sum.running += g->running;
		v->sum.done += g->done;
		v->sum.failed += g->failed;
		v->sum.skipped += g->skipped;
		v->sum.stopped += g->stopped;
		v->sum.retried += g->retried;
	}
	if (v->account.wall)
		v->speedup = (double)v->account.work / (double)v->account.wall;
}

/* The instant: at, no later than now or the end. */
static uint64_t
instant(const struct view_source *s, uint64_t at, uint64_t *end, int *is_then)
{
	uint64_t now;

	*end = atomic_load_explicit(&s->live->end, memory_order_acquire);
	now = *end ? *end : s->ops.now ? s->ops.now(s->self) : 0;
	*is_then = at < now;
	return at < now ? at : now;
}

void
view_fill(struct view *v, struct view_source *s, unsigned want, uint64_t at, uint32_t offset)
{
	struct source_at when = { s, NULL, 0 };
	uint64_t end = 0;
	int is_then = 0;

	room(v, s);
	v->number = s->number;
	v->ntasks = s->graph->csr.ntasks;
	v->nedges = s->graph->nedges;
	if (!s->live) {
		plan_fill(v, s, want, offset);
		add_up(v);
		why_idle(v, &when);
		return;
	}
	when.now = v->now = instant(s, at, &end, &is_then);
	v->end = end;
	for (uint32_t i = 0; i < s->nworkers; i++)
		rows_update(&s->rows[i]);
	times_take(s);
	if (is_then) {
		v->is_then = 1;
		when.then = source_replay(s);
		then_fill(v, &when, want, offset);
	} else {
		now_fill(v, &when, want, offset);
	}
	add_up(v);
	if (!is_then) {
		rates_take(s, v);
		series_take(s, v);
	}
	rates_fill(v, s);
	times_fill(v, &when);
	if (want & VIEW_RUNNING)
		running_fill(v, s);
	if (want & VIEW_WAITS)
		waits_fill(v, s, offset);
	if (want & VIEW_SERIES)
		series_fill(v, s);
	if (want & VIEW_EVENTS_TOO)
		events_fill(v, &when);
	why_idle(v, &when);
}

void
view_fini(struct view *v)
{
	free(v->worker);
	free(v->group);
	memset(v, 0, sizeof(*v));
}
