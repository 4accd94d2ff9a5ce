/* SPDX-License-Identifier: MIT */
/* order - order edges join the inputs, and ids become a topological order again, or a cycle is told. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/draft.h"
#include "core/graph/topo.h"

/* ---- merge -------------------------------------------------------------- */

/* Order edges by the task that waits: from[at[t]] .. from[at[t + 1] - 1]. */
static void
sort_orders(const struct build *b, uint64_t *at, heddle_task *from)
{
	for (size_t i = 0; i < b->norders; i++)
		at[b->order[i].after + 1]++;
	for (uint32_t t = 0; t < b->ntasks; t++)
		at[t + 1] += at[t];
	for (size_t i = b->norders; i-- > 0;)
		from[--at[b->order[i].after + 1]] = b->order[i].before;
	/* at[t + 1] is where t's begin now */
	memmove(at, at + 1, b->ntasks * sizeof(*at));
	at[b->ntasks] = b->norders;
}

void
draft_merge(struct build *b)
{
	uint32_t n = b->ntasks;
	uint64_t *at = xcalloc((size_t)n + 1, sizeof(*at)), k = 0, cap = b->npreds + b->norders;
	heddle_task *from = xmalloc(b->norders * sizeof(*from));
	uint32_t *seen = xcalloc(n, sizeof(*seen));	/* task -> 1 + the last one it precedes */
	heddle_task *pred = pages_grow(NULL, 0, cap * sizeof(*pred));

	sort_orders(b, at, from);
	b->nin = pages_grow(NULL, 0, (size_t)b->captasks * sizeof(*b->nin));
	for (heddle_task t = 0; t < n; t++) {
		uint64_t first = b->pred_at[t], end = b->pred_at[t + 1];

		b->pred_at[t] = k;
		b->nin[t] = (uint32_t)(end - first);
		for (uint64_t i = first; i < end; i++) {
			pred[k++] = b->pred[i];
			seen[b->pred[i]] = t + 1;
		}
		for (uint64_t i = at[t]; i < at[t + 1]; i++) {
			if (seen[from[i]] == t + 1)
				continue;
			seen[from[i]] = t + 1;
			b->nsucc[from[i]]++;
			pred[k++] = from[i];
		}
	}
	b->pred_at[n] = k;
	pages_free(b->pred, b->cappreds * sizeof(*b->pred));
	b->pred = pred;
	b->npreds = k;
	b->cappreds = cap;
	free(at);
	free(from);
	free(seen);
}

/* ---- in which order groups can stand so that each is a range --------------- */

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The edges between boxes (box_of: task -> box), sorted by tail, each once. */
static uint64_t *
box_edges(const struct build *b, const uint32_t *box_of, size_t *n)
{
	uint64_t *edge = NULL;
	size_t cap = 0, k = 0;

	*n = 0;
	for (heddle_task t = 0; t < b->ntasks; t++)
		for (uint64_t i = b->pred_at[t]; i < b->pred_at[t + 1]; i++) {
			uint64_t e = (uint64_t)box_of[b->pred[i]] << 32 | box_of[t];

			if (e >> 32 == (uint32_t)e || (*n && edge[*n - 1] == e))
				continue;
			*XADD(&edge, n, &cap) = e;
		}
	if (*n)
		qsort(edge, *n, sizeof(*edge), by_value);
	for (size_t i = 0; i < *n; i++)
		if (!i || edge[i] != edge[k - 1])
			edge[k++] = edge[i];
	*n = k;
	return edge;
}

/* position: box -> its place in a topological order of the boxes, ties by
 * high; 0 if there is none. */
static int
place_boxes(const struct build *b, const uint32_t *box_of, uint32_t nboxes,
	    const uint32_t *high, uint32_t *position)
{
	size_t nedges;
	uint64_t *edge = box_edges(b, box_of, &nedges);
	uint64_t *at = xcalloc((size_t)nboxes + 1, sizeof(*at));
	uint32_t *succ = xmalloc(nedges * sizeof(*succ));
	uint32_t *left = xcalloc(nboxes, sizeof(*left));
	uint32_t *order = xmalloc(nboxes * sizeof(*order)), done;

	for (size_t i = 0; i < nedges; i++) {
		at[(edge[i] >> 32) + 1]++;
		succ[i] = (uint32_t)edge[i];
		left[succ[i]]++;
	}
	for (uint32_t v = 0; v < nboxes; v++)
		at[v + 1] += at[v];
	done = topo_order(nboxes, at, succ, left, high, order);
	for (uint32_t i = 0; i < done; i++)
		position[order[i]] = i;
	free(edge);
	free(at);
	free(succ);
	free(left);
	free(order);
	return done == nboxes;
}

/* Task -> the place of its group, or NULL where groups must interleave.  A
 * node's groups stay neighbours. */
static uint32_t *
group_places(const struct build *b)
{
	uint32_t *box = xmalloc((size_t)b->ntasks * sizeof(*box));
	uint32_t *group = xmalloc((size_t)b->ntasks * sizeof(*group));
	uint32_t *node_at = xcalloc(b->nnodes, sizeof(*node_at));
	uint32_t *high = xcalloc(b->ngroups, sizeof(*high));
	uint32_t *group_at = xcalloc(b->ngroups, sizeof(*group_at));
	int is_fine;

	for (size_t s = 0; s < b->nsegments; s++) {
		heddle_task end = s + 1 < b->nsegments ? b->segment[s + 1].first : b->ntasks;

		for (heddle_task t = b->segment[s].first; t < end; t++) {
			group[t] = b->segment[s].group;
			box[t] = b->group[group[t]].node;
		}
	}
	is_fine = place_boxes(b, box, (uint32_t)b->nnodes, NULL, node_at);
	for (size_t g = 0; g < b->ngroups; g++)
		high[g] = node_at[b->group[g].node];
	is_fine = is_fine && place_boxes(b, group, (uint32_t)b->ngroups, high, group_at);
	for (heddle_task t = 0; t < b->ntasks; t++)
		box[t] = group_at[group[t]];
	free(group);
	free(node_at);
	free(high);
	free(group_at);
	if (is_fine)
		return box;
	free(box);
	return NULL;
}

/* ---- a cycle, told --------------------------------------------------------- */

static void
tell_task(const void *user, uint32_t t, char name[TOPO_NAME], char place[TOPO_PLACE])
{
	const struct build *b = user;
	const struct graph_node *n = &b->node[b->group[draft_segment(b, t)->group].node];

	draft_name(b, t, name);
	*place = '\0';
	if (n->file)
		snprintf(place, TOPO_PLACE, "%s:%u", b->text + n->file, n->line);
}

static int
tell_cycle(const struct build *b, const uint32_t *left, struct err *err)
{
	uint32_t *path = xmalloc((size_t)b->ntasks * sizeof(*path));
	uint32_t n = topo_cycle(b->ntasks, b->pred_at, b->pred, left, path);

	topo_tell(err, "the graph has", path, n, tell_task, b);
	free(path);
	return -1;
}

/* ---- renumber --------------------------------------------------------------- */

/* Make order[i] task i. */
static void
renumber(struct build *b, uint32_t *order)
{
	uint32_t n = b->ntasks, *now = xmalloc((size_t)n * sizeof(*now));
	size_t cap = b->captasks;
	uint64_t *pred_at = pages_grow(NULL, 0, (cap + 1) * sizeof(*pred_at)), k = 0;
	heddle_task *pred = pages_grow(NULL, 0, b->cappreds * sizeof(*pred));
	uint32_t *nsucc = pages_grow(NULL, 0, cap * sizeof(*nsucc));
	uint32_t *nin = b->nin ? pages_grow(NULL, 0, cap * sizeof(*nin)) : NULL;
	uint16_t *kernel_of = pages_grow(NULL, 0, cap * sizeof(*kernel_of));
	uint32_t *par = b->par ? pages_grow(NULL, 0, cap * sizeof(*par)) : NULL;
	uint64_t *expect = b->expect ? pages_grow(NULL, 0, cap * sizeof(*expect)) : NULL;

	for (heddle_task t = 0; t < n; t++)
		now[order[t]] = t;
	for (heddle_task t = 0; t < n; t++) {
		heddle_task o = order[t];

		nsucc[t] = b->nsucc[o];
		kernel_of[t] = b->kernel_of[o];
		if (nin)
			nin[t] = b->nin[o];
		if (par)
			par[t] = b->par[o];
		if (expect)
			expect[t] = b->expect[o];
		for (uint64_t i = b->pred_at[o]; i < b->pred_at[o + 1]; i++)
			pred[k++] = now[b->pred[i]];
		pred_at[t + 1] = k;
	}
	pages_free(b->pred_at, (cap + 1) * sizeof(*pred_at));
	pages_free(b->pred, b->cappreds * sizeof(*pred));
	pages_free(b->nsucc, cap * sizeof(*nsucc));
	pages_free(b->nin, cap * sizeof(*nin));
	pages_free(b->kernel_of, cap * sizeof(*kernel_of));
	pages_free(b->par, cap * sizeof(*par));
	pages_free(b->expect, cap * sizeof(*expect));
	b->pred_at = pred_at;
	b->pred = pred;
	b->nsucc = nsucc;
	b->nin = nin;
	b->kernel_of = kernel_of;
	b->par = par;
	b->expect = expect;
	b->was = order;
	b->now = now;
}

static int
goes_back(const struct build *b)
{
	if (b->norders)
		for (heddle_task t = 0; t < b->ntasks; t++)
			for (uint64_t i = b->pred_at[t] + b->nin[t]; i < b->pred_at[t + 1]; i++)
				if (b->pred[i] > t)
					return 1;
	return 0;
}

int
draft_sort(struct build *b, struct err *err)
{
	uint32_t n = b->ntasks, *order, *high, *left;
	uint64_t *succ_at;
	heddle_task *succ;
	int rc = 0, is_back = goes_back(b);

	if (!is_back && !b->is_scattered)
		return 0;
	succ_at = xmalloc(((size_t)n + 1) * sizeof(*succ_at));
	succ = xmalloc(b->npreds * sizeof(*succ));
	order = xmalloc((size_t)n * sizeof(*order));
	left = xmalloc((size_t)n * sizeof(*left));
	draft_succ(n, b->pred_at, b->pred, b->nsucc, succ_at, succ);
	for (heddle_task t = 0; t < n; t++)
		left[t] = (uint32_t)(b->pred_at[t + 1] - b->pred_at[t]);
	high = group_places(b);
	if (!high && b->ngroups > UINT16_MAX)
		rc = err_set(err, EXIT_GRAPH, "%zu groups whose tasks take turns; at most %d can",
			     b->ngroups, UINT16_MAX);
	if (rc < 0) {
		free(order);
	} else if (topo_order(n, succ_at, succ, left, high, order) < n) {
		rc = tell_cycle(b, left, err);
		free(order);
	} else if (high || is_back) {
		renumber(b, order);
	} else {
		free(order);
	}
	free(high);
	free(succ_at);
	free(succ);
	free(left);
	return rc;
}
