/* SPDX-License-Identifier: MIT */
/* series - rates over the last second, and parallelism over the whole run. */

#include <string.h>

#include "core/insight/source.h"

enum { SECOND = 1000000000, APART = 80000000 };	/* ns */

/* ---- the last second ---------------------------------------------------- */

void
rates_take(struct view_source *s, const struct view *v)
{
	const struct rate *last = &s->rate[(s->nrate + RATE_SLOTS - 1) % RATE_SLOTS];
	struct rate *to = &s->rate[s->nrate % RATE_SLOTS];

	if (s->past || (s->nrate && v->now < last->at + APART))
		return;
	to->at = v->now;
	to->done = v->sum.done;
	for (uint32_t i = 0; i < v->nworkers; i++) {
		const struct account *a = &v->worker[i].account;

		to->worker[i].run = a->work;
		to->worker[i].cpu = a->ns[CLASS_RUN_CPU];
	}
	s->nrate++;
}

/* The newest sample that is a second old, else the oldest there is. */
static const struct rate *
second_ago(const struct view_source *s, uint64_t now)
{
	const struct rate *best = NULL;
	uint32_t n = s->nrate < RATE_SLOTS ? s->nrate : RATE_SLOTS;

	for (uint32_t i = 1; i <= n; i++) {
		best = &s->rate[(s->nrate - i) % RATE_SLOTS];
		if (best->at + SECOND <= now)
			break;
	}
	return best && best->at < now ? best : NULL;
}

static double
part(uint64_t now, uint64_t before, uint64_t ns)
{
	double p = now > before ? (double)(now - before) / (double)ns : 0;

	return p > 1 ? 1 : p;
}

void
rates_fill(struct view *v, const struct view_source *s)
{
	const struct rate *from;

	if (s->past || v->is_then || v->end || !(from = second_ago(s, v->now)))
		return;
	for (uint32_t i = 0; i < v->nworkers; i++) {
		struct view_worker *w = &v->worker[i];
		double run = part(w->account.work, from->worker[i].run, v->now - from->at);

		w->busy = part(w->account.ns[CLASS_RUN_CPU], from->worker[i].cpu,
			       v->now - from->at);
		if (w->busy > run)
			w->busy = run;
		w->waiting = run - w->busy;
	}
	if (v->sum.done > from->done)
		v->done_per_s = (double)(v->sum.done - from->done) * SECOND /
				(double)(v->now - from->at);
}

/* ---- the whole run ------------------------------------------------------ */

static void
join_slots(struct series *r)
{
	for (uint32_t i = 0; i < VIEW_OVER_TIME / 2; i++) {
		struct series_slot *a = &r->slot[2 * i], *b = a + 1;

		r->slot[i] = (struct series_slot){
			a->running + b->running, a->ready + b->ready, a->blocked + b->blocked,
			a->held + b->held, a->ns + b->ns, a->done + b->done
		};
	}
	memset(r->slot + VIEW_OVER_TIME / 2, 0, sizeof(r->slot) / 2);
	r->width *= 2;
	r->n = (r->n + 1) / 2;
}

/* A stretch [from, to) with these averages goes into the slots it lies in. */
static void
spread(struct series *r, uint64_t from, uint64_t to, const struct view_sample *mean)
{
	while (from < to) {
		uint64_t i = from / r->width, end = (i + 1) * r->width;
		double ns = (double)((end < to ? end : to) - from);
		struct series_slot *slot = &r->slot[i];

		slot->running += mean->running * ns;
		slot->ready += mean->ready * ns;
		slot->blocked += mean->blocked * ns;
		slot->held += mean->held * ns;
		slot->ns += ns;
		if (i >= r->n)
			r->n = (uint32_t)i + 1;
		from = end;
	}
}

/* Tasks ended in a stretch, evenly. */
static void
spread_done(struct series *r, uint64_t from, uint64_t to, uint64_t done)
{
	uint64_t given = 0;

	for (uint64_t at = from; at < to; ) {
		uint64_t i = at / r->width, end = (i + 1) * r->width, upto;

		if (end > to)
			end = to;
		upto = (uint64_t)((double)done * ((double)(end - from) / (double)(to - from)));
		if (end == to)
			upto = done;
		r->slot[i].done += upto - given;
		given = upto;
		at = end;
	}
}

/* Since the last fill: tasks that ran, exactly, from the account; queues as
 * the mean of both ends; before the first fill, as they were then. */
void
series_take(struct view_source *s, const struct view *v)
{
	struct series *r = &s->series;
	double ready = v->sum.ready, blocked = v->sum.blocked, held = (double)v->held;
	struct view_sample mean;

	if (s->past || v->now <= r->at || (v->end && s->is_over))
		return;
	if (s->is_late) {
		s->is_late = 0;
		goto out;
	}
	if (!r->width)
		r->width = 1000000;
	while (v->now > r->width * VIEW_OVER_TIME)
		join_slots(r);
	if (!r->at) {
		r->ready = ready;
		r->blocked = blocked;
	}
	mean = (struct view_sample){
		.running = v->account.work > r->run_ns ?
			(double)(v->account.work - r->run_ns) / (double)(v->now - r->at) : 0,
		.ready = (ready + r->ready) / 2,
		.blocked = (blocked + r->blocked) / 2,
		.held = (held + r->held) / 2
	};
	spread(r, r->at, v->now, &mean);
	spread_done(r, r->at, v->now, v->sum.done > r->done ? v->sum.done - r->done : 0);
out:
	r->at = v->now;
	r->run_ns = v->account.work;
	r->done = v->sum.done;
	r->ready = ready;
	r->blocked = blocked;
	r->held = held;
	s->is_over = v->end != 0;
}

static void
give_slots(struct view *v, const struct series *r)
{
	for (uint32_t i = 0; i < r->n; i++) {
		const struct series_slot *slot = &r->slot[i];
		struct view_sample *to = &v->series[v->nseries++];

		*to = (struct view_sample){ .at = i * r->width + r->width / 2 };
		if (slot->ns <= 0)
			continue;
		to->running = slot->running / slot->ns;
		to->ready = slot->ready / slot->ns;
		to->blocked = slot->blocked / slot->ns;
		to->held = slot->held / slot->ns;
		to->done = (double)slot->done * SECOND / slot->ns;
	}
}

void
series_fill(struct view *v, struct view_source *s)
{
	if (s->past && !s->series.width)
		series_of_past(s);
	give_slots(v, &s->series);
}
