/* SPDX-License-Identifier: MIT */
/* summary - a finished run as one JSON object. */

#include <stdio.h>
#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/graph/measure.h"
#include "core/insight/account.h"
#include "core/job/job.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/inside.h"

enum { MOST_FAILURES = 1000 };	/* told one by one; `failed` counts all */

/* The longest path by what each task really took (its last attempt). */
static uint64_t
measured_span(const struct session *s)
{
	const struct graph *g = s->graph;
	uint64_t *took = xcalloc(g->csr.ntasks, sizeof(*took));
	uint64_t *level = xcalloc(g->csr.ntasks, sizeof(*level)), span = 0;
	const struct log *logs = run_logs(s->run);

	for (uint32_t w = 0; w < run_live(s->run)->nworkers; w++) {
		struct log_walk at = { 0 };
		const struct log_row *r;

		while ((r = log_next(&logs[w], &at)))
			if (r->task != HEDDLE_NONE && row_status(r) != ROW_RETRY)
				took[r->task] = r->end - r->start;
	}
	measure_levels(g, took, 0, level);
	for (uint32_t t = 0; t < g->csr.ntasks; t++)
		span = level[t] > span ? level[t] : span;
	free(took);
	free(level);
	return span;
}

static void
write_account(struct json *j, const struct account *a)
{
	json_key(j, "core_s");
	json_object(j);
	for (int c = 0; c < CLASS_N; c++)
		json_kseconds(j, class_names[c], a->ns[c]);
	json_end(j);
}

static void
write_results(struct json *j, const struct session *s)
{
	const struct graph *g = s->graph;

	json_key(j, "results");
	json_object(j);
	for (uint32_t i = 0; i < g->nnodes; i++) {
		struct text t = { 0 };

		if (!g->node[i].goal)
			continue;
		json_key(j, graph_text(g, g->node[i].name));
		if (session_show(s, i, 1, SESSION_MOST, &t) == 0 && t.n)
			json_raw(j, t.at, t.n);
		else
			json_null(j);
		text_fini(&t);
	}
	json_end(j);
}

static void
write_failure(struct json *j, const struct session *s, const struct run_event *e)
{
	char name[GRAPH_NAME];

	json_object(j);
	json_ktext(j, "task", e->task == HEDDLE_NONE ? NULL : graph_name(s->graph, e->task, name));
	json_kint(j, "exit", e->code);
	json_kuint(j, "attempt", e->attempt);
	json_kseconds(j, "at_s", e->at);
	json_ktext(j, "why", e->text);
	json_end(j);
}

/* In the order they happened, so the first cause is first. */
static void
write_failures(struct json *j, const struct session *s)
{
	struct run_event e[64];
	uint32_t from = 0, n, told = 0;

	json_key(j, "failures");
	json_array(j);
	while (told < MOST_FAILURES && (n = run_events(s->run, from, e, 64)) > 0) {
		for (uint32_t i = 0; i < n && told < MOST_FAILURES; i++)
			if (e[i].kind == EVENT_FAIL) {
				write_failure(j, s, &e[i]);
				told++;
			}
		from += n;
	}
	json_end(j);
}

static void
write_counts(struct json *j, const struct session *s)
{
	const struct live_head *h = run_live(s->run);

	json_kuint(j, "tasks", h->ntasks);
	json_kuint(j, "edges", h->nedges);
	json_kuint(j, "done", h->done);
	json_kuint(j, "failed", h->failed);
	json_kuint(j, "skipped", h->skipped);
	json_kuint(j, "cached", h->cached);
	json_kuint(j, "retried", h->retried);
}

static void
write_times(struct json *j, const struct session *s, const struct account *a)
{
	const struct live_head *h = run_live(s->run);
	double speedup = a->wall ? (double)a->work / (double)a->wall : 0;

	json_kseconds(j, "plan_s", h->plan_ns);
	json_kseconds(j, "wall_s", a->wall);
	json_kseconds(j, "work_s", a->work);
	json_kseconds(j, "span_s", measured_span(s));
	json_kreal(j, "speedup", speedup);
	json_kreal(j, "efficiency", a->total ? (double)a->work / (double)a->total : 0);
	json_kreal(j, "ns_per_task", h->done ? (double)a->wall / h->done : 0);
	json_kuint(j, "held_peak", h->held_peak);
	json_kuint(j, "held_bytes_peak", h->held_bytes_peak);
}

/* Of a past run: the file that it left. */
static void
read_summary(const char *dir, struct text *out)
{
	char *path = xasprintf("%s/summary.json", dir), buf[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_addn(out, buf, n);
	if (f)
		fclose(f);
	free(path);
}

void
session_summary(const struct session *s, struct text *out)
{
	struct json j = { .out = out };
	const struct live_head *h;
	struct account a;

	if (s->past) {
		read_summary(s->past->dir, out);
		return;
	}
	if (s->summary) {
		text_add(out, s->summary);
		return;
	}
	if (!s->run || !s->is_finished)
		return;
	h = run_live(s->run);
	account_live(&a, h, HEDDLE_NONE, run_now(s->run));
	json_object(&j);
	json_ktext(&j, "status", run_status_names[h->status]);
	json_kint(&j, "exit", s->exit);
	json_ktext(&j, "job", s->job->set.name);
	if (session_number(s))
		json_kuint(&j, "run", session_number(s));
	json_ktext(&j, "executor", h->executor);
	json_kuint(&j, "workers", h->workers);
	json_ktext(&j, "scheduler", h->scheduler);
	write_counts(&j, s);
	write_times(&j, s, &a);
	write_account(&j, &a);
	write_results(&j, s);
	write_failures(&j, s);
	if (*s->why)
		json_ktext(&j, "why", s->why);
	json_end(&j);
	text_addc(out, '\n');
}
