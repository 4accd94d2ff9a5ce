/* SPDX-License-Identifier: MIT */
/* then - a view of a past instant: the reducer's state, and rows up to it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/insight/source.h"

/*
 * Rows exist once tasks have ended.  What a live worker is doing since before
 * the instant has no row yet: its block says it.
 */
static void
patch(struct replay_worker *w, const struct view_source *s, uint32_t i, uint64_t at)
{
	const struct live_worker *l = live_workers(s->live) + i;
	uint32_t task = atomic_load_explicit(&l->task, memory_order_acquire);
	uint64_t since = atomic_load_explicit(&l->since, memory_order_acquire);
	uint32_t class = atomic_load_explicit(&l->class, memory_order_acquire);

	if (s->past || atomic_load(&l->end) || w->task != HEDDLE_NONE || since > at ||
	    since < w->since || class >= CLASS_N || (!since && !atomic_load(&l->start) && i))
		return;
	w->task = task < s->live->ntasks ? task : HEDDLE_NONE;
	w->class = class;
	w->since = since;
	if (w->task != HEDDLE_NONE && replay_state(s->replay, w->task) == TASK_READY) {
		struct live_sum *sum = &s->sums[graph_group_of(s->graph, w->task)];

		sum->ready--;
		sum->running++;
	}
}

/* What the rows of a worker went into up to the instant. */
static void
account_then(struct account *a, struct view_source *s, uint32_t i,
	     const struct replay_worker *w, uint64_t at)
{
	const struct live_worker *l = live_workers(s->live) + i;
	uint64_t start = atomic_load(&l->start), end = atomic_load(&l->end), left;
	struct digest_cut cut;

	memset(a, 0, sizeof(*a));
	if ((!start && i) || at <= start)
		return;
	if (end && end < at)
		at = end;
	digest_until(s, i, at, 0, &cut);
	if (cut.row == s->rows[i].n && w->since < at)
		cut.ns[w->class] += at - w->since;	/* no row yet */
	left = a->total = a->wall = at - start;
	for (int c = 0; c < CLASS_N; c++) {
		a->ns[c] = c == CLASS_OVH ? 0 : cut.ns[c] < left ? cut.ns[c] : left;
		left -= a->ns[c];
	}
	a->ns[CLASS_OVH] = left;
	a->work = a->ns[CLASS_RUN_CPU];
}

/* -> tasks it ended in the second before. */
static uint64_t
worker_fill(struct view_worker *to, struct view_source *s, uint32_t i,
	    const struct replay_worker *w, uint64_t at)
{
	uint64_t before = at > 1000000000 ? at - 1000000000 : 0;
	struct digest_cut was, is;
	char buf[GRAPH_NAME];

	to->task = w->task;
	to->class = w->class;
	to->since = at - w->since;
	to->progress = -1;
	if (w->task != HEDDLE_NONE)
		snprintf(to->name, sizeof(to->name), "%.*s", VIEW_NAME - 1,
			 graph_name(s->graph, w->task, buf));
	account_then(&to->account, s, i, w, at);
	digest_until(s, i, before, 0, &was);
	digest_until(s, i, at, was.row, &is);
	if (to->account.work > was.ns[CLASS_RUN_CPU])
		to->busy = (double)(to->account.work - was.ns[CLASS_RUN_CPU]) /
			   (double)(at - before);
	to->ntasks = is.ntasks;
	return is.ntasks - was.ntasks;
}

static void
add_account(struct account *to, const struct account *a)
{
	for (int c = 0; c < CLASS_N; c++)
		to->ns[c] += a->ns[c];
	to->total += a->total;
	to->work += a->work;
}

static void
head_fill(struct view *v, const struct source_at *at)
{
	const struct live_head *h = at->s->live;
	struct replay_held held;

	snprintf(v->job, sizeof(v->job), "%.*s", LIVE_NAME - 1, h->job);
	snprintf(v->executor, sizeof(v->executor), "%.*s", LIVE_NAME - 1, h->executor);
	live_scheduler(h, v->scheduler);
	v->status = RUN_RUNNING;
	v->workers = atomic_load(&h->workers);
	replay_held(at->then, &held);
	v->held = held.values;
	v->held_bytes = held.bytes;
	v->held_peak = held.peak_values;
	v->held_bytes_peak = held.peak_bytes;
	v->account.wall = at->now;
}

void
then_fill(struct view *v, const struct source_at *at, unsigned want, uint32_t offset)
{
	struct view_source *s = at->s;
	struct replay_worker *w = xcalloc(s->nworkers, sizeof(*w));
	uint64_t ended = 0;

	replay_seek(at->then, at->now);
	head_fill(v, at);
	replay_sums(at->then, s->sums);
	replay_workers(at->then, w);
	for (uint32_t i = 0; i < v->nworkers; i++) {
		patch(&w[i], s, i, at->now);
		ended += worker_fill(&v->worker[i], s, i, &w[i], at->now);
		add_account(&v->account, &v->worker[i].account);
	}
	free(w);
	if (at->now)
		v->done_per_s = (double)ended * 1e9 / (double)(at->now < 1000000000 ? at->now : 1000000000);
	for (uint32_t k = 0; k < s->graph->ngroups; k++) {
		v->group[k].group = k;
		v->group[k].sum = s->sums[k];
		v->sum.ready += s->sums[k].ready;
	}
	if (want & VIEW_READY && v->sum.ready)
		ready_fill(v, at, offset);
	memset(&v->sum, 0, sizeof(v->sum));
}
