/* SPDX-License-Identifier: MIT */
/* build - what is added is what is sealed: edges, order, groups, sharing and culling. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/graph/build.h"
#include "core/job/job.h"

static const struct heddle_kernel pure = { sizeof(pure), HEDDLE_PURE, "pure", NULL };
static const struct heddle_kernel plain = { sizeof(plain), HEDDLE_NOVALUE, "plain", NULL };
static const struct heddle_kernel effect = { sizeof(effect), HEDDLE_EFFECT | HEDDLE_NOVALUE, "effect", NULL };
static const struct heddle_bytes nothing = { NULL, 0 };

#define TASK(b, k, par, ...) \
	add((b), (k), (par), (heddle_task[]){ __VA_ARGS__ }, \
	    sizeof((heddle_task[]){ __VA_ARGS__ }) / sizeof(heddle_task))

static heddle_task
add(struct build *b, uint32_t kernel, const char *par, const heddle_task *in, size_t nin)
{
	struct err err;
	struct heddle_bytes bytes = { par, strlen(par) };
	heddle_task t = build_task(b, kernel, bytes, in, (uint32_t)nin, &err);

	assert_true(t != HEDDLE_NONE);
	return t;
}

static heddle_task
root(struct build *b, uint32_t kernel, const char *par)
{
	return add(b, kernel, par, NULL, 0);
}

/* A node of its own with a group of its name. */
static uint32_t
node(struct build *b, const char *name, uint32_t line)
{
	uint32_t n = build_node(b, name, "p", "op", "a.ini", line, NULL);

	build_group(b, n, name);
	return n;
}

static void
order(struct build *b, heddle_task before, heddle_task after)
{
	struct err err;

	assert_int_equal(build_order(b, before, after, &err), 0);
}

static struct graph *
seal(struct build *b, unsigned optimise)
{
	struct graph *g = NULL;
	struct err err = { 0, "" };

	if (build_seal(b, optimise, &g, &err) < 0)
		fail_msg("%s", err.text);
	build_free(b);
	return g;
}

static void
reads(const struct graph *g, const char *expected)
{
	struct text text = { NULL, 0, 0 };

	graph_write(g, &text);
	assert_string_equal(text.at ? text.at : "", expected);
	text_fini(&text);
}

/* Both directions say the same edges, ids are topological, successors ascend. */
static void
is_sound(const struct graph *g)
{
	uint64_t n = 0;

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++)
			assert_true(g->csr.pred[i] < t);
		for (uint64_t i = g->csr.succ_at[t]; i < g->csr.succ_at[t + 1]; i++, n++) {
			uint32_t there = 0, here = 0;
			heddle_task s = g->csr.succ[i];

			assert_true(i == g->csr.succ_at[t] || g->csr.succ[i - 1] <= s);
			for (uint64_t k = g->csr.pred_at[s]; k < g->csr.pred_at[s + 1]; k++)
				there += g->csr.pred[k] == t;
			for (uint64_t k = g->csr.succ_at[t]; k < g->csr.succ_at[t + 1]; k++)
				here += g->csr.succ[k] == s;
			assert_int_equal(here, there);
		}
		assert_int_equal(g->group[graph_group_of(g, t)].n > 0, 1);
	}
	assert_int_equal(n, g->nedges);
	assert_int_equal(g->csr.pred_at[g->csr.ntasks], g->nedges);
	assert_int_equal(g->csr.succ_at[g->csr.ntasks], g->nedges);
}

static void
inputs_keep_their_order_and_repeats(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;
	heddle_task x, y;

	(void)state;
	node(b, "a", 1);
	x = root(b, k, "");
	y = root(b, k, "");
	TASK(b, k, "", y, x, y);
	g = seal(b, 0);
	is_sound(g);
	reads(g, "a/0 p.plain\na/1 p.plain\na/2 p.plain a/1 a/0 a/1\n");
	assert_int_equal(graph_npred(g, 2), 3);
	assert_int_equal(g->csr.succ_at[2] - g->csr.succ_at[1], 2);
	graph_free(g);
}

static void
an_input_that_is_not_there_is_refused(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct err err;
	struct graph *g;

	(void)state;
	node(b, "a", 1);
	root(b, k, "");
	assert_true(build_task(b, k, nothing, (heddle_task[]){ 0, 7 }, 2, &err) == HEDDLE_NONE);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "a/1: input 7 is not a task yet; a task's inputs are made before it");
	TASK(b, k, "", 0);
	g = seal(b, 0);		/* what was refused left nothing behind */
	is_sound(g);
	assert_int_equal(g->nedges, 1);
	graph_free(g);
}

static void
order_edges_stand_behind_inputs_and_count_once(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;

	(void)state;
	node(b, "a", 1);
	for (int i = 0; i < 3; i++)
		root(b, k, "");
	TASK(b, k, "", 1);
	order(b, 2, 3);
	order(b, 1, 3);
	order(b, 2, 3);
	order(b, 0, 3);
	g = seal(b, 0);
	is_sound(g);
	reads(g, "a/0 p.plain\na/1 p.plain\na/2 p.plain\na/3 p.plain a/1 | a/2 a/0\n");
	assert_int_equal(graph_nin(g, 3), 1);
	assert_int_equal(graph_npred(g, 3), 3);
	graph_free(g);
}

static void
an_edge_against_ids_renumbers_and_keeps_groups_whole(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;

	(void)state;
	node(b, "late", 1);
	root(b, k, "");
	root(b, k, "");
	node(b, "early", 2);
	root(b, k, "");
	root(b, k, "");
	order(b, 2, 1);
	g = seal(b, 0);
	is_sound(g);
	assert_null(g->group_of);
	reads(g, "early/0 p.plain\nearly/1 p.plain\nlate/0 p.plain\nlate/1 p.plain | early/0\n");
	graph_free(g);
}

static void
groups_take_turns_where_they_must(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;

	(void)state;
	node(b, "a", 1);
	root(b, k, "");
	root(b, k, "");
	node(b, "b", 2);
	root(b, k, "");
	root(b, k, "");
	order(b, 0, 3);		/* a/0 before b/1 before a/1 before b/0 */
	order(b, 3, 1);
	order(b, 1, 2);
	g = seal(b, 0);
	is_sound(g);
	assert_non_null(g->group_of);
	reads(g, "a/0 p.plain\nb/1 p.plain | a/0\na/1 p.plain | b/1\nb/0 p.plain | a/1\n");
	assert_int_equal(graph_find(g, "b/0"), 3);
	assert_int_equal(graph_find(g, "b/1"), 1);
	assert_int_equal(graph_nth(g, graph_find_group(g, "b"), 0), 1);
	graph_free(g);
}

static void
too_many_groups_cannot_take_turns(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;
	struct err err;

	(void)state;
	for (int i = 0; i < 65536; i++) {
		char name[16];

		snprintf(name, sizeof(name), "g%d", i);
		node(b, name, 1);
		root(b, k, "");
		if (i < 2)
			root(b, k, "");
	}
	order(b, 0, 3);
	order(b, 3, 1);
	order(b, 1, 2);
	assert_int_equal(build_seal(b, 0, &g, &err), -1);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "65536 groups whose tasks take turns; at most 65535 can");
	build_free(b);
}

static void
what_a_graph_cannot_hold_is_refused(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct err err;

	(void)state;
	node(b, "a", 1);
	root(b, k, "");
	assert_true(build_task(b, k, nothing, NULL, UINT32_MAX, &err) == HEDDLE_NONE);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "one task too many: a graph holds 4294967280 tasks, "
				      "a task 2147483647 inputs");
	build_free(b);
}

static void
a_cycle_is_refused_with_its_path(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;
	struct err err;

	(void)state;
	node(b, "before", 3);
	root(b, k, "");
	node(b, "a", 12);
	TASK(b, k, "", 0);
	node(b, "b", 20);
	TASK(b, k, "", 1);
	node(b, "after", 30);
	TASK(b, k, "", 2);
	order(b, 2, 1);
	assert_int_equal(build_seal(b, 0, &g, &err), -1);
	assert_int_equal(err.code, EXIT_GRAPH);
	assert_string_equal(err.text, "the graph has a cycle: a -> b -> a (a.ini:12, a.ini:20)");
	build_free(b);
}

static void
a_long_cycle_is_cut_at_ten_names(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;
	struct err err;

	(void)state;
	node(b, "ring", 5);
	root(b, k, "");
	for (heddle_task i = 0; i < 99; i++)
		TASK(b, k, "", i);
	order(b, 99, 0);
	assert_int_equal(build_seal(b, 0, &g, &err), -1);
	assert_string_equal(err.text, "the graph has a cycle: ring/0 -> ring/1 -> ring/2 -> ring/3 -> "
			    "ring/4 -> ring/5 -> ring/6 -> ring/7 -> ring/8 -> ring/9 -> "
			    "(90 more) -> ring/0 (a.ini:5)");
	build_free(b);
}

static void
a_task_before_itself_is_refused(void **state)
{
	struct build *b = build_new();
	struct err err;

	(void)state;
	node(b, "a", 1);
	root(b, build_kernel(b, "p", &plain), "");
	assert_int_equal(build_order(b, 0, 0, &err), -1);
	assert_string_equal(err.text, "a would have to run before itself");
	assert_int_equal(build_order(b, 0, 4, &err), -1);
	assert_string_equal(err.text, "task 4 is not there to be put in order; there are 1");
	build_free(b);
}

static void
equal_pure_tasks_become_one_through_whole_chains(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &pure), n;
	struct graph *g;
	heddle_task x, y, z;

	(void)state;
	node(b, "a", 1);
	x = root(b, k, "1");
	x = TASK(b, k, "2", x);
	n = node(b, "b", 2);
	y = root(b, k, "1");
	y = TASK(b, k, "2", y);
	z = TASK(b, k, "3", y);
	build_give(b, n, "v", (heddle_task[]){ y, z }, 2);
	g = seal(b, JOB_SHARE);
	is_sound(g);
	reads(g, "a/0 p.pure\na/1 p.pure a/0\nb/2 p.pure a/1\n");
	assert_int_equal(g->before_tasks, 5);
	assert_int_equal(g->before_edges, 3);
	n = graph_find_node(g, "b");
	assert_int_equal(g->part[g->node[n].part], 1);
	assert_int_equal(g->part[g->node[n].part + 1], 2);
	assert_int_equal(graph_find(g, "b/2"), 2);
	assert_int_equal(graph_find(g, "b/0"), GRAPH_NONE);
	graph_free(g);
}

static void
tasks_with_effects_other_bytes_or_other_keys_stay_apart(void **state)
{
	struct graph_attr two = { .cores = 2 };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &pure), e = build_kernel(b, "p", &effect);
	uint32_t l = build_kernel(b, "p", &plain), n;
	struct graph *g;

	(void)state;
	node(b, "a", 1);
	root(b, k, "x");
	root(b, k, "y");
	root(b, e, "x");
	root(b, e, "x");
	root(b, l, "x");
	root(b, l, "x");
	n = build_node(b, "b", "p", "op", "a.ini", 2, &two);
	build_group(b, n, "b");
	root(b, k, "x");
	g = seal(b, JOB_SHARE);
	assert_int_equal(g->csr.ntasks, 7);
	graph_free(g);
}

static void
what_no_goal_needs_is_dropped_and_names_stay(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain), n, m;
	heddle_task part[4];
	struct graph *g;

	(void)state;
	n = node(b, "in", 1);
	for (int i = 0; i < 4; i++)
		part[i] = root(b, k, "");
	build_give(b, n, "v", part, 4);
	node(b, "side", 2);
	root(b, k, "");
	TASK(b, k, "", 3);
	m = node(b, "out", 3);
	TASK(b, k, "", 3, 1);
	order(b, 4, 6);		/* order alone is a need too */
	build_goal(b, m);
	g = seal(b, JOB_CULL);
	is_sound(g);
	reads(g, "in/1 p.plain\nin/3 p.plain\nside/0 p.plain\nout p.plain in/3 in/1 | side/0\n");
	assert_int_equal(graph_find(g, "in/3"), 1);
	assert_int_equal(graph_find(g, "in/2"), GRAPH_NONE);
	assert_int_equal(g->group[graph_find_group(g, "in")].all, 4);
	assert_int_equal(g->node[graph_find_node(g, "in")].nparts, 2);
	assert_int_equal(g->before_tasks, 7);
	graph_free(g);
}

static void
a_goal_that_gives_nothing_wants_all_its_tasks(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain), n;
	struct graph *g;

	(void)state;
	node(b, "no", 1);
	root(b, k, "");
	n = node(b, "yes", 2);
	root(b, k, "");
	root(b, k, "");
	build_goal(b, n);
	g = seal(b, JOB_CULL);
	reads(g, "yes/0 p.plain\nyes/1 p.plain\n");
	assert_int_equal(g->ngroups, 1);
	assert_int_equal(graph_find_group(g, "no"), GRAPH_NONE);
	graph_free(g);
}

static void
parameters_times_and_keys_come_through(void **state)
{
	struct graph_attr attr = { .priority = -3, .expect = 70 };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &pure), n;
	struct graph *g;
	heddle_task t;

	(void)state;
	node(b, "a", 1);
	root(b, k, "");
	root(b, k, "hello");
	n = build_node(b, "b", "p", "op", "a.ini", 2, &attr);
	build_group(b, n, "b.sub");
	t = root(b, k, "a text that is longer than sixteen bytes");
	root(b, k, "");
	build_expect(b, t, 50);
	build_meta(b, n, "shape", "3 4");
	build_meta(b, 0, "dtype", "int64");
	build_meta(b, n, "chunk", "2");
	g = seal(b, 0);
	assert_int_equal(graph_par(g, 0).n, 0);
	assert_memory_equal(graph_par(g, 1).at, "hello", 5);
	assert_int_equal(graph_par(g, 1).n, 5);
	assert_int_equal((uintptr_t)graph_par(g, 2).at % 16, 0);
	assert_memory_equal(graph_par(g, 2).at, "a text that is longer than", 20);
	assert_int_equal(graph_expect(g, 1), 0);
	assert_int_equal(graph_expect(g, 2), 50);
	assert_int_equal(graph_expect(g, 3), 70);
	assert_int_equal(graph_attr(g, 3)->priority, -3);
	assert_int_equal(graph_attr(g, 0)->cores, 1);
	assert_string_equal(graph_node_meta(g, n, "chunk"), "2");
	assert_string_equal(graph_node_meta(g, n, "shape"), "3 4");
	assert_null(graph_node_meta(g, n, "dtype"));
	assert_true(g->has_values);
	assert_false(g->has_resources);
	graph_free(g);
}

static void
links_count_edges_between_groups(void **state)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain), n;
	struct graph *g;

	(void)state;
	n = node(b, "in", 1);
	for (int i = 0; i < 4; i++)
		root(b, k, "");
	build_group(b, n, "in.half");
	TASK(b, k, "", 0, 1);
	TASK(b, k, "", 2, 3);
	node(b, "sum", 2);
	TASK(b, k, "", 4, 5, 0);
	TASK(b, k, "", 6, 0);
	g = seal(b, 0);
	assert_int_equal(g->nlinks, 3);
	assert_int_equal(g->link[0].from, 0);
	assert_int_equal(g->link[0].to, 1);
	assert_int_equal(g->link[0].n, 4);
	assert_int_equal(g->link[0].fan_in, 2);
	assert_int_equal(g->link[0].fan_out, 1);
	assert_int_equal(g->link[1].from, 0);
	assert_int_equal(g->link[1].to, 2);
	assert_int_equal(g->link[1].n, 2);
	assert_int_equal(g->link[1].fan_in, 1);
	assert_int_equal(g->link[1].fan_out, 2);
	assert_int_equal(g->link[2].from, 1);
	assert_int_equal(g->link[2].n, 2);
	assert_int_equal(g->group[0].level, 0);
	assert_int_equal(g->group[1].level, 1);
	assert_int_equal(g->group[2].level, 2);
	assert_int_equal(g->node[0].ngroups, 2);
	assert_int_equal(g->node[1].group, 2);
	graph_free(g);
}

/* Random graphs with order edges any way round: what is refused has a cycle,
 * what is sealed has every edge that was asked for. */
static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % below);
}

static void
check_random(uint64_t seed, uint32_t n, uint32_t norders)
{
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain), nnode = 0;
	heddle_task from[64], to[64], in[3], t, wanted;
	char name[16] = "", was[256][GRAPH_NAME], got[GRAPH_NAME];
	struct graph *g;
	struct err err;

	for (t = 0; t < n; t++) {
		uint32_t nin = t ? draw(&seed, 4) : 0;

		if (!t || !draw(&seed, 4)) {
			snprintf(name, sizeof(name), "n%u", nnode++);
			node(b, name, t);
			root(b, k, "");	/* so that no name is a group's alone */
			snprintf(was[t++], sizeof(was[0]), "%s/0", name);
		}
		for (uint32_t i = 0; i < nin; i++)
			in[i] = draw(&seed, t);
		add(b, k, "", in, nin);
		snprintf(was[t], sizeof(was[0]), "%s/%u", name,
			 (uint32_t)strtoul(strchr(was[t - 1], '/') + 1, NULL, 10) + 1);
	}
	for (uint32_t i = 0; i < norders; i++) {
		from[i] = draw(&seed, n);
		to[i] = draw(&seed, n);
		if (from[i] == to[i])
			to[i] = (to[i] + 1) % n;
		order(b, from[i], to[i]);
	}
	if (build_seal(b, 0, &g, &err) < 0) {
		assert_non_null(strstr(err.text, "the graph has a cycle: "));
		build_free(b);
		return;
	}
	build_free(b);
	is_sound(g);
	for (uint32_t i = 0; i < norders; i++) {
		heddle_task after = graph_find(g, was[to[i]]);
		uint32_t found = 0;

		assert_true(after != GRAPH_NONE);
		wanted = graph_find(g, was[from[i]]);
		for (uint64_t e = g->csr.pred_at[after]; e < g->csr.pred_at[after + 1]; e++)
			found += g->csr.pred[e] == wanted;
		assert_true(found >= 1);
	}
	for (t = 0; t < g->csr.ntasks; t++)
		assert_int_equal(graph_find(g, graph_name(g, t, got)), t);
	graph_free(g);
}

static void
random_graphs_are_sound(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 2000; seed++)
		check_random(seed, 4 + (uint32_t)(seed % 60), (uint32_t)(seed % 7));
}

static void
a_chain_of_a_million_needs_no_stack(void **state)
{
	enum { N = 1000000 };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &plain);
	struct graph *g;
	struct err err;

	(void)state;
	node(b, "chain", 1);
	for (heddle_task t = 0; t < N; t++)
		root(b, k, "");
	for (heddle_task t = 1; t < N; t++)
		order(b, t, t - 1);
	g = seal(b, JOB_CULL | JOB_SHARE);
	assert_int_equal(g->nedges, N - 1);
	assert_int_equal(g->csr.pred[0], 0);
	assert_int_equal(graph_index(g, 0), N - 1);
	graph_free(g);

	b = build_new();
	k = build_kernel(b, "p", &plain);
	node(b, "ring", 1);
	root(b, k, "");
	for (heddle_task t = 1; t < N; t++)
		TASK(b, k, "", t - 1);
	order(b, N - 1, 0);
	assert_int_equal(build_seal(b, 0, &g, &err), -1);
	assert_non_null(strstr(err.text, "(999990 more) -> ring/0"));
	build_free(b);
}

static void
an_empty_graph_is_a_graph(void **state)
{
	struct graph *g = seal(build_new(), JOB_CULL | JOB_SHARE);

	(void)state;
	assert_int_equal(g->csr.ntasks, 0);
	assert_int_equal(g->csr.pred_at[0], 0);
	graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_keep_their_order_and_repeats),
		cmocka_unit_test(an_input_that_is_not_there_is_refused),
		cmocka_unit_test(order_edges_stand_behind_inputs_and_count_once),
		cmocka_unit_test(an_edge_against_ids_renumbers_and_keeps_groups_whole),
		cmocka_unit_test(groups_take_turns_where_they_must),
		cmocka_unit_test(too_many_groups_cannot_take_turns),
		cmocka_unit_test(what_a_graph_cannot_hold_is_refused),
		cmocka_unit_test(a_cycle_is_refused_with_its_path),
		cmocka_unit_test(a_long_cycle_is_cut_at_ten_names),
		cmocka_unit_test(a_task_before_itself_is_refused),
		cmocka_unit_test(equal_pure_tasks_become_one_through_whole_chains),
		cmocka_unit_test(tasks_with_effects_other_bytes_or_other_keys_stay_apart),
		cmocka_unit_test(what_no_goal_needs_is_dropped_and_names_stay),
		cmocka_unit_test(a_goal_that_gives_nothing_wants_all_its_tasks),
		cmocka_unit_test(parameters_times_and_keys_come_through),
		cmocka_unit_test(links_count_edges_between_groups),
		cmocka_unit_test(random_graphs_are_sound),
		cmocka_unit_test(a_chain_of_a_million_needs_no_stack),
		cmocka_unit_test(an_empty_graph_is_a_graph),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
