/* SPDX-License-Identifier: MIT */
/* prefix - what is valid of a worker's rows, and of all of them together. */

#ifndef CORE_RECORD_PREFIX_H
#define CORE_RECORD_PREFIX_H

#include <stddef.h>
#include <stdint.h>

#include "core/record/layout.h"
#include "core/run/log.h"

struct graph;
struct past;

/* The rows of one file, in memory. */
struct prefix {
	struct log_row *row;
	uint64_t n;
	size_t size;			/* bytes of the mapping */
};

/*
 * Read record/N: as many rows from its start as are whole, have their CRC and
 * can be (a task there is, a class there is, in order of time).  want says
 * worker, nworkers, graph and wall_start of the head; with another head no
 * row is valid.  -> rows dropped (a torn one counts as one).
 */
uint64_t prefix_open(struct prefix *, int dir, const struct record_head *want, uint32_t ntasks);
void prefix_fini(struct prefix *);

/* Drop rows of tasks with a predecessor that no kept row made done, in all
 * files.  -> rows dropped. */
uint64_t prefix_close_under(struct prefix *, uint32_t nworkers, const struct graph *);

/* The state of a run that was cut short, from its rows, into past->live. */
void past_rebuild(struct past *, const struct record_begin *);

/* Is it whole, and can it be?  after: the end of the row before it. */
int prefix_is_row(const struct log_row *, uint64_t after, uint32_t ntasks);

/* pread as much as there is, n at most; -> bytes. */
size_t prefix_read(int fd, uint64_t at, void *to, size_t n);

#endif
