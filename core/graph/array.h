/* SPDX-License-Identifier: MIT */
/* array - the arrays of a graph as a table, so that freeing, writing and mapping name none of them. */

#ifndef CORE_GRAPH_ARRAY_H
#define CORE_GRAPH_ARRAY_H

#include <stddef.h>
#include <stdint.h>

struct graph;

struct graph_array {
	void **at;			/* the field of the graph; pages */
	size_t size;			/* of a row */
	uint64_t n;			/* rows, by the graph's counts */
	int is_optional;		/* may it be NULL? */
};

enum { GRAPH_ARRAYS = 21 };

void graph_arrays(struct graph *, struct graph_array row[GRAPH_ARRAYS]);

#endif
