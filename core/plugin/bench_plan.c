/* SPDX-License-Identifier: MIT */
/* bench_plan - a host for plan(): an operation planned twice, and compared. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/plugin/bench.h"
#include "core/plugin/load.h"
#include "core/plugin/option.h"

enum { TASKS_MOST = 1000000 };

void
bench_blame(struct bench *b, const char *fmt, ...)
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

int
bench_fail(void *self, const char *why)
{
	struct bench *b = self;

	b->has_failed = 1;
	snprintf(b->said, sizeof(b->said), "%.190s", why ? why : "");
	return -1;
}

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
	struct bench_task *t;

	if (!k)
		bench_blame(b, "emits kernel '%s', which its collection does not have",
		      kernel ? kernel : "");
	for (uint32_t i = 0; i < nin; i++)
		if (in[i] >= b->n)
			bench_blame(b, "emits task %zu with input %u, which comes later", b->n, in[i]);
	if (b->n >= TASKS_MOST)
		bench_blame(b, "emits over %d tasks by its defaults", TASKS_MOST);
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
		bench_blame(b, "expects something of task %u, which it did not emit", t);
	return t < b->n ? 0 : -1;
}

static int
plan_give(void *self, const char *kind, const heddle_task *part, uint32_t n)
{
	struct bench *b = self;

	if (!kind || !option_is_name(kind))
		bench_blame(b, "gives kind '%s': bad name", kind ? kind : "");
	for (uint32_t i = 0; i < n; i++)
		if (part[i] >= b->n)
			bench_blame(b, "gives task %u, which is not there", part[i]);
	if (b->now.kind)
		bench_blame(b, "gives twice");
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
		bench_blame(b, "gives meta without a key or a value");
		return -1;
	}
	*XADD(&b->now.meta, &b->now.nmeta, &b->now.capmeta) =
		(struct bench_meta){ xstrdup(key), xstrdup(value) };
	return 0;
}

static int
plan_item(void *self, uint32_t i)
{
	struct bench *b = self;

	if (i)
		bench_blame(b, "asks for item %u of 1", i);
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

const char *
bench_meta(void *self, const char *key)
{
	const struct bench_node *g = self;

	for (size_t i = 0; i < g->nmeta; i++)
		if (!strcmp(g->meta[i].key, key))
			return g->meta[i].value;
	return NULL;
}

static void
given_fini(struct bench_node *g)
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
		struct bench_task *t = &b->task[--b->n];

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
		bench_blame(b, "its plan failed and did not say why");
	else if (!bad && b->has_failed)
		bench_blame(b, "its plan failed, yet came back well: %s", b->said);
	return bad || *b->fault;
}

/* Are tasks i and k, of a first and a second plan that began at from and
 * again, the same but for the shift? */
static int
is_alike(const struct bench *b, size_t i, size_t k, size_t from, size_t again)
{
	const struct bench_task *x = &b->task[i], *y = &b->task[k];

	if (x->kernel != y->kernel || x->nin != y->nin || x->par.n != y->par.n ||
	    memcmp(x->par.at, y->par.at, x->par.n))
		return 0;
	for (uint32_t e = 0; e < x->nin; e++)
		if (x->in[e] != (y->in[e] >= again ? y->in[e] - again + from : y->in[e]))
			return 0;
	return 1;
}

int
bench_plan(struct bench *b, const struct option_values *v,
	   const struct heddle_node *in, uint32_t nin)
{
	size_t from = b->n, again;
	struct bench_node first;
	int bad = plan(b, v, in, nin);

	if (bad) {
		cut(b, from);
		return 1;
	}
	first = b->now;
	b->now = (struct bench_node){ 0 };
	again = b->n;
	if (plan(b, v, in, nin))
		bench_blame(b, "planned a second time, it failed: %s", b->said);
	if (b->n - again != again - from)
		bench_blame(b, "planned %zu tasks, a second time %zu", again - from, b->n - again);
	for (size_t i = from, k = again; i < again && !*b->fault; i++, k++)
		if (!is_alike(b, i, k, from, again))
			bench_blame(b, "its task %zu is another when planned a second time", i - from);
	cut(b, again);
	given_fini(&b->now);
	*XADD(&b->node, &b->nnodes, &b->capnodes) = first;
	return *b->fault != '\0';
}

void
bench_fini(struct bench *b)
{
	cut(b, 0);
	free(b->task);
	for (size_t i = 0; i < b->nnodes; i++)
		given_fini(&b->node[i]);
	free(b->node);
	given_fini(&b->now);
	memset(b, 0, sizeof(*b));
}
