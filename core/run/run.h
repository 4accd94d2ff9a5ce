/* SPDX-License-Identifier: MIT */
/* run - a graph on its way to done: a state machine without a clock. */

#ifndef CORE_RUN_RUN_H
#define CORE_RUN_RUN_H

#include <heddle.h>
#include <stdint.h>

#include "core/job/job.h"
#include "core/run/live.h"
#include "core/run/log.h"

struct err;
struct graph;
struct keeper;
struct plugin;
struct run;
struct shelf;

struct run_setup {			/* all borrowed for the run's life */
	const struct graph *graph;
	const struct settings *set;
	const struct plugin *scheduler;
	const struct option_given *option;	/* for the scheduler */
	uint32_t noptions;
	struct shelf *shelf;		/* for `scheduler NAME` in mid-run; NULL: refused */
	struct keeper *keeper;		/* NULL: children are not kept */
	const struct log_sink *sink;	/* NULL: nothing is written */
	const char *run_name;		/* HEDDLE_RUN for commands; "" */
	const char *title;		/* shown as the job; NULL: set->name */
	uint64_t plan_ns;
	int listen_fd;			/* where other front ends of this user come; 0: nowhere */
	const char *hello;		/* the line they are met with, its newline too */
};

/* Prepare; opens the scheduler and hands it the roots.  0, or -1 and err
 * (EXIT_PLUGIN, EXIT_GRAPH for a task that wants more than there is). */
int run_new(struct run **, const struct run_setup *, struct err *)
	__attribute__((warn_unused_result));
void run_free(struct run *);		/* after run_join; NULL is fine */

/* ---- for front ends: any thread -------------------------------------- */

/* Start the executor; returns at once, for `sync` too (its one worker is the
 * run thread).  0 or -1 and err (EXIT_ENV). */
int run_start(struct run *, struct err *) __attribute__((warn_unused_result));

/* An eventfd that becomes readable when the run is over. */
int run_fd(const struct run *);
int run_is_over(const struct run *);

/* Wait for the end and for all threads.  -> enum exit_code. */
int run_join(struct run *);

/*
 * A request, as a line of text: pause, go, stop [now], workers N, scheduler
 * NAME [k=v ..], hold|unhold|kill|retry|prioritise TASKS [N], place TASK
 * WORKER, release [auto|off].  TASKS: count/3, count, count/0..99,
 * state:failed.  Applied by the run thread between tasks (before run_start: at
 * once); waits for the answer, one sentence in answer (n bytes).  0, or -1 if
 * it was refused.
 */
int run_ask(struct run *, const char *line, const char *from, char *answer, size_t n);
extern const char *const run_requests[][2];	/* name, what it does; a NULL name ends it */

/* For signal handling: as `stop` (first), `stop now` (again), with the signal
 * that decides the exit code.  Any thread. */
void run_stop(struct run *, int signal);

const struct live_head *run_live(const struct run *);
int run_live_fd(const struct run *);
const struct graph *run_graph(const struct run *);
const struct log *run_logs(const struct run *);	/* one a worker */
uint64_t run_now(const struct run *);		/* ns of its clock; after the end: the end */

/* The scheduler's own words about a task: its rank and place, if it has them.
 * -> bit 1: rank, bit 2: worker. */
enum { RUN_RANK = 1, RUN_WHERE = 2 };
int run_rank(const struct run *, heddle_task, double *rank, uint32_t *worker);

/* Why a held task is held ("cores 4 > 2 free", "pool net 2/2", "retry in 3s",
 * "held by you"), into buf; "" if it is not.  Any thread. */
const char *run_held_by(struct run *, heddle_task, char *buf, size_t n);

/* A task's priority as it was last asked for, else the graph's.  Any thread. */
int32_t run_priority(struct run *, heddle_task);

/* Events so far: a copy of rows from `from` on, at most `most`; texts are the
 * run's.  -> how many. */
uint32_t run_events(struct run *, uint32_t from, struct run_event *out, uint32_t most);
uint32_t run_nevents(const struct run *);

/* The value of a goal's task after the end; {NULL, 0} if it has none.
 * Borrowed until run_free. */
struct heddle_bytes run_value(const struct run *, heddle_task);

/* The one sentence for how it ended, when something went wrong; "" else. */
const char *run_why(const struct run *);
heddle_task run_first_failed(const struct run *);	/* HEDDLE_NONE */

/* ---- for executors: the machine itself -------------------------------- */

/*
 * What worker does next at now.  A task: it is the worker's to run; run_end
 * gives it back.  HEDDLE_NONE: *why is the class to park under, or, with
 * *over set, the run needs this worker no more.
 */
heddle_task run_take(struct run *, uint32_t worker, uint64_t now,
		     enum run_class *why, int *over);

struct run_result {
	enum row_status status;		/* DONE, FAILED or STOPPED */
	uint64_t start, end;		/* ns of the run's clock */
	uint64_t bytes;			/* of its value */
	uint64_t cpu;			/* of its children, ns */
	int code;			/* exit code of a command that failed, or 0 */
	const char *why;		/* FAILED: what was said; borrowed */
};
void run_end(struct run *, uint32_t worker, heddle_task, const struct run_result *);

#endif
