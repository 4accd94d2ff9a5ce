/* SPDX-License-Identifier: MIT */
/* ends - what tasks of a live run have ended since one looked last. */

#ifndef CLI_ENDS_H
#define CLI_ENDS_H

#include <stddef.h>
#include <stdint.h>

#include "core/run/log.h"

struct run;

struct end_row {
	struct log_row row;
	uint32_t worker;
};

/* One thread looks; the run goes on. */
struct ends {
	struct run *run;
	struct log_walk *walk;		/* a worker */
	uint64_t seen;			/* rows of tasks so far, over all workers */
	struct end_row *at;		/* what ends_take brought, by their ends */
	size_t n, cap;
};

void ends_init(struct ends *, struct run *);	/* from the run's start */
void ends_fini(struct ends *);

/* How many rows of tasks have come since; costs a look at each worker. */
uint64_t ends_new(const struct ends *);

/* Bring them into at, or pass over them at a chunk's cost each (n is 0). */
void ends_take(struct ends *);
void ends_skip(struct ends *);

#endif
