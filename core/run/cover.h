/* SPDX-License-Identifier: MIT */
/* cover - the unfinished tasks as chains: no more than so many can ever run at once. */

#ifndef CORE_RUN_COVER_H
#define CORE_RUN_COVER_H

#include <heddle.h>
#include <stdatomic.h>
#include <stdint.h>

struct graph;

/*
 * Two tasks of one chain never run at once, so the chains that still have an
 * unfinished task are a bound on what can run from now on (Dilworth 1950, the
 * easy direction).  Chains are taken greedily, the longest path first.
 *
 * A task leaves its chain once: whoever exchanges chain_of[t] to COVER_NONE
 * takes it off the chain's count.  So a cover may be made while tasks end: it
 * is published first, then its maker takes off all that ended meanwhile.
 */
struct cover;
enum { COVER_NONE = UINT32_MAX };

/* Of the tasks whose word says they are not over; words may change meanwhile.
 * weight: cores a task of the group needs, most of its chain counts. */
struct cover *cover_new(const struct graph *, const _Atomic uint32_t *words);
void cover_free(struct cover *);

/* The task is over.  -> the bound after it. */
uint32_t cover_end(struct cover *, heddle_task);

/* Take off all tasks that are over already (after publishing it). */
void cover_sweep(struct cover *, const _Atomic uint32_t *words);
uint32_t cover_bound(const struct cover *);

#endif
