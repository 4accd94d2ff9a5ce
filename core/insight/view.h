/* SPDX-License-Identifier: MIT */
/* view - everything a front end shows of a run at one instant, now or then, as plain numbers. */

#ifndef CORE_INSIGHT_VIEW_H
#define CORE_INSIGHT_VIEW_H

#include <heddle.h>
#include <stdint.h>

#include "core/insight/account.h"
#include "core/run/live.h"
#include "core/run/log.h"

struct graph;
struct past;
struct replay;
struct run;

/*
 * A view is filled by view_fill from one of two sources: the live block (now)
 * or the reducer (then).  Filling costs O(what is asked for); nothing in a view
 * points into the run but graph, which is sealed.  Drawing reads views alone.
 */
enum { VIEW_LIST = 64, VIEW_NAME = 96, VIEW_OVER_TIME = 512, VIEW_EVENTS = 64, VIEW_WHY = 6, VIEW_LINE = 200 };

struct view_worker {
	uint32_t task;			/* HEDDLE_NONE: idle */
	enum run_class class;
	uint64_t since;			/* ns it has been so */
	double busy;			/* 0 .. 1, in tasks on a core, over the last second */
	double waiting;			/* 0 .. 1, in tasks that waited, over the last second */
	double progress;		/* < 0: not told */
	char name[VIEW_NAME];		/* of the task, "" */
	uint64_t ntasks;
	struct account account;
};

struct view_group {			/* as struct live_sum, with times */
	uint32_t group;
	struct live_sum sum;
	uint64_t mean;			/* ns of its ended tasks; 0: none ended */
	uint64_t left;			/* ns of work left, by mean, else by expect; 0 with is_left_known 0: no idea */
	int is_left_known;
};

struct view_task {			/* a row of a list */
	uint32_t task;
	uint32_t worker;		/* running on, or placed on; HEDDLE_NONE */
	uint64_t since;			/* running for, ready for (ns; UINT64_MAX: not known) */
	uint64_t expect;		/* ns it should take; 0: no idea */
	double rank;			/* NAN: the scheduler has none */
	char name[VIEW_NAME];
	char note[VIEW_NAME];		/* why it is held; "" */
};

struct view_wait {			/* blocked tasks by the group they wait for */
	uint32_t on;			/* group */
	uint64_t count;			/* tasks of group that wait */
	uint32_t group;
	char on_name[VIEW_NAME], group_name[VIEW_NAME];
	struct live_sum sum;		/* of on */
};

struct view_sample {			/* a column of over-time */
	uint64_t at;			/* its middle, ns */
	double running, ready, blocked, held;	/* averages over the column; held: values */
	double done;			/* tasks ended in it, a second */
};

struct view_event {
	uint64_t at;
	int kind;			/* enum event_kind, or -1: a task ended well */
	char what[16], task[VIEW_NAME], text[VIEW_LINE];
};

/* What a page asks for; the rest of the view is always filled. */
enum {
	VIEW_READY = 1, VIEW_RUNNING = 2, VIEW_WAITS = 4, VIEW_HELD = 8,
	VIEW_SERIES = 16, VIEW_EVENTS_TOO = 32
};

struct view {
	const struct graph *graph;
	char job[LIVE_NAME], scheduler[LIVE_NAME], executor[LIVE_NAME];
	uint32_t number;		/* of the run; 0: not kept */
	enum run_status status;
	int is_then;			/* a past instant; else now */
	uint64_t now;			/* the instant, ns of the run's clock */
	uint64_t end;			/* of the run; 0: not over */
	uint32_t nworkers, workers;	/* rows: wanted or ever begun; wanted */
	uint32_t exit;

	uint64_t ntasks, nedges;
	struct live_sum sum;		/* over all groups: its states sum to ntasks */
	double speedup;			/* work done by wall; 0 before anything ran */
	struct account account;
	uint64_t held, held_bytes, held_peak, held_bytes_peak;
	uint32_t cover;			/* k of the release; 0: not known yet */
	double done_per_s;		/* over the last second */
	uint64_t finish;		/* ns of the run's clock it may end at; 0: no idea */
	uint64_t work_total, span_total;/* ns by what is known, estimates; 0: no idea */

	struct view_worker *worker;	/* nworkers */
	struct view_group *group;	/* graph->ngroups */
	uint32_t nready_list, nrunning_list, nheld_list, nwaits, nevents, nseries;
	uint64_t nready_more, nheld_more;	/* tasks the list left out */
	struct view_task ready[VIEW_LIST], running[VIEW_LIST], held_list[VIEW_LIST];
	struct view_wait waits[VIEW_LIST];
	struct view_event events[VIEW_EVENTS];	/* newest last */
	uint32_t nevents_all;
	struct view_sample series[VIEW_OVER_TIME];
	char why[VIEW_WHY][VIEW_LINE];	/* why idle: sentences for people */
	uint32_t nwhy;
};

/* What is behind a view: keeps rates between fills. */
struct view_source;
struct view_source *view_of_run(struct run *, uint32_t number);
struct view_source *view_of_past(const struct past *);
struct view_source *view_of_graph(const struct graph *, const char *job,
				  const char *scheduler, uint32_t workers);	/* planned, not running */
void view_source_free(struct view_source *);

/* at: an instant (ns of the run's clock), or VIEW_NOW.  v is zeroed before its
 * first use and keeps its arrays between fills.  offset: how many rows of the
 * ready (held, waits) lists to pass over. */
#define VIEW_NOW UINT64_MAX
void view_fill(struct view *, struct view_source *, unsigned want, uint64_t at, uint32_t offset);
void view_fini(struct view *);

/* ---- one task, for the inspector --------------------------------------- */
struct view_life { uint64_t at; char what[16], text[VIEW_LINE]; };
struct view_inspect {
	uint32_t task;
	enum task_state state;
	char name[VIEW_NAME], group[VIEW_NAME], kernel[VIEW_NAME], origin[VIEW_NAME];
	uint32_t worker, attempt;
	uint64_t since, expect, usual;	/* usual: mean of its group, 0: none ended */
	int32_t priority;
	double rank;			/* NAN: none */
	uint32_t npred, nsucc, npred_done;
	uint64_t bytes;			/* of its value, once done */
	struct view_task pred[8], succ[8];	/* first ones; note is their state */
	uint32_t npred_list, nsucc_list;
	char held_by[VIEW_NAME];
	struct view_life life[12];
	uint32_t nlife;
};
void view_inspect(struct view_inspect *, struct view_source *, uint32_t task, uint64_t at);

/* ---- the timeline ------------------------------------------------------- */
/* A cell: what a worker did most of in that slice. */
struct view_cell {
	uint32_t task;			/* HEDDLE_NONE: idle or nothing */
	uint32_t group;			/* of task */
	uint8_t class;			/* enum run_class of it; CLASS_N: not begun or over */
	uint8_t is_start, is_end;	/* does the task start / end in this cell? */
	uint32_t ntasks;		/* tasks that ended in it */
};
/* columns cells of worker from `from` to `to` (ns) into cell; O(columns log n). */
void view_timeline(struct view_source *, uint32_t worker, uint64_t from, uint64_t to,
		   struct view_cell *cell, uint32_t columns);

#endif
