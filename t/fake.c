/* SPDX-License-Identifier: MIT */
/* fake - a graph and a run of it made by a small list scheduler in virtual time, for tests of what reads runs. */

#include "t/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/build.h"

uint64_t
fake_random(uint64_t *seed)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

static int
nothing(const struct heddle_call *call)
{
	(void)call;
	return 0;
}

/* Up to fan different tasks of the groups before. */
static uint32_t
pick(heddle_task *in, int fan, uint32_t before, uint64_t *seed)
{
	uint32_t n = 0;

	for (int i = 0; i < fan && before; i++) {
		heddle_task p = (heddle_task)(fake_random(seed) % before);
		uint32_t k = 0;

		while (k < n && in[k] != p)
			k++;
		if (k == n)
			in[n++] = p;
	}
	return n;
}

struct graph *
fake_graph(const struct fake_group *group, uint32_t ngroups, uint64_t seed)
{
	static const struct heddle_kernel kernel = { sizeof(kernel), 0, "nothing", nothing };
	const struct graph_attr attr = { .cores = 1 };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "fake", &kernel), first, ntasks = 0;
	struct graph *g;
	struct err err;

	for (uint32_t i = 0; i < ngroups; i++) {
		build_group(b, build_node(b, group[i].name, "fake", "nothing", "fake.ini", i + 1,
					  &attr), group[i].name);
		first = ntasks;
		for (uint32_t n = 0; n < group[i].n; n++, ntasks++) {
			heddle_task in[16] = { ntasks - 1 };
			uint32_t nin = group[i].fan < 0 ? n > 0 :
				       pick(in, group[i].fan, first, &seed);

			if (build_task(b, k, (struct heddle_bytes){ NULL, 0 }, in, nin, &err) ==
			    HEDDLE_NONE)
				die("%s", err.text);
		}
	}
	if (build_seal(b, 0, &g, &err) < 0)
		die("%s", err.text);
	build_free(b);
	g->has_values = 0;
	return g;
}

/* ---- the run ------------------------------------------------------------ */

static struct live_worker *
worker_of(struct fake *f, uint32_t i)
{
	return (struct live_worker *)(uintptr_t)live_workers(f->live) + i;
}

static struct live_count *
count_of(struct fake *f, uint32_t worker, heddle_task t)
{
	return (struct live_count *)(uintptr_t)live_counts(f->live, worker) +
	       graph_group_of(f->graph, t);
}

static _Atomic uint32_t *
word_of(struct fake *f, heddle_task t)
{
	return (_Atomic uint32_t *)(uintptr_t)live_words(f->live) + t;
}

static void
make_ready(struct fake *f, uint32_t worker, heddle_task t)
{
	f->ready[f->nready++] = t;
	count_of(f, worker, t)->readied++;
}

void
fake_init(struct fake *f, struct graph *g, uint32_t nworkers, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->graph = g;
	f->nworkers = nworkers;
	f->seed = seed;
	f->log = xcalloc(nworkers, sizeof(*f->log));
	f->ready = xcalloc(g->csr.ntasks, sizeof(*f->ready));
	f->left = xcalloc(g->csr.ntasks, sizeof(*f->left));
	f->until = xcalloc(nworkers, sizeof(*f->until));
	if (live_new(&f->live, &f->fd, g, nworkers) < 0)
		abort();
	strcpy(f->live->job, "fake");
	strcpy(f->live->scheduler, "list");
	strcpy(f->live->executor, "none");
	f->live->status = RUN_RUNNING;
	f->live->workers = nworkers;
	for (uint32_t i = 0; i < nworkers; i++) {
		struct live_worker *w = worker_of(f, i);

		log_init(&f->log[i], 1000);
		w->task = HEDDLE_NONE;
		w->class = CLASS_OVH;
		w->start = w->since = f->until[i] = i * 7;
	}
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		f->left[t] = graph_npred(g, t);
		*word_of(f, t) = f->left[t];
		if (!f->left[t])
			make_ready(f, 0, t);
	}
}

static void
log_row(struct fake *f, uint32_t i, uint64_t start, uint64_t end, uint64_t packed, uint32_t task)
{
	struct live_worker *w = worker_of(f, i);

	log_add(&f->log[i], start, end, packed, task);
	w->ns[task == HEDDLE_NONE ? (packed >> 8) & 0xff : CLASS_RUN_CPU] += end - start;
}

static void
end_task(struct fake *f, uint32_t i)
{
	struct live_worker *w = worker_of(f, i);
	heddle_task t = w->task;
	const struct heddle_graph *g = &f->graph->csr;
	uint64_t dice = fake_random(&f->seed) % 1000;
	enum row_status how = dice < f->fail_per_mille ? ROW_FAILED :
		dice < f->fail_per_mille + f->retry_per_mille ? ROW_RETRY : ROW_DONE;

	log_row(f, i, w->since, f->until[i], 16u << 16 | (uint64_t)how << 8 | w->attempt, t);
	w->cpu += (f->until[i] - w->since) / 2;
	w->ntasks++;
	w->task = HEDDLE_NONE;
	w->class = CLASS_OVH;
	w->since = f->until[i];
	*word_of(f, t) = how == ROW_DONE ? (uint32_t)WORD_DONE << WORD_SHIFT :
			 how == ROW_FAILED ? (uint32_t)WORD_FAILED << WORD_SHIFT : 0;
	if (how == ROW_RETRY) {
		((struct live_rare *)(uintptr_t)live_rare(f->live))[graph_group_of(f->graph, t)].retried++;
		f->ready[f->nready++] = t;
		return;
	}
	count_of(f, i, t)->ended++;
	if (how == ROW_FAILED) {
		((struct live_rare *)(uintptr_t)live_rare(f->live))[graph_group_of(f->graph, t)].failed++;
		return;
	}
	for (uint64_t e = g->succ_at[t]; e < g->succ_at[t + 1]; e++) {
		--*word_of(f, g->succ[e]);
		if (!--f->left[g->succ[e]])
			make_ready(f, i, g->succ[e]);
	}
}

/* At f->now: whoever is free takes a task or parks under dep. */
static void
deal(struct fake *f)
{
	for (uint32_t i = 0; i < f->nworkers; i++) {
		struct live_worker *w = worker_of(f, i);
		heddle_task t;

		if (w->task != HEDDLE_NONE || f->until[i] > f->now)
			continue;
		if (!f->nready) {
			if (w->class == CLASS_OVH) {
				w->class = CLASS_DEP;
				w->since = f->now;
			}
			continue;
		}
		if (w->class == CLASS_DEP)
			log_row(f, i, w->since, f->now, (uint64_t)CLASS_DEP << 8, HEDDLE_NONE);
		t = f->ready[--f->nready];
		w->attempt = 1;
		w->task = t;
		w->class = CLASS_RUN_CPU;
		w->since = f->now + fake_random(&f->seed) % 3;
		f->until[i] = w->since + fake_random(&f->seed) % 1000;
		*word_of(f, t) = (uint32_t)WORD_RUNNING << WORD_SHIFT;
	}
}

static void
over(struct fake *f)
{
	for (uint32_t i = 0; i < f->nworkers; i++) {
		struct live_worker *w = worker_of(f, i);

		if (w->class == CLASS_DEP)
			log_row(f, i, w->since, f->now, (uint64_t)CLASS_DEP << 8, HEDDLE_NONE);
		w->class = CLASS_OVH;
		w->end = f->now;
	}
	f->live->end = f->now;
	f->live->status = RUN_OK;
}

int
fake_run(struct fake *f, uint64_t t)
{
	for (;;) {
		uint64_t next = UINT64_MAX;

		deal(f);
		for (uint32_t i = 0; i < f->nworkers; i++)
			if ((worker_of(f, i)->task != HEDDLE_NONE || f->until[i] > f->now) &&
			    f->until[i] < next)
				next = f->until[i];
		if (next == UINT64_MAX) {
			over(f);
			return 1;
		}
		if (next > t) {
			f->now = t;
			return 0;
		}
		f->now = next > f->now ? next : f->now;
		for (uint32_t i = 0; i < f->nworkers; i++)
			if (worker_of(f, i)->task != HEDDLE_NONE && f->until[i] <= f->now)
				end_task(f, i);
	}
}

void
fake_fini(struct fake *f)
{
	for (uint32_t i = 0; i < f->nworkers; i++)
		log_fini(&f->log[i]);
	live_free(f->live, f->fd);
	free(f->log);
	free(f->ready);
	free(f->left);
	free(f->until);
}
