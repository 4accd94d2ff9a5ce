/* SPDX-License-Identifier: MIT */
/* draft - inside a build: what the passes between the last task and the sealed graph share. */

#ifndef CORE_GRAPH_DRAFT_H
#define CORE_GRAPH_DRAFT_H

#include <stddef.h>

#include "core/graph/build.h"

/*
 * Tasks are appended, so the ids of making are a topological order of the
 * inputs.  Order edges wait in a list of their own until sealing, where
 * draft_merge puts them behind the inputs, draft_sort renumbers if it must,
 * and draft_optimise drops what is not needed.  All three keep was and now,
 * so that groups and parts, which speak in ids of making, need no rewriting.
 */
struct draft_order {
	heddle_task before, after;
};

struct draft_segment {			/* tasks first .. the next one's first - 1 */
	heddle_task first;
	uint32_t group;
	uint32_t place;			/* of the first one in its group */
};

struct draft_group {
	uint32_t name, node;
	uint32_t all;			/* tasks in its closed segments */
};

struct draft_meta {
	uint32_t node, key, value;
};

struct build {
	/* a row a task, captasks of them; a row an edge, cappreds */
	uint32_t ntasks, captasks;
	uint64_t npreds, cappreds;
	uint64_t *pred_at;		/* captasks + 1 */
	heddle_task *pred;
	uint32_t *nsucc;
	uint16_t *kernel_of;
	uint32_t *par;			/* NULL: none has any */
	uint64_t *expect;		/* NULL: of none */
	uint32_t *nin;			/* NULL until order edges are merged */

	unsigned char *pars;
	uint64_t npars, cappars;
	uint32_t last_par;		/* place of the last one made */

	char *text;
	uint64_t ntext, captext;
	uint32_t *word;			/* hash of the texts there: offsets */
	size_t nwords, capwords;

	struct draft_order *order;
	size_t norders, caporders;
	struct draft_segment *segment;
	size_t nsegments, capsegments;
	struct draft_group *group;
	size_t ngroups, capgroups;
	struct graph_kernel *kernel;
	size_t nkernels, capkernels;
	struct graph_node *node;	/* part, group not filled yet but for part, nparts */
	size_t nnodes, capnodes;
	uint32_t *part;
	size_t nparts, capparts;
	struct draft_meta *meta;
	size_t nmeta, capmeta;
	int is_scattered;		/* a group or a node was left and come back to */
	int has_goal;

	/* after renumbering or dropping; NULL: ids of making */
	uint32_t *was;			/* ntasks: id -> id of making */
	uint32_t *now;			/* nmade: id of making -> id, or HEDDLE_NONE */
	uint32_t nmade;
	uint32_t nshared;		/* dropped for an equal one */
};

/* The segment of a task by its id of making; O(log segments). */
const struct draft_segment *draft_segment(const struct build *, heddle_task made);

/* The same, fast where hint (0 at first) says it was the last time. */
const struct draft_segment *draft_near(const struct build *, heddle_task made, size_t *hint);

static inline heddle_task
draft_made(const struct build *b, heddle_task t)
{
	return b->was ? b->was[t] : t;
}

/* "count/17" of a task by its id of making, into buf. */
const char *draft_name(const struct build *, heddle_task made, char buf[GRAPH_NAME]);

/* Put order edges behind the inputs; a repeat, or one that is an input
 * already, adds nothing. */
void draft_merge(struct build *);

/* Renumber so that ids are a topological order, and groups ranges, if they
 * are not.  0, or -1 and err with a cycle's path. */
int draft_sort(struct build *, struct err *) __attribute__((warn_unused_result));

/* Share and cull as build_seal says. */
void draft_optimise(struct build *, unsigned optimise);

/* Successors of n tasks, ascending; nsucc is how many each has.  at: n + 1. */
void draft_succ(uint32_t n, const uint64_t *pred_at, const heddle_task *pred,
		const uint32_t *nsucc, uint64_t *at, heddle_task *succ);

/* Fill links and the levels of groups; group_of: task -> group. */
void draft_links(struct graph *, const uint32_t *group_of);

/* Arrays into a sealed graph; the build is empty but for its struct. */
struct graph *draft_graph(struct build *);

#endif
