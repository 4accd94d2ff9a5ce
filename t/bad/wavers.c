/* SPDX-License-Identifier: MIT */
/* wavers - plans another number of tasks each time. */

#include <heddle.h>

static int
run(const struct heddle_call *c)
{
	return c->out(c->self, 8) ? 0 : -1;
}

static int
plan(const struct heddle_plan *p)
{
	static uint32_t n;
	heddle_task t = HEDDLE_NONE;

	n++;
	for (uint32_t i = 0; i < n; i++)
		t = p->emit(p->self, "work", (struct heddle_bytes){ 0 }, NULL, 0);
	return p->give(p->self, "wavers.work", &t, 1);
}

static const struct heddle_op ops[] = {
	{ .size = sizeof(*ops), .name = "work", .plan = plan }, { 0 }
};
static const struct heddle_kernel kernels[] = {
	{ .size = sizeof(*kernels), .name = "work", .run = run }, { 0 }
};
static const struct heddle_collection wavers = {
	.size = sizeof(wavers), .ops = ops, .kernels = kernels,
};
const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI, .size = sizeof(heddle_plugin), .name = "wavers",
	.collection = &wavers,
};
