/* SPDX-License-Identifier: MIT */
/* pi - points thrown at a square; the part that lies in the circle tells pi.
 * Build: cc -shared -fPIC -o pi.so pi.c $(pkg-config --cflags heddle)
 * Use:   heddle batch pi.ini */

#include <heddle.h>
#include <stdio.h>

struct throw { uint64_t first, n; };	/* parameters: which points */
struct hits { uint64_t in, all; };	/* value: how many lay in the circle */

/* ---- kernels: pure, so heddle may share them or run them again --------- */

/* A number of 0 .. 1 from its place alone (splitmix64): equal everywhere. */
static double uniform(uint64_t i)
{
	i = (i + 1) * 0x9e3779b97f4a7c15;
	i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9;
	i = (i ^ i >> 27) * 0x94d049bb133111eb;
	return (double)((i ^ i >> 31) >> 11) / (1ull << 53);
}

static int run_throw(const struct heddle_call *c)
{
	const struct throw *p = c->par.at;
	struct hits *h = c->out(c->self, sizeof(*h));

	*h = (struct hits){ 0, p->n };
	for (uint64_t i = 0; i < p->n; i++) {
		double x = uniform(2 * (p->first + i)), y = uniform(2 * (p->first + i) + 1);

		h->in += x * x + y * y < 1;
		if (i % 65536 == 0 && c->stop(c->self))
			return c->fail(c->self, "stopped");
	}
	return 0;
}

static struct hits sum(const struct heddle_bytes *part, uint32_t n)
{
	struct hits h = { 0 };

	for (; n--; part++) {
		h.in += ((const struct hits *)part->at)->in;
		h.all += ((const struct hits *)part->at)->all;
	}
	return h;
}

static int run_sum(const struct heddle_call *c)
{
	*(struct hits *)c->out(c->self, sizeof(struct hits)) = sum(c->in, c->nin);
	return 0;
}

/* ---- operations: emit tasks, say what the node is to others ------------- */

static int plan_throw(const struct heddle_plan *p)
{
	uint64_t points = p->arg[0].v->i, chunk = p->arg[1].v->i;
	heddle_task part[10000], n = 0;

	if (points / chunk >= sizeof(part) / sizeof(*part))
		return p->fail(p->self, "over 10,000 chunks; expected a larger chunk");
	for (uint64_t at = 0; at < points; at += chunk, n++) {
		struct throw t = { at, points - at < chunk ? points - at : chunk };
		struct heddle_bytes par = { &t, sizeof(t) };

		part[n] = p->emit(p->self, "throw", par, NULL, 0);
		if (part[n] == HEDDLE_NONE)
			return -1;
	}
	return p->give(p->self, "pi.hits", part, n);
}

static int plan_ratio(const struct heddle_plan *p)
{
	struct heddle_bytes none = { 0 };
	heddle_task t = p->emit(p->self, "sum", none, p->in->part, p->in->nparts);

	return t == HEDDLE_NONE ? -1 : p->give(p->self, "pi.hits", &t, 1);
}

/* How the value reads: a number. */
static int show_hits(const struct heddle_node *node, const struct heddle_bytes *part,
		     const struct heddle_show *s)
{
	struct hits h = sum(part, node->nparts);
	char text[64];
	int n = sprintf(text, s->json ? "%.9f" : "%.9f\n", 4.0 * h.in / h.all);

	s->put(s->self, text, n);
	return 0;
}
#define ROW(type) .size = sizeof(struct heddle_##type)
static const struct heddle_option throw_options[] = {
	{ ROW(option), .name = "points", .type = HEDDLE_COUNT, .fallback = "10M", .min = 1,
	  .about = "how many points" },
	{ ROW(option), .name = "chunk", .type = HEDDLE_COUNT, .fallback = "1M", .min = 1,
	  .about = "points a task throws" }, { 0 }
};
static const struct heddle_op ops[] = {
	{ ROW(op), .name = "throw", .plan = plan_throw, .options = throw_options,
	  .about = "random points in a square" },
	{ ROW(op), .name = "ratio", .plan = plan_ratio, .takes = "pi.hits",
	  .about = "four times the part of them that lies in the circle" }, { 0 }
};
static const struct heddle_kernel kernels[] = {
	{ ROW(kernel), .name = "throw", .run = run_throw, .flags = HEDDLE_PURE },
	{ ROW(kernel), .name = "sum", .run = run_sum, .flags = HEDDLE_PURE }, { 0 }
};
static const struct heddle_kind kinds[] = {
	{ ROW(kind), .name = "pi.hits", .show = show_hits, .about = "hits of all points" }, { 0 }
};
static const struct heddle_collection pi = { ROW(collection), ops, kernels, kinds };
const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI, .size = sizeof(heddle_plugin), .name = "pi", .version = "1",
	.about = "pi, by throwing points", .collection = &pi
};
