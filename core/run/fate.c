/* SPDX-License-Identifier: MIT */
/* fate - what a failed attempt means: again later, or the end of all that needed it. */

#include <stdlib.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

/* ---- again later ------------------------------------------------------------ */

static void
push(struct run *run, struct retry r)
{
	size_t i;

	*XADD(&run->retry, &run->nretry, &run->capretry) = r;
	for (i = run->nretry - 1; i && run->retry[(i - 1) / 2].due > r.due; i = (i - 1) / 2)
		run->retry[i] = run->retry[(i - 1) / 2];
	run->retry[i] = r;
}

static struct retry
pop(struct run *run)
{
	struct retry first = run->retry[0], last = run->retry[--run->nretry];
	size_t i = 0, k;

	while ((k = 2 * i + 1) < run->nretry) {
		if (k + 1 < run->nretry && run->retry[k + 1].due < run->retry[k].due)
			k++;
		if (run->retry[k].due >= last.due)
			break;
		run->retry[i] = run->retry[k];
		i = k;
	}
	run->retry[i] = last;
	return first;
}

static uint64_t
backoff(const struct graph_attr *a, unsigned attempt)
{
	if (!a->nbackoff)
		return 1000000000;
	return a->backoff[attempt <= a->nbackoff ? attempt - 1 : a->nbackoff - 1];
}

int
fate_retry(struct run *run, struct worker *w, heddle_task t, const struct run_result *r)
{
	const struct graph_attr *a = graph_attr(run->graph, t);
	unsigned attempt;
	uint64_t wait;

	pthread_mutex_lock(&run->lock);
	attempt = run_attempt(run, t);
	if (attempt > a->retries || run->is_stop_now ||
	    atomic_load(&run->gate) & GATE_STOP) {
		pthread_mutex_unlock(&run->lock);
		return 0;
	}
	wait = backoff(a, attempt);
	run_event(run, EVENT_RETRY, t, w->id, r->code, wait, r->why);
	run_count_attempt(run, t);
	atomic_fetch_add(&run->rare[graph_group_of(run->graph, t)].retried, 1);
	atomic_fetch_add(&run->live->retried, 1);
	atomic_store_explicit(&w->live->task, HEDDLE_NONE, memory_order_release);
	run_set_held(run, t, 1);
	push(run, (struct retry){ r->end + wait, t });
	pthread_mutex_unlock(&run->lock);
	run_poke(run);
	return 1;
}

void
fate_due(struct run *run, uint64_t now)
{
	while (run->nretry && run->retry[0].due <= now) {
		heddle_task t = pop(run).task;

		run_set_held(run, t, 0);
		run_again(run, t);
	}
}

uint64_t
fate_next(const struct run *run)
{
	return run->nretry ? run->retry[0].due : UINT64_MAX;
}

/* ---- the end of all that needed it ------------------------------------------- */

/*
 * A successor of a failed or skipped task still counts that predecessor, so it
 * is blocked and can become nothing but skipped.  Its word keeps the count in
 * its low bits: other predecessors that end go on counting down, and an unskip
 * has the true number.
 */
static int
skip_one(struct run *run, heddle_task t)
{
	uint32_t old = atomic_load(&run->word[t]);

	do
		if (word_state(old) >= WORD_RUNNING || !(old & WORD_COUNT))
			return 0;
	while (!atomic_compare_exchange_weak(&run->word[t], &old,
					     old | (uint32_t)WORD_SKIPPED << WORD_SHIFT));
	atomic_fetch_add(&run->rare[graph_group_of(run->graph, t)].skipped, 1);
	return 1;
}

void
fate_skip(struct run *run, heddle_task failed)
{
	const struct heddle_graph *g = &run->graph->csr;
	heddle_task *stack = NULL;
	size_t n = 0, cap = 0;
	uint64_t skipped = 0;

	*XADD(&stack, &n, &cap) = failed;
	while (n) {
		heddle_task t = stack[--n];

		for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++)
			if (skip_one(run, g->succ[e])) {
				struct cover *c = atomic_load(&run->cover);

				if (c)
					cover_end(c, g->succ[e]);
				skipped++;
				*XADD(&stack, &n, &cap) = g->succ[e];
			}
	}
	free(stack);
	if (!skipped)
		return;
	atomic_fetch_add(&run->nsettled, (int64_t)skipped);
	run_event(run, EVENT_SKIP, failed, HEDDLE_NONE, 0, skipped, "");
}

/* Is any predecessor failed, stopped or skipped? */
static int
is_doomed(struct run *run, heddle_task t)
{
	const struct heddle_graph *g = &run->graph->csr;

	for (uint64_t e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
		switch (task_state_of(atomic_load(&run->word[g->pred[e]]))) {
		case TASK_FAILED:
		case TASK_STOPPED:
		case TASK_SKIPPED:
			return 1;
		default:
			break;
		}
	return 0;
}

/*
 * A failed task is to run again: what was skipped because of it is blocked
 * once more, unless something else dooms it.  Ids are a topological order, so
 * predecessors are settled first.
 */
uint64_t
fate_unskip(struct run *run, heddle_task failed)
{
	const struct heddle_graph *g = &run->graph->csr;
	unsigned char *below = xcalloc(g->ntasks, 1);
	uint64_t freed = 0;

	below[failed] = 1;
	for (heddle_task t = failed; t < g->ntasks; t++) {
		if (!below[t])
			continue;
		for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++)
			below[g->succ[e]] = 1;
		if (task_state_of(atomic_load(&run->word[t])) != TASK_SKIPPED || is_doomed(run, t))
			continue;
		atomic_fetch_and(&run->word[t], WORD_COUNT);
		atomic_fetch_sub(&run->rare[graph_group_of(run->graph, t)].skipped, 1);
		freed++;
	}
	free(below);
	atomic_fetch_sub(&run->nsettled, (int64_t)freed);
	return freed;
}
