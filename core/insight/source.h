/* SPDX-License-Identifier: MIT */
/* source - what is behind a view: a live block, a past run or a plan, and rates kept between fills. */

#ifndef CORE_INSIGHT_SOURCE_H
#define CORE_INSIGHT_SOURCE_H

#include "core/graph/graph.h"
#include "core/insight/view.h"
#include "core/record/record.h"
#include "core/record/replay.h"
#include "core/record/rows.h"

/* What a run tells beside its block and rows; each may be NULL. */
struct source_ops {
	uint64_t (*now)(void *self);
	int (*rank)(void *self, heddle_task, double *rank, uint32_t *worker);	/* as run_rank */
	const char *(*held_by)(void *self, heddle_task, char *buf, size_t n);
	uint32_t (*nevents)(void *self);
	uint32_t (*events)(void *self, uint32_t from, struct run_event *, uint32_t most);
	int32_t (*priority)(void *self, heddle_task);	/* NULL: the graph's */
};

/* Counters at one fill; rates are differences to the newest one that is a
 * second old. */
enum { RATE_SLOTS = 16 };
struct rate_worker { uint64_t run, cpu; };
struct rate {
	uint64_t at, done;
	struct rate_worker *worker;	/* nworkers */
};

/* Parallelism over time: slots of equal width over the whole run; when they
 * are full, neighbours are joined.  Sums of value x ns, and tasks ended. */
struct series_slot { double running, ready, blocked, held, ns; uint64_t done; };
struct series {
	uint64_t width;			/* ns of a slot; 0: nothing yet */
	uint32_t n;
	struct series_slot slot[VIEW_OVER_TIME];
	uint64_t at, run_ns, done;	/* the last sample */
	double ready, blocked, held;
};

/* Tasks in one state, found by looking through the words of their groups, so
 * many a fill; ordered by rank, then id. */
struct found { uint32_t task; double rank; };
struct finder {
	struct found *row;
	size_t n, cap;
	size_t nbest;			/* the first so many are the best yet, in order; 0: not known */
	uint32_t group, i;		/* where the search goes on */
};

/* What rows say of a group. */
struct group_time {
	uint64_t ns, n;			/* of tasks that were done, all or a sample */
	uint64_t expect;		/* mean of what they should take; 0: none says */
	uint64_t nexpect;		/* how many of them say */
};

/* Sums over blocks of a worker's rows, for the timeline. */
struct digest_block { uint64_t sums[CLASS_N]; uint64_t ntasks; };
struct digest {
	struct digest_block *block;	/* [i]: of rows before i * DIGEST_ROWS */
	size_t n, cap;
};
enum { DIGEST_ROWS = 64 };

/* The life of one task, looked for in all rows, so many a fill. */
struct search {
	uint32_t task;			/* HEDDLE_NONE: none yet */
	uint64_t *seen;			/* [worker]: rows looked at */
	uint64_t *is_pred;		/* a bit a task */
	uint32_t npred_done;
	uint64_t ready;			/* end of the last of those */
	const struct log_row *row;	/* its last attempt; NULL: none */
	uint32_t worker;
};

struct view_source {
	const struct graph *graph;
	const struct live_head *live;	/* NULL: a plan */
	const struct past *past;
	void *self;
	struct source_ops ops;
	uint32_t number, nworkers;
	int is_over;			/* it was over at the last fill */
	int is_late;			/* nothing was measured before the first fill */
	int is_counted;			/* of a plan: its sums are made */

	char job[LIVE_NAME], scheduler[LIVE_NAME];	/* of a plan */
	uint32_t workers;
	uint64_t plan_work, plan_span;

	struct rows *rows;		/* [worker] */
	struct digest *digest;		/* [worker]; NULL: no timeline was asked for */
	struct replay *replay;		/* NULL: no past instant was asked for */
	uint64_t *timed;		/* [worker]: rows that are in time[] */
	struct group_time *time;	/* [group] */
	uint32_t *by_level;		/* groups, shallow ones first */
	uint32_t *link_at;		/* [group + 1]: its links in, in link_in */
	uint32_t *link_in;		/* links, by the group they lead to */
	struct live_sum *sums;		/* [group], room for a fill */
	uint64_t *longest;		/* [group], room for a fill */
	struct finder ready, held;
	struct search search;
	struct rate rate[RATE_SLOTS];
	uint32_t nrate;			/* taken so far; the last is at (nrate - 1) % RATE_SLOTS */
	struct series series;
	uint32_t nlooked;		/* events looked through for a failure */
	struct view_event failure;	/* the first; no task: none yet */
};

/* A source on a live block (now) whose rows lie in logs. */
struct view_source *source_new(const struct graph *, const struct live_head *,
			       const struct log *logs, uint32_t number,
			       const struct source_ops *, void *self);

/* The state of a task at the instant that is being filled. */
struct source_at {
	struct view_source *s;
	struct replay *then;		/* NULL: now */
	uint64_t now;
};
enum task_state source_state(const struct source_at *, heddle_task);
uint32_t source_left(const struct source_at *, heddle_task);	/* its unfinished predecessors */

/* The parts of a fill. */
void now_fill(struct view *, const struct source_at *, unsigned want, uint32_t offset);
void then_fill(struct view *, const struct source_at *, unsigned want, uint32_t offset);
void plan_fill(struct view *, struct view_source *, unsigned want, uint32_t offset);

void rates_take(struct view_source *, const struct view *);
void rates_fill(struct view *, const struct view_source *);
void series_take(struct view_source *, const struct view *);
void series_fill(struct view *, struct view_source *);
void series_of_past(struct view_source *);
void times_take(struct view_source *);
void times_fill(struct view *, const struct source_at *);
void waits_fill(struct view *, struct view_source *, uint32_t offset);
void events_fill(struct view *, const struct source_at *);
/* What failed first; NULL: nothing did. */
const struct view_event *first_failure(const struct source_at *);
void running_fill(struct view *, struct view_source *);

/* The ready and the held tasks; v->sum and s->sums say how many there are. */
void ready_fill(struct view *, const struct source_at *, uint32_t offset);
void held_fill(struct view *, const struct source_at *, uint32_t offset);

/* What a worker's rows, cut at an instant, went into. */
struct digest_cut {
	uint64_t row;			/* the first that ends after it */
	uint64_t ns[CLASS_N];
	uint64_t ntasks;		/* that ended by then */
};
/* from: a row that is not behind it (0; a cut before it). */
void digest_until(struct view_source *, uint32_t worker, uint64_t t, uint64_t from,
		  struct digest_cut *);

/* The reducer, made when it is first wanted and with the rows there are. */
struct replay *source_replay(struct view_source *);

/* A task's row in a list; since, note and worker are the caller's. */
void source_task(const struct view_source *, struct view_task *, heddle_task);
uint64_t source_usual(const struct view_source *, heddle_task);	/* mean of its group, else expect, else 0 */

#endif
