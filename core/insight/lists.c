/* SPDX-License-Identifier: MIT */
/* lists - running tasks, what blocked ones wait for, and what happened last. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/insight/source.h"

void
running_fill(struct view *v, struct view_source *s)
{
	for (uint32_t i = 0; i < v->nworkers && v->nrunning_list < VIEW_LIST; i++) {
		const struct view_worker *w = &v->worker[i];
		struct view_task *row;

		if (w->task == HEDDLE_NONE)
			continue;
		row = &v->running[v->nrunning_list++];
		source_task(s, row, w->task);
		row->worker = i;
		row->since = w->since;
	}
}

/* ---- blocked tasks ------------------------------------------------------ */

/* A link that holds tasks back; there may be as many as links. */
struct waiting { uint32_t on, group; uint64_t count; };

static int
by_count(const void *pa, const void *pb)
{
	const struct waiting *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->on < b->on ? -1 : a->on > b->on;
}

static void
group_name(char out[VIEW_NAME], const struct graph *g, uint32_t group)
{
	snprintf(out, VIEW_NAME, "%s", graph_text(g, g->group[group].name));
}

static int
is_unfinished(const struct live_sum *s)
{
	return s->blocked || s->ready || s->held || s->running;
}

/* A blocked group waits for the unfinished groups that lead into it, itself
 * among them if it is a chain. */
static struct waiting *
find_waiting(const struct view *v, const struct view_source *s, size_t *n)
{
	const struct graph *g = s->graph;
	struct waiting *all = NULL;
	size_t cap = 0;

	*n = 0;
	for (uint32_t k = 0; k < g->ngroups; k++) {
		uint32_t blocked = v->group[k].sum.blocked;

		for (uint32_t i = s->link_at[k]; blocked && i < s->link_at[k + 1]; i++) {
			uint32_t from = g->link[s->link_in[i]].from;

			if (is_unfinished(&v->group[from].sum))
				*XADD(&all, n, &cap) = (struct waiting){ from, k, blocked };
		}
	}
	if (*n)
		qsort(all, *n, sizeof(*all), by_count);
	return all;
}

void
waits_fill(struct view *v, struct view_source *s, uint32_t offset)
{
	size_t n;
	struct waiting *all = find_waiting(v, s, &n);

	for (size_t i = offset; i < n && v->nwaits < VIEW_LIST; i++) {
		struct view_wait *w = &v->waits[v->nwaits++];

		w->on = all[i].on;
		w->group = all[i].group;
		w->count = all[i].count;
		w->sum = v->group[w->on].sum;
		group_name(w->on_name, s->graph, w->on);
		group_name(w->group_name, s->graph, w->group);
	}
	free(all);
}

/* ---- events ------------------------------------------------------------- */

static void
describe(struct view_event *to, const struct run_event *e)
{
	char buf[WRITE_MAX];
	size_t n = 0;

#define SAY(...) do { \
	int said_ = snprintf(to->text + n, sizeof(to->text) - n, __VA_ARGS__); \
	n += said_ > 0 ? (size_t)said_ : 0; \
	if (n >= sizeof(to->text)) \
		n = sizeof(to->text) - 1; \
} while (0)
	if (e->kind == EVENT_RETRY)
		SAY("attempt %u, again in %s: ", e->attempt, write_time(buf, e->n));
	if (e->kind == EVENT_SKIP)
		SAY("%llu task%s not started because of it", (unsigned long long)e->n,
		    e->n == 1 ? "" : "s");
	if (e->kind == EVENT_COMMAND)
		SAY("exit %d, cpu %s%s", e->code, write_time(buf, e->n),
		    e->text && *e->text ? ": " : "");
	if (e->text)
		SAY("%s", e->text);
#undef SAY
}

static void
from_event(struct view_event *to, const struct graph *g, const struct run_event *e)
{
	char buf[GRAPH_NAME];

	memset(to, 0, sizeof(*to));
	to->at = e->at;
	to->kind = e->kind;
	snprintf(to->what, sizeof(to->what), "%s", event_names[e->kind]);
	if (e->task < g->csr.ntasks)
		snprintf(to->task, sizeof(to->task), "%.*s", VIEW_NAME - 1,
			 graph_name(g, e->task, buf));
	describe(to, e);
}

static void
from_row(struct view_event *to, const struct graph *g, const struct log_row *r, uint32_t worker)
{
	char buf[GRAPH_NAME], took[WRITE_MAX];

	memset(to, 0, sizeof(*to));
	to->at = r->end;
	to->kind = -1;
	strcpy(to->what, "ok");
	snprintf(to->task, sizeof(to->task), "%.*s", VIEW_NAME - 1, graph_name(g, r->task, buf));
	write_time(took, r->end - r->start);
	if (row_attempt(r) > 1)
		snprintf(to->text, sizeof(to->text), "attempt %u, %s, worker %u",
			 row_attempt(r), took, worker);
	else
		snprintf(to->text, sizeof(to->text), "%s, worker %u", took, worker);
}

static int
by_time(const void *pa, const void *pb)
{
	const struct view_event *a = pa, *b = pb;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* Rare ones may take two thirds of the list; tasks that ended the rest. */
enum { RARE_MOST = VIEW_EVENTS * 2 / 3 };

const struct view_event *
first_failure(const struct source_at *at)
{
	struct view_source *s = at->s;
	struct run_event some[RARE_MOST];
	const struct run_event *e = some;
	uint32_t got = 0;

	do {
		if (s->past) {
			e = s->past->event + s->nlooked;
			got = s->past->nevents - s->nlooked;
		} else if (s->ops.nevents && s->nlooked < s->ops.nevents(s->self)) {
			got = s->ops.events(s->self, s->nlooked, some, RARE_MOST);
		} else {
			got = 0;
		}
		for (uint32_t i = 0; i < got && !s->failure.task[0]; i++)
			if (e[i].kind == EVENT_FAIL)
				from_event(&s->failure, s->graph, &e[i]);
		s->nlooked += got;
	} while (got && !s->failure.task[0]);
	return s->failure.task[0] ? &s->failure : NULL;
}

static uint32_t
take_rare(struct view_event *to, const struct source_at *at, uint32_t *all)
{
	struct view_source *s = at->s;
	struct run_event some[RARE_MOST];
	const struct run_event *e = some;
	uint32_t n = 0, got, given = 0;

	if (s->past) {
		e = s->past->event;
		n = s->past->nevents;
		while (n && e[n - 1].at > at->now)
			n--;
		got = n < RARE_MOST ? n : RARE_MOST;
		e += n - got;
	} else {
		n = s->ops.nevents ? s->ops.nevents(s->self) : 0;
		got = n ? s->ops.events(s->self, n > RARE_MOST ? n - RARE_MOST : 0, some,
					RARE_MOST) : 0;
	}
	*all = n;
	for (uint32_t i = 0; i < got; i++)
		if (e[i].at <= at->now && e[i].kind < EVENT_KINDS)
			from_event(&to[given++], s->graph, &e[i]);
	return given;
}

/* The newest tasks of all workers, from the tails of their logs. */
static uint32_t
take_ended(struct view_event *to, const struct source_at *at, uint32_t most)
{
	struct view_source *s = at->s;
	uint64_t left[VIEW_LIST];
	uint32_t n = 0, nworkers = s->nworkers < VIEW_LIST ? s->nworkers : VIEW_LIST;

	for (uint32_t i = 0; i < nworkers; i++)
		left[i] = rows_after(&s->rows[i], at->now);
	while (n < most) {
		const struct log_row *best = NULL;
		uint32_t of = 0;

		for (uint32_t i = 0; i < nworkers; i++) {
			const struct log_row *r;

			while (left[i] && ((r = rows_at(&s->rows[i], left[i] - 1))->task ==
					   HEDDLE_NONE || row_status(r) != ROW_DONE))
				left[i]--;
			if (left[i] && (!best || r->end > best->end)) {
				best = r;
				of = i;
			}
		}
		if (!best)
			break;
		left[of]--;
		from_row(&to[n++], s->graph, best, of);
	}
	return n;
}

void
events_fill(struct view *v, const struct source_at *at)
{
	uint32_t n = take_rare(v->events, at, &v->nevents_all);

	n += take_ended(v->events + n, at, VIEW_EVENTS - n);
	qsort(v->events, n, sizeof(v->events[0]), by_time);
	v->nevents = n;
}
