/* SPDX-License-Identifier: MIT */
/* longest - of the ready tasks, the one expected to take longest runs first.
 * Build: cc -shared -fPIC -o longest.so longest.c $(pkg-config --cflags heddle)
 * Use:   heddle run -s ./longest.so JOB.ini */

#include <heddle.h>
#include <stdlib.h>

struct longest {
	const uint64_t *expect;		/* NULL: of none */
	uint32_t n;
	heddle_task ready[];		/* in no order; no task is in it twice */
};

static void *longest_open(const struct heddle_host *host, const struct heddle_graph *g,
			  const struct heddle_arg *arg)
{
	struct longest *l = malloc(sizeof(*l) + g->ntasks * sizeof(*l->ready));

	(void)arg;
	if (!l)
		return host->fail(host->self, "no memory for the tasks"), NULL;
	*l = (struct longest){ .expect = g->expect };
	return l;
}

static void longest_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct longest *l = self;

	(void)worker;
	while (n--)
		l->ready[l->n++] = *task++;
}

static heddle_task longest_next(void *self, uint32_t worker)
{
	struct longest *l = self;
	uint32_t best = 0;
	heddle_task t;

	(void)worker;
	if (!l->n)
		return HEDDLE_NONE;
	for (uint32_t i = 1; l->expect && i < l->n; i++)
		best = l->expect[l->ready[i]] > l->expect[l->ready[best]] ? i : best;
	t = l->ready[best];
	l->ready[best] = l->ready[--l->n];
	return t;
}

static const struct heddle_scheduler longest = {
	.size = sizeof(longest),
	.open = longest_open, .close = free, .ready = longest_ready, .next = longest_next,
};
const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI, .size = sizeof(heddle_plugin), .name = "longest", .version = "1",
	.about = "the task expected to take longest runs first", .scheduler = &longest,
};
