/* SPDX-License-Identifier: MIT */
/* end - a task has ended: its row, its word, what it readies, what it frees. */

#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

static void
bump(_Atomic uint32_t *c)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + 1,
			      memory_order_release);
}

static void
ready_successors(struct run *run, struct worker *w, heddle_task t)
{
	const struct heddle_graph *g = &run->graph->csr;
	struct policy *p = inside_enter(run, w);

	for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++) {
		heddle_task s = g->succ[e];

		if (atomic_fetch_sub_explicit(&run->word[s], 1, memory_order_acq_rel) != 1)
			continue;
		bump(&w->count[graph_group_of(run->graph, s)].readied);
		if (w->npending == PENDING)
			policy_flush(p, w);
		w->pending[w->npending++] = s;
	}
	inside_leave(w);
}

/* Its inputs have one task fewer that wants them. */
static void
release_inputs(struct run *run, heddle_task t)
{
	const struct graph *g = run->graph;
	const heddle_task *in = g->csr.pred + g->csr.pred_at[t];

	if (!run->value)
		return;
	for (uint32_t i = graph_nin(g, t); i--;)
		value_release(&run->value[in[i]], run->live);
}

static void
write_row(struct worker *w, heddle_task t, const struct run_result *r,
	  enum row_status status, unsigned attempt)
{
	uint64_t ns = r->end - r->start;

	log_add(w->log, r->start, r->end,
		r->bytes << 16 | (uint64_t)status << 8 | (attempt & 0xff), t);
	atomic_store_explicit(&w->live->ns[CLASS_RUN_CPU],
		atomic_load_explicit(&w->live->ns[CLASS_RUN_CPU], memory_order_relaxed) + ns,
		memory_order_relaxed);
	atomic_store_explicit(&w->live->ntasks,
		atomic_load_explicit(&w->live->ntasks, memory_order_relaxed) + 1,
		memory_order_relaxed);
}

/* Tokens come back; what waits for them may go. */
static void
give_tokens(struct run *run, heddle_task t)
{
	hold_give(&run->hold, t);
	run_admit(run);
}

static void
count_end(struct run *run, struct worker *w, heddle_task t)
{
	bump(&w->count[graph_group_of(run->graph, t)].ended);
	atomic_store_explicit(&w->nended,
		atomic_load_explicit(&w->nended, memory_order_relaxed) + 1,
		memory_order_release);
}

static void
leave_chain(struct run *run, struct worker *w, heddle_task t)
{
	struct cover *c;

	inside_begin(run, w);
	c = atomic_load_explicit(&run->cover, memory_order_acquire);
	if (c) {
		uint32_t before = cover_bound(c), k = cover_end(c, t);

		atomic_store_explicit(&run->live->cover, k, memory_order_relaxed);
		if (k < before && k < atomic_load_explicit(&run->live->workers,
							    memory_order_relaxed)) {
			inside_leave(w);
			pthread_mutex_lock(&run->lock);
			idle_label(run);
			pthread_mutex_unlock(&run->lock);
			return;
		}
	}
	inside_leave(w);
}

static void
end_done(struct run *run, struct worker *w, heddle_task t, const struct run_result *r)
{
	const struct graph_kernel *k = &run->graph->kernel[run->graph->kernel_of[t]];

	write_row(w, t, r, ROW_DONE, run_attempt(run, t));
	if (k->flags & HEDDLE_EFFECT && run->sink.sync)
		run->sink.sync(run->sink.self, w->log, w->id);
	if (run->value)
		value_made(&run->value[t], run->live);
	atomic_store_explicit(&run->word[t], (uint32_t)WORD_DONE << WORD_SHIFT,
			      memory_order_release);
	atomic_store_explicit(&w->live->task, HEDDLE_NONE, memory_order_release);
	ready_successors(run, w, t);
	release_inputs(run, t);
	w->done = t;
	w->done_ns = r->end - r->start;
	count_end(run, w, t);
	leave_chain(run, w, t);
}

/* Failed for good, or stopped: nobody will have its value. */
static void
end_badly(struct run *run, struct worker *w, heddle_task t, const struct run_result *r)
{
	struct live_rare *rare = &run->rare[graph_group_of(run->graph, t)];
	int is_failed = r->status == ROW_FAILED;
	char name[GRAPH_NAME], why[700];
	struct cover *c;

	/* what it means for others is settled before a retry can be asked */
	pthread_mutex_lock(&run->lock);
	atomic_store(&run->word[t], (uint32_t)(is_failed ? WORD_FAILED : WORD_STOPPED)
			<< WORD_SHIFT);
	atomic_fetch_add(is_failed ? &rare->failed : &rare->stopped, 1);
	atomic_store_explicit(&w->live->task, HEDDLE_NONE, memory_order_release);
	if (is_failed)
		run_event(run, EVENT_FAIL, t, w->id, r->code, 0, r->why);
	if (is_failed && run->first_failed == HEDDLE_NONE) {
		run->first_failed = t;
		snprintf(why, sizeof(why), "%s: %s", graph_name(run->graph, t, name),
			 r->why ? r->why : "failed");
		free(run->why);
		run->why = xstrdup(why);
	}
	fate_skip(run, t);
	count_end(run, w, t);
	c = atomic_load(&run->cover);
	if (c) {
		atomic_store(&run->live->cover, cover_end(c, t));
		idle_label(run);
	}
	if (is_failed && run->set->on_fail == FAIL_STOP)
		run_halt(run, 1);
	else if (is_failed && run->set->on_fail == FAIL_FINISH_RUNNING)
		run_halt(run, 0);
	pthread_mutex_unlock(&run->lock);
	w->done = t;
	w->done_ns = r->end - r->start;
}

void
run_end(struct run *run, uint32_t worker, heddle_task t, const struct run_result *r)
{
	struct worker *w = &run->worker[worker];
	unsigned attempt = run_attempt(run, t);

	if (r->status == ROW_DONE) {
		end_done(run, w, t, r);
	} else {
		if (run->value)
			value_drop(&run->value[t]);
		if (r->status == ROW_FAILED && fate_retry(run, w, t, r)) {
			write_row(w, t, r, ROW_RETRY, attempt);
		} else {
			write_row(w, t, r, r->status, attempt);
			end_badly(run, w, t, r);
		}
	}
	if (run->hold.is_used) {
		pthread_mutex_lock(&run->lock);
		give_tokens(run, t);
		pthread_mutex_unlock(&run->lock);
	}
}
