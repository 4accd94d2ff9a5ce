/* SPDX-License-Identifier: MIT */
/* sample - graphs made up to try a scheduler on. */

#include "core/plugin/sample.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/die.h"
#include "core/base/xalloc.h"

/* A graph on its way: inputs of each task in turn. */
struct making {
	enum sample_shape shape;
	uint32_t ntasks;
	uint64_t seed;
	uint64_t *pred_at;
	heddle_task *pred;
	size_t npreds, cap;
};

static const char *const names[SAMPLE_SHAPES] = {
	"one task", "a chain", "tasks apart", "a fan", "diamonds", "layers",
};

/* splitmix64 */
uint64_t
sample_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void
need(struct making *m, heddle_task t)
{
	*XADD(&m->pred, &m->npreds, &m->cap) = t;
}

/* Neighbours, so that no input comes twice. */
static void
need_some(struct making *m, heddle_task t)
{
	uint32_t width = 1, n, first;

	while (width * width < m->ntasks)
		width++;
	if (t < width)
		return;
	n = 1 + (uint32_t)(sample_random(&m->seed) % 3);
	if (n > width)
		n = width;
	first = t / width * width - width;
	first += (uint32_t)(sample_random(&m->seed) % (width - n + 1));
	while (n--)
		need(m, first++);
}

static void
need_inputs(struct making *m, heddle_task t)
{
	switch (m->shape) {
	case SAMPLE_CHAIN:
		if (t)
			need(m, t - 1);
		break;
	case SAMPLE_FAN:
		if (t && t + 1 < m->ntasks)
			need(m, 0);
		else if (t)
			for (heddle_task i = 1; i < t; i++)
				need(m, i);
		break;
	case SAMPLE_DIAMONDS:
		if (t % 3 == 0 && t)
			need(m, t - 2), need(m, t - 1);
		else if (t)
			need(m, t - t % 3);
		break;
	case SAMPLE_LAYERS:
		need_some(m, t);
		break;
	default:
		break;
	}
}

/* The pieces of one block, each aligned. */
static void *
piece(char **at, size_t n)
{
	void *p = *at;

	*at += (n + 15) & ~(size_t)15;
	return p;
}

static void
find_succ(const struct making *m, uint64_t *succ_at, heddle_task *succ)
{
	for (size_t i = 0; i < m->npreds; i++)
		succ_at[m->pred[i] + 1]++;
	for (uint32_t t = 0; t < m->ntasks; t++)
		succ_at[t + 1] += succ_at[t];
	for (heddle_task t = 0; t < m->ntasks; t++)
		for (uint64_t i = m->pred_at[t]; i < m->pred_at[t + 1]; i++)
			succ[succ_at[m->pred[i]]++] = t;
	for (uint32_t t = m->ntasks; t > 0; t--)
		succ_at[t] = succ_at[t - 1];
	succ_at[0] = 0;
}

static void
find_levels(const struct heddle_graph *g, uint64_t *level)
{
	for (uint32_t t = g->ntasks; t-- > 0;) {
		uint64_t most = 0;

		for (uint64_t i = g->succ_at[t]; i < g->succ_at[t + 1]; i++)
			if (level[g->succ[i]] > most)
				most = level[g->succ[i]];
		level[t] = most + (g->expect && g->expect[t] ? g->expect[t] : 1);
	}
}

/* A fifth unknown, the others 1 to 1000 us. */
static void
make_expect(uint64_t *expect, uint32_t n, uint64_t seed)
{
	for (uint32_t t = 0; t < n; t++)
		expect[t] = sample_random(&seed) % 5 ?
			1000 * (1 + sample_random(&seed) % 1000) : 0;
}

/* Lay everything into one block and close it for writing. */
static void
lay(struct sample *s, const struct making *m, uint32_t nworkers, unsigned flags)
{
	size_t n = m->ntasks, words = (n + 1) * sizeof(uint64_t);
	size_t ids = (m->npreds + 1) * sizeof(heddle_task);
	struct heddle_graph *g;
	uint64_t *pred_at, *succ_at, *expect, *level;
	heddle_task *pred, *succ;
	char *at;

	s->size = sizeof(*g) + 4 * words + 2 * ids + 7 * 16;
	s->memory = at = pages_grow(NULL, 0, s->size);
	g = piece(&at, sizeof(*g));
	pred_at = piece(&at, words);
	succ_at = piece(&at, words);
	expect = piece(&at, words);
	level = piece(&at, words);
	pred = piece(&at, ids);
	succ = piece(&at, ids);
	memcpy(pred_at, m->pred_at, words);
	if (m->npreds)
		memcpy(pred, m->pred, m->npreds * sizeof(*pred));
	find_succ(m, succ_at, succ);
	make_expect(expect, m->ntasks, m->seed);
	*g = (struct heddle_graph){
		.size = sizeof(*g), .ntasks = m->ntasks, .nworkers = nworkers,
		.pred_at = pred_at, .pred = pred, .succ_at = succ_at, .succ = succ,
		.expect = flags & SAMPLE_EXPECT ? expect : NULL,
	};
	find_levels(g, level);
	s->graph = g;
	s->level = level;
	if (mprotect(s->memory, s->size, PROT_READ) < 0)
		die("cannot protect a sample graph");
}

void
sample_make(struct sample *s, enum sample_shape shape, uint32_t ntasks,
	    uint32_t nworkers, uint64_t seed, unsigned flags)
{
	struct making m = { .shape = shape, .seed = seed };

	m.ntasks = shape == SAMPLE_ONE ? 1 : ntasks;
	m.pred_at = xcalloc((size_t)m.ntasks + 1, sizeof(*m.pred_at));
	for (heddle_task t = 0; t < m.ntasks; t++) {
		need_inputs(&m, t);
		m.pred_at[t + 1] = m.npreds;
	}
	lay(s, &m, nworkers, flags);
	s->name = names[shape];
	free(m.pred_at);
	free(m.pred);
}

void
sample_fini(struct sample *s)
{
	pages_free(s->memory, s->size);
	memset(s, 0, sizeof(*s));
}

uint64_t
sample_length(const struct sample *s, heddle_task t)
{
	uint64_t ns = s->graph->expect ? s->graph->expect[t] : 0;

	return ns ? ns : 1000 * (1 + t % 7);
}
