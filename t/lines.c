/* SPDX-License-Identifier: MIT */
/* lines - what the plain front end says: a view or a row in, text out. */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/front.h"
#include "core/base/text.h"
#include "core/graph/build.h"
#include "core/insight/view.h"

static const uint64_t s = 1000000000u;
static const struct heddle_kernel kernel = { .size = sizeof(kernel), .name = "run" };

/* fetch/0 .. fetch/2 and index, with 3 retries each. */
static struct graph *
make_graph(void)
{
	struct graph_attr attr = { .cores = 1, .retries = 3 };
	struct build *b = build_new();
	struct heddle_bytes none = { 0 };
	struct graph *g;
	heddle_task in[3];
	uint32_t k = build_kernel(b, "command", &kernel);

	build_group(b, build_node(b, "fetch", "command", "map", "a.ini", 3, &attr), "fetch");
	for (int i = 0; i < 3; i++)
		in[i] = build_task(b, k, none, NULL, 0, NULL);
	build_group(b, build_node(b, "index", "command", "task", "a.ini", 9, &attr), "index");
	build_task(b, k, none, in, 3, NULL);
	assert_int_equal(build_seal(b, 0, &g, NULL), 0);
	build_free(b);
	return g;
}

static void
same(struct text *t, const char *expected)
{
	assert_string_equal(t->at ? t->at : "", expected);
	text_fini(t);
}

static void
the_heading_tells_the_job_and_what_is_known_of_it(void **state)
{
	struct view *v = calloc(1, sizeof(*v));
	struct graph *g = make_graph();
	struct text t = { 0 };

	(void)state;
	v->graph = g;
	v->ntasks = 4;
	v->workers = 8;
	line_head(&t, v, "pages");
	same(&t, "heddle: pages: 4 tasks in 2 groups, 8 workers\n");
	v->work_total = 460 * s;
	v->span_total = 203 * s;
	v->finish = 252 * s;
	v->workers = 1;
	line_head(&t, v, "pa\033[1mges");
	same(&t, "heddle: pa\\x1b[1mges: 4 tasks in 2 groups, work ~7m40s, span 3m23s, "
		 "1 worker, finish ~4m12s\n");
	graph_free(g);
	free(v);
}

static void
the_count_tells_ended_tasks_and_the_time_left(void **state)
{
	struct view *v = calloc(1, sizeof(*v));
	struct text t = { 0 };

	(void)state;
	v->ntasks = 38;
	line_count(&t, v, 37);
	same(&t, "[37/38 97%] ");
	v->now = 10 * s;
	v->finish = 14 * s;
	line_count(&t, v, 38);
	same(&t, "[38/38 100% ~4.0s] ");
	v->ntasks = 0;
	line_count(&t, v, 0);
	same(&t, "[0/0 100% ~4.0s] ");
	free(v);
}

static void
a_sign_of_life_names_what_runs_and_why_others_are_held(void **state)
{
	struct view *v = calloc(1, sizeof(*v));
	struct text t = { 0 };

	(void)state;
	v->ntasks = 38;
	v->sum.done = 8;
	v->sum.failed = 1;
	v->sum.running = 6;
	v->sum.ready = 2;
	v->sum.held = 3;
	for (int i = 0; i < 6; i++) {
		snprintf(v->running[i].name, VIEW_NAME, "ocr/%d", i);
		v->running[i].since = (44 + (uint64_t)i) * s;
	}
	v->nrunning_list = 6;
	v->nheld_list = 1;
	strcpy(v->held_list[0].note, "pool net 2/2");
	line_sign(&t, v);
	same(&t, "[9/38 23%] running 6: ocr/0 44.0s, ocr/1 45.0s, ocr/2 46.0s, ocr/3 47.0s ..; "
		 "ready 2, held 3: pool net 2/2, failed 1");
	free(v);
}

static void
a_row_tells_how_its_task_ended_and_how_long_it_took(void **state)
{
	struct graph *g = make_graph();
	struct log_row r = { .start = 2 * s, .end = 11 * s + s / 5, .task = 1,
			     .packed = 7u << 16 | ROW_DONE << 8 | 1 };
	struct text t = { 0 };

	(void)state;
	line_row(&t, g, &r);
	same(&t, "ok    fetch/1          9.2s\n");
	json_row(&t, g, &r, 3);
	same(&t, "{\"event\":\"task\",\"task\":\"fetch/1\",\"status\":\"done\",\"worker\":3,"
		 "\"attempt\":1,\"start_s\":2.000000000,\"end_s\":11.200000000,\"bytes\":7}\n");
	graph_free(g);
}

static void
a_failure_is_marked_and_its_text_is_cleaned(void **state)
{
	struct graph *g = make_graph();
	struct run_event e = { .kind = EVENT_FAIL, .task = 3, .worker = 0, .code = 1,
			       .attempt = 1, .text = (char *)"exit 1\033]0;x\a" };
	struct text t = { 0 };

	(void)state;
	line_event(&t, g, &e, 0);
	same(&t, "FAIL  index            exit 1\\x1b]0;x\\x07\n");
	line_event(&t, g, &e, 1);
	same(&t, "\033[1;31mFAIL\033[0m  index            exit 1\\x1b]0;x\\x07\n");
	e.kind = EVENT_RETRY;
	e.n = 4 * s;
	e.text = (char *)"exit 22";
	line_event(&t, g, &e, 1);
	same(&t, "retry index            exit 22, attempt 2 of 4 in 4.0s\n");
	graph_free(g);
}

static void
the_totals_tell_where_the_time_went(void **state)
{
	struct view *v = calloc(1, sizeof(*v));
	struct text t = { 0 };

	(void)state;
	v->workers = 4;
	v->account.wall = 20 * s;
	v->account.work = 70 * s;
	v->account.ns[CLASS_RUN_CPU] = 70 * s;
	v->account.ns[CLASS_DEP] = 10 * s;
	v->account.total = 80 * s;
	v->speedup = 3.5;
	v->held_peak = 31;
	v->held_bytes_peak = 96 << 20;
	v->number = 151;
	line_totals(&t, v);
	same(&t, "heddle: 20.0s  work 1m10s  idle dep 10.0s  speedup 3.50 of 4  held peak 31, 96.0M  run 0151\n");
	free(v);
}

/* The tail of a file that holds text. */
static void
tail(struct text *t, const char *text, size_t n, int most)
{
	char path[] = "/tmp/heddle-lines-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	close(fd);
	line_log_tail(t, path, most);
	unlink(path);
}

static void
the_tail_of_a_log_is_its_last_lines_cleaned(void **state)
{
	struct text t = { 0 }, big = { 0 };

	(void)state;
	tail(&t, "one\ntwo\r\nth\tree\033[2J\nfour", 24, 3);
	same(&t, "  | two\n  | th\\x09ree\\x1b[2J\n  | four\n");
	tail(&t, "", 0, 3);
	same(&t, "");
	tail(&t, "\n", 1, 3);
	same(&t, "  | \n");
	for (int i = 0; i < 1000; i++)
		text_addf(&big, "line %d\n", i);
	tail(&t, big.at, big.n, 2);
	same(&t, "  | line 998\n  | line 999\n");
	text_clear(&big);
	for (int i = 0; i < 10000; i++)
		text_addc(&big, 'x');
	tail(&t, big.at, big.n, 2);
	assert_int_equal(t.n, 4096 + 5);
	text_fini(&t);
	text_fini(&big);
	line_log_tail(&t, "/nowhere/at/all", 3);
	same(&t, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_heading_tells_the_job_and_what_is_known_of_it),
		cmocka_unit_test(the_count_tells_ended_tasks_and_the_time_left),
		cmocka_unit_test(a_sign_of_life_names_what_runs_and_why_others_are_held),
		cmocka_unit_test(a_row_tells_how_its_task_ended_and_how_long_it_took),
		cmocka_unit_test(a_failure_is_marked_and_its_text_is_cleaned),
		cmocka_unit_test(the_totals_tell_where_the_time_went),
		cmocka_unit_test(the_tail_of_a_log_is_its_last_lines_cleaned),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
