/* SPDX-License-Identifier: MIT */
/* synth - each pattern waits as it is defined, each kernel takes what was asked. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "t/host.h"

/* Small ones by hand, from the definitions: what each task waits for, by number. */
static const struct {
	const char *op;
	const char *options[9];
	const char *preds;
} shapes[] = {
	{ "trivial", { "width", "2", "steps", "2" }, ". . . ." },
	{ "chain", { "width", "2", "steps", "3" }, ". . 0 1 2 3" },
	{ "chain", { "width", "1", "steps", "3" }, ". 0 1" },
	{ "stencil_1d", { "width", "3", "steps", "2" }, ". . . 0,1 0,1,2 1,2" },
	{ "stencil_1d", { "width", "1", "steps", "2" }, ". 0" },
	{ "fft", { "width", "4", "steps", "3" },
	  ". . . . 0,1 0,1,2 1,2,3 2,3 4,6 5,7 4,6 5,7" },
	{ "fft", { "width", "1", "steps", "2" }, ". 0" },
	{ "fft", { "width", "3", "steps", "2" }, ". . . 0,1 0,1,2 1,2" },
	{ "nearest", { "width", "4", "steps", "2" }, ". . . . 0,1 0,1,2 1,2,3 2,3" },
	{ "nearest", { "width", "4", "steps", "2", "radix", "2" }, ". . . . 0,1 1,2 2,3 3" },
	{ "nearest", { "width", "2", "steps", "2", "radix", "9" }, ". . 0,1 0,1" },
	{ "spread", { "width", "9", "steps", "2", "radix", "3" },
	  ". . . . . . . . . 0,4,7 1,5,8 2,6,0 3,7,1 4,8,2 5,0,3 6,1,4 7,2,5 8,3,6" },
	{ "spread", { "width", "2", "steps", "3", "radix", "2" }, ". . 0,1 1,0 2,3 3,2" },
	{ "tree", { "width", "4", "steps", "4" }, ". 0 0 1 1 2 2 3 3 4 4" },
	{ "tree", { "width", "9", "steps", "3", "radix", "3" }, ". 0 0 0 1 1 1 2 2 2 3 3 3" },
	{ "tree", { "width", "4", "steps", "3", "way", "in" }, ". . . . 0,1 2,3 4,5" },
	{ "tree", { "width", "3", "steps", "3", "way", "in" }, ". . . 0,1 2 3,4" },
	{ "fork_join", { "width", "2", "steps", "2" }, ". 0 0 1,2 3 3 4,5" },
	{ "sweep", { "width", "3", "steps", "2" }, ". 0 1 0 1,3 2,4" },
	{ "cholesky", { "width", "1" }, "." },
	{ "cholesky", { "width", "3" }, ". 0 0 1 2,1 2 3 6,4 7,5 8" },
};

static void
preds_text(struct host *h, struct text *t)
{
	const heddle_task *in;
	uint32_t i, k, n;

	for (i = 0; i < host_ntasks(h); i++) {
		in = host_in(h, i, &n);
		text_add(t, i ? n ? " " : " ." : n ? "" : ".");
		for (k = 0; k < n; k++)
			text_addf(t, k ? ",%u" : "%u", in[k]);
	}
}

static void
each_pattern_waits_as_it_is_defined(void **state)
{
	struct text got = { 0 };
	struct host *h;
	char *wanted;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		h = host_open("synth");
		assert_non_null(h);
		assert_non_null(host_plan(h, "x", shapes[i].op, shapes[i].options, NULL, 0));
		text_clear(&got);
		text_addf(&got, "%s: ", shapes[i].op);
		preds_text(h, &got);
		wanted = xasprintf("%s: %s", shapes[i].op, shapes[i].preds);
		assert_string_equal(got.at, wanted);
		free(wanted);
		host_free(h);
	}
	text_fini(&got);
}

static void
random_takes_one_to_five_of_the_row_before(void **state)
{
	static const char *const options[] = { "width", "100", "steps", "100", "seed", "7", NULL };
	struct host *h = host_open("synth");
	uint32_t i, k, j, n, sum = 0, counts[6] = { 0 };
	const heddle_task *in;

	(void)state;
	assert_non_null(host_plan(h, "x", "random", options, NULL, 0));
	assert_int_equal(host_ntasks(h), 10000);
	for (i = 0; i < 10000; i++) {
		in = host_in(h, i, &n);
		if (i < 100) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_in_range(n, 1, 5);
		sum += n;
		counts[n]++;
		for (k = 0; k < n; k++) {
			assert_int_equal(in[k] / 100, i / 100 - 1);
			for (j = 0; j < k; j++)
				assert_int_not_equal(in[j], in[k]);
		}
	}
	assert_in_range(sum, 29000, 30400);	/* 9900 tasks, mean 3 */
	for (k = 1; k <= 5; k++)
		assert_in_range(counts[k], 1800, 2160);
	host_free(h);
}

static void
another_seed_makes_another_graph_an_equal_one_the_same(void **state)
{
	const char *options[] = { "width", "9", "steps", "9", "seed", "1", NULL };
	struct text got[3] = { 0 };
	struct host *h;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		options[5] = i == 2 ? "2" : "1";
		h = host_open("synth");
		assert_non_null(host_plan(h, "x", "random", options, NULL, 0));
		preds_text(h, &got[i]);
		host_free(h);
	}
	assert_string_equal(got[0].at, got[1].at);
	assert_string_not_equal(got[0].at, got[2].at);
	for (i = 0; i < 3; i++)
		text_fini(&got[i]);
}

/* Values are ways: known for some by arithmetic, for all by the recurrence. */
static const struct { const char *op, *width, *steps, *way; uint64_t sum; } sums[] = {
	{ "trivial", "5", "4", NULL, 20 },
	{ "chain", "5", "4", NULL, 20 },
	{ "tree", "4", "3", NULL, 12 },
	{ "tree", "4", "3", "in", 7 },
	{ "fork_join", "3", "1", NULL, 7 },
	{ "sweep", "2", "2", NULL, 5 },
	{ "stencil_1d", "3", "2", NULL, 10 },
	{ "fft", "8", "9", NULL, 0 },
	{ "nearest", "8", "9", NULL, 0 },
	{ "spread", "8", "9", NULL, 0 },
	{ "random", "8", "9", NULL, 0 },
	{ "cholesky", "7", NULL, NULL, 0 },
};

static uint64_t
ways(struct host *h, const struct host_node *node)
{
	uint64_t *way = xcalloc(host_ntasks(h), sizeof(*way)), sum = 0;
	const heddle_task *in;
	uint32_t i, k, n;

	for (i = 0; i < host_ntasks(h); i++) {
		in = host_in(h, i, &n);
		for (way[i] = 1, k = 0; k < n; k++)
			way[i] += way[in[k]];
	}
	for (i = 0; i < node->is.nparts; i++)
		sum += way[node->is.part[i]];
	free(way);
	return sum;
}

static void
values_count_the_ways_to_the_last_tasks(void **state)
{
	const char *options[10];
	struct host_node *node;
	char *shown, wanted[32];
	struct host *h;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		n = 0;
		options[n++] = "value";
		options[n++] = "8";
		options[n++] = "width";
		options[n++] = sums[i].width;
		options[n] = sums[i].steps ? "steps" : NULL;
		options[n + 1] = sums[i].steps;
		n += sums[i].steps ? 2 : 0;
		options[n] = sums[i].way ? "way" : NULL;
		options[n + 1] = sums[i].way;
		n += sums[i].way ? 2 : 0;
		options[n] = NULL;
		h = host_open("synth");
		node = host_plan(h, "x", sums[i].op, options, NULL, 0);
		assert_non_null(node);
		assert_string_equal(node->is.kind, "synth");
		assert_int_equal(host_run(h), 0);
		shown = host_show(node, 1, 10);
		snprintf(wanted, sizeof(wanted), "%llu",
			 (unsigned long long)(sums[i].sum ? sums[i].sum : ways(h, node)));
		assert_string_equal(shown, wanted);
		free(shown);
		host_free(h);
	}
}

/* Doses and kernels, and what refuses to be combined. */
static const struct { const char *op; const char *options[9]; const char *kernel, *why; } works[] = {
	{ "trivial", { NULL }, "empty", NULL },
	{ "trivial", { "value", "8" }, "empty_8", NULL },
	{ "trivial", { "kernel", "compute", "iterations", "100" }, "compute", NULL },
	{ "trivial", { "kernel", "compute", "cost", "1us" }, "compute", NULL },
	{ "trivial", { "kernel", "compute", "cost", "0" }, "compute", NULL },
	{ "trivial", { "kernel", "imbalance", "iterations", "65", "value", "8" }, "compute_8", NULL },
	{ "trivial", { "kernel", "memory", "iterations", "2", "bytes", "1K" }, "memory", NULL },
	{ "trivial", { "kernel", "memory", "cost", "1us" }, "memory", NULL },
	{ "trivial", { "kernel", "sleep", "cost", "1us", "value", "8" }, "sleep_8", NULL },
	{ "trivial", { "cost", "1us" }, NULL,
	  "cost, wait: kernel empty takes no time; "
	  "expected kernel = compute, memory, sleep or imbalance" },
	{ "trivial", { "wait", "1us" }, NULL,
	  "cost, wait: kernel empty takes no time; "
	  "expected kernel = compute, memory, sleep or imbalance" },
	{ "trivial", { "iterations", "5" }, NULL,
	  "iterations: this kernel does not count; expected kernel = compute, memory or imbalance" },
	{ "trivial", { "kernel", "sleep", "iterations", "5" }, NULL,
	  "iterations: this kernel does not count; expected kernel = compute, memory or imbalance" },
	{ "trivial", { "kernel", "compute", "iterations", "5", "cost", "1us" }, NULL,
	  "cost: iterations are said too; expected one of them" },
	{ "trivial", { "kernel", "compute" }, NULL,
	  "cost: is not said; expected a time, or iterations, for this kernel" },
	{ "trivial", { "kernel", "sleep" }, NULL,
	  "cost: is not said; expected a time, for kernel = sleep" },
	{ "tree", { "radix", "1" }, NULL, "radix: 1 makes no tree; expected at least 2" },
	{ "spread", { "width", "2", "radix", "3" }, NULL,
	  "radix: is more than width; expected at most width" },
	{ "trivial", { "width", "1M", "steps", "1M" }, NULL,
	  "width: that would be 1000000000000 tasks; expected less than 4294967295" },
	{ "cholesky", { "width", "1M" }, NULL,
	  "width: that would be 166667166667000000 tasks; expected less than 4294967295" },
};

static void
each_kernel_runs_and_contradictions_are_refused(void **state)
{
	struct host_node *node;
	struct host *h;
	uint32_t i;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(works) / sizeof(works[0]); k++) {
		h = host_open("synth");
		node = host_plan(h, "x", works[k].op, works[k].options, NULL, 0);
		if (!node) {
			assert_string_equal(host_why(h), works[k].why ? works[k].why : "planned");
			host_free(h);
			continue;
		}
		assert_null(works[k].why);
		assert_int_equal(host_ntasks(h), 256);
		assert_int_equal(host_run(h), 0);
		for (i = 0; i < 256; i++) {
			assert_string_equal(host_kernel(h, i), works[k].kernel);
			assert_int_equal(host_value(h, i).n, strstr(works[k].kernel, "_8") ? 8 : 0);
		}
		host_free(h);
	}
}

static void
imbalance_spreads_amounts_evenly_around_the_cost(void **state)
{
	static const char *const options[] = {
		"kernel", "imbalance", "cost", "1ms", "imbalance", "0.5",
		"width", "1000", "steps", "10", NULL
	};
	struct host *h = host_open("synth");
	uint64_t ns, least = UINT64_MAX, most = 0, sum = 0;
	uint32_t i;

	(void)state;
	assert_non_null(host_plan(h, "x", "trivial", options, NULL, 0));
	for (i = 0; i < 10000; i++) {
		memcpy(&ns, (const uint64_t *)host_par(h, i).at + 1, sizeof(ns));
		least = ns < least ? ns : least;
		most = ns > most ? ns : most;
		sum += ns;
	}
	assert_in_range(least, 750000, 751000);
	assert_in_range(most, 1249000, 1250000);
	assert_in_range(sum / 10000, 993000, 1007000);
	host_free(h);
}

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void
a_cost_is_taken_in_full(void **state)
{
	static const struct { const char *op; const char *options[11]; clockid_t clock; } costs[] = {
		{ "task", { "time", "3ms" }, CLOCK_MONOTONIC },
		{ "task", { "time", "3ms", "how", "burn" }, CLOCK_THREAD_CPUTIME_ID },
		{ "chain", { "kernel", "compute", "cost", "1ms", "width", "1", "steps", "3" },
		  CLOCK_THREAD_CPUTIME_ID },
		{ "chain", { "kernel", "memory", "cost", "1ms", "width", "1", "steps", "3" },
		  CLOCK_THREAD_CPUTIME_ID },
		{ "chain", { "kernel", "sleep", "cost", "1ms", "width", "1", "steps", "3" },
		  CLOCK_MONOTONIC },
		{ "chain", { "kernel", "compute", "iterations", "1", "wait", "3ms", "width", "1" },
		  CLOCK_MONOTONIC },
	};
	struct host *h;
	uint64_t start;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		h = host_open("synth");
		assert_non_null(host_plan(h, "x", costs[i].op, costs[i].options, NULL, 0));
		start = clock_ns(costs[i].clock);
		assert_int_equal(host_run(h), 0);
		assert_true(clock_ns(costs[i].clock) - start >= 3000000);
		host_free(h);
	}
}

static void
a_kernel_that_is_asked_to_stop_stops(void **state)
{
	static const char *const how[] = { "sleep", "compute", "memory", NULL };
	const char *options[] = { "kernel", NULL, "cost", "3h", "width", "1", "steps", "1", NULL };
	const char *const *name;
	struct host *h;

	(void)state;
	for (name = how; *name; name++) {
		options[1] = *name;
		h = host_open("synth");
		assert_non_null(host_plan(h, "x", "trivial", options, NULL, 0));
		host_stop(h);
		assert_int_equal(host_run(h), -1);
		assert_string_equal(host_why(h), "stopped");
		host_free(h);
	}
}

static void
a_node_without_values_says_how_many_tasks(void **state)
{
	static const char *const options[] = { "width", "3", "steps", "2", NULL };
	struct host *h = host_open("synth");
	struct host_node *node = host_plan(h, "x", "stencil_1d", options, NULL, 0);
	char *shown;

	(void)state;
	assert_int_equal(host_run(h), 0);
	shown = host_show(node, 1, 10);
	assert_string_equal(shown, "{\"tasks\": 3}");
	free(shown);
	shown = host_show(node, 0, 10);
	assert_string_equal(shown, "3 tasks, no value\n");
	free(shown);
	host_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pattern_waits_as_it_is_defined),
		cmocka_unit_test(random_takes_one_to_five_of_the_row_before),
		cmocka_unit_test(another_seed_makes_another_graph_an_equal_one_the_same),
		cmocka_unit_test(values_count_the_ways_to_the_last_tasks),
		cmocka_unit_test(each_kernel_runs_and_contradictions_are_refused),
		cmocka_unit_test(imbalance_spreads_amounts_evenly_around_the_cost),
		cmocka_unit_test(a_cost_is_taken_in_full),
		cmocka_unit_test(a_kernel_that_is_asked_to_stop_stops),
		cmocka_unit_test(a_node_without_values_says_how_many_tasks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
