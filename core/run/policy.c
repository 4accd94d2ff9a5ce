/* SPDX-License-Identifier: MIT */
/* policy - a scheduler plugin, opened for a run, and the custody of what it was given. */

#include "core/run/policy.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/graph/measure.h"
#include "core/plugin/load.h"
#include "core/run/engine.h"

static int
host_fail(void *self, const char *why)
{
	struct policy *p = self;

	snprintf(p->why, sizeof(p->why), "%s", why ? why : "");
	return -1;
}

static const uint64_t *
host_levels(void *self)
{
	struct policy *p = self;

	if (!p->levels) {
		p->levels = xmalloc((p->csr.ntasks + 1ull) * sizeof(*p->levels));
		measure_levels(p->run->graph, NULL, 1, p->levels);
	}
	return p->levels;
}

static int32_t
host_priority(void *self, heddle_task t)
{
	const struct run *run = ((struct policy *)self)->run;
	_Atomic int32_t *own = run->priority;

	if (t >= run->graph->csr.ntasks)
		return 0;
	return own ? atomic_load_explicit(&own[t], memory_order_relaxed) :
		     graph_attr(run->graph, t)->priority;
}

static uint64_t
host_cost(void *self, heddle_task t, uint32_t worker)
{
	const struct run *run = ((struct policy *)self)->run;

	(void)worker;
	return t < run->graph->csr.ntasks ? graph_expect(run->graph, t) : 0;
}

static uint64_t
host_move(void *self, heddle_task from, heddle_task to, uint32_t w1, uint32_t w2)
{
	(void)self, (void)from, (void)to, (void)w1, (void)w2;
	return 0;	/* values are in one memory */
}

static int
host_state(void *self, heddle_task t)
{
	const struct run *run = ((struct policy *)self)->run;

	if (t >= run->graph->csr.ntasks)
		return HEDDLE_ENDED;
	switch (task_state_of(atomic_load_explicit(&run->word[t], memory_order_relaxed))) {
	case TASK_BLOCKED:
		return HEDDLE_BLOCKED;
	case TASK_READY:
	case TASK_HELD:
		return HEDDLE_READY;
	case TASK_RUNNING:
		return HEDDLE_RUNNING;
	default:
		return HEDDLE_ENDED;
	}
}

int
policy_open(struct policy **out, struct run *run, const struct plugin *plugin,
	    const struct option_given *option, uint32_t noptions, uint32_t nworkers,
	    struct err *err)
{
	struct policy *p = xaligned(_Alignof(struct policy), sizeof(*p));
	char what[128];

	snprintf(what, sizeof(what), "scheduler '%s'", plugin->def.name);
	if (option_parse(&p->args, plugin->scheduler->options, option, noptions,
			 what, NULL, err) < 0) {
		free(p);
		return -1;
	}
	p->plugin = plugin;
	p->ops = plugin->scheduler;
	p->is_concurrent = !!(p->ops->flags & HEDDLE_CONCURRENT);
	p->run = run;
	p->csr = run->graph->csr;
	p->csr.size = sizeof(p->csr);
	p->csr.nworkers = nworkers;
	p->host = (struct heddle_host){
		.size = sizeof(p->host), .self = p, .fail = host_fail,
		.levels = host_levels, .priority = host_priority,
		.cost = host_cost, .move = host_move, .state = host_state,
		.seed = run->set->seed,
	};
	pthread_mutexattr_t adaptive;
	pthread_mutexattr_init(&adaptive);
	pthread_mutexattr_settype(&adaptive, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&p->lock, &adaptive);
	pthread_mutexattr_destroy(&adaptive);

	p->self = p->ops->open(&p->host, &p->csr, p->args.arg);
	if (!p->self) {
		err_set(err, EXIT_PLUGIN, "%s: %s", what,
			p->why[0] ? p->why : "did not open and said no reason");
		policy_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
policy_close(struct policy *p)
{
	if (!p)
		return;
	if (p->self)
		p->ops->close(p->self);
	pthread_mutex_destroy(&p->lock);
	option_fini(&p->args);
	free(p->levels);
	free(p);
}

/* The owner's counter: a plain store is enough, others read it now and then. */
static void
count_up(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_release);
}

/* The lock is held, or the policy needs none. */
static void
hand_over(struct policy *p, struct worker *w)
{
	if (w->done != HEDDLE_NONE) {
		if (p->ops->done)
			p->ops->done(p->self, w->id, w->done, w->done_ns);
		w->done = HEDDLE_NONE;
		if (!p->is_concurrent)
			atomic_fetch_add_explicit(&p->seq, 1, memory_order_relaxed);
	}
	if (!w->npending)
		return;
	if (p->is_concurrent) {
		count_up(&w->readied, w->npending);
	} else {
		atomic_fetch_add_explicit(&p->kept, w->npending, memory_order_relaxed);
		atomic_fetch_add_explicit(&p->seq, 1, memory_order_relaxed);
	}
	p->ops->ready(p->self, w->id, w->pending, w->npending);
	w->npending = 0;
}

void
policy_give(struct policy *p, struct worker *w, const heddle_task *t, uint32_t n)
{
	if (!n)
		return;
	if (p->is_concurrent)
		count_up(&w->readied, n);
	else
		atomic_fetch_add(&p->kept, n);
	atomic_fetch_add(&p->seq, 1);
	p->ops->ready(p->self, w->id, t, n);
}

void
policy_flush(struct policy *p, struct worker *w)
{
	if (!p->is_concurrent)
		pthread_mutex_lock(&p->lock);
	hand_over(p, w);
	if (!p->is_concurrent)
		pthread_mutex_unlock(&p->lock);
}

static heddle_task
step_concurrent(struct policy *p, struct worker *w)
{
	heddle_task t;

	hand_over(p, w);
	t = p->ops->next(p->self, w->id);
	if (t != HEDDLE_NONE)
		count_up(&w->given, 1);
	return t;
}

heddle_task
policy_step(struct policy *p, struct worker *w)
{
	heddle_task t = HEDDLE_NONE;

	if (p->is_concurrent)
		return step_concurrent(p, w);
	if (!w->npending && (w->done == HEDDLE_NONE || !p->ops->done) &&
	    atomic_load_explicit(&p->kept, memory_order_acquire) <= 0) {
		atomic_store_explicit(&w->asked,
			atomic_load_explicit(&p->seq, memory_order_relaxed),
			memory_order_relaxed);
		return HEDDLE_NONE;
	}
	pthread_mutex_lock(&p->lock);
	hand_over(p, w);
	if (atomic_load_explicit(&p->kept, memory_order_relaxed) > 0)
		t = p->ops->next(p->self, w->id);
	if (t != HEDDLE_NONE)
		atomic_fetch_sub_explicit(&p->kept, 1, memory_order_relaxed);
	else
		atomic_store_explicit(&w->asked,
			atomic_load_explicit(&p->seq, memory_order_relaxed),
			memory_order_relaxed);
	pthread_mutex_unlock(&p->lock);
	return t;
}

int64_t
policy_kept(const struct policy *p)
{
	const struct run *run = p->run;
	uint64_t given = 0, readied = 0;

	if (!p->is_concurrent)
		return atomic_load_explicit(&p->kept, memory_order_acquire);
	/* given first: what is kept may then be told too high, never too low */
	for (uint32_t i = 0; i < run->nworkers; i++)
		given += atomic_load_explicit(&run->worker[i].given, memory_order_acquire);
	for (uint32_t i = 0; i < run->nworkers; i++)
		readied += atomic_load_explicit(&run->worker[i].readied, memory_order_acquire);
	return (int64_t)(readied - given);
}
