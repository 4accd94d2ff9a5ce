/* SPDX-License-Identifier: MIT */
/* host - a heddle for tests of collections: plans operations, runs their tasks by id. */

#ifndef T_HOST_H
#define T_HOST_H

#include <heddle.h>

/* One plugin, one graph, one thread.  A failed allocation dies. */
struct host;

/* What an operation gave; belongs to the host. */
struct host_node {
	struct heddle_node is;	/* as other operations see it */
	struct host *host;
	char **meta;		/* key, value, key, value ... NULL */
};

/* plugins/NAME.so of the build; NULL if it cannot be loaded. */
struct host *host_open(const char *name);
void host_free(struct host *);		/* NULL is fine */

/* Why the last call here failed; "" if it did not. */
const char *host_why(const struct host *);

/*
 * Plan an operation as node name.  options: name, value, name, value ... NULL.
 * in: nodes of this host (or another's, then to be looked at alone).
 * NULL: refused, host_why says so.
 */
struct host_node *host_plan(struct host *, const char *name, const char *op,
			    const char *const *options,
			    struct host_node *const *in, uint32_t nin);

/* A node that no operation made: n parts with these bytes. */
struct host_node *host_give(struct host *, const char *name, const char *kind,
			    const struct heddle_bytes *part, uint32_t n);

/* Run what has not run.  -1 at the first task that fails. */
int host_run(struct host *);

/* From now on stop() says yes. */
void host_stop(struct host *);

uint32_t host_ntasks(const struct host *);
struct heddle_bytes host_value(const struct host *, heddle_task);
const char *host_group(const struct host *, heddle_task);	/* "count.merge1" */
const heddle_task *host_in(const struct host *, heddle_task, uint32_t *nin);
struct heddle_bytes host_par(const struct host *, heddle_task);
const char *host_kernel(const struct host *, heddle_task);	/* "count"; "" if given */
const char *host_meta(const struct host_node *, const char *key);	/* or NULL */

/* As show() writes it; free() it.  NULL: show refused. */
char *host_show(const struct host_node *, int json, size_t most);

#endif
