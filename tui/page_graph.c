/* SPDX-License-Identifier: MIT */
/* page_graph - groups as boxes with their edges; zoom to ranges of one group and to tasks. */

#include "tui/page_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/record.h"
#include "core/run/live.h"
#include "core/run/run.h"
#include "core/session/session.h"
#include "tui/panel.h"

struct graph_page *
graph_page_of(struct ui *ui)
{
	if (!ui->graph)
		ui->graph = xcalloc(1, sizeof(*ui->graph));
	return ui->graph;
}

/* Sizes to try, the best first; the last one is taken if none fits, and
 * panned. */
static const struct layout_size sizes[] = {
	{ 4, 26, 10, 0 }, { 4, 20, 9, 0 }, { 4, 18, 7, 0 },
	{ 4, 22, 7, 1 }, { 4, 18, 7, 1 }, { 4, 14, 5, 1 }, { 3, 16, 6, 1 }, { 3, 14, 3, 1 },
	{ 4, 14, 5, 0 }, { 3, 12, 4, 0 }, { 4, 18, 7, 0 },
};

void
graph_fit(struct graph_page *p, const struct graph *g, int rows, int cols)
{
	size_t i, n = sizeof(sizes) / sizeof(*sizes);
	uint32_t k;

	p->is_list = g->ngroups > LAYOUT_GROUPS || g->nlinks > LAYOUT_LINKS;
	p->is_made = 1;
	p->made_rows = rows;
	p->made_cols = cols;
	p->pan_row = p->pan_col = 0;
	if (p->is_list)
		return;
	free(p->text_cols);
	p->text_cols = xcalloc((size_t)g->ngroups + 1, sizeof(*p->text_cols));
	for (k = 0; k < g->ngroups; k++)
		p->text_cols[k] = (int)strlen(graph_text(g, g->group[k].name)) +
			snprintf(NULL, 0, " %u", g->group[k].n);
	for (i = 0; i < n; i++) {
		p->size = sizes[i];
		if (p->size.fold)
			p->size.fold = cols;
		layout_fini(&p->layout);
		layout_make(&p->layout, g, p->text_cols, &p->size);
		if (p->layout.rows <= rows && p->layout.cols <= cols)
			break;
	}
}

uint32_t
graph_nranges(const struct graph_cut *c)
{
	return c->step ? (c->n + c->step - 1) / c->step : 0;
}

/* ---- states of tasks --------------------------------------------------- */

/* Where states are read: the live block of the run there is, or of a past
 * one.  Planned: a task without predecessors is ready. */
struct states {
	const struct graph *g;
	const _Atomic uint32_t *word;
};

static struct states
states_of(struct session *session)
{
	const struct live_head *live = session_live(session);

	return (struct states){
		session_graph(session),
		live ? live_words(live) : NULL
	};
}

static enum task_state
state_at(const struct states *s, uint32_t task)
{
	if (s->word)
		return task_state_of(atomic_load_explicit(&s->word[task], memory_order_relaxed));
	return graph_npred(s->g, task) ? TASK_BLOCKED : TASK_READY;
}

static void
add_state(struct live_sum *sum, enum task_state state)
{
	uint32_t *const field[TASK_STATES] = {
		&sum->blocked, &sum->ready, &sum->running, &sum->done, &sum->failed,
		&sum->skipped, &sum->held, &sum->stopped,
	};

	++*field[state];
}

/* The task after one in its group. */
static uint32_t
next_task(const struct graph *g, uint32_t group, uint32_t task)
{
	task++;
	if (g->group_of)
		while (task < g->csr.ntasks && g->group_of[task] != group)
			task++;
	return task;
}

/* Ranges are counted a share a frame, so that a frame never costs O(tasks):
 * all at once when they come to be shown, later by turns. */
static void
count_ranges(struct graph_page *p, const struct states *s, uint32_t group)
{
	enum { SHARE = 1 << 16 };
	const struct graph_cut *c = &p->cut[p->depth];
	uint32_t n = graph_nranges(c), r, i, from, many, done = 0, task;

	for (r = 0; r < n && (!p->has_sums || done < SHARE); r++) {
		i = (p->next_sum + r) % n;
		from = c->from + i * c->step;
		many = c->n - i * c->step < c->step ? c->n - i * c->step : c->step;
		p->sum[i] = (struct live_sum){ 0 };
		task = graph_nth(s->g, group, from);
		for (done += many; many; many--, task = next_task(s->g, group, task))
			add_state(&p->sum[i], state_at(s, task));
	}
	p->next_sum = n ? (p->next_sum + r) % n : 0;
	p->has_sums = 1;
}

/* ---- what is needed and fed -------------------------------------------- */

static uint32_t
place_of(const struct graph *g, uint32_t group, uint32_t task)
{
	return g->group_of ? graph_index(g, task) : task - g->group[group].first;
}

static void
add_side(struct graph_side *side, uint32_t *n, uint64_t *all, const struct graph *g, uint32_t task)
{
	uint32_t group = graph_group_of(g, task), place = place_of(g, group, task), i;

	for (i = 0; i < *n; i++)
		if (side[i].group == group)
			break;
	if (i == GRAPH_SIDE)
		return;
	if (i == *n) {
		++*n;
		++*all;
		side[i] = (struct graph_side){ HEDDLE_NONE, group, place, place, 0, TASK_BLOCKED };
	}
	side[i].edges++;
	if (place < side[i].from)
		side[i].from = place;
	if (place > side[i].to)
		side[i].to = place;
}

/* Over all edges of the range: once when another one is selected. */
static void
range_sides(struct graph_page *p, const struct graph *g, uint32_t group, uint32_t from, uint32_t n)
{
	uint32_t task = graph_nth(g, group, from);
	uint64_t e;

	p->nneed = p->nfeed = 0;
	p->nneed_all = p->nfeed_all = 0;
	for (; n; n--, task = next_task(g, group, task)) {
		for (e = g->csr.pred_at[task]; e < g->csr.pred_at[task + 1]; e++)
			add_side(p->need, &p->nneed, &p->nneed_all, g, g->csr.pred[e]);
		for (e = g->csr.succ_at[task]; e < g->csr.succ_at[task + 1]; e++)
			add_side(p->feed, &p->nfeed, &p->nfeed_all, g, g->csr.succ[e]);
	}
}

static void
task_side(struct graph_side *side, uint32_t *n, uint64_t *all, const struct states *s,
	  const heddle_task *task, uint64_t from, uint64_t to)
{
	uint64_t e;

	*all = to - from;
	for (*n = 0, e = from; e < to && *n < GRAPH_SIDE; e++, ++*n)
		side[*n] = (struct graph_side){ task[e], graph_group_of(s->g, task[e]), 0, 0, 1,
			state_at(s, task[e]) };
}

static void
task_sides(struct graph_page *p, const struct states *s, uint32_t task)
{
	const struct heddle_graph *c = &s->g->csr;

	task_side(p->need, &p->nneed, &p->nneed_all, s, c->pred, c->pred_at[task], c->pred_at[task + 1]);
	task_side(p->feed, &p->nfeed, &p->nfeed_all, s, c->succ, c->succ_at[task], c->succ_at[task + 1]);
}

/* ---- the page ---------------------------------------------------------- */

void
graph_goto(struct ui *ui, uint32_t task)
{
	struct graph_page *p = graph_page_of(ui);
	const struct graph *g = ui->view->graph;

	p->group = ui->group.at = graph_group_of(g, task);
	p->zoom = ZOOM_TASKS;
	p->depth = -1;
	p->task.at = place_of(g, ui->group.at, task);
}

/* Another group may have been selected elsewhere since. */
static void
settle(struct ui *ui, struct graph_page *p)
{
	if (ui->group.at >= ui->view->graph->ngroups)
		ui->group.at = 0;
	if (p->zoom != ZOOM_GROUPS && p->group != ui->group.at)
		p->zoom = ZOOM_GROUPS;
}

static uint32_t
selected_task(const struct ui *ui)
{
	const struct graph_page *p = ui->graph;
	const struct graph *g = ui->view->graph;

	if (!p || !g->ngroups)
		return HEDDLE_NONE;
	if (p->zoom == ZOOM_TASKS)
		return graph_nth(g, ui->group.at, p->task.at);
	if (p->zoom == ZOOM_GROUPS && g->group[ui->group.at].n == 1)
		return g->group[ui->group.at].first;
	return HEDDLE_NONE;
}

static void
seek_failed(struct ui *ui, const struct states *s, int step)
{
	uint32_t n = s->g->csr.ntasks, task = selected_task(ui), i;

	if (task == HEDDLE_NONE)
		task = n ? s->g->group[ui->group.at].first : 0;
	for (i = 0; i < n; i++) {
		task = step > 0 ? (task + 1) % n : (task + n - 1) % n;
		if (state_at(s, task) == TASK_FAILED) {
			graph_goto(ui, task);
			return;
		}
	}
	ui_say(ui, 0, "no task has failed");
}

static void
fill_tasks(struct ui *ui, struct graph_page *p, const struct states *s)
{
	uint32_t n = s->g->group[ui->group.at].n, i, task;

	cursor_settle(&p->task, n, ui->body_rows - 1);
	task = graph_nth(s->g, ui->group.at, p->task.top);
	for (i = 0; i < GRAPH_ROWS && p->task.top + i < n; i++) {
		p->state[i] = state_at(s, task);
		task = next_task(s->g, ui->group.at, task);
	}
	p->nstates = i;
	task_sides(p, s, graph_nth(s->g, ui->group.at, p->task.at));
}

static void
fill_ranges(struct ui *ui, struct graph_page *p, const struct states *s)
{
	struct graph_cut *c = &p->cut[p->depth];
	uint32_t from, n;

	count_ranges(p, s, ui->group.at);
	cursor_settle(&c->cursor, graph_nranges(c), GRAPH_RANGES);
	from = c->from + c->cursor.at * c->step;
	n = c->from + c->n - from < c->step ? c->from + c->n - from : c->step;
	if (p->side_of[0] == from && p->side_of[1] == n)
		return;
	range_sides(p, s->g, ui->group.at, from, n);
	p->side_of[0] = from;
	p->side_of[1] = n;
}

static void
graph_page_fill(struct ui *ui, struct session *session)
{
	struct graph_page *p = graph_page_of(ui);
	struct states s = states_of(session);

	if (!s.g->ngroups)
		return;
	settle(ui, p);
	if (p->seek)
		seek_failed(ui, &s, p->seek);
	p->seek = 0;
	if (p->zoom == ZOOM_TASKS)
		fill_tasks(ui, p, &s);
	if (p->zoom == ZOOM_RANGES)
		fill_ranges(ui, p, &s);
}

static void
graph_draw(struct surface *s, struct ui *ui)
{
	struct graph_page *p = graph_page_of(ui);
	int below = s->rows >= 16 ? 5 : s->rows >= 12 ? 3 : 0;
	struct surface part;

	if (!ui->view->graph->ngroups) {
		put(s, 0, 1, STYLE_DIM, "the graph has no task");
		return;
	}
	settle(ui, p);
	cursor_settle(&ui->group, ui->view->graph->ngroups, s->rows);
	part = surface_part(s, 0, 0, s->rows - below, s->cols);
	if (p->zoom == ZOOM_GROUPS)
		panel_graph_groups(&part, ui);
	else if (p->zoom == ZOOM_RANGES)
		panel_graph_ranges(&part, ui);
	else
		panel_graph_tasks(&part, ui);
	part = surface_part(s, s->rows - below, 0, below, s->cols);
	panel_graph_selected(&part, ui);
}

static void
cut(struct graph_page *p, int depth, uint32_t from, uint32_t n)
{
	uint32_t step = 1;

	while ((n + step - 1) / step > GRAPH_RANGES)
		step *= 2;
	p->depth = depth;
	p->cut[depth] = (struct graph_cut){ .from = from, .n = n, .step = step };
	p->zoom = ZOOM_RANGES;
	p->has_sums = 0;
	p->next_sum = 0;
	p->side_of[1] = 0;
}

/* One level nearer: a group of many tasks opens into ranges, a range into
 * smaller ones, the smallest into tasks. */
static void
nearer(struct ui *ui, struct graph_page *p)
{
	const struct graph_group *group = &ui->view->graph->group[ui->group.at];
	const struct graph_cut *c;
	uint32_t from;

	p->group = ui->group.at;
	if (p->zoom == ZOOM_GROUPS && group->n > 64) {
		cut(p, 0, 0, group->n);
	} else if (p->zoom == ZOOM_GROUPS) {
		p->zoom = ZOOM_TASKS;
		p->depth = -1;
		p->task = (struct cursor){ 0 };
	} else if (p->zoom == ZOOM_RANGES) {
		c = &p->cut[p->depth];
		from = c->from + c->cursor.at * c->step;
		if (c->step > 64 && p->depth + 1 < GRAPH_DEPTH) {
			cut(p, p->depth + 1, from, c->from + c->n - from < c->step ?
			    c->from + c->n - from : c->step);
			return;
		}
		p->zoom = ZOOM_TASKS;
		p->task = (struct cursor){ from, from };
	}
}

static void
farther(struct graph_page *p)
{
	p->has_sums = 0;
	p->side_of[1] = 0;
	if (p->zoom == ZOOM_TASKS)
		p->zoom = p->depth >= 0 ? ZOOM_RANGES : ZOOM_GROUPS;
	else if (p->zoom == ZOOM_RANGES && p->depth-- == 0)
		p->zoom = ZOOM_GROUPS;
}

/* The box nearest in a direction: beside counts more than far. */
static void
walk(struct ui *ui, struct graph_page *p, int right, int down)
{
	const struct layout_box *box = p->layout.box, *at = &box[ui->group.at], *b;
	long best = 1000000, cost, dx, dy;
	uint32_t i, to = ui->group.at;

	for (i = 0; i < ui->view->graph->ngroups; i++) {
		b = &box[i];
		dx = right * (b->layer - at->layer);
		dy = down * (b->row - at->row);
		if ((right && dx <= 0) || (down && dy <= 0))
			continue;
		cost = right ? dx * 200 + labs((long)b->row - at->row) : dy * 4 + labs((long)b->col - at->col);
		if (cost < best) {
			best = cost;
			to = i;
		}
	}
	ui->group.at = to;
}

static int
groups_act(struct ui *ui, struct graph_page *p, enum action action)
{
	uint32_t n = ui->view->graph->ngroups;

	if (p->is_list || !p->is_made)	/* no picture yet: a key came before the first frame */
		return cursor_act(&ui->group, action, n, ui->body_rows);
	switch (action) {
	case ACT_LEFT:
		walk(ui, p, -1, 0);
		return 1;
	case ACT_RIGHT:
		walk(ui, p, 1, 0);
		return 1;
	case ACT_UP:
		walk(ui, p, 0, -1);
		return 1;
	case ACT_DOWN:
		walk(ui, p, 0, 1);
		return 1;
	case ACT_FAR_LEFT: case ACT_FAR_RIGHT:
		walk(ui, p, action == ACT_FAR_LEFT ? -1 : 1, 0);
		return 1;
	default:
		return cursor_act(&ui->group, action, n, ui->body_rows);
	}
}

static int
graph_act(struct ui *ui, const struct key_row *key)
{
	struct graph_page *p = graph_page_of(ui);
	uint32_t n = ui->view->graph->ngroups, task;

	if (!n)
		return 0;
	settle(ui, p);
	task = selected_task(ui);
	switch (key->action) {
	case ACT_MORE:
		nearer(ui, p);
		return 1;
	case ACT_LESS:
		farther(p);
		return 1;
	case ACT_BACK:
		if (p->zoom == ZOOM_GROUPS)
			return 0;
		farther(p);
		return 1;
	case ACT_FIT:
		p->zoom = ZOOM_GROUPS;
		p->is_made = 0;
		return 1;
	case ACT_OPEN:
		if (task != HEDDLE_NONE)
			ui_inspect(ui, task);
		else
			nearer(ui, p);
		return 1;
	case ACT_PREV_FAILED: case ACT_NEXT_FAILED:
		p->seek = key->action == ACT_PREV_FAILED ? -1 : 1;
		return 1;
	case ACT_PANE:
		ui->group.at = (ui->group.at + n + (uint32_t)key->arg) % n;
		p->zoom = ZOOM_GROUPS;
		return 1;
	default:
		if (ui_task_act(ui, key->action, task))
			return 1;
	}
	if (p->zoom == ZOOM_TASKS)
		return cursor_act(&p->task, key->action, ui->view->graph->group[ui->group.at].n, ui->body_rows);
	if (p->zoom == ZOOM_RANGES)
		return cursor_act(&p->cut[p->depth].cursor, key->action,
				  graph_nranges(&p->cut[p->depth]), ui->body_rows);
	return groups_act(ui, p, key->action);
}

const struct page page_graph = {
	.title = "GRAPH", .tab = "Graph", .word = "graph", .number = 2,
	.on = ON_GRAPH,
	.fill = graph_page_fill, .draw = graph_draw, .act = graph_act,
};
