/* SPDX-License-Identifier: MIT */
/* agree - of real runs, the counters, the rows and the views say the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/insight/view.h"
#include "core/record/replay.h"
#include "t/graphs.h"

static const char *const schedulers[] = {
	"fifo", "lifo", "random", "prio", "hlf", "flow", "steal"
};
enum { NSCHEDULERS = sizeof(schedulers) / sizeof(*schedulers) };

/* set must outlive the run. */
static struct run *
begin(struct settings *set, const struct graph *g, uint32_t workers, const char *scheduler,
      enum on_fail on_fail)
{
	settings_of(set, workers);
	set->on_fail = on_fail;
	return run_of(g, set, scheduler);
}

static void
start(struct run *run)
{
	struct err err = { 0 };

	if (run_start(run, &err) < 0)
		fail_msg("%s", err.text);
}

static struct replay *
replay_of(const struct run *run)
{
	uint32_t n = run_live(run)->nworkers;
	struct replay_rows *rows = calloc(n, sizeof(*rows));
	struct replay *r;

	for (uint32_t i = 0; i < n; i++)
		rows[i].log = &run_logs(run)[i];
	r = replay_new(run_graph(run), rows, n);
	free(rows);
	return r;
}

static void
states_agree(const struct run *run)
{
	struct replay *r = replay_of(run);
	struct text t = { 0 };

	if (replay_agrees(r, run_graph(run), run_live(run), &t))
		fail_msg("%s", t.at);
	text_fini(&t);
	replay_free(r);
}

/* The account of the block and that of the rows, class by class, to the ns. */
static void
accounts_agree(const struct run *run)
{
	const struct live_head *h = run_live(run);
	uint64_t *start_ns = calloc(h->nworkers, 8), *end = calloc(h->nworkers, 8);
	uint64_t sum = 0, want = 0;
	struct account live, rows;

	for (uint32_t i = 0; i < h->nworkers; i++) {
		start_ns[i] = live_workers(h)[i].start;
		end[i] = live_workers(h)[i].end;
		want += end[i] - start_ns[i];
	}
	account_live(&live, h, HEDDLE_NONE, h->end);
	account_rows(&rows, run_logs(run), h->nworkers, start_ns, end);
	for (int c = 0; c < CLASS_N; c++) {
		sum += live.ns[c];
		if (c > CLASS_RUN_WAIT && live.ns[c] != rows.ns[c])
			fail_msg("%s: the block says %llu ns, the rows %llu", class_names[c],
				 (unsigned long long)live.ns[c], (unsigned long long)rows.ns[c]);
	}
	if (live.work != rows.work || sum != want || live.total != want || rows.total != want)
		fail_msg("classes sum to %llu of %llu", (unsigned long long)sum,
			 (unsigned long long)want);
	free(start_ns);
	free(end);
}

static uint32_t
sum_of(const struct live_sum *s)
{
	return s->blocked + s->ready + s->held + s->running + s->done + s->failed +
	       s->skipped + s->stopped;
}

/* The view at the end, and at every tenth of the run, by the same source. */
static void
views_agree(struct run *run)
{
	struct view_source *s = view_of_run(run, 1);
	const struct live_head *h = run_live(run);
	struct view *v = calloc(1, sizeof(*v));
	uint32_t last = 0;

	for (uint64_t i = 0; i <= 10; i++) {
		uint64_t sum = 0;

		view_fill(v, s, ~0u, h->end * i / 10, 0);
		assert_int_equal(sum_of(&v->sum), v->ntasks);
		if (v->sum.done < last)
			fail_msg("tasks were undone");
		last = v->sum.done;
		for (int c = 0; c < CLASS_N; c++)
			sum += v->account.ns[c];
		if (sum != v->account.total)
			fail_msg("classes do not sum at %llu/10", (unsigned long long)i);
	}
	assert_int_equal(v->is_then, 0);
	assert_int_equal(v->sum.done, h->done);
	view_fini(v);
	free(v);
	view_source_free(s);
}

static void
every_run_agrees_with_its_rows(void **state)
{
	(void)state;
	for (int i = 0; i < NSCHEDULERS; i++)
		for (uint64_t seed = 0; seed < 6; seed++) {
			struct graph *g = graph_random(300 + 200 * (uint32_t)seed, 12, seed,
						       seed & 1 ? 'b' : ' ');
			struct settings set;
			struct run *run = begin(&set, g, 1 + seed % 4, schedulers[i],
						FAIL_FINISH_RUNNING);

			start(run);
			assert_int_equal(run_join(run), EXIT_DONE);
			states_agree(run);
			accounts_agree(run);
			views_agree(run);
			run_free(run);
			graph_free(g);
		}
}

static void
runs_that_fail_agree_too(void **state)
{
	/* f fails, r fails once; what hangs below a failed one is skipped */
	static const char *const lines[] = {
		"1 f1 1 1<0 1<1,2 1<3,4 1<5", "r1 1<0 r1<1 1<2", "b1 b1<0 f1<0 b1<1,2 b1<1",
	};
	struct graph_attr attr = { .cores = 1, .retries = 1, .nbackoff = 1, .backoff = { 1000000 } };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		for (int how = FAIL_FINISH_RUNNING; how <= FAIL_STOP; how++) {
			struct graph *g = graph_of(lines[i], &attr);
			struct settings set;
			struct run *run = begin(&set, g, 2, "fifo", (enum on_fail)how);

			start(run);
			run_join(run);
			states_agree(run);
			accounts_agree(run);
			views_agree(run);
			run_free(run);
			graph_free(g);
		}
}

static void
a_run_that_is_stopped_agrees(void **state)
{
	struct graph *g = graph_random(20000, 40, 9, 'b');
	struct settings set;
	struct run *run = begin(&set, g, 3, "steal", FAIL_FINISH_RUNNING);

	(void)state;
	start(run);
	run_stop(run, 2);
	run_join(run);
	states_agree(run);
	accounts_agree(run);
	views_agree(run);
	run_free(run);
	graph_free(g);
}

/* Looked at from another thread all the time. */
static void
a_run_can_be_watched_at_any_instant(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 4; seed++) {
		struct graph *g = graph_random(100000, 30, seed, 'b');
		struct settings set;
		struct run *run = begin(&set, g, 3, schedulers[3 + seed], FAIL_FINISH_RUNNING);
		struct view_source *s = view_of_run(run, 1);
		struct view *v = calloc(1, sizeof(*v));
		uint32_t n = 0, last = 0;

		start(run);
		while (!run_is_over(run)) {
			uint64_t sum = 0;

			view_fill(v, s, ~0u, n % 5 == 4 ? v->now / 2 : VIEW_NOW, 0);
			assert_int_equal(sum_of(&v->sum), v->ntasks);
			for (int c = 0; c < CLASS_N; c++)
				sum += v->account.ns[c];
			if (sum != v->account.total)
				fail_msg("classes do not sum");
			if (!v->is_then && v->sum.done < last)
				fail_msg("tasks were undone");
			last = v->is_then ? last : v->sum.done;
			n++;
		}
		assert_int_equal(run_join(run), EXIT_DONE);
		states_agree(run);
		accounts_agree(run);
		view_fini(v);
		free(v);
		view_source_free(s);
		run_free(run);
		graph_free(g);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_run_agrees_with_its_rows),
		cmocka_unit_test(runs_that_fail_agree_too),
		cmocka_unit_test(a_run_that_is_stopped_agrees),
		cmocka_unit_test(a_run_can_be_watched_at_any_instant),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
