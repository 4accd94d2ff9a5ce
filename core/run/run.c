/* SPDX-License-Identifier: MIT */
/* run - a run's beginning and end, the rare things, and what front ends ask. */

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
#include "core/plugin/shelf.h"
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
	if (s->set->fallback && s->shelf)
		run->fallback = shelf_get(s->shelf, "fifo", NULL, NULL);
	if (policy_open(&p, run, s->scheduler, s->option, s->noptions, run->wanted, err) < 0)
		goto fail;
	give_roots(run, p);
	request_options(run, s->option, s->noptions);
	atomic_store(&run->policy, p);
	idle_cover_small(run);
	if (s->listen_fd > 0)
		run->watchers = watchers_new(s->listen_fd, run->live_fd, s->hello);
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
	watchers_free(run->watchers);
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
