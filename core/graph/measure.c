/* SPDX-License-Identifier: MIT */
/* measure - work, span, levels, width: what a graph can give before anyone runs it. */

#include "core/graph/measure.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/width.h"

static uint64_t
time_of(const struct graph *g, const uint64_t *times, heddle_task t)
{
	return times ? times[t] : graph_expect(g, t);
}

static int
knows_nothing(const struct graph *g, const uint64_t *times)
{
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		if (time_of(g, times, t))
			return 0;
	return 1;
}

void
measure_levels(const struct graph *g, const uint64_t *times, uint64_t unknown, uint64_t *out)
{
	for (heddle_task t = g->csr.ntasks; t-- > 0;) {
		uint64_t own = time_of(g, times, t), most = 0;

		for (uint64_t i = g->csr.succ_at[t]; i < g->csr.succ_at[t + 1]; i++)
			if (out[g->csr.succ[i]] > most)
				most = out[g->csr.succ[i]];
		out[t] = most + (own ? own : unknown);
	}
}

/* ---- as soon as possible ------------------------------------------------------- */

/* When each task ends if none waits for a worker; -> the span. */
static uint64_t
run_early(const struct graph *g, const uint64_t *times, uint64_t unknown, uint64_t *end)
{
	uint64_t span = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint64_t own = time_of(g, times, t), start = 0;

		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++)
			if (end[g->csr.pred[i]] > start)
				start = end[g->csr.pred[i]];
		end[t] = start + (own ? own : unknown);
		if (end[t] > span)
			span = end[t];
	}
	return span;
}

/* Sort by bytes, from the lowest on; a byte that is the same in all is passed
 * over.  O(n). */
static void
sort_times(uint64_t *a, uint32_t n)
{
	uint64_t *b = xmalloc((size_t)n * sizeof(*b)), *from = a, *to = b, *other;

	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint32_t at[257] = { 0 };

		for (uint32_t i = 0; i < n; i++)
			at[(from[i] >> shift & 255) + 1]++;
		if (n && at[(from[0] >> shift & 255) + 1] == n)
			continue;
		for (int i = 0; i < 256; i++)
			at[i + 1] += at[i];
		for (uint32_t i = 0; i < n; i++)
			to[at[from[i] >> shift & 255]++] = from[i];
		other = from;
		from = to;
		to = other;
	}
	if (from != a)
		memcpy(a, from, (size_t)n * sizeof(*a));
	free(b);
}

/* Most at once.  What ends at an instant has made way for what starts then;
 * a task that takes no time is never there. */
static uint32_t
peak_of(const struct graph *g, const uint64_t *times, uint64_t *end)
{
	uint32_t n = 0, running = 0, most = 0, ended = 0;
	uint64_t *start = xmalloc((size_t)g->csr.ntasks * sizeof(*start));

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint64_t own = time_of(g, times, t);

		if (!own)
			continue;
		start[n] = end[t] - own;
		end[n++] = end[t];	/* n <= t: read before it is overwritten */
	}
	sort_times(start, n);
	sort_times(end, n);
	for (uint32_t i = 0; i < n; i++) {
		for (; end[ended] <= start[i]; ended++)
			running--;
		if (++running > most)
			most = running;
	}
	free(start);
	return most;
}

void
measure_profile(const struct graph *g, const uint64_t *times, double *out, uint32_t n)
{
	uint64_t unknown = knows_nothing(g, times), span;
	uint64_t *end = xmalloc((size_t)g->csr.ntasks * sizeof(*end));
	double *step = xcalloc((size_t)n + 2, sizeof(*step)), whole = 0;

	memset(out, 0, n * sizeof(*out));
	span = run_early(g, times, unknown, end);
	for (heddle_task t = 0; t < g->csr.ntasks && span; t++) {
		uint64_t own = time_of(g, times, t);
		double to = (double)end[t] / (double)span * n;
		double from = (double)(end[t] - (own ? own : unknown)) / (double)span * n;
		uint32_t a = from < n ? (uint32_t)from : n - 1, b = to < n ? (uint32_t)to : n - 1;

		if (a == b) {
			out[a] += to - from;
			continue;
		}
		out[a] += a + 1 - from;
		out[b] += to - b;
		step[a + 1] += 1;
		step[b] -= 1;
	}
	for (uint32_t i = 0; i < n; i++) {
		whole += step[i];
		out[i] += whole;
	}
	free(end);
	free(step);
}

/* ---- levels ---------------------------------------------------------------------- */

static void
count_levels(struct measure *m, const struct graph *g)
{
	uint32_t n = g->csr.ntasks, *level = xmalloc((size_t)n * sizeof(*level));
	uint32_t *width = xcalloc((size_t)n + 1, sizeof(*width));

	for (heddle_task t = 0; t < n; t++) {
		uint32_t deep = 0;

		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++)
			if (level[g->csr.pred[i]] >= deep)
				deep = level[g->csr.pred[i]] + 1;
		level[t] = deep;
		if (deep + 1 > m->levels)
			m->levels = deep + 1;
		if (++width[deep] > m->level_width)
			m->level_width = width[deep];
	}
	free(level);
	free(width);
}

static uint32_t
most_of(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Tasks of one level need none of each other, nor do those without
 * predecessors, without successors, or those that can run at one instant. */
static uint32_t
low_width(const struct graph *g, const struct measure *m)
{
	uint32_t roots = 0, ends = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		roots += g->csr.pred_at[t] == g->csr.pred_at[t + 1];
		ends += g->csr.succ_at[t] == g->csr.succ_at[t + 1];
	}
	return most_of(most_of(roots, ends), most_of(m->level_width, m->asap_peak));
}

void
measure_graph(struct measure *m, const struct graph *g, const uint64_t *times)
{
	uint64_t *end = xmalloc((size_t)g->csr.ntasks * sizeof(*end));

	memset(m, 0, sizeof(*m));
	count_levels(m, g);
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint64_t own = time_of(g, times, t);

		m->work += own;
		m->nunknown += !own;
	}
	m->span = run_early(g, times, 0, end);
	m->asap_peak = m->nunknown == g->csr.ntasks ? m->level_width : peak_of(g, times, end);
	free(end);
	if (g->csr.ntasks <= WIDTH_EXACT) {
		m->width = m->width_low = width_exact(g);
	} else {
		m->width = width_bound(g);
		m->width_low = low_width(g, m);
	}
	m->width_exact = m->width == m->width_low;
}
