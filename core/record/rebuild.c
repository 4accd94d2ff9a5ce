/* SPDX-License-Identifier: MIT */
/* rebuild - the live block of a run that was cut short, from its rows. */

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/prefix.h"
#include "core/record/record.h"
#include "core/record/replay.h"

/* The block is ours alone: nobody else reads or writes it. */
static struct live_worker *
worker_of(struct live_head *h, uint32_t i)
{
	return (struct live_worker *)(uintptr_t)live_workers(h) + i;
}

static uint64_t
rebuild_worker(struct past *p, uint32_t i)
{
	struct live_worker *w = worker_of(p->live, i);
	uint64_t end = 0;

	w->task = HEDDLE_NONE;
	w->class = CLASS_OVH;
	for (uint64_t k = 0; k < p->nrows[i]; k++) {
		const struct log_row *r = &p->rows[i][k];

		w->ns[r->task != HEDDLE_NONE ? CLASS_RUN_CPU : row_status(r)] += r->end - r->start;
		w->ntasks += r->task != HEDDLE_NONE;
		end = r->end;
	}
	/* how much of it was on a core is not in the rows */
	w->cpu = w->ns[CLASS_RUN_CPU];
	w->start = i && p->nrows[i] ? p->rows[i][0].start : 0;
	w->since = end;
	return end;
}

static void
rebuild_words(struct past *p, const struct replay *r)
{
	static const uint32_t words[TASK_STATES] = {
		[TASK_DONE] = (uint32_t)WORD_DONE << WORD_SHIFT,
		[TASK_FAILED] = (uint32_t)WORD_FAILED << WORD_SHIFT,
		[TASK_STOPPED] = (uint32_t)WORD_STOPPED << WORD_SHIFT,
	};
	_Atomic uint32_t *word = (_Atomic uint32_t *)(uintptr_t)live_words(p->live);

	for (heddle_task t = 0; t < p->live->ntasks; t++) {
		uint32_t is = words[replay_state(r, t)];

		word[t] = is ? is : replay_left(r, t);
	}
}

static void
rebuild_counts(struct past *p, const struct replay *r)
{
	struct live_count *count = (struct live_count *)(uintptr_t)live_counts(p->live, 0);
	struct live_rare *rare = (struct live_rare *)(uintptr_t)live_rare(p->live);
	struct live_sum *sum = xcalloc(p->live->ngroups, sizeof(*sum));

	replay_sums(r, sum);
	for (uint32_t k = 0; k < p->live->ngroups; k++) {
		count[k].ended = sum[k].done + sum[k].failed + sum[k].stopped;
		count[k].readied = count[k].ended + sum[k].ready;
		rare[k].failed = sum[k].failed;
		rare[k].stopped = sum[k].stopped;
		rare[k].retried = sum[k].retried;
		p->live->done += sum[k].done;
		p->live->failed += sum[k].failed;
		p->live->stopped += sum[k].stopped;
		p->live->retried += sum[k].retried;
	}
	free(sum);
}

/* It ended with its last row, for all we know; what ran then left none. */
void
past_rebuild(struct past *p, const struct record_begin *b)
{
	struct replay_rows *rows = xcalloc(p->nworkers, sizeof(*rows));
	struct live_head *h = p->live;
	struct replay_held held;
	struct replay *r;
	uint64_t end = 0;

	memcpy(h->job, b->job, sizeof(h->job));
	memcpy(h->scheduler, b->scheduler, sizeof(h->scheduler));
	memcpy(h->executor, b->executor, sizeof(h->executor));
	h->pid = b->pid;
	h->wall_start = b->wall_start;
	h->workers = b->workers;
	h->status = RUN_STOPPED;
	for (uint32_t i = 0; i < p->nworkers; i++) {
		uint64_t at = rebuild_worker(p, i);

		end = at > end ? at : end;
		rows[i] = (struct replay_rows){ NULL, p->rows[i], p->nrows[i] };
	}
	h->end = end ? end : 1;
	for (uint32_t i = 0; i < p->nworkers; i++)
		worker_of(h, i)->end = h->end;
	r = replay_new(p->graph, rows, p->nworkers);
	replay_seek(r, UINT64_MAX);
	replay_held(r, &held);
	h->held = held.values;
	h->held_bytes = held.bytes;
	h->held_peak = held.peak_values;
	h->held_bytes_peak = held.peak_bytes;
	rebuild_words(p, r);
	rebuild_counts(p, r);
	replay_free(r);
	free(rows);
}
