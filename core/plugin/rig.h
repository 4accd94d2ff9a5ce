/* SPDX-License-Identifier: MIT */
/* rig - a small host: one scheduler over one sample graph, in virtual time. */

#ifndef CORE_PLUGIN_RIG_H
#define CORE_PLUGIN_RIG_H

#include <heddle.h>
#include <stdint.h>

#include "core/plugin/sample.h"

struct err;

enum rig_fault {			/* what a scheduler can answer wrongly */
	RIG_TWICE,			/* a task that it had given back already */
	RIG_EARLY,			/* a task that is not ready */
	RIG_INVENTED,			/* a task that is not */
	RIG_LOST,			/* nothing runs, it keeps tasks and gives none */
	RIG_FAULTS
};

struct rig {
	const struct heddle_scheduler *def;
	const struct sample *sample;
	struct heddle_host host;
	void *self;			/* what open gave */
	unsigned char *state;		/* of each task: enum heddle_state */
	unsigned char *kept;		/* is it with the scheduler? */
	uint32_t *left;			/* inputs that are not done */
	heddle_task *batch;		/* room to tell what became ready */
	heddle_task *runs;		/* of each worker, or HEDDLE_NONE */
	uint64_t *until;		/* when that ends */
	uint64_t now;
	uint32_t nkept, nrunning, nended, ngiven;
	uint32_t back;			/* each back-th start comes back once; 0: none */
	unsigned char *came;		/* has it come back? */
	uint64_t order;			/* a hash of who was given what, in turn */
	uint64_t spent, ncalls;		/* ns in its calls, clock readings included */
	uint32_t fault[RIG_FAULTS];	/* how many */
	heddle_task first[RIG_FAULTS];
	char said[200];			/* by host->fail */
};

/*
 * Open; the roots are given at once, to one worker after the other.  With
 * before, a rig on the same sample, it joins in the middle: what is ready or
 * runs there goes on here, and before is left with nothing to do.  -1: open
 * gave nothing; said is why.
 */
int rig_open(struct rig *, const struct heddle_scheduler *, const struct heddle_arg *,
	     const struct sample *, uint64_t seed, const struct rig *before);

/* Ask the idle workers, then end the task that ends next.  0: it is over. */
int rig_step(struct rig *);

void rig_close(struct rig *);		/* closes the scheduler too */

/* Run to the end with real threads, one a worker: for HEDDLE_CONCURRENT.
 * Faults as above. */
void rig_threads(struct rig *);

#endif
