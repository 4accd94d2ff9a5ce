/* SPDX-License-Identifier: MIT */
/* graph - tasks, edges, groups and nodes, sealed: arrays that any thread may read for ever. */

#include "core/graph/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/xalloc.h"
#include "core/graph/array.h"

void
graph_arrays(struct graph *g, struct graph_array row[GRAPH_ARRAYS])
{
	uint64_t n = g->csr.ntasks;
	const struct graph_array all[GRAPH_ARRAYS] = {
		{ (void **)&g->csr.pred_at, 8, n + 1, 0 },
		{ (void **)&g->csr.pred, 4, g->nedges, 0 },
		{ (void **)&g->csr.succ_at, 8, n + 1, 0 },
		{ (void **)&g->csr.succ, 4, g->nedges, 0 },
		{ (void **)&g->csr.expect, 8, n, 1 },
		{ (void **)&g->kernel_of, 2, n, 0 },
		{ (void **)&g->par, 4, n, 1 },
		{ (void **)&g->nin, 4, n, 1 },
		{ (void **)&g->group_of, 2, n, 1 },
		{ (void **)&g->nth, 4, n, 1 },
		{ (void **)&g->member, 4, n, 1 },
		{ (void **)&g->group_at, 4, (n + 63) / 64, 1 },
		{ (void **)&g->index, 4, g->nindex, 0 },
		{ (void **)&g->part, 4, g->nparts, 0 },
		{ (void **)&g->meta, 4, 2 * (uint64_t)g->nmeta, 0 },
		{ (void **)&g->text, 1, g->ntext, 0 },
		{ (void **)&g->pars, 1, g->npars, 1 },
		{ (void **)&g->kernel, sizeof(*g->kernel), g->nkernels, 0 },
		{ (void **)&g->group, sizeof(*g->group), g->ngroups, 0 },
		{ (void **)&g->node, sizeof(*g->node), g->nnodes, 0 },
		{ (void **)&g->link, sizeof(*g->link), g->nlinks, 0 },
	};

	memcpy(row, all, sizeof(all));
}

void
graph_free(struct graph *g)
{
	struct graph_array row[GRAPH_ARRAYS];

	if (!g)
		return;
	if (g->map) {
		munmap(g->map, g->nmap);
	} else {
		graph_arrays(g, row);
		for (int i = 0; i < GRAPH_ARRAYS; i++)
			pages_free(*row[i].at, row[i].n * row[i].size);
	}
	free(g);
}

struct heddle_bytes
graph_par(const struct graph *g, heddle_task t)
{
	const unsigned char *at;
	uint64_t n;

	if (!g->par)
		return (struct heddle_bytes){ NULL, 0 };
	at = g->pars + (uint64_t)g->par[t] * 16;
	memcpy(&n, at, sizeof(n));
	return (struct heddle_bytes){ at + 16, n };
}

const struct graph_attr *
graph_attr(const struct graph *g, heddle_task t)
{
	return &g->node[g->group[graph_group_of(g, t)].node].attr;
}

heddle_task
graph_nth(const struct graph *g, uint32_t group, uint32_t i)
{
	const struct graph_group *k = &g->group[group];

	return g->group_of ? g->member[k->member + i] : k->first + i;
}

/* ---- names ------------------------------------------------------------------ */

static uint32_t
index_in(const struct graph *g, uint32_t group, heddle_task t)
{
	const struct graph_group *k = &g->group[group];
	uint32_t i = g->group_of ? g->nth[t] : t - k->first;

	return k->index == GRAPH_NONE ? i : g->index[k->index + i];
}

uint32_t
graph_index(const struct graph *g, heddle_task t)
{
	return index_in(g, graph_group_of(g, t), t);
}

const char *
graph_name(const struct graph *g, heddle_task t, char buf[GRAPH_NAME])
{
	enum { MOST = GRAPH_NAME - 16 };	/* "..." and "/4294967295" fit */
	uint32_t group = graph_group_of(g, t);
	const char *name = graph_text(g, g->group[group].name);
	int is_cut = strlen(name) > MOST;

	if (g->group[group].all == 1)
		snprintf(buf, GRAPH_NAME, "%.*s%s", MOST, name, is_cut ? "..." : "");
	else
		snprintf(buf, GRAPH_NAME, "%.*s%s/%u", MOST, name, is_cut ? "..." : "",
			 index_in(g, group, t));
	return buf;
}

/* The task of a group that was made as number place. */
static heddle_task
in_place(const struct graph *g, uint32_t group, uint64_t place)
{
	const struct graph_group *k = &g->group[group];

	if (k->index == GRAPH_NONE)
		return place < k->n ? graph_nth(g, group, (uint32_t)place) : GRAPH_NONE;
	for (uint32_t i = 0; i < k->n; i++)
		if (g->index[k->index + i] == place)
			return graph_nth(g, group, i);
	return GRAPH_NONE;
}

static uint32_t
find_group(const struct graph *g, const char *name, size_t n)
{
	for (uint32_t i = 0; i < g->ngroups; i++) {
		const char *s = graph_text(g, g->group[i].name);

		if (!strncmp(s, name, n) && !s[n])
			return i;
	}
	return GRAPH_NONE;
}

heddle_task
graph_find(const struct graph *g, const char *name)
{
	const char *slash = strrchr(name, '/');
	uint32_t group;
	uint64_t place = 0;

	if (!slash) {
		group = graph_find_group(g, name);
		return group == GRAPH_NONE || g->group[group].all != 1 ?
			GRAPH_NONE : in_place(g, group, 0);
	}
	group = find_group(g, name, (size_t)(slash - name));
	if (group == GRAPH_NONE || !slash[1] || strlen(slash + 1) > 10)
		return GRAPH_NONE;
	for (const char *s = slash + 1; *s; s++) {
		if (*s < '0' || *s > '9')
			return GRAPH_NONE;
		place = 10 * place + (uint64_t)(*s - '0');
	}
	return in_place(g, group, place);
}

uint32_t
graph_find_group(const struct graph *g, const char *name)
{
	return find_group(g, name, strlen(name));
}

uint32_t
graph_find_node(const struct graph *g, const char *name)
{
	for (uint32_t i = 0; i < g->nnodes; i++)
		if (!strcmp(graph_text(g, g->node[i].name), name))
			return i;
	return GRAPH_NONE;
}

const char *
graph_node_meta(const struct graph *g, uint32_t node, const char *key)
{
	const struct graph_node *n = &g->node[node];

	for (uint32_t i = 0; i < n->nmeta; i++) {
		const uint32_t *row = &g->meta[2 * ((size_t)n->meta + i)];

		if (!strcmp(graph_text(g, row[0]), key))
			return graph_text(g, row[1]);
	}
	return NULL;
}
