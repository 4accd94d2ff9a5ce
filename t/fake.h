/* SPDX-License-Identifier: MIT */
/* fake - a graph and a run of it made by a small list scheduler in virtual time, for tests of what reads runs. */

#ifndef T_FAKE_H
#define T_FAKE_H

#include "core/graph/graph.h"
#include "core/run/live.h"
#include "core/run/log.h"

/* A group of n tasks; each task takes the outputs of `fan` random tasks of
 * the groups before (0: it is a root).  fan -1: a chain. */
struct fake_group { const char *name; uint32_t n; int fan; };

/* graph_free() it. */
struct graph *fake_graph(const struct fake_group *, uint32_t ngroups, uint64_t seed);

struct fake {
	struct graph *graph;
	uint32_t nworkers;
	struct log *log;
	struct live_head *live;
	int fd;
	uint64_t now;
	uint64_t seed;
	uint32_t fail_per_mille, retry_per_mille;
	/* inner */
	uint32_t *ready, nready, *left;
	uint64_t *until;
};

/* Before the first task. */
void fake_init(struct fake *, struct graph *, uint32_t nworkers, uint64_t seed);
/* Go on until time t, or to the end (UINT64_MAX); 1 when it is over. */
int fake_run(struct fake *, uint64_t t);
void fake_fini(struct fake *);

uint64_t fake_random(uint64_t *seed);

#endif
