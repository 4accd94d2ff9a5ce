/* SPDX-License-Identifier: MIT */
/* idle - why a worker has nothing to do, how it sleeps, and who wakes it. */

/*
 * No wake-up is lost.  Two sides, each writes, then reads the other's word:
 *
 *	who makes work (run.c)			who finds none (idle_park)
 *	ready()					parked = ASLEEP
 *	next(), and the exchange in claim()	nsleep + 1, nsearch - 1
 *	reads nsleep, nsearch			reads: run_take() once more
 *	nsleep > 0 and nsearch == 0: wakes one	nothing: sleeps on parked
 *
 * The exchange, the two counters and the loads are sequentially consistent, so
 * they have one order.  If the maker reads nsleep before the sleeper has added
 * itself, its ready() came before the sleeper's last look, which finds it.  If
 * it reads nsearch > 0, that searcher has not yet left off searching and takes
 * its own last look after it does.  A searcher that finds a task and was the
 * last one wakes one more while tasks are left, so makers that relied on it
 * are served.
 *
 * parked is the futex: AWAKE, ASLEEP, CLAIMED.  A waker claims by compare and
 * exchange, and counts the woken one as searching at that moment, so two wakers
 * never spend their wake-ups on one sleeper.
 *
 * An idle worker's row has one class.  Whatever changes the reason wakes it
 * (pause, go, the first task held and the last, k below the workers), it looks
 * again, and closes its row where the class is another one.
 */

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/graph/graph.h"
#include "core/plugin/load.h"
#include "core/run/engine.h"

/* About what a wake-up costs on common machines: spinning longer than that
 * before sleeping cannot pay. */
enum { SPIN_NS = 30000 };

static void
futex_wait(_Atomic uint32_t *at, uint32_t while_it_is)
{
	syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, while_it_is, NULL, NULL, 0);
}

static void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#else
	sched_yield();
#endif
}

/* ---- waking -------------------------------------------------------------------- */

static int
wake(struct run *run, struct worker *w)
{
	uint32_t asleep = ASLEEP;

	if (!atomic_compare_exchange_strong(&w->parked, &asleep, CLAIMED))
		return 0;
	atomic_fetch_add(&run->nsearch, 1);
	atomic_fetch_sub(&run->nsleep, 1);
	syscall(SYS_futex, &w->parked, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return 1;
}

void
idle_wake(struct run *run, struct worker *w)
{
	wake(run, w);
}

int
idle_wake_one(struct run *run, uint32_t from)
{
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[(from + i) % run->nworkers];

		if (atomic_load(&w->parked) == ASLEEP && !w->is_off && wake(run, w))
			return 1;
	}
	return 0;
}

void
idle_wake_all(struct run *run)
{
	for (uint32_t i = 0; i < run->nworkers; i++)
		wake(run, &run->worker[i]);
}

/* A serialised policy may keep tasks for one worker alone: let each sleeper
 * that has not asked since the last change ask, one after the other.  Only who
 * has just asked may call it: while paused nobody asks, and sleepers would wake
 * each other for ever. */
static void
wake_unasked(struct run *run, struct policy *p)
{
	uint64_t seq = atomic_load(&p->seq);

	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];

		if (atomic_load(&w->parked) == ASLEEP && !w->is_off &&
		    atomic_load(&w->asked) != seq && wake(run, w))
			return;
	}
}

/* ---- why ----------------------------------------------------------------------- */

enum run_class
idle_class(struct run *run, struct worker *w)
{
	unsigned gate = atomic_load(&run->gate);
	struct policy *p = atomic_load(&run->policy);

	if (gate & GATE_PAUSE || w->is_off)
		return CLASS_OFF;
	if (atomic_load(&run->live->nheld))
		return run->ncaught == atomic_load(&run->live->nheld) ? CLASS_HOLD : CLASS_RES;
	if (p && policy_kept(p) > 0)
		return CLASS_HOLD;
	return w->has_end ? CLASS_END : CLASS_DEP;
}

/*
 * k chains are left, so workers - k workers will never be needed again: that
 * many of the idle ones carry `end`, those idle longest.
 */
void
idle_label(struct run *run)
{
	struct cover *c = atomic_load(&run->cover);
	uint32_t k = c ? cover_bound(c) : UINT32_MAX, surplus, nlabelled = 0;

	if (!k)
		k = 1;		/* the run goes on: a task of its may come again */
	surplus = k < run->wanted ? run->wanted - k : 0;
	for (uint32_t i = 0; i < run->nworkers; i++)
		nlabelled += (uint32_t)run->worker[i].has_end;
	for (; nlabelled < surplus; nlabelled++) {
		struct worker *oldest = NULL;

		for (uint32_t i = 0; i < run->nworkers; i++) {
			struct worker *w = &run->worker[i];

			if (w->idle_since && !w->has_end && !w->is_off &&
			    (!oldest || w->idle_since < oldest->idle_since))
				oldest = w;
		}
		if (!oldest)
			return;
		oldest->has_end = 1;
		if (run->release_auto) {
			oldest->is_off = oldest->is_released = 1;
			run_gate(run, GATE_FEWER);
			idle_wake_one(run, 0);	/* it may have been woken for a task */
		}
		wake(run, oldest);
	}
}

/* ---- the cover ------------------------------------------------------------------ */

void
idle_fence(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

void
idle_quiesce(struct run *run)
{
	idle_fence();
	for (uint32_t i = 0; i < run->nworkers; i++)
		while (atomic_load_explicit(&run->worker[i].inside, memory_order_acquire))
			sched_yield();
}

/* Small graphs have their cover before anything runs; for large ones it is
 * made when somebody has been idle for a while, and again when the unfinished
 * have halved: O(V + E) in all. */
enum { SMALL = 10000 };

void
idle_cover_small(struct run *run)
{
	struct cover *c;

	if (!run->graph->csr.ntasks || run->graph->csr.ntasks > SMALL)
		return;
	c = cover_new(run->graph, run->word);
	run->cover_tasks = run->graph->csr.ntasks;
	atomic_store(&run->cover, c);
	atomic_store(&run->live->cover, cover_bound(c));
}

void
idle_cover(struct run *run)
{
	uint64_t left = run->graph->csr.ntasks - run_nended(run);
	struct cover *old = atomic_load(&run->cover), *c;
	int is_idle = 0;

	if (old && left > run->cover_tasks / 2)
		return;
	for (uint32_t i = 0; i < run->nworkers; i++)
		is_idle |= atomic_load(&run->worker[i].parked) == ASLEEP;
	if (!is_idle)
		return;
	c = cover_new(run->graph, run->word);
	atomic_store(&run->cover, c);
	idle_quiesce(run);	/* who ended a task and looked at the old one is seen below */
	cover_sweep(c, run->word);
	atomic_store(&run->live->cover, cover_bound(c));
	pthread_mutex_lock(&run->lock);
	run->cover_tasks = left;
	cover_free(old);
	idle_label(run);
	pthread_mutex_unlock(&run->lock);
}

void
idle_uncover(struct run *run)
{
	struct cover *old = atomic_exchange(&run->cover, NULL);

	idle_quiesce(run);
	cover_free(old);
	atomic_store(&run->live->cover, 0);
	for (uint32_t i = 0; i < run->nworkers; i++)
		if (!run->worker[i].is_released)
			run->worker[i].has_end = 0;
	idle_wake_all(run);
}

/* ---- parking -------------------------------------------------------------------- */

/* Idle from here: the label may be due, CPU time in tasks is complete. */
static void
begin(struct worker *w, uint64_t now)
{
	struct run *run = w->run;
	uint64_t mark = atomic_load(&w->cpu_mark);

	if (mark) {
		atomic_fetch_add(&w->cpu_sum, clock_thread_cpu() - mark);
		atomic_store(&w->cpu_mark, 0);
	}
	pthread_mutex_lock(&run->lock);
	w->idle_since = now ? now : 1;
	idle_label(run);
	pthread_mutex_unlock(&run->lock);
}

static void
finish(struct worker *w)
{
	struct run *run = w->run;

	pthread_mutex_lock(&run->lock);
	w->idle_since = 0;
	if (w->has_end && !w->is_released) {
		w->has_end = 0;
		idle_label(run);	/* another idle one carries it */
	}
	pthread_mutex_unlock(&run->lock);
	atomic_store(&w->cpu_mark, clock_thread_cpu());
}

static void
write_idle(struct worker *w, uint64_t from, uint64_t to, enum run_class class)
{
	if (to <= from)
		return;
	log_add(w->log, from, to, (uint64_t)class << 8, HEDDLE_NONE);
	atomic_store_explicit(&w->live->ns[class],
		atomic_load_explicit(&w->live->ns[class], memory_order_relaxed) + to - from,
		memory_order_relaxed);
}

static void
show(struct worker *w, enum run_class class, uint64_t since)
{
	atomic_store_explicit(&w->live->since, since, memory_order_relaxed);
	atomic_store_explicit(&w->live->class, class, memory_order_release);
}

/* Is there a sign that run_take would answer otherwise? */
static int
is_stirring(struct run *run)
{
	struct policy *p = atomic_load_explicit(&run->policy, memory_order_acquire);

	return !p || policy_kept(p) > 0 ||
	       atomic_load_explicit(&run->gate, memory_order_relaxed) &
	       (GATE_STOP | GATE_TODO | GATE_ADMITTED);
}

/*
 * Stuck: everybody sleeps, nothing is to come by itself, everybody has asked
 * since the last change, and yet tasks are left.  Looked at by the one about to
 * be the last sleeper, never on a task's path.
 */
static void
check_stuck(struct run *run)
{
	struct policy *p = atomic_load(&run->policy);
	uint32_t awake = 0;
	long long kept;
	char why[256];

	if (!p || atomic_load(&run->gate) & (GATE_STOP | GATE_PAUSE | GATE_TODO | GATE_ADMITTED))
		return;
	for (uint32_t i = 0; i < run->nworkers; i++)
		awake += run->worker[i].is_started &&	/* off ones end their task first */
			 (!run->worker[i].is_down ||
			  atomic_load(&run->worker[i].parked) != ASLEEP);
	if (awake || run->nretry || run->ncaught || run->hold.nheld ||
	    run_nended(run) == run->graph->csr.ntasks)
		return;
	if (!p->is_concurrent)
		for (uint32_t i = 0; i < run->nworkers; i++)
			if (run->worker[i].is_started && !run->worker[i].is_off &&
			    atomic_load(&run->worker[i].asked) != atomic_load(&p->seq))
				return;
	kept = policy_kept(p);
	snprintf(why, sizeof(why), "stuck: nothing runs, scheduler '%s' keeps %lld task%s and gives none",
		 p->plugin->def.name, kept, kept == 1 ? "" : "s");
	run_event(run, EVENT_NOTE, HEDDLE_NONE, HEDDLE_NONE, 0, 0, why);
	if (run->set->fallback && request_fallback(run) == 0)
		return;
	run_fault(run, RUN_STUCK, EXIT_STUCK, why);
}

/* Sleep until claimed.  sync: the worker is the run thread and serves the run
 * meanwhile, so it does not sleep here. */
static heddle_task
sleep_once(struct worker *w, enum run_class *class, int *over)
{
	struct run *run = w->run;
	struct policy *p;
	heddle_task t;

	atomic_store(&w->parked, ASLEEP);
	atomic_fetch_add(&run->nsleep, 1);
	atomic_fetch_sub(&run->nsearch, 1);
	t = run_take(run, w->id, 0, class, over);
	if (t == HEDDLE_NONE && !*over) {
		p = atomic_load(&run->policy);
		if (w->is_off && is_stirring(run))	/* makers relied on its look */
			idle_wake_one(run, w->id + 1);
		if (*class != CLASS_OFF && p && !p->is_concurrent && policy_kept(p) > 0)
			wake_unasked(run, p);
		pthread_mutex_lock(&run->lock);
		w->is_down = 1;
		check_stuck(run);
		pthread_mutex_unlock(&run->lock);
		if (run->set->executor == EXECUTOR_SYNC)
			thread_serve(run, 1);
		else
			futex_wait(&w->parked, ASLEEP);
	}
	return t;
}

/* Awake again, claimed or not: searching. */
static void
rise(struct worker *w)
{
	struct run *run = w->run;

	w->is_down = 0;
	if (atomic_exchange(&w->parked, AWAKE) == ASLEEP) {
		atomic_fetch_add(&run->nsearch, 1);
		atomic_fetch_sub(&run->nsleep, 1);
	}
}

/* The search is over; the last searcher passes on what is left. */
static void
found(struct worker *w)
{
	struct run *run = w->run;
	struct policy *p;

	if (atomic_fetch_sub(&run->nsearch, 1) != 1 || !atomic_load(&run->nsleep))
		return;
	inside_begin(run, w);
	p = atomic_load(&run->policy);
	if (p && policy_kept(p) > 0)
		idle_wake_one(run, w->id + 1);
	inside_leave(w);
}

heddle_task
idle_park(struct worker *w, enum run_class class, int *over)
{
	struct run *run = w->run;
	uint64_t from = run_now(run), now = from;
	enum run_class next = class;
	heddle_task t = HEDDLE_NONE;

	atomic_fetch_add(&run->nsearch, 1);
	begin(w, from);
	if (class == CLASS_DEP && w->has_end)	/* labelled this moment */
		class = next = CLASS_END;
	show(w, class, from);
	while (t == HEDDLE_NONE && !*over) {
		while (now - from < SPIN_NS && !is_stirring(run)) {
			relax();
			now = run_now(run);
		}
		t = run_take(run, w->id, now, &next, over);
		if (t == HEDDLE_NONE && !*over && now - from >= SPIN_NS) {
			if (next != class) {
				now = run_now(run);
				write_idle(w, from, now, class);
				show(w, class = next, from = now);
			}
			t = sleep_once(w, &next, over);
			rise(w);
		}
		now = run_now(run);
		if (t == HEDDLE_NONE && !*over && next != class) {
			write_idle(w, from, now, class);
			show(w, class = next, from = now);
		}
	}
	write_idle(w, from, now, class);
	found(w);
	finish(w);
	return t;
}
