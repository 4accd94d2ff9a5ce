/* SPDX-License-Identifier: MIT */
/* now - a view of a live block: counters summed, words sampled, no lock. */

#include <stdio.h>
#include <string.h>

#include "core/insight/source.h"

static void
head_fill(struct view *v, const struct live_head *h)
{
	memcpy(v->job, h->job, sizeof(v->job));
	memcpy(v->executor, h->executor, sizeof(v->executor));
	live_scheduler(h, v->scheduler);
	v->job[LIVE_NAME - 1] = v->executor[LIVE_NAME - 1] = '\0';
	v->status = atomic_load(&h->status);
	v->exit = atomic_load(&h->exit);
	v->workers = atomic_load(&h->workers);
	v->held = atomic_load(&h->held);
	v->held_bytes = atomic_load(&h->held_bytes);
	v->held_peak = atomic_load(&h->held_peak);
	v->held_bytes_peak = atomic_load(&h->held_bytes_peak);
	v->cover = atomic_load(&h->cover);
}

static void
worker_fill(struct view_worker *w, const struct view_source *s, uint32_t i, uint64_t now)
{
	const struct live_worker *l = live_workers(s->live) + i;
	uint32_t task = atomic_load_explicit(&l->task, memory_order_acquire);
	uint64_t since = atomic_load_explicit(&l->since, memory_order_acquire);
	uint32_t class = atomic_load_explicit(&l->class, memory_order_acquire);
	uint32_t progress = atomic_load_explicit(&l->progress, memory_order_relaxed);
	char buf[GRAPH_NAME];

	w->task = task < s->live->ntasks ? task : HEDDLE_NONE;
	w->class = class < CLASS_N ? class : CLASS_OVH;
	w->since = since < now ? now - since : 0;
	w->ntasks = atomic_load_explicit(&l->ntasks, memory_order_relaxed);
	w->progress = -1;
	if (w->task != HEDDLE_NONE) {
		if (progress)
			w->progress = progress / 1e4;
		snprintf(w->name, sizeof(w->name), "%.*s", VIEW_NAME - 1,
			 graph_name(s->graph, w->task, buf));
	}
	account_live(&w->account, s->live, i, now);
}

void
now_fill(struct view *v, const struct source_at *at, unsigned want, uint32_t offset)
{
	struct view_source *s = at->s;
	uint32_t nready = 0, nheld = 0;
	int wants_why = 0;

	head_fill(v, s->live);
	for (uint32_t i = 0; i < v->nworkers; i++) {
		worker_fill(&v->worker[i], s, i, at->now);
		wants_why |= v->worker[i].class == CLASS_RES;
	}
	account_live(&v->account, s->live, HEDDLE_NONE, at->now);
	live_sums(s->live, s->graph, s->sums);
	for (uint32_t k = 0; k < s->graph->ngroups; k++) {
		v->group[k].group = k;
		v->group[k].sum = s->sums[k];
		nready += s->sums[k].ready;
		nheld += s->sums[k].held;
	}
	v->sum.ready = nready;
	v->sum.held = nheld;
	if (want & VIEW_READY && nready)
		ready_fill(v, at, offset);
	if ((want & VIEW_HELD || wants_why) && nheld)
		held_fill(v, at, offset);
	memset(&v->sum, 0, sizeof(v->sum));
}
