/* SPDX-License-Identifier: MIT */
/* why - why workers are idle, as sentences for people. */

#include "core/insight/why.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/insight/source.h"

/* A sentence in the making; what does not fit is cut. */
static void
say(struct view *v, const struct text *t)
{
	if (v->nwhy < VIEW_WHY)
		snprintf(v->why[v->nwhy++], VIEW_LINE, "%.*s", VIEW_LINE - 1, t->at ? t->at : "");
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A row that no worker ever had is nobody. */
static int
is_idle(const struct view_worker *w, enum run_class class)
{
	return w->task == HEDDLE_NONE && w->class == class && w->account.total;
}

static uint32_t
count_idle(const struct view *v, enum run_class class)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->nworkers; i++)
		n += is_idle(&v->worker[i], class);
	return n;
}

/* "worker 3: " or "workers 0 2-5: " */
static void
add_workers(struct text *t, const struct view *v, enum run_class class)
{
	uint32_t n = count_idle(v, class);

	text_addf(t, "worker%s", plural(n));
	for (uint32_t i = 0; i < v->nworkers; i++) {
		uint32_t last = i;

		if (!is_idle(&v->worker[i], class))
			continue;
		while (last + 1 < v->nworkers && is_idle(&v->worker[last + 1], class))
			last++;
		text_addf(t, " %u", i);
		if (last > i)
			text_addf(t, last == i + 1 ? " %u" : "-%u", last);
		i = last;
	}
	text_add(t, ": ");
}

/* ---- what opens next ---------------------------------------------------- */

/*
 * Among the tasks that the running ones feed, the blocked one with the fewest
 * unfinished predecessors, then the lowest id.  A task feeds many: the first
 * LOOK_SUCC are looked at.
 */
enum { LOOK_SUCC = 256, NAMES = 4 };

static uint32_t
next_to_open(const struct view *v, const struct source_at *at)
{
	const struct heddle_graph *g = &v->graph->csr;
	uint32_t best = HEDDLE_NONE, best_left = UINT32_MAX;

	for (uint32_t i = 0; i < v->nworkers && i < VIEW_LIST; i++) {
		uint32_t t = v->worker[i].task;

		if (t == HEDDLE_NONE)
			continue;
		for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1] &&
		     e < g->succ_at[t] + LOOK_SUCC; e++) {
			uint32_t next = g->succ[e], left;

			if (source_state(at, next) != TASK_BLOCKED)
				continue;
			left = source_left(at, next);
			if (left < best_left || (left == best_left && next < best)) {
				best = next;
				best_left = left;
			}
		}
	}
	return best;
}

/* When the last of its predecessors that run should end; 0: not known. */
static uint64_t
opens_in(const struct view *v, const struct source_at *at, uint32_t task)
{
	const struct heddle_graph *g = &v->graph->csr;
	uint64_t most = 0;

	for (uint64_t e = g->pred_at[task]; e < g->pred_at[task + 1]; e++) {
		uint64_t usual;
		uint32_t i = 0;

		if (source_state(at, g->pred[e]) == TASK_DONE)
			continue;
		while (i < v->nworkers && v->worker[i].task != g->pred[e])
			i++;
		if (i == v->nworkers)
			return 0;
		usual = source_usual(at->s, g->pred[e]);
		if (!usual || usual < v->worker[i].since)
			return 0;
		if (usual - v->worker[i].since > most)
			most = usual - v->worker[i].since;
	}
	return most;
}

static void
say_next(struct view *v, const struct source_at *at)
{
	uint32_t task = next_to_open(v, at), n = 0, left, nrunning = 0;
	const struct heddle_graph *g = &v->graph->csr;
	char name[GRAPH_NAME], when[WRITE_MAX];
	struct text t = { 0 };
	uint64_t in;

	if (task == HEDDLE_NONE)
		return;
	left = source_left(at, task);
	text_addf(&t, "next to open: %s", graph_name(v->graph, task, name));
	if ((in = opens_in(v, at, task)))
		text_addf(&t, " in ~%s", write_time(when, in));
	text_add(&t, ", waits for");
	for (uint64_t e = g->pred_at[task]; e < g->pred_at[task + 1] && n < NAMES; e++) {
		enum task_state state = source_state(at, g->pred[e]);

		if (state == TASK_DONE)
			continue;
		text_addf(&t, " %s", graph_name(v->graph, g->pred[e], name));
		nrunning += state == TASK_RUNNING;
		n++;
	}
	if (left > n)
		text_addf(&t, " and %u more", left - n);
	else if (n && nrunning == n)
		text_addf(&t, " (%srunning)", n > 1 ? "all " : "");
	say(v, &t);
	text_fini(&t);
}

/* ---- a sentence a class ------------------------------------------------- */

static void
why_dep(struct view *v, const struct source_at *at)
{
	struct text t = { 0 };
	uint32_t n = v->sum.blocked;

	add_workers(&t, v, CLASS_DEP);
	text_addf(&t, "nothing is ready; ");
	if (n)
		text_addf(&t, "the %u task%s left to start %s blocked", n, plural(n),
			  n == 1 ? "is" : "are");
	else
		text_addf(&t, "no task is left to start");
	say(v, &t);
	text_fini(&t);
	if (n)
		say_next(v, at);
}

/* Each reason once, with the group that has it. */
static void
add_reasons(struct text *t, const struct view *v)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; i < v->nheld_list && shown < 3; i++) {
		const struct view_task *row = &v->held_list[i];
		uint32_t k = 0;

		while (k < i && strcmp(v->held_list[k].note, row->note))
			k++;
		if (k < i || !row->note[0])
			continue;
		text_addf(t, "%s %s waits for %s", shown++ ? "," : ":", row->name, row->note);
	}
}

static void
why_res(struct view *v, const struct source_at *at)
{
	struct text t = { 0 };

	(void)at;
	add_workers(&t, v, CLASS_RES);
	text_addf(&t, "%u ready task%s held by what %s", v->sum.held,
		  v->sum.held == 1 ? " is" : "s are", v->sum.held == 1 ? "it needs" : "they need");
	add_reasons(&t, v);
	say(v, &t);
	text_fini(&t);
}

static void
why_hold(struct view *v, const struct source_at *at)
{
	struct text t = { 0 };

	(void)at;
	add_workers(&t, v, CLASS_HOLD);
	text_addf(&t, "the scheduler %s keeps %u ready task%s for other workers",
		  v->scheduler, v->sum.ready, plural(v->sum.ready));
	say(v, &t);
	text_fini(&t);
}

static void
why_end(struct view *v, const struct source_at *at)
{
	uint32_t n = count_idle(v, CLASS_END);
	struct text t = { 0 };

	(void)at;
	add_workers(&t, v, CLASS_END);
	if (v->cover)
		text_addf(&t, "from here at most %u task%s can run at once: idle to the end",
			  v->cover, plural(v->cover));
	else
		text_addf(&t, "nothing is left that could need %s", n == 1 ? "it" : "them");
	say(v, &t);
	text_fini(&t);
}

static void
why_off(struct view *v, const struct source_at *at)
{
	struct text t = { 0 };

	(void)at;
	add_workers(&t, v, CLASS_OFF);
	if (v->status == RUN_PAUSED)
		text_add(&t, "the run is paused; nothing starts until it goes on");
	else if (v->status == RUN_STOPPING)
		text_add(&t, "the run is stopping; nothing starts any more");
	else
		text_addf(&t, "released; %u worker%s wanted", v->workers,
			  v->workers == 1 ? " is" : "s are");
	say(v, &t);
	text_fini(&t);
}

static const struct {
	enum run_class class;
	void (*say)(struct view *, const struct source_at *);
} reasons[] = {
	{ CLASS_RES, why_res }, { CLASS_HOLD, why_hold }, { CLASS_DEP, why_dep },
	{ CLASS_END, why_end }, { CLASS_OFF, why_off },
};

static uint32_t
count_running(const struct view *v)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->nworkers; i++)
		n += v->worker[i].task != HEDDLE_NONE;
	return n;
}

static void
say_busy(struct view *v)
{
	uint32_t running = count_running(v), between = count_idle(v, CLASS_OVH);
	struct text t = { 0 };

	text_addf(&t, "nothing is idle: %u of %u worker%s %s in a task", running, v->workers,
		  plural(v->workers), running == 1 ? "is" : "are");
	if (between)
		text_addf(&t, ", %u between two", between);
	say(v, &t);
	text_fini(&t);
}

static void
say_failure(struct view *v, const struct source_at *at)
{
	const struct view_event *e = v->sum.failed ? first_failure(at) : NULL;
	struct text t = { 0 };

	if (!e)
		return;
	text_addf(&t, "first to fail: %s%s%s", e->task, *e->text ? ": " : "", e->text);
	say(v, &t);
	text_fini(&t);
}

/* What was lost so far, or in all. */
static void
say_lost(struct view *v, const char *how)
{
	struct text t = { 0 }, line = { 0 };
	char buf[WRITE_MAX];
	uint64_t idle = v->account.total - v->account.work;

	account_idle_line(&v->account, &line);
	if (idle)
		text_addf(&t, "%s: %s core time idle (%s)", how, write_time(buf, idle), line.at);
	else
		text_addf(&t, "%s: no core time was idle", how);
	say(v, &t);
	text_fini(&t);
	text_fini(&line);
}

void
why_idle(struct view *v, const struct source_at *at)
{
	struct text t = { 0 };
	int said = 0;

	if (v->status == RUN_PLANNED && !v->now) {
		text_addf(&t, "nothing runs yet: %u task%s ready, %u blocked", v->sum.ready,
			  v->sum.ready == 1 ? " is" : "s are", v->sum.blocked);
		say(v, &t);
		text_fini(&t);
		return;
	}
	if (v->end && !v->is_then) {
		say_failure(v, at);
		say_lost(v, "the run is over");
		return;
	}
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (!count_idle(v, reasons[i].class))
			continue;
		reasons[i].say(v, at);
		said = 1;
	}
	if (!said)
		say_busy(v);
	if (v->account.total)
		say_lost(v, "so far");
}
