/* SPDX-License-Identifier: MIT */
/* width - the degree of parallelism: most tasks of which none needs another. */

#ifndef CORE_GRAPH_WIDTH_H
#define CORE_GRAPH_WIDTH_H

#include <stdint.h>

#include "core/graph/graph.h"

/* Up to so many tasks the true width is computed: the closure takes n * n / 8
 * bytes, 2 MiB, and under a second. */
enum { WIDTH_EXACT = 4096 };

uint32_t width_exact(const struct graph *);

/* A bound from above, O(V + E): into so many chains the graph can be cut. */
uint32_t width_bound(const struct graph *);

#endif
