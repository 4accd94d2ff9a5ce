/* SPDX-License-Identifier: MIT */
/* synth - graphs of known shape, whose tasks do a stated amount of nothing useful. */

#ifndef PLUGINS_COLLECTIONS_SYNTH_SYNTH_H
#define PLUGINS_COLLECTIONS_SYNTH_SYNTH_H

#include <heddle.h>

/* Parameter bytes of every kernel but empty, which has none. */
struct dose {
	uint64_t wait;			/* ns of sleep before anything else */
	uint64_t ns;			/* compute, memory: of the thread's own CPU time */
	uint64_t iterations;		/* compute, memory: if ns is 0 */
	uint64_t bytes;			/* memory: how much is walked through */
};

extern const struct heddle_kernel synth_kernels[];

/* A shape: rows of tasks, numbered from 0 in the order they are made. */
struct shape {
	uint32_t width, steps, radix;	/* as the options say */
	int is_in;			/* tree: merges instead of splitting */
	uint64_t seed;
	/* of the row that is being made */
	uint32_t t;			/* which */
	uint32_t n, nbefore;		/* tasks in it, in the one before */
	uint32_t first, before;		/* the first one of each */
};

struct pattern {
	/* How many rows, and how many tasks in row t. */
	uint32_t (*rows)(const struct shape *);
	uint32_t (*row)(const struct shape *, uint32_t t);
	/* Predecessors of the i-th task of the row, at most most(): -> how many. */
	uint32_t (*preds)(const struct shape *, uint32_t i, uint32_t *pred);
	uint32_t (*most)(const struct shape *);
	/* May the shape be made so?  NULL, or why not. */
	const char *(*refuses)(const struct shape *);
};

/* By the names of operations; NULL if there is none (task, cholesky). */
const struct pattern *synth_pattern(const char *op);

/* A number that depends on its arguments alone, evenly spread. */
uint64_t synth_draw(uint64_t seed, uint64_t place);

#endif
