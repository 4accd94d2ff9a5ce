/* SPDX-License-Identifier: MIT */
/* take - what a worker does next: from outside the scheduler, else from it, if nothing keeps it. */

#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/plugin/load.h"
#include "core/run/engine.h"

void
run_set_held(struct run *run, heddle_task t, int is_held)
{
	struct live_rare *r = &run->rare[graph_group_of(run->graph, t)];
	uint32_t before;

	atomic_store(&run->word[t], is_held ? (uint32_t)WORD_HELD << WORD_SHIFT : 0);
	atomic_fetch_add(&r->held, is_held ? 1u : -1u);
	before = atomic_fetch_add(&run->live->nheld, is_held ? 1u : -1u);
	if (before == !is_held)
		idle_wake_all(run);	/* a reason to be idle came or went */
}

/* A task that is its own worker's alone waits for that one, unless it is off. */
static int
is_for(const struct run *run, const struct worker *w, const struct outside *o)
{
	const struct worker *wants;

	if (o->worker == HEDDLE_NONE || o->worker == w->id)
		return 1;
	wants = &run->worker[o->worker];
	return wants->is_off || !wants->is_started;
}

/* An admitted task for w, running from here on: while the lock is held, so that
 * a switch of policy never finds it ready. */
static heddle_task
take_admitted(struct run *run, struct worker *w)
{
	for (size_t i = 0; i < run->nadmitted; i++) {
		heddle_task t = run->admitted[i].task;

		if (!is_for(run, w, &run->admitted[i]))
			continue;
		memmove(&run->admitted[i], &run->admitted[i + 1],
			(--run->nadmitted - i) * sizeof(*run->admitted));
		run_set_held(run, t, 0);
		atomic_store(&run->word[t], (uint32_t)WORD_RUNNING << WORD_SHIFT);
		return t;
	}
	return HEDDLE_NONE;
}

/* What w has pending goes to the others; lock held. */
static void
give_up(struct run *run, struct worker *w)
{
	while (w->npending)
		run_again(run, w->pending[--w->npending]);
}

/* Tasks waiting outside the scheduler: an admitted one to run, if there is one
 * for w (what w made ready must not wait for its end), or else todo to w's
 * pending. */
static heddle_task
take_outside(struct run *run, struct worker *w)
{
	heddle_task t;

	pthread_mutex_lock(&run->lock);
	t = take_admitted(run, w);
	if (t != HEDDLE_NONE)
		give_up(run, w);
	else
		while (run->ntodo && w->npending < PENDING)
			w->pending[w->npending++] = run->todo[--run->ntodo].task;
	if (!run->ntodo)
		atomic_fetch_and(&run->gate, ~(unsigned)GATE_TODO);
	if (!run->nadmitted)
		atomic_fetch_and(&run->gate, ~(unsigned)GATE_ADMITTED);
	pthread_mutex_unlock(&run->lock);
	return t;
}

static void
admit(struct run *run, heddle_task t, uint32_t worker)
{
	*XADD(&run->admitted, &run->nadmitted, &run->capadmitted) =
		(struct outside){ t, worker };
	run_gate(run, GATE_ADMITTED);
	if (worker != HEDDLE_NONE && !run->worker[worker].is_off)
		idle_wake(run, &run->worker[worker]);
	else
		idle_wake_one(run, 0);
}

void
run_admit(struct run *run)
{
	heddle_task next;

	while ((next = hold_admit(&run->hold)) != HEDDLE_NONE) {
		const struct wish *wish = run_wish(run, next, 0);

		admit(run, next, wish ? wish->worker : HEDDLE_NONE);
	}
}

int
run_withdraw(struct run *run, heddle_task t)
{
	for (size_t i = 0; i < run->nadmitted; i++)
		if (run->admitted[i].task == t) {
			memmove(&run->admitted[i], &run->admitted[i + 1],
				(--run->nadmitted - i) * sizeof(*run->admitted));
			if (!run->nadmitted)
				atomic_fetch_and(&run->gate, ~(unsigned)GATE_ADMITTED);
			if (run->hold.is_used)
				hold_give(&run->hold, t);
			return 1;
		}
	return hold_remove(&run->hold, t);
}

/* May w run t now, or does a wish or a resource keep it?  1: run it. */
static int
is_free(struct run *run, struct worker *w, heddle_task t)
{
	unsigned gate = atomic_load_explicit(&run->gate, memory_order_relaxed);
	struct wish *wish;
	double rank = 0;
	int ok = 1;

	if (!(gate & GATE_PICKY) && !run->hold.is_used)
		return 1;
	pthread_mutex_lock(&run->lock);
	wish = gate & GATE_PICKY ? run_wish(run, t, 0) : NULL;
	if (wish && wish->is_held) {
		wish->is_caught = 1;
		run->ncaught++;
		run_set_held(run, t, 1);
		ok = 0;
	} else if (run->hold.is_used) {
		run_rank(run, t, &rank, NULL);
		ok = hold_take(&run->hold, t, rank);
		if (!ok)
			run_set_held(run, t, 1);
	}
	if (ok && wish && wish->worker != HEDDLE_NONE && wish->worker != w->id) {
		run_set_held(run, t, 1);
		admit(run, t, wish->worker);
		ok = 0;
	}
	pthread_mutex_unlock(&run->lock);
	return ok;
}

/* What the policy answered cannot be: "gave count/3" and what is wrong.  One
 * that has been replaced meanwhile is past blame. */
static void
blame(struct run *run, const struct policy *p, heddle_task t, const char *wrong)
{
	const char *who = p->plugin->def.name;
	char name[GRAPH_NAME], why[512];

	if (t < run->graph->csr.ntasks)
		snprintf(why, sizeof(why), "scheduler '%s' gave %s %s", who,
			 graph_name(run->graph, t, name), wrong);
	else
		snprintf(why, sizeof(why), "scheduler '%s' gave task %u, there are %u",
			 who, t, run->graph->csr.ntasks);
	pthread_mutex_lock(&run->lock);
	if (run->verdict == RUN_PLANNED && p == atomic_load(&run->policy)) {
		run_event(run, EVENT_NOTE, HEDDLE_NONE, HEDDLE_NONE, 0, 0, why);
		if (!run->set->fallback || request_fallback(run) < 0)
			run_fault(run, RUN_FAILED, EXIT_PLUGIN, why);
	}
	pthread_mutex_unlock(&run->lock);
}

/*
 * The task becomes w's: one exchange, so two workers cannot both get it.  What
 * was wrong with the answer, or NULL.
 */
static const char *
claim(struct run *run, heddle_task t)
{
	const uint32_t running = (uint32_t)WORD_RUNNING << WORD_SHIFT;
	uint32_t old;

	if (t >= run->graph->csr.ntasks)
		return "";
	old = atomic_exchange_explicit(&run->word[t], running, memory_order_seq_cst);
	if (!old)
		return NULL;
	if (old != running)	/* put it back; decrements meanwhile stay */
		atomic_fetch_add(&run->word[t], old - running);
	return old < running ? "before it was ready" : "twice";
}

/* Somebody should come if the scheduler still keeps tasks. */
static void
pass_on(struct run *run, struct policy *p, struct worker *w)
{
	/* after the exchange in claim(), see idle.c: no wake-up is lost */
	if (atomic_load(&run->nsleep) && !atomic_load(&run->nsearch) &&
	    policy_kept(p) > 0)
		idle_wake_one(run, w->id + 1);
}

/* All have ended, and none was asked to run again meanwhile: from here on none
 * can be. */
static int
is_finished(struct run *run)
{
	int is;

	pthread_mutex_lock(&run->lock);
	is = run_nended(run) == run->graph->csr.ntasks;
	if (is && !(atomic_load(&run->gate) & GATE_STOP)) {
		run_gate(run, GATE_STOP);
		idle_wake_all(run);
	}
	pthread_mutex_unlock(&run->lock);
	return is;
}

heddle_task
run_take(struct run *run, uint32_t worker, uint64_t now, enum run_class *why, int *over)
{
	struct worker *w = &run->worker[worker];
	const char *wrong;
	struct policy *p;
	heddle_task t;
	unsigned gate;

	(void)now;
	*over = 0;
	for (;;) {
		gate = atomic_load_explicit(&run->gate, memory_order_acquire);
		if (gate & GATE_STOP) {
			*over = 1;
			return HEDDLE_NONE;
		}
		if (gate & GATE_PAUSE || (gate & GATE_FEWER && w->is_off)) {
			if (w->npending) {	/* an off worker keeps nothing */
				pthread_mutex_lock(&run->lock);
				give_up(run, w);
				pthread_mutex_unlock(&run->lock);
			}
			break;
		}
		if (gate & (GATE_TODO | GATE_ADMITTED) &&
		    (t = take_outside(run, w)) != HEDDLE_NONE)
			return t;
		p = inside_enter(run, w);
		t = policy_step(p, w);
		wrong = t == HEDDLE_NONE ? NULL : claim(run, t);
		inside_leave(w);
		if (t == HEDDLE_NONE)
			break;
		if (wrong) {
			blame(run, p, t, wrong);
			continue;
		}
		pass_on(run, p, w);
		if (is_free(run, w, t))
			return t;
	}
	if (run_nended(run) == run->graph->csr.ntasks && is_finished(run)) {
		*over = 1;
		return HEDDLE_NONE;
	}
	*why = idle_class(run, w);
	return HEDDLE_NONE;
}
