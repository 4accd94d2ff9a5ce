/* SPDX-License-Identifier: MIT */
/* measure - figures agree with published ones, with exhaustive search, and with each other. */

#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/build.h"
#include "core/graph/measure.h"
#include "core/graph/width.h"

static const struct heddle_kernel kernel = { sizeof(kernel), HEDDLE_NOVALUE, "k", NULL };
static const struct heddle_bytes nothing = { NULL, 0 };

static struct build *
start(void)
{
	struct build *b = build_new();

	build_kernel(b, "p", &kernel);
	build_group(b, build_node(b, "n", "p", "o", "f", 1, NULL), "n");
	return b;
}

static heddle_task
task(struct build *b, uint64_t ns, const heddle_task *in, uint32_t nin)
{
	struct err err;
	heddle_task t = build_task(b, 0, nothing, in, nin, &err);

	build_expect(b, t, ns);
	return t;
}

static struct graph *
end(struct build *b)
{
	struct graph *g;
	struct err err;

	if (build_seal(b, 0, &g, &err) < 0)
		fail_msg("%s", err.text);
	build_free(b);
	return g;
}

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % below);
}

/* n tasks, each with up to most inputs among the last `near`. */
static struct graph *
make_random(uint64_t seed, uint32_t n, uint32_t most, uint32_t near)
{
	struct build *b = start();
	heddle_task in[16];

	for (heddle_task t = 0; t < n; t++) {
		uint32_t nin = t ? draw(&seed, most + 1) : 0;

		for (uint32_t i = 0; i < nin; i++)
			in[i] = t - 1 - draw(&seed, t < near ? t : near);
		task(b, 1 + draw(&seed, 9), in, nin);
	}
	return end(b);
}

/* ---- small ones --------------------------------------------------------------- */

static struct graph *
lecture(void)
{
	struct build *b = start();
	heddle_task t[6];

	t[0] = task(b, 10, NULL, 0);
	t[1] = task(b, 5, NULL, 0);
	t[2] = task(b, 15, NULL, 0);
	t[3] = task(b, 5, t, 1);
	t[4] = task(b, 20, t + 1, 1);
	t[5] = task(b, 10, t + 3, 2);
	return end(b);
}

static void
the_lecture_has_work_65_and_span_35(void **state)
{
	uint64_t level[6];
	static const uint64_t expected[6] = { 25, 35, 15, 15, 30, 10 };
	double profile[7];
	struct graph *g = lecture();
	struct measure m;

	(void)state;
	measure_graph(&m, g, NULL);
	assert_int_equal(m.work, 65);
	assert_int_equal(m.span, 35);
	assert_int_equal(m.levels, 3);
	assert_int_equal(m.level_width, 3);
	assert_int_equal(m.width, 3);
	assert_true(m.width_exact);
	assert_int_equal(m.asap_peak, 3);
	assert_int_equal(m.nunknown, 0);
	measure_levels(g, NULL, 1, level);
	assert_memory_equal(level, expected, sizeof(level));
	measure_profile(g, NULL, profile, 7);	/* slices of 5 s */
	assert_true(fabs(profile[0] - 3) < 1e-9 && fabs(profile[2] - 3) < 1e-9);
	assert_true(fabs(profile[3] - 1) < 1e-9 && fabs(profile[6] - 1) < 1e-9);
	measure_profile(g, NULL, profile, 1);
	assert_true(fabs(profile[0] - 65.0 / 35.0) < 1e-9);
	graph_free(g);
}

static void
a_graph_without_times_has_levels_and_no_work(void **state)
{
	struct graph *g = lecture();
	uint64_t none[6] = { 0 }, level[6];
	double profile[3];
	struct measure m;

	(void)state;
	measure_graph(&m, g, none);
	assert_int_equal(m.work, 0);
	assert_int_equal(m.span, 0);
	assert_int_equal(m.nunknown, 6);
	assert_int_equal(m.asap_peak, 3);
	measure_levels(g, none, 1, level);
	assert_int_equal(level[1], 3);
	measure_profile(g, none, profile, 3);
	assert_true(fabs(profile[0] - 3) < 1e-9 && fabs(profile[1] - 2) < 1e-9 &&
		    fabs(profile[2] - 1) < 1e-9);
	graph_free(g);
	g = end(start());
	measure_graph(&m, g, NULL);
	assert_int_equal(m.width, 0);
	assert_int_equal(m.levels, 0);
	graph_free(g);
}

/* ---- width against exhaustive search --------------------------------------------- */

static uint32_t
width_by_search(const struct graph *g)
{
	uint32_t n = g->csr.ntasks, later[16] = { 0 }, most = 0;

	for (heddle_task t = n; t-- > 0;)
		for (uint64_t i = g->csr.succ_at[t]; i < g->csr.succ_at[t + 1]; i++)
			later[t] |= 1u << g->csr.succ[i] | later[g->csr.succ[i]];
	for (uint32_t set = 0; set < 1u << n; set++) {
		uint32_t bad = 0;

		for (uint32_t t = 0; t < n; t++)
			if (set >> t & 1)
				bad |= later[t] & set;
		if (!bad && (uint32_t)__builtin_popcount(set) > most)
			most = (uint32_t)__builtin_popcount(set);
	}
	return most;
}

static void
width_is_the_largest_antichain(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		uint32_t n = 3 + (uint32_t)(seed % 10), width;
		struct graph *g = make_random(seed, n, 1 + (uint32_t)(seed % 3), n);

		width = width_by_search(g);
		assert_int_equal(width_exact(g), width);
		assert_true(width_bound(g) >= width);
		graph_free(g);
	}
}

static void
the_bound_is_never_under_the_width(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 60; seed++) {
		struct graph *g = make_random(seed, 500, 1 + (uint32_t)(seed % 4),
					      1 + 40 * (uint32_t)(seed % 5));
		struct measure m;

		measure_graph(&m, g, NULL);
		assert_true(m.width_exact);
		assert_true(m.width >= m.level_width && m.width >= m.asap_peak);
		assert_true(width_bound(g) >= m.width);
		graph_free(g);
	}
}

/* Beyond the exact size: a chain, and independent tasks, where both bounds meet. */
static void
large_graphs_are_bounded_without_a_stack(void **state)
{
	struct build *b = start();
	struct graph *g;
	struct measure m;

	(void)state;
	task(b, 1, NULL, 0);
	for (heddle_task t = 0; t + 1 < 300000; t++)
		task(b, 1, &t, 1);
	g = end(b);
	measure_graph(&m, g, NULL);
	assert_int_equal(m.width, 1);
	assert_true(m.width_exact);
	assert_int_equal(m.levels, 300000);
	assert_int_equal(m.span, 300000);
	graph_free(g);

	g = make_random(1, 20000, 3, 500);
	measure_graph(&m, g, NULL);
	assert_true(m.width_low >= m.level_width && m.width_low <= m.width);
	assert_true(m.width_low > 1000);	/* ends alone: a quarter of all, about */
	graph_free(g);

	b = start();
	for (int i = 0; i < 10000; i++)
		task(b, 2, NULL, 0);
	g = end(b);
	measure_graph(&m, g, NULL);
	assert_int_equal(m.width, 10000);
	assert_true(m.width_exact);
	assert_int_equal(m.asap_peak, 10000);
	graph_free(g);
}

static void
the_profile_holds_all_the_work(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct graph *g = make_random(seed, 300, 3, 30);
		struct measure m;
		double profile[37], sum = 0;

		measure_graph(&m, g, NULL);
		measure_profile(g, NULL, profile, 37);
		for (int i = 0; i < 37; i++) {
			assert_true(profile[i] > -1e-9 && profile[i] < m.asap_peak + 1e-9);
			sum += profile[i] * (double)m.span / 37;
		}
		assert_true(fabs(sum - (double)m.work) < 1e-6 * (double)m.work);
		graph_free(g);
	}
}

/* ---- published graphs --------------------------------------------------------------- */

static FILE *
open_data(const char *name)
{
	const char *data = getenv("HEDDLE_DATA"), *src = getenv("HEDDLE_SRC");
	char *path = data ? xasprintf("%s/%s", data, name) :
		xasprintf("%s/../shared/data/%s", src ? src : ".", name);
	FILE *f = fopen(path, "r");

	free(path);
	return f;
}

/* "n", then n + 2 lines "id time npred pred.." */
static struct graph *
read_stg(FILE *f)
{
	struct build *b = start();
	heddle_task in[512];
	unsigned n, id, nin;
	unsigned long long time;

	assert_int_equal(fscanf(f, "%u", &n), 1);
	for (unsigned t = 0; t < n + 2; t++) {
		assert_int_equal(fscanf(f, "%u %llu %u", &id, &time, &nin), 3);
		assert_int_equal(id, t);
		assert_true(nin <= 512);
		for (unsigned i = 0; i < nin; i++)
			assert_int_equal(fscanf(f, "%u", &in[i]), 1);
		task(b, time, in, nin);
	}
	return end(b);
}

static void
standard_task_graphs_have_the_published_work_and_span(void **state)
{
	FILE *list = open_data("stg/optimal.csv"), *f;
	unsigned p, tasks, work, span, optimal, n = 0;
	char line[256], name[64];

	(void)state;
	if (!list)
		return;		/* main says so */
	while (fgets(line, sizeof(line), list)) {
		struct measure m;
		struct graph *g;
		char *path;

		if (sscanf(line, "%63[^,],%u,%u,%u,%u,%u", name, &p, &tasks, &work, &span, &optimal) != 6)
			continue;
		path = xasprintf("stg/%s", name);
		f = open_data(path);
		free(path);
		assert_non_null(f);
		g = read_stg(f);
		fclose(f);
		measure_graph(&m, g, NULL);
		assert_int_equal(g->csr.ntasks, tasks + 2);
		assert_int_equal(m.work, work);
		assert_int_equal(m.span, span);
		/* no schedule is better than the bounds, and p >= width needs no more than the span */
		assert_true(optimal >= m.span && (uint64_t)optimal * p >= m.work);
		if (p >= m.width)
			assert_int_equal(optimal, m.span);
		graph_free(g);
		n++;
	}
	fclose(list);
	assert_true(n >= 24);
}

/* ---- workflows: just enough of their JSON ---------------------------------------------- */

struct workflow {
	struct build *b;
	char *id[512];
	uint64_t ns[512];
	uint32_t n;
	char *edge[8192][2];
	uint32_t nedges;
};

static uint32_t
task_called(struct workflow *w, const char *id)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (!strcmp(w->id[i], id))
			return i;
	assert_true(w->n < 512);
	w->id[w->n] = xstrdup(id);
	return w->n++;
}

/* A string from its first quote on, its first 255 bytes into buf; -> behind it. */
static const char *
read_string(const char *s, char buf[256])
{
	size_t n = 0;

	for (s++; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		assert_true(*s);
		if (n < 255)
			buf[n++] = *s;
	}
	buf[n] = '\0';
	return s + 1;
}

static const char *
read_parents(struct workflow *w, const char *s, const char *id)
{
	char parent[256];

	for (s = strchr(s, '[') + 1; *s != ']'; s++)
		if (*s == '"') {
			s = read_string(s, parent) - 1;
			assert_true(w->nedges < 8192);
			w->edge[w->nedges][0] = xstrdup(parent);
			w->edge[w->nedges++][1] = xstrdup(id);
		}
	return s;
}

/* "id" comes before "parents" and "runtimeInSeconds" of its object. */
static struct graph *
read_workflow(FILE *f)
{
	struct workflow *w = xcalloc(1, sizeof(*w));
	char *json = xcalloc(1, 1 << 20), word[256], id[256] = "";
	struct graph *g;
	struct err err;

	assert_true(fread(json, 1, (1 << 20) - 1, f) > 0);
	for (const char *s = json; *s; s++) {
		if (*s != '"')
			continue;
		s = read_string(s, word);
		while (isspace((unsigned char)*s))
			s++;
		if (*s == ':' && !strcmp(word, "id")) {
			s = read_string(strchr(s, '"'), id) - 1;
		} else if (*s == ':' && !strcmp(word, "parents")) {
			task_called(w, id);
			s = read_parents(w, s, id);
		} else if (*s == ':' && !strcmp(word, "runtimeInSeconds")) {
			w->ns[task_called(w, id)] = (uint64_t)llround(strtod(s + 1, NULL) * 1e9);
		} else {
			s--;
		}
	}
	w->b = start();
	for (uint32_t i = 0; i < w->n; i++)
		task(w->b, w->ns[i], NULL, 0);
	for (uint32_t i = 0; i < w->nedges; i++) {
		assert_int_equal(build_order(w->b, task_called(w, w->edge[i][0]),
					     task_called(w, w->edge[i][1]), &err), 0);
		free(w->edge[i][0]);
		free(w->edge[i][1]);
	}
	g = end(w->b);
	for (uint32_t i = 0; i < w->n; i++)
		free(w->id[i]);
	free(w);
	free(json);
	return g;
}

struct oracle {
	char file[128];
	unsigned tasks, edges, levels, level_width, width, peak;
	double work, span;
};

static void
agrees(const char *folder, const struct oracle *o)
{
	char *path = xasprintf("%s/%s", folder, o->file);
	FILE *f = open_data(path);
	struct measure m;
	struct graph *g;

	assert_non_null(f);
	g = read_workflow(f);
	fclose(f);
	measure_graph(&m, g, NULL);
	if (g->csr.ntasks != o->tasks || g->nedges != o->edges || m.levels != o->levels ||
	    m.level_width != o->level_width || m.width != o->width || m.asap_peak != o->peak ||
	    fabs((double)m.work / 1e9 - o->work) > 1e-3 || fabs((double)m.span / 1e9 - o->span) > 1e-3)
		fail_msg("%s: %u tasks %llu edges %u levels of %u, width %u, peak %u, work %.6f span %.6f",
			 path, g->csr.ntasks, (unsigned long long)g->nedges, m.levels, m.level_width,
			 m.width, m.asap_peak, (double)m.work / 1e9, (double)m.span / 1e9);
	graph_free(g);
	free(path);
}

static void
workflows_have_the_measures_others_computed(void **state)
{
	FILE *f = open_data("wf/oracle.csv");
	char line[1024];
	unsigned n = 0;

	(void)state;
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		struct oracle o;

		if (sscanf(line, "%127[^,],%*u,%u,%u,%*u,%*u,%u,%u,%u,%u,%*u,%*u,%lf,%lf", o.file,
			   &o.tasks, &o.edges, &o.levels, &o.level_width, &o.width, &o.peak,
			   &o.work, &o.span) != 9)
			continue;
		agrees("wf", &o);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 12);
}

static double
number_of(const char *line, const char *key)
{
	char *quoted = xasprintf("\"%s\": ", key);
	const char *at = strstr(line, quoted);
	double x;

	assert_non_null(at);
	x = strtod(at + strlen(quoted), NULL);
	free(quoted);
	return x;
}

static void
real_builds_have_the_measures_others_computed(void **state)
{
	FILE *f = open_data("build/oracle.jsonl");
	char line[1024];
	unsigned n = 0;

	(void)state;
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		struct oracle o = {
			.tasks = (unsigned)number_of(line, "tasks"),
			.edges = (unsigned)number_of(line, "edges"),
			.levels = (unsigned)number_of(line, "levels"),
			.level_width = (unsigned)number_of(line, "max_level_width"),
			.width = (unsigned)number_of(line, "max_antichain"),
			.peak = (unsigned)number_of(line, "asap_peak"),
			.work = number_of(line, "work"), .span = number_of(line, "span"),
		};
		const char *at = strstr(line, "\"file\": \"");

		assert_non_null(at);
		assert_int_equal(sscanf(at, "\"file\": \"%127[^\"]", o.file), 1);
		agrees("build", &o);
		n++;
	}
	fclose(f);
	assert_int_equal(n, 4);
}

/* cmocka's own skip() says "not ok"; a name can say more. */
static const char *
or_skip(const char *data, const char *name, const char *skipped)
{
	FILE *f = open_data(data);

	if (f)
		fclose(f);
	return f ? name : skipped;
}

int
main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lecture_has_work_65_and_span_35),
		cmocka_unit_test(a_graph_without_times_has_levels_and_no_work),
		cmocka_unit_test(width_is_the_largest_antichain),
		cmocka_unit_test(the_bound_is_never_under_the_width),
		cmocka_unit_test(large_graphs_are_bounded_without_a_stack),
		cmocka_unit_test(the_profile_holds_all_the_work),
		cmocka_unit_test(standard_task_graphs_have_the_published_work_and_span),
		cmocka_unit_test(workflows_have_the_measures_others_computed),
		cmocka_unit_test(real_builds_have_the_measures_others_computed),
	};

	tests[6].name = or_skip("stg/optimal.csv", tests[6].name, "stg # SKIP no stg/optimal.csv");
	tests[7].name = or_skip("wf/oracle.csv", tests[7].name, "workflows # SKIP no wf/oracle.csv");
	tests[8].name = or_skip("build/oracle.jsonl", tests[8].name, "builds # SKIP no build/oracle.jsonl");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
