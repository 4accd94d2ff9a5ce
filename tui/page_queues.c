/* SPDX-License-Identifier: MIT */
/* page_queues - what runs, what is ready and in which order, what is held and why, what waits for what. */

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/graph/graph.h"
#include "tui/panel.h"
#include "tui/theme.h"

enum { PANE_RUNNING, PANE_READY, PANE_HELD, PANES };
enum { WIDE = 120 };

/* The list a pane shows; the cursor is ui->row. */
static const struct view_task *
list_of(const struct view *v, int pane, uint32_t *n)
{
	switch (pane) {
	case PANE_RUNNING:
		*n = v->nrunning_list;
		return v->running;
	case PANE_READY:
		*n = v->nready_list;
		return v->ready;
	default:
		*n = v->nheld_list;
		return v->held_list;
	}
}

/* A window of a list: its first row, that the cursor is in it when the pane
 * is the chosen one. */
static uint32_t
first_of(struct ui *ui, int pane, uint32_t n, int rows)
{
	if (ui->pane != pane)
		return 0;
	cursor_settle(&ui->row, n, rows);
	return ui->row.top;
}

static enum style
row_style(const struct ui *ui, int pane, uint32_t i)
{
	return ui->pane == pane && ui->row.at == i ? STYLE_CURSOR : STYLE_PLAIN;
}

static void
running(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	char word[48], a[WRITE_MAX], b[WRITE_MAX + 1];
	int row, left = s->cols - 9, since = s->cols - 18;
	uint32_t i, first;
	const struct view_task *t;

	snprintf(word, sizeof(word), "RUNNING %u", v->sum.running);
	rule(s, 0, word);
	put_right(s, 0, since + 8, STYLE_HEAD, "for");
	put_right(s, 0, left + 8, STYLE_HEAD, "of");
	first = first_of(ui, PANE_RUNNING, v->nrunning_list, s->rows - 1);
	for (i = first, row = 1; i < v->nrunning_list && row < s->rows; i++, row++) {
		t = &v->running[i];
		fill(s, row, 0, s->cols - 1, row_style(ui, PANE_RUNNING, i), ' ');
		if (t->worker != HEDDLE_NONE)
			putf(s, row, 0, row_style(ui, PANE_RUNNING, i), "%2u", t->worker);
		put_cut(s, row, 3, since - 3, row_style(ui, PANE_RUNNING, i), t->name);
		put_right(s, row, since + 8, STYLE_RUNNING, write_time(a, t->since));
		snprintf(b, sizeof(b), t->expect ? "~%s" : "-", write_time(a, t->expect));
		put_right(s, row, left + 8, STYLE_DIM, b);
	}
}

static void
ready(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	char word[48], buf[WRITE_MAX];
	int row, rank = s->cols - 22;
	uint32_t i, first, n = v->nready_list;
	const struct view_task *t;
	enum style style;

	snprintf(word, sizeof(word), "READY %u", v->sum.ready);
	rule(s, 0, word);
	put_right(s, 0, rank + 9, STYLE_HEAD, "rank");
	put_right(s, 0, rank + 17, STYLE_HEAD, "wait");
	put_right(s, 0, rank + 21, STYLE_HEAD, "on");
	first = first_of(ui, PANE_READY, n, s->rows - 1);
	for (i = first, row = 1; i < n && row < s->rows; i++, row++) {
		t = &v->ready[i];
		style = row_style(ui, PANE_READY, i);
		fill(s, row, 0, s->cols - 1, style, ' ');
		if (row == s->rows - 1 && i + 1 < n + v->nready_more && ui->pane != PANE_READY) {
			putf(s, row, 1, STYLE_DIM, "... %llu more (Tab)",
			     (unsigned long long)(n - i + v->nready_more));
			break;
		}
		put_cut(s, row, 1, rank - 1, style, t->name);
		snprintf(word, sizeof(word), "%.4g", t->rank);
		put_right(s, row, rank + 9, style, t->rank == t->rank ? word : "-");
		put_right(s, row, rank + 17, style == STYLE_PLAIN ? STYLE_DIM : style,
			  t->since == UINT64_MAX ? "-" : write_time(buf, t->since));
		if (t->worker != HEDDLE_NONE)
			put_right(s, row, rank + 21, style, write_count(buf, t->worker));
	}
}

static void
held(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	uint32_t i, first, n = v->nheld_list;
	const struct view_task *t;
	enum style style;
	char word[48];
	int row;

	snprintf(word, sizeof(word), "HELD %u", v->sum.held);
	rule(s, 0, word);
	put_right(s, 0, s->cols - 1, STYLE_HEAD, "held by");
	first = first_of(ui, PANE_HELD, n, s->rows - 1);
	for (i = first, row = 1; i < n && row < s->rows; i++, row++) {
		t = &v->held_list[i];
		style = row_style(ui, PANE_HELD, i);
		fill(s, row, 0, s->cols - 1, style, ' ');
		put_cut(s, row, 1, s->cols / 2 - 2, style, t->name);
		put_cut(s, row, s->cols / 2, s->cols - s->cols / 2 - 1,
			style == STYLE_PLAIN ? STYLE_HELD : style, t->note);
	}
	if (!n)
		put(s, 1, 1, STYLE_DIM, "no ready task is kept back");
}

static void
blocked(struct surface *s, const struct view *v)
{
	const struct view_wait *w;
	char word[64];
	uint32_t i;
	int row;

	snprintf(word, sizeof(word), "BLOCKED %u, by what they wait for", v->sum.blocked);
	rule(s, 0, word);
	if (!v->nwaits)
		put(s, 1, 1, STYLE_DIM, "no task waits for another");
	for (i = 0, row = 1; i < v->nwaits && row < s->rows; i++, row++) {
		w = &v->waits[i];
		putf(s, row, 0, STYLE_PLAIN, "%8llu", (unsigned long long)w->count);
		put_cut(s, row, 9, 17, STYLE_PLAIN, w->group_name);
		put(s, row, 27, STYLE_DIM, "wait for");
		put_cut(s, row, 36, 17, STYLE_PLAIN, w->on_name);
		putf(s, row, 54, STYLE_DIM, s->cols < 84 ? "%u run %u rdy %u blk" :
		     "%u run  %u ready  %u blocked", w->sum.running,
		     w->sum.ready + w->sum.held, w->sum.blocked);
	}
}

/* Running and ready beside each other from 60 columns on; held below them. */
static void
queues_draw(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	int most = v->nrunning_list > v->nready_list ? (int)v->nrunning_list : (int)v->nready_list;
	int is_beside = s->cols >= 60, left = is_beside ? s->cols * 2 / 5 : s->cols;
	struct slot slot[] = {
		{ .rank = 0, .min = 2, .want = 1 + most + (v->nready_more > 0) },
		{ .rank = 3, .min = is_beside ? 99999 : 2, .want = 1 + (int)v->nready_list },
		{ .rank = 2, .min = 2, .want = 1 + (v->nheld_list ? (int)v->nheld_list : 1) },
		{ .rank = 1, .min = 2, .want = 1 + (v->nwaits ? (int)v->nwaits : 1) },
		{ .rank = 4, .min = 1, .want = 1 + (v->nwhy ? 2 * (int)v->nwhy : 1) },
	};
	struct surface part;
	int i, cap = s->rows / 2;

	for (i = 0; i < 4; i++)
		if (slot[i].want > cap && i != 0)
			slot[i].want = cap / 2 > 2 ? cap / 2 : 2;
	if (slot[0].want > cap)
		slot[0].want = cap > 2 ? cap : 2;
	if (ui->pane == PANE_HELD && slot[2].want < 4)
		slot[2].want = 4;
	layout_rows(slot, 5, s->rows);
	part = surface_part(s, slot[0].at, 0, slot[0].rows, is_beside ? left - 1 : s->cols);
	running(&part, ui);
	part = is_beside ? surface_part(s, slot[0].at, left, slot[0].rows, s->cols - left) :
		surface_part(s, slot[1].at, 0, slot[1].rows, s->cols);
	ready(&part, ui);
	part = surface_part(s, slot[2].at, 0, slot[2].rows, s->cols);
	held(&part, ui);
	part = surface_part(s, slot[3].at, 0, slot[3].rows, s->cols);
	blocked(&part, v);
	part = surface_part(s, slot[4].at, 0, slot[4].rows, s->cols);
	panel_why(&part, v);
}

static int
queues_act(struct ui *ui, const struct key_row *key)
{
	const struct view_task *list;
	uint32_t n, task;

	list = list_of(ui->view, ui->pane, &n);
	task = ui->row.at < n ? list[ui->row.at].task : HEDDLE_NONE;
	switch (key->action) {
	case ACT_PANE:
		ui->pane = (ui->pane + PANES + key->arg) % PANES;
		ui->row = (struct cursor){ 0 };
		ui->queue_offset = 0;
		return 1;
	case ACT_OPEN:
		ui_inspect(ui, task);
		return 1;
	case ACT_DOWN: case ACT_PAGE_DOWN: case ACT_HALF_DOWN:
		/* the view has a window on the whole queue: move it */
		if (ui->row.at + 1 >= n && n == VIEW_LIST &&
		    (ui->pane == PANE_READY ? ui->view->nready_more : ui->view->nheld_more)) {
			ui->queue_offset += VIEW_LIST / 2;
			ui->row.at -= VIEW_LIST / 2;
		}
		break;
	case ACT_UP: case ACT_PAGE_UP: case ACT_HALF_UP:
		if (!ui->row.at && ui->queue_offset) {
			ui->queue_offset -= VIEW_LIST / 2;
			ui->row.at = VIEW_LIST / 2;
		}
		break;
	case ACT_FIRST:
		ui->queue_offset = 0;
		break;
	default:
		if (ui_task_act(ui, key->action, task))
			return 1;
	}
	return cursor_act(&ui->row, key->action, n, ui->body_rows / 2);
}

const struct page page_queues = {
	.title = "QUEUES", .tab = "Queue", .word = "queues", .number = 4,
	.on = ON_QUEUES,
	.want = VIEW_READY | VIEW_RUNNING | VIEW_WAITS | VIEW_HELD,
	.draw = queues_draw, .act = queues_act,
};
