/* SPDX-License-Identifier: MIT */
/* graphs - small and random graphs to run, with kernels that can be checked. */

#include "t/graphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/build.h"

static uint64_t
sum_of(const struct heddle_call *c)
{
	uint64_t sum = 1, one;

	for (uint32_t i = 0; i < c->nin; i++) {
		if (c->in[i].n < sizeof(one))
			return 0;
		memcpy(&one, c->in[i].at, sizeof(one));
		sum += one;
	}
	return sum;
}

static int
run_sum(const struct heddle_call *c)
{
	uint64_t sum = sum_of(c);

	memcpy(c->out(c->self, sizeof(sum)), &sum, sizeof(sum));
	return sum ? 0 : c->fail(c->self, "an input is missing");
}

static int
run_big(const struct heddle_call *c)
{
	uint64_t sum = sum_of(c);
	void *out = c->out(c->self, 16);

	out = c->out(c->self, 64);
	memset(out, 0, 64);
	memcpy(out, &sum, sizeof(sum));
	return sum ? 0 : c->fail(c->self, "an input is missing");
}

static int
run_fail(const struct heddle_call *c)
{
	c->out(c->self, 100);
	return c->fail(c->self, "as it was told");
}

static int
run_sleep(const struct heddle_call *c)
{
	uint64_t ms;
	struct timespec t;

	memcpy(&ms, c->par.at, sizeof(ms));
	t = (struct timespec){ (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
	while (!c->stop(c->self) && nanosleep(&t, &t) < 0)
		;
	return c->stop(c->self) ? c->fail(c->self, "stopped") : 0;
}

/* Computes until so much of the thread's CPU time is used. */
static int
run_compute(const struct heddle_call *c)
{
	uint64_t ms, from = clock_thread_cpu();

	memcpy(&ms, c->par.at, sizeof(ms));
	while (clock_thread_cpu() - from < ms * 1000000)
		;
	return 0;
}

/* Fails while the file named in par is not there, and makes it. */
static int
run_once(const struct heddle_call *c)
{
	FILE *f = fopen(c->par.at, "rx");

	if (f) {
		fclose(f);
		return unlink(c->par.at);
	}
	f = fopen(c->par.at, "wx");
	if (f)
		fclose(f);
	return c->fail(c->self, "the first time");
}

static const struct { char letter; struct heddle_kernel kernel; } kernels[] = {
	{ ' ', { sizeof(kernels[0].kernel), HEDDLE_PURE, "sum", run_sum } },
	{ 'b', { sizeof(kernels[0].kernel), HEDDLE_PURE, "big", run_big } },
	{ 'f', { sizeof(kernels[0].kernel), 0, "fail", run_fail } },
	{ 's', { sizeof(kernels[0].kernel), HEDDLE_NOVALUE, "sleep", run_sleep } },
	{ 'c', { sizeof(kernels[0].kernel), HEDDLE_NOVALUE, "compute", run_compute } },
	{ 'r', { sizeof(kernels[0].kernel), HEDDLE_NOVALUE, "once", run_once } },
};
enum { NKERNELS = sizeof(kernels) / sizeof(*kernels) };

static void
sure(int rc, const struct err *err)
{
	if (rc < 0) {
		fprintf(stderr, "# %s\n", err->text);
		abort();
	}
}

static struct build *
begin(const struct graph_attr *attr)
{
	static const struct graph_attr plain = { .cores = 1 };
	struct build *b = build_new();

	for (int i = 0; i < NKERNELS; i++)
		build_kernel(b, "test", &kernels[i].kernel);
	build_group(b, build_node(b, "t", "test", "task", "t.ini", 1, attr ? attr : &plain), "t");
	return b;
}

static struct graph *
seal(struct build *b)
{
	struct err err = { 0 };
	struct graph *g;
	uint32_t n = build_ntasks(b);
	heddle_task *all = xcalloc(n, sizeof(*all));

	for (uint32_t i = 0; i < n; i++)
		all[i] = i;
	build_give(b, 0, "test", all, n);
	build_goal(b, 0);
	free(all);
	sure(build_seal(b, 0, &g, &err), &err);
	build_free(b);
	return g;
}

static uint32_t
kernel_of(char letter)
{
	for (uint32_t i = 0; i < NKERNELS; i++)
		if (kernels[i].letter == letter)
			return i;
	return 0;
}

struct graph *
graph_of(const char *line, const struct graph_attr *attr)
{
	struct build *b = begin(attr);
	char *copy = xstrdup(line), *save = NULL;
	static unsigned nonce;		/* paths of the tests of one program differ */
	struct err err = { 0 };

	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		uint32_t kernel = kernel_of(*w), nin = 0;
		heddle_task in[64], t;
		uint64_t ms;
		struct heddle_bytes par = { &ms, sizeof(ms) };
		char *path = NULL;

		if (kernel)
			w++;
		ms = strtoull(w, &w, 10);
		while (*w == '<' || *w == ',')
			in[nin++] = (heddle_task)strtoul(w + 1, &w, 10);
		if (kernels[kernel].letter == 'r') {
			path = xasprintf("%s/heddle-once-%d-%u", getenv("TMPDIR") ?
					 getenv("TMPDIR") : "/tmp", (int)getpid(), nonce++);
			par = (struct heddle_bytes){ path, strlen(path) + 1 };
		}
		t = build_task(b, kernel, par, in, nin, &err);
		sure(t == HEDDLE_NONE ? -1 : 0, &err);
		build_expect(b, t, ms * 1000000);
		free(path);
	}
	free(copy);
	return seal(b);
}

static uint64_t
mix(uint64_t *s)
{
	uint64_t z = *s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

struct graph *
graph_random(uint32_t n, uint32_t width, uint64_t seed, char letter)
{
	struct build *b = begin(NULL);
	struct err err = { 0 };

	for (uint32_t t = 0; t < n; t++) {
		uint32_t layer = t / width, nin = 0;
		uint64_t zero = 0;
		heddle_task in[3];

		if (layer)
			for (uint64_t k = 1 + mix(&seed) % 3; nin < k; nin++)
				in[nin] = (layer - 1) * width + (uint32_t)(mix(&seed) % width);
		sure(build_task(b, kernel_of(letter), (struct heddle_bytes){ &zero, sizeof(zero) },
				in, nin, &err) == HEDDLE_NONE ? -1 : 0, &err);
	}
	return seal(b);
}

void
settings_of(struct settings *set, uint32_t workers)
{
	static const char *const none[] = { NULL };

	*set = (struct settings){
		.name = "test", .goal = none, .dir = "/", .plugins = none,
		.workers = workers, .scheduler = "fifo", .assert_max_idle = -1, .fps = 10,
	};
}

struct shelf *
test_shelf(void)
{
	static struct shelf *shelf;	/* one for the program's life */

	if (!shelf)
		shelf = shelf_new(NULL);
	return shelf;
}

struct run *
run_of(const struct graph *g, const struct settings *set, const char *scheduler)
{
	const char *build = getenv("HEDDLE_BUILD");
	char *path = strchr(scheduler, '/') ? xstrdup(scheduler) :
		     xasprintf("%s/plugins/%s.so", build ? build : ".", scheduler);
	struct err err = { 0 };
	struct run_setup s = { .graph = g, .set = set, .shelf = test_shelf() };
	struct run *run = NULL;

	s.scheduler = shelf_get(s.shelf, path, NULL, &err);
	sure(s.scheduler ? 0 : -1, &err);
	sure(run_new(&run, &s, &err), &err);
	free(path);
	return run;
}

const char *
check_run(struct run *run)
{
	static char why[256];
	const struct graph *g = run_graph(run);
	const struct live_head *h = run_live(run);
	const struct live_worker *w = live_workers(h);
	uint64_t *end = xcalloc(g->csr.ntasks + 1u, sizeof(*end));
	uint64_t *start = xcalloc(g->csr.ntasks + 1u, sizeof(*start));
	uint64_t all = 0, wall = atomic_load(&h->end);
	struct live_sum *sum = xcalloc(g->ngroups, sizeof(*sum));

	why[0] = '\0';
	for (uint32_t i = 0; i < h->nworkers; i++) {
		struct log_walk at = { 0 };
		const struct log_row *r;
		uint64_t last = w[i].start, ns[CLASS_N] = { 0 };

		while ((r = log_next(&run_logs(run)[i], &at))) {
			if (r->start < last || r->end < r->start)
				snprintf(why, sizeof(why), "worker %u: a row overlaps at %llu", i,
					 (unsigned long long)r->start);
			last = r->end;
			ns[r->task == HEDDLE_NONE ? row_status(r) : CLASS_RUN_CPU] += r->end - r->start;
			if (r->task == HEDDLE_NONE || row_status(r) != ROW_DONE)
				continue;
			if (end[r->task])
				snprintf(why, sizeof(why), "task %u ran twice", r->task);
			end[r->task] = r->end;
			start[r->task] = r->start;
		}
		if (last > wall)
			snprintf(why, sizeof(why), "worker %u: a row behind the end", i);
		for (int k = 0; k < CLASS_N; k++)
			if (ns[k] != w[i].ns[k] && k != CLASS_OVH)
				snprintf(why, sizeof(why), "worker %u: live %s is not the rows'", i,
					 class_names[k]);
	}
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		if (!end[t])
			continue;
		all++;
		for (uint64_t e = g->csr.pred_at[t]; e < g->csr.pred_at[t + 1]; e++)
			if (!end[g->csr.pred[e]] || end[g->csr.pred[e]] > start[t])
				snprintf(why, sizeof(why), "task %u began before its input %u ended",
					 t, g->csr.pred[e]);
	}
	live_sums(h, g, sum);
	uint64_t done = 0;
	for (uint32_t i = 0; i < g->ngroups; i++) {
		done += sum[i].done;
		if (sum[i].running || (sum[i].held && h->status == RUN_OK))
			snprintf(why, sizeof(why), "group %u: still running or held", i);
		if (sum[i].blocked + sum[i].ready + sum[i].held + sum[i].done + sum[i].failed +
		    sum[i].skipped + sum[i].stopped != g->group[i].n)
			snprintf(why, sizeof(why), "group %u: states do not sum", i);
	}
	if (done != all || done != h->done)
		snprintf(why, sizeof(why), "%llu done by the record, %llu by the counters",
			 (unsigned long long)all, (unsigned long long)done);
	free(end);
	free(start);
	free(sum);
	return why[0] ? why : NULL;
}
