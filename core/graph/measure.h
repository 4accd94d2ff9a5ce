/* SPDX-License-Identifier: MIT */
/* measure - work, span, levels, width: what a graph can give before anyone runs it. */

#ifndef CORE_GRAPH_MEASURE_H
#define CORE_GRAPH_MEASURE_H

#include <stdint.h>

#include "core/graph/graph.h"

struct measure {
	uint32_t levels;		/* tasks on the longest path, counted in tasks */
	uint32_t level_width;		/* tasks of the widest level */
	uint32_t width;			/* most pairwise independent tasks, or a bound from above */
	int width_exact;		/* is it the true width? */
	uint32_t width_low;		/* a bound from below: the true width is not smaller */
	uint64_t work, span;		/* ns, by expect (0 where unknown) */
	uint32_t asap_peak;		/* most tasks at once if each starts as soon as it can */
	uint32_t nunknown;		/* tasks without an expected time */
};

/* O(V + E), no recursion.  times: ns a task, NULL: graph_expect. */
void measure_graph(struct measure *, const struct graph *, const uint64_t *times);

/* ns from a task's start to the last end along the longest path; ntasks
 * numbers into out.  unknown: what a task without a time counts as. */
void measure_levels(const struct graph *, const uint64_t *times, uint64_t unknown,
		    uint64_t *out);

/* Parallelism over time if every task starts as soon as it can: how many run
 * in each of n equal slices of the span (average, into out). */
void measure_profile(const struct graph *, const uint64_t *times, double *out, uint32_t n);

#endif
