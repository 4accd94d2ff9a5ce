/* SPDX-License-Identifier: MIT */
/* impure - calls a kernel PURE whose bytes are others each time. */

#include <heddle.h>
#include <time.h>

static int
run(const struct heddle_call *c)
{
	*(struct timespec *)c->out(c->self, sizeof(struct timespec)) = (struct timespec){ 0 };
	return clock_gettime(CLOCK_MONOTONIC, c->out(c->self, sizeof(struct timespec)));
}

static int
plan(const struct heddle_plan *p)
{
	heddle_task t = p->emit(p->self, "now", (struct heddle_bytes){ 0 }, NULL, 0);

	return t == HEDDLE_NONE ? -1 : p->give(p->self, "impure.time", &t, 1);
}

static const struct heddle_op ops[] = {
	{ .size = sizeof(*ops), .name = "time", .plan = plan }, { 0 }
};
static const struct heddle_kernel kernels[] = {
	{ .size = sizeof(*kernels), .flags = HEDDLE_PURE, .name = "now", .run = run }, { 0 }
};
static const struct heddle_collection impure = {
	.size = sizeof(impure), .ops = ops, .kernels = kernels,
};
const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI, .size = sizeof(heddle_plugin), .name = "impure",
	.collection = &impure,
};
