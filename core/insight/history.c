/* SPDX-License-Identifier: MIT */
/* history - parallelism over the whole of a past run, from its rows. */

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/insight/source.h"

/* How many intervals lie over each slot: shares of the slots an interval ends
 * in, and steps for the full ones between. */
struct strip {
	uint64_t width;
	double share[VIEW_OVER_TIME + 1];
	double step[VIEW_OVER_TIME + 1];
};

static void
strip_add(struct strip *s, uint64_t from, uint64_t to)
{
	uint64_t a = from / s->width, b = to / s->width;

	if (from >= to || b > VIEW_OVER_TIME)
		return;
	if (a == b) {
		s->share[a] += (double)(to - from);
		return;
	}
	s->share[a] += (double)((a + 1) * s->width - from);
	s->share[b] += (double)(to - b * s->width);
	s->step[a + 1] += 1;
	s->step[b] -= 1;
}

/* When each task was done (0: it was not) and first started (all ones: not). */
struct span { uint64_t done, start; };

static struct span *
spans_of(const struct view_source *s)
{
	struct span *span = xcalloc(s->graph->csr.ntasks, sizeof(*span));

	for (heddle_task t = 0; t < s->graph->csr.ntasks; t++)
		span[t].start = UINT64_MAX;
	for (uint32_t w = 0; w < s->nworkers; w++) {
		for (uint64_t i = 0; i < s->rows[w].n; i++) {
			const struct log_row *r = rows_at(&s->rows[w], i);

			if (r->task == HEDDLE_NONE)
				continue;
			if (r->start < span[r->task].start)
				span[r->task].start = r->start;
			if (row_status(r) == ROW_DONE)
				span[r->task].done = r->end;
		}
	}
	return span;
}

static void
add_running(struct view_source *s, struct strip *strip)
{
	for (uint32_t w = 0; w < s->nworkers; w++) {
		for (uint64_t i = 0; i < s->rows[w].n; i++) {
			const struct log_row *r = rows_at(&s->rows[w], i);

			if (r->task == HEDDLE_NONE)
				continue;
			strip_add(strip, r->start, r->end);
			if (r->end / strip->width < VIEW_OVER_TIME)
				s->series.slot[r->end / strip->width].done++;
		}
	}
}

/* A task is blocked until the end of its last predecessor (to the end, where
 * one was not done), then ready until it starts. */
static void
add_queues(const struct view_source *s, const struct span *span, uint64_t end,
	   struct strip *blocked, struct strip *waiting)
{
	const struct heddle_graph *g = &s->graph->csr;

	for (heddle_task t = 0; t < g->ntasks; t++) {
		uint64_t ready = 0, until = span[t].start < end ? span[t].start : end;
		uint64_t e = g->pred_at[t];

		for (; e < g->pred_at[t + 1] && span[g->pred[e]].start != UINT64_MAX &&
		       span[g->pred[e]].done >= span[g->pred[e]].start; e++)
			if (span[g->pred[e]].done > ready)
				ready = span[g->pred[e]].done;
		if (e < g->pred_at[t + 1])
			ready = end;
		strip_add(blocked, 0, ready < end ? ready : end);
		strip_add(waiting, ready, until);
	}
}

/* A value larger than its slot is held until the last task that takes it is
 * done; that of a goal to the end. */
static void
add_held(struct view_source *s, const struct span *span, uint64_t end, struct strip *strip)
{
	const struct graph *g = s->graph;
	uint64_t *until = xcalloc(g->csr.ntasks, sizeof(*until));

	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		for (uint32_t i = 0; i < graph_nin(g, t); i++) {
			heddle_task in = g->csr.pred[g->csr.pred_at[t] + i];
			uint64_t at = span[t].done ? span[t].done : end;

			if (at > until[in])
				until[in] = at;
		}
	for (uint32_t k = 0; k < g->nnodes; k++)
		for (uint32_t i = 0; g->node[k].goal && i < g->node[k].nparts; i++)
			until[g->part[g->node[k].part + i]] = end;
	for (uint32_t w = 0; w < s->nworkers; w++)
		for (uint64_t i = 0; i < s->rows[w].n; i++) {
			const struct log_row *r = rows_at(&s->rows[w], i);

			if (r->task != HEDDLE_NONE && row_status(r) == ROW_DONE && row_bytes(r) > 8)
				strip_add(strip, r->end, until[r->task]);
		}
	free(until);
}

static double
strip_next(const struct strip *s, uint32_t i, double *level)
{
	*level += s->step[i];
	return s->share[i] + *level * (double)s->width;
}

void
series_of_past(struct view_source *s)
{
	uint64_t end = atomic_load(&s->live->end);
	struct series *r = &s->series;
	struct strip *strip = xcalloc(4, sizeof(*strip));
	struct span *span = spans_of(s);
	double level[4] = { 0 };

	r->width = end / VIEW_OVER_TIME + 1;
	for (int i = 0; i < 4; i++)
		strip[i].width = r->width;
	add_running(s, &strip[0]);
	add_queues(s, span, end, &strip[3], &strip[1]);
	if (s->graph->has_values)
		add_held(s, span, end, &strip[2]);
	for (uint32_t i = 0; i < VIEW_OVER_TIME && i * r->width < end; i++) {
		struct series_slot *slot = &r->slot[i];
		uint64_t to = (i + 1) * r->width;

		slot->running = strip_next(&strip[0], i, &level[0]);
		slot->ready = strip_next(&strip[1], i, &level[1]);
		slot->held = strip_next(&strip[2], i, &level[2]);
		slot->blocked = strip_next(&strip[3], i, &level[3]);
		slot->ns = (double)((to < end ? to : end) - i * r->width);
		r->n = i + 1;
	}
	free(strip);
	free(span);
}
