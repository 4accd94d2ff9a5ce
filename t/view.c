/* SPDX-License-Identifier: MIT */
/* view - what a front end shows is what the run did, now and then. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/insight/source.h"
#include "t/fake.h"

static const struct fake_group groups[] = {
	{ "list", 40, 0 }, { "count", 300, 2 }, { "chain", 9, -1 }, { "top", 5, 3 },
};
enum { NGROUPS = 4, ALL = VIEW_READY | VIEW_RUNNING | VIEW_WAITS | VIEW_HELD | VIEW_SERIES |
       VIEW_EVENTS_TOO };

static uint64_t
now(void *self)
{
	return ((struct fake *)self)->now;
}

/* High ids first. */
static int
rank(void *self, heddle_task t, double *r, uint32_t *worker)
{
	(void)self;
	(void)worker;
	*r = t;
	return 1;
}

static const struct source_ops ops = { .now = now };
static const struct source_ops ops_rank = { .now = now, .rank = rank };

static uint32_t
sum_of(const struct live_sum *s)
{
	return s->blocked + s->ready + s->held + s->running + s->done + s->failed +
	       s->skipped + s->stopped;
}

static void
states_of_a_live_run_sum_to_its_tasks(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 1);
	struct view v = { 0 };
	struct view_source *s;
	struct fake f;
	uint32_t last = 0;

	(void)state;
	fake_init(&f, g, 3, 1);
	s = source_new(g, f.live, f.log, 7, &ops, &f);
	for (uint64_t t = 500; !fake_run(&f, t); t += 5000) {
		view_fill(&v, s, ALL, VIEW_NOW, 0);
		assert_int_equal(sum_of(&v.sum), v.ntasks);
		assert_int_equal(v.sum.running, v.nrunning_list);
		assert_true(v.sum.done >= last);
		assert_true(v.nready_list + v.nready_more == v.sum.ready);
		last = v.sum.done;
		for (uint32_t i = 0; i < v.nready_list; i++)
			assert_int_equal(live_words(f.live)[v.ready[i].task], 0);
	}
	view_fill(&v, s, ALL, VIEW_NOW, 0);
	assert_int_equal(v.sum.done, v.ntasks);
	assert_true(v.end == f.now && v.number == 7);
	assert_true(v.speedup > 1 && v.speedup <= 3);
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

static void
the_ready_list_is_in_the_order_of_the_scheduler(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 1);
	struct view v = { 0 };
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 1);
	s = source_new(g, f.live, f.log, 0, &ops_rank, &f);
	view_fill(&v, s, VIEW_READY, VIEW_NOW, 0);
	assert_int_equal(v.nready_list, 41);
	assert_string_equal(v.ready[0].name, "chain/0");
	assert_string_equal(v.ready[1].name, "list/39");
	assert_string_equal(v.ready[40].name, "list/0");
	view_fill(&v, s, VIEW_READY, VIEW_NOW, 31);
	assert_int_equal(v.nready_list, 10);
	assert_string_equal(v.ready[0].name, "list/9");
	view_source_free(s);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_fill(&v, s, VIEW_READY, VIEW_NOW, 0);
	assert_string_equal(v.ready[0].name, "list/0");	/* no rank: by id */
	assert_true(isnan(v.ready[0].rank));
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

static void
a_large_graph_is_looked_through_over_some_fills(void **state)
{
	static const struct fake_group large[] = { { "a", 1, 0 }, { "b", 300000, 1 } };
	struct graph *g = fake_graph(large, 2, 1);
	struct view v = { 0 };
	struct view_source *s;
	struct fake f;
	uint32_t n = 0;

	(void)state;
	fake_init(&f, g, 1, 1);
	fake_run(&f, 5000);		/* a is done, all of b ready but a few */
	s = source_new(g, f.live, f.log, 0, &ops_rank, &f);
	do
		view_fill(&v, s, VIEW_READY, VIEW_NOW, 0);
	while (v.ready[0].rank < 299900 && ++n < 100);
	if (n < 3 || n > 6)
		fail_msg("%u fills for 300000 words", n);
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

static void
blocked_tasks_are_counted_by_what_they_wait_for(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 1);
	struct view v = { 0 };
	struct view_source *s = view_of_graph(g, "job", "flow", 4);

	(void)state;
	view_fill(&v, s, ALL, VIEW_NOW, 0);
	assert_true(v.status == RUN_PLANNED && v.nworkers == 4);
	assert_int_equal(v.sum.ready, 41);	/* list and the chain's first */
	assert_int_equal(v.sum.blocked, 300 + 8 + 5);
	assert_string_equal(v.waits[0].group_name, "count");
	assert_string_equal(v.waits[0].on_name, "list");
	assert_true(v.waits[0].count == 300);
	assert_string_equal(v.ready[0].name, "list/0");
	assert_string_equal(v.why[0], "nothing runs yet: 41 tasks are ready, 313 blocked");
	view_source_free(s);
	view_fini(&v);
	graph_free(g);
}

/* The same instant of one run, looked at then and when it was now. */
static void
then_is_what_now_was(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view was = { 0 }, is = { 0 };
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	assert_false(fake_run(&f, 30011));
	view_fill(&was, s, VIEW_RUNNING, VIEW_NOW, 0);
	assert_false(fake_run(&f, 40000));
	view_fill(&is, s, VIEW_RUNNING | VIEW_READY, 30011, 0);
	assert_true(is.is_then && !was.is_then && is.now == was.now);
	assert_int_equal(is.sum.done, was.sum.done);
	assert_int_equal(is.sum.blocked, was.sum.blocked);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(is.worker[i].name, was.worker[i].name);
		assert_true(is.worker[i].class == was.worker[i].class);
		assert_true(is.worker[i].since == was.worker[i].since);
		assert_true(is.worker[i].account.work == was.worker[i].account.work);
		assert_true(is.worker[i].account.ns[CLASS_OVH] ==
			    was.worker[i].account.ns[CLASS_OVH]);
		assert_true(is.worker[i].ntasks == was.worker[i].ntasks);
	}
	fake_run(&f, UINT64_MAX);
	view_fill(&is, s, VIEW_RUNNING, 30011, 0);
	assert_int_equal(is.sum.done, was.sum.done);
	assert_int_equal(is.sum.running, was.sum.running);
	assert_true(is.account.work == was.account.work);
	view_source_free(s);
	view_fini(&was);
	view_fini(&is);
	fake_fini(&f);
	graph_free(g);
}

static void
parallelism_over_time_holds_all_of_the_work(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view v = { 0 };
	struct view_source *s;
	struct fake f;
	double area = 0, done = 0;

	(void)state;
	fake_init(&f, g, 3, 6);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	for (uint64_t t = 100; !fake_run(&f, t); t += 1700)
		view_fill(&v, s, 0, VIEW_NOW, 0);
	view_fill(&v, s, VIEW_SERIES, VIEW_NOW, 0);
	assert_true(v.nseries > 0);
	for (uint32_t i = 0; i < v.nseries; i++) {
		uint64_t width = 2 * v.series[0].at, from = i * width;
		double ns = (double)((from + width < v.now ? from + width : v.now) - from);

		area += v.series[i].running * ns;
		done += v.series[i].done * ns / 1e9;
	}
	if (fabs(area - (double)v.account.work) > 1e-6 * area + 1)
		fail_msg("%f of %f ns", area, (double)v.account.work);
	if (fabs(done - (double)v.sum.done) > 0.01)
		fail_msg("%f of %u tasks", done, v.sum.done);
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

static void
the_timeline_shows_the_task_that_takes_most_of_a_slice(void **state)
{
	static const struct fake_group one[] = { { "a", 3, 0 } };
	struct graph *g = fake_graph(one, 1, 1);
	struct view_cell c[10];
	struct view_source *s;
	struct live_worker *w;
	struct fake f;

	(void)state;
	fake_init(&f, g, 1, 1);
	w = (struct live_worker *)(uintptr_t)live_workers(f.live);
	log_add(&f.log[0], 0, 30, 1, 0);
	log_add(&f.log[0], 31, 36, 1, 1);
	log_add(&f.log[0], 36, 70, (uint64_t)CLASS_RES << 8, HEDDLE_NONE);
	w->since = 70;
	w->task = 2;
	w->class = CLASS_RUN_CPU;
	f.now = 90;
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_timeline(s, 0, 0, 100, c, 10);
	assert_true(c[0].task == 0 && c[0].is_start && !c[0].is_end);
	assert_true(c[2].task == 0 && c[2].is_end && c[2].ntasks == 1);
	assert_true(c[3].task == 1 && c[3].is_start && c[3].is_end);
	assert_true(c[4].task == HEDDLE_NONE && c[4].class == CLASS_RES);
	assert_true(c[7].task == 2 && c[7].is_start && !c[8].is_end && c[8].class == CLASS_RUN_CPU);
	assert_true(c[9].class == CLASS_N);
	view_source_free(s);
	fake_fini(&f);
	graph_free(g);
}

static void
any_zoom_of_the_timeline_counts_each_task_once(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view_cell c[300];
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	fake_run(&f, UINT64_MAX);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	for (uint32_t columns = 1; columns <= 300; columns += 13) {
		uint32_t n = 0;

		for (uint32_t w = 0; w < 3; w++) {
			view_timeline(s, w, 0, f.now + 10, c, columns);
			for (uint32_t i = 0; i < columns; i++)
				n += c[i].ntasks;
		}
		assert_int_equal(n, g->csr.ntasks);
	}
	view_source_free(s);
	fake_fini(&f);
	graph_free(g);
}

static void
the_inspector_tells_a_life(void **state)
{
	static const struct fake_group two[] = { { "a", 1, 0 }, { "b", 1, 1 } };
	struct graph *g = fake_graph(two, 2, 1);
	struct view_inspect v;
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 1, 1);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_inspect(&v, s, 1, VIEW_NOW);
	assert_true(v.state == TASK_BLOCKED && v.npred == 1 && v.npred_done == 0);
	assert_string_equal(v.pred[0].note, "ready");
	fake_run(&f, UINT64_MAX);
	view_inspect(&v, s, 1, VIEW_NOW);
	assert_true(v.state == TASK_DONE && v.worker == 0 && v.npred_done == 1 && v.bytes == 16);
	assert_int_equal(v.nlife, 3);
	assert_string_equal(v.life[0].what, "ready");
	assert_string_equal(v.life[0].text, "a was done");
	assert_string_equal(v.life[1].what, "started");
	assert_string_equal(v.life[2].what, "ended");
	assert_true(v.life[0].at <= v.life[1].at && v.life[1].at <= v.life[2].at);
	view_inspect(&v, s, 1, 0);
	assert_true(v.state == TASK_BLOCKED && v.nlife == 0);
	view_source_free(s);
	fake_fini(&f);
	graph_free(g);
}

static void
a_life_of_many_attempts_and_predecessors_is_whole(void **state)
{
	static const struct fake_group two[] = { { "a", 1, 0 }, { "b", 1, 1 } };
	struct graph *g = fake_graph(two, 2, 1);
	struct view_inspect v;
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 2, 1);
	log_add(&f.log[0], 5, 10, (uint64_t)ROW_RETRY << 8 | 1, 0);
	log_add(&f.log[0], 12, 20, 2, 0);
	log_add(&f.log[1], 0, 21, (uint64_t)CLASS_DEP << 8, HEDDLE_NONE);
	log_add(&f.log[1], 23, 40, (uint64_t)ROW_FAILED << 8 | 1, 1);
	f.now = 50;
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_inspect(&v, s, 0, VIEW_NOW);
	assert_int_equal(v.attempt, 2);
	assert_string_equal(v.life[0].text, "needs nothing");
	assert_true(v.life[1].at == 12 && v.life[2].at == 20);
	view_inspect(&v, s, 1, VIEW_NOW);
	assert_int_equal(v.nlife, 3);
	assert_true(v.life[0].at == 20 && v.life[1].at == 23 && v.life[2].at == 40);
	assert_string_equal(v.life[0].text, "a was done");
	assert_string_equal(v.life[2].text, "failed, 17ns");
	view_inspect(&v, s, 1, 22);
	assert_true(v.nlife == 1 && v.state == TASK_READY && v.since == 2);
	view_source_free(s);
	fake_fini(&f);
	graph_free(g);
}

/* A run that is over as one that was read back: rows in arrays. */
static void
make_past(struct past *p, const struct fake *f)
{
	struct log_row **rows = calloc(f->nworkers, sizeof(*rows));
	uint64_t *n = calloc(f->nworkers, sizeof(*n));

	memset(p, 0, sizeof(*p));
	for (uint32_t w = 0; w < f->nworkers; w++) {
		struct log_walk walk = { 0 };
		const struct log_row *r;

		while ((r = log_next(&f->log[w], &walk))) {
			rows[w] = realloc(rows[w], (n[w] + 1) * sizeof(**rows));
			rows[w][n[w]++] = *r;
		}
	}
	p->number = 3;
	p->graph = f->graph;
	p->live = f->live;
	p->nworkers = f->nworkers;
	p->rows = rows;
	p->nrows = n;
}

static void
drop_past(struct past *p)
{
	for (uint32_t w = 0; w < p->nworkers; w++)
		free(p->rows[w]);
	free((void *)(uintptr_t)p->rows);
	free((void *)(uintptr_t)p->nrows);
}

static void
a_past_run_shows_what_the_live_one_did(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view live = { 0 }, past = { 0 };
	struct view_source *s, *t;
	struct past p;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	fake_run(&f, UINT64_MAX);
	make_past(&p, &f);
	s = source_new(g, f.live, f.log, 3, &ops, &f);
	t = view_of_past(&p);
	for (uint64_t i = 0; i <= 20; i++) {
		uint64_t at = f.now * i / 20;

		view_fill(&live, s, ALL, at, 0);
		view_fill(&past, t, ALL, at, 0);
		assert_true(past.is_then == (i < 20) && past.number == 3);
		assert_memory_equal(&live.sum, &past.sum, sizeof(live.sum));
		assert_memory_equal(&live.account, &past.account, sizeof(live.account));
		assert_int_equal(live.nevents, past.nevents);
		assert_int_equal(live.nready_list, past.nready_list);
		assert_string_equal(live.why[0], past.why[0]);
		for (uint32_t w = 0; w < 3; w++)
			assert_string_equal(live.worker[w].name, past.worker[w].name);
	}
	view_source_free(s);
	view_source_free(t);
	view_fini(&live);
	view_fini(&past);
	drop_past(&p);
	fake_fini(&f);
	graph_free(g);
}

/* Areas under the curves, by the definition: what ran, and how long tasks
 * were ready before they started. */
static void
the_curves_of_a_past_run_are_those_of_its_rows(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	uint64_t *done, *start, ready = 0, blocked = 0, last = 0;
	double running_area = 0, ready_area = 0, blocked_area = 0, ndone = 0;
	struct view v = { 0 };
	struct view_source *s;
	struct past p;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	fake_run(&f, UINT64_MAX);
	make_past(&p, &f);
	s = view_of_past(&p);
	view_fill(&v, s, VIEW_SERIES, VIEW_NOW, 0);
	assert_true(v.nseries > 100);
	for (uint32_t i = 0; i < v.nseries; i++) {
		uint64_t end = i + 1 < v.nseries ? (v.series[i].at + v.series[i + 1].at) / 2 : v.now;

		running_area += v.series[i].running * (double)(end - last);
		ready_area += v.series[i].ready * (double)(end - last);
		blocked_area += v.series[i].blocked * (double)(end - last);
		ndone += v.series[i].done * (double)(end - last) / 1e9;
		last = end;
	}
	done = calloc(g->csr.ntasks, 8);
	start = calloc(g->csr.ntasks, 8);
	for (uint32_t w = 0; w < 3; w++)
		for (uint64_t i = 0; i < p.nrows[w]; i++)
			if (p.rows[w][i].task != HEDDLE_NONE) {
				done[p.rows[w][i].task] = p.rows[w][i].end;
				start[p.rows[w][i].task] = p.rows[w][i].start;
			}
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint64_t from = 0;

		for (uint64_t e = g->csr.pred_at[t]; e < g->csr.pred_at[t + 1]; e++)
			from = done[g->csr.pred[e]] > from ? done[g->csr.pred[e]] : from;
		ready += start[t] - from;
		blocked += from;
	}
	if (fabs(running_area / (double)v.account.work - 1) > 0.001)
		fail_msg("running %f of %f", running_area, (double)v.account.work);
	if (fabs(ready_area / (double)ready - 1) > 0.001)
		fail_msg("ready %f of %f", ready_area, (double)ready);
	if (fabs(blocked_area / (double)blocked - 1) > 0.001)
		fail_msg("blocked %f of %f", blocked_area, (double)blocked);
	if (fabs(ndone - (double)g->csr.ntasks) > 1.5)	/* one may end at the very end */
		fail_msg("done %f", ndone);
	free(done);
	free(start);
	view_source_free(s);
	view_fini(&v);
	drop_past(&p);
	fake_fini(&f);
	graph_free(g);
}

static void
the_newest_ends_are_the_events(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view v = { 0 };
	struct view_source *s;
	uint64_t newest = 0;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	assert_false(fake_run(&f, 30000));
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_fill(&v, s, VIEW_EVENTS_TOO, VIEW_NOW, 0);
	assert_int_equal(v.nevents, VIEW_EVENTS);
	for (uint32_t i = 1; i < v.nevents; i++)
		assert_true(v.events[i - 1].at <= v.events[i].at);
	for (uint32_t w = 0; w < 3; w++) {
		struct log_walk walk = { 0 };
		const struct log_row *r;

		while ((r = log_next(&f.log[w], &walk)))
			if (r->task != HEDDLE_NONE && r->end > newest)
				newest = r->end;
	}
	assert_true(v.events[v.nevents - 1].at == newest);
	assert_string_equal(v.events[0].what, "ok");
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

/* 300 tasks of 500 ns on the mean, three workers. */
static void
the_end_is_foreseen_from_the_means(void **state)
{
	struct graph *g = fake_graph(groups, NGROUPS, 6);
	struct view v = { 0 };
	struct view_source *s;
	struct fake f;

	(void)state;
	fake_init(&f, g, 3, 6);
	s = source_new(g, f.live, f.log, 0, &ops, &f);
	view_fill(&v, s, 0, VIEW_NOW, 0);
	assert_true(v.finish == 0 && v.work_total == 0);	/* nobody knows yet */
	for (uint64_t t = 10000; !fake_run(&f, t); t += 10000) {
		uint64_t left = 0;

		view_fill(&v, s, 0, VIEW_NOW, 0);
		if (!v.finish)
			continue;
		assert_true(v.finish >= v.now && v.work_total >= v.account.work);
		for (uint32_t k = 0; k < NGROUPS; k++)
			left += v.group[k].left;
		assert_true(v.finish >= v.now + left / 3);
	}
	view_fill(&v, s, 0, VIEW_NOW, 0);
	assert_true(v.finish == v.end && v.work_total == v.account.work);
	view_source_free(s);
	view_fini(&v);
	fake_fini(&f);
	graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_of_a_live_run_sum_to_its_tasks),
		cmocka_unit_test(the_ready_list_is_in_the_order_of_the_scheduler),
		cmocka_unit_test(a_large_graph_is_looked_through_over_some_fills),
		cmocka_unit_test(blocked_tasks_are_counted_by_what_they_wait_for),
		cmocka_unit_test(then_is_what_now_was),
		cmocka_unit_test(parallelism_over_time_holds_all_of_the_work),
		cmocka_unit_test(the_timeline_shows_the_task_that_takes_most_of_a_slice),
		cmocka_unit_test(any_zoom_of_the_timeline_counts_each_task_once),
		cmocka_unit_test(the_inspector_tells_a_life),
		cmocka_unit_test(a_life_of_many_attempts_and_predecessors_is_whole),
		cmocka_unit_test(a_past_run_shows_what_the_live_one_did),
		cmocka_unit_test(the_curves_of_a_past_run_are_those_of_its_rows),
		cmocka_unit_test(the_newest_ends_are_the_events),
		cmocka_unit_test(the_end_is_foreseen_from_the_means),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
