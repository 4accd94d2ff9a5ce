/* SPDX-License-Identifier: MIT */
/* policy - a scheduler plugin, opened for a run, and the custody of what it was given. */

#ifndef CORE_RUN_POLICY_H
#define CORE_RUN_POLICY_H

#include <heddle.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/plugin/option.h"

struct err;
struct plugin;
struct run;
struct worker;

/*
 * Calls are serialised by lock unless the plugin says HEDDLE_CONCURRENT.
 * kept is what it was given and has not given back: exact under the lock, a
 * sum over the workers' counters for a concurrent one.
 */
struct policy {
	const struct plugin *plugin;
	const struct heddle_scheduler *ops;
	void *self;
	int is_concurrent;
	struct option_values args;
	struct heddle_graph csr;	/* the graph's, with nworkers */
	struct heddle_host host;
	struct run *run;
	uint64_t *levels;		/* NULL until asked for */
	char why[256];			/* host->fail's text */
	struct policy *retired;		/* the one before it in run.retired */
	_Alignas(128) pthread_mutex_t lock;
	_Atomic int64_t kept;		/* serialised: readable without the lock */
	_Atomic uint64_t seq;		/* counts ready and done */
};

/* Open for nworkers; 0, or -1 and err (EXIT_CONFIG for options, EXIT_PLUGIN). */
int policy_open(struct policy **, struct run *, const struct plugin *,
		const struct option_given *, uint32_t noptions, uint32_t nworkers,
		struct err *) __attribute__((warn_unused_result));
void policy_close(struct policy *);	/* NULL is fine */

/* Give it tasks before the first next, for any worker (the opening thread). */
void policy_give(struct policy *, struct worker *, const heddle_task *, uint32_t n);

/* Hand over what w has pending, then ask for its next task: HEDDLE_NONE, or
 * any number a plugin may answer.  w's thread. */
heddle_task policy_step(struct policy *, struct worker *w);

/* Hand over w's pending tasks alone (too many to keep). */
void policy_flush(struct policy *, struct worker *w);

/* Tasks it keeps; may be a moment old. */
int64_t policy_kept(const struct policy *);

#endif
