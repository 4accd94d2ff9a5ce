/* SPDX-License-Identifier: MIT */
/* bench - one collection's operations being planned, and its tasks being run, in a test. */

#ifndef CORE_PLUGIN_BENCH_H
#define CORE_PLUGIN_BENCH_H

#include <heddle.h>
#include <stddef.h>
#include <stdint.h>

struct option_values;
struct plugin;

struct bench_task {
	const struct heddle_kernel *kernel;
	struct heddle_bytes par, value;
	heddle_task *in;
	uint32_t nin;
	int is_run;
};

struct bench_meta {
	char *key, *value;
};

/* What an operation gave. */
struct bench_node {
	char *kind;
	heddle_task *part;
	uint32_t nparts;
	struct bench_meta *meta;
	size_t nmeta, capmeta;
};

/* Zero-initialise with .plugin set. */
struct bench {
	const struct plugin *plugin;
	const struct heddle_op *op;
	struct bench_task *task;
	size_t n, cap;
	struct bench_node *node;
	size_t nnodes, capnodes;
	struct bench_node now;		/* what op gives */
	struct bench_task *at;		/* the one that runs */
	uint64_t until;			/* when running is to stop */
	int has_failed;
	char said[200];			/* by fail */
	char fault[300];		/* what is wrong; "" */
};

/* Note what is wrong; the first fault stands. */
void bench_blame(struct bench *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What plan and kernels call to fail: said is why.  -1. */
int bench_fail(void *bench, const char *why);

/* Plan op; if that went well, plan it again and compare.  0: it gave a new
 * node; 1: it was refused with a reason, or is wrong. */
int bench_plan(struct bench *, const struct option_values *,
	       const struct heddle_node *in, uint32_t nin);

/* Node i's meta, as heddle_node has it: self is a struct bench_node. */
const char *bench_meta(void *self, const char *key);

/* Run tasks that write nothing, by id, as far as time allows, pure ones twice.
 * -> how many ran. */
uint32_t bench_run(struct bench *);

void bench_fini(struct bench *);

#endif
