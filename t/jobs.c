/* SPDX-License-Identifier: MIT */
/* jobs - the jobs of conf/ do what their comments say. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/graph/measure.h"
#include "core/job/job.h"
#include "core/run/run.h"
#include "core/session/session.h"

/* conf/NAME with settings "key=value", ... NULL; nothing is kept on disk. */
static struct session *
open_job(const char *name, const char *const *say)
{
	struct job_override override[16] = { { "history.store", "none", "-o" } };
	struct session_setup setup = { .override = override, .noverrides = 1 };
	const char *src = getenv("HEDDLE_SRC");
	char *path = xasprintf("%s/conf/%s", src ? src : "..", name), *text[16], *value;
	struct session *s = NULL;
	struct err err = { 0 };
	size_t n = 0;

	for (; say && say[n]; n++) {
		text[n] = xstrdup(say[n]);
		value = strchr(text[n], '=');
		*value++ = '\0';
		override[setup.noverrides++] = (struct job_override){ text[n], value, "-o" };
	}
	setup.path = path;
	if (session_open(&s, &setup, &err) < 0)
		fail_msg("%s", err.text);
	while (n)
		free(text[--n]);
	free(path);
	return s;
}

static void
run_job(struct session *s)
{
	struct err err = { 0 };

	if (session_run(s, &err) < 0)
		fail_msg("%s", err.text);
	if (run_join(session_current(s)) != 0)
		fail_msg("%s", run_why(session_current(s)));
	session_finish(s, &err);
}

static void
every_job_of_conf_can_be_planned(void **state)
{
	const char *src = getenv("HEDDLE_SRC"), *name;
	char *pattern = xasprintf("%s/conf/*.ini", src ? src : "..");
	struct session *s;
	glob_t found;
	size_t i;

	(void)state;
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 5);
	for (i = 0; i < found.gl_pathc; i++) {
		name = strrchr(found.gl_pathv[i], '/') + 1;
		if (!strcmp(name, "all.ini") || !strcmp(name, "self.ini"))
			continue;	/* settings alone; wants a build of its own */
		s = open_job(name, NULL);
		assert_true(session_graph(s)->csr.ntasks > 0);
		session_free(s);
	}
	globfree(&found);
	free(pattern);
}

static void
the_lecture_has_thirteen_seconds_of_work_and_seven_of_span(void **state)
{
	struct session *s = open_job("lecture.ini", NULL);
	struct measure m;

	(void)state;
	measure_graph(&m, session_graph(s), NULL);
	assert_int_equal(m.work, UINT64_C(13000000000));
	assert_int_equal(m.span, UINT64_C(7000000000));
	assert_int_equal(m.width, 3);
	session_free(s);
	s = open_job("lecture-speedup.ini", NULL);
	measure_graph(&m, session_graph(s), NULL);
	assert_int_equal(m.work, 137 * UINT64_C(40000000));
	assert_int_equal(m.span, 17 * UINT64_C(40000000));
	session_free(s);
}

/* Ways to the last row of a stencil, added up. */
static uint64_t
stencil_sum(uint32_t width, uint32_t steps)
{
	uint64_t *now = xcalloc(width + 2, sizeof(*now)), *then = xcalloc(width + 2, sizeof(*then));
	uint64_t *swap, sum = 0;
	uint32_t t, i;

	for (t = 0; t < steps; t++, swap = now, now = then, then = swap)
		for (i = 1; i <= width; i++)
			now[i] = 1 + then[i - 1] + then[i] + then[i + 1];
	for (i = 1; i <= width; i++)
		sum += then[i];
	free(now);
	free(then);
	return sum;
}

static void
the_stencil_counts_alike_whoever_orders_it(void **state)
{
	static const char *const schedulers[] = {
		"fifo", "lifo", "random", "prio", "hlf", "flow", "steal", NULL
	};
	static const char *const how[] = { "kind=sync", "workers=1", "workers=2", "workers=5", NULL };
	const char *say[] = { NULL, NULL, "cell.cost=0", "cell.width=30", "cell.steps=60", NULL };
	const char *const *name, *const *executor;
	struct session *s;
	struct text shown = { 0 };
	char wanted[32];

	(void)state;
	snprintf(wanted, sizeof(wanted), "%llu", (unsigned long long)stencil_sum(30, 60));
	for (name = schedulers; *name; name++)
		for (executor = how; *executor; executor++) {
			say[0] = xasprintf("scheduler.kind=%s", *name);
			say[1] = xasprintf("executor.%s", *executor);
			s = open_job("stencil.ini", say);
			run_job(s);
			text_clear(&shown);
			assert_int_equal(session_show(s, graph_find_node(session_graph(s), "cell"),
						      1, 10, &shown), 0);
			assert_string_equal(shown.at, wanted);
			session_free(s);
			free((char *)say[0]);
			free((char *)say[1]);
		}
	text_fini(&shown);
}

struct stretch { uint64_t start, end; uint32_t group; };

/* All tasks that ran, of all workers; free() them. */
static struct stretch *
stretches(struct session *s, size_t *n)
{
	const struct log *log = run_logs(session_current(s));
	const struct graph *g = session_graph(s);
	struct stretch *list = xcalloc(g->csr.ntasks, sizeof(*list));
	const struct log_row *row;
	struct log_walk walk;
	uint32_t w;

	*n = 0;
	for (w = 0; w < session_job(s)->set.workers; w++)
		for (walk = (struct log_walk){ 0 }; (row = log_next(&log[w], &walk));)
			if (row->task != HEDDLE_NONE) {
				assert_true(*n < g->csr.ntasks);
				list[(*n)++] = (struct stretch){
					row->start, row->end, graph_group_of(g, row->task)
				};
			}
	return list;
}

/* The most tokens at once, where tasks of group i take cost[i]. */
static uint32_t
most_at_once(const struct stretch *list, size_t n, const uint32_t *cost)
{
	uint32_t most = 0, now;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (now = 0, k = 0; k < n; k++)
			if (list[k].start <= list[i].start && list[i].start < list[k].end)
				now += cost[list[k].group];
		most = now > most ? now : most;
	}
	return most;
}

static void
who_holds_the_global_lock_runs_alone_and_waits_overlap(void **state)
{
	static const char *const say[] = { "work.cost=5ms", "wait.cost=40ms", NULL };
	struct session *s = open_job("lecture-gil.ini", say);
	uint32_t cost[2] = { 0 };
	struct stretch *list;
	size_t n;

	(void)state;
	run_job(s);
	list = stretches(s, &n);
	assert_int_equal(n, 16);
	cost[graph_find_group(session_graph(s), "work")] = 1;
	assert_int_equal(most_at_once(list, n, cost), 1);
	cost[0] = cost[1] = 1;
	assert_true(most_at_once(list, n, cost) >= 2);
	free(list);
	session_free(s);
}

static void
no_more_cores_are_taken_than_there_are(void **state)
{
	static const char *const say[] = { "wide.cost=10ms", "small.cost=4ms", NULL };
	struct session *s = open_job("cores.ini", say);
	uint32_t cost[2] = { 1, 1 };
	struct stretch *list;
	size_t n;

	(void)state;
	run_job(s);
	list = stretches(s, &n);
	assert_int_equal(n, 36);
	cost[graph_find_group(session_graph(s), "wide")] = 3;
	assert_in_range(most_at_once(list, n, cost), 3, 4);
	free(list);
	session_free(s);
}

static char *
output_of(const char *command)
{
	FILE *f = popen(command, "r");
	struct text t = { 0 };
	char buf[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_addn(&t, buf, n);
	pclose(f);
	return text_take(&t);
}

static void
commands_make_what_a_pipeline_makes(void **state)
{
	char dir[] = "/tmp/heddle-jobs-XXXXXX", *say[] = { NULL, NULL }, *got, *wanted, *command;
	struct session *s;

	(void)state;
	if (access("/usr/share/common-licenses/GPL-2", R_OK) < 0) {
		print_message("# SKIP no /usr/share/common-licenses\n");
		return;
	}
	assert_non_null(mkdtemp(dir));
	say[0] = xasprintf("job.dir=%s", dir);
	s = open_job("commands.ini", (const char *const *)say);
	run_job(s);
	session_free(s);
	command = xasprintf("cat %s/commands.out/top.txt", dir);
	got = output_of(command);
	wanted = output_of("cat /usr/share/common-licenses/* | tr -cs A-Za-z '\\n' | tr A-Z a-z | "
			   "sort | uniq -c | awk '{ print $1, $2 }' | sort -k1,1nr -k2 | head -n 20");
	assert_true(strlen(wanted) > 60);
	assert_string_equal(got, wanted);
	free(command);
	command = xasprintf("rm -r %s", dir);
	free(output_of(command));
	free(command);
	free(got);
	free(wanted);
	free(say[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_of_conf_can_be_planned),
		cmocka_unit_test(the_lecture_has_thirteen_seconds_of_work_and_seven_of_span),
		cmocka_unit_test(the_stencil_counts_alike_whoever_orders_it),
		cmocka_unit_test(who_holds_the_global_lock_runs_alone_and_waits_overlap),
		cmocka_unit_test(no_more_cores_are_taken_than_there_are),
		cmocka_unit_test(commands_make_what_a_pipeline_makes),
	};
	const char *build = getenv("HEDDLE_BUILD");
	char *plugins = xasprintf("%s/plugins", build ? build : ".");
	int rc;

	clock_init();
	setenv("HEDDLE_PLUGIN_PATH", plugins, 1);
	free(plugins);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	return rc;
}
