/* SPDX-License-Identifier: MIT */
/* rig - a small host: one scheduler over one sample graph, in virtual time. */

#include "core/plugin/rig.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/xalloc.h"

enum { FAULTS_MOST = 100, PATIENCE_S = 5 };

/* ---- what the scheduler may ask --------------------------------------- */

static int
host_fail(void *self, const char *why)
{
	struct rig *r = self;

	snprintf(r->said, sizeof(r->said), "%s", why ? why : "");
	return -1;
}

static const uint64_t *
host_levels(void *self)
{
	return ((struct rig *)self)->sample->level;
}

static int32_t
host_priority(void *self, heddle_task t)
{
	(void)self;
	return (int32_t)(t % 5) - 2;
}

static uint64_t
host_cost(void *self, heddle_task t, uint32_t worker)
{
	(void)worker;
	return sample_length(((struct rig *)self)->sample, t);
}

static uint64_t
host_move(void *self, heddle_task from, heddle_task to, uint32_t w1, uint32_t w2)
{
	(void)self;
	(void)from;
	(void)to;
	return w1 == w2 ? 0 : 100;
}

static int
host_state(void *self, heddle_task t)
{
	struct rig *r = self;

	return t < r->sample->graph->ntasks ? r->state[t] : HEDDLE_ENDED;
}

/* ---- custody ---------------------------------------------------------- */

static void
blame(struct rig *r, enum rig_fault fault, heddle_task t)
{
	if (!r->fault[fault]++)
		r->first[fault] = t;
}

static void
give(struct rig *r, uint32_t worker, const heddle_task *task, uint32_t n)
{
	uint64_t from;

	if (!n)
		return;
	for (uint32_t i = 0; i < n; i++) {
		r->state[task[i]] = HEDDLE_READY;
		r->kept[task[i]] = 1;
	}
	r->nkept += n;
	from = clock_now();
	r->def->ready(r->self, worker, task, n);
	r->spent += clock_now() - from;
	r->ncalls++;
}

/* Is the answer one that may be?  Else it is noted. */
static int
is_right(struct rig *r, heddle_task t)
{
	if (t >= r->sample->graph->ntasks)
		blame(r, RIG_INVENTED, t);
	else if (r->kept[t])
		return 1;
	else
		blame(r, r->state[t] == HEDDLE_BLOCKED ? RIG_EARLY : RIG_TWICE, t);
	return 0;
}

static int
is_given_up(const struct rig *r)
{
	for (int i = 0; i < RIG_FAULTS; i++)
		if (r->fault[i] >= FAULTS_MOST)
			return 1;
	return 0;
}

/* A wrong answer is dropped and the worker asks again. */
static heddle_task
ask(struct rig *r, uint32_t worker)
{
	heddle_task t;

	do {
		uint64_t from = clock_now();

		t = r->def->next(r->self, worker);
		r->spent += clock_now() - from;
		r->ncalls++;
	} while (t != HEDDLE_NONE && !is_right(r, t) && !is_given_up(r));
	if (t == HEDDLE_NONE || is_given_up(r))
		return HEDDLE_NONE;
	r->kept[t] = 0;
	r->nkept--;
	r->ngiven++;
	r->order = (r->order ^ (t + ((uint64_t)worker << 32) + 1)) * UINT64_C(0x100000001b3);
	return t;
}

static void
start(struct rig *r, uint32_t worker, heddle_task t)
{
	r->state[t] = HEDDLE_RUNNING;
	r->runs[worker] = t;
	r->until[worker] = r->now + sample_length(r->sample, t);
	r->nrunning++;
}

/* What t's end makes ready, into batch. */
static uint32_t
release(struct rig *r, heddle_task t)
{
	const struct heddle_graph *g = r->sample->graph;
	uint32_t n = 0;

	for (uint64_t i = g->succ_at[t]; i < g->succ_at[t + 1]; i++)
		if (!--r->left[g->succ[i]])
			r->batch[n++] = g->succ[i];
	return n;
}

static void
end(struct rig *r, uint32_t worker)
{
	heddle_task t = r->runs[worker];
	uint64_t from;

	r->runs[worker] = HEDDLE_NONE;
	r->nrunning--;
	if (r->back && t % r->back == 0 && !r->came[t]) {
		r->came[t] = 1;		/* as a retry does */
		give(r, worker, &t, 1);
		return;
	}
	r->state[t] = HEDDLE_ENDED;
	r->nended++;
	if (r->def->done) {
		from = clock_now();
		r->def->done(r->self, worker, t, sample_length(r->sample, t));
		r->spent += clock_now() - from;
		r->ncalls++;
	}
	give(r, worker, r->batch, release(r, t));
}

/* The worker whose task ends next; the lower of two. */
static uint32_t
earliest(const struct rig *r)
{
	uint32_t best = HEDDLE_NONE;

	for (uint32_t w = 0; w < r->sample->graph->nworkers; w++)
		if (r->runs[w] != HEDDLE_NONE &&
		    (best == HEDDLE_NONE || r->until[w] < r->until[best]))
			best = w;
	return best;
}

int
rig_step(struct rig *r)
{
	uint32_t nworkers = r->sample->graph->nworkers, w;

	for (w = 0; w < nworkers && !is_given_up(r); w++)
		if (r->runs[w] == HEDDLE_NONE) {
			heddle_task t = ask(r, w);

			if (t != HEDDLE_NONE)
				start(r, w, t);
		}
	w = earliest(r);
	if (is_given_up(r) || w == HEDDLE_NONE) {
		for (heddle_task t = 0; r->nkept && t < r->sample->graph->ntasks; t++)
			if (r->kept[t])
				blame(r, RIG_LOST, t);
		return 0;
	}
	r->now = r->until[w];
	end(r, w);
	return 1;
}

/* ---- open and close --------------------------------------------------- */

static void
make_room(struct rig *r)
{
	const struct heddle_graph *g = r->sample->graph;
	size_t n = g->ntasks;

	r->state = xcalloc(n, sizeof(*r->state));
	r->kept = xcalloc(n, sizeof(*r->kept));
	r->came = xcalloc(n, sizeof(*r->came));
	r->left = xcalloc(n, sizeof(*r->left));
	r->batch = xcalloc(n, sizeof(*r->batch));
	r->runs = xcalloc(g->nworkers, sizeof(*r->runs));
	r->until = xcalloc(g->nworkers, sizeof(*r->until));
	for (uint32_t w = 0; w < g->nworkers; w++)
		r->runs[w] = HEDDLE_NONE;
	for (uint32_t t = 0; t < n; t++)
		r->left[t] = (uint32_t)(g->pred_at[t + 1] - g->pred_at[t]);
}

/* As it stands in the other: what ran there is taken to be ready again. */
static void
join(struct rig *r, const struct rig *before)
{
	uint32_t n = r->sample->graph->ntasks;

	r->now = before->now;
	r->nended = before->nended;
	memcpy(r->left, before->left, n * sizeof(*r->left));
	memcpy(r->state, before->state, n * sizeof(*r->state));
	for (uint32_t t = 0; t < n; t++)
		if (r->state[t] == HEDDLE_RUNNING)
			r->state[t] = HEDDLE_READY;
}

/* The ready ones, to one worker after the other. */
static void
give_roots(struct rig *r)
{
	uint32_t n = r->sample->graph->ntasks, w = 0;

	for (heddle_task t = 0; t < n; t++)
		if (!r->left[t] && r->state[t] != HEDDLE_ENDED) {
			give(r, w, &t, 1);
			w = (w + 1) % r->sample->graph->nworkers;
		}
}

int
rig_open(struct rig *r, const struct heddle_scheduler *def, const struct heddle_arg *arg,
	 const struct sample *sample, uint64_t seed, const struct rig *before)
{
	memset(r, 0, sizeof(*r));
	r->def = def;
	r->sample = sample;
	r->host = (struct heddle_host){
		.size = sizeof(r->host), .self = r, .fail = host_fail,
		.levels = host_levels, .priority = host_priority, .cost = host_cost,
		.move = host_move, .state = host_state, .seed = seed,
	};
	make_room(r);
	if (before)
		join(r, before);
	for (uint32_t t = 0; t < sample->graph->ntasks; t++)
		if (!r->left[t] && r->state[t] == HEDDLE_BLOCKED)
			r->state[t] = HEDDLE_READY;
	r->self = def->open(&r->host, sample->graph, arg);
	if (!r->self)
		return -1;
	give_roots(r);
	return 0;
}

void
rig_close(struct rig *r)
{
	if (r->self)
		r->def->close(r->self);
	free(r->state);
	free(r->kept);
	free(r->came);
	free(r->left);
	free(r->batch);
	free(r->runs);
	free(r->until);
	memset(r, 0, sizeof(*r));
}

/* ---- real threads ----------------------------------------------------- */

/*
 * What all workers touch stands in atomics: left and kept by their own
 * operations, state by plain stores of one owner at a time (custody passes it
 * on).  A worker that hears NONE yields and asks again, until all have ended
 * or, for a while, nobody has.
 */
struct threads {
	struct rig *rig;
	_Atomic uint32_t nended, nfaults;
	pthread_mutex_t lock;		/* of the rig's faults */
};

struct worker {
	struct threads *all;
	uint32_t index;
	heddle_task *batch;
	pthread_t thread;
};

static void
blame_locked(struct threads *a, heddle_task t, int was_kept)
{
	struct rig *r = a->rig;

	pthread_mutex_lock(&a->lock);
	if (t < r->sample->graph->ntasks && !was_kept)
		blame(r, __atomic_load_n(&r->left[t], __ATOMIC_RELAXED) ? RIG_EARLY : RIG_TWICE, t);
	else
		blame(r, RIG_INVENTED, t);
	pthread_mutex_unlock(&a->lock);
	a->nfaults++;
}

static void
finish(struct worker *me, heddle_task t)
{
	struct rig *r = me->all->rig;
	const struct heddle_graph *g = r->sample->graph;
	uint32_t n = 0;

	if (r->def->done)
		r->def->done(r->self, me->index, t, sample_length(r->sample, t));
	for (uint64_t i = g->succ_at[t]; i < g->succ_at[t + 1]; i++)
		if (__atomic_sub_fetch(&r->left[g->succ[i]], 1, __ATOMIC_ACQ_REL) == 0) {
			__atomic_store_n(&r->kept[g->succ[i]], 1, __ATOMIC_RELEASE);
			me->batch[n++] = g->succ[i];
		}
	if (n)
		r->def->ready(r->self, me->index, me->batch, n);
	me->all->nended++;
}

static void *
work(void *self)
{
	struct worker *me = self;
	struct threads *a = me->all;
	struct rig *r = a->rig;
	uint32_t n = r->sample->graph->ntasks, seen = 0;
	uint64_t since = clock_now();

	while (a->nended < n && !a->nfaults) {
		heddle_task t = r->def->next(r->self, me->index);
		int kept = t < n && __atomic_exchange_n(&r->kept[t], 0, __ATOMIC_ACQ_REL);

		if (kept) {
			finish(me, t);
		} else if (t != HEDDLE_NONE) {
			blame_locked(a, t, kept);
		} else {
			if (seen != a->nended) {
				seen = a->nended;
				since = clock_now();
			}
			if (clock_now() - since > PATIENCE_S * UINT64_C(1000000000))
				break;
			sched_yield();
		}
	}
	return NULL;
}

void
rig_threads(struct rig *r)
{
	uint32_t nworkers = r->sample->graph->nworkers, n = r->sample->graph->ntasks;
	struct threads all = { .rig = r };
	struct worker *w = xcalloc(nworkers, sizeof(*w));

	pthread_mutex_init(&all.lock, NULL);
	for (uint32_t i = 0; i < nworkers; i++) {
		w[i] = (struct worker){ .all = &all, .index = i };
		w[i].batch = xcalloc(n, sizeof(*w[i].batch));
		if (pthread_create(&w[i].thread, NULL, work, &w[i])) {
			snprintf(r->said, sizeof(r->said), "no thread is to be had");
			blame(r, RIG_LOST, 0);
			nworkers = i;
		}
	}
	for (uint32_t i = 0; i < nworkers; i++)
		pthread_join(w[i].thread, NULL);
	for (heddle_task t = 0; !all.nfaults && t < n; t++)
		if (r->kept[t])
			blame(r, RIG_LOST, t);
	for (uint32_t i = 0; i < r->sample->graph->nworkers; i++)
		free(w[i].batch);
	pthread_mutex_destroy(&all.lock);
	r->nended = all.nended;
	free(w);
}
