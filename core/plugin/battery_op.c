/* SPDX-License-Identifier: MIT */
/* battery_op - a collection's operations, planned alone and, where that can do no harm, run. */

#include "core/plugin/battery_op.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

enum { RUN_MOST = 64, RUN_MS = 2000, TASKS_MOST = 5000000 };

struct task {
	const struct heddle_kernel *kernel;
	struct heddle_bytes par, value;
	heddle_task *in;
	uint32_t nin;
	int is_run;
};

/* One operation being planned, or a task of it being run (value). */
struct bench {
	const struct plugin *plugin;
	const struct heddle_op *op;
	struct task *task;
	size_t n, cap;
	struct task *at;		/* the one that runs */
	int has_failed;
	char said[200];			/* by fail */
	char fault[300];		/* what is wrong; "" */
};

static void
blame(struct bench *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The first fault stands. */
static void
blame(struct bench *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (*b->fault)
		return;
	n = snprintf(b->fault, sizeof(b->fault), "operation '%s': ", b->op->name);
	va_start(ap, fmt);
	vsnprintf(b->fault + n, sizeof(b->fault) - (size_t)n, fmt, ap);
	va_end(ap);
}

static int
bench_fail(void *self, const char *why)
{
	struct bench *b = self;

	b->has_failed = 1;
	snprintf(b->said, sizeof(b->said), "%s", why ? why : "");
	return -1;
}

/* ---- planning --------------------------------------------------------- */

static void *
copy(const void *at, size_t n)
{
	void *p = xaligned(16, n ? n : 1);

	if (n)
		memcpy(p, at, n);
	return p;
}

static int
plan_group(void *self, const char *name)
{
	(void)self;
	(void)name;
	return 0;
}

static heddle_task
plan_emit(void *self, const char *kernel, struct heddle_bytes par,
	  const heddle_task *in, uint32_t nin)
{
	struct bench *b = self;
	const struct heddle_kernel *k = kernel ? plugin_kernel(b->plugin, kernel) : NULL;
	struct task *t;

	if (!k)
		blame(b, "emits kernel '%s', which its collection does not have",
		      kernel ? kernel : "");
	for (uint32_t i = 0; i < nin; i++)
		if (in[i] >= b->n)
			blame(b, "emits task %zu with input %u, which comes later", b->n, in[i]);
	if (b->n >= TASKS_MOST)
		blame(b, "emits over %d tasks by its defaults", TASKS_MOST);
	if (*b->fault)
		return HEDDLE_NONE;
	t = XADD(&b->task, &b->n, &b->cap);
	t->kernel = k;
	t->par = (struct heddle_bytes){ copy(par.at, par.n), par.n };
	t->in = copy(in, nin * sizeof(*in));
	t->nin = nin;
	return (heddle_task)b->n - 1;
}

static int
plan_expect(void *self, heddle_task t, uint64_t ns, uint64_t bytes)
{
	struct bench *b = self;

	(void)ns;
	(void)bytes;
	if (t >= b->n)
		blame(b, "expects something of task %u, which it did not emit", t);
	return t < b->n ? 0 : -1;
}

static int
plan_give(void *self, const char *kind, const heddle_task *part, uint32_t n)
{
	struct bench *b = self;

	if (!kind || !option_is_name(kind))
		blame(b, "gives kind '%s': bad name", kind ? kind : "");
	for (uint32_t i = 0; i < n; i++)
		if (part[i] >= b->n)
			blame(b, "gives task %u, which it did not emit", part[i]);
	return *b->fault ? -1 : 0;
}

static int
plan_meta(void *self, const char *key, const char *value)
{
	struct bench *b = self;

	if (!key || !*key || !value)
		blame(b, "gives meta without a key or a value");
	return *b->fault ? -1 : 0;
}

static int
plan_item(void *self, uint32_t i)
{
	struct bench *b = self;

	if (i)
		blame(b, "asks for item %u of 1", i);
	return i ? -1 : 0;
}

static int
plan_expand(void *self, enum heddle_expand how, const char *text,
	    void (*put)(void *, const char *), void *to)
{
	(void)self;
	(void)how;
	put(to, text);
	return 0;
}

static const char *const *
plan_outs(void *self)
{
	static const char *const none[] = { NULL };

	(void)self;
	return none;
}

static void
clear(struct bench *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free((void *)b->task[i].par.at);
		free((void *)b->task[i].value.at);
		free(b->task[i].in);
	}
	free(b->task);
	b->task = NULL;
	b->n = b->cap = 0;
}

/* A refusal that says why is no fault: its defaults may not do. */
static void
plan(struct bench *b, const struct option_values *v)
{
	const struct heddle_plan p = {
		.size = sizeof(p), .name = "node", .arg = v->arg, .self = b,
		.group = plan_group, .emit = plan_emit, .expect = plan_expect,
		.give = plan_give, .meta = plan_meta, .fail = bench_fail,
		.neach = 1, .item = plan_item, .expand = plan_expand, .outs = plan_outs,
	};
	int bad;

	clear(b);
	b->has_failed = 0;
	bad = b->op->plan(&p);
	if (bad && !b->has_failed)
		blame(b, "its plan failed and did not say why");
	else if (!bad && b->has_failed)
		blame(b, "its plan failed, yet came back well: %s", b->said);
}

static int
is_alike(const struct task *a, const struct task *b)
{
	return a->kernel == b->kernel && a->nin == b->nin && a->par.n == b->par.n &&
	       !memcmp(a->in, b->in, a->nin * sizeof(*a->in)) &&
	       !memcmp(a->par.at, b->par.at, a->par.n);
}

static void
compare_plans(struct bench *b, const struct bench *again)
{
	if (*again->fault)
		blame(b, "a second time, %s", again->fault);
	if (b->n != again->n)
		blame(b, "planned %zu tasks, a second time %zu", b->n, again->n);
	for (size_t i = 0; i < b->n && i < again->n; i++)
		if (!is_alike(&b->task[i], &again->task[i]))
			blame(b, "task %zu is another when planned a second time", i);
}

/* ---- running ---------------------------------------------------------- */

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
	(void)self;
	return 0;
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
	blame(self, "a PURE kernel runs a command");
	return bench_fail(self, "no commands here");
}

/* Run t anew; the value it had is in *before. */
static int
run_once(struct bench *b, struct task *t, struct heddle_bytes *before)
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
		blame(b, "kernel '%s' failed and did not say why", t->kernel->name);
	free(in);
	return bad;
}

static int
may_run(const struct bench *b, const struct task *t)
{
	if (!(t->kernel->flags & HEDDLE_PURE))
		return 0;
	for (uint32_t i = 0; i < t->nin; i++)
		if (!b->task[t->in[i]].is_run)
			return 0;
	return 1;
}

static void
run_twice(struct bench *b, struct task *t)
{
	struct heddle_bytes first;
	int bad = run_once(b, t, &first);

	if (bad || *b->fault)
		return;
	if (run_once(b, t, &first))
		blame(b, "kernel '%s' is PURE, yet failed the second time", t->kernel->name);
	else if (first.n != t->value.n || (first.n && memcmp(first.at, t->value.at, first.n)))
		blame(b, "kernel '%s' is PURE, yet gave other bytes the second time",
		      t->kernel->name);
	free((void *)first.at);
	t->is_run = 1;
}

static void
run_pure(struct bench *b)
{
	uint64_t until = clock_now() + RUN_MS * UINT64_C(1000000);
	uint32_t nruns = 0;

	for (size_t i = 0; i < b->n && !*b->fault; i++) {
		if (!may_run(b, &b->task[i]))
			continue;
		if (nruns++ >= RUN_MOST || clock_now() > until)
			break;
		run_twice(b, &b->task[i]);
	}
}

/* ---- all of them ------------------------------------------------------ */

static int
needs_nothing(const struct heddle_op *op)
{
	if (op->takes && *op->takes)
		return 0;
	for (uint32_t i = 0, n = option_count(op->options); i < n; i++)
		if (option_at(op->options, i)->flags & HEDDLE_REQUIRED)
			return 0;
	return 1;
}

static void
try_op(struct bench *b)
{
	struct bench again = { .plugin = b->plugin, .op = b->op };
	struct option_values v = { 0 };
	struct err err = { 0 };

	if (option_parse(&v, b->op->options, NULL, 0, NULL, NULL, &err) < 0) {
		blame(b, "%s", err.text);
		return;
	}
	plan(b, &v);
	if (!*b->fault)
		plan(&again, &v);
	compare_plans(b, &again);
	clear(&again);
	if (!b->has_failed)
		run_pure(b);
	clear(b);
	option_fini(&v);
}

int
battery_op(const struct plugin *p, char *why, size_t n)
{
	struct bench b = { .plugin = p };
	int ntried = 0;

	for (b.op = p->collection->ops; b.op->name && !*b.fault; b.op++)
		if (needs_nothing(b.op)) {
			try_op(&b);
			ntried++;
		}
	snprintf(why, n, "%s", b.fault);
	return *b.fault ? -1 : !ntried;
}
