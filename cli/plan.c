/* SPDX-License-Identifier: MIT */
/* plan - what a job would be, in figures, tasks, commands or a picture; nothing runs. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/front.h"
#include "cli/plan.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/graph/graph.h"
#include "core/graph/measure.h"

/* ---- for programs ------------------------------------------------------------- */

static void
seconds_or_null(struct json *j, const char *key, uint64_t ns, int is_known)
{
	if (is_known)
		json_kseconds(j, key, ns);
	else
		json_ktext(j, key, NULL);
}

static void
print_json(const struct graph *g, const struct measure *m)
{
	struct text out = { NULL, 0, 0 };
	struct json j = { .out = &out };
	int is_known = m->nunknown < g->csr.ntasks;

	json_object(&j);
	json_kuint(&j, "tasks", g->csr.ntasks);
	json_kuint(&j, "edges", g->nedges);
	json_kuint(&j, "groups", g->ngroups);
	json_kuint(&j, "levels", m->levels);
	json_kuint(&j, "level_width", m->level_width);
	json_kuint(&j, "width", m->width);
	json_kuint(&j, "width_low", m->width_low);
	json_kbool(&j, "width_exact", m->width_exact);
	seconds_or_null(&j, "work_s", m->work, is_known);
	seconds_or_null(&j, "span_s", m->span, is_known);
	if (m->span)
		json_kreal(&j, "avg_parallelism", (double)m->work / (double)m->span);
	else
		json_ktext(&j, "avg_parallelism", NULL);
	json_kuint(&j, "unknown", m->nunknown);
	json_key(&j, "before");
	json_object(&j);
	json_kuint(&j, "tasks", g->before_tasks);
	json_kuint(&j, "edges", g->before_edges);
	json_end(&j);
	json_end(&j);
	puts(out.at);
	text_fini(&out);
}

/* ---- for people ------------------------------------------------------------------ */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* The least time in which all of a resource that tasks want can be had. */
static uint64_t
time_of_cores(const struct graph *g, uint32_t workers)
{
	uint64_t sum = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint32_t cores = graph_attr(g, t)->cores;

		sum += (cores < workers ? cores : workers) * graph_expect(g, t);
	}
	return sum / workers;
}

static uint64_t
time_of_pool(const struct graph *g, const struct job_pool *pool)
{
	uint64_t sum = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		const struct graph_attr *a = graph_attr(g, t);

		if (a->pool && !strcmp(graph_text(g, a->pool), pool->name))
			sum += a->tokens * graph_expect(g, t);
	}
	return sum / pool->tokens;
}

/* No schedule is shorter than the longest path, or than a resource allows; and
 * where cores are the only one, none that keeps workers busy is longer than
 * both together (Graham). */
static void
print_bounds(const struct graph *g, const struct measure *m, const struct settings *set)
{
	char low[WRITE_MAX], high[WRITE_MAX];
	uint32_t workers = job_workers(set);
	uint64_t even = time_of_cores(g, workers), least = even > m->span ? even : m->span;

	if (m->nunknown) {
		printf("  estimate     none: %u task%s without an expected time\n", m->nunknown,
		       plural(m->nunknown));
		return;
	}
	for (uint32_t i = 0; i < set->npools; i++) {
		uint64_t ns = time_of_pool(g, &set->pool[i]);

		least = ns > least ? ns : least;
	}
	printf("  estimate     %s%s", g->has_resources ? "at least " : "", write_time(low, least));
	if (!g->has_resources)
		printf(" to %s", write_time(high, even + m->span));
	printf(" with %u worker%s\n", workers, plural(workers));
}

static void
print_work(const struct graph *g, const struct measure *m, const struct settings *set)
{
	char work[WRITE_MAX], span[WRITE_MAX];

	if (m->nunknown == g->csr.ntasks) {
		puts("  work         not known: no task says how long it takes");
		return;
	}
	printf("  work         %s, span %s, average parallelism %.2f\n", write_time(work, m->work),
	       write_time(span, m->span), (double)m->work / (double)m->span);
	print_bounds(g, m, set);
}

static void
print_text(const struct graph *g, const struct measure *m, const struct job *job)
{
	struct text name = { NULL, 0, 0 };

	line_name(&name, job->set.name);
	printf("%s: %u task%s in %u group%s, %llu edge%s\n", name.at, g->csr.ntasks,
	       plural(g->csr.ntasks), g->ngroups, plural(g->ngroups),
	       (unsigned long long)g->nedges, plural(g->nedges));
	text_fini(&name);
	if (g->before_tasks != g->csr.ntasks)
		printf("  as made      %llu task%s, %llu edge%s\n",
		       (unsigned long long)g->before_tasks, plural(g->before_tasks),
		       (unsigned long long)g->before_edges, plural(g->before_edges));
	printf("  levels       %u, the widest of %u task%s\n", m->levels, m->level_width,
	       plural(m->level_width));
	if (m->width_exact)
		printf("  width        %u task%s at most can run at once\n", m->width, plural(m->width));
	else
		printf("  width        between %u and %u tasks can run at once\n", m->width_low,
		       m->width);
	print_work(g, m, &job->set);
	plan_print_groups(g);
}

/* ---- --explain ------------------------------------------------------------------------ */

static void
print_explain(const struct graph *g, const struct job *job)
{
	uint64_t lost = g->before_tasks - g->csr.ntasks;
	unsigned passes = job->set.optimise;

	if (!passes)
		puts("\noptimise = none: all tasks as they were made");
	if (passes & JOB_SHARE)
		printf("\nshare: %u task%s dropped, each for an equal one that stands for it\n",
		       g->nshared, plural(g->nshared));
	if (passes & JOB_CULL)
		printf("%scull: %llu task%s dropped that no goal needs\n",
		       passes & JOB_SHARE ? "" : "\n", (unsigned long long)(lost - g->nshared),
		       plural(lost - g->nshared));
	for (uint32_t i = 0; i < g->nnodes; i++)
		if (!g->node[i].ngroups)
			printf("  %s has no task left\n", graph_text(g, g->node[i].name));
}

/* ---- all ------------------------------------------------------------------------------- */

static int
print(const struct cli *cli, const struct session *s)
{
	const struct graph *g = session_graph(s);
	struct measure m;

	if (cli->tasks)
		return plan_print_tasks(g, cli->json);
	if (cli->cmd)
		return plan_print_commands(g, cli->json);
	if (cli->dot)
		return plan_print_dot(g, session_job(s)->set.name);
	measure_graph(&m, g, NULL);
	if (cli->json) {
		print_json(g, &m);
		return EXIT_DONE;
	}
	print_text(g, &m, session_job(s));
	if (cli->explain)
		print_explain(g, session_job(s));
	return EXIT_DONE;
}

static int
check(const struct cli *cli, struct err *err)
{
	if (!cli->nargs)
		return err_set(err, EXIT_USAGE, "%s: expected a job; there is no heddle.ini here or above",
			       cli->command);
	if (cli->tasks + cli->cmd + cli->dot + cli->explain > 1)
		return err_set(err, EXIT_USAGE, "plan: expected one of --tasks, --cmd, --dot, --explain");
	if (cli->json && (cli->dot || cli->explain))
		return err_set(err, EXIT_USAGE, "plan --json goes with --tasks or --cmd, not with --%s",
			       cli->dot ? "dot" : "explain");
	return 0;
}

int
cli_plan(const struct cli *cli)
{
	struct session *s;
	struct err err = { 0 };
	int code;

	if (check(cli, &err) < 0 || front_open(&s, cli, cli->arg[0], cli->arg + 1, &err) < 0)
		return cli_complain(&err);
	code = print(cli, s);
	session_free(s);
	return code;
}
