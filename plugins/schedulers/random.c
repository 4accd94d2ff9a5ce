/* SPDX-License-Identifier: MIT */
/* random - any ready task, each as likely as the other; equal seeds choose equally. */

#include <heddle.h>
#include <stdlib.h>

struct any {
	uint64_t state;
	uint32_t n;
	heddle_task bag[];
};

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t
draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void *
random_open(const struct heddle_host *host, const struct heddle_graph *graph,
	    const struct heddle_arg *arg)
{
	struct any *a = malloc(sizeof(*a) + graph->ntasks * sizeof(a->bag[0]));

	(void)arg;
	if (!a) {
		host->fail(host->self, "no memory for the bag");
		return NULL;
	}
	a->state = host->seed;
	a->n = 0;
	return a;
}

static void
random_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct any *a = self;
	uint32_t i;

	(void)worker;
	for (i = 0; i < n; i++)
		a->bag[a->n++] = task[i];
}

static heddle_task
random_next(void *self, uint32_t worker)
{
	struct any *a = self;
	heddle_task task;
	uint32_t i;

	(void)worker;
	if (a->n == 0)
		return HEDDLE_NONE;
	i = (uint32_t)((draw(&a->state) >> 32) * a->n >> 32);
	task = a->bag[i];
	a->bag[i] = a->bag[--a->n];
	return task;
}

static const struct heddle_scheduler any = {
	.size = sizeof(any),
	.open = random_open,
	.close = free,
	.ready = random_ready,
	.next = random_next,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "random",
	.version = "1",
	.about = "any ready task, each as likely as the other, by [job] seed",
	.scheduler = &any,
};
