/* SPDX-License-Identifier: MIT */
/* account - every core-second has one class, and they sum to the nanosecond. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/text.h"
#include "core/insight/account.h"
#include "t/fake.h"

static const struct fake_group groups[] = {
	{ "list", 3, 0 }, { "count", 60, 2 }, { "chain", 9, -1 }, { "top", 5, 3 },
};

static void
sums_to(const struct account *a, uint64_t total)
{
	uint64_t sum = 0;

	for (int c = 0; c < CLASS_N; c++)
		sum += a->ns[c];
	if (sum != total || a->total != total)
		fail_msg("classes %llu, total %llu, should be %llu", (unsigned long long)sum,
			 (unsigned long long)a->total, (unsigned long long)total);
	if (a->work != a->ns[CLASS_RUN_CPU] + a->ns[CLASS_RUN_WAIT])
		fail_msg("work is not run");
}

static void
classes_of_any_run_sum_to_its_core_time(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct graph *g = fake_graph(groups, 4, seed);
		uint32_t n = 1 + seed % 5;
		uint64_t start[5], end[5], total = 0;
		struct account a, w, sum = { { 0 }, 0, 0, 0 };
		struct fake f;

		fake_init(&f, g, n, seed);
		f.retry_per_mille = 50;
		fake_run(&f, UINT64_MAX);
		for (uint32_t i = 0; i < n; i++) {
			start[i] = live_workers(f.live)[i].start;
			end[i] = live_workers(f.live)[i].end;
			total += end[i] - start[i];
			account_live(&w, f.live, i, f.now);
			sums_to(&w, end[i] - start[i]);
			sum.work += w.work;
		}
		account_rows(&a, f.log, n, start, end);
		sums_to(&a, total);
		account_live(&w, f.live, HEDDLE_NONE, f.now);
		sums_to(&w, total);
		if (w.work != a.work || w.work != sum.work)
			fail_msg("seed %llu: work differs", (unsigned long long)seed);
		for (int c = CLASS_OVH; c < CLASS_N; c++)
			if (w.ns[c] != a.ns[c])
				fail_msg("seed %llu: %s differs", (unsigned long long)seed,
					 class_names[c]);
		fake_fini(&f);
		graph_free(g);
	}
}

static void
at_any_instant_open_intervals_count_up_to_it(void **state)
{
	struct graph *g = fake_graph(groups, 4, 5);
	struct account before = { { 0 }, 0, 0, 0 };
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 11);
	for (uint64_t t = 50; !fake_run(&f, t); t += 37) {
		struct account a;

		account_live(&a, f.live, HEDDLE_NONE, t);
		sums_to(&a, 3 * t - 7 - 14);
		/* no class ever shrinks, but for run between cpu and wait, and
		 * for what the next class took */
		if (a.work < before.work || a.ns[CLASS_DEP] < before.ns[CLASS_DEP])
			fail_msg("time ran backwards at %llu", (unsigned long long)t);
		before = a;
	}
	fake_fini(&f);
	graph_free(g);
}

static void
run_is_split_by_the_cpu_time_of_the_worker(void **state)
{
	struct graph *g = fake_graph(groups, 1, 1);
	struct live_worker *w;
	struct account a;
	struct fake f;

	(void)state;
	fake_init(&f, g, 1, 1);
	w = (struct live_worker *)(uintptr_t)live_workers(f.live);
	w->ns[CLASS_RUN_CPU] = 100;
	w->ns[CLASS_RES] = 30;
	w->cpu = 60;
	account_live(&a, f.live, 0, 150);
	assert_true(a.ns[CLASS_RUN_CPU] == 60 && a.ns[CLASS_RUN_WAIT] == 40);
	assert_true(a.ns[CLASS_RES] == 30 && a.ns[CLASS_OVH] == 20);
	w->cpu = 1000;			/* a clock that runs ahead takes no more than run */
	account_live(&a, f.live, 0, 150);
	assert_true(a.ns[CLASS_RUN_CPU] == 100 && a.ns[CLASS_RUN_WAIT] == 0);
	fake_fini(&f);
	graph_free(g);
}

static void
a_torn_reading_still_sums(void **state)
{
	struct graph *g = fake_graph(groups, 1, 1);
	struct live_worker *w;
	struct account a;
	struct fake f;

	(void)state;
	fake_init(&f, g, 1, 1);
	w = (struct live_worker *)(uintptr_t)live_workers(f.live);
	w->ns[CLASS_RUN_CPU] = 90;	/* a row that ended after `now` was read */
	w->ns[CLASS_DEP] = 20;
	account_live(&a, f.live, 0, 100);
	sums_to(&a, 100);
	assert_true(a.work == 90 && a.ns[CLASS_DEP] == 10);
	fake_fini(&f);
	graph_free(g);
}

static void
a_worker_that_has_not_begun_has_no_time(void **state)
{
	struct graph *g = fake_graph(groups, 1, 1);
	struct account a;
	struct fake f;

	(void)state;
	fake_init(&f, g, 2, 1);
	((struct live_worker *)(uintptr_t)live_workers(f.live))[1].start = 0;
	account_live(&a, f.live, 1, 100);
	sums_to(&a, 0);
	account_live(&a, f.live, HEDDLE_NONE, 100);
	sums_to(&a, 100);
	fake_fini(&f);
	graph_free(g);
}

static void
the_line_names_idle_classes_largest_first(void **state)
{
	struct account a = { { 0 }, 0, 0, 0 };
	struct text t = { 0 };

	(void)state;
	a.ns[CLASS_RUN_CPU] = 7000000000u;
	a.ns[CLASS_OVH] = 3500000000u;
	a.ns[CLASS_END] = 600000000u;
	a.ns[CLASS_DEP] = 4000000000u;
	account_idle_line(&a, &t);
	assert_string_equal(t.at, "dep 4.0s ovh 3.5s end 600ms");
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes_of_any_run_sum_to_its_core_time),
		cmocka_unit_test(at_any_instant_open_intervals_count_up_to_it),
		cmocka_unit_test(run_is_split_by_the_cpu_time_of_the_worker),
		cmocka_unit_test(a_torn_reading_still_sums),
		cmocka_unit_test(a_worker_that_has_not_begun_has_no_time),
		cmocka_unit_test(the_line_names_idle_classes_largest_first),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
