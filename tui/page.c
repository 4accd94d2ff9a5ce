/* SPDX-License-Identifier: MIT */
/* page - the pages of the workbench, and what the person has chosen on them. */

#include "tui/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "tui/page_graph.h"
#include "tui/page_log.h"
#include "tui/page_plugins.h"
#include "tui/page_task.h"
#include "tui/page_time.h"
#include "tui/panel.h"
#include "tui/theme.h"

const struct page *const pages[PAGES] = {
	[PAGE_OVERVIEW] = &page_overview,
	[PAGE_GRAPH] = &page_graph,
	[PAGE_TIME] = &page_time,
	[PAGE_QUEUES] = &page_queues,
	[PAGE_PLUGINS] = &page_plugins,
	[PAGE_LOG] = &page_log,
	[PAGE_HELP] = &page_help,
	[PAGE_TASK] = &page_task,
};

const struct page *
page_by_number(int number)
{
	int i;

	for (i = 0; i < PAGES; i++)
		if (number && pages[i]->number == number)
			return pages[i];
	return NULL;
}

void
cursor_settle(struct cursor *c, uint32_t n, int rows)
{
	uint32_t shown = rows > 0 ? (uint32_t)rows : 1;

	if (c->at >= n)
		c->at = n ? n - 1 : 0;
	if (c->top > c->at)
		c->top = c->at;
	if (c->at - c->top >= shown)
		c->top = c->at - shown + 1;
	if (n > shown && c->top > n - shown)
		c->top = n - shown;
	if (n <= shown)
		c->top = 0;
}

int
cursor_act(struct cursor *c, enum action action, uint32_t n, int rows)
{
	int64_t page = rows > 1 ? rows - 1 : 1, at = c->at;

	switch (action) {
	case ACT_UP:
		at--;
		break;
	case ACT_DOWN:
		at++;
		break;
	case ACT_HALF_UP:
		at -= (page + 1) / 2;
		break;
	case ACT_HALF_DOWN:
		at += (page + 1) / 2;
		break;
	case ACT_PAGE_UP:
		at -= page;
		break;
	case ACT_PAGE_DOWN:
		at += page;
		break;
	case ACT_FIRST:
		at = 0;
		break;
	case ACT_LAST:
		at = n;
		break;
	default:
		return 0;
	}
	if (at >= n)
		at = (int64_t)n - 1;
	c->at = at < 0 ? 0 : (uint32_t)at;
	return 1;
}

void
ui_init(struct ui *ui, const struct view *v, int ascii)
{
	*ui = (struct ui){ .view = v, .ascii = ascii, .task = HEDDLE_NONE };
	ui->letters = xcalloc((size_t)v->graph->ngroups + 1, 1);
	group_letters(v->graph, ui->letters);
}

void
ui_say(struct ui *ui, int is_bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->note, sizeof(ui->note), fmt, ap);
	va_end(ap);
	ui->is_note_bad = is_bad;
}

void
ui_do(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->command, sizeof(ui->command), fmt, ap);
	va_end(ap);
}

void
ui_page(struct ui *ui, enum page_id page)
{
	if (page == ui->page)
		return;
	if (ui->page != PAGE_HELP && ui->page != PAGE_TASK)
		ui->back = ui->page;
	ui->page = page;
	ui->pane = 0;
	ui->row = (struct cursor){ 0 };
}

void
ui_inspect(struct ui *ui, uint32_t task)
{
	if (task == HEDDLE_NONE)
		return;
	ui->task = task;
	ui_page(ui, PAGE_TASK);
}

/* What heddle is asked for by a key on a task: verb, the task's name. */
static const struct { enum action action; const char *verb; } task_requests[] = {
	{ ACT_RETRY, "retry" },
	{ ACT_STOP, "kill" },
	{ ACT_HOLD, "flip" },
	{ ACT_RAISE, "raise" },
	{ ACT_LOWER, "lower" },
	{ ACT_LOG, "log" },
	{ ACT_YANK, "copy" },
};

int
ui_task_act(struct ui *ui, enum action action, uint32_t task)
{
	char name[GRAPH_NAME];
	size_t i;

	for (i = 0; i < sizeof(task_requests) / sizeof(*task_requests); i++) {
		if (task_requests[i].action != action || task == HEDDLE_NONE)
			continue;
		ui_do(ui, "%s %s", task_requests[i].verb, graph_name(ui->view->graph, task, name));
		return 1;
	}
	return 0;
}

static void
frame(struct surface *s, struct ui *ui, struct surface *body)
{
	int rows = s->rows, title = rows >= 5, foot = rows >= 3, keys = rows >= 10;
	struct surface part;

	*body = surface_part(s, title, 0, rows - title - foot - keys, s->cols);
	if (title) {
		part = surface_part(s, 0, 0, 1, s->cols);
		panel_title(&part, ui, pages[ui->page]->title);
	}
	if (foot) {
		part = surface_part(s, rows - 1, 0, 1, s->cols);
		panel_footer(&part, ui);
	}
	if (keys || (foot && ui->note[0])) {
		part = surface_part(s, rows - (keys ? 2 : 1), 0, 1, s->cols);
		fill(&part, 0, 0, part.cols, STYLE_PLAIN, ' ');
		panel_keys(&part, ui);
	}
}

void
page_draw(struct surface *s, struct ui *ui)
{
	struct surface body;

	text_clear(&ui->idle);
	account_idle_line(&ui->view->account, &ui->idle);
	surface_clear(s);
	frame(s, ui, &body);
	ui->body_rows = body.rows;
	ui->body_cols = body.cols;
	pages[ui->page]->draw(&body, ui);
}

void
ui_fini(struct ui *ui)
{
	size_t i;

	if (ui->graph) {
		layout_fini(&ui->graph->layout);
		free(ui->graph->text_cols);
	}
	if (ui->time) {
		view_fini(&ui->time->then);
		free(ui->time->cell);
	}
	if (ui->log) {
		for (i = 0; i < ui->log->nnotes; i++)
			free(ui->log->note[i].text);
		free(ui->log->note);
		free(ui->log->line);
		free(ui->log->match);
		free(ui->log->shown);
	}
	if (ui->inspect)
		text_fini(&ui->inspect->tail);
	free(ui->graph);
	free(ui->time);
	free(ui->log);
	free(ui->inspect);
	free(ui->plugins);
	free(ui->strip);
	free(ui->letters);
	text_fini(&ui->idle);
}
