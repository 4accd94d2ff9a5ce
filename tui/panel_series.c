/* SPDX-License-Identifier: MIT */
/* panel_series - how running, ready, held and done went over the run; what happened. */

#include "tui/panel.h"

#include <stddef.h>
#include <stdio.h>

#include "core/base/text.h"

static const struct line {
	const char *word;
	size_t at;
	enum style style;
} lines[] = {
	{ "running", offsetof(struct view_sample, running), STYLE_RUNNING },
	{ "ready", offsetof(struct view_sample, ready), STYLE_READY },
	{ "held", offsetof(struct view_sample, held), STYLE_HELD },
	{ "done/s", offsetof(struct view_sample, done), STYLE_DONE },
};

enum { LABEL = 14 };

static double
value(const struct view_sample *v, const struct line *l)
{
	return *(const double *)(const void *)((const char *)v + l->at);
}

/* Average of the samples that fall into a column. */
static double
column(const struct view *v, const struct line *l, int i, int cols)
{
	uint32_t from = (uint32_t)((uint64_t)i * v->nseries / (uint32_t)cols);
	uint32_t to = (uint32_t)((uint64_t)(i + 1) * v->nseries / (uint32_t)cols), n;
	double sum = 0;

	for (n = from; n < to; n++)
		sum += value(&v->series[n], l);
	return to > from ? sum / (to - from) : 0;
}

static void
series(struct surface *s, int row, const struct view *v, const struct line *l)
{
	int cols = s->cols - LABEL - 1, i;
	double most = 0, x;
	char buf[WRITE_MAX];

	if (cols > (int)v->nseries)
		cols = (int)v->nseries;
	for (i = 0; i < cols; i++)
		if ((x = column(v, l, i, cols)) > most)
			most = x;
	put(s, row, 1, STYLE_PLAIN, l->word);
	put_right(s, row, LABEL - 1, STYLE_DIM, write_count(buf, (uint64_t)(most + 0.5)));
	for (i = 0; i < cols && most > 0; i++)
		spark(s, row, LABEL + i, l->style, column(v, l, i, cols) / most);
}

void
panel_series(struct surface *s, const struct view *v)
{
	char from[WRITE_MAX], to[WRITE_MAX], word[80];
	int row;

	rule(s, 0, "OVER TIME");
	if (v->nseries) {
		snprintf(word, sizeof(word), "%s .. %s, each to its largest", write_clock(from, 0),
			 write_clock(to, v->now));
		put_right(s, 0, s->cols - 1, STYLE_HEAD, word);
	}
	for (row = 1; row < s->rows && row <= 4; row++)
		series(s, row, v, &lines[row - 1]);
}

/* 00:04.118 or 1:02:03.118 */
void
panel_instant(struct surface *s, int row, int end, uint64_t ns)
{
	unsigned long long ms = ns / 1000000, sec = ms / 1000;
	char buf[40];

	if (sec >= 3600)
		snprintf(buf, sizeof(buf), "%llu:%02llu:%02llu", sec / 3600, sec / 60 % 60, sec % 60);
	else
		snprintf(buf, sizeof(buf), "%02llu:%02llu.%03llu", sec / 60, sec % 60, ms % 1000);
	put_right(s, row, end, STYLE_DIM, buf);
}

void
panel_event(struct surface *s, int row, const struct view_event *e)
{
	enum style style = e->kind == EVENT_FAIL ? STYLE_FAILED :
		e->kind == EVENT_RETRY || e->kind == EVENT_SKIP ? STYLE_WARN :
		e->kind < 0 ? STYLE_DONE : STYLE_BOLD;
	int col = 11, width = s->cols >= 100 ? 24 : 16;

	panel_instant(s, row, 10, e->at);
	col += put_cut(s, row, col, 8, style, e->what) + 1;
	if (col < 20)
		col = 20;
	if (e->task[0]) {
		put_cut(s, row, col, width, STYLE_PLAIN, e->task);
		col += width + 1;
	}
	put_cut(s, row, col, s->cols - col, STYLE_PLAIN, e->text);
}

void
panel_events(struct surface *s, const struct view *v)
{
	int row, n = s->rows - 1;
	uint32_t first;

	rule(s, 0, "EVENTS (9: all)");
	if (n > (int)v->nevents)
		n = (int)v->nevents;
	first = v->nevents - (uint32_t)n;
	for (row = 0; row < n; row++)
		panel_event(s, row + 1, &v->events[first + (uint32_t)row]);
}
