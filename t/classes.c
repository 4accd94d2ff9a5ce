/* SPDX-License-Identifier: MIT */
/* classes - a job for each class of a worker's time; they sum to workers x wall. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/insight/account.h"
#include "t/graphs.h"

enum { MS = 1000000 };

/* The account of a run that is over: live block, rows, and workers x wall. */
static void
account_of(struct run *run, struct account *a)
{
	const struct live_head *h = run_live(run);
	const struct live_worker *w = live_workers(h);
	uint64_t *start = calloc(h->nworkers, sizeof(*start));
	uint64_t *end = calloc(h->nworkers, sizeof(*end));
	uint64_t sum = 0, total = 0;
	struct account rows;

	for (uint32_t i = 0; i < h->nworkers; i++) {
		start[i] = w[i].start;
		end[i] = w[i].end;
		total += end[i] - start[i];
	}
	account_live(a, h, HEDDLE_NONE, h->end);
	account_rows(&rows, run_logs(run), h->nworkers, start, end);
	for (int c = 0; c < CLASS_N; c++)
		sum += a->ns[c];
	assert_int_equal(sum, total);
	assert_int_equal(a->total, total);
	assert_int_equal(rows.total, total);
	for (int c = CLASS_OVH; c < CLASS_N; c++)
		assert_int_equal(a->ns[c], rows.ns[c]);
	assert_int_equal(a->ns[CLASS_RUN_CPU] + a->ns[CLASS_RUN_WAIT], rows.ns[CLASS_RUN_CPU]);
	assert_int_equal(a->ns[CLASS_SRC], 0);
	free(start);
	free(end);
}

static void
finish(struct run *run, struct graph *g, struct account *a)
{
	assert_int_equal(run_join(run), EXIT_DONE);
	account_of(run, a);
	run_free(run);
	graph_free(g);
}

static struct run *
begin(struct graph *g, struct settings *set, const char *scheduler)
{
	struct run *run = run_of(g, set, scheduler);
	struct err err = { 0 };

	assert_int_equal(run_start(run, &err), 0);
	return run;
}

/* Until some worker is idle for that reason. */
static void
await(struct run *run, enum run_class class)
{
	const struct live_worker *w = live_workers(run_live(run));

	for (;;) {
		for (uint32_t i = 0; i < run_live(run)->nworkers; i++)
			if (w[i].start && w[i].class == class)
				return;
		assert_false(run_is_over(run));
		sched_yield();
	}
}

static void
a_task_that_computes_is_run_cpu(void **state)
{
	struct graph *g = graph_of("c40", NULL);
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 1);
	finish(begin(g, &set, "fifo"), g, &a);
	assert_true(a.ns[CLASS_RUN_CPU] >= 40 * MS);
}

static void
a_task_that_sleeps_is_run_wait(void **state)
{
	struct graph *g = graph_of("s40", NULL);
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 1);
	finish(begin(g, &set, "fifo"), g, &a);
	assert_true(a.ns[CLASS_RUN_WAIT] >= 30 * MS);
}

static void
what_lies_between_tasks_is_ovh(void **state)
{
	struct graph *g = graph_random(20000, 100, 1, ' ');
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 2);
	finish(begin(g, &set, "flow"), g, &a);
	assert_true(a.ns[CLASS_OVH] > 0);
}

static void
a_pause_is_off(void **state)
{
	struct graph *g = graph_of("s1 s1 s1", NULL);
	struct settings set;
	struct account a;
	struct run *run;
	struct err err = { 0 };
	char said[128];

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(run_ask(run, "pause", "test", said, sizeof(said)), 0);
	assert_int_equal(run_start(run, &err), 0);
	await(run, CLASS_OFF);
	assert_int_equal(run_ask(run, "go", "test", said, sizeof(said)), 0);
	finish(run, g, &a);
	assert_true(a.ns[CLASS_OFF] > 0);
}

static void
a_resource_that_is_taken_is_res(void **state)
{
	struct graph_attr attr = { .cores = 2 };
	struct graph *g = graph_of("s20 s20", &attr);
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 2);
	finish(begin(g, &set, "fifo"), g, &a);
	assert_true(a.ns[CLASS_RES] > 10 * MS);
}

static void
a_task_held_by_request_is_hold(void **state)
{
	struct graph *g = graph_of("s1 s1", NULL);
	struct settings set;
	struct account a;
	struct run *run;
	struct err err = { 0 };
	char said[128];

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(run_ask(run, "hold t/1", "test", said, sizeof(said)), 0);
	assert_int_equal(run_start(run, &err), 0);
	await(run, CLASS_HOLD);
	assert_int_equal(run_ask(run, "unhold t/1", "test", said, sizeof(said)), 0);
	finish(run, g, &a);
	assert_true(a.ns[CLASS_HOLD] > 0);
}

static void
a_worker_that_nothing_can_need_is_end(void **state)
{
	/* one chain: from the first instant one of two workers is too many */
	struct graph *g = graph_of("s10 s10<0 s10<1", NULL);
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 2);
	finish(begin(g, &set, "fifo"), g, &a);
	assert_true(a.ns[CLASS_END] > 20 * MS);
	assert_int_equal(a.ns[CLASS_DEP], 0);
}

static void
a_worker_that_waits_for_a_predecessor_is_dep(void **state)
{
	/* two tasks will run at once, but not yet */
	struct graph *g = graph_of("s30 s1<0 s1<0", NULL);
	struct settings set;
	struct account a;

	(void)state;
	settings_of(&set, 2);
	finish(begin(g, &set, "fifo"), g, &a);
	assert_true(a.ns[CLASS_DEP] > 20 * MS);
}

static void
classes_sum_to_workers_times_wall_over_random_graphs(void **state)
{
	static const char *const with[] = { "fifo", "hlf", "flow", "steal" };

	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct graph *g = graph_random(1 + (uint32_t)(seed * seed * 3),
					       1 + (uint32_t)seed % 9, seed, "  b"[seed % 3]);
		struct settings set;
		struct account a;

		settings_of(&set, 1 + (uint32_t)seed % 5);
		finish(begin(g, &set, with[seed % 4]), g, &a);
		assert_int_equal(a.total, a.wall * set.workers);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_that_computes_is_run_cpu),
		cmocka_unit_test(a_task_that_sleeps_is_run_wait),
		cmocka_unit_test(what_lies_between_tasks_is_ovh),
		cmocka_unit_test(a_pause_is_off),
		cmocka_unit_test(a_resource_that_is_taken_is_res),
		cmocka_unit_test(a_task_held_by_request_is_hold),
		cmocka_unit_test(a_worker_that_nothing_can_need_is_end),
		cmocka_unit_test(a_worker_that_waits_for_a_predecessor_is_dep),
		cmocka_unit_test(classes_sum_to_workers_times_wall_over_random_graphs),
	};

	clock_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
