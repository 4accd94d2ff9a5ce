/* SPDX-License-Identifier: MIT */
/* panel_graph - the graph as boxes and lines: groups, or one range or task with its neighbours. */

#include <stdio.h>
#include <string.h>

#include "core/graph/graph.h"
#include "tui/page_graph.h"
#include "tui/panel.h"
#include "tui/theme.h"

/* A name in so many columns: ".merge1" of "count.merge1" where both do not fit. */
static void
short_name(struct surface *s, int row, int col, int width, enum style style, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot && put_width(s, name) > width)
		name = dot;
	put_cut(s, row, col, width, style, name);
}

static void
box(struct surface *s, const struct ui *ui, uint32_t group, const struct layout_box *b, int row, int col)
{
	const struct graph_group *def = &ui->view->graph->group[group];
	const struct live_sum *sum = &ui->view->group[group].sum;
	int is_here = group == ui->group.at, inner = b->cols - 4, width;
	enum style edge = is_here ? STYLE_BOLD : sum->running ? STYLE_RUNNING : STYLE_DIM;
	uint64_t part[BAR_STATES];
	char n[WRITE_MAX];

	if (row + b->rows <= 0 || row >= s->rows || col + b->cols <= 0 || col >= s->cols)
		return;
	put_box(s, row, col, b->rows, b->cols, edge);
	bar_parts(sum, part);
	write_count(n, def->n);
	width = (int)strlen(n);
	if (b->rows == 3) {
		short_name(s, row + 1, col + 1, b->cols - 6, is_here ? STYLE_CURSOR : STYLE_PLAIN,
			   graph_text(ui->view->graph, def->name));
		bar(s, row + 1, col + b->cols - 4, 3, part, BAR_STATES, bar_styles, bar_marks);
		return;
	}
	short_name(s, row + 1, col + 2, inner - width - 1, is_here ? STYLE_CURSOR : STYLE_PLAIN,
		   graph_text(ui->view->graph, def->name));
	put_right(s, row + 1, col + 2 + inner, STYLE_DIM, n);
	bar(s, row + 2, col + 2, inner, part, BAR_STATES, bar_styles, bar_marks);
}

/* Between two points of a row or a column; the ends leave to where the line
 * goes on. */
static void
across(struct surface *s, enum style style, int row, int from, int to)
{
	for (; from <= to; from++)
		put_line(s, row, from, style, LINE_LEFT | LINE_RIGHT);
}

static void
upright(struct surface *s, enum style style, int col, int from, int to)
{
	int step = to > from ? 1 : -1;

	for (from += step; from != to && step * (to - from) > 0; from += step)
		put_line(s, from, col, style, LINE_UP | LINE_DOWN);
}

/* Right, up or down, right. */
static void
line(struct surface *s, enum style style, int row, int col, int turn, int to_row, int to_col, int is_arrow)
{
	int is_down = to_row > row;

	if (row == to_row) {
		across(s, style, row, col, to_col);
	} else {
		across(s, style, row, col, turn - 1);
		put_line(s, row, turn, style, LINE_LEFT | (is_down ? LINE_DOWN : LINE_UP));
		upright(s, style, turn, row, to_row);
		put_line(s, to_row, turn, style, LINE_RIGHT | (is_down ? LINE_UP : LINE_DOWN));
		across(s, style, to_row, turn + 1, to_col);
	}
	if (is_arrow)
		put_char(s, to_row, to_col, style, GLYPH_ARROW);
}

/* To the fold below: right, down, left, down, right. */
static void
fold_line(struct surface *s, enum style style, const struct layout_edge *e, int down, int right)
{
	int row = e->row + down, back = e->back_row + down, to = e->to_row + down;
	int turn = e->turn + right, col = e->back_col + right;

	across(s, style, row, e->col + right, turn - 1);
	put_line(s, row, turn, style, LINE_LEFT | LINE_DOWN);
	upright(s, style, turn, row, back);
	put_line(s, back, turn, style, LINE_LEFT | LINE_UP);
	across(s, style, back, col + 1, turn - 1);
	put_line(s, back, col, style, LINE_RIGHT | LINE_DOWN);
	upright(s, style, col, back, to);
	put_line(s, to, col, style, LINE_RIGHT | LINE_UP);
	across(s, style, to, col + 1, e->to_col + right);
	if (e->is_last)
		put_char(s, to, e->to_col + right, style, GLYPH_ARROW);
}

static void
edge(struct surface *s, enum style style, const struct layout_edge *e, int down, int right)
{
	if (e->back_row)
		fold_line(s, style, e, down, right);
	else
		line(s, style, e->row + down, e->col + right, e->turn + right, e->to_row + down,
		     e->to_col + right, e->is_last);
}

/* Does an edge touch the selected group? */
static int
is_near(const struct ui *ui, const struct layout_edge *e)
{
	const struct graph_link *l = &ui->view->graph->link[e->link];

	return l->from == ui->group.at || l->to == ui->group.at;
}

/* "8:1" on the line before the arrow, where it has room. */
static void
label(struct surface *s, const struct graph_link *l, int row, int from, int end)
{
	char in[WRITE_MAX], out[WRITE_MAX], text[2 * WRITE_MAX];
	int width;

	snprintf(text, sizeof(text), "%s:%s", write_count(in, l->fan_in), write_count(out, l->fan_out));
	width = (int)strlen(text);
	if (from + width + 2 <= end)
		put(s, row, end - width - 1, STYLE_DIM, text);
}

/* Keep the selected box on the screen. */
static void
pan(struct graph_page *p, const struct layout_box *b, int rows, int cols)
{
	if (b->col < p->pan_col)
		p->pan_col = b->col;
	if (b->col + b->cols > p->pan_col + cols)
		p->pan_col = b->col + b->cols - cols;
	if (b->row < p->pan_row)
		p->pan_row = b->row;
	if (b->row + b->rows > p->pan_row + rows)
		p->pan_row = b->row + b->rows - rows;
	if (p->pan_col < 0)
		p->pan_col = 0;
	if (p->pan_row < 0)
		p->pan_row = 0;
}

int
panel_graph_rows(struct ui *ui, int rows, int cols)
{
	struct graph_page *p = graph_page_of(ui);

	if (!ui->view->graph->ngroups)
		return 0;
	if (!p->is_made || p->made_rows != rows || p->made_cols != cols)
		graph_fit(p, ui->view->graph, rows, cols);
	return !p->is_list && p->layout.rows <= rows && p->layout.cols <= cols ? p->layout.rows : 0;
}

void
panel_graph_groups(struct surface *s, struct ui *ui)
{
	if (panel_graph_rows(ui, s->rows, s->cols) || !graph_page_of(ui)->is_list)
		panel_graph_boxes(s, ui);
	else
		panel_groups(s, ui);
}

void
panel_graph_boxes(struct surface *s, struct ui *ui)
{
	const struct graph *g = ui->view->graph;
	struct graph_page *p = ui->graph;
	const struct layout_edge *e;
	int down, right, pass;
	uint32_t i;

	pan(p, &p->layout.box[ui->group.at], s->rows, s->cols);
	down = p->layout.rows < s->rows ? (s->rows - p->layout.rows) / 2 : -p->pan_row;
	right = p->layout.cols < s->cols ? (s->cols - p->layout.cols) / 2 : -p->pan_col;
	for (pass = 0; pass < 2; pass++)	/* those of the selected group on top */
		for (i = 0; i < p->layout.nedges; i++)
			if (is_near(ui, &p->layout.edge[i]) == pass)
				edge(s, pass ? STYLE_BOLD : STYLE_DIM, &p->layout.edge[i], down, right);
	for (i = 0; i < p->layout.nedges; i++) {
		e = &p->layout.edge[i];
		if (e->is_last)
			label(s, &g->link[e->link], e->to_row + down, right +
			      (e->back_row ? e->to_col : e->row == e->to_row ? e->col : e->turn + 1),
			      e->to_col + right);
	}
	for (i = 0; i < g->ngroups; i++)
		box(s, ui, i, &p->layout.box[i], p->layout.box[i].row + down, p->layout.box[i].col + right);
}

/* ---- one range or task between what it needs and what it feeds --------- */

static void
side_text(char *buf, size_t n, const struct graph *g, const struct graph_side *side)
{
	char name[GRAPH_NAME], a[WRITE_MAX], b[WRITE_MAX];
	const char *group = graph_text(g, g->group[side->group].name);

	if (side->task != HEDDLE_NONE)
		snprintf(buf, n, "%c %s", task_state_marks[side->state], graph_name(g, side->task, name));
	else if (g->group[side->group].n == 1)
		snprintf(buf, n, "%s", group);
	else if (side->from == side->to)
		snprintf(buf, n, "%s/%u", group, side->from);
	else
		snprintf(buf, n, "%s %s..%s", group, write_count(a, side->from), write_count(b, side->to));
}

/* The sides of the row at in the middle columns [col, end); left and right of
 * them there are columns of their own. */
static void
sides(struct surface *s, const struct ui *ui, int at, int col, int end)
{
	const struct graph_page *p = ui->graph;
	const struct graph *g = ui->view->graph;
	char text[GRAPH_NAME + 40];
	int width = col - 8, row, first, i, n;

	n = (int)p->nneed < s->rows ? (int)p->nneed : s->rows;
	first = at - n / 2 < 0 ? 0 : at - n / 2 + n > s->rows ? s->rows - n : at - n / 2;
	for (i = 0; i < n; i++) {
		row = first + i;
		side_text(text, sizeof(text), g, &p->need[i]);
		put_cut(s, row, 1, width, p->need[i].task == HEDDLE_NONE ? group_style(p->need[i].group) :
			state_styles[p->need[i].state], text);
		line(s, STYLE_DIM, row, width + 2, width + 4, at, col - 2, 1);
	}
	n = (int)p->nfeed < s->rows ? (int)p->nfeed : s->rows;
	first = at - n / 2 < 0 ? 0 : at - n / 2 + n > s->rows ? s->rows - n : at - n / 2;
	for (i = 0; i < n; i++) {
		row = first + i;
		side_text(text, sizeof(text), g, &p->feed[i]);
		line(s, STYLE_DIM, at, end + 1, end + 3, row, end + 5, 1);
		put_cut(s, row, end + 7, s->cols - end - 7, p->feed[i].task == HEDDLE_NONE ?
			group_style(p->feed[i].group) : state_styles[p->feed[i].state], text);
	}
}

/* Columns of the middle: all of a narrow screen. */
static void
middle_of(const struct surface *s, int *col, int *end)
{
	*col = s->cols >= 72 ? s->cols * 3 / 10 : 0;
	*end = s->cols >= 72 ? s->cols * 7 / 10 : s->cols;
}

static void
heads(struct surface *s, const struct ui *ui, int col, const char *what)
{
	const struct graph *g = ui->view->graph;
	char word[GRAPH_NAME + 32];

	snprintf(word, sizeof(word), "%s of %.80s", what, graph_text(g, g->group[ui->group.at].name));
	rule(s, 0, col ? "NEEDS" : "");
	put(s, 0, col + 1, STYLE_HEAD, word);
	if (col)
		put(s, 0, s->cols * 7 / 10 + 7, STYLE_HEAD, "FEEDS");
}

void
panel_graph_ranges(struct surface *s, struct ui *ui)
{
	struct graph_page *p = ui->graph;
	struct graph_cut *c = &p->cut[p->depth];
	uint32_t n = graph_nranges(c), i, from, to;
	struct surface body = surface_part(s, 1, 0, s->rows - 1, s->cols);
	char text[80], a[WRITE_MAX], b[WRITE_MAX];
	uint64_t part[BAR_STATES];
	int col, end, row, space, is_here;

	middle_of(s, &col, &end);
	heads(s, ui, col, "RANGES");
	cursor_settle(&c->cursor, n, body.rows);
	space = n && (int)n * 2 <= body.rows ? 2 : 1;
	for (i = c->cursor.top; i < n && (int)(i - c->cursor.top) * space < body.rows; i++) {
		row = (int)(i - c->cursor.top) * space;
		is_here = i == c->cursor.at;
		from = c->from + i * c->step;
		to = from + c->step < c->from + c->n ? from + c->step : c->from + c->n;
		snprintf(text, sizeof(text), "[%s,%s)", write_count(a, from), write_count(b, to));
		put_cut(&body, row, col + 1, 15, is_here ? STYLE_CURSOR : STYLE_PLAIN, text);
		bar_parts(&p->sum[i], part);
		bar(&body, row, col + 17, end - col - 18, part, BAR_STATES, bar_styles, bar_marks);
		if (is_here && col)
			sides(&body, ui, row, col, end);
	}
}

void
panel_graph_tasks(struct surface *s, struct ui *ui)
{
	struct graph_page *p = ui->graph;
	const struct graph *g = ui->view->graph;
	struct surface body = surface_part(s, 1, 0, s->rows - 1, s->cols);
	uint32_t n = g->group[ui->group.at].n, i, k, task, top;
	char name[GRAPH_NAME], mark[3] = " ";
	int col, end, row;
	enum style style;

	middle_of(s, &col, &end);
	heads(s, ui, col, "TASKS");
	top = p->task.top;
	cursor_settle(&p->task, n, body.rows);
	for (i = p->task.top; i < n && (int)(i - p->task.top) < body.rows; i++) {
		row = (int)(i - p->task.top);
		task = graph_nth(g, ui->group.at, i);
		k = i - top;
		style = i == p->task.at ? STYLE_CURSOR : STYLE_PLAIN;
		if (k < p->nstates) {
			mark[0] = task_state_marks[p->state[k]];
			put(&body, row, col + 1, state_styles[p->state[k]], mark);
			put(&body, row, end - 9, state_styles[p->state[k]], task_state_names[p->state[k]]);
		}
		put_cut(&body, row, col + 3, end - col - 14, style, graph_name(g, task, name));
		if (i == p->task.at && col)
			sides(&body, ui, row, col, end);
	}
}

static void
links(struct flow *f, const struct graph *g, uint32_t group, int is_need)
{
	uint32_t i, other;
	int n = 0;

	for (i = 0; i < g->nlinks; i++) {
		if ((is_need ? g->link[i].to : g->link[i].from) != group)
			continue;
		other = is_need ? g->link[i].from : g->link[i].to;
		if (!n++)
			flow_put(f, STYLE_DIM, is_need ? "needs" : "feeds");
		flow_put(f, STYLE_PLAIN, "%s %u:%u (%llu edge%s)", graph_text(g, g->group[other].name),
			 g->link[i].fan_in, g->link[i].fan_out, (unsigned long long)g->link[i].n,
			 g->link[i].n == 1 ? "" : "s");
	}
}

void
panel_graph_selected(struct surface *s, const struct ui *ui)
{
	const struct view *v = ui->view;
	const struct graph *g = v->graph;
	uint32_t at = ui->group.at;
	const struct view_group *group = &v->group[at];
	struct flow f = { s, 1, 0 };
	char word[GRAPH_NAME + 16], buf[WRITE_MAX];

	snprintf(word, sizeof(word), "SELECTED %.90s", graph_text(g, g->group[at].name));
	rule(s, 0, word);
	flow_put(&f, STYLE_PLAIN, g->group[at].n == 1 ? "%u task" : "%u tasks", g->group[at].n);
	flow_put(&f, STYLE_DONE, "%u done", group->sum.done);
	flow_put(&f, STYLE_RUNNING, "%u running", group->sum.running);
	flow_put(&f, STYLE_READY, "%u ready", group->sum.ready);
	if (group->sum.held)
		flow_put(&f, STYLE_HELD, "%u held", group->sum.held);
	flow_put(&f, STYLE_PLAIN, "%u blocked", group->sum.blocked);
	if (group->sum.failed)
		flow_put(&f, STYLE_FAILED, "%u failed", group->sum.failed);
	if (group->sum.skipped)
		flow_put(&f, STYLE_SKIPPED, "%u skipped", group->sum.skipped);
	if (group->mean)
		flow_put(&f, STYLE_PLAIN, "mean %s", write_time(buf, group->mean));
	if (group->is_left_known && group->left)
		flow_put(&f, STYLE_PLAIN, "%s of work left", write_time(buf, group->left));
	f.row++, f.col = 0;
	links(&f, g, at, 1);
	f.row++, f.col = 0;
	links(&f, g, at, 0);
}
