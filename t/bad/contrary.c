/* SPDX-License-Identifier: MIT */
/* contrary - an operation wrong in the one way that the environment's CONTRARY says. */

#include <heddle.h>
#include <stdlib.h>
#include <string.h>

static const struct heddle_bytes nothing = { NULL, 0 };

static int
is(const char *what)
{
	const char *said = getenv("CONTRARY");

	return said && !strcmp(said, what);
}

/* How often it was called: what a pure thing must not know. */
static int
count(void)
{
	static int n;

	return n++;
}

static int
runs(const struct heddle_call *c)
{
	const char *const argv[] = { "true", NULL };
	const struct heddle_command command = { .size = sizeof(command), .argv = argv };
	struct heddle_exit how = { .size = sizeof(how) };
	int *out;

	if (is("dumb-kernel"))
		return -1;
	if (is("runs"))
		return c->command(c->self, &command, &how);
	if (is("tires") && count())
		return c->fail(c->self, "enough");
	out = c->out(c->self, sizeof(*out));
	*out = is("counts") ? count() : 0;
	return 0;
}

static int
plan(const struct heddle_plan *p)
{
	heddle_task t = 7;
	int n;

	if (is("mute"))
		return -1;
	if (is("liar"))
		return p->fail(p->self, "the first reason") & 0;
	if (is("stranger"))
		return p->emit(p->self, "nobody", nothing, NULL, 0) == HEDDLE_NONE ? -1 : 0;
	if (is("future"))
		return p->emit(p->self, "k", nothing, &t, 1) == HEDDLE_NONE ? -1 : 0;
	if (is("flood"))
		while (p->emit(p->self, "k", nothing, NULL, 0) != HEDDLE_NONE)
			;
	if (is("boast"))
		return p->expect(p->self, 99, 1, 0);
	if (is("scribble"))
		return p->give(p->self, "A B", NULL, 0);
	if (is("ghost"))
		return p->give(p->self, "a", &t, 1);
	if (is("twice"))
		return p->give(p->self, "a", NULL, 0) | p->give(p->self, "b", NULL, 0);
	if (is("nameless"))
		return p->meta(p->self, NULL, "1");
	if (is("beyond"))
		return p->item(p->self, p->neach);
	if (is("fickle") && count())
		return p->fail(p->self, "not again");
	for (n = is("grows") ? 1 + count() : 1; n; n--)
		t = p->emit(p->self, "k", nothing, NULL, 0);
	if (is("turns"))
		n = count();
	p->emit(p->self, "k", (struct heddle_bytes){ &n, sizeof(n) }, NULL, 0);
	return p->give(p->self, "a", &t, 1);
}

static const struct heddle_op ops[] = {
	{ .size = sizeof(struct heddle_op), .flags = HEDDLE_EACH, .name = "do", .plan = plan },
	{ .size = 0 }
};
static const struct heddle_kernel kernels[] = {
	{ sizeof(struct heddle_kernel), HEDDLE_PURE, "k", runs },
	{ .size = 0 }
};
static const struct heddle_collection collection = {
	.size = sizeof(collection), .ops = ops, .kernels = kernels,
};
const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "contrary",
	.version = "1",
	.about = "wrong in the one way that CONTRARY says",
	.collection = &collection,
};
