/* SPDX-License-Identifier: MIT */
/* page_overview - what every worker does, why it is idle, how far each group is. */

#include <stdlib.h>

#include "core/graph/graph.h"
#include "core/session/session.h"
#include "core/base/xalloc.h"
#include "tui/page_graph.h"
#include "tui/panel.h"

enum { PANE_WORKERS, PANE_GROUPS, PANES };
enum {
	SLOT_STATE, SLOT_COUNTS, SLOT_ACCOUNT, SLOT_WORKERS, SLOT_WHY,
	SLOT_GRAPH, SLOT_GROUPS, SLOT_HELD, SLOT_SERIES, SLOT_EVENTS, SLOTS
};

enum { WIDE = 120, GRAPH_MOST = 9 };

/* The stretch of time beside the workers, on wide screens. */
static void
overview_fill(struct ui *ui, struct session *session)
{
	const struct view *v = ui->view;
	uint64_t from;
	int n = (int)view_workers_shown(v), rows = n < ui->body_rows ? n : ui->body_rows, i;

	ui->strip_rows = ui->strip_cols = 0;
	if (ui->body_cols < WIDE || !v->now)
		return;
	ui->strip_cols = ui->body_cols - 76;
	ui->strip_first = ui->worker.top;
	ui->strip_ns = 20000000000ull;
	ui->strip = xrealloc(ui->strip, (size_t)rows * ui->strip_cols * sizeof(*ui->strip));
	from = v->now > ui->strip_ns ? v->now - ui->strip_ns : 0;
	for (i = 0; i < rows && ui->strip_first + (uint32_t)i < (uint32_t)n; i++)
		view_timeline(session_view(session), ui->strip_first + (uint32_t)i, from,
			      from + ui->strip_ns, ui->strip + i * ui->strip_cols, (uint32_t)ui->strip_cols);
	ui->strip_rows = i;
}

static void
overview_slots(struct slot *slot, struct ui *ui, int rows, int cols)
{
	const struct view *v = ui->view;
	int workers = panel_workers_rows(v, cols), lines = cols < 72 ? 2 : 1;
	int graph = cols >= WIDE ? panel_graph_rows(ui, GRAPH_MOST, cols) : 0;
	int why = panel_why_rows(v, cols), ngroups = (int)v->graph->ngroups;

	if (cols >= WIDE && workers > 1)
		workers++;	/* the head of the strips */
	if (workers > rows / 3)
		workers = rows / 3;
	if (why > rows / 4 && rows >= 12)
		why = rows / 4;
	slot[SLOT_STATE] = (struct slot){ .rank = 0, .min = 1, .want = 1 };
	slot[SLOT_COUNTS] = (struct slot){ .rank = 1, .min = 1, .want = lines };
	slot[SLOT_WHY] = (struct slot){ .rank = 2, .min = 1, .want = why };
	slot[SLOT_WORKERS] = (struct slot){ .rank = 3, .min = 1, .want = workers };
	slot[SLOT_ACCOUNT] = (struct slot){ .rank = 4, .min = 1, .want = lines };
	slot[SLOT_GROUPS] = (struct slot){ .rank = 5, .min = 3, .want = 1 + (ngroups > 1 ? ngroups : 2) };
	slot[SLOT_GRAPH] = (struct slot){ .rank = 7, .min = graph ? 1 + graph : rows + 1, .is_late = 1 };
	slot[SLOT_HELD] = (struct slot){ .rank = 6, .min = 1, .want = 1, .is_late = 1 };
	slot[SLOT_SERIES] = (struct slot){ .rank = 8, .min = 5, .want = 5, .is_late = 1 };
	slot[SLOT_EVENTS] = (struct slot){ .rank = 9, .min = 2, .want = 1 + VIEW_EVENTS, .is_late = 1 };
}

static struct surface
part_of(const struct surface *s, const struct slot *slot)
{
	return surface_part(s, slot->at, 0, slot->rows, s->cols);
}

static void
groups(struct surface *s, struct ui *ui)
{
	int left = s->cols * 3 / 5;
	struct surface part;

	if (s->cols < WIDE) {
		panel_groups(s, ui);
		return;
	}
	part = surface_part(s, 0, 0, s->rows, left);
	panel_groups(&part, ui);
	part = surface_part(s, 0, left, s->rows, s->cols - left);
	panel_ready(&part, ui->view);
}

static void
overview_draw(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	struct slot slot[SLOTS];
	struct surface part[SLOTS], below;
	int i;

	overview_slots(slot, ui, s->rows, s->cols);
	layout_rows(slot, SLOTS, s->rows);
	for (i = 0; i < SLOTS; i++)
		part[i] = part_of(s, &slot[i]);
	panel_state(&part[SLOT_STATE], v);
	panel_counts(&part[SLOT_COUNTS], v);
	panel_account(&part[SLOT_ACCOUNT], v, ui->idle.at ? ui->idle.at : "");
	panel_workers(&part[SLOT_WORKERS], ui);
	panel_why(&part[SLOT_WHY], v);
	if (slot[SLOT_GRAPH].rows) {
		rule(&part[SLOT_GRAPH], 0, "GRAPH (2: zoom)");
		below = surface_part(&part[SLOT_GRAPH], 1, 0, slot[SLOT_GRAPH].rows - 1, s->cols);
		panel_graph_boxes(&below, ui);
	}
	groups(&part[SLOT_GROUPS], ui);
	panel_held(&part[SLOT_HELD], v);
	panel_series(&part[SLOT_SERIES], v);
	panel_events(&part[SLOT_EVENTS], v);
}

static int
overview_act(struct ui *ui, const struct key_row *key)
{
	const struct view *v = ui->view;

	switch (key->action) {
	case ACT_PANE:
		ui->pane = (ui->pane + 1) % PANES;
		return 1;
	case ACT_MORE:
		ui_do(ui, "workers %u", v->workers + 1);
		return 1;
	case ACT_LESS:
		if (v->workers > 1)
			ui_do(ui, "workers %u", v->workers - 1);
		return 1;
	case ACT_OPEN:
		if (ui->pane == PANE_WORKERS && ui->worker.at < v->nworkers)
			ui_inspect(ui, v->worker[ui->worker.at].task);
		if (ui->pane == PANE_GROUPS)
			ui_page(ui, PAGE_GRAPH);
		return 1;
	default:
		return ui->pane == PANE_WORKERS ?
			cursor_act(&ui->worker, key->action, view_workers_shown(v), ui->body_rows) :
			cursor_act(&ui->group, key->action, v->graph->ngroups, ui->body_rows);
	}
}

const struct page page_overview = {
	.title = "heddle", .tab = "Over", .word = "overview", .number = 1,
	.on = ON_OVERVIEW,
	.want = VIEW_READY | VIEW_SERIES | VIEW_EVENTS_TOO,
	.fill = overview_fill, .draw = overview_draw, .act = overview_act,
};
