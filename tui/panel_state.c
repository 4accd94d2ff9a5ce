/* SPDX-License-Identifier: MIT */
/* panel_state - the job in a few rows: the bar of states, counts, the account, why idle. */

#include "tui/panel.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/theme.h"

void
panel_state(struct surface *s, const struct view *v)
{
	uint64_t part[BAR_STATES];

	bar_parts(&v->sum, part);
	put_char(s, 0, 0, STYLE_PLAIN, '[');
	bar(s, 0, 1, s->cols - 2, part, BAR_STATES, bar_styles, bar_marks);
	put_char(s, 0, s->cols - 1, STYLE_PLAIN, ']');
}

static void
count(struct flow *f, enum style style, const char *word, uint64_t n, int is_always)
{
	if (n || is_always)
		flow_put(f, n ? style : STYLE_DIM, "%s %llu", word, (unsigned long long)n);
}

void
panel_counts(struct surface *s, const struct view *v)
{
	const struct live_sum *n = &v->sum;
	struct flow f = { s, 0, 0 };
	uint64_t over = (uint64_t)n->done + n->failed + n->skipped + n->stopped;
	char rate[WRITE_MAX];

	count(&f, STYLE_DONE, "done", n->done, 1);
	count(&f, STYLE_RUNNING, "run", n->running, 1);
	count(&f, STYLE_READY, "ready", n->ready, 1);
	count(&f, STYLE_HELD, "held", n->held, 0);
	count(&f, STYLE_BLOCKED, "blocked", n->blocked, 1);
	count(&f, STYLE_FAILED, "failed", n->failed, s->cols >= 72);
	count(&f, STYLE_FAILED, "stopped", n->stopped, 0);
	count(&f, STYLE_SKIPPED, "skipped", n->skipped, 0);
	count(&f, STYLE_WARN, "retried", n->retried, 0);
	flow_put(&f, STYLE_PLAIN, v->ntasks == 1 ? "%llu task" : "%llu tasks",
		 (unsigned long long)v->ntasks);
	if (v->ntasks)
		flow_put(&f, STYLE_PLAIN, "%.*f%%", over && over < v->ntasks ? 1 : 0,
			 100.0 * (double)over / (double)v->ntasks);
	if (v->done_per_s >= 0.5)
		flow_put(&f, STYLE_DIM, "%s/s", write_count(rate, (uint64_t)(v->done_per_s + 0.5)));
}

void
panel_account(struct surface *s, const struct view *v, const char *idle)
{
	const struct account *a = &v->account;
	struct flow f = { s, 0, 0 };
	char buf[WRITE_MAX];

	if (!a->total) {
		flow_put(&f, STYLE_DIM, v->nedges == 1 ? "%llu edge" : "%llu edges",
			 (unsigned long long)v->nedges);
		if (v->work_total)
			flow_put(&f, STYLE_DIM, "work ~%s", write_time(buf, v->work_total));
		if (v->span_total)
			flow_put(&f, STYLE_DIM, "longest path ~%s", write_time(buf, v->span_total));
		flow_put(&f, STYLE_DIM, v->workers == 1 ? "%u worker" : "%u workers", v->workers);
		return;
	}
	flow_put(&f, STYLE_PLAIN, "speedup %.1fx of %u", v->speedup, v->workers);
	flow_put(&f, STYLE_PLAIN, "busy %.0f%%", 100.0 * (double)a->work / (double)a->total);
	flow_put(&f, STYLE_PLAIN, "idle %.1f core-s%s%s", (double)(a->total - a->work) / 1e9,
		 *idle ? ": " : "", idle);
	if (v->cover && v->cover < v->workers && !v->end)
		flow_put(&f, STYLE_DIM, "at most %u at once from here", v->cover);
}

/* How much of a text goes into so many columns, broken between words. */
static int
line_of(const char *text, int width)
{
	int n = (int)strlen(text), cut;

	if (n <= width || width < 12)
		return n;
	for (cut = width; cut > width / 2 && text[cut] != ' '; cut--)
		;
	return cut;
}

/* A sentence over rows.  -> rows used; s NULL: only told. */
static int
sentence(struct surface *s, int row, int cols, int rows, const char *text, enum style style)
{
	int first = row, indent = 1, cut;

	for (; *text && row < rows; row++, indent = 3) {
		cut = row == rows - 1 ? (int)strlen(text) : line_of(text, cols - indent);
		if (s && !text[cut])
			put_cut(s, row, indent, cols - indent, style, text);
		else if (s)
			putn(s, row, indent, style, text, (size_t)cut);
		for (text += cut; *text == ' '; text++)
			;
	}
	return row - first;
}

int
panel_why_rows(const struct view *v, int cols)
{
	int rows = 1;
	uint32_t i;

	for (i = 0; i < v->nwhy; i++)
		rows += sentence(NULL, 0, cols, 100, v->why[i], STYLE_PLAIN);
	return rows > 1 ? rows : 2;
}

void
panel_why(struct surface *s, const struct view *v)
{
	int row = 0;
	uint32_t i;

	if (s->rows > 1)
		rule(s, row++, "WHY IDLE");
	if (!v->nwhy)
		put(s, row, 1, STYLE_DIM, v->status == RUN_PLANNED ? "nothing runs yet: r runs the job" :
		    v->end ? "the run is over" : "no worker is idle");
	for (i = 0; i < v->nwhy && row < s->rows; i++)
		row += sentence(s, row, s->cols, s->rows, v->why[i], i ? STYLE_PLAIN : STYLE_BOLD);
}

void
panel_held(struct surface *s, const struct view *v)
{
	struct flow f = { s, 0, 0 };
	char a[WRITE_MAX], b[WRITE_MAX];

	flow_put(&f, STYLE_PLAIN, "held values: %llu now, %s", (unsigned long long)v->held,
		 write_size(a, v->held_bytes));
	flow_put(&f, STYLE_PLAIN, "most %llu, %s", (unsigned long long)v->held_peak,
		 write_size(b, v->held_bytes_peak));
}
