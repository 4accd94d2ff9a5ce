/* SPDX-License-Identifier: MIT */
/* show - a past run in text: what it did, where its time went, what happened. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/past.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/insight/view.h"

/* "lost": it neither ended nor goes on. */
static const char *
status_of(const struct past *p)
{
	return p->was_cut ? "lost" : run_status_names[atomic_load(&p->live->status)];
}

static double
percent(uint64_t part, uint64_t of)
{
	return of ? 100 * (double)part / (double)of : 0;
}

/* A line; names in it are other people's. */
static void __attribute__((format(printf, 1, 2)))
say(const char *fmt, ...)
{
	struct text clean = { 0 };
	char *line;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (isatty(STDOUT_FILENO))
		text_add_clean(&clean, line, (size_t)n, 0);
	puts(clean.n ? clean.at : line);
	text_fini(&clean);
	free(line);
}

static void
print_head(const struct past *p, const struct view *v)
{
	char wall[WRITE_MAX], work[WRITE_MAX], bytes[WRITE_MAX];

	say("run %04u  %s  %s  %s  %s  %u worker%s, %s", p->number, v->job, status_of(p),
	    write_clock(wall, v->account.wall), v->scheduler, v->workers,
	    v->workers == 1 ? "" : "s", v->executor);
	say("%llu tasks, %llu edges: done %u  failed %u  skipped %u  stopped %u  blocked %u  "
	    "ready %u  retried %u", (unsigned long long)v->ntasks, (unsigned long long)v->nedges,
	    v->sum.done, v->sum.failed, v->sum.skipped, v->sum.stopped, v->sum.blocked,
	    v->sum.ready + v->sum.held, v->sum.retried);
	say("work %s  speedup %.2f of %u  held peak %llu, %s",
	    write_time(work, v->account.work), v->speedup, v->workers,
	    (unsigned long long)v->held_peak, write_size(bytes, v->held_bytes_peak));
	if (p->was_cut)
		say("it was cut short: told from the rows that were written");
	if (p->ndropped)
		say("%llu row%s dropped: torn, damaged or without a predecessor",
		    (unsigned long long)p->ndropped, p->ndropped == 1 ? "" : "s");
	for (uint32_t i = 0; i < v->nwhy; i++)
		say("%s", v->why[i]);
}

static void
print_account(const struct past *p, const struct view *v)
{
	static const char *const columns[] = { "core time", "ns>", "time>", "part>", NULL };
	struct cli_table *t = cli_table_new(columns);
	char buf[WRITE_MAX];

	for (int c = 0; c < CLASS_N; c++) {
		if (!v->account.ns[c])
			continue;
		/* rows do not know what of run was on a core */
		cli_table_cell(t, "%s", p->was_cut && c == CLASS_RUN_CPU ? "run" : class_names[c]);
		cli_table_cell(t, "%llu", (unsigned long long)v->account.ns[c]);
		cli_table_cell(t, "%s", write_time(buf, v->account.ns[c]));
		cli_table_cell(t, "%.1f%%", percent(v->account.ns[c], v->account.total));
	}
	cli_table_cell(t, "all");
	cli_table_cell(t, "%llu", (unsigned long long)v->account.total);
	cli_table_cell(t, "%s", write_time(buf, v->account.total));
	cli_table_cell(t, "100.0%%");
	putchar('\n');
	cli_table_print(t, stdout);
}

static void
print_groups(const struct view *v)
{
	static const char *const columns[] = {
		"group", "tasks>", "done>", "failed>", "skipped>", "retried>", "mean>", NULL
	};
	struct cli_table *t = cli_table_new(columns);
	char buf[WRITE_MAX];

	for (uint32_t k = 0; k < v->graph->ngroups; k++) {
		const struct view_group *g = &v->group[k];

		cli_table_cell(t, "%s", graph_text(v->graph, v->graph->group[k].name));
		cli_table_cell(t, "%u", v->graph->group[k].n);
		cli_table_cell(t, "%u", g->sum.done);
		cli_table_cell(t, "%u", g->sum.failed);
		cli_table_cell(t, "%u", g->sum.skipped);
		cli_table_cell(t, "%u", g->sum.retried);
		cli_table_cell(t, "%s", g->mean ? write_time(buf, g->mean) : "-");
	}
	putchar('\n');
	cli_table_print(t, stdout);
}

/* Commands that went well are no news. */
static int
is_told(const struct run_event *e)
{
	return e->kind != EVENT_START && e->kind != EVENT_END &&
	       (e->kind != EVENT_COMMAND || e->code);
}

static void
add_event(struct cli_table *t, const struct graph *g, const struct run_event *e)
{
	char name[GRAPH_NAME], buf[WRITE_MAX];

	cli_table_cell(t, "%s", write_clock(buf, e->at));
	cli_table_cell(t, "%s", event_names[e->kind]);
	cli_table_cell(t, "%s", e->task < g->csr.ntasks ? graph_name(g, e->task, name) : "");
	if (e->kind == EVENT_SKIP)
		cli_table_cell(t, "%llu not started because of it", (unsigned long long)e->n);
	else if (e->kind == EVENT_RETRY)
		cli_table_cell(t, "attempt %u, again in %s: %.*s", e->attempt,
			       write_time(buf, e->n), (int)strcspn(e->text, "\n"), e->text);
	else if (e->kind == EVENT_COMMAND)
		cli_table_cell(t, "exit %d: %.*s", e->code, (int)strcspn(e->text, "\n"), e->text);
	else
		cli_table_cell(t, "%.*s", (int)strcspn(e->text, "\n"), e->text);
}

static void
print_events(const struct past *p)
{
	static const char *const columns[] = { "at>", "event", "task", "", NULL };
	struct cli_table *t = NULL;

	for (uint32_t i = 0; i < p->nevents; i++) {
		if (!is_told(&p->event[i]))
			continue;
		if (!t)
			t = cli_table_new(columns);
		add_event(t, p->graph, &p->event[i]);
	}
	if (!t)
		return;
	putchar('\n');
	cli_table_print(t, stdout);
}

static void
print_text(const struct past *p, const struct view *v)
{
	print_head(p, v);
	print_account(p, v);
	print_groups(v);
	print_events(p);
}

/* Of a run that was lost: what its rows say. */
static void
summary_of(struct json *j, const struct past *p, const struct view *v)
{
	json_object(j);
	json_ktext(j, "status", status_of(p));
	json_ktext(j, "job", v->job);
	json_kuint(j, "run", p->number);
	json_ktext(j, "executor", v->executor);
	json_kuint(j, "workers", v->workers);
	json_ktext(j, "scheduler", v->scheduler);
	json_kuint(j, "tasks", v->ntasks);
	json_kuint(j, "edges", v->nedges);
	json_kuint(j, "done", v->sum.done);
	json_kuint(j, "failed", v->sum.failed);
	json_kuint(j, "retried", v->sum.retried);
	json_kseconds(j, "wall_s", v->account.wall);
	json_kseconds(j, "work_s", v->account.work);
	json_kuint(j, "dropped", p->ndropped);
	json_end(j);
}

/* The result object of the run, as it was written at its end. */
static void
print_json(const struct past *p, const struct view *v)
{
	struct text t = { 0 };
	struct json j = { .out = &t };
	char *path = xasprintf("%s/summary.json", p->dir), buf[4096];
	FILE *f = p->was_cut ? NULL : fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)))
		text_addn(&t, buf, n);
	if (f)
		fclose(f);
	free(path);
	if (!t.n)
		summary_of(&j, p, v);
	printf("%s%s", t.at, t.at[t.n - 1] == '\n' ? "" : "\n");
	text_fini(&t);
}

static int
show(const struct cli *cli, const struct past *p)
{
	struct view_source *s = view_of_past(p);
	struct view *v = xcalloc(1, sizeof(*v));

	view_fill(v, s, 0, VIEW_NOW, 0);
	if (cli->json)
		print_json(p, v);
	else
		print_text(p, v);
	view_fini(v);
	free(v);
	view_source_free(s);
	return EXIT_DONE;
}

/* A job is shown as it is planned. */
static int
is_job(const char *what)
{
	size_t n = strlen(what);

	return n > 4 && !strcmp(what + n - 4, ".ini");
}

int
cli_show(const struct cli *cli)
{
	struct past *p = NULL;
	struct err err = { 0 };
	int code;

	if (cli->nargs && is_job(cli->arg[0]))
		return cli_plan(cli);
	if (cli->nargs != 1)
		err_set(&err, EXIT_USAGE, "show: expected a run, its folder or a job");
	else if (cli_past(&p, cli, cli->arg[0], &err) == 0) {
		code = show(cli, p);
		past_free(p);
		return code;
	}
	return cli_complain(&err);
}
