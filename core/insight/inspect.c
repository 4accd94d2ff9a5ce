/* SPDX-License-Identifier: MIT */
/* inspect - all that is known of one task: its life, what it needs and what it feeds. */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/insight/source.h"

/* When a task became ready (its last predecessor ended), started and ended;
 * UINT64_MAX where it did not.  worker: of its last attempt. */
struct told { uint64_t ready, start, end; uint32_t worker, attempts; enum row_status status; };

/*
 * A life is in the rows of the task and of its predecessors, wherever they
 * are: all rows are looked at, once for each task inspected.  A fill of a live
 * run looks at SEARCH_ROWS at most; until all are seen the life is not told.
 */
enum { SEARCH_ROWS = 256 << 10 };

static void
begin_search(struct view_source *s, heddle_task t)
{
	const struct heddle_graph *g = &s->graph->csr;
	struct search *f = &s->search;

	if (!f->seen) {
		f->seen = xcalloc(s->nworkers, sizeof(*f->seen));
		f->is_pred = xcalloc(g->ntasks / 64 + 1, sizeof(*f->is_pred));
	}
	if (f->task != HEDDLE_NONE)
		for (uint64_t e = g->pred_at[f->task]; e < g->pred_at[f->task + 1]; e++)
			f->is_pred[g->pred[e] / 64] = 0;
	for (uint64_t e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
		f->is_pred[g->pred[e] / 64] |= 1ull << g->pred[e] % 64;
	memset(f->seen, 0, s->nworkers * sizeof(*f->seen));
	f->task = t;
	f->npred_done = 0;
	f->ready = 0;
	f->row = NULL;
}

static void
search_row(struct search *f, const struct log_row *r, uint32_t worker)
{
	if (r->task == HEDDLE_NONE)
		return;
	if (r->task == f->task && (!f->row || f->row->start <= r->start)) {
		f->row = r;
		f->worker = worker;
	}
	if (f->is_pred[r->task / 64] >> r->task % 64 & 1 && row_status(r) == ROW_DONE) {
		f->npred_done++;
		if (r->end > f->ready)
			f->ready = r->end;
	}
}

/* -> 1: all rows there are have been seen. */
static int
search(struct view_source *s, heddle_task t, uint64_t most)
{
	struct search *f = &s->search;

	if (f->task != t)
		begin_search(s, t);
	for (uint32_t i = 0; i < s->nworkers; i++)
		for (; f->seen[i] < s->rows[i].n; f->seen[i]++) {
			if (!most--)
				return 0;
			search_row(f, rows_at(&s->rows[i], f->seen[i]), i);
		}
	return 1;
}

/* What was found, as a life. */
static void
found_life(const struct view_source *s, struct told *l)
{
	const struct search *f = &s->search;

	if (f->npred_done >= graph_npred(s->graph, f->task))
		l->ready = f->ready;
	if (!f->row)
		return;
	l->start = f->row->start;
	l->worker = f->worker;
	l->attempts = row_attempt(f->row);
	l->status = row_status(f->row);
	if (l->status != ROW_RETRY)
		l->end = f->row->end;
}

static void __attribute__((format(printf, 4, 5)))
live_line(struct view_inspect *v, uint64_t at, const char *what, const char *fmt, ...)
{
	struct view_life *l;
	va_list ap;

	if (v->nlife == sizeof(v->life) / sizeof(*v->life))
		return;
	l = &v->life[v->nlife++];
	l->at = at;
	snprintf(l->what, sizeof(l->what), "%s", what);
	va_start(ap, fmt);
	vsnprintf(l->text, sizeof(l->text), fmt, ap);
	va_end(ap);
}

static void
name_it(struct view_inspect *v, const struct graph *g, heddle_task t)
{
	const struct graph_group *k = &g->group[graph_group_of(g, t)];
	const struct graph_node *n = &g->node[k->node];
	const struct graph_kernel *f = &g->kernel[g->kernel_of[t]];
	char buf[GRAPH_NAME];

	snprintf(v->name, sizeof(v->name), "%.*s", VIEW_NAME - 1, graph_name(g, t, buf));
	snprintf(v->group, sizeof(v->group), "%s", graph_text(g, k->name));
	snprintf(v->kernel, sizeof(v->kernel), "%s.%s", graph_text(g, f->plugin),
		 graph_text(g, f->name));
	snprintf(v->origin, sizeof(v->origin), "%s:%u", graph_text(g, n->file), n->line);
}

static void
neighbour(struct view_task *row, const struct source_at *at, heddle_task t)
{
	source_task(at->s, row, t);
	snprintf(row->note, sizeof(row->note), "%s", task_state_names[source_state(at, t)]);
}

/* Counted up to 64 k, named up to eight; unfinished predecessors first. */
static void
neighbours(struct view_inspect *v, const struct source_at *at)
{
	const struct heddle_graph *g = &at->s->graph->csr;
	heddle_task t = v->task;

	v->npred = graph_npred(at->s->graph, t);
	v->nsucc = (uint32_t)(g->succ_at[t + 1] - g->succ_at[t]);
	v->npred_done = v->npred - source_left(at, t);
	if (v->state != TASK_BLOCKED)
		v->npred_done = v->npred;
	for (int is_done = 0; is_done < 2; is_done++)
		for (uint32_t i = 0; i < v->npred && i < 65536 && v->npred_list < 8; i++) {
			heddle_task p = g->pred[g->pred_at[t] + i];

			if ((source_state(at, p) == TASK_DONE) == is_done)
				neighbour(&v->pred[v->npred_list++], at, p);
		}
	for (uint32_t i = 0; i < v->nsucc && v->nsucc_list < 8; i++)
		neighbour(&v->succ[v->nsucc_list++], at, g->succ[g->succ_at[t] + i]);
}

/* Is it in some worker's hands?  -> the worker, or HEDDLE_NONE. */
static uint32_t
hands(const struct view_source *s, heddle_task t, uint64_t *since, uint32_t *attempt)
{
	const struct live_worker *w = live_workers(s->live);

	for (uint32_t i = 0; i < s->nworkers; i++) {
		if (atomic_load_explicit(&w[i].task, memory_order_acquire) != t)
			continue;
		*since = atomic_load_explicit(&w[i].since, memory_order_acquire);
		*attempt = atomic_load_explicit(&w[i].attempt, memory_order_acquire);
		return i;
	}
	return HEDDLE_NONE;
}

/* What rare events say of it, before the instant. */
static void
events_of(struct view_inspect *v, const struct source_at *at)
{
	struct view_source *s = at->s;
	struct run_event some[64];
	const struct run_event *e = some;
	uint32_t n = 0, got;

	if (s->past) {
		e = s->past->event;
		got = s->past->nevents;
	} else {
		n = s->ops.nevents ? s->ops.nevents(s->self) : 0;
		got = n ? s->ops.events(s->self, n > 64 ? n - 64 : 0, some, 64) : 0;
	}
	for (uint32_t i = 0; i < got; i++) {
		char buf[WRITE_MAX];

		if (e[i].task != v->task || e[i].at > at->now || v->nlife > 8)
			continue;
		if (e[i].kind == EVENT_RETRY)
			live_line(v, e[i].at, "retry", "attempt %u failed, again in %s: %s",
				  e[i].attempt, write_time(buf, e[i].n), e[i].text ? e[i].text : "");
		else if (e[i].kind == EVENT_FAIL || e[i].kind == EVENT_REQUEST)
			live_line(v, e[i].at, event_names[e[i].kind], "%s",
				  e[i].text ? e[i].text : "");
	}
}

static void
life_of(struct view_inspect *v, const struct source_at *at, const struct told *l)
{
	static const char *const how[] = {
		[ROW_DONE] = "done", [ROW_FAILED] = "failed", [ROW_STOPPED] = "stopped",
		[ROW_RETRY] = "to be tried again",
	};
	char a[WRITE_MAX], b[GRAPH_NAME];
	const struct heddle_graph *g = &at->s->graph->csr;

	if (l->ready <= at->now) {
		if (v->npred == 1)
			live_line(v, l->ready, "ready", "%s was done",
				  graph_name(at->s->graph, g->pred[g->pred_at[v->task]], b));
		else if (v->npred)
			live_line(v, l->ready, "ready", "the last of %u predecessors was done",
				  v->npred);
		else
			live_line(v, 0, "ready", "needs nothing");
	}
	if (l->start <= at->now) {
		uint64_t wait = l->ready <= l->start ? l->start - l->ready : 0;

		live_line(v, l->start, "started", "on worker %u, attempt %u, %s after it was ready",
			  l->worker, l->attempts, write_time(a, wait));
	}
	if (l->end <= at->now)
		live_line(v, l->end, "ended", "%s, %s", how[l->status],
			  write_time(a, l->end - l->start));
}

static void
sort_life(struct view_inspect *v)
{
	for (uint32_t i = 1; i < v->nlife; i++) {
		struct view_life l = v->life[i];
		uint32_t k = i;

		for (; k && v->life[k - 1].at > l.at; k--)
			v->life[k] = v->life[k - 1];
		v->life[k] = l;
	}
}

static void
inspect_live(struct view_inspect *v, const struct source_at *at)
{
	struct view_source *s = at->s;
	struct told l = { UINT64_MAX, UINT64_MAX, UINT64_MAX, HEDDLE_NONE, 0, ROW_DONE };
	uint64_t since = UINT64_MAX;
	uint32_t worker = HEDDLE_NONE, attempt = 0;

	if (search(s, v->task, s->past ? UINT64_MAX : SEARCH_ROWS))
		found_life(s, &l);
	if (v->state == TASK_RUNNING && !at->then) {
		worker = hands(s, v->task, &since, &attempt);
		if (worker != HEDDLE_NONE) {
			l.worker = worker;
			l.attempts = attempt;
			l.start = since;
			l.end = UINT64_MAX;
		}
	}
	v->worker = l.worker != HEDDLE_NONE ? l.worker : v->worker;
	v->attempt = l.attempts;
	if (v->state == TASK_RUNNING && l.start <= at->now)
		v->since = at->now - l.start;
	else if (v->state == TASK_READY || v->state == TASK_HELD)
		v->since = l.ready <= at->now ? at->now - l.ready : UINT64_MAX;
	else if (l.end <= at->now)
		v->since = l.end - l.start;
	life_of(v, at, &l);
	events_of(v, at);
	sort_life(v);
	if (s->search.row && l.end <= at->now && l.status == ROW_DONE)
		v->bytes = row_bytes(s->search.row);
	if (v->state == TASK_HELD && s->ops.held_by) {
		s->ops.held_by(s->self, v->task, v->held_by, sizeof(v->held_by));
		if (v->held_by[0])
			live_line(v, at->now, "held", "%s", v->held_by);
	}
}

void
view_inspect(struct view_inspect *v, struct view_source *s, uint32_t task, uint64_t when)
{
	struct source_at at = { s, NULL, 0 };
	const struct group_time *k = &s->time[graph_group_of(s->graph, task)];
	struct view_task row;
	uint64_t end;

	memset(v, 0, sizeof(*v));
	v->task = task;
	v->since = UINT64_MAX;
	if (s->live) {
		end = atomic_load_explicit(&s->live->end, memory_order_acquire);
		at.now = end ? end : s->ops.now ? s->ops.now(s->self) : 0;
		for (uint32_t i = 0; i < s->nworkers; i++)
			rows_update(&s->rows[i]);
		if (when < at.now) {
			at.now = when;
			at.then = source_replay(s);
			replay_seek(at.then, when);
		}
	}
	v->state = source_state(&at, task);
	source_task(s, &row, task);
	v->rank = row.rank;
	v->worker = row.worker;
	v->expect = graph_expect(s->graph, task);
	v->usual = k->n ? k->ns / k->n : 0;
	v->priority = s->ops.priority ? s->ops.priority(s->self, task) :
		graph_attr(s->graph, task)->priority;
	name_it(v, s->graph, task);
	neighbours(v, &at);
	if (s->live)
		inspect_live(v, &at);
}
