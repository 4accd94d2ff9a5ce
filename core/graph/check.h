/* SPDX-License-Identifier: MIT */
/* check - every id, place and name of a graph lies where it must, so that none can lead astray. */

#ifndef CORE_GRAPH_CHECK_H
#define CORE_GRAPH_CHECK_H

struct graph;

/* For a graph from outside whose arrays have their lengths.  NULL, or what is
 * wrong.  O(V + E). */
const char *graph_check(const struct graph *);

#endif
