/* SPDX-License-Identifier: MIT */
/* log - the fixed record of a run: a row a task or idle stretch, and the sink it is handed to. */

#ifndef CORE_RUN_LOG_H
#define CORE_RUN_LOG_H

#include <heddle.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What a worker's time went into; one class an instant (contract: heddle.1,
 * ACCOUNT).  Rows carry RUN, or for idle rows OFF .. DEP; OVH is what lies
 * between rows. */
enum run_class {
	CLASS_RUN_CPU,		/* in a task, on a core */
	CLASS_RUN_WAIT,		/* in a task that waited: I/O, sleep, lock, child */
	CLASS_OVH,		/* between the decision and the first instruction; results */
	CLASS_OFF,		/* released or paused */
	CLASS_SRC,		/* a task may still make tasks (not before graphs grow) */
	CLASS_RES,		/* a task waits for a resource */
	CLASS_HOLD,		/* the scheduler keeps tasks */
	CLASS_END,		/* nothing is left that could ever need this worker */
	CLASS_DEP,		/* nothing is ready, something is blocked */
	CLASS_N
};
extern const char *const class_names[CLASS_N];	/* "run_cpu" ... */
extern const char class_letters[CLASS_N];	/* for a cell of a timeline: | w v z s r h e d */

/* How a row's task ended. */
enum row_status {
	ROW_DONE, ROW_FAILED, ROW_STOPPED,	/* asked to end, or killed */
	ROW_RETRY				/* failed, and runs again */
};

/*
 * 32 bytes.  Times are ns of the run's clock (0: its start).  A worker's rows
 * are in order and do not overlap; with what lies between them (ovh) they
 * tile [its start, its end].
 */
struct log_row {
	uint64_t start, end;
	uint64_t packed;	/* value bytes << 16 | status << 8 | attempt (1 ..) */
	uint32_t task;		/* HEDDLE_NONE: idle, status is its enum run_class */
	uint32_t crc;		/* CRC32C of the 28 bytes before; filled when written to a file */
};
_Static_assert(sizeof(struct log_row) == 32, "the record's row");

static inline uint64_t row_bytes(const struct log_row *r) { return r->packed >> 16; }
static inline unsigned row_status(const struct log_row *r) { return (r->packed >> 8) & 0xff; }
static inline unsigned row_attempt(const struct log_row *r) { return r->packed & 0xff; }

/*
 * Chunks of one worker's log, in memory for the run's life.  The owner appends
 * (row, then n with release); anyone may read rows below n (acquire).  A full
 * chunk has next set before its successor's first row; sums are ns per class
 * of all rows up to the end of this chunk (RUN_WAIT and RUN_CPU together in
 * RUN_CPU), valid once next is set.
 */
struct log_chunk {
	_Atomic(struct log_chunk *) next;
	_Atomic uint32_t n;
	uint32_t cap;
	uint64_t first;			/* start of its first row */
	uint64_t sums[CLASS_N];
	struct log_row row[];
};
struct log {
	struct log_chunk *_Atomic first;	/* NULL: no row yet */
	struct log_chunk *last;			/* owner only */
	uint64_t sums[CLASS_N];			/* owner only */
	uint64_t end;				/* owner only: end of the last row */
	size_t chunk_bytes;
};

void log_init(struct log *, uint64_t expected_rows);
void log_fini(struct log *);
void log_add(struct log *, uint64_t start, uint64_t end, uint64_t packed, uint32_t task);

/* Walk: {0} starts at the first row; NULL where there is none yet (ask again
 * later: the walk goes on). */
struct log_walk { const struct log_chunk *chunk; uint32_t i; };
const struct log_row *log_next(const struct log *, struct log_walk *);

/* Rare happenings, in order of their time. */
enum event_kind {
	EVENT_START, EVENT_END,		/* of the run */
	EVENT_FAIL,			/* a task failed for good */
	EVENT_RETRY,			/* it failed and will run again */
	EVENT_SKIP,			/* n tasks skipped because of task */
	EVENT_REQUEST,			/* someone asked; text is the line, why the answer */
	EVENT_POLICY,			/* scheduler switched */
	EVENT_COMMAND,			/* a command ended: code, cpu, peak, argv in text */
	EVENT_NOTE,			/* heddle says */
	EVENT_KINDS
};
extern const char *const event_names[EVENT_KINDS];
struct run_event {
	uint64_t at;			/* ns of the run's clock */
	enum event_kind kind;
	uint32_t task, worker;		/* HEDDLE_NONE: none */
	int32_t code;			/* exit code, or 0 */
	uint32_t attempt;
	uint64_t n;			/* EVENT_SKIP: tasks; EVENT_RETRY: ns until; EVENT_COMMAND: cpu ns */
	uint64_t peak;			/* EVENT_COMMAND: bytes */
	char *text;			/* what was said; "" if nothing; owned by the run */
};

/*
 * Where a run's record goes.  All calls come from the run thread, but for
 * sync, which comes from a worker before a task with effects counts as done:
 * it must write this worker's rows before it returns.  All may be NULL.
 */
struct log_sink {
	void *self;
	void (*flush)(void *self, const struct log *logs, uint32_t nworkers);	/* every 50 ms, and at the end */
	void (*sync)(void *self, const struct log *log, uint32_t worker);
	void (*event)(void *self, const struct run_event *);
	/* Path of the log file of a task's attempt; NULL: none is kept. */
	int (*open_log)(void *self, heddle_task, uint32_t attempt);	/* -> O_APPEND fd or -1 */
};

#endif
