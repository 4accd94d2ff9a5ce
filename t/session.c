/* SPDX-License-Identifier: MIT */
/* session - jobs opened, run and told, with the real engine and plugins. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/run/run.h"
#include "core/session/session.h"

/* ---- a folder, a text, a job about it ---------------------------------------- */

static char dir[] = "/tmp/heddle-session-XXXXXX";

static const char words[] =
	"[job]\n"
	"name = w\n"
	"[bag.read text]\n"
	"path = text\n"
	"chunk = 64\n"
	"[bag.words word]\n"
	"of = text\n"
	"[bag.count count]\n"
	"of = word\n"
	"[bag.top top]\n"
	"of = count\n"
	"n = 3\n"
	"[history]\n"
	"store = runs\n";

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static char *
read_file(const char *name)
{
	static char buf[4096];
	char path[256];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (!f)
		return NULL;
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	fclose(f);
	return buf;
}

static int
set_up(void **state)
{
	char path[4096];
	struct text t = { 0 };

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/plugins", getenv("HEDDLE_BUILD"));
	setenv("HEDDLE_PLUGIN_PATH", path, 1);
	setenv("XDG_CONFIG_HOME", dir, 1);
	setenv("XDG_STATE_HOME", dir, 1);
	/* a 60 times, b 40 times, c 20 times, over many chunks */
	for (int i = 0; i < 20; i++)
		text_add(&t, "a b a\nb c a\n");
	write_file("text", t.at);
	text_fini(&t);
	clock_init();
	return 0;
}

static int
tear_down(void **state)
{
	char *command;

	(void)state;
	if (chdir("/") < 0 || asprintf(&command, "rm -r %s", dir) < 0)
		return -1;
	if (system(command) != 0)
		return -1;
	free(command);
	return 0;
}

/* The words job with lines added, opened with overrides; NULL and err. */
static struct session *
open_with(const char *more, const struct job_override *override, size_t n, struct err *err)
{
	struct session_setup setup = { .path = "w.ini", .override = override, .noverrides = n };
	struct text t = { 0 };
	struct session *s;

	assert_int_equal(chdir(dir), 0);
	text_add(&t, words);
	text_add(&t, more);
	write_file("w.ini", t.at);
	text_fini(&t);
	memset(err, 0, sizeof(*err));
	return session_open(&s, &setup, err) == 0 ? s : NULL;
}

static struct session *
open_job(const char *more)
{
	struct err err;
	struct session *s = open_with(more, NULL, 0, &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static int
run_job(struct session *s)
{
	struct err err = { 0 };
	int code;

	if (session_run(s, &err) < 0)
		fail_msg("%s", err.text);
	code = session_finish(s, &err);
	if (err.code)
		fail_msg("%s", err.text);
	return code;
}

static void
refuses(const char *more, int code, const char *sentence)
{
	struct err err;

	assert_null(open_with(more, NULL, 0, &err));
	assert_string_equal(err.text, sentence);
	assert_int_equal(err.code, code);
}

/* The number behind "name": in JSON. */
static double
number(const char *json, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(json, key);
	if (!at)
		fail_msg("no %s in %s", name, json);
	return strtod(at + strlen(key), NULL);
}

/* ---- tests ------------------------------------------------------------------- */

static void
opening_plans_and_runs_nothing(void **state)
{
	struct session *s = open_job("");

	(void)state;
	assert_non_null(session_graph(s));
	assert_true(session_graph(s)->csr.ntasks > 3);
	assert_null(session_current(s));
	assert_int_equal(session_is_over(s), 0);
	assert_int_equal(access("runs", F_OK), -1);
	session_free(s);
}

static void
an_unknown_scheduler_is_refused_where_it_was_named(void **state)
{
	(void)state;
	refuses("[scheduler]\nkind = fofi\n", EXIT_PLUGIN,
		"w.ini:16: no plugin 'fofi'; did you mean 'fifo'?");
	refuses("[scheduler]\nkind = bag\n", EXIT_PLUGIN,
		"w.ini:16: 'bag' is a collection; expected a scheduler");
}

static void
an_output_that_is_no_goal_is_refused(void **state)
{
	(void)state;
	refuses("[output]\nword = stdout\n", EXIT_CONFIG,
		"w.ini:16: [output] 'word': is no goal of this job");
}

static void
both_executors_give_the_same_answer(void **state)
{
	static const char *const executors[] = { "threads", "sync" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct job_override o = { "executor.kind", executors[i], "-x" };
		struct text t = { 0 };
		struct err err;
		struct session *s = open_with("", &o, 1, &err);

		assert_non_null(s);
		assert_int_equal(run_job(s), EXIT_DONE);
		session_summary(s, &t);
		assert_non_null(strstr(t.at, "\"results\":{\"top\":[[\"a\", 60], [\"b\", 40], [\"c\", 20]]}"));
		assert_non_null(strstr(t.at, executors[i]));
		text_fini(&t);
		session_free(s);
	}
}

static void
the_account_of_a_summary_sums_to_workers_times_wall(void **state)
{
	static const char *const classes[] = {
		"run_cpu", "run_wait", "ovh", "off", "src", "res", "hold", "end", "dep",
	};
	struct job_override o = { "executor.workers", "3", "-j" };
	struct text t = { 0 };
	struct err err;
	struct session *s = open_with("", &o, 1, &err);
	double sum = 0, total;

	(void)state;
	assert_non_null(s);
	assert_int_equal(run_job(s), EXIT_DONE);
	session_summary(s, &t);
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		sum += number(t.at, classes[i]);
	total = number(t.at, "workers") * number(t.at, "wall_s");
	assert_true(sum > total - 1e-8 && sum < total + 1e-8);
	assert_true(number(t.at, "span_s") <= number(t.at, "work_s"));
	assert_true(number(t.at, "tasks") == number(t.at, "done"));
	assert_true(number(t.at, "workers") == 3);
	text_fini(&t);
	session_free(s);
}

static void
the_record_keeps_the_same_summary(void **state)
{
	struct session *s = open_job("");
	struct text t = { 0 };
	char path[300];

	(void)state;
	assert_int_equal(run_job(s), EXIT_DONE);
	session_summary(s, &t);
	snprintf(path, sizeof(path), "runs/%04u/summary.json", session_number(s));
	assert_non_null(read_file(path));
	assert_memory_equal(read_file(path), t.at, t.n);
	text_fini(&t);
	session_free(s);
}

static void
an_assert_that_does_not_hold_is_told_once_all_is_made(void **state)
{
	struct session *s = open_job("[assert]\nmax_time = 1ns\n");

	(void)state;
	assert_int_equal(run_job(s), EXIT_ASSERT);
	assert_ptr_equal(strstr(session_why(s), "[assert] max_time 1ns: the run took "),
			 session_why(s));
	session_free(s);
	s = open_job("[assert]\nmax_time = 1h\nmax_held = 100000\nmax_idle = 1\n");
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_string_equal(session_why(s), "");
	session_free(s);
}

static void
one_goal_is_its_value_alone_and_several_have_names(void **state)
{
	struct text t = { 0 };
	struct err err = { 0 };
	struct session *s = open_job("");

	(void)state;
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_output(s, &t, &err), 0);
	assert_non_null(strstr(t.at, "60"));
	assert_null(strstr(t.at, "top\n"));
	text_clear(&t);
	session_free(s);

	s = open_job("[bag.top one]\nof = count\nn = 1\n");
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_output(s, &t, &err), 0);
	assert_non_null(strstr(t.at, "top\n"));
	assert_non_null(strstr(t.at, "one\n"));
	text_clear(&t);
	session_free(s);

	/* what is chosen for stdout is there alone; what is sent to a file is there */
	s = open_job("[bag.top one]\nof = count\nn = 1\n"
		     "[output]\none = stdout\n");
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_output(s, &t, &err), 0);
	assert_null(strstr(t.at, "one\n"));
	assert_null(strstr(t.at, "40"));
	text_clear(&t);
	session_free(s);

	s = open_job("[output]\ntop = out.json\n");
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_output(s, &t, &err), 0);
	assert_int_equal(t.n, 0);
	assert_string_equal(read_file("out.json"), "[[\"a\", 60], [\"b\", 40], [\"c\", 20]]\n");
	text_fini(&t);
	session_free(s);
}

static void
an_output_that_cannot_be_written_is_told(void **state)
{
	struct text t = { 0 };
	struct err err = { 0 };
	struct session *s = open_job("[output]\ntop = nowhere/out\n");

	(void)state;
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_output(s, &t, &err), -1);
	assert_string_equal(err.text, "nowhere/out: No such file or directory");
	assert_int_equal(err.code, EXIT_ENV);
	text_fini(&t);
	session_free(s);
}

static void
a_job_runs_again_as_another_run(void **state)
{
	struct session *s = open_job("");
	struct text t = { 0 };
	uint32_t first;

	(void)state;
	assert_int_equal(run_job(s), EXIT_DONE);
	first = session_number(s);
	assert_true(first > 0);
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_number(s), first + 1);
	assert_int_equal(session_show(s, graph_find_node(session_graph(s), "top"), 1, 1000, &t), 0);
	assert_string_equal(t.at, "[[\"a\", 60], [\"b\", 40], [\"c\", 20]]");
	text_fini(&t);
	session_free(s);
}

static void
another_scheduler_is_used_for_the_next_run(void **state)
{
	struct session *s = open_job("");
	struct text t = { 0 };
	char answer[256];

	(void)state;
	assert_int_equal(session_scheduler(s, "hfl", answer, sizeof(answer)), -1);
	assert_non_null(strstr(answer, "did you mean 'hlf'?"));
	assert_int_equal(session_scheduler(s, "lifo", answer, sizeof(answer)), 0);
	assert_string_equal(answer, "the next run uses lifo");
	assert_int_equal(run_job(s), EXIT_DONE);
	session_summary(s, &t);
	assert_non_null(strstr(t.at, "\"scheduler\":\"lifo\""));
	text_fini(&t);
	session_free(s);
}

static void
a_run_that_is_over_can_be_opened_by_its_number(void **state)
{
	struct session *s = open_job(""), *past;
	struct text now = { 0 }, then = { 0 };
	struct err err = { 0 };
	uint32_t number_of;
	char said[80];

	(void)state;
	assert_int_equal(run_job(s), EXIT_DONE);
	session_summary(s, &now);
	number_of = session_number(s);
	session_free(s);
	if (session_open_run(&past, number_of, "runs", NULL, &err) < 0)
		fail_msg("%s", err.text);
	session_summary(past, &then);
	assert_memory_equal(then.at, now.at, now.n);
	assert_int_equal(session_run(past, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	snprintf(said, sizeof(said), "run %04u is over; open its job to run it again", number_of);
	assert_string_equal(err.text, said);
	assert_true(session_is_over(past));
	session_free(past);
	assert_int_equal(session_open_run(&past, 9999, "runs", NULL, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	text_fini(&now);
	text_fini(&then);
}

static void
a_job_that_runs_does_not_start_again(void **state)
{
	struct session *s = open_job("[task last]\ncmd = sleep 20\n");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(session_run(s, &err), 0);
	assert_int_equal(session_run(s, &err), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_string_equal(err.text, "the job runs already");
	run_stop(session_current(s), 2);
	run_stop(session_current(s), 2);
	session_finish(s, &err);
	session_free(s);
}

static void
to_stop_a_run_that_is_over_changes_nothing(void **state)
{
	struct session *s = open_job("");
	struct text t = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(session_run(s, &err), 0);
	assert_int_equal(run_join(session_current(s)), EXIT_DONE);
	run_stop(session_current(s), 1);
	assert_int_equal(session_finish(s, &err), EXIT_DONE);
	session_summary(s, &t);
	assert_memory_equal(t.at, "{\"status\":\"ok\",\"exit\":0,", 23);
	text_fini(&t);
	session_free(s);
}

static void
nothing_is_kept_where_the_store_is_none(void **state)
{
	struct job_override o = { "history.store", "none", "-o" };
	struct err err;
	struct session *s = open_with("", &o, 1, &err);

	(void)state;
	assert_non_null(s);
	assert_int_equal(run_job(s), EXIT_DONE);
	assert_int_equal(session_number(s), 0);
	assert_null(session_dir(s));
	session_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_plans_and_runs_nothing),
		cmocka_unit_test(an_unknown_scheduler_is_refused_where_it_was_named),
		cmocka_unit_test(an_output_that_is_no_goal_is_refused),
		cmocka_unit_test(both_executors_give_the_same_answer),
		cmocka_unit_test(the_account_of_a_summary_sums_to_workers_times_wall),
		cmocka_unit_test(the_record_keeps_the_same_summary),
		cmocka_unit_test(an_assert_that_does_not_hold_is_told_once_all_is_made),
		cmocka_unit_test(one_goal_is_its_value_alone_and_several_have_names),
		cmocka_unit_test(an_output_that_cannot_be_written_is_told),
		cmocka_unit_test(a_job_runs_again_as_another_run),
		cmocka_unit_test(another_scheduler_is_used_for_the_next_run),
		cmocka_unit_test(a_run_that_is_over_can_be_opened_by_its_number),
		cmocka_unit_test(a_job_that_runs_does_not_start_again),
		cmocka_unit_test(to_stop_a_run_that_is_over_changes_nothing),
		cmocka_unit_test(nothing_is_kept_where_the_store_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
