/* SPDX-License-Identifier: MIT */
/* tasks - which tasks a request means: count/3, count, count/0..99, state:failed. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

static void
add_range(const struct graph *g, struct tasks *out, uint32_t group, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < g->group[group].n; i++) {
		heddle_task t = graph_nth(g, group, i);
		uint32_t place = graph_index(g, t);

		if (place >= from && place <= to)
			*XADD(&out->at, &out->n, &out->cap) = t;
	}
}

static int
find_state(const char *name)
{
	for (int i = 0; i < TASK_STATES; i++)
		if (!strcmp(name, task_state_names[i]))
			return i;
	return -1;
}

int
tasks_find(struct run *run, const char *spec, struct tasks *out)
{
	const struct graph *g = run->graph;
	const char *slash = strrchr(spec, '/');
	unsigned from, to;
	int used = 0, state;
	uint32_t group;
	heddle_task t;

	if (!strncmp(spec, "state:", 6)) {
		state = find_state(spec + 6);
		for (t = 0; state >= 0 && t < g->csr.ntasks; t++)
			if ((int)task_state_of(atomic_load(&run->word[t])) == state)
				*XADD(&out->at, &out->n, &out->cap) = t;
		return state >= 0 ? 0 : -1;
	}
	t = graph_find(g, spec);
	if (t != GRAPH_NONE) {
		*XADD(&out->at, &out->n, &out->cap) = t;
		return 0;
	}
	group = graph_find_group(g, spec);
	if (group != GRAPH_NONE) {
		add_range(g, out, group, 0, UINT32_MAX);
		return 0;
	}
	if (slash && sscanf(slash, "/%u..%u%n", &from, &to, &used) == 2 && !slash[used]) {
		char *name = xstrndup(spec, (size_t)(slash - spec));

		group = graph_find_group(g, name);
		free(name);
		if (group != GRAPH_NONE) {
			add_range(g, out, group, from, to);
			return 0;
		}
	}
	return -1;
}
