/* SPDX-License-Identifier: MIT */
/* stress - requests of all kinds from several threads: the run always ends, and its record holds. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/build.h"
#include "t/graphs.h"

enum { LATE_MS = 60000, KERNELS = 3, NODES = 4 };

static const char *const schedulers[] = {
	"fifo", "lifo", "random", "prio", "hlf", "flow", "steal"
};
enum { NSCHEDULERS = sizeof(schedulers) / sizeof(*schedulers) };

static uint64_t
mix(uint64_t *s)
{
	uint64_t z = *s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* ---- graphs of several nodes: plain, of two cores, of a pool, that fail ------ */

/* Waits for as many microseconds as par says, or until it is asked to stop. */
static int
run_wait(const struct heddle_call *c)
{
	uint64_t us, end = clock_now();

	memcpy(&us, c->par.at, sizeof(us));
	end += us * 1000;
	while (clock_now() < end && !c->stop(c->self))
		nanosleep(&(struct timespec){ 0, 20000 }, NULL);
	return c->stop(c->self) ? (c->fail)(c->self, "stopped") : 0;
}

/* Fails every other time it is called. */
static int
run_moody(const struct heddle_call *c)
{
	static _Atomic unsigned n;

	return atomic_fetch_add(&n, 1) & 1 ? 0 : (c->fail)(c->self, "not now");
}

/* Makes a value of 40 bytes. */
static int
run_big(const struct heddle_call *c)
{
	memset(c->out(c->self, 40), 1, 40);
	for (uint32_t i = 0; i < c->nin; i++)
		if (c->in[i].n != 40 && c->in[i].n != 0)
			return (c->fail)(c->self, "an input is wrong");
	return 0;
}

static const struct heddle_kernel kernels[KERNELS] = {
	{ sizeof(kernels[0]), HEDDLE_NOVALUE, "wait", run_wait },
	{ sizeof(kernels[0]), HEDDLE_NOVALUE, "moody", run_moody },
	{ sizeof(kernels[0]), 0, "big", run_big },
};

static const struct job_pool pools[] = { { "net", 2, { NULL, 0 } } };

static const char *const node_names[NODES] = { "plain", "wide", "net", "moody" };

static struct graph *
graph_mixed(uint32_t n, uint64_t *seed)
{
	struct build *b = build_new();
	struct graph_attr attr[NODES] = {
		{ .cores = 1 }, { .cores = 2 }, { .cores = 1, .tokens = 1 },
		{ .cores = 1, .retries = 2, .nbackoff = 2, .backoff = { 0, 300000 } },
	};
	struct err err = { 0 };
	uint32_t group[NODES];
	struct graph *g;

	attr[2].pool = build_text(b, "net");
	for (int i = 0; i < KERNELS; i++)
		build_kernel(b, "test", &kernels[i]);
	for (int i = 0; i < NODES; i++)
		group[i] = build_group(b, build_node(b, node_names[i], "test", "task", "t.ini",
						     1, &attr[i]), node_names[i]);
	for (uint32_t t = 0; t < n; t++) {
		uint64_t us = mix(seed) % 8 ? 0 : mix(seed) % 600, node = mix(seed) % NODES;
		uint32_t nin = t ? (uint32_t)(mix(seed) % 4) : 0;
		heddle_task in[3];

		for (uint32_t k = 0; k < nin; k++)
			in[k] = t - 1 - (uint32_t)(mix(seed) % (t < 30 ? t : 30));
		build_regroup(b, group[node]);
		if (build_task(b, node == 3 ? 1 : mix(seed) % 3 ? 0 : 2,
			       (struct heddle_bytes){ &us, sizeof(us) }, in, nin, &err) == HEDDLE_NONE)
			fail_msg("%s", err.text);
	}
	if (build_seal(b, 0, &g, &err) < 0)
		fail_msg("%s", err.text);
	build_free(b);
	return g;
}

/* ---- one request at a time --------------------------------------------------------- */

static void
ask(struct run *run, const char *line)
{
	char a[256];

	if (run_ask(run, line, "test", a, sizeof(a)) < 0)
		fail_msg("%s: %s", line, a);
}

static enum task_state
state_of(const struct run *run, heddle_task t)
{
	return task_state_of(live_words(run_live(run))[t]);
}

/* Until task t is in that state; the run goes on meanwhile. */
static void
await(const struct run *run, heddle_task t, enum task_state state)
{
	while (state_of(run, t) != state) {
		if (run_is_over(run))
			fail_msg("the run is over, task %u is %s: %s", t,
				 task_state_names[state_of(run, t)], run_why(run));
		sched_yield();
	}
}

static void
start(struct run *run)
{
	struct err err = { 0 };

	if (run_start(run, &err) < 0)
		fail_msg("%s", err.text);
}

static void
check(struct run *run)
{
	const char *why = check_run(run);

	if (why)
		fail_msg("%s", why);
}

static void
a_worker_taken_away_in_mid_task_is_waited_for(void **state)
{
	struct graph *g = graph_of("s1 s60 s1<1", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	ask(run, "place t/0 0");
	ask(run, "place t/1 1");
	start(run);
	await(run, 1, TASK_RUNNING);
	ask(run, "workers 1");
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
a_place_on_a_worker_that_is_off_binds_nobody(void **state)
{
	struct graph *g = graph_of("s1 s1 s1<1 s1<0", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	ask(run, "pause");
	ask(run, "place t/1 1");
	ask(run, "place t/3 1");
	start(run);
	ask(run, "workers 1");
	ask(run, "go");
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
workers_that_are_needed_are_never_released(void **state)
{
	struct graph *g = graph_of("s40 s40 s1<0 s1<1", NULL);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 4);
	set.max_time = 10000000000;
	run = run_of(g, &set, "fifo");
	ask(run, "place t/0 2");
	ask(run, "place t/1 3");
	start(run);
	await(run, 0, TASK_RUNNING);
	await(run, 1, TASK_RUNNING);
	while (live_workers(run_live(run))[0].class != CLASS_END ||
	       live_workers(run_live(run))[1].class != CLASS_END)
		assert_false(run_is_over(run));
	ask(run, "workers 2");
	ask(run, "release");
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
a_retry_that_cannot_come_is_refused(void **state)
{
	struct graph *g = graph_of("f0 s40", NULL);
	struct settings set;
	struct run *run;
	char a[256];

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	start(run);
	while (state_of(run, 0) != TASK_FAILED)
		;
	assert_int_equal(run_ask(run, "retry t/0", "test", a, sizeof(a)), -1);
	assert_int_equal(run_join(run), EXIT_FAILED);
	assert_int_equal(run_live(run)->failed, 1);
	run_free(run);
	graph_free(g);
}

static void
a_kill_ends_its_task_and_no_other(void **state)
{
	struct graph *g = graph_random(30000, 30000, 1, 's');
	struct settings set;
	struct run *run;
	char a[256];

	(void)state;
	settings_of(&set, 3);
	set.on_fail = FAIL_FINISH_OTHERS;
	run = run_of(g, &set, "random");
	start(run);
	while (!run_is_over(run))
		run_ask(run, "kill t/0..14999", "test", a, sizeof(a));
	run_join(run);
	for (heddle_task t = 15000; t < 30000; t++)
		if (state_of(run, t) != TASK_DONE)
			fail_msg("task %u is %s", t, task_state_names[state_of(run, t)]);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
there_are_as_many_attempts_as_asked_for(void **state)
{
	struct graph_attr attr = { .cores = 1, .retries = 300, .nbackoff = 1 };
	struct graph *g = graph_of("f0", &attr);
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	set.max_time = 20000000000;
	run = run_of(g, &set, "fifo");
	start(run);
	assert_int_equal(run_join(run), EXIT_FAILED);
	assert_int_equal(run_live(run)->retried, 300);
	run_free(run);
	graph_free(g);
}

/* Two tasks, one after the other; the second would take long. */
static struct graph *
graph_long(void)
{
	static const struct graph_attr plain = { .cores = 1 };
	struct build *b = build_new();
	uint64_t us[2] = { 0, 5000000 };
	heddle_task first = 0;
	struct err err = { 0 };
	struct graph *g;

	build_kernel(b, "test", &kernels[0]);
	build_group(b, build_node(b, "t", "test", "task", "t.ini", 1, &plain), "t");
	for (uint32_t t = 0; t < 2; t++)
		build_task(b, 0, (struct heddle_bytes){ &us[t], sizeof(us[t]) }, &first, t, &err);
	if (build_seal(b, 0, &g, &err) < 0)
		fail_msg("%s", err.text);
	build_free(b);
	return g;
}

static void
what_begins_beside_a_stop_is_ended_too(void **state)
{
	struct graph *g = graph_long();

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct settings set;
		struct run *run;

		settings_of(&set, 1);
		run = run_of(g, &set, "fifo");
		start(run);
		while (state_of(run, 1) == TASK_BLOCKED)
			;
		run_stop(run, 15);
		assert_int_equal(run_join(run), 143);
		assert_int_not_equal(state_of(run, 1), TASK_DONE);
		run_free(run);
	}
	graph_free(g);
}

/* Tasks that wait ms each, of a pool of one or of two cores each. */
static struct graph *
graph_waits(uint32_t n, uint64_t ms, int is_pool)
{
	struct build *b = build_new();
	struct graph_attr attr = { .cores = is_pool ? 1 : 2, .tokens = (uint32_t)is_pool };
	uint64_t us = ms * 1000;
	struct err err = { 0 };
	struct graph *g;

	attr.pool = is_pool ? build_text(b, "one") : 0;
	build_kernel(b, "test", &kernels[0]);
	build_group(b, build_node(b, "t", "test", "task", "t.ini", 1, &attr), "t");
	for (uint32_t t = 0; t < n; t++)
		build_task(b, 0, (struct heddle_bytes){ &us, sizeof(us) }, NULL, 0, &err);
	if (build_seal(b, 0, &g, &err) < 0)
		fail_msg("%s", err.text);
	build_free(b);
	return g;
}

/* Until some task waits for a token: which of them is the workers' race. */
static heddle_task
await_held(const struct run *run)
{
	for (;;) {
		for (heddle_task t = 0; t < run_graph(run)->csr.ntasks; t++)
			if (state_of(run, t) == TASK_HELD)
				return t;
		assert_false(run_is_over(run));
		sched_yield();
	}
}

static void
what_waits_for_a_token_can_be_held(void **state)
{
	static const struct job_pool one = { "one", 1, { NULL, 0 } };
	struct graph *g = graph_waits(3, 300, 1);
	struct settings set;
	struct run *run;
	heddle_task held;
	char line[32];

	(void)state;
	settings_of(&set, 2);
	set.pool = &one;
	set.npools = 1;
	run = run_of(g, &set, "fifo");
	start(run);
	held = await_held(run);
	snprintf(line, sizeof(line), "hold t/%u", held);
	ask(run, line);
	for (heddle_task t = 0; t < 3; t++)
		if (t != held)
			await(run, t, TASK_DONE);
	assert_int_equal(state_of(run, held), TASK_HELD);
	snprintf(line, sizeof(line), "unhold t/%u", held);
	ask(run, line);
	assert_int_equal(run_join(run), EXIT_DONE);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
further_workers_are_cores_for_those_who_wait(void **state)
{
	struct graph *g = graph_waits(2, 3000, 0);
	struct settings set;
	struct run *run;
	heddle_task held;

	(void)state;
	settings_of(&set, 2);
	run = run_of(g, &set, "fifo");
	start(run);
	held = await_held(run);
	ask(run, "workers 4");
	await(run, held, TASK_RUNNING);
	assert_int_equal(state_of(run, !held), TASK_RUNNING);
	run_stop(run, 15);
	assert_int_equal(run_join(run), 143);
	check(run);
	run_free(run);
	graph_free(g);
}

static void
holding_a_large_group_takes_no_time_a_task(void **state)
{
	struct graph *g = graph_random(200000, 200000, 1, 's');
	struct settings set;
	struct run *run;

	(void)state;
	settings_of(&set, 2);
	set.max_time = 30000000000;
	run = run_of(g, &set, "fifo");
	ask(run, "hold t");
	start(run);
	ask(run, "unhold t");
	assert_int_equal(run_join(run), EXIT_DONE);
	run_free(run);
	graph_free(g);
}

/* ---- one storm ------------------------------------------------------------------ */

struct storm {
	struct run *run;
	uint64_t seed;
	int may_stop;
	_Atomic int is_enough;
};

static void
tasks(uint64_t *seed, uint32_t n, char *buf, size_t size)
{
	switch (mix(seed) % 4) {
	case 0:
		snprintf(buf, size, "%s", node_names[mix(seed) % NODES]);
		break;
	case 1:
		snprintf(buf, size, "state:%s", task_state_names[mix(seed) % TASK_STATES]);
		break;
	default:
		snprintf(buf, size, "%s/%u", node_names[mix(seed) % NODES],
			 (unsigned)(mix(seed) % (n / NODES + 1)));
	}
}

static void
request(struct storm *s, uint64_t *seed, char *line, size_t size)
{
	uint32_t n = run_graph(s->run)->csr.ntasks;
	char spec[128];

	tasks(seed, n, spec, sizeof(spec));
	switch (mix(seed) % (s->may_stop ? 64 : 60)) {
	default:
		snprintf(line, size, "retry %s", spec);
		break;
	case 0: case 1: case 2: case 3:
		snprintf(line, size, "pause");
		break;
	case 4: case 5: case 6: case 7: case 8: case 9: case 10: case 11:
		snprintf(line, size, "go");
		break;
	case 12: case 13: case 14: case 15: case 16: case 17:
		snprintf(line, size, "workers %u", 1 + (unsigned)(mix(seed) % 8));
		break;
	case 18: case 19: case 20: case 21: case 22: case 23:
		snprintf(line, size, "scheduler %s", schedulers[mix(seed) % NSCHEDULERS]);
		break;
	case 24: case 25: case 26:
		snprintf(line, size, "hold %s", spec);
		break;
	case 27: case 28: case 29: case 30: case 31:
		snprintf(line, size, "unhold %s", spec);
		break;
	case 32: case 33: case 34:
		snprintf(line, size, "kill %s", spec);
		break;
	case 35: case 36:
		snprintf(line, size, "prioritise %s %d", spec, (int)(mix(seed) % 9) - 4);
		break;
	case 37: case 38: case 39: case 40: case 41: case 42:
		snprintf(line, size, "place %s %u", spec, (unsigned)(mix(seed) % 8));
		break;
	case 43: case 44:
		snprintf(line, size, "release");
		break;
	case 45:
		snprintf(line, size, "release auto");
		break;
	case 46:
		snprintf(line, size, "release off");
		break;
	case 60: case 61:
		snprintf(line, size, "stop");
		break;
	case 62:
		snprintf(line, size, "stop now");
		break;
	case 63:
		snprintf(line, size, "pause");
		run_stop(s->run, mix(seed) & 1 ? 15 : 2);
	}
}

static void *
ask_much(void *arg)
{
	struct storm *s = arg;
	uint64_t seed = s->seed ^ (uint64_t)(uintptr_t)&seed;
	char line[256], answer[512], why[64];
	double rank;
	uint32_t on;

	for (int i = 0; i < 40 && !run_is_over(s->run) && !atomic_load(&s->is_enough); i++) {
		request(s, &seed, line, sizeof(line));
		run_ask(s->run, line, "test", answer, sizeof(answer));
		run_held_by(s->run, (heddle_task)(mix(&seed) % 50), why, sizeof(why));
		run_rank(s->run, (heddle_task)(mix(&seed) % 50), &rank, &on);
		if (mix(&seed) % 4 == 0)
			nanosleep(&(struct timespec){ 0, (long)(mix(&seed) % 400000) }, NULL);
	}
	return NULL;
}

static void
must_end(struct run *run, const char *what)
{
	struct pollfd over = { run_fd(run), POLLIN, 0 };

	if (poll(&over, 1, LATE_MS) > 0)
		return;
	fprintf(stderr, "# %s: never ends\n", what);
	for (uint32_t i = 0; i < run_live(run)->nworkers; i++) {
		const struct live_worker *w = &live_workers(run_live(run))[i];

		fprintf(stderr, "#   worker %u: task %d, %s\n", i, (int)w->task,
			class_names[w->class]);
	}
	for (heddle_task t = 0; t < run_graph(run)->csr.ntasks; t++)
		if (task_state_of(live_words(run_live(run))[t]) != TASK_DONE)
			fprintf(stderr, "#   task %u is %s\n", t,
				task_state_names[task_state_of(live_words(run_live(run))[t])]);
	abort();
}

static void
storm(uint64_t seed)
{
	static const char *const calm[] = { "release off", "unhold plain", "unhold wide",
					    "unhold net", "unhold moody", "go" };
	struct settings set;
	uint64_t at = seed;
	struct graph *g = graph_mixed(20 + (uint32_t)(mix(&at) % 300), &at);
	struct storm s = { .seed = seed, .may_stop = mix(&at) % 3 == 0 };
	pthread_t asker[2];
	struct err err = { 0 };
	char what[128], answer[512];
	const char *why;

	settings_of(&set, 1 + (uint32_t)(mix(&at) % 5));
	if (set.workers == 1)
		set.workers = mix(&at) % 8 ? 2 : 64;
	set.pool = pools;
	set.npools = 1;
	set.executor = mix(&at) % 6 ? EXECUTOR_THREADS : EXECUTOR_SYNC;
	set.on_fail = (enum on_fail)(mix(&at) % 5 ? FAIL_FINISH_OTHERS : mix(&at) % 3);
	snprintf(what, sizeof(what), "storm %llu", (unsigned long long)seed);
	s.run = run_of(g, &set, schedulers[mix(&at) % NSCHEDULERS]);
	assert_int_equal(run_start(s.run, &err), 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&asker[i], NULL, ask_much, &s);
	for (int i = 0; i < 2; i++)
		pthread_join(asker[i], NULL);
	for (size_t i = 0; i < sizeof(calm) / sizeof(*calm); i++)
		run_ask(s.run, calm[i], "test", answer, sizeof(answer));
	must_end(s.run, what);
	run_join(s.run);
	why = check_run(s.run);
	if (why)
		fail_msg("%s: %s", what, why);
	if (run_live(s.run)->status == RUN_STUCK || run_live(s.run)->exit == EXIT_PLUGIN)
		fail_msg("%s: %s", what, run_why(s.run));
	run_free(s.run);
	graph_free(g);
}

/* By their names from then on. */
static void
load_schedulers(void)
{
	const char *build = getenv("HEDDLE_BUILD");

	for (int i = 0; i < NSCHEDULERS; i++) {
		char *path = xasprintf("%s/plugins/%s.so", build ? build : ".", schedulers[i]);
		struct err err = { 0 };

		assert_non_null(shelf_get(test_shelf(), path, NULL, &err));
		free(path);
	}
}

static void
a_run_ends_whatever_is_asked_of_it(void **state)
{
	const char *many = getenv("STORMS"), *from = getenv("STORM");
	uint64_t n = many ? strtoull(many, NULL, 10) : 60;
	uint64_t first = from ? strtoull(from, NULL, 10) : 0;

	(void)state;
	load_schedulers();
	for (uint64_t seed = first; seed < first + n; seed++)
		storm(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_taken_away_in_mid_task_is_waited_for),
		cmocka_unit_test(a_place_on_a_worker_that_is_off_binds_nobody),
		cmocka_unit_test(workers_that_are_needed_are_never_released),
		cmocka_unit_test(a_retry_that_cannot_come_is_refused),
		cmocka_unit_test(a_kill_ends_its_task_and_no_other),
		cmocka_unit_test(there_are_as_many_attempts_as_asked_for),
		cmocka_unit_test(what_begins_beside_a_stop_is_ended_too),
		cmocka_unit_test(what_waits_for_a_token_can_be_held),
		cmocka_unit_test(further_workers_are_cores_for_those_who_wait),
		cmocka_unit_test(holding_a_large_group_takes_no_time_a_task),
		cmocka_unit_test(a_run_ends_whatever_is_asked_of_it),
	};

	clock_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
