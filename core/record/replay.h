/* SPDX-License-Identifier: MIT */
/* replay - the one reducer: rows become the state of every task at any instant. */

#ifndef CORE_RECORD_REPLAY_H
#define CORE_RECORD_REPLAY_H

#include <stdint.h>

#include "core/run/live.h"
#include "core/run/log.h"

struct graph;

/* Rows of one worker: in chunks (a live or just ended run) or an array. */
struct replay_rows { const struct log *log; const struct log_row *row; uint64_t nrows; };

struct replay;

/* rows is copied (nworkers of them); what they point at must outlive it. */
struct replay *replay_new(const struct graph *, const struct replay_rows *, uint32_t nworkers);
void replay_free(struct replay *);	/* NULL is fine */

/* Take in rows that have come since; for a live run, before each seek. */
void replay_update(struct replay *);

/* Bring the state to instant t (ns).  Forward: O(events between); backward:
 * from the snapshot before (one every max(4096, n/4) events). */
void replay_seek(struct replay *, uint64_t t);

/* At that instant.  A task with a row that ended DONE counts as done; READY
 * once its predecessors are.  skipped cannot be seen from rows before the end
 * and is blocked here. */
enum task_state replay_state(const struct replay *, heddle_task);
void replay_sums(const struct replay *, struct live_sum *out);		/* ngroups rows */
struct replay_worker { uint32_t task; uint32_t class; uint64_t since; };
void replay_workers(const struct replay *, struct replay_worker *out);	/* nworkers rows */

/* Unfinished predecessors of a task at the instant. */
uint32_t replay_left(const struct replay *, heddle_task);

/* Values held and their bytes, now at the instant and the most up to it. */
struct replay_held { uint64_t values, bytes, peak_values, peak_bytes; };
void replay_held(const struct replay *, struct replay_held *out);

/*
 * Do the rows say the same as the block of a run that is over?  Seeks to the
 * end.  What a row cannot know is allowed for: a task that was skipped is
 * blocked or ready in the rows, a held one is ready.  0, or -1 and the
 * differences, at most ten lines, in out.
 */
struct text;
int replay_agrees(struct replay *, const struct graph *, const struct live_head *,
		  struct text *out);

#endif
