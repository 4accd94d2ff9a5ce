/* SPDX-License-Identifier: MIT */
/* run - each task once, in order, whatever happens; every nanosecond has a class. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "t/graphs.h"

static const char *const schedulers[] = {
	"fifo", "lifo", "random", "prio", "hlf", "flow", "steal"
};
enum { NSCHEDULERS = sizeof(schedulers) / sizeof(*schedulers) };

static int
go(struct run *run)
{
	struct err err = { 0 };

	assert_int_equal(run_start(run, &err), 0);
	return run_join(run);
}

static void
check(struct run *run)
{
	const char *why = check_run(run);

	if (why)
		fail_msg("%s", why);
}

/* Values as plain recursion over ids gives them. */
static void
check_values(struct run *run)
{
	const struct graph *g = run_graph(run);
	uint64_t *want = calloc(g->csr.ntasks, sizeof(*want));

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		struct heddle_bytes v = run_value(run, t);
		uint64_t got;

		want[t] = 1;
		for (uint64_t e = g->csr.pred_at[t]; e < g->csr.pred_at[t + 1]; e++)
			want[t] += want[g->csr.pred[e]];
		assert_true(v.n >= 8);
		memcpy(&got, v.at, 8);
		if (got != want[t])
			fail_msg("task %u: %llu, expected %llu", t, (unsigned long long)got,
				 (unsigned long long)want[t]);
	}
	free(want);
}

static void
every_scheduler_runs_random_graphs_in_order(void **state)
{
	(void)state;
	for (int s = 0; s < NSCHEDULERS; s++)
		for (uint32_t workers = 1; workers <= 4; workers++)
			for (uint64_t seed = 0; seed < 6; seed++) {
				struct graph *g = graph_random(200 + 300 * (uint32_t)seed,
							       1 + 7 * (uint32_t)seed, seed,
							       seed & 1 ? 'b' : ' ');
				struct settings set;
				struct run *run;

				settings_of(&set, workers);
				run = run_of(g, &set, schedulers[s]);
				assert_int_equal(go(run), EXIT_DONE);
				check(run);
				check_values(run);
				run_free(run);
				graph_free(g);
			}
}

static void
the_sync_executor_runs_in_one_thread(void **state)
{
	struct graph *g = graph_random(500, 10, 3, 'b');
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 4);
	set.executor = EXECUTOR_SYNC;
	run = run_of(g, &set, "flow");
	assert_int_equal(go(run), EXIT_DONE);
	assert_int_equal(run_live(run)->nworkers, 1);
	check(run);
	check_values(run);
	run_free(run);
	graph_free(g);
}

static void
an_empty_graph_is_done_at_once(void **state)
{
	struct graph *g = graph_of("", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_DONE);
	assert_string_equal(run_status_names[run_live(run)->status], "ok");
	run_free(run);
	graph_free(g);
}

static void
classes_sum_to_workers_times_wall(void **state)
{
	(void)state;
	for (int s = 0; s < NSCHEDULERS; s++) {
		struct graph *g = graph_random(300, 5, (uint64_t)s, ' ');
		struct settings set;
		struct run *run;
		uint64_t total = 0, sum = 0;

		settings_of(&set, 3);
		run = run_of(g, &set, schedulers[s]);
		assert_int_equal(go(run), EXIT_DONE);
		for (uint32_t i = 0; i < 3; i++) {
			const struct live_worker *w = &live_workers(run_live(run))[i];
			struct log_walk at = { 0 };
			const struct log_row *r;
			uint64_t last = 1, gaps = 0;

			assert_int_equal(w->start, 1);
			assert_int_equal(w->end, run_live(run)->end);
			while ((r = log_next(&run_logs(run)[i], &at))) {
				gaps += r->start - last;
				sum += r->end - r->start;
				last = r->end;
			}
			sum += gaps + w->end - last;
			total += w->end - w->start;
		}
		assert_int_equal(total, 3 * (run_live(run)->end - 1));
		assert_int_equal(sum, total);
		run_free(run);
		graph_free(g);
	}
}

static void
a_failed_task_skips_all_that_needs_it_and_others_finish(void **state)
{
	struct graph *g = graph_of("1 f1 1<0 1<1 1<3,2 1<2", NULL);
	struct settings set;
	struct run *run;
	struct live_sum sum;

	(void)state;
	settings_of(&set, 2);
	set.on_fail = FAIL_FINISH_OTHERS;
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_FAILED);
	check(run);
	live_sums(run_live(run), g, &sum);
	assert_int_equal(sum.done, 3);
	assert_int_equal(sum.failed, 1);
	assert_int_equal(sum.skipped, 2);
	assert_string_equal(run_why(run), "t/1: as it was told");
	assert_int_equal(run_first_failed(run), 1);
	run_free(run);
	graph_free(g);
}

static void
after_a_failure_no_task_starts_by_default(void **state)
{
	struct graph *g = graph_of("f1 1 1<1 1<2 1<3", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 1);
	set.on_fail = FAIL_FINISH_RUNNING;
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_FAILED);
	assert_int_equal(run_live(run)->done, 0);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
a_retry_comes_after_its_back_off_and_counts(void **state)
{
	struct graph_attr attr = { .cores = 1, .retries = 2, .nbackoff = 1,
				   .backoff = { 20000000 } };
	struct graph *g = graph_of("r0 s1<0", &attr);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_DONE);
	check(run);
	assert_int_equal(run_live(run)->retried, 1);
	assert_true(run_live(run)->end > 20000000);
	run_free(run);
	graph_free(g);
}

static void
a_task_out_of_attempts_fails(void **state)
{
	struct graph_attr attr = { .cores = 1, .retries = 3, .nbackoff = 1,
				   .backoff = { 1000000 } };
	struct graph *g = graph_of("f0 1<0", &attr);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_FAILED);
	assert_int_equal(run_live(run)->retried, 3);
	assert_int_equal(run_live(run)->failed, 1);
	assert_int_equal(run_live(run)->skipped, 1);
	run_free(run);
	graph_free(g);
}

static void
a_pool_of_one_lets_one_run_at_a_time(void **state)
{
	const struct job_pool pool = { "t", 1, { NULL, 0 } };
	struct graph_attr attr = { .cores = 1, .tokens = 1 };
	struct graph *g = graph_of("s3 s3 s3 s3 s3 s3", &attr);
	struct settings set;
	struct run *run;
	uint64_t busy = 0;

	(void)state;
	/* the group's name serves as the pool's, it is a text at hand */
	g->node[0].attr.pool = g->group[0].name;
	settings_of(&set, 3);
	set.pool = &pool;
	set.npools = 1;
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_DONE);
	check(run);
	for (uint32_t i = 0; i < 3; i++)
		busy += live_workers(run_live(run))[i].ns[CLASS_RUN_CPU];
	assert_true(busy < run_live(run)->end);
	assert_true(live_workers(run_live(run))[0].ns[CLASS_RES] +
		    live_workers(run_live(run))[1].ns[CLASS_RES] +
		    live_workers(run_live(run))[2].ns[CLASS_RES] > 0);
	run_free(run);
	graph_free(g);
}

static void
more_than_there_is_of_a_resource_is_refused(void **state)
{
	struct graph_attr attr = { .cores = 3 };
	struct graph *g = graph_of("1", &attr);
	struct settings set;
	struct run_setup s = { .graph = g, .set = &set };
	struct run *run;
	struct err err = { 0 };

	(void)state;
	settings_of(&set, 2);
	s.scheduler = shelf_get(test_shelf(), "fifo", NULL, &err);
	assert_int_equal(run_new(&run, &s, &err), -1);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "node 't' wants 3 cores, there are 2 workers");
	g->node[0].attr = (struct graph_attr){ .cores = 1, .tokens = 2 };
	g->node[0].attr.pool = g->group[0].name;
	assert_int_equal(run_new(&run, &s, &err), -1);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "node 't' wants 2 of pool 't', there are 0");
	graph_free(g);
}

static void
tasks_of_two_cores_run_one_at_a_time_on_three_workers(void **state)
{
	struct graph_attr attr = { .cores = 2 };
	struct graph *g = graph_of("s2 s2 s2 s2", &attr);
	struct settings set;
	struct run *run;
	uint64_t busy = 0;

	(void)state;
	g->has_resources = 1;
	settings_of(&set, 3);
	run = run_of(g, &set, "steal");
	assert_int_equal(go(run), EXIT_DONE);
	check(run);
	for (uint32_t i = 0; i < 3; i++)
		busy += live_workers(run_live(run))[i].ns[CLASS_RUN_CPU];
	assert_true(busy < run_live(run)->end);
	run_free(run);
	graph_free(g);
}

static void
the_lecture_releases_two_workers_at_last(void **state)
{
	/* T1 .. T6; when only T5 and T6 are left, one chain is left */
	struct graph *g = graph_of("s30 s15 s45 s15<0 s60<1 s30<3,4", NULL);
	struct settings set;
	struct run *run;
	uint64_t end = 0, dep = 0;

	(void)state;
	settings_of(&set, 3);
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_DONE);
	check(run);
	for (uint32_t i = 0; i < 3; i++) {
		end += live_workers(run_live(run))[i].ns[CLASS_END];
		dep += live_workers(run_live(run))[i].ns[CLASS_DEP];
	}
	assert_true(end > 60000000);	/* 120 ms by the model, and no dep */
	assert_true(dep < end);
	run_free(run);
	graph_free(g);
}

static void
requests_are_answered_and_obeyed(void **state)
{
	struct graph *g = graph_of("s20 s20 s20 s20 s20 s20 s20 s20", NULL);
	struct settings set;
	struct run *run;
	struct err err = { 0 };
	char a[256];

	(void)state;
	settings_of(&set, 1);
	run = run_of(g, &set, "fifo");
	assert_int_equal(run_ask(run, "pause", "test", a, sizeof(a)), 0);
	assert_int_equal(run_start(run, &err), 0);
	assert_int_equal(run_ask(run, "workers 2", "test", a, sizeof(a)), 0);
	assert_string_equal(a, "2 workers");
	assert_int_equal(run_ask(run, "workers 0", "test", a, sizeof(a)), -1);
	assert_int_equal(run_ask(run, "schedular hlf", "test", a, sizeof(a)), -1);
	assert_string_equal(a, "'schedular': no such request; did you mean 'scheduler'?");
	assert_int_equal(run_ask(run, "hold t/7", "test", a, sizeof(a)), 0);
	assert_int_equal(run_ask(run, "prioritise t/6 9", "test", a, sizeof(a)), 0);
	assert_int_equal(run_ask(run, "go", "test", a, sizeof(a)), 0);
	assert_int_equal(run_ask(run, "unhold t", "test", a, sizeof(a)), 0);
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	assert_int_equal(run_ask(run, "pause", "test", a, sizeof(a)), -1);
	run_free(run);
	graph_free(g);
}

static void
refused(struct run *run, const char *line, const char *expected)
{
	char a[256];

	assert_int_equal(run_ask(run, line, "test", a, sizeof(a)), -1);
	assert_string_equal(a, expected);
}

static void
what_cannot_be_asked_is_refused_in_words(void **state)
{
	static const char *const rows[][2] = {
		{ "", "nothing was asked" },
		{ "dance", "'dance': no such request; expected pause, go, stop, workers, scheduler, "
			   "hold, unhold, kill, retry, prioritise, place or release" },
		{ "scheduler", "scheduler: expected the name of a plugin" },
		{ "hold", "expected tasks: count/3, count, count/0..99 or state:failed" },
		{ "hold u/1", "'u/1': no task, group or state of that name" },
		{ "kill t", "0 of them run" },
		{ "retry t", "none of them has failed" },
		{ "prioritise t much", "'much': expected a priority such as 5 or -1" },
		{ "place t 0", "place: expected one task and a worker from 0 to 1" },
		{ "place t/0 2", "place: expected one task and a worker from 0 to 1" },
		{ "release t/0", "release: expected nothing, auto or off" },
	};
	struct graph *g = graph_of("1 1", NULL);
	const char *build = getenv("HEDDLE_BUILD");
	char *line = xasprintf("scheduler %s/plugins/bag.so", build ? build : ".");
	char *said = xasprintf("'%s' is a collection; expected a scheduler", line + 10);
	struct run_setup bare = { .graph = g };
	struct settings set;
	struct run *run;
	struct err err = { 0 };

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		refused(run, rows[i][0], rows[i][1]);
	refused(run, line, said);
	free(line);
	line = xasprintf("scheduler %s/plugins/hlf.so fast", build ? build : ".");
	refused(run, line, "'fast': expected option=value");
	run_ask(run, "stop", "test", (char[64]){ 0 }, 64);
	refused(run, "go", "the run is stopping");
	assert_int_equal(run_start(run, &err), 0);
	run_join(run);
	refused(run, "go", "the run is over");
	run_free(run);

	set.executor = EXECUTOR_SYNC;
	bare.set = &set;
	bare.scheduler = shelf_get(test_shelf(), "fifo", NULL, &err);
	assert_int_equal(run_new(&run, &bare, &err), 0);
	refused(run, "workers 2", "workers: expected a number from 1 to 1");
	refused(run, "workers 1", "the sync executor has one worker");
	refused(run, "scheduler fifo", "no plugins are at hand");
	run_free(run);
	graph_free(g);
	free(said);
	free(line);
}

static void
a_worker_that_cannot_be_had_is_told(void **state)
{
	struct graph *g = graph_of("1", NULL);
	struct settings set;
	struct run *run;
	struct err err = { 0 };
	pthread_attr_t was, huge;

	(void)state;
	settings_of(&set, 1);
	run = run_of(g, &set, "fifo");
	run_ask(run, "pause", "test", (char[64]){ 0 }, 64);
	assert_int_equal(run_start(run, &err), 0);
	assert_int_equal(pthread_getattr_default_np(&was), 0);
	assert_int_equal(pthread_attr_init(&huge), 0);
	assert_int_equal(pthread_attr_setstacksize(&huge, (size_t)1 << 50), 0);
	assert_int_equal(pthread_setattr_default_np(&huge), 0);
	refused(run, "workers 2", "no more than 1 workers can be started");
	assert_int_equal(pthread_setattr_default_np(&was), 0);
	run_ask(run, "go", "test", (char[64]){ 0 }, 64);
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
the_scheduler_can_be_switched_while_it_runs(void **state)
{
	struct graph *g = graph_random(20000, 50, 9, 'b');
	struct settings set;
	struct run *run;
	struct err err = { 0 };
	char a[256], line[300];

	(void)state;
	settings_of(&set, 3);
	run = run_of(g, &set, "steal");
	assert_int_equal(run_start(run, &err), 0);
	for (int i = 0; i < 40 && !run_is_over(run); i++) {
		snprintf(line, sizeof(line), "scheduler %s/plugins/%s.so", getenv("HEDDLE_BUILD") ?
			 getenv("HEDDLE_BUILD") : ".", schedulers[i % NSCHEDULERS]);
		run_ask(run, line, "test", a, sizeof(a));
	}
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	check_values(run);
	run_free(run);
	graph_free(g);
}

static void
a_failed_task_can_be_retried_by_request(void **state)
{
	struct graph *g = graph_of("r0 s1<0 s1", NULL);
	struct settings set;
	struct run *run;
	struct err err = { 0 };
	char a[256];

	(void)state;
	settings_of(&set, 2);
	set.on_fail = FAIL_FINISH_OTHERS;
	run = run_of(g, &set, "fifo");
	assert_int_equal(run_ask(run, "hold t/2", "test", a, sizeof(a)), 0);
	assert_int_equal(run_start(run, &err), 0);
	while (run_ask(run, "retry t/0", "test", a, sizeof(a)) < 0)
		assert_false(run_is_over(run));
	assert_int_equal(run_ask(run, "unhold t/2", "test", a, sizeof(a)), 0);
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	assert_int_equal(run_live(run)->done, 3);
	run_free(run);
	graph_free(g);
}

static uint64_t
process_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
a_paused_run_uses_no_cpu(void **state)
{
	(void)state;
	for (int s = 0; s < NSCHEDULERS; s++) {
		struct graph *g = graph_random(3000, 1000, 2, ' ');
		struct settings set;
		struct err err = { 0 };
		struct pollfd over = { .events = POLLIN };
		struct run *run;
		uint64_t cpu;
		char a[256];

		settings_of(&set, 3);
		run = run_of(g, &set, schedulers[s]);
		assert_int_equal(run_ask(run, "pause", "test", a, sizeof(a)), 0);
		assert_int_equal(run_start(run, &err), 0);
		over.fd = run_fd(run);
		cpu = process_cpu();
		assert_int_equal(poll(&over, 1, 100), 0);
		cpu = process_cpu() - cpu;
		if (cpu > 50000000)
			fail_msg("%s: %llu ns of CPU in a pause of 100 ms", schedulers[s],
				 (unsigned long long)cpu);
		assert_int_equal(run_ask(run, "go", "test", a, sizeof(a)), 0);
		assert_int_equal(run_join(run), EXIT_DONE);
		check(run);
		run_free(run);
		graph_free(g);
	}
}

static void
a_stop_ends_it_with_the_signal(void **state)
{
	struct graph *g = graph_of("s30 s30 s30 s30 s30", NULL);
	struct settings set;
	struct run *run;
	struct err err = { 0 };

	(void)state;
	settings_of(&set, 1);
	run = run_of(g, &set, "fifo");
	assert_int_equal(run_start(run, &err), 0);
	run_stop(run, 2);
	assert_int_equal(run_join(run), 130);
	assert_string_equal(run_status_names[run_live(run)->status], "stopped");
	assert_true(run_live(run)->done < 5);
	run_free(run);
	graph_free(g);
}

static void
held_values_go_when_their_last_reader_has_ended(void **state)
{
	struct graph *g = graph_of("b1 b1<0 b1<1 b1<2 b1<3", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	g->node[0].goal = 0;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	assert_int_equal(go(run), EXIT_DONE);
	assert_int_equal(run_live(run)->held, 0);
	assert_int_equal(run_live(run)->held_bytes, 0);
	assert_int_equal(run_live(run)->held_peak, 2);
	assert_int_equal(run_live(run)->held_bytes_peak, 128);
	run_free(run);
	graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_graph_is_done_at_once),
		cmocka_unit_test(every_scheduler_runs_random_graphs_in_order),
		cmocka_unit_test(the_sync_executor_runs_in_one_thread),
		cmocka_unit_test(classes_sum_to_workers_times_wall),
		cmocka_unit_test(a_failed_task_skips_all_that_needs_it_and_others_finish),
		cmocka_unit_test(after_a_failure_no_task_starts_by_default),
		cmocka_unit_test(a_retry_comes_after_its_back_off_and_counts),
		cmocka_unit_test(a_task_out_of_attempts_fails),
		cmocka_unit_test(a_pool_of_one_lets_one_run_at_a_time),
		cmocka_unit_test(more_than_there_is_of_a_resource_is_refused),
		cmocka_unit_test(tasks_of_two_cores_run_one_at_a_time_on_three_workers),
		cmocka_unit_test(the_lecture_releases_two_workers_at_last),
		cmocka_unit_test(requests_are_answered_and_obeyed),
		cmocka_unit_test(a_worker_that_cannot_be_had_is_told),
		cmocka_unit_test(what_cannot_be_asked_is_refused_in_words),
		cmocka_unit_test(the_scheduler_can_be_switched_while_it_runs),
		cmocka_unit_test(a_failed_task_can_be_retried_by_request),
		cmocka_unit_test(a_paused_run_uses_no_cpu),
		cmocka_unit_test(a_stop_ends_it_with_the_signal),
		cmocka_unit_test(held_values_go_when_their_last_reader_has_ended),
	};

	clock_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
