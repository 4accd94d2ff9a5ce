/* SPDX-License-Identifier: MIT */
/* replay - the one reducer: rows become the state of every task at any instant. */

#include "core/record/replay.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/rows.h"

/*
 * A row is two events, its start and its end.  Each worker's are in order; a
 * heap merges the workers.  Applying events commutes (the number of unfinished
 * predecessors is kept beside what the task itself did), so events of one
 * instant may come in any order, and rows of a live run that come late are
 * applied late: the state at t is right as soon as all events up to t are in.
 *
 * A snapshot is the state after its events; the cursors in it say which those
 * are, so it stays right when more rows come.
 */
enum {
	ST_NONE = 0,			/* blocked or ready, by left[] */
	ST_RUNNING, ST_DONE, ST_FAILED, ST_STOPPED,
	ST_MASK = 7,
	ST_GAVE = 8,			/* its successors know that it is done */
	ST_LEFT = 16			/* it let go of its inputs */
};
enum { SNAPSHOT_EVENTS = 4096, SNAPSHOTS = 16 };

/* All that events change. */
struct state {
	uint64_t t;			/* of the last event applied */
	uint64_t nevents;
	uint64_t *cursor;		/* [worker]: events applied, 2 a row */
	uint32_t *left;			/* [task] */
	uint8_t *st;			/* [task] */
	uint32_t *refs;			/* [task]: who still wants its value; NULL: no values */
	struct live_sum *sums;		/* [group] */
	struct replay_worker *worker;
	struct replay_held held;
};

struct replay {
	const struct graph *graph;
	uint32_t nworkers;
	struct rows *rows;
	int has_state;
	struct state now;
	uint64_t at;			/* sought */
	uint32_t *heap, nheap;		/* workers with an event, the earliest first */
	uint64_t *bytes;		/* [task]: of its value, once made; NULL: no values */
	struct state *snapshot;
	size_t nsnapshots;
};

/* ---- room --------------------------------------------------------------- */

static void
state_alloc(const struct replay *r, struct state *s)
{
	uint32_t n = r->graph->csr.ntasks;

	memset(s, 0, sizeof(*s));
	s->cursor = xcalloc(r->nworkers, sizeof(*s->cursor));
	s->left = xcalloc(n, sizeof(*s->left));
	s->st = xcalloc(n, sizeof(*s->st));
	s->refs = r->graph->has_values ? xcalloc(n, sizeof(*s->refs)) : NULL;
	s->sums = xcalloc(r->graph->ngroups, sizeof(*s->sums));
	s->worker = xcalloc(r->nworkers, sizeof(*s->worker));
}

static void
state_free(struct state *s)
{
	free(s->cursor);
	free(s->left);
	free(s->st);
	free(s->refs);
	free(s->sums);
	free(s->worker);
}

static void
state_copy(const struct replay *r, struct state *to, const struct state *from)
{
	uint32_t n = r->graph->csr.ntasks;

	to->t = from->t;
	to->nevents = from->nevents;
	to->held = from->held;
	memcpy(to->cursor, from->cursor, r->nworkers * sizeof(*to->cursor));
	memcpy(to->left, from->left, n * sizeof(*to->left));
	memcpy(to->st, from->st, n * sizeof(*to->st));
	if (to->refs)
		memcpy(to->refs, from->refs, n * sizeof(*to->refs));
	memcpy(to->sums, from->sums, r->graph->ngroups * sizeof(*to->sums));
	memcpy(to->worker, from->worker, r->nworkers * sizeof(*to->worker));
}

struct replay *
replay_new(const struct graph *g, const struct replay_rows *rows, uint32_t nworkers)
{
	struct replay *r = xcalloc(1, sizeof(*r));

	r->graph = g;
	r->nworkers = nworkers;
	r->rows = xcalloc(nworkers, sizeof(*r->rows));
	r->heap = xcalloc(nworkers, sizeof(*r->heap));
	r->snapshot = xcalloc(SNAPSHOTS, sizeof(*r->snapshot));
	for (uint32_t i = 0; i < nworkers; i++) {
		if (rows[i].log)
			rows_of_log(&r->rows[i], rows[i].log);
		else
			rows_of_array(&r->rows[i], rows[i].row, rows[i].nrows);
	}
	return r;
}

void
replay_free(struct replay *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < r->nworkers; i++)
		rows_fini(&r->rows[i]);
	for (size_t i = 0; i < r->nsnapshots; i++)
		state_free(&r->snapshot[i]);
	if (r->has_state)
		state_free(&r->now);
	free(r->rows);
	free(r->heap);
	free(r->bytes);
	free(r->snapshot);
	free(r);
}

/* Before the first event: every task waits for its predecessors. */
static void
begin(struct replay *r)
{
	const struct graph *g = r->graph;
	struct state *s = &r->now;

	s->t = s->nevents = 0;
	memset(&s->held, 0, sizeof(s->held));
	memset(s->cursor, 0, r->nworkers * sizeof(*s->cursor));
	memset(s->st, 0, g->csr.ntasks * sizeof(*s->st));
	memset(s->sums, 0, g->ngroups * sizeof(*s->sums));
	for (uint32_t i = 0; i < r->nworkers; i++)
		s->worker[i] = (struct replay_worker){ HEDDLE_NONE, CLASS_OVH, 0 };
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		struct live_sum *sum = &s->sums[graph_group_of(g, t)];

		s->left[t] = graph_npred(g, t);
		if (s->left[t])
			sum->blocked++;
		else
			sum->ready++;
	}
	if (!s->refs)
		return;
	memset(s->refs, 0, g->csr.ntasks * sizeof(*s->refs));
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		for (uint32_t i = 0; i < graph_nin(g, t); i++)
			s->refs[g->csr.pred[g->csr.pred_at[t] + i]]++;
	for (uint32_t i = 0; i < g->nnodes; i++)
		for (uint32_t k = 0; g->node[i].goal && k < g->node[i].nparts; k++)
			s->refs[g->part[g->node[i].part + k]]++;
}

static void
need_state(struct replay *r)
{
	if (r->has_state)
		return;
	r->has_state = 1;
	state_alloc(r, &r->now);
	if (r->now.refs)
		r->bytes = xcalloc(r->graph->csr.ntasks, sizeof(*r->bytes));
	begin(r);
}

/* ---- the merge ---------------------------------------------------------- */

static uint64_t
next_time(const struct replay *r, uint32_t worker)
{
	uint64_t at = r->now.cursor[worker];
	const struct log_row *row = rows_at(&r->rows[worker], at / 2);

	return at & 1 ? row->end : row->start;
}

static int
is_before(const struct replay *r, uint32_t a, uint32_t b)
{
	uint64_t ta = next_time(r, a), tb = next_time(r, b);

	if (ta != tb)
		return ta < tb;
	/* ends first: what they free is there for those that start */
	if ((r->now.cursor[a] ^ r->now.cursor[b]) & 1)
		return r->now.cursor[a] & 1;
	return a < b;
}

static void
sink(struct replay *r, uint32_t i)
{
	for (;;) {
		uint32_t least = i, c = 2 * i + 1, w;

		if (c < r->nheap && is_before(r, r->heap[c], r->heap[least]))
			least = c;
		if (c + 1 < r->nheap && is_before(r, r->heap[c + 1], r->heap[least]))
			least = c + 1;
		if (least == i)
			return;
		w = r->heap[i];
		r->heap[i] = r->heap[least];
		r->heap[least] = w;
		i = least;
	}
}

static void
make_heap(struct replay *r)
{
	r->nheap = 0;
	for (uint32_t i = 0; i < r->nworkers; i++)
		if (r->now.cursor[i] < 2 * r->rows[i].n)
			r->heap[r->nheap++] = i;
	for (uint32_t i = r->nheap / 2; i--;)
		sink(r, i);
}

/* ---- events ------------------------------------------------------------- */

static enum task_state
shown(const struct state *s, heddle_task t)
{
	static const enum task_state of[] = {
		[ST_RUNNING] = TASK_RUNNING, [ST_DONE] = TASK_DONE,
		[ST_FAILED] = TASK_FAILED, [ST_STOPPED] = TASK_STOPPED,
	};
	unsigned st = s->st[t] & ST_MASK;

	if (st)
		return of[st];
	return s->left[t] ? TASK_BLOCKED : TASK_READY;
}

static void
count(struct live_sum *sum, enum task_state st, uint32_t n)
{
	switch (st) {
	case TASK_BLOCKED: sum->blocked += n; break;
	case TASK_READY: sum->ready += n; break;
	case TASK_RUNNING: sum->running += n; break;
	case TASK_DONE: sum->done += n; break;
	case TASK_FAILED: sum->failed += n; break;
	default: sum->stopped += n; break;
	}
}

static void
become(struct replay *r, heddle_task t, unsigned st)
{
	struct state *s = &r->now;
	struct live_sum *sum = &s->sums[graph_group_of(r->graph, t)];

	count(sum, shown(s, t), -1u);
	s->st[t] = (uint8_t)((s->st[t] & ~ST_MASK) | st);
	count(sum, shown(s, t), 1);
}

/* A value that lives outside its slot is kept until nobody wants it. */
static void
let_go(struct replay *r, heddle_task t)
{
	struct state *s = &r->now;

	if (--s->refs[t] || (s->st[t] & ST_MASK) != ST_DONE || r->bytes[t] <= 8)
		return;
	s->held.values--;
	s->held.bytes -= r->bytes[t];
}

static void
made(struct replay *r, heddle_task t, uint64_t bytes)
{
	struct replay_held *h = &r->now.held;

	r->bytes[t] = bytes;
	if (bytes <= 8 || !r->now.refs[t])
		return;
	h->values++;
	h->bytes += bytes;
	if (h->values > h->peak_values)
		h->peak_values = h->values;
	if (h->bytes > h->peak_bytes)
		h->peak_bytes = h->bytes;
}

/* It will not run again: its inputs have one user fewer. */
static void
leave_inputs(struct replay *r, heddle_task t)
{
	const struct graph *g = r->graph;

	if (!r->now.refs || r->now.st[t] & ST_LEFT)
		return;
	r->now.st[t] |= ST_LEFT;
	for (uint32_t i = 0; i < graph_nin(g, t); i++)
		let_go(r, g->csr.pred[g->csr.pred_at[t] + i]);
}

static void
done(struct replay *r, heddle_task t, uint64_t bytes)
{
	const struct heddle_graph *g = &r->graph->csr;
	struct state *s = &r->now;

	if (s->st[t] & ST_GAVE)
		return;
	s->st[t] |= ST_GAVE;
	for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++) {
		heddle_task next = g->succ[e];
		enum task_state was = shown(s, next), is;

		s->left[next]--;
		if ((is = shown(s, next)) != was) {
			struct live_sum *sum = &s->sums[graph_group_of(r->graph, next)];

			count(sum, was, -1u);
			count(sum, is, 1);
		}
	}
	if (s->refs)
		made(r, t, bytes);
}

static void
apply(struct replay *r, uint32_t worker)
{
	struct state *s = &r->now;
	uint64_t at = s->cursor[worker]++;
	const struct log_row *row = rows_at(&r->rows[worker], at / 2);
	int is_end = at & 1;
	heddle_task t = row->task;

	s->nevents++;
	s->t = is_end ? row->end : row->start;
	s->worker[worker] = (struct replay_worker){ HEDDLE_NONE, CLASS_OVH, s->t };
	if (!is_end) {
		s->worker[worker].task = t;
		s->worker[worker].class = t != HEDDLE_NONE ? CLASS_RUN_CPU : row_status(row);
		if (t != HEDDLE_NONE)
			become(r, t, ST_RUNNING);
		return;
	}
	if (t == HEDDLE_NONE)
		return;
	switch (row_status(row)) {
	case ROW_DONE:
		become(r, t, ST_DONE);
		done(r, t, row_bytes(row));
		leave_inputs(r, t);
		break;
	case ROW_FAILED:
		become(r, t, ST_FAILED);
		leave_inputs(r, t);
		break;
	case ROW_STOPPED:
		become(r, t, ST_STOPPED);
		leave_inputs(r, t);
		break;
	default:
		become(r, t, ST_NONE);
		s->sums[graph_group_of(r->graph, t)].retried++;
		break;
	}
}

/* ---- seeking ------------------------------------------------------------ */

static uint64_t
count_events(const struct replay *r)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < r->nworkers; i++)
		n += 2 * r->rows[i].n;
	return n;
}

/* Keep every second snapshot: a live run has grown. */
static void
thin_out(struct replay *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nsnapshots; i++) {
		if (i & 1)
			r->snapshot[n++] = r->snapshot[i];
		else
			state_free(&r->snapshot[i]);
	}
	r->nsnapshots = n;
}

static void
snap(struct replay *r)
{
	uint64_t n = count_events(r), every = n / 4 > SNAPSHOT_EVENTS ? n / 4 : SNAPSHOT_EVENTS;
	uint64_t last = r->nsnapshots ? r->snapshot[r->nsnapshots - 1].nevents : 0;

	if (r->now.nevents < last + every)
		return;
	if (r->nsnapshots == SNAPSHOTS)
		thin_out(r);
	state_alloc(r, &r->snapshot[r->nsnapshots]);
	state_copy(r, &r->snapshot[r->nsnapshots++], &r->now);
}

static void
go_back(struct replay *r, uint64_t t)
{
	size_t i = r->nsnapshots;

	while (i && r->snapshot[i - 1].t > t)
		i--;
	if (i)
		state_copy(r, &r->now, &r->snapshot[i - 1]);
	else
		begin(r);
	make_heap(r);
}

void
replay_update(struct replay *r)
{
	for (uint32_t i = 0; i < r->nworkers; i++)
		rows_update(&r->rows[i]);
	if (r->has_state)
		make_heap(r);
}

void
replay_seek(struct replay *r, uint64_t t)
{
	if (!r->has_state) {
		need_state(r);
		make_heap(r);
	}
	if (r->now.t > t)
		go_back(r, t);
	while (r->nheap && next_time(r, r->heap[0]) <= t) {
		uint32_t worker = r->heap[0];

		apply(r, worker);
		if (r->now.cursor[worker] == 2 * r->rows[worker].n)
			r->heap[0] = r->heap[--r->nheap];
		sink(r, 0);
		snap(r);
	}
	r->at = t;
}

enum task_state
replay_state(const struct replay *r, heddle_task t)
{
	return shown(&r->now, t);
}

uint32_t
replay_left(const struct replay *r, heddle_task t)
{
	return r->now.left[t];
}

void
replay_sums(const struct replay *r, struct live_sum *out)
{
	memcpy(out, r->now.sums, r->graph->ngroups * sizeof(*out));
}

void
replay_workers(const struct replay *r, struct replay_worker *out)
{
	memcpy(out, r->now.worker, r->nworkers * sizeof(*out));
}

void
replay_held(const struct replay *r, struct replay_held *out)
{
	*out = r->now.held;
}
