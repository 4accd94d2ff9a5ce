/* SPDX-License-Identifier: MIT */
/* account - where every core-second of a run went. */

#ifndef CORE_INSIGHT_ACCOUNT_H
#define CORE_INSIGHT_ACCOUNT_H

#include <stdint.h>

#include "core/run/live.h"
#include "core/run/log.h"

/* ns[] over all workers sums to total, exactly; total = sum over workers of
 * (its end - its start), which is workers x wall for a run at a fixed width. */
struct account {
	uint64_t ns[CLASS_N];
	uint64_t total;
	uint64_t work;			/* run_cpu + run_wait */
	uint64_t wall;
};

/* Of a live block at its instant now (ns of the run's clock), open intervals
 * counted up to it; one worker (or HEDDLE_NONE: all). */
void account_live(struct account *, const struct live_head *, uint32_t worker, uint64_t now);

/* Of rows alone, for checks: the same but for the split of run, which rows
 * do not know (all of it is in RUN_CPU). */
void account_rows(struct account *, const struct log *, uint32_t nworkers,
		  const uint64_t *start, const uint64_t *end);

/* The classes in the order people read them, largest idle first, as one line
 * "dep 0.6 end 0.3": idle classes that are not 0. */
struct text;
void account_idle_line(const struct account *, struct text *);

#endif
