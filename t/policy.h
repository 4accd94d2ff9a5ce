/* SPDX-License-Identifier: MIT */
/* policy - a heddle for tests of schedulers: small worlds, and a list schedule of them. */

#ifndef T_POLICY_H
#define T_POLICY_H

#include <heddle.h>

#include "core/plugin/option.h"

/* A sealed graph and the host that a scheduler sees.  A failed allocation dies. */
struct world {
	struct heddle_graph graph;
	struct heddle_host host;
	uint64_t *time;			/* of each task; 0: no idea */
	uint64_t *level;
	int32_t *priority;
	uint32_t *unfinished;		/* predecessors that have not ended */
	uint32_t *given;		/* how often next gave it */
	char why[256];			/* what fail was told */
};

/*
 * A graph as text, one word a task, numbered from 0:
 *
 *	10 5 15!3 5<0 20<1 10<3,4
 *
 * is task 2 of 15 ns and priority 3, task 3 of 5 ns after task 0, and so on.
 */
struct world *world_read(const char *text, uint32_t nworkers);

/* ntasks tasks with up to four predecessors each among the 64 before it. */
struct world *world_random(uint32_t ntasks, uint32_t nworkers, uint64_t seed);

/* n sources, merged by `fan` until one is left. */
struct world *world_tree(uint32_t n, uint32_t fan, uint32_t nworkers);

void world_free(struct world *);

/* A scheduler of the build, open on a world: "hlf ties=succ". */
struct policy {
	void *handle;
	const struct heddle_plugin *plugin;
	const struct heddle_scheduler *def;
	struct option_values option;
	struct world *world;
	void *self;
};

void policy_open(struct policy *, const char *text, struct world *);
void policy_close(struct policy *);

/* The order in which its tasks end in virtual time, and what that took. */
struct schedule {
	uint64_t makespan;
	uint32_t held_peak;		/* most values at once that a task still wanted */
	uint32_t ntasks;		/* how many ended */
	heddle_task *order;		/* as started; free() it */
};

/* Run the world to its end: all that end at one instant hand over what became
 * ready, in worker order, then each idle worker asks, lowest first.  unfinished
 * and given are set anew. */
void policy_run(struct policy *, struct schedule *);

#endif
