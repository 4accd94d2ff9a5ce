/* SPDX-License-Identifier: MIT */
/* odd - a collection whose operations answer wrongly at plan time, one way each. */

#include <heddle.h>
#include <stddef.h>

static const struct heddle_bytes nothing = { NULL, 0 };

static int
run(const struct heddle_call *call)
{
	(void)call;
	return 0;
}

static int
stranger(const struct heddle_plan *p)
{
	return p->emit(p->self, "stranger", nothing, NULL, 0) == HEDDLE_NONE ? -1 : 0;
}

static int
future(const struct heddle_plan *p)
{
	heddle_task in = 5;

	p->emit(p->self, "k", nothing, NULL, 0);
	return p->emit(p->self, "k", nothing, &in, 1) == HEDDLE_NONE ? -1 : 0;
}

static int
twice(const struct heddle_plan *p)
{
	p->give(p->self, "a", NULL, 0);
	return p->give(p->self, "b", NULL, 0);
}

static int
ghost(const struct heddle_plan *p)
{
	heddle_task part = 7;

	return p->give(p->self, "a", &part, 1);
}

static int
kindless(const struct heddle_plan *p)
{
	return p->give(p->self, NULL, NULL, 0);
}

static int
echoes(const struct heddle_plan *p)
{
	p->meta(p->self, "shape", "1");
	return p->meta(p->self, "shape", "2");
}

static int
nameless(const struct heddle_plan *p)
{
	return p->meta(p->self, "shape", NULL);
}

static int
scribble(const struct heddle_plan *p)
{
	return p->group(p->self, "a b");
}

static int
clash(const struct heddle_plan *p)
{
	return p->group(p->self, "b");
}

static int
boast(const struct heddle_plan *p)
{
	return p->expect(p->self, 99, 1, 0);
}

static int
mute(const struct heddle_plan *p)
{
	(void)p;
	return -1;
}

/* It fails and then says that all is well. */
static int
liar(const struct heddle_plan *p)
{
	p->fail(p->self, "the first reason");
	p->fail(p->self, "the second");
	return 0;
}

static int
eager(const struct heddle_plan *p)
{
	return p->emit(p->self, "k", nothing, NULL, 0) == HEDDLE_NONE ? -1 : 0;
}

static void
forget(void *to, const char *word)
{
	(void)to;
	(void)word;
}

static int
curious(const struct heddle_plan *p)
{
	return p->expand(p->self, HEDDLE_WORDS, "{item}", forget, NULL);
}

static int
beyond(const struct heddle_plan *p)
{
	return p->item(p->self, p->neach);
}

/* Good: two tasks an item, the second needs the first; `back` walks items
 * from the last to the first. */
static int
pair(const struct heddle_plan *p, int is_back)
{
	heddle_task t;

	for (uint32_t k = 0; k < p->neach; k++) {
		p->item(p->self, is_back ? p->neach - 1 - k : k);
		t = p->emit(p->self, "k", nothing, NULL, 0);
		p->emit(p->self, "k", nothing, &t, 1);
	}
	return 0;
}

static int
pairs(const struct heddle_plan *p)
{
	return pair(p, 0);
}

static int
back(const struct heddle_plan *p)
{
	return pair(p, 1);
}

/* Good: two groups, left and come back to. */
static int
turns(const struct heddle_plan *p)
{
	heddle_task t[2];

	for (int i = 0; i < 2; i++) {
		p->group(p->self, "a");
		t[0] = p->emit(p->self, "k", nothing, NULL, 0);
		p->group(p->self, NULL);
		t[1] = p->emit(p->self, "k", nothing, t, 1);
	}
	return p->give(p->self, "turns", t, 2);
}

/* Good: takes one or more of two kinds. */
static int
many(const struct heddle_plan *p)
{
	heddle_task t;

	for (uint32_t i = 0; i < p->nin; i++)
		t = p->emit(p->self, "k", nothing, p->in[i].part, p->in[i].nparts);
	return p->give(p->self, "many", &t, 1);
}

#define OP(f, ...) { .size = sizeof(struct heddle_op), .name = #f, .about = "odd", .plan = f, __VA_ARGS__ }
static const struct heddle_op ops[] = {
	OP(stranger), OP(future), OP(twice), OP(ghost), OP(kindless), OP(echoes), OP(nameless), OP(scribble),
	OP(clash), OP(boast), OP(mute), OP(liar), OP(eager, .flags = HEDDLE_EACH),
	OP(curious, .flags = HEDDLE_EACH),
	OP(beyond, .flags = HEDDLE_EACH), OP(pairs, .flags = HEDDLE_EACH),
	OP(back, .flags = HEDDLE_EACH), OP(turns), OP(many, .takes = "turns|many*"),
	{ .size = 0 }
};

static const struct heddle_kernel kernels[] = {
	{ sizeof(struct heddle_kernel), HEDDLE_NOVALUE, "k", run },
	{ .size = 0 }
};

static const struct heddle_collection odd = { .size = sizeof(odd), .ops = ops, .kernels = kernels };

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "odd",
	.version = "1",
	.about = "answers wrongly",
	.collection = &odd,
};
