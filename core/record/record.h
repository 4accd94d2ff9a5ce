/* SPDX-License-Identifier: MIT */
/* record - the folder of a run: graph, rows, events, logs, summary; written while it runs, read back after. */

#ifndef CORE_RECORD_RECORD_H
#define CORE_RECORD_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "core/run/live.h"
#include "core/run/log.h"

struct err;
struct graph;
struct job;

/*
 * STORE/NNNN/ (0700): job.ini (resolved), graph.bin, record/N (rows of worker
 * N, after a header), events.log (a JSON object a line), logs/TASK.ATTEMPT,
 * begin.bin (what is known before the first task), live.bin (the last live
 * block, written at the end: what `ls` reads), summary.json.  A folder is made
 * by mkdir, which is its lock for the number; its writer holds a flock on it.
 */
struct record;		/* being written */

/* nworkers: as the run begins; rows of more are kept as they come.
 * STORE NULL: nothing is kept; *out is NULL, and that is no failure.
 * 0, or -1 and err (EXIT_ENV). */
int record_new(struct record **, const char *store, const struct job *,
	       const struct graph *, uint32_t nworkers, uint64_t log_most, struct err *)
	__attribute__((warn_unused_result));
void record_free(struct record *);	/* NULL is fine */

const struct log_sink *record_sink(struct record *);	/* NULL record: NULL */
uint32_t record_number(const struct record *);		/* NULL: 0 */
const char *record_dir(const struct record *);		/* absolute; NULL: NULL */

/* The run is over: last rows, live.bin and summary (JSON text) are written by
 * rename.  A write that failed earlier is told here, once.  0 or -1. */
int record_close(struct record *, const struct live_head *, const char *summary,
		 size_t n, struct err *) __attribute__((warn_unused_result));

/* ---- reading ----------------------------------------------------------- */

struct past {				/* a run read back */
	uint32_t number;
	char *dir;
	struct graph *graph;		/* mapped */
	struct live_head *live;		/* a copy; of a run that was cut short: rebuilt from the rows */
	int was_cut;			/* it did not end by itself: no live.bin */
	uint32_t nworkers;		/* that may have rows */
	struct log_row *const *rows;	/* [worker], each the longest valid prefix, closed under predecessors */
	const uint64_t *nrows;
	uint64_t ndropped;		/* rows dropped: torn, damaged, or without their predecessors */
	struct run_event *event;
	uint32_t nevents;
	void *keep;
};

/* 0, or -1 and err: EXIT_USAGE for no such run, EXIT_ENV for a record that
 * cannot be read. */
int past_open(struct past **, const char *store, uint32_t number, struct err *)
	__attribute__((warn_unused_result));
int past_open_dir(struct past **, const char *dir, struct err *)
	__attribute__((warn_unused_result));
void past_free(struct past *);		/* NULL is fine */

/* All runs of a store, newest first; only live.bin (or, cut, the header) is
 * read.  -> malloc'd rows, *n of them; free() it. */
struct past_row {
	uint32_t number;
	uint32_t status;		/* enum run_status; RUN_RUNNING: its process lives; RUN_PLANNED: cut short */
	char job[LIVE_NAME], scheduler[LIVE_NAME], executor[LIVE_NAME];
	uint32_t workers, ntasks, done, failed, skipped, exit;
	uint64_t wall_start, wall_ns, idle_ns, run_ns;	/* idle, run: core time */
	uint64_t held_peak;
};
struct past_row *past_list(const char *store, size_t *n);

/* The log of a task's last attempt (attempt 0) or a given one: its path,
 * malloc'd, or NULL.  Its middle may be a hole (SEEK_DATA). */
char *past_log_path(const char *dir, const struct graph *, heddle_task, uint32_t attempt);

#endif
