/* SPDX-License-Identifier: MIT */
/* check - every id, place and name of a graph lies where it must, so that none can lead astray. */

#include "core/graph/check.h"

#include <string.h>

#include "core/graph/graph.h"

/* ---- edges ---------------------------------------------------------------------- */

static int
is_row(const uint64_t *at, uint32_t n, uint64_t nedges)
{
	if (at[0])
		return 0;
	for (uint32_t t = 0; t < n; t++)
		if (at[t + 1] < at[t] || at[t + 1] > nedges)
			return 0;
	return at[n] == nedges;
}

static int
are_edges(const struct graph *g)
{
	uint32_t n = g->csr.ntasks;

	if (!is_row(g->csr.pred_at, n, g->nedges) || !is_row(g->csr.succ_at, n, g->nedges))
		return 0;
	for (heddle_task t = 0; t < n; t++) {
		for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++)
			if (g->csr.pred[i] >= t)
				return 0;
		for (uint64_t i = g->csr.succ_at[t]; i < g->csr.succ_at[t + 1]; i++)
			if (g->csr.succ[i] <= t || g->csr.succ[i] >= n)
				return 0;
		if (g->nin && g->nin[t] > g->csr.pred_at[t + 1] - g->csr.pred_at[t])
			return 0;
	}
	return 1;
}

/* ---- tasks ------------------------------------------------------------------------ */

static int
is_par(const struct graph *g, uint32_t place)
{
	uint64_t at = (uint64_t)place * 16, n;

	if (at + 16 > g->npars)
		return 0;
	memcpy(&n, g->pars + at, sizeof(n));
	return n <= g->npars - at - 16;
}

static int
are_tasks(const struct graph *g)
{
	if (g->par && !g->pars)
		return 0;
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		if (g->kernel_of[t] >= g->nkernels || (g->par && !is_par(g, g->par[t])))
			return 0;
	return 1;
}

/* ---- groups ------------------------------------------------------------------------- */

static int
are_ranges(const struct graph *g)
{
	uint64_t next = 0;

	for (uint32_t i = 0; i < g->ngroups; i++) {
		if (g->group[i].first != next || !g->group[i].n)
			return 0;
		next += g->group[i].n;
	}
	if (next != g->csr.ntasks || (g->csr.ntasks && !g->group_at))
		return 0;
	for (uint64_t i = 0; 64 * i < g->csr.ntasks; i++) {
		const struct graph_group *k;

		if (g->group_at[i] >= g->ngroups)
			return 0;
		k = &g->group[g->group_at[i]];
		if (k->first > 64 * i || 64 * i >= (uint64_t)k->first + k->n)
			return 0;
	}
	return 1;
}

static int
are_members(const struct graph *g)
{
	if (!g->nth || !g->member)
		return 0;
	for (uint32_t i = 0; i < g->ngroups; i++)
		if ((uint64_t)g->group[i].member + g->group[i].n > g->csr.ntasks)
			return 0;
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		if (g->group_of[t] >= g->ngroups || g->nth[t] >= g->group[g->group_of[t]].n ||
		    g->member[t] >= g->csr.ntasks)
			return 0;
	return 1;
}

static int
are_groups(const struct graph *g)
{
	for (uint32_t i = 0; i < g->ngroups; i++) {
		const struct graph_group *k = &g->group[i];

		if (k->name >= g->ntext || k->node >= g->nnodes || !k->n ||
		    k->first >= g->csr.ntasks ||
		    (k->index != GRAPH_NONE && (uint64_t)k->index + k->n > g->nindex))
			return 0;
	}
	return g->group_of ? are_members(g) : are_ranges(g);
}

/* ---- names and nodes -------------------------------------------------------------------- */

static int
is_within(uint32_t first, uint32_t n, uint32_t of)
{
	return (uint64_t)first + n <= of;
}

static int
is_node(const struct graph *g, const struct graph_node *n)
{
	return n->name < g->ntext && n->kind < g->ntext && n->plugin < g->ntext &&
		n->op < g->ntext && n->file < g->ntext && n->attr.pool < g->ntext &&
		n->attr.nbackoff <= 4 && n->attr.cores >= 1 &&
		is_within(n->part, n->nparts, g->nparts) &&
		is_within(n->meta, n->nmeta, g->nmeta) &&
		is_within(n->group, n->ngroups, g->ngroups);
}

static int
are_names(const struct graph *g)
{
	if (!g->ntext || g->text[0] || g->text[g->ntext - 1])
		return 0;
	for (uint32_t i = 0; i < g->nkernels; i++)
		if (g->kernel[i].plugin >= g->ntext || g->kernel[i].name >= g->ntext ||
		    g->kernel[i].def)
			return 0;
	for (uint32_t i = 0; i < g->nnodes; i++)
		if (!is_node(g, &g->node[i]))
			return 0;
	for (uint32_t i = 0; i < g->nparts; i++)
		if (g->part[i] >= g->csr.ntasks)
			return 0;
	for (uint64_t i = 0; i < 2 * (uint64_t)g->nmeta; i++)
		if (g->meta[i] >= g->ntext)
			return 0;
	for (uint32_t i = 0; i < g->nlinks; i++)
		if (g->link[i].from >= g->ngroups || g->link[i].to >= g->ngroups)
			return 0;
	return 1;
}

const char *
graph_check(const struct graph *g)
{
	if (!are_edges(g))
		return "its edges lead nowhere";
	if (!are_names(g))
		return "its names are not where they should be";
	if (!are_tasks(g))
		return "its tasks are not what they should be";
	if (!are_groups(g))
		return "its groups do not hold its tasks";
	return NULL;
}
