/* SPDX-License-Identifier: MIT */
/* topo - one stable topological order, and cycles told as a path. */

#ifndef CORE_GRAPH_TOPO_H
#define CORE_GRAPH_TOPO_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Order n vertices, each behind its predecessors, ties by high (NULL: none)
 * and then by number.  left: how many predecessors each has; used up.
 * -> how many could be ordered; left of the others is not 0. */
uint32_t topo_order(uint32_t n, const uint64_t *succ_at, const uint32_t *succ,
		    uint32_t *left, const uint32_t *high, uint32_t *order);

/* After topo_order found less than n: a cycle, in the order of its edges,
 * starting anywhere.  -> its length; path has room for n. */
uint32_t topo_cycle(uint32_t n, const uint64_t *pred_at, const uint32_t *pred,
		    const uint32_t *left, uint32_t *path);

/* A vertex's name, and where it was written ("": nowhere). */
enum { TOPO_NAME = 160, TOPO_PLACE = 128 };
typedef void topo_tell_fn(const void *user, uint32_t v, char name[TOPO_NAME],
			  char place[TOPO_PLACE]);

/* Say it: "WHAT a cycle: a -> b -> a (x.ini:12, x.ini:20)", cut at ten
 * names; EXIT_GRAPH.  Returns -1. */
int topo_tell(struct err *, const char *what, const uint32_t *path, uint32_t n,
	      topo_tell_fn *, const void *user);

#endif
