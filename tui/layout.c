/* SPDX-License-Identifier: MIT */
/* layout - where boxes and lines of a graph of groups lie, in cells, level by level. */

#include "tui/layout.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"

/*
 * Sugiyama's method: levels by longest path, an edge over several levels gets
 * a place (an item without a box) in each level between, order by repeated
 * barycentres, rows by drawing each item to the middle of its neighbours
 * while order and distance are kept.
 */
struct item {
	int layer, group;		/* group -1: an edge passes here */
	int rows, row;
	double key;
};

struct pair { uint32_t from, to, link; };	/* items in neighbouring levels */

struct work {
	struct item *item;
	size_t n, cap;
	struct pair *pair;
	size_t npairs, cappairs;
	uint32_t **order;		/* [layer][place] -> item */
	uint32_t *count;		/* items of a layer */
	uint32_t *place;		/* item -> its place in its layer */
	int nlayers;
};

static int
is_forward(const struct graph *g, const struct graph_link *l)
{
	const struct graph_group *a = &g->group[l->from], *b = &g->group[l->to];

	return a->level < b->level || (a->level == b->level && l->from < l->to);
}

static int
by_level(const void *a, const void *b, void *arg)
{
	const struct graph *g = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (g->group[x].level != g->group[y].level)
		return g->group[x].level < g->group[y].level ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int
by_source(const void *a, const void *b, void *arg)
{
	const struct graph_link *link = arg;
	uint32_t x = link[*(const uint32_t *)a].from, y = link[*(const uint32_t *)b].from;

	return x < y ? -1 : x > y;
}

/* Longest path over the links that go forward, group by group in an order
 * they agree with. */
static void
find_layers(struct work *w, const struct graph *g)
{
	uint32_t *order = xmalloc((g->ngroups + 1) * sizeof(*order));
	uint32_t *link = xmalloc((g->nlinks + 1) * sizeof(*link)), i, n;
	uint32_t *first = xcalloc((size_t)g->ngroups + 2, sizeof(*first));
	int *layer = xcalloc((size_t)g->ngroups + 1, sizeof(*layer)), next;

	for (i = 0; i < g->ngroups; i++)
		order[i] = i;
	for (i = 0; i < g->nlinks; i++) {
		link[i] = i;
		first[g->link[i].from + 1]++;
	}
	for (i = 0; i < g->ngroups; i++)
		first[i + 1] += first[i];
	qsort_r(order, g->ngroups, sizeof(*order), by_level, (void *)(uintptr_t)g);
	qsort_r(link, g->nlinks, sizeof(*link), by_source, g->link);
	for (i = 0; i < g->ngroups; i++)
		for (n = first[order[i]]; n < first[order[i] + 1]; n++) {
			const struct graph_link *l = &g->link[link[n]];

			if (is_forward(g, l) && layer[l->to] <= layer[l->from])
				layer[l->to] = layer[l->from] + 1;
		}
	for (i = 0; i < g->ngroups; i++) {
		struct item *it = XADD(&w->item, &w->n, &w->cap);

		it->layer = next = layer[i];
		it->group = (int)i;
		if (next >= w->nlayers)
			w->nlayers = next + 1;
	}
	free(order);
	free(link);
	free(first);
	free(layer);
}

static void
add_pair(struct work *w, uint32_t from, uint32_t to, uint32_t link)
{
	struct pair *p = XADD(&w->pair, &w->npairs, &w->cappairs);

	*p = (struct pair){ from, to, link };
}

static void
add_edges(struct work *w, const struct graph *g)
{
	uint32_t i, from, to;
	struct item *it;
	int layer;

	for (i = 0; i < g->nlinks; i++) {
		from = g->link[i].from;
		to = g->link[i].to;
		if (!is_forward(g, &g->link[i]) || w->item[from].layer >= w->item[to].layer)
			continue;
		for (layer = w->item[from].layer + 1; layer < w->item[to].layer; layer++) {
			it = XADD(&w->item, &w->n, &w->cap);
			it->layer = layer;
			it->group = -1;
			add_pair(w, from, (uint32_t)(w->n - 1), i);
			from = (uint32_t)(w->n - 1);
		}
		add_pair(w, from, to, i);
	}
}

static void
fill_layers(struct work *w)
{
	uint32_t i;
	int l;

	w->count = xcalloc((size_t)w->nlayers + 1, sizeof(*w->count));
	w->order = xcalloc((size_t)w->nlayers + 1, sizeof(*w->order));
	w->place = xcalloc(w->n + 1, sizeof(*w->place));
	for (i = 0; i < w->n; i++)
		w->count[w->item[i].layer]++;
	for (l = 0; l < w->nlayers; l++) {
		w->order[l] = xmalloc((w->count[l] + 1) * sizeof(**w->order));
		w->count[l] = 0;
	}
	for (i = 0; i < w->n; i++) {
		l = w->item[i].layer;
		w->place[i] = w->count[l];
		w->order[l][w->count[l]++] = i;
	}
}

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct work *w = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (w->item[x].key != w->item[y].key)
		return w->item[x].key < w->item[y].key ? -1 : 1;
	return w->place[x] < w->place[y] ? -1 : w->place[x] > w->place[y];
}

/* One sweep: every item to the mean place of its neighbours before (or after). */
static void
sweep(struct work *w, int is_back)
{
	double *sum = xcalloc(w->n + 1, sizeof(*sum));
	uint32_t *n = xcalloc(w->n + 1, sizeof(*n)), i, at, other;
	size_t p;
	int step, l;

	for (step = 0; step < w->nlayers; step++) {
		l = is_back ? w->nlayers - 1 - step : step;
		for (i = 0; i < w->count[l]; i++)
			n[w->order[l][i]] = 0, sum[w->order[l][i]] = 0;
		for (p = 0; p < w->npairs; p++) {
			at = is_back ? w->pair[p].from : w->pair[p].to;
			other = is_back ? w->pair[p].to : w->pair[p].from;
			if (w->item[at].layer == l) {
				sum[at] += w->place[other];
				n[at]++;
			}
		}
		for (i = 0; i < w->count[l]; i++) {
			at = w->order[l][i];
			w->item[at].key = n[at] ? sum[at] / n[at] : w->place[at];
		}
		qsort_r(w->order[l], w->count[l], sizeof(**w->order), by_key, w);
		for (i = 0; i < w->count[l]; i++)
			w->place[w->order[l][i]] = i;
	}
	free(sum);
	free(n);
}

static int
middle(const struct item *it)
{
	return it->row + it->rows / 2;
}

/* The items of a level to the rows they would like, in order, a row apart;
 * what they were pushed apart by is shared by all. */
static void
settle(struct work *w, int l, const double *like)
{
	uint32_t i, at, before;
	double off = 0;
	int least = -100000, shift;
	struct item *it;

	for (i = 0; i < w->count[l]; i++) {
		at = w->order[l][i];
		it = &w->item[at];
		it->row = (int)(like[at] + 0.5) - it->rows / 2;
		if (i) {
			before = w->order[l][i - 1];
			least = w->item[before].row + w->item[before].rows +
				(w->item[before].group >= 0 || it->group >= 0);
		}
		if (i && it->row < least)
			it->row = least;
		off += middle(it) - like[at];
	}
	shift = w->count[l] ? (int)(off / w->count[l]) : 0;
	for (i = 0; i < w->count[l]; i++)
		w->item[w->order[l][i]].row -= shift;
}

static void
find_rows(struct work *w)
{
	double *sum = xcalloc(w->n + 1, sizeof(*sum));
	uint32_t *n = xcalloc(w->n + 1, sizeof(*n)), i;
	int round, step, l, least = 100000;
	size_t p;

	for (l = 0; l < w->nlayers; l++) {
		double total = 0;

		for (i = 0; i < w->count[l]; i++)
			total += w->item[w->order[l][i]].rows + 1;
		sum[0] = -total / 2;
		for (i = 0; i < w->count[l]; i++) {
			struct item *it = &w->item[w->order[l][i]];

			it->row = (int)sum[0];
			sum[0] += it->rows + 1;
		}
	}
	for (round = 0; round < 6; round++)
		for (step = 0; step < w->nlayers; step++) {
			l = round % 2 ? w->nlayers - 1 - step : step;
			for (i = 0; i < w->count[l]; i++)
				sum[w->order[l][i]] = n[w->order[l][i]] = 0;
			for (p = 0; p < w->npairs; p++) {
				uint32_t a = w->pair[p].from, b = w->pair[p].to;

				if (w->item[a].layer == l && round % 2)
					sum[a] += middle(&w->item[b]), n[a]++;
				if (w->item[b].layer == l && !(round % 2))
					sum[b] += middle(&w->item[a]), n[b]++;
			}
			for (i = 0; i < w->count[l]; i++) {
				uint32_t at = w->order[l][i];

				sum[at] = n[at] ? sum[at] / n[at] : middle(&w->item[at]);
			}
			settle(w, l, sum);
		}
	for (i = 0; i < w->n; i++)
		if (w->item[i].row < least)
			least = w->item[i].row;
	for (i = 0; i < w->n; i++)
		w->item[i].row -= least;
	free(sum);
	free(n);
}

/* What find_cols works out for each level. */
struct level {
	int width, turns, gap;		/* of its boxes; items with an edge that turns; to the next */
	int col, fold;
	int first, end;			/* rows it takes */
};

static void
measure_levels(const struct work *w, struct level *level, int *turn, const int *text_cols,
	       const struct layout_size *size)
{
	struct level *l;
	uint32_t i, a;
	size_t p;
	int k;

	for (i = 0; i < w->n; i++) {
		const struct item *it = &w->item[i];
		int cols = it->group < 0 ? 1 : text_cols[it->group] + 4;

		l = &level[it->layer];
		if (cols > size->box_cols)
			cols = size->box_cols;
		if (cols > l->width)
			l->width = cols;
		if (!l->end || it->row < l->first)
			l->first = it->row;
		if (it->row + it->rows > l->end)
			l->end = it->row + it->rows;
	}
	for (p = 0; p < w->npairs; p++) {
		a = w->pair[p].from;
		if (!turn[a] && middle(&w->item[a]) != middle(&w->item[w->pair[p].to]))
			turn[a] = ++level[w->item[a].layer].turns;
	}
	for (k = 0; k < w->nlayers; k++) {
		level[k].gap = level[k].turns + 3 > size->gap ? level[k].turns + 3 : size->gap;
		if (level[k].gap > 24)
			level[k].gap = 24;
	}
}

/* Edges that go to the next fold come back along rows of their own below it,
 * four of them at most, and columns left of all boxes. */
enum { FOLD_LEFT = 4, FOLD_RIGHT = 3, FOLD_ROWS = 4 };

static void
place_levels(const struct work *w, struct level *level, const struct layout_size *size)
{
	int l, col = 0, fold = 0, left = size->fold ? FOLD_LEFT : 0;

	for (l = 0; l < w->nlayers; l++) {
		if (!l) {
			col = left;
		} else if (size->fold && col + level[l].width + FOLD_RIGHT > size->fold) {
			col = left;
			fold++;
		}
		level[l].col = col;
		level[l].fold = fold;
		col += level[l].width + level[l].gap;
	}
}

/* Rows of folds below each other, with room for the edges that come back. */
static void
place_folds(struct work *w, struct level *level, int *below)
{
	int nfolds = level[w->nlayers - 1].fold + 1, f, l, shift, at = 0, first, end, crossing;
	uint32_t i;
	size_t p;

	for (f = 0; f < nfolds; f++) {
		first = 100000;
		end = -100000;
		crossing = 0;
		for (l = 0; l < w->nlayers; l++) {
			if (level[l].fold != f)
				continue;
			if (level[l].first < first)
				first = level[l].first;
			if (level[l].end > end)
				end = level[l].end;
		}
		for (p = 0; p < w->npairs; p++) {
			l = w->item[w->pair[p].from].layer;
			crossing += level[l].fold == f && level[l + 1].fold != f;
		}
		shift = at - first;
		for (i = 0; i < w->n; i++)
			if (level[w->item[i].layer].fold == f)
				w->item[i].row += shift;
		below[f] = end + shift;
		at = below[f] + (crossing < FOLD_ROWS ? crossing : FOLD_ROWS);
	}
}

static struct layout_edge
edge_of(const struct work *w, const struct level *level, const struct pair *p, const int *turn,
	const int *below, int *ncrossing)
{
	const struct item *a = &w->item[p->from], *b = &w->item[p->to];
	const struct level *from = &level[a->layer], *to = &level[b->layer];
	int room = from->gap - 3, nth = turn[p->from] ? turn[p->from] - 1 : 0;
	struct layout_edge e = {
		.link = p->link,
		.row = middle(a), .col = from->col + (a->group < 0 ? 0 : from->width),
		.turn = from->col + from->width + nth % (room > 0 ? room : 1),
		.to_row = middle(b), .to_col = to->col - 1,
		.is_first = a->group >= 0, .is_last = b->group >= 0,
	};

	if (from->fold != to->fold) {
		nth = ncrossing[from->fold]++ % FOLD_ROWS;
		e.turn = from->col + from->width + nth % FOLD_RIGHT;
		e.back_row = below[from->fold] + nth;
		e.back_col = nth % (FOLD_LEFT - 1);
	}
	return e;
}

/* Columns: each level as wide as its widest box, between levels a column for
 * each item that has an edge which turns. */
static void
find_cols(struct work *w, struct layout *out, const int *text_cols, const struct layout_size *size)
{
	struct level *level = xcalloc((size_t)w->nlayers + 2, sizeof(*level));
	int *below = xcalloc((size_t)w->nlayers + 2, sizeof(*below));
	int *ncrossing = xcalloc((size_t)w->nlayers + 2, sizeof(*ncrossing));
	int *turn = xcalloc(w->n + 1, sizeof(*turn)), l, end;
	uint32_t i;
	size_t p;

	measure_levels(w, level, turn, text_cols, size);
	place_levels(w, level, size);
	if (w->nlayers)
		place_folds(w, level, below);
	for (l = 0; l < w->nlayers; l++) {
		end = level[l].col + level[l].width +
			(l + 1 < w->nlayers && level[l + 1].fold != level[l].fold ? FOLD_RIGHT : 0);
		if (end > out->cols)
			out->cols = end;
		out->nfolds = level[l].fold + 1;
	}
	for (i = 0; i < w->n; i++) {
		const struct item *it = &w->item[i];

		if (it->group >= 0)
			out->box[it->group] = (struct layout_box){ it->layer, it->row,
				level[it->layer].col, it->rows, level[it->layer].width };
		if (it->row + it->rows > out->rows)
			out->rows = it->row + it->rows;
	}
	out->edge = xcalloc(w->npairs + 1, sizeof(*out->edge));
	out->nedges = (uint32_t)w->npairs;
	for (p = 0; p < w->npairs; p++)
		out->edge[p] = edge_of(w, level, &w->pair[p], turn, below, ncrossing);
	free(level);
	free(below);
	free(ncrossing);
	free(turn);
}

void
layout_make(struct layout *out, const struct graph *g, const int *text_cols,
	    const struct layout_size *size)
{
	struct work w = { 0 };
	uint32_t i;
	int l;

	*out = (struct layout){ .box = xcalloc((size_t)g->ngroups + 1, sizeof(*out->box)) };
	find_layers(&w, g);
	add_edges(&w, g);
	for (i = 0; i < w.n; i++)
		w.item[i].rows = w.item[i].group < 0 ? 1 : size->box_rows;
	fill_layers(&w);
	for (l = 0; l < 6; l++)
		sweep(&w, l % 2);
	find_rows(&w);
	find_cols(&w, out, text_cols, size);
	out->nlayers = w.nlayers;
	for (l = 0; l < w.nlayers; l++)
		free(w.order[l]);
	free(w.order);
	free(w.count);
	free(w.place);
	free(w.item);
	free(w.pair);
}

void
layout_fini(struct layout *l)
{
	free(l->box);
	free(l->edge);
	*l = (struct layout){ 0 };
}
