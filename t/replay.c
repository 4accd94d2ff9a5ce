/* SPDX-License-Identifier: MIT */
/* replay - rows alone say the state of every task at every instant. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/record/replay.h"
#include "t/fake.h"

static const struct fake_group groups[] = {
	{ "list", 7, 0 }, { "count", 130, 2 }, { "chain", 9, -1 }, { "top", 25, 3 },
};
enum { NGROUPS = 4 };

static struct replay *
replay_of(struct fake *f)
{
	struct replay_rows rows[16];

	for (uint32_t i = 0; i < f->nworkers; i++)
		rows[i] = (struct replay_rows){ &f->log[i], NULL, 0 };
	return replay_new(f->graph, rows, f->nworkers);
}

static void
agrees(struct replay *r, const struct fake *f, uint64_t seed)
{
	struct text t = { 0 };

	if (replay_agrees(r, f->graph, f->live, &t))
		fail_msg("seed %llu: %s", (unsigned long long)seed, t.at);
	text_fini(&t);
}

static void
at_the_end_rows_and_the_live_block_agree(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct graph *g = fake_graph(groups, NGROUPS, seed);
		struct replay *r;
		struct fake f;

		g->has_values = seed % 2 == 0;
		fake_init(&f, g, 1 + seed % 6, seed);
		f.retry_per_mille = seed % 3 ? 0 : 100;
		f.fail_per_mille = seed % 4 ? 0 : 30;
		fake_run(&f, UINT64_MAX);
		r = replay_of(&f);
		if (g->has_values) {
			/* the fake holds no values: what stays held is what
			 * was done and never taken */
			struct replay_held h;

			replay_seek(r, UINT64_MAX);
			replay_held(r, &h);
			f.live->held = h.values;
			f.live->held_bytes = h.bytes;
		}
		agrees(r, &f, seed);
		replay_free(r);
		fake_fini(&f);
		graph_free(g);
	}
}

static void
a_difference_is_told(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 1);
	struct text t = { 0 };
	struct replay *r;
	struct fake f;

	(void)state;
	fake_init(&f, g, 2, 1);
	fake_run(&f, UINT64_MAX);
	r = replay_of(&f);
	((_Atomic uint32_t *)(uintptr_t)live_words(f.live))[9] = (uint32_t)WORD_FAILED << WORD_SHIFT;
	assert_int_equal(replay_agrees(r, f.graph, f.live, &t), -1);
	assert_string_equal(t.at, "count/2: rows say done (0 left), the block failed (a0000000)\n");
	text_fini(&t);
	replay_free(r);
	fake_fini(&f);
	graph_free(g);
}

/* The states of a run at t, by the definition, task by task. */
static enum task_state
by_hand(const struct fake *f, heddle_task t, uint64_t at)
{
	const struct heddle_graph *g = &f->graph->csr;
	enum task_state st = TASK_READY;

	for (uint32_t w = 0; w < f->nworkers; w++) {
		struct log_walk walk = { 0 };
		const struct log_row *r;

		while ((r = log_next(&f->log[w], &walk))) {
			if (r->task == t && r->start <= at)
				st = r->end > at ? TASK_RUNNING :
				     row_status(r) == ROW_DONE ? TASK_DONE :
				     row_status(r) == ROW_FAILED ? TASK_FAILED : st;
		}
	}
	if (st != TASK_READY)
		return st;
	for (uint64_t e = g->pred_at[t]; e < g->pred_at[t + 1]; e++)
		if (by_hand(f, g->pred[e], at) != TASK_DONE)
			return TASK_BLOCKED;
	return TASK_READY;
}

static void
any_instant_reads_as_its_rows_say_it(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 3);
	struct live_sum sums[NGROUPS];
	uint64_t seed = 99;
	struct replay *r;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 3);
	f.fail_per_mille = 10;
	fake_run(&f, UINT64_MAX);
	r = replay_of(&f);
	for (int i = 0; i < 40; i++) {
		uint64_t at = fake_random(&seed) % (f.now + 2);
		uint32_t sum = 0;

		replay_seek(r, at);
		for (heddle_task t = 0; t < g->csr.ntasks; t++)
			if (replay_state(r, t) != by_hand(&f, t, at))
				fail_msg("task %u at %llu", t, (unsigned long long)at);
		replay_sums(r, sums);
		for (uint32_t k = 0; k < NGROUPS; k++)
			sum += sums[k].blocked + sums[k].ready + sums[k].running +
			       sums[k].done + sums[k].failed + sums[k].stopped;
		if (sum != g->csr.ntasks)
			fail_msg("states sum to %u at %llu", sum, (unsigned long long)at);
	}
	replay_free(r);
	fake_fini(&f);
	graph_free(g);
}

/* Everything a replay says at its instant, as one number. */
static uint64_t
digest(const struct replay *r, const struct graph *g, uint32_t nworkers)
{
	uint64_t h = 14695981039346656037ull;
	struct replay_worker w[16];
	struct replay_held held;

	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		h = (h ^ (replay_state(r, t) + 16 * replay_left(r, t))) * 1099511628211ull;
	replay_workers(r, w);
	for (uint32_t i = 0; i < nworkers; i++)
		h = (h ^ (w[i].task + w[i].class * 77 + w[i].since * 7919)) * 1099511628211ull;
	replay_held(r, &held);
	return h ^ held.values * 31 ^ held.bytes * 17 ^ held.peak_values * 13;
}

static void
going_back_is_going_there(void **state)
{
	static const struct fake_group many[] = { { "a", 3000, 0 }, { "b", 9000, 2 } };
	struct graph *g = fake_graph(many, 2, 4);
	uint64_t at[30], want[30], seed = 5;
	struct replay *r;
	struct fake f;

	(void)state;
	g->has_values = 1;
	fake_init(&f, g, 4, 4);
	fake_run(&f, UINT64_MAX);
	r = replay_of(&f);
	for (int i = 0; i < 30; i++) {
		at[i] = f.now * (uint64_t)i / 29;
		replay_seek(r, at[i]);
		want[i] = digest(r, g, 4);
	}
	for (int n = 0; n < 100; n++) {
		uint64_t i = fake_random(&seed) % 30;

		replay_seek(r, at[i]);
		if (digest(r, g, 4) != want[i])
			fail_msg("instant %llu differs when come back to",
				 (unsigned long long)at[i]);
	}
	replay_free(r);
	fake_fini(&f);
	graph_free(g);
}

static void
rows_that_come_late_are_taken_in(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 8);
	struct replay *r = NULL;
	uint64_t seed = 1;
	struct fake f;

	(void)state;
	fake_init(&f, g, 4, 8);
	for (uint64_t t = 100; !fake_run(&f, t); t += 150) {
		struct replay *fresh;

		if (!r)
			r = replay_of(&f);
		replay_update(r);
		replay_seek(r, t);
		replay_seek(r, t - fake_random(&seed) % 100);
		replay_seek(r, t);
		fresh = replay_of(&f);
		replay_seek(fresh, t);
		for (heddle_task i = 0; i < g->csr.ntasks; i++)
			if (replay_state(r, i) != replay_state(fresh, i))
				fail_msg("task %u at %llu", i, (unsigned long long)t);
		replay_free(fresh);
	}
	agrees(r, &f, 8);
	replay_free(r);
	fake_fini(&f);
	graph_free(g);
}

static void
a_value_is_held_from_its_making_until_its_last_user_is_done(void **state)
{
	/* a/0 a/1 -> b/0; a/1 -> nothing else */
	static const struct fake_group two[] = { { "a", 2, 0 }, { "b", 1, 2 } };
	struct graph *g = fake_graph(two, 2, 12);
	struct replay_held h;
	struct replay_rows rows = { 0 };
	struct replay *r;
	struct log log;

	(void)state;
	while (graph_npred(g, 2) != 2) {
		static uint64_t seed = 100;

		graph_free(g);
		g = fake_graph(two, 2, seed++);
	}
	g->has_values = 1;
	log_init(&log, 3);
	log_add(&log, 0, 10, 100u << 16 | 1, 0);
	log_add(&log, 10, 20, 8u << 16 | 1, 1);	/* lives in its slot */
	log_add(&log, 20, 30, 50u << 16 | 1, 2);	/* nobody wants it */
	rows.log = &log;
	r = replay_new(g, &rows, 1);
	replay_seek(r, 25);
	replay_held(r, &h);
	assert_true(h.values == 1 && h.bytes == 100);
	replay_seek(r, 30);
	replay_held(r, &h);
	assert_true(h.values == 0 && h.bytes == 0 && h.peak_bytes == 100);
	replay_seek(r, 9);
	replay_held(r, &h);
	assert_true(h.values == 0 && h.peak_bytes == 0);
	replay_free(r);
	log_fini(&log);
	graph_free(g);
}

static void
no_rows_is_the_beginning(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 2);
	struct live_sum sums[NGROUPS];
	struct replay_rows rows[2] = { { 0 } };
	struct replay *r = replay_new(g, rows, 2);

	(void)state;
	replay_seek(r, 1000);
	replay_sums(r, sums);
	assert_int_equal(sums[0].ready, 7);
	assert_int_equal(sums[1].blocked, 130);
	replay_free(r);
	graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_the_end_rows_and_the_live_block_agree),
		cmocka_unit_test(a_difference_is_told),
		cmocka_unit_test(any_instant_reads_as_its_rows_say_it),
		cmocka_unit_test(going_back_is_going_there),
		cmocka_unit_test(rows_that_come_late_are_taken_in),
		cmocka_unit_test(a_value_is_held_from_its_making_until_its_last_user_is_done),
		cmocka_unit_test(no_rows_is_the_beginning),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
