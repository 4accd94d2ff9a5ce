/* SPDX-License-Identifier: MIT */
/* seal - a finished draft becomes the arrays of a graph. */

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/draft.h"

/* Cursors stand one place further up, so that each ends where the next one
 * begins and at[] needs no second copy. */
void
draft_succ(uint32_t n, const uint64_t *pred_at, const heddle_task *pred,
	   const uint32_t *nsucc, uint64_t *at, heddle_task *succ)
{
	uint64_t sum = 0;

	at[0] = 0;
	for (heddle_task t = 0; t < n; t++) {
		at[t + 1] = sum;
		sum += nsucc[t];
	}
	for (heddle_task t = 0; t < n; t++)
		for (uint64_t i = pred_at[t]; i < pred_at[t + 1]; i++)
			succ[at[pred[i] + 1]++] = t;
}

/* ---- groups ------------------------------------------------------------------ */

struct seal {
	struct build *b;
	struct graph *g;
	uint32_t *group_now;		/* group of making -> group, GRAPH_NONE: it has no task */
	uint32_t *group_of;		/* task -> group of making */
};

static void
find_groups(struct seal *s)
{
	size_t hint = 0;

	for (heddle_task t = 0; t < s->b->ntasks; t++)
		s->group_of[t] = draft_near(s->b, draft_made(s->b, t), &hint)->group;
}

/* The place of a task in its group, as made. */
static uint32_t
place_of(const struct seal *s, heddle_task t, size_t *hint)
{
	heddle_task made = draft_made(s->b, t);
	const struct draft_segment *at = draft_near(s->b, made, hint);

	return at->place + (made - at->first);
}

struct range {
	uint32_t first, last, n, group, node;
};

static int
by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static int
by_node(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->group > y->group) - (x->group < y->group);
}

/* Groups that have tasks left; -> how many. */
static uint32_t
find_ranges(struct seal *s, struct range *r)
{
	const struct build *b = s->b;
	uint32_t n = 0;

	for (heddle_task t = 0; t < b->ntasks; t++) {
		struct range *at = &r[s->group_of[t]];

		if (!at->n++)
			at->first = t;
		at->last = t;
	}
	for (uint32_t i = 0; i < b->ngroups; i++) {
		s->group_now[i] = GRAPH_NONE;
		if (!r[i].n)
			continue;
		r[n] = r[i];
		r[n].group = i;
		r[n++].node = b->group[i].node;
	}
	return n;
}

/* Are groups, by their first tasks, ranges with those of a node together? */
static int
are_ranges(const struct build *b, const struct range *r, uint32_t n)
{
	unsigned char *seen = xcalloc(b->nnodes, 1);
	int is_so = 1;

	for (uint32_t i = 0; i < n && is_so; i++) {
		is_so = r[i].last - r[i].first + 1 == r[i].n &&
			(!seen[r[i].node] || r[i].node == r[i - 1].node);
		seen[r[i].node] = 1;
	}
	free(seen);
	return is_so;
}

static void
add_group(struct seal *s, const struct range *r)
{
	struct graph_group *group = &s->g->group[s->g->ngroups];
	struct graph_node *node = &s->b->node[r->node];

	group->name = s->b->group[r->group].name;
	group->all = s->b->group[r->group].all;
	group->node = r->node;
	group->first = r->first;
	group->n = r->n;
	group->index = GRAPH_NONE;
	if (!node->ngroups++)
		node->group = s->g->ngroups;
	s->group_now[r->group] = s->g->ngroups++;
}

/* -> are they ranges? */
static int
add_groups(struct seal *s)
{
	struct build *b = s->b;
	struct range *r = xcalloc(b->ngroups, sizeof(*r));
	uint32_t n = find_ranges(s, r);
	int is_ranges;

	qsort(r, n, sizeof(*r), by_first);
	is_ranges = are_ranges(b, r, n);
	if (!is_ranges)
		qsort(r, n, sizeof(*r), by_node);
	s->g->group = pages_grow(NULL, 0, n * sizeof(*s->g->group));
	for (uint32_t i = 0; i < b->nnodes; i++)
		b->node[i].ngroups = b->node[i].group = 0;
	for (uint32_t i = 0; i < n; i++)
		add_group(s, &r[i]);
	for (heddle_task t = 0; t < b->ntasks; t++)
		s->group_of[t] = s->group_now[s->group_of[t]];
	free(r);
	return is_ranges;
}

/* How tasks find their group where groups are ranges. */
static void
set_group_at(struct graph *g)
{
	uint32_t n = (g->csr.ntasks + 63) / 64, group = 0;

	g->group_at = pages_grow(NULL, 0, n * sizeof(*g->group_at));
	for (uint32_t i = 0; i < n; i++) {
		while (64 * i >= g->group[group].first + g->group[group].n)
			group++;
		g->group_at[i] = group;
	}
}

/* ... and where they interleave. */
static void
set_group_of(struct seal *s)
{
	struct graph *g = s->g;
	uint32_t n = g->csr.ntasks, sum = 0;
	uint32_t *fill = xcalloc(g->ngroups, sizeof(*fill));

	g->group_of = pages_grow(NULL, 0, n * sizeof(*g->group_of));
	g->nth = pages_grow(NULL, 0, n * sizeof(*g->nth));
	g->member = pages_grow(NULL, 0, n * sizeof(*g->member));
	for (uint32_t i = 0; i < g->ngroups; i++) {
		g->group[i].member = sum;
		sum += g->group[i].n;
	}
	for (heddle_task t = 0; t < n; t++) {
		uint32_t group = s->group_of[t];

		g->group_of[t] = (uint16_t)group;
		g->nth[t] = fill[group]++;
		g->member[g->group[group].member + g->nth[t]] = t;
	}
	free(fill);
}

/* Places, for groups whose i-th task is not in place i. */
static void
set_index(struct seal *s)
{
	struct graph *g = s->g;
	size_t nindex = 0, hint = 0;

	for (uint32_t i = 0; i < g->ngroups; i++) {
		struct graph_group *group = &g->group[i];
		uint32_t k = 0;

		/* nothing lost, nothing renumbered: nothing to look at */
		if (!s->b->was && group->n == group->all && !g->group_of)
			continue;
		while (k < group->n && place_of(s, graph_nth(g, i, k), &hint) == k)
			k++;
		if (k < group->n) {
			group->index = (uint32_t)nindex;
			nindex += group->n;
		}
	}
	g->nindex = (uint32_t)nindex;
	g->index = pages_grow(NULL, 0, nindex * sizeof(*g->index));
	for (uint32_t i = 0; i < g->ngroups; i++)
		for (uint32_t k = 0; g->group[i].index != GRAPH_NONE && k < g->group[i].n; k++)
			g->index[g->group[i].index + k] = place_of(s, graph_nth(g, i, k), &hint);
}

/* ---- nodes --------------------------------------------------------------------- */

static void
set_nodes(struct seal *s)
{
	struct build *b = s->b;
	struct graph *g = s->g;
	uint32_t *fill = xcalloc(b->nnodes + 1, sizeof(*fill));

	g->part = pages_grow(NULL, 0, b->nparts * sizeof(*g->part));
	for (size_t i = 0; i < b->nparts; i++)
		g->part[i] = b->now ? b->now[b->part[i]] : b->part[i];
	g->nparts = (uint32_t)b->nparts;
	for (size_t i = 0; i < b->nmeta; i++)
		b->node[b->meta[i].node].nmeta++;
	for (uint32_t i = 0; i < b->nnodes; i++) {
		b->node[i].meta = fill[i];
		fill[i + 1] = fill[i] + b->node[i].nmeta;
	}
	g->nmeta = (uint32_t)b->nmeta;
	g->meta = pages_grow(NULL, 0, 2 * b->nmeta * sizeof(*g->meta));
	for (size_t i = 0; i < b->nmeta; i++) {
		uint32_t at = fill[b->meta[i].node]++;

		g->meta[2 * at] = b->meta[i].key;
		g->meta[2 * at + 1] = b->meta[i].value;
	}
	g->nnodes = (uint32_t)b->nnodes;
	g->node = pages_grow(NULL, 0, b->nnodes * sizeof(*g->node));
	if (b->nnodes)
		memcpy(g->node, b->node, b->nnodes * sizeof(*g->node));
	for (uint32_t i = 0; i < g->nnodes; i++) {
		const struct graph_attr *a = &g->node[i].attr;

		if (g->node[i].ngroups && (a->cores > 1 || a->pool))
			g->has_resources = 1;
	}
	free(fill);
}

/* A part that no goal needs is not there any more; nor are the others. */
static void
drop_lost_parts(struct graph *g)
{
	uint32_t k = 0;

	for (uint32_t i = 0; i < g->nnodes; i++) {
		struct graph_node *n = &g->node[i];
		uint32_t first = k;

		for (uint32_t j = 0; j < n->nparts; j++)
			if (g->part[n->part + j] != HEDDLE_NONE)
				g->part[k++] = g->part[n->part + j];
		n->part = first;
		n->nparts = k - first;
	}
	g->nparts = k;
}

static void
set_kernels(struct seal *s)
{
	struct graph *g = s->g;

	g->nkernels = (uint32_t)s->b->nkernels;
	g->kernel = pages_grow(NULL, 0, g->nkernels * sizeof(*g->kernel));
	if (g->nkernels)
		memcpy(g->kernel, s->b->kernel, g->nkernels * sizeof(*g->kernel));
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		struct graph_kernel *k = &g->kernel[g->kernel_of[t]];

		k->ntasks++;
		g->group[s->group_of[t]].flags |= k->flags;
	}
	for (uint32_t i = 0; i < g->nkernels; i++)
		if (g->kernel[i].ntasks && !(g->kernel[i].flags & HEDDLE_NOVALUE))
			g->has_values = 1;
}

/* expect = of a node stands for its tasks that have none. */
static void
set_expect(struct seal *s)
{
	struct build *b = s->b;

	for (uint32_t i = 0; i < s->g->ngroups; i++) {
		uint64_t ns = b->node[s->g->group[i].node].attr.expect;

		for (uint32_t k = 0; ns && k < s->g->group[i].n; k++) {
			heddle_task t = graph_nth(s->g, i, k);

			if (!b->expect || !b->expect[t])
				build_expect(b, t, ns);
		}
	}
}

/* ---- arrays change hands --------------------------------------------------------- */

static void *
hand_over(void *from, uint64_t cap, uint64_t n)
{
	return from ? pages_grow(from, cap, n) : NULL;
}

#define HAND_OVER(b, field, cap, n) \
	(hand_over((b)->field, (cap) * sizeof(*(b)->field), (n) * sizeof(*(b)->field)))

static void
take_arrays(struct build *b, struct graph *g)
{
	uint64_t n = b->ntasks, cap = b->captasks;

	g->csr.pred_at = HAND_OVER(b, pred_at, cap + 1, n + 1);
	g->csr.pred = HAND_OVER(b, pred, b->cappreds, b->npreds);
	g->csr.expect = HAND_OVER(b, expect, cap, n);
	g->kernel_of = HAND_OVER(b, kernel_of, cap, n);
	g->par = HAND_OVER(b, par, cap, n);
	g->nin = HAND_OVER(b, nin, cap, n);
	g->pars = HAND_OVER(b, pars, b->cappars, b->npars);
	g->npars = b->npars;
	g->text = HAND_OVER(b, text, b->captext, b->ntext);
	g->ntext = b->ntext;
	b->pred_at = NULL;
	b->pred = NULL;
	b->expect = NULL;
	b->kernel_of = NULL;
	b->par = NULL;
	b->nin = NULL;
	b->pars = NULL;
	b->text = NULL;
	b->ntasks = b->captasks = 0;
	b->npreds = b->cappreds = 0;
	b->npars = b->cappars = b->ntext = b->captext = 0;
}

static void
make_succ(struct build *b, struct graph *g)
{
	uint64_t *at = pages_grow(NULL, 0, ((size_t)b->ntasks + 1) * sizeof(*at));
	heddle_task *succ = pages_grow(NULL, 0, b->npreds * sizeof(*succ));

	draft_succ(b->ntasks, b->pred_at, b->pred, b->nsucc, at, succ);
	pages_free(b->nsucc, (size_t)b->captasks * sizeof(*b->nsucc));
	b->nsucc = NULL;
	g->csr.succ_at = at;
	g->csr.succ = succ;
}

struct graph *
draft_graph(struct build *b)
{
	struct graph *g = xcalloc(1, sizeof(*g));
	struct seal s = { .b = b, .g = g };
	int is_ranges;

	g->csr.size = sizeof(g->csr);
	g->csr.ntasks = b->ntasks;
	g->nedges = b->npreds;
	make_succ(b, g);
	s.group_now = xmalloc(b->ngroups * sizeof(*s.group_now));
	s.group_of = xmalloc((size_t)b->ntasks * sizeof(*s.group_of));
	find_groups(&s);
	is_ranges = add_groups(&s);
	if (is_ranges)
		set_group_at(g);
	else
		set_group_of(&s);
	set_expect(&s);
	set_index(&s);
	set_nodes(&s);
	drop_lost_parts(g);
	take_arrays(b, g);
	set_kernels(&s);
	draft_links(g, s.group_of);
	free(s.group_now);
	free(s.group_of);
	return g;
}
