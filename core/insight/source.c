/* SPDX-License-Identifier: MIT */
/* source - what is behind a view: a live block, a past run or a plan, and rates kept between fills. */

#include "core/insight/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/measure.h"

/* Links by the group they lead to, so that a group's own are found at once. */
static void
index_links(struct view_source *s)
{
	const struct graph *g = s->graph;
	uint32_t *at = s->link_at = xcalloc(g->ngroups + 2, sizeof(*at));

	s->link_in = xcalloc(g->nlinks, sizeof(*s->link_in));
	for (uint32_t i = 0; i < g->nlinks; i++)
		at[g->link[i].to + 2]++;
	for (uint32_t k = 1; k <= g->ngroups; k++)
		at[k + 1] += at[k];
	for (uint32_t i = 0; i < g->nlinks; i++)
		s->link_in[at[g->link[i].to + 1]++] = i;
}

/* Counting sort; ties in the order of groups. */
static void
index_levels(struct view_source *s)
{
	const struct graph *g = s->graph;
	uint32_t most = 0, *at;

	s->by_level = xcalloc(g->ngroups, sizeof(*s->by_level));
	for (uint32_t k = 0; k < g->ngroups; k++)
		if (g->group[k].level > most)
			most = g->group[k].level;
	at = xcalloc((size_t)most + 2, sizeof(*at));
	for (uint32_t k = 0; k < g->ngroups; k++)
		at[g->group[k].level + 1]++;
	for (uint32_t i = 0; i < most; i++)
		at[i + 1] += at[i];
	for (uint32_t k = 0; k < g->ngroups; k++)
		s->by_level[at[g->group[k].level]++] = k;
	free(at);
}

static void
mean_expect(struct view_source *s)
{
	const struct graph *g = s->graph;

	if (!g->csr.expect)
		return;
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		struct group_time *k = &s->time[graph_group_of(g, t)];

		k->expect += g->csr.expect[t];
		k->nexpect += g->csr.expect[t] != 0;
	}
	for (uint32_t k = 0; k < g->ngroups; k++)
		if (s->time[k].nexpect)
			s->time[k].expect /= s->time[k].nexpect;
}

static struct view_source *
alloc_source(const struct graph *g, uint32_t nworkers)
{
	struct view_source *s = xcalloc(1, sizeof(*s));

	s->graph = g;
	s->nworkers = nworkers;
	s->search.task = HEDDLE_NONE;
	s->rows = xcalloc(nworkers, sizeof(*s->rows));
	s->timed = xcalloc(nworkers, sizeof(*s->timed));
	s->time = xcalloc(g->ngroups, sizeof(*s->time));
	s->sums = xcalloc(g->ngroups, sizeof(*s->sums));
	s->longest = xcalloc(2 * (size_t)g->ngroups, sizeof(*s->longest));
	for (int i = 0; i < RATE_SLOTS; i++)
		s->rate[i].worker = xcalloc(nworkers, sizeof(*s->rate[i].worker));
	index_links(s);
	index_levels(s);
	mean_expect(s);
	return s;
}

struct view_source *
source_new(const struct graph *g, const struct live_head *live, const struct log *logs,
	   uint32_t number, const struct source_ops *ops, void *self)
{
	struct view_source *s = alloc_source(g, live->nworkers);

	s->live = live;
	s->number = number;
	s->self = self;
	if (ops)
		s->ops = *ops;
	for (uint32_t i = 0; i < s->nworkers; i++)
		rows_of_log(&s->rows[i], &logs[i]);
	return s;
}

struct view_source *
view_of_past(const struct past *past)
{
	struct view_source *s = alloc_source(past->graph, past->live->nworkers);

	s->live = past->live;
	s->past = past;
	s->number = past->number;
	for (uint32_t i = 0; i < past->nworkers && i < s->nworkers; i++)
		rows_of_array(&s->rows[i], past->rows[i], past->nrows[i]);
	return s;
}

struct view_source *
view_of_graph(const struct graph *g, const char *job, const char *scheduler, uint32_t workers)
{
	struct view_source *s = alloc_source(g, 0);
	struct measure m;

	snprintf(s->job, sizeof(s->job), "%s", job ? job : "");
	snprintf(s->scheduler, sizeof(s->scheduler), "%s", scheduler ? scheduler : "");
	s->workers = workers;
	if (g->csr.expect) {
		measure_graph(&m, g, NULL);
		if (!m.nunknown) {
			s->plan_work = m.work;
			s->plan_span = m.span;
		}
	}
	return s;
}

void
view_source_free(struct view_source *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->nworkers; i++) {
		rows_fini(&s->rows[i]);
		if (s->digest)
			free(s->digest[i].block);
	}
	for (int i = 0; i < RATE_SLOTS; i++)
		free(s->rate[i].worker);
	replay_free(s->replay);
	free(s->digest);
	free(s->rows);
	free(s->timed);
	free(s->time);
	free(s->sums);
	free(s->longest);
	free(s->by_level);
	free(s->link_at);
	free(s->link_in);
	free(s->search.seen);
	free(s->search.is_pred);
	free(s->ready.row);
	free(s->held.row);
	free(s);
}

enum task_state
source_state(const struct source_at *at, heddle_task t)
{
	if (at->then)
		return replay_state(at->then, t);
	if (!at->s->live)
		return graph_npred(at->s->graph, t) ? TASK_BLOCKED : TASK_READY;
	return task_state_of(atomic_load_explicit(&live_words(at->s->live)[t],
						  memory_order_relaxed));
}

uint32_t
source_left(const struct source_at *at, heddle_task t)
{
	uint32_t word;

	if (at->then)
		return replay_left(at->then, t);
	if (!at->s->live)
		return graph_npred(at->s->graph, t);
	word = atomic_load_explicit(&live_words(at->s->live)[t], memory_order_relaxed);
	return word_state(word) < WORD_RUNNING ? word : 0;
}

struct replay *
source_replay(struct view_source *s)
{
	struct replay_rows *rows;

	if (!s->replay) {
		rows = xcalloc(s->nworkers, sizeof(*rows));
		for (uint32_t i = 0; i < s->nworkers; i++)
			rows[i] = (struct replay_rows){
				s->rows[i].log, s->rows[i].array, s->rows[i].n
			};
		s->replay = replay_new(s->graph, rows, s->nworkers);
		free(rows);
	}
	replay_update(s->replay);
	return s->replay;
}

uint64_t
source_usual(const struct view_source *s, heddle_task t)
{
	const struct group_time *k = &s->time[graph_group_of(s->graph, t)];
	uint64_t expect = graph_expect(s->graph, t);

	return k->n ? k->ns / k->n : expect ? expect : k->expect;
}

void
source_task(const struct view_source *s, struct view_task *row, heddle_task t)
{
	char buf[GRAPH_NAME];

	memset(row, 0, sizeof(*row));
	row->task = t;
	row->worker = HEDDLE_NONE;
	row->since = UINT64_MAX;
	row->expect = source_usual(s, t);
	row->rank = NAN;
	if (s->ops.rank)
		s->ops.rank(s->self, t, &row->rank, &row->worker);
	snprintf(row->name, sizeof(row->name), "%.*s", VIEW_NAME - 1, graph_name(s->graph, t, buf));
}
