/* SPDX-License-Identifier: MIT */
/* panel_frame - what is around every page: title, keys, footer, and how rows are shared out. */

#include "tui/panel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/graph/graph.h"

static int
serve(struct slot *slot, int n, int rows, int is_late, int is_more)
{
	int rank, i, more;

	for (rank = 0; rank < n; rank++)
		for (i = 0; i < n; i++) {
			if (slot[i].rank != rank || slot[i].is_late != is_late)
				continue;
			more = is_more ? slot[i].want - slot[i].rows : slot[i].min;
			if (is_more && more > rows)
				more = rows;
			if (more <= 0 || more > rows || (is_more && !slot[i].rows))
				continue;
			slot[i].rows += more;
			rows -= more;
		}
	return rows;
}

void
layout_rows(struct slot *slot, int n, int rows)
{
	int i, at = 0;

	for (i = 0; i < n; i++)
		slot[i].rows = 0;
	for (i = 0; i < 4; i++)
		rows = serve(slot, n, rows, i / 2, i % 2);
	for (i = 0; i < n; i++) {
		slot[i].at = at;
		at += slot[i].rows;
	}
}

void
flow_put(struct flow *f, enum style style, const char *fmt, ...)
{
	char buf[256];
	va_list ap;
	int width;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	width = put_width(f->s, buf);
	if (!f->col)
		f->col = 1;
	if (f->col > 1 && f->col + width > f->s->cols) {
		f->row++;
		f->col = 1;
	}
	f->col += put(f->s, f->row, f->col, style, buf) + 2;
}

static const struct { const char *word; enum style style; } status_words[RUN_STATES] = {
	[RUN_PLANNED] = { "PLANNED, r runs it", STYLE_TITLE },
	[RUN_RUNNING] = { "RUNNING", STYLE_TITLE },
	[RUN_PAUSED] = { "PAUSED, p goes on", STYLE_WARN },
	[RUN_STOPPING] = { "STOPPING", STYLE_WARN },
	[RUN_OK] = { "DONE", STYLE_TITLE },
	[RUN_FAILED] = { "FAILED", STYLE_FAILED },
	[RUN_STOPPED] = { "STOPPED", STYLE_WARN },
	[RUN_STUCK] = { "STUCK", STYLE_FAILED },
};

void
panel_title(struct surface *s, const struct ui *ui, const char *page)
{
	const struct view *v = ui->view;
	struct flow f = { s, 0, 1 };
	char buf[WRITE_MAX];

	fill(s, 0, 0, s->cols, STYLE_TITLE, ' ');
	flow_put(&f, STYLE_TITLE, "%s", page);
	flow_put(&f, STYLE_TITLE, "%.40s", v->job);
	if (v->number)
		flow_put(&f, STYLE_TITLE, "run %04u", v->number);
	flow_put(&f, status_words[v->status].style, "%s", status_words[v->status].word);
	if (v->status != RUN_PLANNED)
		flow_put(&f, STYLE_TITLE, "%s", write_clock(buf, v->now));
	if (v->finish && !v->end)
		flow_put(&f, STYLE_TITLE, "finish ~%s", write_clock(buf, v->finish));
	if (ui->is_frozen)
		flow_put(&f, STYLE_WARN, "FROZEN, Z thaws");
	if (v->is_then)
		flow_put(&f, STYLE_WARN, "THEN");
	if (s->cols < 120) {
		flow_put(&f, STYLE_TITLE, "%s", v->scheduler);
		return;
	}
	flow_put(&f, STYLE_TITLE, "scheduler %s", v->scheduler);
	if (v->executor[0])
		flow_put(&f, STYLE_TITLE, "executor %s", v->executor);
	flow_put(&f, STYLE_TITLE, v->workers == 1 ? "%u worker" : "%u workers", v->workers);
}

/* The keys of this page, or what was last answered. */
void
panel_keys(struct surface *s, const struct ui *ui)
{
	const struct key_row *row;
	struct flow f = { s, 0, 1 };
	char first[16];

	if (ui->note[0]) {
		put_cut(s, 0, 1, s->cols - 1, ui->is_note_bad ? STYLE_WARN : STYLE_BOLD, ui->note);
		return;
	}
	for (row = key_rows; row->action; row++) {
		if (!row->brief || !(row->pages & pages[ui->page]->on))
			continue;
		snprintf(first, sizeof(first), "%.*s", strlen(row->shown) == 3 ? 3 :
			 (int)strcspn(row->shown, " "), row->shown);
		if (f.col + (int)(strlen(first) + strlen(row->brief)) + 1 > s->cols)
			break;
		f.col += put(s, 0, f.col, STYLE_KEY, first) + 1;
		f.col += put(s, 0, f.col, STYLE_DIM, row->brief) + 2;
	}
}

static int
tab(struct surface *s, int col, const struct page *p, int is_here, int is_long)
{
	enum style style = is_here ? STYLE_TITLE : STYLE_PLAIN;

	col += putf(s, 0, col, is_here ? STYLE_TITLE : STYLE_KEY, "%d", p->number);
	if (is_long || is_here)
		col += put(s, 0, col, style, p->tab);
	return col + is_long;
}

void
panel_footer(struct surface *s, const struct ui *ui)
{
	static const char hint[] = "/find ?help :command q)uit";
	int i, col = 0;

	for (i = 0; i < PAGES; i++)
		if (pages[i]->number)
			col = tab(s, col, pages[i], i == (int)ui->page, s->cols >= 37);
	if (col + (int)sizeof(hint) <= s->cols)
		put_right(s, 0, s->cols - 1, STYLE_DIM, hint);
	else if (col + 6 <= s->cols)
		put_right(s, 0, s->cols, STYLE_DIM, "?help");
}
