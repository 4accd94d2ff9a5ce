/* SPDX-License-Identifier: MIT */
/* live - all of a run's now, in one block without pointers that anyone may map and read. */

#ifndef CORE_RUN_LIVE_H
#define CORE_RUN_LIVE_H

#include <heddle.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/run/log.h"

/*
 * The block lies in a memfd: head, workers, counters, rare counters, words.
 * Writers: each worker its own rows (relaxed stores), the run under its lock
 * the rest.  Readers sample: nothing here is a lock, nobody waits.
 *
 * A task's word: below 2^28 the number of its unfinished predecessors (0:
 * ready); else its state in the top 4 bits (enum word_state).
 *
 * Counters only grow: per worker and group {readied, ended}, and rare ones
 * per group.  With running taken from the workers' rows,
 *	ready (with held) = readied + again - ended - running
 *	done = ended - again - failed - stopped
 *	blocked = n - readied - skipped
 * A reader takes ended first, then running, then readied, the reverse of a
 * task's life, so no difference is negative.  A worker clears its row's task
 * before it counts the end.
 */
enum word_state {
	WORD_READY = 0,			/* < 8 << 28: blocked, or ready at 0 */
	WORD_RUNNING = 8, WORD_DONE, WORD_FAILED, WORD_SKIPPED, WORD_HELD,
	WORD_STOPPED			/* ended early on request */
};
enum { WORD_SHIFT = 28 };
#define WORD_COUNT ((1u << WORD_SHIFT) - 1)	/* most predecessors */

static inline unsigned
word_state(uint32_t word)
{
	return word >> WORD_SHIFT;
}

/* A task's state as shown, from its word. */
enum task_state {
	TASK_BLOCKED, TASK_READY, TASK_RUNNING, TASK_DONE, TASK_FAILED,
	TASK_SKIPPED, TASK_HELD, TASK_STOPPED, TASK_STATES
};
extern const char *const task_state_names[TASK_STATES];
extern const char task_state_marks[TASK_STATES + 1];	/* ".o>#x-o!" : blocked . ready o running > ... */
enum task_state task_state_of(uint32_t word);

enum run_status {
	RUN_PLANNED, RUN_RUNNING, RUN_PAUSED, RUN_STOPPING,
	RUN_OK, RUN_FAILED, RUN_STOPPED, RUN_STUCK, RUN_STATES
};
extern const char *const run_status_names[RUN_STATES];	/* "ok" "failed" ... */

struct live_worker {			/* lines of its own */
	_Alignas(128) _Atomic uint32_t task;	/* HEDDLE_NONE: none */
	_Atomic uint32_t attempt;
	_Atomic uint32_t class;		/* enum run_class: RUN_CPU in a task, OFF .. DEP parked, OVH between */
	_Atomic uint32_t tid;		/* kernel thread id; 0: has ended */
	_Atomic uint64_t since;		/* ns of the run's clock: the task's or the class's start */
	_Atomic uint64_t ns[CLASS_N];	/* of ended rows; RUN_CPU holds all of run */
	_Atomic uint64_t cpu;		/* CPU ns while in tasks: thread's at its last look, and children's */
	_Atomic uint64_t ntasks;	/* rows of tasks */
	_Atomic uint64_t start, end;	/* when it began (0: has not; 1: with the run), when it left (0: has not) */
	_Atomic uint32_t progress;	/* of its task, 1/10000; 0: not told */
};

struct live_count {			/* of one worker, for one group */
	_Atomic uint32_t readied, ended;
};
struct live_rare {			/* of a group, any writer under the run's lock */
	_Atomic uint32_t failed, skipped, stopped, retried;
	_Atomic uint32_t held;		/* now, of the ready ones */
	_Atomic uint32_t again;		/* times one that had ended badly was made ready once more */
};

enum { LIVE_NAME = 64, LIVE_VERSION = 1 };
#define LIVE_MAGIC 0x6576696c64646568ull	/* "heddlive" */

struct live_head {
	uint64_t magic;
	uint32_t version, head_size;
	uint64_t size;			/* of the block */
	uint32_t nworkers, ngroups, ntasks;	/* nworkers: rows; those in use: workers */
	int32_t pid;
	uint64_t nedges;
	uint64_t workers_at, counts_at, rare_at, words_at;	/* offsets; counts: [worker][group] */
	char job[LIVE_NAME], executor[LIVE_NAME];
	char scheduler[LIVE_NAME];	/* changes under seq */
	_Atomic uint32_t seq;		/* odd while scheduler is rewritten */
	_Atomic uint32_t status;	/* enum run_status */
	_Atomic uint32_t exit;		/* enum exit_code, once over */
	_Atomic uint32_t workers;	/* wanted now */
	uint64_t wall_start;		/* ns since the epoch */
	uint64_t clock_start;		/* clock_now() at the run's 0 */
	_Atomic uint64_t end;		/* run's clock at its end; 0: goes on */
	_Atomic uint64_t held, held_bytes, held_peak, held_bytes_peak;	/* values kept for someone */
	_Atomic uint32_t done, failed, skipped, stopped, cached, retried;	/* tasks; set at the end */
	_Atomic uint32_t cover;		/* k: most tasks that can ever run at once from here, a bound */
	_Atomic uint32_t nheld;		/* tasks held now */
	uint64_t plan_ns;		/* what planning took */
};

static inline const struct live_worker *
live_workers(const struct live_head *h)
{
	return (const void *)((const char *)h + h->workers_at);
}
static inline const struct live_count *
live_counts(const struct live_head *h, uint32_t worker)
{
	return (const struct live_count *)(const void *)((const char *)h + h->counts_at) +
	       (size_t)worker * h->ngroups;
}
static inline const struct live_rare *
live_rare(const struct live_head *h)
{
	return (const void *)((const char *)h + h->rare_at);
}
static inline const _Atomic uint32_t *
live_words(const struct live_head *h)
{
	return (const void *)((const char *)h + h->words_at);
}

/* Make a block for so many; 0 or -1 with errno.  *fd is the memfd. */
struct graph;
int live_new(struct live_head **, int *fd, const struct graph *, uint32_t nworkers);
/* Map one that somebody else writes, read-only; checks magic, version, size.  NULL with errno. */
const struct live_head *live_map(int fd);
void live_free(const struct live_head *, int fd);	/* NULL, -1: fine */

/* The scheduler's name changes in mid-run: written by one at a time, read by
 * anyone, whole. */
void live_set_scheduler(struct live_head *, const char *);
void live_scheduler(const struct live_head *, char out[LIVE_NAME]);

/* What groups hold now, summed over workers as the comment above says; every
 * field of every group, ngroups rows.  Running tasks are counted from the
 * workers' rows. */
struct live_sum { uint32_t blocked, ready, held, running, done, failed, skipped, stopped, retried; };
void live_sums(const struct live_head *, const struct graph *, struct live_sum *out);

#endif
