/* SPDX-License-Identifier: MIT */
/* page_log - all events of the run and what heddle said, newest at the bottom. */

#include "tui/page_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/session.h"
#include "tui/panel.h"

static struct log_page *
state_of(struct ui *ui)
{
	if (!ui->log) {
		ui->log = xcalloc(1, sizeof(*ui->log));
		ui->log->task = HEDDLE_NONE;
	}
	return ui->log;
}

void
log_note(struct ui *ui, int is_bad, const char *text)
{
	struct log_page *p = state_of(ui);
	struct log_note *n = XADD(&p->note, &p->nnotes, &p->capnotes);

	*n = (struct log_note){ ui->view->now, is_bad, xstrdup(text) };
}

void
log_filter(struct ui *ui, const char *text)
{
	struct log_page *p = state_of(ui);

	snprintf(p->filter, sizeof(p->filter), "%s", text);
	p->nmatch = p->tried = 0;
	p->is_stay = 0;
}

/* Events: of the run there is, or of a past one. */
struct source { const struct graph *g; const struct session *session; };

static uint32_t
count(const struct source *s)
{
	return session_nevents(s->session);
}

static void
describe(struct view_event *out, const struct graph *g, const struct run_event *e)
{
	char name[GRAPH_NAME], a[WRITE_MAX], b[WRITE_MAX];
	const char *text = e->text ? e->text : "";

	out->at = e->at;
	out->kind = (int)e->kind;
	snprintf(out->what, sizeof(out->what), "%s", event_names[e->kind]);
	if (e->task != HEDDLE_NONE)
		snprintf(out->task, sizeof(out->task), "%s", graph_name(g, e->task, name));
	switch (e->kind) {
	case EVENT_RETRY:
		snprintf(out->text, sizeof(out->text), "attempt %u failed, again in %s: %s", e->attempt,
			 write_time(a, e->n), text);
		break;
	case EVENT_SKIP:
		snprintf(out->text, sizeof(out->text), e->n == 1 ? "%llu task is not started because of it" :
			 "%llu tasks are not started because of it", (unsigned long long)e->n);
		break;
	case EVENT_COMMAND:
		snprintf(out->text, sizeof(out->text), "exit %d, cpu %s, peak %s: %s", e->code,
			 write_time(a, e->n), write_size(b, e->peak), text);
		break;
	default:
		snprintf(out->text, sizeof(out->text), "%s", text);
	}
}

/* Line i as it is shown; its task, or HEDDLE_NONE. */
static uint32_t
read_line(struct view_event *out, const struct log_page *p, const struct source *s, size_t i)
{
	const struct log_line *l = &p->line[i];
	struct run_event e = { .task = HEDDLE_NONE };

	*out = (struct view_event){ 0 };
	if (l->is_note) {
		out->at = p->note[l->index].at;
		out->kind = p->note[l->index].is_bad ? EVENT_FAIL : EVENT_NOTE;
		snprintf(out->what, sizeof(out->what), "heddle");
		snprintf(out->text, sizeof(out->text), "%s", p->note[l->index].text);
		return HEDDLE_NONE;
	}
	session_events(s->session, l->index, &e, 1);
	describe(out, s->g, &e);
	return e.task;
}

static void
add_lines(struct log_page *p, const struct source *s)
{
	const void *of = session_current(s->session) ?
		(const void *)session_current(s->session) : session_past(s->session);
	uint32_t n = count(s);
	struct log_line *l;
	size_t i, kept = 0;

	if (p->of != of) {		/* another run: its events, heddle's own words stay */
		for (i = 0; i < p->nlines; i++)
			if (p->line[i].is_note)
				p->line[kept++] = p->line[i];
		p->nlines = kept;
		p->nevents = 0;
		p->nmatch = p->tried = 0;
		p->of = of;
	}
	while (p->nevents < n) {
		l = XADD(&p->line, &p->nlines, &p->caplines);
		*l = (struct log_line){ p->nevents++, 0 };
	}
	while (p->seen_notes < p->nnotes) {
		l = XADD(&p->line, &p->nlines, &p->caplines);
		*l = (struct log_line){ p->seen_notes++, 1 };
	}
}

static int
has(const struct view_event *e, const char *text)
{
	return strstr(e->text, text) || strstr(e->task, text) || strstr(e->what, text);
}

/* A share a frame, so that a million events do not stop the screen. */
static void
match_lines(struct log_page *p, const struct source *s)
{
	struct view_event e;
	int share;

	for (share = 0; p->tried < p->nlines && share < 20000; p->tried++, share++) {
		if (p->filter[0]) {
			read_line(&e, p, s, p->tried);
			if (!has(&e, p->filter))
				continue;
		}
		*XADD(&p->match, &p->nmatch, &p->capmatch) = (uint32_t)p->tried;
	}
}

static void
search(struct ui *ui, struct log_page *p, const struct source *s)
{
	struct view_event e;
	size_t i, n = p->nmatch, at = p->cursor.at;

	for (i = 0; i < n; i++) {
		at = (at + n + (size_t)(p->step > 0 ? 1 : n - 1)) % n;
		read_line(&e, p, s, p->match[at]);
		if (p->is_failure ? e.kind == EVENT_FAIL : has(&e, ui->find)) {
			p->cursor.at = (uint32_t)at;
			p->is_stay = 1;
			return;
		}
	}
	ui_say(ui, 0, p->is_failure ? "nothing has failed" : "no line has '%.80s'", ui->find);
}

static void
log_fill(struct ui *ui, struct session *session)
{
	struct log_page *p = state_of(ui);
	struct source s = { session_graph(session), session };
	uint32_t i, rows = ui->body_rows > 1 ? (uint32_t)ui->body_rows - 1 : 1;
	uint32_t task;

	add_lines(p, &s);
	match_lines(p, &s);
	if (p->step)
		search(ui, p, &s);
	p->step = 0;
	if (!p->is_stay)
		p->cursor.at = UINT32_MAX;
	cursor_settle(&p->cursor, (uint32_t)p->nmatch, (int)rows);
	if (p->capshown < rows) {
		p->shown = xrealloc(p->shown, rows * sizeof(*p->shown));
		p->capshown = rows;
	}
	p->task = HEDDLE_NONE;
	for (i = 0; i < rows && p->cursor.top + i < p->nmatch; i++) {
		task = read_line(&p->shown[i], p, &s, p->match[p->cursor.top + i]);
		if (p->cursor.top + i == p->cursor.at)
			p->task = task;
	}
	p->nshown = i;
}

static void
log_draw(struct surface *s, struct ui *ui)
{
	const struct log_page *p = state_of(ui);
	char word[160];
	uint32_t i;
	int row;

	snprintf(word, sizeof(word), "EVENTS %zu%s%.80s%s%s", p->nmatch, p->filter[0] ? " with '" : "",
		 p->filter, p->filter[0] ? "'" : "", p->is_stay ? "" : ", following");
	rule(s, 0, word);
	for (i = 0; i < p->nshown && (int)i + 1 < s->rows; i++) {
		row = (int)i + 1;
		panel_event(s, row, &p->shown[i]);
		if (p->cursor.top + i == p->cursor.at)
			restyle(s, row, 0, s->cols, STYLE_CURSOR);
	}
	if (!p->nshown)
		put(s, 1, 1, STYLE_DIM, p->filter[0] ? "no event has this text" : "nothing has happened yet");
}

static int
log_act(struct ui *ui, const struct key_row *key)
{
	struct log_page *p = state_of(ui);

	switch (key->action) {
	case ACT_OPEN:
		ui_inspect(ui, p->task);
		return 1;
	case ACT_FOLLOW:
		p->is_stay = !p->is_stay;
		return 1;
	case ACT_LAST:
		p->is_stay = 0;
		return 1;
	case ACT_PREV_FAILED: case ACT_NEXT_FAILED:
		p->step = key->action == ACT_PREV_FAILED ? -1 : 1;
		p->is_failure = 1;
		return 1;
	default:
		if (ui_task_act(ui, key->action, p->task))
			return 1;
	}
	if (!cursor_act(&p->cursor, key->action, (uint32_t)p->nmatch, ui->body_rows))
		return 0;
	p->is_stay = p->cursor.at + 1 < p->nmatch;
	return 1;
}

static int
log_find(struct ui *ui, int step)
{
	struct log_page *p = state_of(ui);

	p->step = step < 0 ? -1 : 1;
	p->is_failure = 0;
	return 1;
}

const struct page page_log = {
	.title = "LOG", .tab = "Log", .word = "log", .number = 9,
	.on = ON_LOG,
	.fill = log_fill, .draw = log_draw, .act = log_act, .find = log_find,
};
