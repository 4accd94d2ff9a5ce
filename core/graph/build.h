/* SPDX-License-Identifier: MIT */
/* build - a graph in the making: tasks, edges, groups and nodes are added, then it is sealed. */

#ifndef CORE_GRAPH_BUILD_H
#define CORE_GRAPH_BUILD_H

#include <heddle.h>
#include <stdint.h>

#include "core/graph/graph.h"

struct err;

/* Amortised arrays, no allocation a task, no recursion.  One thread. */
struct build;

struct build *build_new(void);
void build_free(struct build *);	/* NULL is fine */

/* What tasks are made of.  Each returns an index. */
uint32_t build_kernel(struct build *, const char *plugin, const struct heddle_kernel *);
uint32_t build_node(struct build *, const char *name, const char *plugin, const char *op,
		    const char *file, uint32_t line, const struct graph_attr *);
/* name: whole, as tasks of it are called ("count", "count.merge1").  Tasks from
 * here on are its; regroup goes on with an older one. */
uint32_t build_group(struct build *, uint32_t node, const char *name);
void build_regroup(struct build *, uint32_t group);

/* A text of the graph to come, each once; 0 for NULL and "".  For attr.pool. */
uint32_t build_text(struct build *, const char *);

/* A task of the last group.  in: its inputs, ids below its own, in argument
 * order, repeats allowed.  -> its id; HEDDLE_NONE and err (EXIT_GRAPH) for an
 * unknown input or one id too many. */
heddle_task build_task(struct build *, uint32_t kernel, struct heddle_bytes par,
		       const heddle_task *in, uint32_t nin, struct err *);
uint32_t build_ntasks(const struct build *);

/* before runs before after; any direction of ids, repeats are counted once.
 * 0, or -1 and err for an unknown id or a task before itself. */
int build_order(struct build *, heddle_task before, heddle_task after, struct err *)
	__attribute__((warn_unused_result));

void build_expect(struct build *, heddle_task, uint64_t ns);

/* What a node gives: its kind and parts; meta. */
void build_give(struct build *, uint32_t node, const char *kind,
		const heddle_task *part, uint32_t n);
void build_meta(struct build *, uint32_t node, const char *key, const char *value);
void build_goal(struct build *, uint32_t node);

/*
 * Check and seal.  Where an order edge goes against ids, tasks are renumbered
 * by one stable topological sort (ties in the order of making); a cycle is
 * refused as a path "a -> b -> a (conf/x.ini:12, conf/x.ini:20)", cut at 10
 * names, EXIT_GRAPH.  optimise is JOB_CULL | JOB_SHARE of core/job/job.h:
 * share makes equal pure tasks one, cull drops what no goal needs (no goal
 * set: nothing is dropped); names keep their places.  The build is empty
 * afterwards.  0 or -1 and err.
 */
int build_seal(struct build *, unsigned optimise, struct graph **, struct err *)
	__attribute__((warn_unused_result));

#endif
