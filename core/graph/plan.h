/* SPDX-License-Identifier: MIT */
/* plan - a job and its plugins become a graph; nothing runs, nothing is read but names and sizes. */

#ifndef CORE_GRAPH_PLAN_H
#define CORE_GRAPH_PLAN_H

#include <stdint.h>

#include "core/graph/graph.h"

struct err;
struct job;
struct shelf;

/*
 * Nodes are planned in the order of their needs (of, after, each, in, {NODE.out};
 * ties in file order); a cycle of nodes is refused as a path with file:line.
 * Checks names, kinds (takes), options and keys of every node; the sentence
 * says file:line and [plugin.op node].  Goals: those of the job, or goal (a
 * NULL-terminated list, NULL: the job's); by default every node that nothing
 * else uses.  0, or -1 and err: EXIT_CONFIG (EXIT_USAGE where the command line
 * said it), EXIT_PLUGIN or EXIT_GRAPH.
 */
int plan_job(struct graph **, const struct job *, struct shelf *,
	     const char *const *goal, struct err *) __attribute__((warn_unused_result));

#endif
