/* SPDX-License-Identifier: MIT */
/* graph - a sealed graph can be asked by name, written to a file and mapped back, or is refused in words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/build.h"
#include "core/job/job.h"

static const struct heddle_kernel kernel = { sizeof(kernel), HEDDLE_PURE, "k", NULL };

/* A small graph that has one of everything: parameters, times, order edges,
 * meta, parts, a shared and a dropped task; and interleaved groups if asked. */
static struct graph *
make(int is_interleaved)
{
	struct graph_attr attr = { .cores = 2, .tokens = 1, .nbackoff = 1, .backoff = { 5 } };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "p", &kernel), n, m;
	heddle_task a, c, d;
	struct graph *g;
	struct err err = { 0, "" };

	attr.pool = build_text(b, "net");
	n = build_node(b, "first", "p", "make", "x.ini", 3, &attr);
	build_group(b, n, "first");
	a = build_task(b, k, (struct heddle_bytes){ "one", 3 }, NULL, 0, &err);
	build_task(b, k, (struct heddle_bytes){ "one", 3 }, NULL, 0, &err);
	build_task(b, k, (struct heddle_bytes){ "unused", 6 }, NULL, 0, &err);
	c = build_task(b, k, (struct heddle_bytes){ "two", 3 }, (heddle_task[]){ a, a }, 2, &err);
	build_give(b, n, "bag", (heddle_task[]){ c }, 1);
	build_meta(b, n, "shape", "3");
	m = build_node(b, "last", "p", "use", "x.ini", 9, NULL);
	build_group(b, m, "last");
	d = build_task(b, k, (struct heddle_bytes){ "three", 5 }, (heddle_task[]){ c }, 1, &err);
	if (is_interleaved) {
		heddle_task e = build_task(b, k, (struct heddle_bytes){ "four", 4 }, NULL, 0, &err);

		assert_int_equal(build_order(b, e, c, &err), 0);
	} else {
		assert_int_equal(build_order(b, a, d, &err), 0);
	}
	build_expect(b, c, 77);
	build_goal(b, m);
	assert_int_equal(build_seal(b, JOB_CULL | JOB_SHARE, &g, &err), 0);
	build_free(b);
	return g;
}

static void
names_are_found_again(void **state)
{
	struct graph *g = make(0);
	char name[GRAPH_NAME];

	(void)state;
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		assert_int_equal(graph_find(g, graph_name(g, t, name)), t);
	assert_string_equal(graph_name(g, 2, name), "last");
	assert_int_equal(graph_find(g, "last/0"), 2);
	assert_int_equal(graph_find(g, "first"), GRAPH_NONE);
	assert_int_equal(graph_find(g, "first/2"), GRAPH_NONE);
	assert_int_equal(graph_find(g, "first/"), GRAPH_NONE);
	assert_int_equal(graph_find(g, "first/0x"), GRAPH_NONE);
	assert_int_equal(graph_find(g, "first/99999999999999999999"), GRAPH_NONE);
	assert_int_equal(graph_find(g, "firs"), GRAPH_NONE);
	assert_int_equal(graph_find(g, ""), GRAPH_NONE);
	assert_int_equal(graph_find_node(g, "last"), 1);
	assert_int_equal(graph_find_node(g, "lost"), GRAPH_NONE);
	graph_free(g);
}

static void
a_long_name_is_cut(void **state)
{
	struct build *b = build_new();
	char name[GRAPH_NAME], most[600];
	struct graph *g;
	struct err err;

	(void)state;
	memset(most, 'x', sizeof(most) - 1);
	most[sizeof(most) - 1] = '\0';
	build_group(b, build_node(b, most, "p", "o", "f", 1, NULL), most);
	for (int i = 0; i < 12; i++)
		build_task(b, build_kernel(b, "p", &kernel), (struct heddle_bytes){ NULL, 0 }, NULL, 0, &err);
	assert_int_equal(build_seal(b, 0, &g, &err), 0);
	graph_name(g, 11, name);
	assert_true(strlen(name) < GRAPH_NAME);
	assert_string_equal(name + strlen(name) - 6, ".../11");
	build_free(b);
	graph_free(g);
}

/* ---- files ---------------------------------------------------------------------- */

static char *
temporary(void)
{
	const char *dir = getenv("TMPDIR");
	char *path = xasprintf("%s/heddle-graph-XXXXXX", dir && *dir ? dir : "/tmp");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	return path;
}

static char *
bytes_of(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *bytes = xmalloc(1 << 20);

	assert_non_null(f);
	*n = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	return bytes;
}

static void
write_bytes(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* Everything that can be asked of a graph, so that a sanitizer sees it. */
static char *
all_of(const struct graph *g)
{
	struct text t = { NULL, 0, 0 };
	char name[GRAPH_NAME];

	graph_write(g, &t);
	for (heddle_task i = 0; i < g->csr.ntasks; i++) {
		struct heddle_bytes par = graph_par(g, i);
		const struct graph_attr *a = graph_attr(g, i);

		text_addf(&t, "%s %u %u ", graph_name(g, i, name), graph_index(g, i), graph_find(g, name));
		text_addn(&t, par.at, par.n);
		text_addf(&t, " %llu %u %s %llu\n", (unsigned long long)graph_expect(g, i), a->cores,
			  graph_text(g, a->pool), (unsigned long long)a->backoff[0]);
		for (uint64_t e = g->csr.succ_at[i]; e < g->csr.succ_at[i + 1]; e++)
			text_addf(&t, "%u ", g->csr.succ[e]);
	}
	for (uint32_t i = 0; i < g->nnodes; i++) {
		const struct graph_node *n = &g->node[i];
		const char *shape = graph_node_meta(g, i, "shape");

		text_addf(&t, "%s %s %s:%u %u %s\n", graph_text(g, n->name), graph_text(g, n->kind),
			  graph_text(g, n->file), n->line, n->goal, shape ? shape : "");
		for (uint32_t k = 0; k < n->nparts; k++)
			text_addf(&t, "%u ", g->part[n->part + k]);
	}
	for (uint32_t i = 0; i < g->ngroups; i++)
		for (uint32_t k = 0; k < g->group[i].n; k++)
			text_addf(&t, "%s ", graph_name(g, graph_nth(g, i, k), name));
	for (uint32_t i = 0; i < g->nlinks; i++)
		text_addf(&t, "%s>%s %llu\n", graph_text(g, g->group[g->link[i].from].name),
			  graph_text(g, g->group[g->link[i].to].name), (unsigned long long)g->link[i].n);
	text_addf(&t, "%llu %llu %u %u %u\n", (unsigned long long)g->before_tasks,
		  (unsigned long long)g->before_edges, g->nshared, g->has_values, g->has_resources);
	return text_take(&t);
}

static void
a_graph_comes_back_from_its_file(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct graph *g = make(i), *back;
		char *path = temporary(), *before = all_of(g), *after;
		struct err err = { 0, "" };

		assert_int_equal(g->group_of != NULL, i);
		assert_int_equal(graph_save(g, path, &err), 0);
		if (graph_map(&back, path, &err) < 0)
			fail_msg("%s", err.text);
		after = all_of(back);
		assert_string_equal(after, before);
		assert_null(back->kernel[0].def);
		assert_non_null(g->kernel[0].def);
		graph_free(back);
		graph_free(g);
		unlink(path);
		free(path);
		free(before);
		free(after);
	}
}

static void
a_file_that_is_cut_or_no_graph_is_refused(void **state)
{
	struct graph *g = make(0), *back;
	char *path = temporary(), *bytes, *expected;
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(graph_save(g, path, &err), 0);
	bytes = bytes_of(path, &n);
	for (size_t cut = 0; cut < n; cut += cut < 1024 ? 1 : 13) {
		write_bytes(path, bytes, cut);
		assert_int_equal(graph_map(&back, path, &err), -1);
		assert_int_equal(err.code, EXIT_ENV);
	}
	expected = xasprintf("%s: cut short: %zu bytes of %zu", path, n - 1, n);
	write_bytes(path, bytes, n - 1);
	assert_int_equal(graph_map(&back, path, &err), -1);
	assert_string_equal(err.text, expected);
	free(expected);
	write_bytes(path, "hello, world", 12);
	assert_int_equal(graph_map(&back, path, &err), -1);
	expected = xasprintf("%s: no graph of heddle", path);
	assert_string_equal(err.text, expected);
	free(expected);
	bytes[8] = 2;
	write_bytes(path, bytes, n);
	assert_int_equal(graph_map(&back, path, &err), -1);
	expected = xasprintf("%s: a graph of version 2; this heddle reads version 1", path);
	assert_string_equal(err.text, expected);
	free(expected);
	unlink(path);
	assert_int_equal(graph_map(&back, path, &err), -1);
	assert_int_equal(graph_map(&back, "/", &err), -1);
	assert_string_equal(err.text, "/: no graph of heddle");
	free(path);
	free(bytes);
	graph_free(g);
}

static void
a_damaged_file_is_refused_wherever_it_is_hit(void **state)
{
	struct graph *g = make(1), *back;
	char *path = temporary(), *bytes, *before = all_of(g), *after;
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(graph_save(g, path, &err), 0);
	bytes = bytes_of(path, &n);
	for (size_t i = 0; i < n; i++) {
		bytes[i] ^= (char)(1 << i % 8);
		write_bytes(path, bytes, n);
		if (graph_map(&back, path, &err) == 0) {	/* between head and arrays */
			after = all_of(back);
			assert_string_equal(after, before);
			free(after);
			graph_free(back);
		}
		bytes[i] ^= (char)(1 << i % 8);
	}
	unlink(path);
	free(path);
	free(bytes);
	free(before);
	graph_free(g);
}

/* The head's own sum, as the file has it at byte 40. */
static void
sum_head(uint64_t *w, size_t head)
{
	uint64_t sum = 1;

	w[5] = 0;
	for (size_t i = 0; i < head / 8; i++) {
		sum = (sum ^ w[i]) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
	}
	w[5] = sum;
}

static void
each_damage_is_told_in_its_words(void **state)
{
	struct graph *g = make(1), *back;
	char *path = temporary(), *bytes, *expected;
	struct err err;
	uint32_t head;
	size_t n;

	(void)state;
	for (int i = 0; i < 5; i++) {
		static const char *const says[] = {
			"",
			": a graph of another machine",
			": damaged: its head does not add up",
			": damaged: it does not add up",
			": damaged: its arrays are not where they should be",
		};
		uint64_t *w;

		assert_int_equal(graph_save(g, path, &err), 0);
		bytes = bytes_of(path, &n);
		w = (uint64_t *)(void *)bytes;
		memcpy(&head, bytes + 12, sizeof(head));
		if (i == 0)
			n = 64;
		else if (i == 1)
			w[2] = 0x0403020100000000;
		else if (i == 2)
			w[3]++;
		else if (i == 3)
			bytes[n - 1] ^= 1;
		else
			w[head / 8 - 3] += 8;	/* where the last array lies */
		if (i == 4)
			sum_head(w, head);
		write_bytes(path, bytes, n);
		assert_int_equal(graph_map(&back, path, &err), -1);
		expected = i ? xasprintf("%s%s", path, says[i]) :
			xasprintf("%s: cut short: 64 bytes, its head alone has %zu", path,
				  ((size_t)head + 63) / 64 * 64);
		assert_string_equal(err.text, expected);
		free(expected);
		free(bytes);
	}
	unlink(path);
	free(path);
	graph_free(g);
}

/* Sums that add up do not make numbers good: each id is set to nonsense in
 * memory, saved with its sums, and must be refused. */
static void
nonsense_with_good_sums_is_refused(void **state)
{
	char *path = temporary();
	struct graph *back;
	struct err err;

	(void)state;
	for (int i = 0; i < 18; i++) {
		struct graph *g = make(i == 16 || i == 17);
		uint32_t *const spot[] = {
			(uint32_t *)&g->csr.pred[0], (uint32_t *)&g->csr.succ[0],
			(uint32_t *)&g->csr.pred_at[1], (uint32_t *)&g->csr.succ_at[1],
			&g->par[1], &g->nin[1], &g->part[0], &g->meta[0],
			&g->group[0].n, &g->group[0].name, &g->group[0].node, &g->group[0].index,
			&g->node[0].name, &g->node[0].part, &g->node[0].attr.nbackoff,
			&g->kernel[0].name,
			g->member, g->nth,
		};

		*spot[i] = 1000000000;
		assert_int_equal(graph_save(g, path, &err), 0);
		assert_int_equal(graph_map(&back, path, &err), -1);
		assert_non_null(strstr(err.text, ": damaged: "));
		graph_free(g);
	}
	unlink(path);
	free(path);
}

static void
a_file_that_cannot_be_mapped_is_told(void **state)
{
	static const char path[] = "/sys/devices/system/cpu/online";
	struct graph *g;
	struct err err;

	(void)state;
	if (access(path, R_OK) < 0)
		return;			/* its name says so, in main */
	assert_int_equal(graph_map(&g, path, &err), -1);
	assert_int_equal(err.code, EXIT_ENV);
	assert_string_equal(err.text, "/sys/devices/system/cpu/online: cannot be mapped: No such device");
}

static void
a_file_that_cannot_be_written_is_told(void **state)
{
	struct graph *g = make(0);
	struct err err;

	(void)state;
	assert_int_equal(graph_save(g, "/nowhere/at/all", &err), -1);
	assert_int_equal(err.code, EXIT_ENV);
	assert_string_equal(err.text, "/nowhere/at/all: cannot be written: No such file or directory");
	graph_free(g);
}

int
main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_cannot_be_mapped_is_told),
		cmocka_unit_test(names_are_found_again),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(a_graph_comes_back_from_its_file),
		cmocka_unit_test(a_file_that_is_cut_or_no_graph_is_refused),
		cmocka_unit_test(a_damaged_file_is_refused_wherever_it_is_hit),
		cmocka_unit_test(each_damage_is_told_in_its_words),
		cmocka_unit_test(nonsense_with_good_sums_is_refused),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told),
	};

	/* cmocka's own skip() says "not ok", which automake takes at its word */
	if (access("/sys/devices/system/cpu/online", R_OK) < 0)
		tests[0].name = "a_file_that_cannot_be_mapped_is_told # SKIP no /sys";
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
