/* SPDX-License-Identifier: MIT */
/* policy - a heddle for tests of schedulers: small worlds, and a list schedule of them. */

#include "t/policy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"

static int
host_fail(void *self, const char *why)
{
	struct world *w = self;

	snprintf(w->why, sizeof(w->why), "%s", why);
	return -1;
}

static const uint64_t *
host_levels(void *self)
{
	struct world *w = self;
	const struct heddle_graph *g = &w->graph;
	uint64_t e, most;
	heddle_task t;

	if (w->level)
		return w->level;
	w->level = xcalloc(g->ntasks + 1, sizeof(*w->level));
	for (t = g->ntasks; t-- > 0;) {
		for (most = 0, e = g->succ_at[t]; e < g->succ_at[t + 1]; e++)
			if (w->level[g->succ[e]] > most)
				most = w->level[g->succ[e]];
		w->level[t] = most + (w->time[t] ? w->time[t] : 1);
	}
	return w->level;
}

static int32_t
host_priority(void *self, heddle_task t)
{
	const struct world *w = self;

	return w->priority[t];
}

static int
host_state(void *self, heddle_task t)
{
	const struct world *w = self;

	return w->given[t] ? HEDDLE_ENDED : w->unfinished[t] ? HEDDLE_BLOCKED : HEDDLE_READY;
}

/* pred and pred_at are there: make the rest. */
static void
seal(struct world *w, uint32_t nworkers)
{
	struct heddle_graph *g = &w->graph;
	uint64_t *at = xcalloc(g->ntasks + 2, sizeof(*at));
	heddle_task *succ = xcalloc(g->pred_at[g->ntasks] + 1, sizeof(*succ));
	uint64_t e;
	heddle_task t;

	for (e = 0; e < g->pred_at[g->ntasks]; e++)
		at[g->pred[e] + 2]++;
	for (t = 0; t < g->ntasks; t++)
		at[t + 2] += at[t + 1];
	for (t = 0; t < g->ntasks; t++)
		for (e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
			succ[at[g->pred[e] + 1]++] = t;
	g->size = sizeof(*g);
	g->nworkers = nworkers;
	g->succ_at = at;
	g->succ = succ;
	g->expect = w->time;
	w->unfinished = xcalloc(g->ntasks + 1, sizeof(*w->unfinished));
	w->given = xcalloc(g->ntasks + 1, sizeof(*w->given));
	if (!w->priority)
		w->priority = xcalloc(g->ntasks + 1, sizeof(*w->priority));
	w->host = (struct heddle_host){
		.size = sizeof(w->host), .self = w, .fail = host_fail,
		.levels = host_levels, .priority = host_priority, .state = host_state,
	};
}

/* Room for ntasks tasks of up to npred predecessors each. */
static struct world *
world_new(uint32_t ntasks, uint32_t npred)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->graph.ntasks = ntasks;
	w->graph.pred_at = xcalloc(ntasks + 1, sizeof(*w->graph.pred_at));
	w->graph.pred = xcalloc((size_t)ntasks * npred + 1, sizeof(*w->graph.pred));
	w->time = xcalloc(ntasks + 1, sizeof(*w->time));
	return w;
}

/* The next task has one more predecessor / is complete. */
static void
add_pred(struct world *w, heddle_task t, heddle_task pred)
{
	uint64_t *at = (uint64_t *)w->graph.pred_at;

	if (at[t + 1] < at[t])
		at[t + 1] = at[t];
	((heddle_task *)w->graph.pred)[at[t + 1]++] = pred;
}

static void
end_task(struct world *w, heddle_task t)
{
	uint64_t *at = (uint64_t *)w->graph.pred_at;

	if (at[t + 1] < at[t])
		at[t + 1] = at[t];
}

struct world *
world_read(const char *text, uint32_t nworkers)
{
	uint32_t n = (uint32_t)strlen(text) / 2 + 1;
	struct world *w = world_new(n, 4);
	heddle_task t = 0;
	char *s;

	w->priority = xcalloc(n + 1, sizeof(*w->priority));
	for (; *text; t++) {
		w->time[t] = strtoull(text, &s, 10);
		if (*s == '!')
			w->priority[t] = (int32_t)strtol(s + 1, &s, 10);
		while (*s == '<' || *s == ',')
			add_pred(w, t, (heddle_task)strtoul(s + 1, &s, 10));
		end_task(w, t);
		text = s + strspn(s, " ");
	}
	w->graph.ntasks = t;
	seal(w, nworkers);
	return w;
}

struct world *
world_random(uint32_t ntasks, uint32_t nworkers, uint64_t seed)
{
	struct world *w = world_new(ntasks, 4);
	heddle_task t, p, back;
	uint64_t x = seed;

	for (t = 0; t < ntasks; t++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		w->time[t] = x >> 54;
		back = t < 64 ? t : 64;
		for (p = 0; p < 4 && back; p++, back /= 3)
			if (x >> (20 + p) & 1)
				add_pred(w, t, t - 1 - (heddle_task)(x >> 33) % back);
		end_task(w, t);
	}
	seal(w, nworkers);
	return w;
}

struct world *
world_tree(uint32_t n, uint32_t fan, uint32_t nworkers)
{
	struct world *w = world_new(2 * n + 1, fan);
	heddle_task t = 0, from = 0, to = n;

	for (; t < n; t++) {
		w->time[t] = 75000000;
		end_task(w, t);
	}
	while (to - from > 1) {
		for (; from < to; t++) {
			w->time[t] = 75000000;
			for (; from < to && w->graph.pred_at[t + 1] < w->graph.pred_at[t] + fan; from++)
				add_pred(w, t, from);
			end_task(w, t);
		}
		to = t;
	}
	w->graph.ntasks = t;
	seal(w, nworkers);
	return w;
}

void
world_free(struct world *w)
{
	free((void *)w->graph.pred_at);
	free((void *)w->graph.pred);
	free((void *)w->graph.succ_at);
	free((void *)w->graph.succ);
	free(w->time);
	free(w->level);
	free(w->priority);
	free(w->unfinished);
	free(w->given);
	free(w);
}

void
policy_open(struct policy *p, const char *text, struct world *w)
{
	const char *build = getenv("HEDDLE_BUILD");
	char *words = xstrdup(text), *name, *word, *value, *path;
	struct option_given given[4];
	struct err err = { 0 };
	uint32_t n = 0;
	char *rest = words;

	*p = (struct policy){ .world = w };
	name = strsep(&rest, " ");
	while ((word = strsep(&rest, " "))) {
		value = strchr(word, '=');
		*value++ = '\0';
		given[n++] = (struct option_given){ .name = word, .text = value };
	}
	path = xasprintf("%s/plugins/%s.so", build ? build : ".", name);
	p->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!p->handle)
		die("%s", dlerror());
	p->plugin = dlsym(p->handle, "heddle_plugin");
	p->def = p->plugin->scheduler;
	if (option_parse(&p->option, p->def->options, given, n, name, NULL, &err) < 0)
		die("%s", err.text);
	p->self = p->def->open(&w->host, &w->graph, p->option.arg);
	free(path);
	free(words);
}

void
policy_close(struct policy *p)
{
	if (p->self)
		p->def->close(p->self);
	option_fini(&p->option);
	dlclose(p->handle);
}

struct sim {				/* a world on its way */
	struct policy *p;
	struct schedule *s;
	heddle_task *runs;		/* a worker's; HEDDLE_NONE */
	uint64_t *until;
	heddle_task *came;		/* what became ready at one end */
	uint32_t *wanted;		/* consumers that have not ended */
	uint64_t now;
	uint32_t held;
};

static void
ask(struct sim *m)
{
	struct world *w = m->p->world;
	uint32_t i;

	for (i = 0; i < w->graph.nworkers; i++) {
		if (m->runs[i] != HEDDLE_NONE)
			continue;
		m->runs[i] = m->p->def->next(m->p->self, i);
		if (m->runs[i] == HEDDLE_NONE)
			continue;
		w->given[m->runs[i]]++;
		m->until[i] = m->now + (w->time[m->runs[i]] ? w->time[m->runs[i]] : 1);
		m->s->order[m->s->ntasks++ % w->graph.ntasks] = m->runs[i];
	}
}

static void
end(struct sim *m, uint32_t worker)
{
	struct world *w = m->p->world;
	const struct heddle_graph *g = &w->graph;
	heddle_task t = m->runs[worker];
	uint32_t n = 0;
	uint64_t e;

	m->runs[worker] = HEDDLE_NONE;
	m->wanted[t] = (uint32_t)(g->succ_at[t + 1] - g->succ_at[t]);
	m->held += m->wanted[t] > 0;
	if (m->held > m->s->held_peak)
		m->s->held_peak = m->held;
	for (e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
		m->held -= --m->wanted[g->pred[e]] == 0;
	for (e = g->succ_at[t]; e < g->succ_at[t + 1]; e++)
		if (--w->unfinished[g->succ[e]] == 0)
			m->came[n++] = g->succ[e];
	if (n)
		m->p->def->ready(m->p->self, worker, m->came, n);
	if (m->p->def->done)
		m->p->def->done(m->p->self, worker, t, w->time[t]);
}

static uint32_t
first_to_end(const struct sim *m)
{
	uint32_t i, best = HEDDLE_NONE;

	for (i = 0; i < m->p->world->graph.nworkers; i++)
		if (m->runs[i] != HEDDLE_NONE &&
		    (best == HEDDLE_NONE || m->until[i] < m->until[best]))
			best = i;
	return best;
}

void
policy_run(struct policy *p, struct schedule *s)
{
	struct world *w = p->world;
	const struct heddle_graph *g = &w->graph;
	struct sim m = { .p = p, .s = s };
	uint32_t worker, n = 0;
	heddle_task t;

	m.runs = xcalloc(g->nworkers, sizeof(*m.runs));
	m.until = xcalloc(g->nworkers, sizeof(*m.until));
	m.came = xcalloc(g->ntasks + 1, sizeof(*m.came));
	m.wanted = xcalloc(g->ntasks + 1, sizeof(*m.wanted));
	*s = (struct schedule){ .order = xcalloc(g->ntasks + 1, sizeof(*s->order)) };
	for (worker = 0; worker < g->nworkers; worker++)
		m.runs[worker] = HEDDLE_NONE;
	for (t = 0; t < g->ntasks; t++) {
		w->given[t] = 0;
		w->unfinished[t] = (uint32_t)(g->pred_at[t + 1] - g->pred_at[t]);
		if (w->unfinished[t] == 0)
			m.came[n++] = t;
	}
	p->def->ready(p->self, 0, m.came, n);
	for (ask(&m); (worker = first_to_end(&m)) != HEDDLE_NONE; ask(&m)) {
		m.now = m.until[worker];
		for (; worker != HEDDLE_NONE && m.until[worker] == m.now; worker = first_to_end(&m))
			end(&m, worker);
	}
	s->makespan = m.now;
	free(m.runs);
	free(m.until);
	free(m.came);
	free(m.wanted);
}
