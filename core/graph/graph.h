/* SPDX-License-Identifier: MIT */
/* graph - tasks, edges, groups and nodes, sealed: arrays that any thread may read for ever. */

#ifndef CORE_GRAPH_GRAPH_H
#define CORE_GRAPH_GRAPH_H

#include <heddle.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct text;

/*
 * A task is (kernel, parameter bytes, predecessors).  Ids are a topological
 * order: every predecessor has a smaller id.  The graph owns tasks, edges and
 * names; everyone else holds an id.  Nothing in the arrays is a pointer (names
 * are offsets), so a graph can be written to a file and mapped back; a mapped
 * graph has no kernels to run, but reads and draws as any other.
 *
 * csr.pred of a task: first its inputs, in argument order, then predecessors
 * that are order alone (after, files).  csr.succ: ascending.
 */
enum { GRAPH_NONE = UINT32_MAX };

struct graph_kernel {
	uint32_t plugin, name;			/* text */
	uint32_t flags;				/* HEDDLE_PURE ... */
	uint32_t ntasks;			/* how many run it */
	const struct heddle_kernel *def;	/* NULL in a mapped graph */
};

/* What the keys of a node say about each of its tasks. */
struct graph_attr {
	int32_t priority;
	uint32_t cores;			/* 1 unless said */
	uint32_t pool;			/* text: the name of a pool; 0: none */
	uint32_t tokens;		/* of that pool */
	uint32_t retries;
	uint32_t nbackoff;		/* the last one stands for all further attempts */
	uint64_t backoff[4];		/* ns */
	uint64_t timeout, grace;	/* ns; timeout 0: none */
	uint64_t expect;		/* ns; 0: no idea */
};

/* Tasks first .. first + n - 1 (contiguous), or, where groups interleave
 * (graph.group_of is set), n tasks of which first is the lowest. */
struct graph_group {
	uint32_t name;			/* text */
	uint32_t first, n;
	uint32_t node;
	uint32_t all;			/* tasks before culling; 1: its task is named as the group alone */
	uint32_t index;			/* places before culling stand at graph.index[index + i];
					   GRAPH_NONE: task first + i is in place i */
	uint32_t member;		/* see graph.member */
	uint32_t level;			/* of its shallowest task, for drawing left to right */
	uint32_t flags;			/* of its kernels, or'ed */
};

struct graph_node {
	uint32_t name, kind;		/* text; kind 0: it gives nothing */
	uint32_t plugin, op;		/* text */
	uint32_t file, line;		/* text; where it was written */
	uint32_t part, nparts;		/* graph.part[part ..]: tasks, in chunk order */
	uint32_t meta, nmeta;		/* graph.meta[2 * (meta + i)]: key, value; text */
	uint32_t group, ngroups;	/* its groups are neighbours */
	uint32_t goal;			/* its values are kept and told */
	struct graph_attr attr;
};

/* Edges between two groups, for drawing: all edges from a task of one to a
 * task of the other; ordered by to, then from. */
struct graph_link {
	uint32_t from, to;		/* groups */
	uint64_t n;			/* edges */
	uint32_t fan_in, fan_out;	/* most edges into one task of to / out of one of from */
};

struct graph {
	struct heddle_graph csr;	/* ntasks, pred, succ, expect; nworkers is 0 */
	uint64_t nedges;
	uint16_t *kernel_of;		/* task -> kernel[] */
	uint32_t *par;			/* task -> place in pars, in units of 16 bytes; NULL: none has any */
	uint32_t *nin;			/* task -> how many of its predecessors are inputs; NULL: all */
	uint16_t *group_of;		/* NULL: groups are ranges, ordered by first */
	uint32_t *nth;			/* with group_of: task -> its number i in its group */
	uint32_t *member;		/* with group_of: tasks of group g, ascending, from group[g].member on */
	uint32_t *group_at;		/* task / 64 -> group of the first task there */
	uint32_t *index;
	uint32_t *part;
	uint32_t *meta;
	char *text;			/* NUL-terminated names; offset 0 is "" */
	unsigned char *pars;		/* at each place: u64 n, u64 0, then n bytes */
	struct graph_kernel *kernel;
	struct graph_group *group;
	struct graph_node *node;
	struct graph_link *link;
	uint32_t nkernels, ngroups, nnodes, nlinks;
	uint32_t nindex, nparts, nmeta;
	uint64_t ntext, npars;
	uint64_t before_tasks, before_edges;	/* as the collections made it */
	uint32_t nshared;		/* tasks that another one, equal, stands for */
	unsigned has_values;		/* does any kernel make a value? */
	unsigned has_resources;		/* does any node want cores > 1 or a pool? */
	void *map;			/* mapped graph: the mapping */
	size_t nmap;
};

void graph_free(struct graph *);	/* NULL is fine */

static inline const char *
graph_text(const struct graph *g, uint32_t at)
{
	return g->text + at;
}

/* The group of a task; O(1) but for groups under 64 tasks. */
static inline uint32_t
graph_group_of(const struct graph *g, heddle_task t)
{
	uint32_t i;

	if (g->group_of)
		return g->group_of[t];
	for (i = g->group_at[t / 64]; t >= g->group[i].first + g->group[i].n; i++)
		;
	return i;
}

static inline uint32_t
graph_npred(const struct graph *g, heddle_task t)
{
	return (uint32_t)(g->csr.pred_at[t + 1] - g->csr.pred_at[t]);
}

static inline uint32_t
graph_nin(const struct graph *g, heddle_task t)
{
	return g->nin ? g->nin[t] : graph_npred(g, t);
}

/* Expected time of a task, ns; 0: no idea. */
static inline uint64_t
graph_expect(const struct graph *g, heddle_task t)
{
	return g->csr.expect ? g->csr.expect[t] : 0;
}

struct heddle_bytes graph_par(const struct graph *, heddle_task);
const struct graph_attr *graph_attr(const struct graph *, heddle_task);

/* Place of a task in its group as it was made; what `{i}`-less names say. */
uint32_t graph_index(const struct graph *, heddle_task);

/* "count/17", or "index" for the only task of a group; into buf, which it
 * returns.  Never fails: long names are cut with "...". */
enum { GRAPH_NAME = 160 };
const char *graph_name(const struct graph *, heddle_task, char buf[GRAPH_NAME]);

/* The i-th task of a group (0 <= i < n). */
heddle_task graph_nth(const struct graph *, uint32_t group, uint32_t i);

/* The task called "count/17" or "index"; GRAPH_NONE. */
heddle_task graph_find(const struct graph *, const char *name);

/* The group or node called so; GRAPH_NONE. */
uint32_t graph_find_group(const struct graph *, const char *name);
uint32_t graph_find_node(const struct graph *, const char *name);

/* Value of a node's meta key, or NULL. */
const char *graph_node_meta(const struct graph *, uint32_t node, const char *key);

/* A text that is the same for equal graphs whatever made them: one line a
 * task, "name plugin.kernel inputs | order alone".  For tests. */
void graph_write(const struct graph *, struct text *);

/* Write to a file (by temporary name and rename) and map back, read-only.
 * 0 or -1 and err: EXIT_ENV; a file that is no graph, of another version or
 * cut is told in words. */
int graph_save(const struct graph *, const char *path, struct err *)
	__attribute__((warn_unused_result));
int graph_map(struct graph **, const char *path, struct err *)
	__attribute__((warn_unused_result));

#endif
