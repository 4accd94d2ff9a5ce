/* SPDX-License-Identifier: MIT */
/* battery_op - what a collection must do: plan alike each time, and be as pure as it says. */

/*
 * Operations are planned as a job would chain them: first those that take no
 * input, then those that take a kind one of the former gave, until no more can
 * be.  Required options get a sample of their type; a refusal that says why is
 * no fault, for samples make no sense to everyone.  Then the tasks run, by id,
 * as far as they write nothing and time allows.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/battery_check.h"
#include "core/plugin/option.h"

enum { RUN_MOST = 64, RUN_MS = 2000, TASKS_MOST = 5000000, PLACES = 8 };

struct task {
	const struct heddle_kernel *kernel;
	struct heddle_bytes par, value;
	heddle_task *in;
	uint32_t nin;
	int is_run;
};

struct meta {
	char *key, *value;
};

/* What an operation gave. */
struct given {
	char *kind;
	heddle_task *part;
	uint32_t nparts;
	struct meta *meta;
	size_t nmeta, capmeta;
};

/* One operation being planned, or a task being run. */
struct bench {
	const struct plugin *plugin;
	const struct heddle_op *op;
	struct task *task;
	size_t n, cap;
	struct given *node;
	size_t nnodes, capnodes;
	struct given now;		/* what op gives */
	struct task *at;		/* the one that runs */
	uint64_t until;			/* when running is to stop */
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
	n = b->op ? snprintf(b->fault, sizeof(b->fault), "operation '%s': ", b->op->name) : 0;
	va_start(ap, fmt);
	vsnprintf(b->fault + n, sizeof(b->fault) - (size_t)n, fmt, ap);
	va_end(ap);
}

static int
bench_fail(void *self, const char *why)
{
	struct bench *b = self;

	b->has_failed = 1;
	snprintf(b->said, sizeof(b->said), "%.190s", why ? why : "");
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
			blame(b, "gives task %u, which is not", part[i]);
	if (b->now.kind)
		blame(b, "gives twice");
	if (*b->fault)
		return -1;
	b->now.kind = xstrdup(kind);
	b->now.part = copy(part, n * sizeof(*part));
	b->now.nparts = n;
	return 0;
}

static int
plan_meta(void *self, const char *key, const char *value)
{
	struct bench *b = self;

	if (!key || !*key || !value) {
		blame(b, "gives meta without a key or a value");
		return -1;
	}
	*XADD(&b->now.meta, &b->now.nmeta, &b->now.capmeta) =
		(struct meta){ xstrdup(key), xstrdup(value) };
	return 0;
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

static const char *
node_meta(void *self, const char *key)
{
	const struct given *g = self;

	for (size_t i = 0; i < g->nmeta; i++)
		if (!strcmp(g->meta[i].key, key))
			return g->meta[i].value;
	return NULL;
}

static void
given_fini(struct given *g)
{
	for (size_t i = 0; i < g->nmeta; i++) {
		free(g->meta[i].key);
		free(g->meta[i].value);
	}
	free(g->meta);
	free(g->kind);
	free(g->part);
	memset(g, 0, sizeof(*g));
}

/* Forget the tasks from n on. */
static void
cut(struct bench *b, size_t n)
{
	while (b->n > n) {
		struct task *t = &b->task[--b->n];

		free((void *)t->par.at);
		free((void *)t->value.at);
		free(t->in);
	}
}

/* 0; 1: it was refused with a reason, or is wrong. */
static int
plan(struct bench *b, const struct option_values *v, const struct heddle_node *in, uint32_t nin)
{
	const struct heddle_plan p = {
		.size = sizeof(p), .name = "node", .arg = v->arg, .in = in, .nin = nin, .self = b,
		.group = plan_group, .emit = plan_emit, .expect = plan_expect,
		.give = plan_give, .meta = plan_meta, .fail = bench_fail,
		.neach = 1, .item = plan_item, .expand = plan_expand, .outs = plan_outs,
	};
	int bad;

	given_fini(&b->now);
	b->has_failed = 0;
	bad = b->op->plan(&p);
	if (bad && !b->has_failed)
		blame(b, "its plan failed and did not say why");
	else if (!bad && b->has_failed)
		blame(b, "its plan failed, yet came back well: %s", b->said);
	return bad || *b->fault;
}

/* Are tasks i and k, of a first and a second plan that began at from and
 * again, the same but for the shift? */
static int
is_alike(const struct bench *b, size_t i, size_t k, size_t from, size_t again)
{
	const struct task *x = &b->task[i], *y = &b->task[k];

	if (x->kernel != y->kernel || x->nin != y->nin || x->par.n != y->par.n ||
	    memcmp(x->par.at, y->par.at, x->par.n))
		return 0;
	for (uint32_t e = 0; e < x->nin; e++)
		if (x->in[e] != (y->in[e] >= again ? y->in[e] - again + from : y->in[e]))
			return 0;
	return 1;
}

/* Plan op; if that went well, plan it again and compare.  As plan. */
static int
plan_twice(struct bench *b, const struct option_values *v,
	   const struct heddle_node *in, uint32_t nin)
{
	size_t from = b->n, again;
	struct given first;
	int bad = plan(b, v, in, nin);

	if (bad) {
		cut(b, from);
		return 1;
	}
	first = b->now;
	b->now = (struct given){ 0 };
	again = b->n;
	if (plan(b, v, in, nin))
		blame(b, "planned a second time, it failed: %s", b->said);
	if (b->n - again != again - from)
		blame(b, "planned %zu tasks, a second time %zu", again - from, b->n - again);
	for (size_t i = from, k = again; i < again && !*b->fault; i++, k++)
		if (!is_alike(b, i, k, from, again))
			blame(b, "its task %zu is another when planned a second time", i - from);
	cut(b, again);
	given_fini(&b->now);
	*XADD(&b->node, &b->nnodes, &b->capnodes) = first;
	return *b->fault != '\0';
}

/* ---- what to plan with ------------------------------------------------ */

static const char *
sample(const struct bench *b, const struct heddle_option *o, char *buf, size_t n)
{
	switch (o->type) {
	case HEDDLE_PATH:
		return b->plugin->path;
	case HEDDLE_BOOL:
		return "yes";
	case HEDDLE_CHOICE:
		snprintf(buf, n, "%.*s", (int)strcspn(o->words, "|"), o->words);
		return buf;
	case HEDDLE_TIME:
		return "1ms";
	default:
		snprintf(buf, n, "%.0f", o->min || o->max ? o->min : 1000);
		return buf;
	}
}

/* Samples for what is required.  0 or -1. */
static int
read_samples(const struct bench *b, struct option_values *v, struct err *err)
{
	uint32_t n = option_count(b->op->options), ngiven = 0;
	struct option_given *given = xcalloc(n, sizeof(*given));
	char (*buf)[64] = xcalloc(n, sizeof(*buf));
	int bad;

	for (uint32_t i = 0; i < n; i++) {
		const struct heddle_option *o = option_at(b->op->options, i);

		if (o->flags & HEDDLE_REQUIRED)
			given[ngiven++] = (struct option_given){
				.name = o->name, .text = sample(b, o, buf[i], sizeof(buf[i])),
			};
	}
	bad = option_parse(v, b->op->options, given, ngiven, NULL, NULL, err);
	free(buf);
	free(given);
	return bad;
}

/* The newest node of a kind that `place` ("text|bag.items", "array*") names. */
static struct given *
find_node(const struct bench *b, const char *place, size_t n)
{
	for (size_t i = b->nnodes; i-- > 0;)
		for (const char *at = place; at < place + n;) {
			size_t len = strcspn(at, "|* ");

			if (b->node[i].kind && strlen(b->node[i].kind) == len &&
			    !memcmp(at, b->node[i].kind, len))
				return &b->node[i];
			at += len + 1;
		}
	return NULL;
}

/* Nodes for all places of takes; -1: there are none yet. */
static int
find_inputs(const struct bench *b, struct heddle_node in[PLACES])
{
	const char *s = b->op->takes ? b->op->takes : "";
	int nin = 0;

	for (s += strspn(s, " "); *s; nin++) {
		size_t n = strcspn(s, " ");
		struct given *g = nin < PLACES ? find_node(b, s, n) : NULL;

		if (!g)
			return -1;
		in[nin] = (struct heddle_node){
			.size = sizeof(*in), .name = "input", .kind = g->kind, .part = g->part,
			.nparts = g->nparts, .self = g, .meta = node_meta,
		};
		s += n + strspn(s + n, " ");
	}
	return nin;
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

/* Writes nothing, and its inputs are there. */
static int
may_run(const struct bench *b, const struct task *t)
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
run_task(struct bench *b, struct task *t)
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
		blame(b, "kernel '%s' is PURE, yet failed the second time", t->kernel->name);
	else if (first.n != t->value.n || (first.n && memcmp(first.at, t->value.at, first.n)))
		blame(b, "kernel '%s' is PURE, yet gave other bytes the second time",
		      t->kernel->name);
	free((void *)first.at);
}

static uint32_t
run_tasks(struct bench *b)
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

/* ---- all of them ------------------------------------------------------ */

/* 1: planned; 0: refused, or wrong; -1: its inputs are not there yet. */
static int
try_op(struct bench *b)
{
	struct heddle_node in[PLACES];
	struct option_values v = { 0 };
	struct err err = { 0 };
	int nin = find_inputs(b, in), bad;

	if (nin < 0)
		return -1;
	if (read_samples(b, &v, &err) < 0) {
		bench_fail(b, err.text);
		return 0;
	}
	bad = plan_twice(b, &v, in, (uint32_t)nin);
	option_fini(&v);
	return !bad;
}

/* Plan what can be; names of the planned, and of the others why not. */
static uint32_t
plan_all(struct bench *b, struct text *others)
{
	uint32_t n = 0, nplanned = 0;
	int more = 1;
	signed char *was;

	while (b->plugin->collection->ops[n].name)
		n++;
	was = memset(xmalloc(n), -1, n);
	while (more && !*b->fault) {
		more = 0;
		for (uint32_t i = 0; i < n && !*b->fault; i++) {
			if (was[i] >= 0)
				continue;
			b->op = &b->plugin->collection->ops[i];
			was[i] = (signed char)try_op(b);
			more |= was[i] > 0;
			nplanned += was[i] > 0;
			if (!was[i])
				text_addf(others, "; %s: %s", b->op->name, b->said);
		}
	}
	for (uint32_t i = 0; i < n; i++)
		if (was[i] < 0)
			text_addf(others, "; %s: nothing gives what it takes",
				  b->plugin->collection->ops[i].name);
	free(was);
	return nplanned;
}

static int
plan_and_run(struct trying *t)
{
	struct bench b = { .plugin = t->plugin };
	struct text others = { 0 };
	uint32_t nplanned = plan_all(&b, &others), nruns = 0;

	if (!*b.fault)
		nruns = run_tasks(&b);
	if (*b.fault)
		snprintf(t->said, sizeof(t->said), "%s", b.fault);
	else
		snprintf(t->said, sizeof(t->said), "%u planned, %u tasks run%s", nplanned,
			 nruns, others.at ? others.at : "");
	cut(&b, 0);
	free(b.task);
	for (size_t i = 0; i < b.nnodes; i++)
		given_fini(&b.node[i]);
	free(b.node);
	given_fini(&b.now);
	text_fini(&others);
	return *b.fault ? -1 : 0;
}

const struct check battery_op[] = {
	{ "plans its operations alike each time, and is as pure as it says", "", plan_and_run, ALL },
	{ 0 }
};
