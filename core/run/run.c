/* SPDX-License-Identifier: MIT */
/* run - a graph on its way to done: take a task, end a task. */

#include "core/run/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/plugin/load.h"
#include "core/run/engine.h"

/* ---- beginning and end --------------------------------------------------- */

static void
init_words(struct run *run)
{
	const struct graph *g = run->graph;

	run->word = (_Atomic uint32_t *)(uintptr_t)live_words(run->live);
	run->rare = (struct live_rare *)(uintptr_t)live_rare(run->live);
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		atomic_init(&run->word[t], graph_npred(g, t));
}

static void
init_workers(struct run *run)
{
	struct live_worker *live = (struct live_worker *)(uintptr_t)live_workers(run->live);
	const struct graph *g = run->graph;

	run->worker = xaligned(LINE, run->nworkers * sizeof(*run->worker));
	run->log = xcalloc(run->nworkers, sizeof(*run->log));
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];

		log_init(&run->log[i], g->csr.ntasks / run->wanted);
		w->run = run;
		w->id = i;
		w->log = &run->log[i];
		w->live = &live[i];
		w->count = (struct live_count *)(uintptr_t)live_counts(run->live, i);
		w->done = HEDDLE_NONE;
		w->is_off = i >= run->wanted;
		atomic_store(&live[i].task, HEDDLE_NONE);
		atomic_store(&live[i].class, CLASS_OFF);
	}
}

/* A contiguous slice of the roots to each worker. */
static void
give_roots(struct run *run, struct policy *p)
{
	const struct graph *g = run->graph;
	heddle_task *root = xmalloc((g->csr.ntasks + 1ull) * sizeof(*root));
	uint64_t n = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		if (!graph_npred(g, t))
			root[n++] = t;
	for (uint32_t i = 0; i < run->wanted; i++) {
		uint64_t from = n * i / run->wanted, to = n * (i + 1) / run->wanted;

		for (uint64_t k = from; k < to; k++) {
			struct live_count *c = &run->worker[i].count[graph_group_of(g, root[k])];

			atomic_store(&c->readied, atomic_load(&c->readied) + 1);
		}
		policy_give(p, &run->worker[i], root + from, (uint32_t)(to - from));
	}
	free(root);
}

static void
init_head(struct run *run, const struct run_setup *s)
{
	struct live_head *h = run->live;

	snprintf(h->job, sizeof(h->job), "%s", s->title ? s->title :
		 s->set->name ? s->set->name : "");
	snprintf(h->executor, sizeof(h->executor), "%s",
		 s->set->executor == EXECUTOR_SYNC ? "sync" : "threads");
	snprintf(h->scheduler, sizeof(h->scheduler), "%s", s->scheduler->def.name);
	atomic_store(&h->workers, run->wanted);
	h->plan_ns = s->plan_ns;
	atomic_store(&h->status, RUN_PLANNED);
}

/* Rows for more workers than asked, so that `workers N` can grow the pool. */
static uint32_t
most_workers(uint32_t asked)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t most = online > 0 ? 2 * (uint32_t)online : 2;

	if (most < 8)
		most = 8;
	if (most < asked)
		most = asked;
	return most < KEEPER_SLOTS ? most : KEEPER_SLOTS;
}

int
run_new(struct run **out, const struct run_setup *s, struct err *err)
{
	struct run *run = xaligned(_Alignof(struct run), sizeof(*run));
	struct policy *p;

	run->graph = s->graph;
	run->set = s->set;
	run->shelf = s->shelf;
	run->keeper = s->keeper;
	if (s->sink)
		run->sink = *s->sink;
	run->name = xstrdup(s->run_name ? s->run_name : "");
	run->wanted = s->set->executor == EXECUTOR_SYNC ? 1 : s->set->workers;
	run->nworkers = s->set->executor == EXECUTOR_SYNC ? 1 : most_workers(run->wanted);
	if (run->wanted > run->nworkers)
		run->wanted = run->nworkers;
	run->live_fd = run->poke_fd = run->over_fd = -1;
	run->first_failed = HEDDLE_NONE;
	run->verdict = RUN_PLANNED;
	pthread_mutex_init(&run->lock, NULL);
	pthread_cond_init(&run->answered, NULL);
	run->poke_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	run->over_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (run->poke_fd < 0 || run->over_fd < 0 ||
	    live_new(&run->live, &run->live_fd, s->graph, run->nworkers) < 0) {
		err_set(err, EXIT_ENV, "cannot make the live state of the run: %s",
			strerror(errno));
		goto fail;
	}
	if (hold_init(&run->hold, s->graph, s->set, err) < 0)
		goto fail;
	init_head(run, s);
	init_words(run);
	init_workers(run);
	run->value = values_new(s->graph);
	if (policy_open(&p, run, s->scheduler, s->option, s->noptions, run->wanted, err) < 0)
		goto fail;
	give_roots(run, p);
	request_options(run, s->option, s->noptions);
	atomic_store(&run->policy, p);
	idle_cover_small(run);
	*out = run;
	return 0;

fail:
	run_free(run);
	return -1;
}

void
run_free(struct run *run)
{
	if (!run)
		return;
	if (run->is_started && !run->is_joined) {
		run_stop(run, 0);
		run_stop(run, 0);
		run_join(run);
	}
	policy_close(atomic_load(&run->policy));
	for (struct policy *p = run->retired, *next; p; p = next) {
		next = p->retired;
		policy_close(p);
	}
	cover_free(atomic_load(&run->cover));
	values_free(run->value, run->graph);
	hold_fini(&run->hold);
	for (uint32_t i = 0; run->worker && i < run->nworkers; i++) {
		log_fini(&run->log[i]);
		free(run->worker[i].scratch);
		free(run->worker[i].why);
	}
	free(run->worker);
	free(run->log);
	for (size_t i = 0; i < run->nevents; i++)
		free(run->event[i].text);
	free(run->event);
	free(run->todo);
	free(run->admitted);
	free(run->retry);
	free(run->wish);
	free(run->wish_of);
	free((void *)run->priority);
	free(run->attempt);
	free(run->why);
	request_options(run, NULL, 0);
	free(run->option);
	free(run->name);
	live_free(run->live, run->live_fd);
	if (run->poke_fd >= 0)
		close(run->poke_fd);
	if (run->over_fd >= 0)
		close(run->over_fd);
	pthread_mutex_destroy(&run->lock);
	pthread_cond_destroy(&run->answered);
	free(run);
}

/* ---- rare things, under the lock ------------------------------------------ */

void
run_tell(struct run *run, const struct run_event *told)
{
	struct run_event *e = XADD(&run->event, &run->nevents, &run->capevents);

	*e = *told;
	e->at = run_now(run);
	e->text = xstrdup(told->text ? told->text : "");
	e->attempt = e->task != HEDDLE_NONE ? run_attempt(run, e->task) : 0;
	atomic_store(&run->nevents_seen, (uint32_t)run->nevents);
	if (run->sink.event)
		run->sink.event(run->sink.self, e);
}

void
run_event(struct run *run, enum event_kind kind, heddle_task t, uint32_t worker,
	  int code, uint64_t n, const char *text)
{
	run_tell(run, &(struct run_event){
		.kind = kind, .task = t, .worker = worker, .code = code, .n = n,
		.text = (char *)(uintptr_t)text,
	});
}

void
run_gate(struct run *run, unsigned on)
{
	atomic_fetch_or(&run->gate, on);
}

void
run_poke(struct run *run)
{
	uint64_t one = 1;

	if (write(run->poke_fd, &one, sizeof(one)) < 0)
		return;		/* full: it will wake anyway */
}

void
run_halt(struct run *run, int is_now)
{
	run_gate(run, GATE_STOP);
	atomic_store(&run->live->status, RUN_STOPPING);
	if (is_now) {
		run->is_stop_now = 1;
		run_gate(run, GATE_NOW);
		idle_fence();	/* a task not seen here sees the gate: task_run */
		for (uint32_t i = 0; i < run->nworkers; i++)
			thread_stop_task(&run->worker[i],
					 atomic_load(&run->worker[i].live->task), 0);
	}
	idle_wake_all(run);
}

void
run_fault(struct run *run, enum run_status verdict, int exit, const char *why)
{
	if (run->verdict == RUN_PLANNED) {
		run->verdict = verdict;
		run->exit = exit;
		free(run->why);
		run->why = xstrdup(why);
	}
	run_halt(run, 0);
}

unsigned
run_attempt(const struct run *run, heddle_task t)
{
	const uint32_t *failed = atomic_load_explicit(&run->attempt, memory_order_acquire);

	return failed ? failed[t] + 1u : 1u;
}

void
run_count_attempt(struct run *run, heddle_task t)
{
	uint32_t *failed = atomic_load(&run->attempt);

	if (!failed) {
		failed = xcalloc(run->graph->csr.ntasks, sizeof(*failed));
		atomic_store(&run->attempt, failed);
	}
	failed[t]++;
}

struct wish *
run_wish(struct run *run, heddle_task t, int make)
{
	struct wish *w;

	if (t >= run->graph->csr.ntasks)
		return NULL;
	if (run->wish_of && run->wish_of[t])
		return &run->wish[run->wish_of[t] - 1];
	if (!make)
		return NULL;
	if (!run->wish_of)
		run->wish_of = xcalloc(run->graph->csr.ntasks, sizeof(*run->wish_of));
	w = XADD(&run->wish, &run->nwish, &run->capwish);
	run->wish_of[t] = (uint32_t)run->nwish;
	w->task = t;
	w->worker = HEDDLE_NONE;
	run_gate(run, GATE_PICKY);
	return w;
}

void
run_again(struct run *run, heddle_task t)
{
	*XADD(&run->todo, &run->ntodo, &run->captodo) = (struct outside){ t, HEDDLE_NONE };
	run_gate(run, GATE_TODO);
	idle_wake_one(run, 0);
}

uint64_t
run_nended(const struct run *run)
{
	uint64_t n = (uint64_t)atomic_load_explicit(&run->nsettled, memory_order_acquire);

	for (uint32_t i = 0; i < run->nworkers; i++)
		n += atomic_load_explicit(&run->worker[i].nended, memory_order_acquire);
	return n;
}

/* ---- take ------------------------------------------------------------------ */

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

/*
 * The policy for one step of w.  inside is set while tasks change custody: from
 * asking the policy to the claim, and from the decrement that readies a task to
 * w's pending ones.  So a switch can wait until nobody is in between, and then
 * knows by the words alone what is ready: a plain store here, and the switcher
 * pays for the fence with membarrier(2).
 */
static struct policy *
enter(struct run *run, struct worker *w)
{
	struct policy *p;

	for (;;) {
		atomic_store_explicit(&w->inside, 1, memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst);
		p = atomic_load_explicit(&run->policy, memory_order_acquire);
		if (p)
			return p;
		atomic_store_explicit(&w->inside, 0, memory_order_release);
		pthread_mutex_lock(&run->lock);		/* until the switch is done */
		pthread_mutex_unlock(&run->lock);
	}
}

static void
leave(struct worker *w)
{
	atomic_store_explicit(&w->inside, 0, memory_order_release);
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
		p = enter(run, w);
		t = policy_step(p, w);
		wrong = t == HEDDLE_NONE ? NULL : claim(run, t);
		leave(w);
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

/* ---- end -------------------------------------------------------------------- */

static void
bump(_Atomic uint32_t *c)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + 1,
			      memory_order_release);
}

static void
ready_successors(struct run *run, struct worker *w, heddle_task t)
{
	const struct heddle_graph *g = &run->graph->csr;
	struct policy *p = enter(run, w);

	for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++) {
		heddle_task s = g->succ[e];

		if (atomic_fetch_sub_explicit(&run->word[s], 1, memory_order_acq_rel) != 1)
			continue;
		bump(&w->count[graph_group_of(run->graph, s)].readied);
		if (w->npending == PENDING)
			policy_flush(p, w);
		w->pending[w->npending++] = s;
	}
	leave(w);
}

/* Its inputs have one task fewer that wants them. */
static void
release_inputs(struct run *run, heddle_task t)
{
	const struct graph *g = run->graph;
	const heddle_task *in = g->csr.pred + g->csr.pred_at[t];

	if (!run->value)
		return;
	for (uint32_t i = graph_nin(g, t); i--;)
		value_release(&run->value[in[i]], run->live);
}

static void
write_row(struct worker *w, heddle_task t, const struct run_result *r,
	  enum row_status status, unsigned attempt)
{
	uint64_t ns = r->end - r->start;

	log_add(w->log, r->start, r->end,
		r->bytes << 16 | (uint64_t)status << 8 | (attempt & 0xff), t);
	atomic_store_explicit(&w->live->ns[CLASS_RUN_CPU],
		atomic_load_explicit(&w->live->ns[CLASS_RUN_CPU], memory_order_relaxed) + ns,
		memory_order_relaxed);
	atomic_store_explicit(&w->live->ntasks,
		atomic_load_explicit(&w->live->ntasks, memory_order_relaxed) + 1,
		memory_order_relaxed);
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

/* Tokens come back; what waits for them may go. */
static void
give_tokens(struct run *run, heddle_task t)
{
	hold_give(&run->hold, t);
	run_admit(run);
}

static void
count_end(struct run *run, struct worker *w, heddle_task t)
{
	bump(&w->count[graph_group_of(run->graph, t)].ended);
	atomic_store_explicit(&w->nended,
		atomic_load_explicit(&w->nended, memory_order_relaxed) + 1,
		memory_order_release);
}

static void
leave_chain(struct run *run, struct worker *w, heddle_task t)
{
	struct cover *c;

	atomic_store_explicit(&w->inside, 1, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	c = atomic_load_explicit(&run->cover, memory_order_acquire);
	if (c) {
		uint32_t before = cover_bound(c), k = cover_end(c, t);

		atomic_store_explicit(&run->live->cover, k, memory_order_relaxed);
		if (k < before && k < atomic_load_explicit(&run->live->workers,
							    memory_order_relaxed)) {
			leave(w);
			pthread_mutex_lock(&run->lock);
			idle_label(run);
			pthread_mutex_unlock(&run->lock);
			return;
		}
	}
	leave(w);
}

static void
end_done(struct run *run, struct worker *w, heddle_task t, const struct run_result *r)
{
	const struct graph_kernel *k = &run->graph->kernel[run->graph->kernel_of[t]];

	write_row(w, t, r, ROW_DONE, run_attempt(run, t));
	if (k->flags & HEDDLE_EFFECT && run->sink.sync)
		run->sink.sync(run->sink.self, w->log, w->id);
	if (run->value)
		value_made(&run->value[t], run->live);
	atomic_store_explicit(&run->word[t], (uint32_t)WORD_DONE << WORD_SHIFT,
			      memory_order_release);
	atomic_store_explicit(&w->live->task, HEDDLE_NONE, memory_order_release);
	ready_successors(run, w, t);
	release_inputs(run, t);
	w->done = t;
	w->done_ns = r->end - r->start;
	count_end(run, w, t);
	leave_chain(run, w, t);
}

/* Failed for good, or stopped: nobody will have its value. */
static void
end_badly(struct run *run, struct worker *w, heddle_task t, const struct run_result *r)
{
	struct live_rare *rare = &run->rare[graph_group_of(run->graph, t)];
	int is_failed = r->status == ROW_FAILED;
	char name[GRAPH_NAME], why[700];
	struct cover *c;

	/* what it means for others is settled before a retry can be asked */
	pthread_mutex_lock(&run->lock);
	atomic_store(&run->word[t], (uint32_t)(is_failed ? WORD_FAILED : WORD_STOPPED)
			<< WORD_SHIFT);
	atomic_fetch_add(is_failed ? &rare->failed : &rare->stopped, 1);
	atomic_store_explicit(&w->live->task, HEDDLE_NONE, memory_order_release);
	if (is_failed)
		run_event(run, EVENT_FAIL, t, w->id, r->code, 0, r->why);
	if (is_failed && run->first_failed == HEDDLE_NONE) {
		run->first_failed = t;
		snprintf(why, sizeof(why), "%s: %s", graph_name(run->graph, t, name),
			 r->why ? r->why : "failed");
		free(run->why);
		run->why = xstrdup(why);
	}
	fate_skip(run, t);
	count_end(run, w, t);
	c = atomic_load(&run->cover);
	if (c) {
		atomic_store(&run->live->cover, cover_end(c, t));
		idle_label(run);
	}
	if (is_failed && run->set->on_fail == FAIL_STOP)
		run_halt(run, 1);
	else if (is_failed && run->set->on_fail == FAIL_FINISH_RUNNING)
		run_halt(run, 0);
	pthread_mutex_unlock(&run->lock);
	w->done = t;
	w->done_ns = r->end - r->start;
}

void
run_end(struct run *run, uint32_t worker, heddle_task t, const struct run_result *r)
{
	struct worker *w = &run->worker[worker];
	unsigned attempt = run_attempt(run, t);

	if (r->status == ROW_DONE) {
		end_done(run, w, t, r);
	} else {
		if (run->value)
			value_drop(&run->value[t]);
		if (r->status == ROW_FAILED && fate_retry(run, w, t, r)) {
			write_row(w, t, r, ROW_RETRY, attempt);
		} else {
			write_row(w, t, r, r->status, attempt);
			end_badly(run, w, t, r);
		}
	}
	if (run->hold.is_used) {
		pthread_mutex_lock(&run->lock);
		give_tokens(run, t);
		pthread_mutex_unlock(&run->lock);
	}
}

/* ---- for front ends ---------------------------------------------------------- */

int
run_fd(const struct run *run)
{
	return run->over_fd;
}

int
run_is_over(const struct run *run)
{
	return atomic_load(&run->is_over);
}

const struct live_head *
run_live(const struct run *run)
{
	return run->live;
}

int
run_live_fd(const struct run *run)
{
	return run->live_fd;
}

const struct graph *
run_graph(const struct run *run)
{
	return run->graph;
}

const struct log *
run_logs(const struct run *run)
{
	return run->log;
}

uint64_t
run_now(const struct run *run)
{
	uint64_t end = atomic_load(&run->live->end);

	if (end)
		return end;
	return run->clock_start ? clock_now() - run->clock_start : 0;
}

int
run_rank(const struct run *run, heddle_task t, double *rank, uint32_t *worker)
{
	const struct policy *p = atomic_load_explicit(&run->policy, memory_order_acquire);
	int has = 0;

	if (!p || t >= run->graph->csr.ntasks)
		return 0;
	if (p->ops->rank) {
		*rank = p->ops->rank(p->self, t);
		has |= RUN_RANK;
	}
	if (worker && p->ops->where) {
		*worker = p->ops->where(p->self, t);
		if (*worker != HEDDLE_NONE)
			has |= RUN_WHERE;
	}
	return has;
}

const char *
run_held_by(struct run *run, heddle_task t, char *buf, size_t n)
{
	struct wish *wish;

	pthread_mutex_lock(&run->lock);
	hold_why(&run->hold, t, buf, n);
	wish = run_wish(run, t, 0);
	if (!buf[0] && wish && wish->is_held)
		snprintf(buf, n, "held by request");
	for (size_t i = 0; !buf[0] && i < run->nretry; i++)
		if (run->retry[i].task == t) {
			uint64_t now = run_now(run), due = run->retry[i].due;

			snprintf(buf, n, "retry in %.1fs", due > now ? (double)(due - now) / 1e9 : 0);
		}
	pthread_mutex_unlock(&run->lock);
	return buf;
}

int32_t
run_priority(struct run *run, heddle_task t)
{
	int32_t priority;

	pthread_mutex_lock(&run->lock);
	priority = run->priority ? run->priority[t] : graph_attr(run->graph, t)->priority;
	pthread_mutex_unlock(&run->lock);
	return priority;
}

uint32_t
run_nevents(const struct run *run)
{
	return atomic_load(&run->nevents_seen);
}

uint32_t
run_events(struct run *run, uint32_t from, struct run_event *out, uint32_t most)
{
	uint32_t n = 0;

	pthread_mutex_lock(&run->lock);
	while (n < most && from + n < run->nevents) {
		out[n] = run->event[from + n];
		n++;
	}
	pthread_mutex_unlock(&run->lock);
	return n;
}

struct heddle_bytes
run_value(const struct run *run, heddle_task t)
{
	struct heddle_bytes none = { NULL, 0 };

	if (!run->value || t >= run->graph->csr.ntasks ||
	    task_state_of(atomic_load(&run->word[t])) != TASK_DONE)
		return none;
	return value_bytes(&run->value[t]);
}

const char *
run_why(const struct run *run)
{
	return run->why ? run->why : "";
}

heddle_task
run_first_failed(const struct run *run)
{
	return run->first_failed;
}
