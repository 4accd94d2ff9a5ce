/* SPDX-License-Identifier: MIT */
/* bench_run - a host for kernels: what was planned runs, pure ones twice. */

#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/xalloc.h"
#include "core/plugin/bench.h"

enum { RUN_MOST = 64, RUN_MS = 2000 };

static void *
call_out(void *self, size_t n)
{
	struct bench *b = self;
	void *at = xaligned(16, n ? n : 1);

	if (b->at->value.at)
		memcpy(at, b->at->value.at, n < b->at->value.n ? n : b->at->value.n);
	free((void *)b->at->value.at);
	b->at->value = (struct heddle_bytes){ at, n };
	return at;
}

static int
call_stop(void *self)
{
	return clock_now() > ((struct bench *)self)->until;
}

static void
call_progress(void *self, double part)
{
	(void)self;
	(void)part;
}

static int
call_command(void *self, const struct heddle_command *c, struct heddle_exit *how)
{
	(void)c;
	(void)how;
	bench_blame(self, "a PURE kernel runs a command");
	return bench_fail(self, "no commands here");
}

/* Run t anew; the value it had is in *before. */
static int
run_once(struct bench *b, struct bench_task *t, struct heddle_bytes *before)
{
	struct heddle_bytes *in = xcalloc(t->nin, sizeof(*in));
	const struct heddle_call c = {
		.size = sizeof(c), .par = t->par, .in = in, .nin = t->nin, .self = b,
		.index = (uint32_t)(t - b->task),
		.out = call_out, .fail = bench_fail, .stop = call_stop,
		.progress = call_progress, .command = call_command,
	};
	int bad;

	for (uint32_t i = 0; i < t->nin; i++)
		in[i] = b->task[t->in[i]].value;
	*before = t->value;
	t->value = (struct heddle_bytes){ 0 };
	b->at = t;
	b->has_failed = 0;
	bad = t->kernel->run(&c);
	if (bad && !b->has_failed)
		bench_blame(b, "kernel '%s' failed and did not say why", t->kernel->name);
	free(in);
	return bad;
}

/* Writes nothing, and its inputs are there. */
static int
may_run(const struct bench *b, const struct bench_task *t)
{
	if (t->kernel->flags & HEDDLE_EFFECT)
		return 0;
	for (uint32_t i = 0; i < t->nin; i++)
		if (!b->task[t->in[i]].is_run)
			return 0;
	return 1;
}

/* A kernel may fail on a sample; who is PURE fails each time. */
static void
run_task(struct bench *b, struct bench_task *t)
{
	struct heddle_bytes first;
	int bad = run_once(b, t, &first), is_pure = t->kernel->flags & HEDDLE_PURE;

	if (bad || *b->fault)
		return;
	t->is_run = 1;
	if (!is_pure)
		return;
	bad = run_once(b, t, &first);
	if (clock_now() > b->until)
		t->is_run = !bad;	/* it was asked to stop */
	else if (bad)
		bench_blame(b, "kernel '%s' is PURE, yet failed the second time", t->kernel->name);
	else if (first.n != t->value.n || (first.n && memcmp(first.at, t->value.at, first.n)))
		bench_blame(b, "kernel '%s' is PURE, yet gave other bytes the second time",
		      t->kernel->name);
	free((void *)first.at);
}

uint32_t
bench_run(struct bench *b)
{
	uint32_t nruns = 0;

	b->op = NULL;
	b->until = clock_now() + RUN_MS * UINT64_C(1000000);
	for (size_t i = 0; i < b->n && !*b->fault; i++) {
		if (!may_run(b, &b->task[i]))
			continue;
		if (nruns >= RUN_MOST || clock_now() > b->until)
			break;
		run_task(b, &b->task[i]);
		nruns += b->task[i].is_run;
	}
	return nruns;
}
