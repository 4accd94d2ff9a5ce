/* SPDX-License-Identifier: MIT */
/* graphs - small and random graphs to run, with kernels that can be checked. */

#ifndef T_GRAPHS_H
#define T_GRAPHS_H

#include <stdint.h>

#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"
#include "core/run/run.h"

/*
 * A graph from a line: a task a word, "ms" or "ms<pred,pred"; ms is its
 * expected time.  Kernels, by a letter before it: none: 1 + the sum of its
 * inputs, as 8 bytes; b: the same in 64 bytes; f: fails; s: sleeps ms; c: computes for ms
 * of CPU time; r: fails
 * at its first attempt.  One group, "t".
 */
struct graph *graph_of(const char *line, const struct graph_attr *);

/* n tasks in layers of width, 1 to 3 predecessors in the layer before. */
struct graph *graph_random(uint32_t n, uint32_t width, uint64_t seed, char letter);

/* Settings with the built-in defaults, workers and the scheduler's name. */
void settings_of(struct settings *, uint32_t workers);

/* A run of g by a built scheduler ("fifo", or a path), not yet started; fails
 * the test if it cannot be made. */
struct run *run_of(const struct graph *, const struct settings *, const char *scheduler);
struct shelf *test_shelf(void);

/* Every task done once, none before its predecessors, worker logs tile their
 * time, classes sum to workers x wall, the live block agrees.  A sentence, or
 * NULL when all is well. */
const char *check_run(struct run *);

#endif
