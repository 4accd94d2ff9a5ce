/* SPDX-License-Identifier: MIT */
/* page_time - a row a worker, a cursor, and what was so at that instant. */

#include "tui/page_time.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/session/session.h"
#include "tui/panel.h"
#include "tui/theme.h"

static struct time_page *
state_of(struct ui *ui)
{
	if (!ui->time) {
		ui->time = xcalloc(1, sizeof(*ui->time));
		ui->time->is_fit = ui->time->is_follow = 1;
	}
	return ui->time;
}

static int
columns_of(const struct ui *ui)
{
	int n = ui->body_cols - TIME_LABEL - 1;

	return n > 1 ? n : 1;
}

/* The stretch that is shown follows the run until someone says otherwise. */
static void
settle(struct ui *ui, struct time_page *t)
{
	uint64_t now = ui->view->now ? ui->view->now : 1, span;

	if (t->is_fit) {
		t->from = 0;
		t->to = now;
	}
	if (t->to <= t->from)
		t->to = t->from + 1;
	span = t->to - t->from;
	if (t->is_follow) {
		t->cursor = now;
		if (!t->is_fit) {
			t->to = now > span ? now : span;
			t->from = t->to - span;
		}
	}
	if (t->cursor > now)
		t->cursor = now;
	if (t->cursor < t->from)
		t->from = t->cursor, t->to = t->from + span;
	if (t->cursor > t->to)
		t->to = t->cursor, t->from = t->to - span;
}

static int
column_of(const struct time_page *t, uint64_t at, int cols)
{
	double part = ((double)at - (double)t->from) / (double)(t->to - t->from);
	int col = (int)(part * cols);

	return col < 0 ? 0 : col >= cols ? cols - 1 : col;
}

/* To the next start or end on the selected worker: cells finer and finer
 * around the first one that has it would be exact; rows are asked for by
 * cells, so the step is as fine as a cell of the screen. */
static void
step_event(struct ui *ui, struct time_page *t)
{
	int row = (int)(ui->worker.at - t->first), at = column_of(t, t->cursor, t->cols), i;
	const struct view_cell *cell;

	if (row < 0 || row >= t->rows)
		return;
	cell = t->cell + row * t->cols;
	for (i = at + t->step; i >= 0 && i < t->cols; i += t->step)
		if (cell[i].is_start || cell[i].is_end || cell[i].ntasks)
			break;
	if (i < 0 || i >= t->cols)
		return;
	t->cursor = t->from + (uint64_t)(((double)i + 0.5) * (double)(t->to - t->from) / t->cols);
	t->is_follow = 0;
}

static void
time_fill(struct ui *ui, struct session *session)
{
	struct time_page *t = state_of(ui);
	const struct view *v = ui->view;
	uint32_t i;

	settle(ui, t);
	t->cols = columns_of(ui);
	t->rows = (int)view_workers_shown(v) < ui->body_rows ?
		(int)view_workers_shown(v) : ui->body_rows;
	t->first = ui->worker.top;
	t->cell = xrealloc(t->cell, ((size_t)t->rows * t->cols + 1) * sizeof(*t->cell));
	for (i = 0; (int)i < t->rows; i++) {
		if (t->first + i >= view_workers_shown(v)) {
			t->rows = (int)i;
			break;
		}
		view_timeline(session_view(session), t->first + i, t->from, t->to,
			      t->cell + i * t->cols, (uint32_t)t->cols);
	}
	if (t->step)
		step_event(ui, t);
	t->step = 0;
	t->has_then = 0;
	if (t->is_follow || !v->now)
		return;
	if (t->then_at != t->cursor || t->then_end != v->end || !t->then.graph)
		view_fill(&t->then, session_view(session), VIEW_RUNNING, t->cursor, 0);
	t->then_at = t->cursor;
	t->then_end = v->end;
	t->has_then = 1;
}

/* ---- drawing ------------------------------------------------------------ */

static const uint64_t nice[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500 };

/* A round time so that ticks stand at least so far apart. */
static uint64_t
tick_of(double ns_per_col, int apart)
{
	uint64_t unit = 1;
	size_t i;

	for (;; unit *= 1000)
		for (i = 0; i < sizeof(nice) / sizeof(*nice); i++)
			if ((double)(nice[i] * unit) >= ns_per_col * apart || unit > 1000000000000000ull)
				return nice[i] * unit;
}

static void
axis(struct surface *s, int row, const struct time_page *t, int cols, int has_words)
{
	uint64_t tick = tick_of((double)(t->to - t->from) / cols, 12), at;
	char buf[WRITE_MAX];
	int col;

	fill(s, row + has_words, TIME_LABEL, cols, STYLE_DIM, GLYPH_H);
	for (at = (t->from + tick - 1) / tick * tick; at <= t->to; at += tick) {
		col = TIME_LABEL + column_of(t, at, cols);
		put_char(s, row + has_words, col, STYLE_DIM, s->ascii ? '|' : 0x252c);
		if (has_words && col + 8 <= s->cols)
			put(s, row, col, STYLE_DIM, at ? write_time(buf, at) : "0");
	}
}

/* How many workers were in a task in each column. */
static void
running_line(struct surface *s, int row, const struct time_page *t, int cols)
{
	int col, i, n;

	put(s, row, 1, STYLE_RUNNING, "run");
	for (col = 0; col < cols; col++) {
		for (n = i = 0; i < t->rows; i++)
			n += t->cell[i * t->cols + col].task != HEDDLE_NONE;
		if (t->rows <= 9)
			put_char(s, row, TIME_LABEL + col, n ? STYLE_RUNNING : STYLE_DIM, '0' + n);
		else
			spark(s, row, TIME_LABEL + col, STYLE_RUNNING, (double)n / t->rows);
	}
}

/* Those that wait, from the series of the run: its samples are of one width. */
static const struct queue_line {
	const char *word;
	size_t at;
	enum style style;
} queue_lines[] = {
	{ "rdy", offsetof(struct view_sample, ready), STYLE_READY },
	{ "blk", offsetof(struct view_sample, blocked), STYLE_PLAIN },
};

static double
queued(const struct view *v, int i, const struct queue_line *l)
{
	return *(const double *)(const void *)((const char *)&v->series[i] + l->at);
}

static double
most_queued(const struct view *v, const struct queue_line *l)
{
	double most = 0;

	for (int i = 0; i < (int)v->nseries; i++)
		if (queued(v, i, l) > most)
			most = queued(v, i, l);
	return most;
}

static void
queue_line(struct surface *s, int row, const struct time_page *t, const struct view *v, int cols,
	   const struct queue_line *l)
{
	double most = most_queued(v, l), at, width, n;
	int col, i;

	if (!v->nseries || !v->now)
		return;
	put(s, row, 1, l->style, l->word);
	width = 2.0 * (double)v->series[0].at;
	if (width < 1)
		width = 1;
	for (col = 0; col < cols; col++) {
		at = (double)t->from + (col + 0.5) * (double)(t->to - t->from) / cols;
		if (at < 0 || at / width >= v->nseries)
			continue;
		i = (int)(at / width);
		n = queued(v, i, l);
		if (most < 9.5)
			put_char(s, row, TIME_LABEL + col, n >= 0.5 ? l->style : STYLE_DIM,
				 '0' + (int)(n + 0.5));
		else
			spark(s, row, TIME_LABEL + col, l->style, n / most);
	}
}

/* What began and what ended in the column of the cursor. */
static void
turns(struct flow *f, const struct ui *ui, const struct time_page *t)
{
	int col = column_of(t, t->cursor, t->cols), i;
	char name[GRAPH_NAME];
	const struct view_cell *c;

	for (i = 0; i < t->rows && f->row < f->s->rows - 1; i++) {
		c = &t->cell[i * t->cols + col];
		if (c->task == HEDDLE_NONE || !(c->is_start || c->is_end))
			continue;
		flow_put(f, STYLE_BOLD, "%.40s %s on %u", graph_name(ui->view->graph, c->task, name),
			 c->is_end ? "ended" : "started", t->first + (uint32_t)i);
	}
}

static void
at_cursor(struct surface *s, const struct ui *ui, const struct time_page *t)
{
	const struct view *v = t->has_then ? &t->then : ui->view;
	struct flow f = { s, 1, 0 };
	char word[48], buf[WRITE_MAX];
	uint32_t i;

	snprintf(word, sizeof(word), "AT %s%s", write_time(buf, t->cursor),
		 !t->is_follow ? "" : ui->view->end ? ", the end" : ", now");
	rule(s, 0, word);
	if (!t->is_follow)
		turns(&f, ui, t);
	flow_put(&f, STYLE_RUNNING, "%u running", v->sum.running);
	flow_put(&f, STYLE_READY, "%u ready", v->sum.ready + v->sum.held);
	flow_put(&f, STYLE_PLAIN, "%u blocked", v->sum.blocked);
	flow_put(&f, STYLE_DONE, "%u done", v->sum.done);
	if (v->sum.failed)
		flow_put(&f, STYLE_FAILED, "%u failed", v->sum.failed);
	for (i = 0; i < view_workers_shown(v) && f.row < s->rows; i++) {
		const struct view_worker *w = &v->worker[i];

		if (w->task != HEDDLE_NONE)
			flow_put(&f, STYLE_PLAIN, "%u: %.40s (%s)", i, w->name, write_time(buf, w->since));
		else if (w->class < CLASS_N)
			flow_put(&f, class_style(w->class), "%u: %s", i, class_names[w->class]);
	}
}

static void
this_run(struct surface *s, const struct ui *ui)
{
	const struct view *v = ui->view;
	struct flow f = { s, 1, 0 };
	char buf[WRITE_MAX];
	uint32_t i;

	rule(s, 0, "THIS RUN");
	flow_put(&f, STYLE_PLAIN, "work %s", write_time(buf, v->account.work));
	if (v->span_total)
		flow_put(&f, STYLE_PLAIN, "longest path ~%s", write_time(buf, v->span_total));
	flow_put(&f, STYLE_PLAIN, "speedup %.2fx of %u", v->speedup, v->workers);
	if (v->account.total)
		flow_put(&f, STYLE_PLAIN, "busy %.0f%%", 100.0 * (double)v->account.work / (double)v->account.total);
	flow_put(&f, STYLE_PLAIN, "paid %.1f worker-s, idle %.1f%s%s", (double)v->account.total / 1e9,
		 (double)(v->account.total - v->account.work) / 1e9, ui->idle.n ? ": " : "",
		 ui->idle.n ? ui->idle.at : "");
	for (i = 0; i < 2; i++)
		flow_put(&f, STYLE_DIM, "%s at most ~%s", i ? "blocked" : "ready",
			 write_count(buf, (uint64_t)(most_queued(v, &queue_lines[i]) + 0.5)));
}

/* Letters of groups and of idleness. */
static void
legend(struct surface *s, int row, const struct ui *ui)
{
	const struct graph *g = ui->view->graph;
	struct flow f = { s, row, 0 };
	int i;
	uint32_t k;

	for (i = CLASS_OFF; i < CLASS_N; i++)
		flow_put(&f, class_style((enum run_class)i), "%c %s", class_letters[i], class_names[i]);
	for (k = 0; k < g->ngroups && k < 36 && f.row < s->rows; k++)
		flow_put(&f, group_style(k), "%c %.24s", ui->letters[k], graph_text(g, g->group[k].name));
}

static void
time_draw(struct surface *s, struct ui *ui)
{
	struct time_page *t = state_of(ui);
	const struct view *v = ui->view;
	int cols = t->cols, i, col;
	char buf[WRITE_MAX + 16], clock[WRITE_MAX];
	struct surface part;
	struct slot slot[] = {
		{ .rank = 5, .min = 2, .want = 2 },			/* axis with words */
		{ .rank = 0, .min = 1, .want = (int)view_workers_shown(v) },
		{ .rank = 3, .min = 2, .want = 3 },			/* run, rdy, blk */
		{ .rank = 1, .min = 1, .want = 1 },			/* cursor */
		{ .rank = 2, .min = 2, .want = s->rows >= 30 ? 6 : 4 },	/* at the cursor */
		{ .rank = 4, .min = 2, .want = s->cols >= 100 ? 2 : 3 },	/* this run */
		{ .rank = 6, .min = 1, .want = 3 },			/* legend */
	};

	if (!v->now) {
		put(s, 0, 1, STYLE_DIM, "nothing has run yet: r runs the job");
		return;
	}
	layout_rows(slot, 7, s->rows);
	if (cols > s->cols - TIME_LABEL)
		cols = s->cols - TIME_LABEL;
	if (cols <= 0 || !t->cols)
		return;
	if (slot[0].rows)
		axis(s, slot[0].at, t, cols, 1);
	cursor_settle(&ui->worker, view_workers_shown(v), slot[1].rows);
	for (i = 0; i < slot[1].rows && i < t->rows; i++) {
		uint32_t w = t->first + (uint32_t)i;

		putf(s, slot[1].at + i, 0, w == ui->worker.at ? STYLE_CURSOR : STYLE_PLAIN, "%3u", w);
		panel_cells(s, slot[1].at + i, TIME_LABEL, t->cell + i * t->cols, cols, v->graph, ui->letters);
	}
	if (slot[2].rows) {
		running_line(s, slot[2].at, t, cols);
		for (i = 0; i < slot[2].rows - 1; i++)
			queue_line(s, slot[2].at + 1 + i, t, v, cols, &queue_lines[i]);
	}
	col = TIME_LABEL + column_of(t, t->cursor, t->cols);
	if (slot[3].rows) {
		snprintf(buf, sizeof(buf), "cursor %s", write_time(clock, t->cursor));
		put_char(s, slot[3].at, col, STYLE_BOLD, '^');
		if (col + 2 + (int)strlen(buf) <= s->cols)
			put(s, slot[3].at, col + 2, STYLE_BOLD, buf);
		else
			put_right(s, slot[3].at, col - 1, STYLE_BOLD, buf);
	}
	part = surface_part(s, slot[4].at, 0, slot[4].rows, s->cols);
	at_cursor(&part, ui, t);
	part = surface_part(s, slot[5].at, 0, slot[5].rows, s->cols);
	this_run(&part, ui);
	part = surface_part(s, slot[6].at, 0, slot[6].rows, s->cols);
	legend(&part, 0, ui);
}

/* ---- keys --------------------------------------------------------------- */

static void
move(struct time_page *t, int64_t ns)
{
	t->is_follow = 0;
	if (ns < 0 && (uint64_t)-ns > t->cursor)
		t->cursor = 0;
	else
		t->cursor += (uint64_t)ns;
}

/* Around the cursor; no nearer than a nanosecond a column. */
static void
zoom(struct ui *ui, struct time_page *t, int is_nearer)
{
	uint64_t span = t->to - t->from, now = ui->view->now;
	double part = ((double)t->cursor - (double)t->from) / (double)span;

	span = is_nearer ? span / 2 : span * 2;
	if (span < (uint64_t)columns_of(ui))
		span = (uint64_t)columns_of(ui);
	if (span >= now) {
		t->is_fit = 1;
		return;
	}
	t->is_fit = 0;
	part *= (double)span;
	t->from = part > (double)t->cursor ? 0 : t->cursor - (uint64_t)part;
	t->to = t->from + span;
}

static uint32_t
task_at(const struct ui *ui, const struct time_page *t)
{
	int row = (int)(ui->worker.at - t->first);

	if (row < 0 || row >= t->rows || !t->cols)
		return HEDDLE_NONE;
	return t->cell[row * t->cols + column_of(t, t->cursor, t->cols)].task;
}

static int
time_act(struct ui *ui, const struct key_row *key)
{
	struct time_page *t = state_of(ui);
	int64_t span = (int64_t)(t->to - t->from), col = span / columns_of(ui);

	if (col < 1)
		col = 1;
	switch (key->action) {
	case ACT_LEFT:
		move(t, -col);
		return 1;
	case ACT_RIGHT:
		move(t, col);
		return 1;
	case ACT_FAR_LEFT:
		move(t, -span);
		return 1;
	case ACT_FAR_RIGHT:
		move(t, span);
		return 1;
	case ACT_FIRST:
		move(t, INT64_MIN / 2);
		return 1;
	case ACT_LAST:
		t->is_follow = 1;
		return 1;
	case ACT_MORE: case ACT_LESS:
		zoom(ui, t, key->action == ACT_MORE);
		return 1;
	case ACT_FIT:
		t->is_fit = t->is_follow = 1;
		return 1;
	case ACT_FOLLOW:
		t->is_follow = !t->is_follow;
		return 1;
	case ACT_PREV: case ACT_NEXT:
		t->step = key->action == ACT_PREV ? -1 : 1;
		return 1;
	case ACT_OPEN:
		ui_inspect(ui, task_at(ui, t));
		return 1;
	default:
		return cursor_act(&ui->worker, key->action, view_workers_shown(ui->view), ui->body_rows);
	}
}

const struct page page_time = {
	.title = "TIMELINE", .tab = "Time", .word = "timeline", .number = 3,
	.on = ON_TIME,
	.want = VIEW_SERIES,
	.fill = time_fill, .draw = time_draw, .act = time_act,
};
