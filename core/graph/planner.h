/* SPDX-License-Identifier: MIT */
/* planner - inside plan_job: the nodes of a job on their way to tasks. */

#ifndef CORE_GRAPH_PLANNER_H
#define CORE_GRAPH_PLANNER_H

#include <heddle.h>
#include <stddef.h>
#include <stdint.h>

#include "core/graph/brace.h"
#include "core/graph/build.h"
#include "core/graph/each.h"

struct err;
struct job;
struct job_key;
struct job_node;
struct plugin;
struct shelf;

/* Order edges one key may ask for.  More is a mistake in the job or wants a
 * task in between. */
enum { MOST_EDGES = 1000000 };

/* One item of `each`; a node that may say each and does not has one, with
 * text NULL. */
struct plan_item {
	const char *text;
	int64_t number;
	char **in, **out;		/* files, NULL-terminated; NULL: none */
	uint32_t nin, nout;
	uint32_t task, ntasks;		/* its tasks: plan_node.made[task ..] */
};

struct plan_made {
	uint32_t item;
	heddle_task task;
};

struct plan_node {
	const struct job_node *def;
	const struct plugin *plugin;
	const struct heddle_op *op;
	uint32_t id;			/* of the build */
	struct graph_attr attr;
	const char *pool;		/* NULL: none */

	/* what it names; indices of nodes */
	uint32_t *of, *after, *need;	/* need: all of them, braces too; repeats */
	size_t nof, capof, nafter, capafter, nneeds, capneeds;
	uint32_t each_of;		/* each = NODE; GRAPH_NONE */
	const struct job_key *each, *in, *out;
	const struct job_key *key_of;	/* the line of `of` */
	int is_used;			/* does another need it? */

	/* what it has become */
	heddle_task first, end;		/* its tasks */
	struct plan_item *item;
	uint32_t nitems;
	struct plan_made *made;
	size_t nmade, capmade;
	struct each items;		/* what item[].text points into */
	unsigned char *inner;		/* a task first + i: has a predecessor, a successor in here */

	/* what it gives */
	char *kind;
	heddle_task *part;
	uint32_t nparts;
	char **meta;			/* key, value, ... */
	size_t nmeta, capmeta;
};

struct plan_file {			/* a row of the files that tasks make */
	char *path;			/* absolute */
	uint32_t node, item;
};

struct plan_want {			/* an edge of the node that is being planned */
	uint32_t from, from_item, to_item;
};

struct planner {
	const struct job *job;
	struct shelf *shelf;
	struct build *build;
	struct plan_node *node;
	uint32_t nnodes;
	uint32_t *name;			/* nodes by name */
	struct plan_file *file;
	size_t nfiles, capfiles;
	uint32_t *slot;			/* hash of file: 1 + row */
	size_t nslots;
	struct plan_want *want;
	size_t nwants, capwants;
};

/* "x.ini:12: [bag.words w]: SENTENCE"; key NULL: where the node begins. */
int plan_bad(struct err *, const struct plan_node *, const struct job_key *, int code,
	     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same before a sentence that is there. */
int plan_bad_in(struct err *, const struct plan_node *, const struct job_key *);

/* The node called so, or GRAPH_NONE; and the complaint that there is none. */
uint32_t plan_find(const struct planner *, const char *name, size_t n);
int plan_no_node(const struct planner *, struct err *, const char *name, size_t n);

/* Plugin, operation, keys and needs of node i.  0, or -1 and err. */
int plan_read(struct planner *, uint32_t i, struct err *) __attribute__((warn_unused_result));

/* Is it a key that every node has? */
int plan_is_key(const char *name);

/* Tasks of node i; those that it needs have theirs. */
int plan_make(struct planner *, uint32_t i, struct err *) __attribute__((warn_unused_result));

/* Items of node i, with their files. */
int plan_items(struct planner *, uint32_t i, struct err *) __attribute__((warn_unused_result));

/* Replace the braces of an item's text. */
int plan_expand(struct planner *, uint32_t node, uint32_t item, enum brace_how, const char *text,
		brace_put *, void *to, struct err *) __attribute__((warn_unused_result));

/* Order edges that node i's keys ask for, once it has its tasks; item_edge asks
 * for one more of the node that is being planned, before or then. */
int plan_edges(struct planner *, uint32_t i, struct err *) __attribute__((warn_unused_result));
int plan_item_edge(struct planner *, uint32_t from, uint32_t from_item,
		   uint32_t to, uint32_t to_item, struct err *) __attribute__((warn_unused_result));

/* Files: who makes what, in once all nodes have their tasks. */
int plan_add_outs(struct planner *, uint32_t i, struct err *) __attribute__((warn_unused_result));
int plan_file_edges(struct planner *, struct err *) __attribute__((warn_unused_result));

#endif
