/* SPDX-License-Identifier: MIT */
/* task - a worker runs one task: the kernel's call, its output, what it said. */

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

/* What call.self points at, for one call. */
struct making {
	struct worker *worker;
	heddle_task task;
	struct value spare;		/* output of a kernel whose graph keeps no values */
};

static struct value *
slot(struct making *m)
{
	struct run *run = m->worker->run;

	return run->value ? &run->value[m->task] : &m->spare;
}

static void *
call_out(void *self, size_t n)
{
	return value_out(slot(self), n);
}

static int
call_fail(void *self, const char *why)
{
	struct worker *w = ((struct making *)self)->worker;

	free(w->why);
	w->why = xstrdup(why && *why ? why : "failed and said no reason");
	return -1;
}

static int
call_stop(void *self)
{
	struct making *m = self;
	struct run *run = m->worker->run;

	if (run->set->executor == EXECUTOR_SYNC)
		thread_between(run);	/* it is the run thread that asks */
	return (int)asked_to_stop(m->worker, m->task);
}

static void
call_progress(void *self, double part)
{
	struct worker *w = ((struct making *)self)->worker;

	if (part > 0)
		atomic_store_explicit(&w->live->progress,
				      part < 1 ? (uint32_t)(part * 10000) : 10000,
				      memory_order_relaxed);
}

static int
call_command(void *self, const struct heddle_command *c, struct heddle_exit *how)
{
	struct making *m = self;
	struct heddle_command own = { 0 };
	struct heddle_exit end = { 0 };
	char *why = NULL;

	memcpy(&own, c, c->size < sizeof(own) ? c->size : sizeof(own));
	if (command_run(m->worker, m->task, &own, &end, &why) < 0) {
		call_fail(self, why);
		free(why);
		return -1;
	}
	m->worker->code = end.code;
	m->worker->child_cpu += end.cpu;
	end.size = how->size < sizeof(end) ? how->size : sizeof(end);
	memcpy(how, &end, end.size);
	return 0;
}

/* The inputs of t; a graph without values has as many empty ones. */
static const struct heddle_bytes *
inputs(struct worker *w, heddle_task t, uint32_t n)
{
	const struct graph *g = w->run->graph;
	const heddle_task *pred = g->csr.pred + g->csr.pred_at[t];
	struct heddle_bytes *in;

	if (n > w->nscratch) {
		free(w->scratch);
		w->nscratch = 2 * n;
		w->scratch = xcalloc(w->nscratch, sizeof(*in));
	}
	in = w->scratch;
	for (uint32_t i = 0; w->run->value && i < n; i++)
		in[i] = value_bytes(&w->run->value[pred[i]]);
	return in;
}

void
task_run(struct worker *w, heddle_task t, uint64_t start, struct run_result *r)
{
	struct run *run = w->run;
	const struct graph *g = run->graph;
	const struct heddle_kernel *k = g->kernel[g->kernel_of[t]].def;
	struct making m = { .worker = w, .task = t };
	struct heddle_call call = {
		.size = sizeof(call), .par = graph_par(g, t),
		.nin = graph_nin(g, t), .self = &m,
		.out = call_out, .fail = call_fail, .stop = call_stop,
		.progress = call_progress, .command = call_command,
	};
	int rc;

	call.index = graph_index(g, t);
	call.in = inputs(w, t, call.nin);
	atomic_store_explicit(&w->stop, 0, memory_order_relaxed);
	atomic_store_explicit(&w->live->since, start, memory_order_relaxed);
	atomic_store_explicit(&w->live->class, CLASS_RUN_CPU, memory_order_relaxed);
	atomic_store_explicit(&w->live->attempt, run_attempt(run, t), memory_order_relaxed);
	atomic_store_explicit(&w->live->task, t, memory_order_release);

	/* who ends the running ones either sees the task or is seen here */
	atomic_signal_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&run->gate, memory_order_relaxed) & GATE_NOW)
		atomic_store_explicit(&w->stop, (uint64_t)t << 8 | STOP_ASKED,
				      memory_order_relaxed);
	rc = asked_to_stop(w, t) == STOP_ASKED ? -1 : k->run(&call);

	r->start = start;
	r->end = run_now(run);
	r->status = rc < 0 ? ROW_FAILED : ROW_DONE;
	r->bytes = rc < 0 ? 0 : value_bytes(slot(&m)).n;
	r->why = NULL;
	r->code = 0;
	value_drop(&m.spare);
	if (atomic_load_explicit(&w->live->progress, memory_order_relaxed))
		atomic_store_explicit(&w->live->progress, 0, memory_order_relaxed);
	if (w->child_cpu) {
		atomic_fetch_add(&w->cpu_sum, w->child_cpu);
		w->child_cpu = 0;
	}
	if (rc < 0 && asked_to_stop(w, t) == STOP_TIMEOUT && !w->code) {
		free(w->why);
		w->why = xstrdup("timed out, and stopped when asked");
	}
	if (rc < 0) {
		r->why = w->why ? w->why : "failed and said no reason";
		r->code = w->code;
		if (asked_to_stop(w, t) == STOP_ASKED)
			r->status = ROW_STOPPED;
	}
	w->code = 0;
}
