/* SPDX-License-Identifier: MIT */
/* hold - resources: tasks that are ready and wait for tokens, in order. */

#ifndef CORE_RUN_HOLD_H
#define CORE_RUN_HOLD_H

#include <heddle.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct graph;
struct settings;

/*
 * Resource 0 is `cores`, with as many tokens as workers; the others are the
 * job's pools.  A task that does not fit waits in the queue of the first
 * resource it lacks, higher rank first, else in order of coming.  Nothing that
 * needs a resource overtakes what waits for it, so nothing starves; all else
 * goes on.  Callers hold the run's lock.
 */
struct hold_entry {
	double rank;			/* higher first */
	uint64_t seq;
	heddle_task task;
};
struct hold_queue {
	const char *name;
	int32_t all, free;		/* tokens; free < 0 after workers were taken away */
	struct hold_entry *heap;
	size_t n, cap;
};
struct hold {
	const struct graph *graph;
	struct hold_queue *queue;
	uint32_t nqueues;
	uint32_t *pool_of;		/* node -> queue of its pool, 0: none */
	int uses_cores;			/* does any node want more than one? */
	int is_used;			/* is there anything to check at all? */
	uint64_t seq;
	uint32_t nheld;
};

/* 0, or -1 and err (EXIT_GRAPH) for a task that wants more than there is. */
int hold_init(struct hold *, const struct graph *, const struct settings *, struct err *)
	__attribute__((warn_unused_result));
void hold_fini(struct hold *);

/* Take the tokens of a task: 1; or put it in a queue: 0. */
int hold_take(struct hold *, heddle_task, double rank);
/* Give them back. */
void hold_give(struct hold *, heddle_task);
/* The next task that fits now, with its tokens taken; HEDDLE_NONE. */
heddle_task hold_admit(struct hold *);
/* Does it wait here?  Take it out. */
int hold_remove(struct hold *, heddle_task);
/* The number of workers has changed. */
void hold_resize(struct hold *, uint32_t workers);
/* What a waiting task lacks: "cores 4 > 2 free"; "" if it does not wait. */
const char *hold_why(const struct hold *, heddle_task, char *buf, size_t n);

#endif
