/* SPDX-License-Identifier: MIT */
/* battery_op - what a collection must do: plan alike each time, and be as pure as it says. */

/*
 * Operations are planned as a job would chain them: first those that take no
 * input, then those that take a kind one of the former gave, until no more can
 * be.  Required options get a sample of their type; a refusal that says why is
 * no fault, for samples make no sense to everyone.  Then the tasks run, by id,
 * as far as they write nothing and time allows.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/battery_check.h"
#include "core/plugin/bench.h"
#include "core/plugin/option.h"

enum { PLACES = 8 };			/* inputs of an operation */

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
static struct bench_node *
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
		struct bench_node *g = nin < PLACES ? find_node(b, s, n) : NULL;

		if (!g)
			return -1;
		in[nin] = (struct heddle_node){
			.size = sizeof(*in), .name = "input", .kind = g->kind, .part = g->part,
			.nparts = g->nparts, .self = g, .meta = bench_meta,
		};
		s += n + strspn(s + n, " ");
	}
	return nin;
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
	bad = bench_plan(b, &v, in, (uint32_t)nin);
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
	int bad;

	if (!*b.fault)
		nruns = bench_run(&b);
	if (*b.fault)
		snprintf(t->said, sizeof(t->said), "%s", b.fault);
	else
		snprintf(t->said, sizeof(t->said), "%u planned, %u tasks run%s", nplanned,
			 nruns, others.at ? others.at : "");
	text_fini(&others);
	bad = *b.fault ? -1 : 0;
	bench_fini(&b);
	return bad;
}

const struct check battery_op[] = {
	{ "plans its operations alike each time, and is as pure as it says", "", plan_and_run, ALL },
	{ 0 }
};
