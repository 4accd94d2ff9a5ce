/* SPDX-License-Identifier: MIT */
/* pattern - who waits for whom, row by row. */

/*
 * trivial, chain (there: no_comm), stencil_1d, tree (out), fft, nearest and
 * spread are those of Task Bench (Slaughter et al., SC20), a step a row.
 * random is layered: 1 to 5 predecessors, mean 3.  sweep is a wavefront over a
 * grid; fork_join alternates one task and a row.
 */

#include <string.h>

#include "synth.h"

enum { RANDOM_MOST = 5, SPREAD_PERIOD = 3 };

/* splitmix64 (Steele, Lea, Flood 2014), by counter. */
uint64_t
synth_draw(uint64_t seed, uint64_t place)
{
	uint64_t x = seed * UINT64_C(0xd1342543de82ef95) +
		(place + 1) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* ---- rows -------------------------------------------------------------- */

static uint32_t
rows_steps(const struct shape *s)
{
	return s->steps;
}

static uint32_t
row_width(const struct shape *s, uint32_t t)
{
	(void)t;
	return s->width;
}

static uint32_t
rows_fork_join(const struct shape *s)
{
	return 2 * s->steps + 1;
}

static uint32_t
row_fork_join(const struct shape *s, uint32_t t)
{
	return t % 2 ? s->width : 1;
}

/* Grows by radix from one task until it is as wide as it may be. */
static uint32_t
row_tree(const struct shape *s, uint32_t t)
{
	uint64_t n = 1;

	if (s->is_in)
		t = s->steps - 1 - t;
	while (t-- > 0 && n < s->width)
		n *= s->radix;
	return n < s->width ? (uint32_t)n : s->width;
}

/* ---- predecessors ------------------------------------------------------ */

/* The tasks from .. to of the row before that there are. */
static uint32_t
span(const struct shape *s, int64_t from, int64_t to, uint32_t *pred)
{
	uint32_t n = 0;

	if (from < 0)
		from = 0;
	for (; from <= to && from < s->nbefore; from++)
		pred[n++] = s->before + (uint32_t)from;
	return n;
}

static uint32_t
preds_none(const struct shape *s, uint32_t i, uint32_t *pred)
{
	(void)s;
	(void)i;
	(void)pred;
	return 0;
}

static uint32_t
preds_chain(const struct shape *s, uint32_t i, uint32_t *pred)
{
	return span(s, i, i, pred);
}

static uint32_t
preds_stencil(const struct shape *s, uint32_t i, uint32_t *pred)
{
	return span(s, (int64_t)i - 1, (int64_t)i + 1, pred);
}

static uint32_t
preds_all(const struct shape *s, uint32_t i, uint32_t *pred)
{
	(void)i;
	return span(s, 0, (int64_t)s->nbefore - 1, pred);
}

static uint32_t
preds_tree(const struct shape *s, uint32_t i, uint32_t *pred)
{
	int64_t first = (int64_t)i * s->radix;

	if (s->is_in)
		return span(s, first, first + s->radix - 1, pred);
	return span(s, i / s->radix, i / s->radix, pred);
}

static uint32_t
preds_fft(const struct shape *s, uint32_t i, uint32_t *pred)
{
	uint32_t sets = 0, n;
	int64_t far;

	while (UINT64_C(1) << sets < s->width)
		sets++;
	far = sets ? INT64_C(1) << (s->t + sets - 1) % sets : s->width;
	n = i >= far ? span(s, i - far, i - far, pred) : 0;
	n += span(s, i, i, pred + n);
	return n + span(s, i + far, i + far, pred + n);
}

static uint32_t
preds_nearest(const struct shape *s, uint32_t i, uint32_t *pred)
{
	return span(s, (int64_t)i - (s->radix - 1) / 2, (int64_t)i + s->radix / 2, pred);
}

static uint32_t
preds_spread(const struct shape *s, uint32_t i, uint32_t *pred)
{
	uint32_t apart = (s->width + s->radix - 1) / s->radix, k;
	uint32_t shift = s->t % (apart < SPREAD_PERIOD ? apart : SPREAD_PERIOD);

	for (k = 0; k < s->radix && s->nbefore; k++)
		pred[k] = s->before + (uint32_t)((i + (uint64_t)k * s->width / s->radix +
						  (k ? shift : 0)) % s->width);
	return s->nbefore ? s->radix : 0;
}

static uint32_t
preds_random(const struct shape *s, uint32_t i, uint32_t *pred)
{
	uint64_t place = ((uint64_t)s->first + i) << 16;
	uint32_t most = s->nbefore < RANDOM_MOST ? s->nbefore : RANDOM_MOST;
	uint32_t n = 0, wanted, p, k;

	if (!most)
		return 0;
	wanted = 1 + (uint32_t)(synth_draw(s->seed, place++) % most);
	while (n < wanted) {
		p = s->before + (uint32_t)((synth_draw(s->seed, place++) >> 32) * s->nbefore >> 32);
		for (k = 0; k < n && pred[k] != p; k++)
			;
		if (k == n)
			pred[n++] = p;
	}
	return n;
}

static uint32_t
preds_sweep(const struct shape *s, uint32_t i, uint32_t *pred)
{
	uint32_t n = span(s, i, i, pred);

	if (i > 0)
		pred[n++] = s->first + i - 1;
	return n;
}

/* ---- how many at most --------------------------------------------------- */

static uint32_t
most_few(const struct shape *s)
{
	(void)s;
	return RANDOM_MOST;
}

static uint32_t
most_width(const struct shape *s)
{
	return s->width;
}

static uint32_t
most_radix(const struct shape *s)
{
	return s->radix;
}

static const char *
refuses_spread(const struct shape *s)
{
	return s->radix > s->width ? "radix: is more than width; expected at most width" : NULL;
}

static const char *
refuses_tree(const struct shape *s)
{
	return s->radix < 2 ? "radix: 1 makes no tree; expected at least 2" : NULL;
}

static const struct {
	const char *op;
	struct pattern is;
} patterns[] = {
	{ "trivial", { rows_steps, row_width, preds_none, most_few, NULL } },
	{ "chain", { rows_steps, row_width, preds_chain, most_few, NULL } },
	{ "tree", { rows_steps, row_tree, preds_tree, most_radix, refuses_tree } },
	{ "fork_join", { rows_fork_join, row_fork_join, preds_all, most_width, NULL } },
	{ "stencil_1d", { rows_steps, row_width, preds_stencil, most_few, NULL } },
	{ "fft", { rows_steps, row_width, preds_fft, most_few, NULL } },
	{ "nearest", { rows_steps, row_width, preds_nearest, most_radix, NULL } },
	{ "spread", { rows_steps, row_width, preds_spread, most_radix, refuses_spread } },
	{ "random", { rows_steps, row_width, preds_random, most_few, NULL } },
	{ "sweep", { rows_steps, row_width, preds_sweep, most_few, NULL } },
};

const struct pattern *
synth_pattern(const char *op)
{
	size_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!strcmp(patterns[i].op, op))
			return &patterns[i].is;
	return NULL;
}
