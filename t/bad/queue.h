/* SPDX-License-Identifier: MIT */
/* queue - an honest fifo; the plugins around it each bend one thing. */

#ifndef T_BAD_QUEUE_H
#define T_BAD_QUEUE_H

#include <heddle.h>
#include <stdlib.h>

struct queue {
	const struct heddle_host *host;
	const struct heddle_graph *graph;
	heddle_task *ring;		/* ntasks long: a task is in custody once */
	uint32_t head, n;
	uint32_t asked, given;		/* calls of next, tasks given */
};

__attribute__((unused)) static void *
queue_open(const struct heddle_host *host, const struct heddle_graph *g,
	   const struct heddle_arg *arg)
{
	struct queue *q = calloc(1, sizeof(*q));

	(void)arg;
	q->host = host;
	q->graph = g;
	q->ring = calloc(g->ntasks + 1, sizeof(*q->ring));
	return q;
}

__attribute__((unused)) static void
queue_close(void *self)
{
	struct queue *q = self;

	free(q->ring);
	free(q);
}

__attribute__((unused)) static void
queue_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct queue *q = self;

	(void)worker;
	for (uint32_t i = 0; i < n; i++, q->n++)
		q->ring[(q->head + q->n) % (q->graph->ntasks + 1)] = task[i];
}

__attribute__((unused)) static heddle_task
queue_next(void *self, uint32_t worker)
{
	struct queue *q = self;
	heddle_task t;

	(void)worker;
	q->asked++;
	if (!q->n)
		return HEDDLE_NONE;
	t = q->ring[q->head];
	q->head = (q->head + 1) % (q->graph->ntasks + 1);
	q->n--;
	q->given++;
	return t;
}

/* The tables behind a name: what is wrong, and the calls. */
#define SCHEDULER(label, wrong, ...)					\
	static const struct heddle_scheduler scheduler = {		\
		.size = sizeof(scheduler), __VA_ARGS__			\
	};								\
	const struct heddle_plugin heddle_plugin = {			\
		.abi = HEDDLE_ABI,					\
		.size = sizeof(heddle_plugin),				\
		.name = label,						\
		.version = "1",						\
		.about = wrong,						\
		.scheduler = &scheduler,				\
	}

#define HONEST .open = queue_open, .close = queue_close, .ready = queue_ready, .next = queue_next

#endif
