/* SPDX-License-Identifier: MIT */
/* schedulers - the order of each shipped scheduler, and what all must keep. */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "t/policy.h"

static const char *const shipped[] = {
	"fifo", "lifo", "random", "prio", "flow", "steal",
	"hlf", "hlf ties=succ", "hlf ties=random", NULL
};

/* T1 .. T6 of the lecture are 0 .. 5. */
static const char lecture[] = "10 5 15 5<0 20<1 10<3,4";

/*
 * +1 gives task 1, +1,2,3 gives three in one call, - asks; @2 says it is
 * worker 2, @? that it is none.  The answer is a task, or "." for none.
 */
static const struct {
	const char *scheduler, *graph, *script, *answers;
} orders[] = {
	{ "fifo", "1 1 1 1", "+1 +2 +3 - - -", "1 2 3" },
	{ "fifo", "1 1 1 1", "- +1 - - +2,3 - +1 - -", ". 1 . 2 3 1" },
	{ "fifo", "1 1 1", "+0,1,2 - - +0 +1 - - - -", "0 1 2 0 1 ." },
	{ "lifo", "1 1 1 1", "+1 +2 +3 - - -", "3 2 1" },
	{ "lifo", "1 1 1 1", "+1,2 - +3 - - -", "2 3 1 ." },
	{ "prio", "1 1!2 1 1!-1 1!2", "+0,1,2,3,4 - - - - - -", "1 4 0 2 3 ." },
	{ "prio", "1 1!2147483647 1!-2147483648 1", "+0 +2 +1 +3 - - - -", "1 0 3 2" },
	{ "prio", "1 1 1", "+2 +1 - +0 - -", "1 0 2" },
	{ "hlf", lecture, "+0,1,2 - - - +4,3 - - -", "1 0 2 4 3 ." },
	{ "hlf", lecture, "+2 +3 - -", "2 3" },
	{ "hlf", lecture, "+3 +2 - -", "3 2" },
	{ "hlf ties=fifo", lecture, "+3 +2 - -", "3 2" },
	{ "hlf ties=succ", lecture, "+2 +3 - -", "3 2" },
	{ "hlf ties=succ", "1 1 1<1", "+0,1 - -", "1 0" },
	{ "hlf", "9000000000 9000000100 9000000050", "+0,1,2 - - -", "1 2 0" },
	{ "hlf", "0 0 0<1", "+0,1 - -", "1 0" },
	{ "flow", lecture, "+0,1,2 - - - +3,4 - - -", "1 0 2 4 3 ." },
	{ "flow", lecture, "+2 +3 - -", "3 2" },
	{ "flow", "9 1 1<1 1<2 1<2", "+0,2 - -", "2 0" },
	{ "flow", "1 1 1 1 1<0,1 9<2", "+5 +4 - -", "4 5" },
	{ "flow", "1 1 1<0 1<0 1<1 9<2", "+2,4 - -", "4 2" },
	{ "flow", "9!1 1 1 1<1,2", "+3,0 - -", "0 3" },
	{ "flow", "9!-2147483648 1!2147483647 1 1<1,2", "+0,1,3 - - -", "1 3 0" },
	{ "flow", "1 1 1", "+2,1,0 - - -", "0 1 2" },
	{ "flow", "5 7 6", "+0,1,2 - - -", "1 2 0" },
	{ "steal", "1 1 1 1", "+1 +2 +3 - - - -", "3 2 1 ." },
	{ "steal", "1 1 1 1", "+1,2,3 -@1 - -@1 -", "1 3 2 ." },
	{ "steal", "1 1 1 1", "+1@0 +2@1 -@1 -@1 -@1", "2 1 ." },
	{ "steal", "1 1 1 1", "+0,1,2,3@? - - - - -", "0 1 2 3 ." },
	{ "steal", "1 1 1 1", "+0,1,2,3@? -@1 -@0 -@1 -@0", "0 2 1 3" },
	{ "steal", "1 1 1", "+2@? - +1,0@? -@? -@? -@?", "2 1 0 ." },
};

static void
play(struct policy *p, const char *script, char *answers, size_t n)
{
	heddle_task task[16];
	uint32_t worker, given;
	char *copy = xstrdup(script), *rest = copy, *word, *s, *at;

	*answers = '\0';
	while ((word = strsep(&rest, " "))) {
		at = strchr(word, '@');
		worker = !at ? 0 : at[1] == '?' ? HEDDLE_NONE : (uint32_t)atoi(at + 1);
		if (*word == '-') {
			*task = p->def->next(p->self, worker);
			at = answers + strlen(answers);
			if (*task == HEDDLE_NONE)
				snprintf(at, n - (size_t)(at - answers), ". ");
			else
				snprintf(at, n - (size_t)(at - answers), "%u ", *task);
			continue;
		}
		for (given = 0, s = word; *s && *s != '@'; given++)
			task[given] = (heddle_task)strtoul(s + 1, &s, 10);
		p->def->ready(p->self, worker, task, given);
	}
	if (*answers)
		answers[strlen(answers) - 1] = '\0';
	free(copy);
}

static void
each_scheduler_keeps_its_order(void **state)
{
	struct policy p;
	struct world *w;
	char answers[256], got[512], wanted[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		w = world_read(orders[i].graph, 2);
		policy_open(&p, orders[i].scheduler, w);
		play(&p, orders[i].script, answers, sizeof(answers));
		snprintf(got, sizeof(got), "%s: %s: %s", orders[i].scheduler,
			 orders[i].script, answers);
		snprintf(wanted, sizeof(wanted), "%s: %s: %s", orders[i].scheduler,
			 orders[i].script, orders[i].answers);
		assert_string_equal(got, wanted);
		policy_close(&p);
		world_free(w);
	}
}

/* Each once, none invented, none lost, predecessors first. */
static void
assert_schedule(const struct schedule *s, const struct world *w, const char *who)
{
	const struct heddle_graph *g = &w->graph;
	uint32_t *place = xcalloc(g->ntasks + 1, sizeof(*place)), i;
	uint64_t e;

	if (s->ntasks != g->ntasks)
		fail_msg("%s gave %u of %u tasks", who, s->ntasks, g->ntasks);
	for (i = 0; i < g->ntasks; i++) {
		if (w->given[i] != 1)
			fail_msg("%s gave task %u %u times", who, i, w->given[i]);
		place[s->order[i]] = i;
	}
	for (i = 0; i < g->ntasks; i++)
		for (e = g->pred_at[i]; e < g->pred_at[i + 1]; e++)
			assert_true(place[g->pred[e]] < place[i]);
	free(place);
}

static void
each_task_is_given_once_none_lost_none_invented(void **state)
{
	const char *const *name;
	struct schedule s;
	struct policy p;
	struct world *w;
	uint32_t seed;

	(void)state;
	for (name = shipped; *name; name++)
		for (seed = 0; seed < 24; seed++) {
			w = world_random(seed * seed * 7, 1 + seed % 5, seed);
			w->host.seed = seed;
			policy_open(&p, *name, w);
			assert_non_null(p.self);
			policy_run(&p, &s);
			assert_schedule(&s, w, *name);
			free(s.order);
			policy_run(&p, &s);	/* each counts anew */
			assert_schedule(&s, w, *name);
			free(s.order);
			policy_close(&p);
			world_free(w);
		}
}

static void
equal_seeds_give_equal_orders_even_when_two_are_open(void **state)
{
	const char *const *name;
	struct schedule s[2];
	struct policy p[2];
	struct world *w;

	(void)state;
	w = world_random(3000, 3, 7);
	w->host.seed = 11;
	for (name = shipped; *name; name++) {
		policy_open(&p[0], *name, w);
		policy_open(&p[1], *name, w);
		policy_run(&p[0], &s[0]);
		policy_run(&p[1], &s[1]);
		assert_memory_equal(s[0].order, s[1].order, 3000 * sizeof(heddle_task));
		free(s[0].order);
		free(s[1].order);
		policy_close(&p[0]);
		policy_close(&p[1]);
	}
	world_free(w);
}

static void
another_seed_gives_another_order_where_chance_decides(void **state)
{
	static const char *const chance[] = { "random", "hlf ties=random", NULL };
	const char *const *name;
	struct schedule s[2];
	struct policy p;
	struct world *w;
	int i;

	(void)state;
	w = world_random(500, 2, 3);
	memset(w->time, 0, 500 * sizeof(w->time[0]));	/* levels with many equals */
	for (name = chance; *name; name++) {
		for (i = 0; i < 2; i++) {
			w->host.seed = (uint64_t)i;
			policy_open(&p, *name, w);
			policy_run(&p, &s[i]);
			policy_close(&p);
		}
		assert_memory_not_equal(s[0].order, s[1].order, 500 * sizeof(heddle_task));
		free(s[0].order);
		free(s[1].order);
	}
	world_free(w);
}

/* ../data, lessons 0.3: what the lecture's graph takes. */
static void
the_lectures_graph_takes_what_the_lecture_says(void **state)
{
	static const struct { const char *scheduler; uint32_t workers; uint64_t makespan; } rows[] = {
		{ "fifo", 1, 65 }, { "flow", 1, 65 }, { "steal", 1, 65 },
		{ "fifo", 3, 35 }, { "flow", 3, 35 }, { "hlf", 3, 35 },
		{ "fifo", 2, 40 }, { "hlf", 2, 40 }, { "hlf ties=succ", 2, 35 },
		{ "flow", 2, 35 },
	};
	char got[80], wanted[80];
	struct schedule s;
	struct policy p;
	struct world *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = world_read(lecture, rows[i].workers);
		policy_open(&p, rows[i].scheduler, w);
		policy_run(&p, &s);
		snprintf(got, sizeof(got), "%s on %u: %lu", rows[i].scheduler,
			 rows[i].workers, (unsigned long)s.makespan);
		snprintf(wanted, sizeof(wanted), "%s on %u: %lu", rows[i].scheduler,
			 rows[i].workers, (unsigned long)rows[i].makespan);
		assert_string_equal(got, wanted);
		free(s.order);
		policy_close(&p);
		world_free(w);
	}
}

static uint32_t
held_peak(const char *scheduler, struct world *w, uint64_t *makespan)
{
	struct schedule s;
	struct policy p;

	policy_open(&p, scheduler, w);
	policy_run(&p, &s);
	assert_schedule(&s, w, scheduler);
	free(s.order);
	policy_close(&p);
	*makespan = s.makespan;
	return s.held_peak;
}

static void
flow_holds_tens_of_values_where_others_hold_thousands(void **state)
{
	struct world *w = world_tree(2048, 8, 8);
	uint32_t flow, fifo, hlf;
	uint64_t took, best;

	(void)state;
	fifo = held_peak("fifo", w, &best);
	hlf = held_peak("hlf", w, &took);
	flow = held_peak("flow", w, &took);
	print_message("# held: flow %u, fifo %u, hlf %u; flow takes %.3f of fifo's time\n",
		      flow, fifo, hlf, (double)took / (double)best);
	assert_in_range(flow, 8, 40);
	assert_in_range(fifo, 1900, 2049);
	assert_in_range(hlf, 1900, 2049);
	assert_true(took <= best + best / 20);
	world_free(w);
}

/* A listing that all read, then read, words and count of each of 500 files,
 * then one merge: what is shared by all must not count as freed. */
static void
flow_is_not_misled_by_an_input_that_all_share(void **state)
{
	char *text = xmalloc(64 * 1024), *s = text;
	struct world *w;
	uint64_t took;
	uint32_t held;
	int i;

	(void)state;
	s += sprintf(s, "1");
	for (i = 0; i < 500; i++)
		s += sprintf(s, " 9<0");
	for (i = 1; i <= 1000; i++)
		s += sprintf(s, " 9<%d", i);
	w = world_read(text, 4);
	held = held_peak("flow", w, &took);
	assert_in_range(held, 2, 10);
	assert_in_range(held_peak("hlf", w, &took), 400, 501);
	world_free(w);
	free(text);
}

/* ---- steal, by real threads ------------------------------------------- */

struct crowd {
	struct policy policy;
	struct world *world;
	_Atomic uint32_t *unfinished, *given, nended;
	_Atomic uint64_t sum, nothing;
	uint32_t worker;		/* how many have started */
};

static void
run_one(struct crowd *c, uint32_t worker, heddle_task t)
{
	const struct heddle_graph *g = &c->world->graph;
	heddle_task came[64];
	uint32_t n = 0;
	uint64_t e;

	atomic_fetch_add(&c->given[t], 1);
	atomic_fetch_add(&c->sum, t);
	for (e = g->succ_at[t]; e < g->succ_at[t + 1]; e++) {
		if (atomic_fetch_sub(&c->unfinished[g->succ[e]], 1) == 1)
			came[n++] = g->succ[e];
		if (n == 64 || (n && e + 1 == g->succ_at[t + 1])) {
			c->policy.def->ready(c->policy.self, worker, came, n);
			n = 0;
		}
	}
	if (n)
		c->policy.def->ready(c->policy.self, worker, came, n);
	atomic_fetch_add(&c->nended, 1);
}

struct member { struct crowd *crowd; uint32_t worker; };

static void *
work(void *arg)
{
	struct member *m = arg;
	struct crowd *c = m->crowd;
	heddle_task t;

	while (atomic_load(&c->nended) < c->world->graph.ntasks) {
		t = c->policy.def->next(c->policy.self, m->worker);
		if (t == HEDDLE_NONE) {
			atomic_fetch_add(&c->nothing, 1);
			sched_yield();
			continue;
		}
		run_one(c, m->worker, t);
	}
	return NULL;
}

static void
crowd_run(struct world *w, int by_none)
{
	const struct heddle_graph *g = &w->graph;
	struct crowd c = { .world = w };
	struct member m[16];
	pthread_t thread[16];
	heddle_task t, *root = xcalloc(g->ntasks, sizeof(*root));
	uint32_t i, n = 0, slice;

	c.unfinished = xcalloc(g->ntasks, sizeof(*c.unfinished));
	c.given = xcalloc(g->ntasks, sizeof(*c.given));
	policy_open(&c.policy, "steal", w);
	assert_true(c.policy.def->flags & HEDDLE_CONCURRENT);
	for (t = 0; t < g->ntasks; t++) {
		atomic_init(&c.unfinished[t], (uint32_t)(g->pred_at[t + 1] - g->pred_at[t]));
		if (g->pred_at[t + 1] == g->pred_at[t])
			root[n++] = t;
	}
	slice = n / g->nworkers + 1;
	if (by_none)
		c.policy.def->ready(c.policy.self, HEDDLE_NONE, root, n);
	else
		for (i = 0; i * slice < n; i++)
			c.policy.def->ready(c.policy.self, i, root + i * slice,
					    n - i * slice < slice ? n - i * slice : slice);
	for (i = 0; i < g->nworkers; i++) {
		m[i] = (struct member){ &c, i };
		assert_int_equal(pthread_create(&thread[i], NULL, work, &m[i]), 0);
	}
	for (i = 0; i < g->nworkers; i++)
		pthread_join(thread[i], NULL);
	for (t = 0; t < g->ntasks; t++)
		assert_int_equal(atomic_load(&c.given[t]), 1);
	assert_int_equal(atomic_load(&c.sum), (uint64_t)g->ntasks * (g->ntasks - 1) / 2);
	assert_int_equal(c.policy.def->next(c.policy.self, 0), HEDDLE_NONE);
	policy_close(&c.policy);
	free(root);
	free(c.unfinished);
	free(c.given);
}

static void
threads_that_steal_get_each_task_once(void **state)
{
	uint32_t workers, by_none;
	struct world *w;

	(void)state;
	for (workers = 1; workers <= 8; workers *= 2)
		for (by_none = 0; by_none < 2; by_none++) {
			w = world_random(20000, workers, workers);
			crowd_run(w, (int)by_none);
			world_free(w);
			w = world_tree(10000, 3, workers);
			crowd_run(w, (int)by_none);
			world_free(w);
		}
}

/* Roots come while workers run: retries, holds that were lifted. */
struct giver {
	struct crowd *crowd;
	uint32_t n;
};

static void *
give(void *arg)
{
	struct giver *g = arg;
	heddle_task t;

	for (t = 0; t < g->n; t++)
		g->crowd->policy.def->ready(g->crowd->policy.self, HEDDLE_NONE, &t, 1);
	return NULL;
}

static void
what_comes_from_no_worker_is_run_too(void **state)
{
	struct world *w = world_tree(3000, 3000, 3);
	struct crowd c = { .world = w };
	struct giver g = { .crowd = &c, .n = 3000 };
	struct member m[3];
	pthread_t thread[4];
	heddle_task t;
	uint32_t i;

	(void)state;
	c.unfinished = xcalloc(w->graph.ntasks, sizeof(*c.unfinished));
	c.given = xcalloc(w->graph.ntasks, sizeof(*c.given));
	atomic_init(&c.unfinished[3000], 3000);
	policy_open(&c.policy, "steal", w);
	for (i = 0; i < 3; i++) {
		m[i] = (struct member){ &c, i };
		assert_int_equal(pthread_create(&thread[i], NULL, work, &m[i]), 0);
	}
	assert_int_equal(pthread_create(&thread[3], NULL, give, &g), 0);
	for (i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	for (t = 0; t < w->graph.ntasks; t++)
		assert_int_equal(atomic_load(&c.given[t]), 1);
	policy_close(&c.policy);
	free(c.unfinished);
	free(c.given);
	world_free(w);
}

static void
a_million_ready_tasks_are_ordered(void **state)
{
	enum { N = 1000000 };
	heddle_task *all = xcalloc(N, sizeof(*all)), t;
	const char *const *name;
	struct policy p;
	struct world *w;
	uint64_t sum;
	uint32_t i;

	(void)state;
	w = world_random(N, 2, 1);
	for (i = 0; i < N; i++)
		all[i] = i;
	for (name = shipped; *name; name++) {
		policy_open(&p, *name, w);
		p.def->ready(p.self, 0, all, N);
		for (sum = 0, i = 0; (t = p.def->next(p.self, 0)) != HEDDLE_NONE; i++)
			sum += t;
		assert_int_equal(i, N);
		assert_int_equal(sum, (uint64_t)N * (N - 1) / 2);
		policy_close(&p);
	}
	world_free(w);
	free(all);
}

/* What rank says is what next does. */
static void
tasks_come_in_the_order_of_their_rank(void **state)
{
	const char *const *name;
	struct policy p;
	struct world *w;
	double rank, last;
	heddle_task t;

	(void)state;
	w = world_random(2000, 2, 5);
	for (t = 0; t < 2000; t++)
		w->priority[t] = (int32_t)(t % 5) - 2;
	for (name = shipped; *name; name++) {
		policy_open(&p, *name, w);
		for (t = 0; t < 2000; t++)
			p.def->ready(p.self, 0, &t, 1);
		for (last = 1e300; p.def->rank; last = rank) {
			t = p.def->next(p.self, 0);
			if (t == HEDDLE_NONE)
				break;
			rank = p.def->rank(p.self, t);
			assert_true(rank <= last);
		}
		policy_close(&p);
	}
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_scheduler_keeps_its_order),
		cmocka_unit_test(each_task_is_given_once_none_lost_none_invented),
		cmocka_unit_test(equal_seeds_give_equal_orders_even_when_two_are_open),
		cmocka_unit_test(another_seed_gives_another_order_where_chance_decides),
		cmocka_unit_test(the_lectures_graph_takes_what_the_lecture_says),
		cmocka_unit_test(flow_holds_tens_of_values_where_others_hold_thousands),
		cmocka_unit_test(flow_is_not_misled_by_an_input_that_all_share),
		cmocka_unit_test(threads_that_steal_get_each_task_once),
		cmocka_unit_test(what_comes_from_no_worker_is_run_too),
		cmocka_unit_test(tasks_come_in_the_order_of_their_rank),
		cmocka_unit_test(a_million_ready_tasks_are_ordered),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
