/* SPDX-License-Identifier: MIT */
/* account - where every core-second of a run went. */

#include "core/insight/account.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

static void
add(struct account *to, const struct account *a)
{
	for (int c = 0; c < CLASS_N; c++)
		to->ns[c] += a->ns[c];
	to->total += a->total;
	to->work += a->work;
	if (a->wall > to->wall)
		to->wall = a->wall;
}

/*
 * A worker's row changes while it is read: an end moves the open interval into
 * ns[] and begins another.  It is read until two readings of `since` and
 * `class` around ns[] agree.  Whatever was read, ovh is what is left of
 * [start, now] after the rest, and the rest never takes more than there is: so
 * the classes sum to the worker's time always, and to the truth but for one
 * interval that ended while we looked.
 */
static void
sample(const struct live_worker *w, uint64_t ns[CLASS_N], uint64_t *since, uint32_t *class)
{
	for (int again = 0; again < 8; again++) {
		*since = atomic_load_explicit(&w->since, memory_order_acquire);
		*class = atomic_load_explicit(&w->class, memory_order_acquire);
		for (int c = 0; c < CLASS_N; c++)
			ns[c] = atomic_load_explicit(&w->ns[c], memory_order_acquire);
		if (atomic_load_explicit(&w->since, memory_order_acquire) == *since &&
		    atomic_load_explicit(&w->class, memory_order_acquire) == *class)
			return;
	}
}

static uint64_t
take(uint64_t *left, uint64_t want)
{
	uint64_t got = want < *left ? want : *left;

	*left -= got;
	return got;
}

static void
one(struct account *a, const struct live_worker *w, int is_first, uint64_t now)
{
	uint64_t start = atomic_load_explicit(&w->start, memory_order_acquire);
	uint64_t end = atomic_load_explicit(&w->end, memory_order_acquire);
	uint64_t cpu, since, left, ns[CLASS_N];
	uint32_t class;

	memset(a, 0, sizeof(*a));
	if (!start && !is_first)
		return;				/* it has not begun */
	if (end && end < now)
		now = end;
	if (now <= start)
		return;
	cpu = atomic_load_explicit(&w->cpu, memory_order_relaxed);
	sample(w, ns, &since, &class);
	if (!end && class < CLASS_N && since < now)
		ns[class] += now - since;
	left = a->total = a->wall = now - start;
	a->work = take(&left, ns[CLASS_RUN_CPU] + ns[CLASS_RUN_WAIT]);
	for (int c = CLASS_OFF; c < CLASS_N; c++)
		a->ns[c] = take(&left, ns[c]);
	a->ns[CLASS_OVH] = left;
	a->ns[CLASS_RUN_CPU] = cpu < a->work ? cpu : a->work;
	a->ns[CLASS_RUN_WAIT] = a->work - a->ns[CLASS_RUN_CPU];
}

void
account_live(struct account *a, const struct live_head *h, uint32_t worker, uint64_t now)
{
	struct account w;

	if (worker != HEDDLE_NONE) {
		one(a, live_workers(h) + worker, !worker, now);
		return;
	}
	memset(a, 0, sizeof(*a));
	for (uint32_t i = 0; i < h->nworkers; i++) {
		one(&w, live_workers(h) + i, !i, now);
		add(a, &w);
	}
}

void
account_rows(struct account *a, const struct log *logs, uint32_t nworkers,
	     const uint64_t *start, const uint64_t *end)
{
	memset(a, 0, sizeof(*a));
	for (uint32_t i = 0; i < nworkers; i++) {
		uint64_t at = start[i];
		const struct log_row *r;
		struct log_walk walk = { 0 };

		while ((r = log_next(&logs[i], &walk))) {
			a->ns[CLASS_OVH] += r->start - at;
			a->ns[r->task != HEDDLE_NONE ? CLASS_RUN_CPU : row_status(r)] +=
				r->end - r->start;
			at = r->end;
		}
		a->ns[CLASS_OVH] += end[i] - at;
		a->total += end[i] - start[i];
		if (end[i] - start[i] > a->wall)
			a->wall = end[i] - start[i];
	}
	a->work = a->ns[CLASS_RUN_CPU];
}

void
account_idle_line(const struct account *a, struct text *out)
{
	int shown[CLASS_N] = { 0 };

	for (;;) {
		char buf[WRITE_MAX];
		int best = -1;

		for (int c = CLASS_OVH; c < CLASS_N; c++)
			if (!shown[c] && a->ns[c] && (best < 0 || a->ns[c] > a->ns[best]))
				best = c;
		if (best < 0)
			return;
		shown[best] = 1;
		text_addf(out, "%s%s %s", out->n ? " " : "", class_names[best],
			  write_time(buf, a->ns[best]));
	}
}
