/* SPDX-License-Identifier: MIT */
/* panel_workers - what each worker runs, how busy it is, and what it did of late. */

#include "tui/panel.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/graph/graph.h"
#include "tui/theme.h"

enum { NARROWEST = 22, STRIP_FROM = 120 };

uint32_t
view_workers_shown(const struct view *v)
{
	uint32_t n = v->nworkers;

	while (n > v->workers && !v->worker[n - 1].account.total)
		n--;
	return n;
}

static int
columns_of(const struct view *v, int cols, int rows)
{
	int workers = (int)view_workers_shown(v), most = cols / NARROWEST;
	int n = cols >= STRIP_FROM && workers <= rows ? 1 : 2;

	while (n < most && (workers + n - 1) / n > rows)
		n++;
	if (n > workers)
		n = workers;
	return n > most && most > 0 ? most : n > 0 ? n : 1;
}

int
panel_workers_rows(const struct view *v, int cols)
{
	int n = cols < 2 * NARROWEST ? 1 : 2;

	if (cols >= STRIP_FROM && view_workers_shown(v) <= 16)
		n = 1;
	return ((int)view_workers_shown(v) + n - 1) / n;
}

enum style
class_style(enum run_class class)
{
	switch (class) {
	case CLASS_RUN_CPU: case CLASS_RUN_WAIT:
		return STYLE_RUNNING;
	case CLASS_OVH: case CLASS_RES: case CLASS_HOLD:
		return STYLE_WARN;
	default:
		return STYLE_IDLE;
	}
}

static int
is_idle(const struct view_worker *w)
{
	return w->task == HEDDLE_NONE;
}

/* [|||||||wwwddd  62%]: on a core, in tasks that waited, and the letter of
 * why it is idle where it is now. */
static void
busy(struct surface *s, int row, int col, int width, const struct view_worker *w)
{
	int inner = width - 7, wait, rest;
	double busy = w->busy < 0 ? 0 : w->busy, waiting = w->waiting < 0 ? 0 : w->waiting;

	put_char(s, row, col, STYLE_PLAIN, '[');
	put_char(s, row, col + width - 1, STYLE_PLAIN, ']');
	if (inner > 0) {
		rest = (int)(busy * inner + 0.999);
		wait = (int)(waiting * inner + 0.5);
		if (is_idle(w) && w->class < CLASS_N && w->class > CLASS_RUN_WAIT)
			fill(s, row, col + 1 + rest + wait, inner - rest - wait,
			     class_style(w->class), class_letters[w->class]);
		fill(s, row, col + 1 + rest, rest + wait > inner ? inner - rest : wait,
		     STYLE_HELD, 'w');
		gauge(s, row, col + 1, inner, STYLE_RUNNING, busy);
	}
	if (width >= 7)
		putf(s, row, col + width - 6, STYLE_PLAIN, "%4.0f%%", 100 * (busy + waiting));
}

static void
worker(struct surface *s, uint32_t i, const struct view_worker *w, int is_here)
{
	char since[WRITE_MAX];
	int width = s->cols < 30 ? 12 : s->cols / 2 - 4, col = 0;
	int time = s->cols >= 44 ? 8 : 0;

	if (width > 32)
		width = 32;
	col = putf(s, 0, 0, is_here ? STYLE_CURSOR : STYLE_PLAIN, "%2u", i);
	busy(s, 0, col, width, w);
	col += width + 1;
	if (is_idle(w))
		putf(s, 0, col, STYLE_IDLE, w->class < CLASS_N && w->class != CLASS_OVH ? "idle %s" : "-",
		     w->class < CLASS_N ? class_names[w->class] : "");
	else
		put_cut(s, 0, col, s->cols - col - time - 1, STYLE_PLAIN, w->name);
	if (time)
		put_right(s, 0, s->cols - 1, STYLE_DIM, write_time(since, w->since));
}

void
panel_cells(struct surface *s, int row, int col, const struct view_cell *cell, int n,
	    const struct graph *g, const char *letters)
{
	int i, from;
	const struct view_cell *c;
	char name[GRAPH_NAME];

	for (i = 0; i < n; i++) {
		c = &cell[i];
		if (c->task == HEDDLE_NONE) {
			if (c->class < CLASS_N)
				put_char(s, row, col + i, class_style(c->class), class_letters[c->class]);
			continue;
		}
		put_char(s, row, col + i, group_style(c->group),
			 c->group < g->ngroups ? letters[c->group] : '+');
	}
	/* a task of many cells has its name: [name------] */
	for (from = 0; from < n; from = i) {
		c = &cell[from];
		for (i = from + 1; i < n && cell[i].task == c->task; i++)
			;
		if (c->task == HEDDLE_NONE || i - from < 4)
			continue;
		fill(s, row, col + from, i - from, group_style(c->group), GLYPH_H);
		if (c->is_start || from)
			put_char(s, row, col + from, group_style(c->group), '[');
		if (cell[i - 1].is_end || i < n)
			put_char(s, row, col + i - 1, group_style(c->group), ']');
		put_cut(s, row, col + from + 1, i - from - 2, group_style(c->group),
			graph_name(g, c->task, name));
	}
}

static void
strip(struct surface *s, const struct ui *ui, uint32_t worker)
{
	uint32_t row = worker - ui->strip_first;

	if (worker >= ui->strip_first && row < (uint32_t)ui->strip_rows)
		panel_cells(s, 0, 0, ui->strip + (size_t)row * ui->strip_cols, ui->strip_cols,
			    ui->view->graph, ui->letters);
}

/* Over the strips, where there is a row for it. */
static struct surface
head(struct surface *s, const struct ui *ui)
{
	rule(s, 0, "WORKERS");
	putf(s, 0, s->cols - ui->strip_cols - 1, STYLE_HEAD, "last %llu s",
	     (unsigned long long)(ui->strip_ns / 1000000000));
	return surface_part(s, 1, 0, s->rows - 1, s->cols);
}

void
panel_workers(struct surface *whole, struct ui *ui)
{
	const struct view *v = ui->view;
	int has_head = ui->strip_cols > 0 && whole->rows > (int)view_workers_shown(v);
	struct surface body = has_head ? head(whole, ui) : *whole, *s = &body;
	int n = columns_of(v, s->cols, s->rows), rows = s->rows, width = s->cols / n, i, at;
	int is_strip = n == 1 && ui->strip_cols > 0;
	uint32_t shown = view_workers_shown(v);
	struct surface part;
	char more[32];

	cursor_settle(&ui->worker, shown, n * rows);
	if (is_strip)
		width = s->cols - ui->strip_cols - 1;
	for (i = 0; i < n * rows && ui->worker.top + i < shown; i++) {
		at = (int)ui->worker.top + i;
		part = surface_part(s, i % rows, i / rows * width, 1, width);
		worker(&part, (uint32_t)at, &v->worker[at], ui->pane == 0 && at == (int)ui->worker.at);
		part = surface_part(s, i, width, 1, s->cols - width);
		if (is_strip)
			strip(&part, ui, (uint32_t)at);
	}
	if (ui->worker.top + n * rows < shown && rows > 0) {
		snprintf(more, sizeof(more), " %u more ", shown - ui->worker.top - n * rows);
		put_right(s, rows - 1, s->cols, STYLE_DIM, more);
	}
}
