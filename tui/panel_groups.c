/* SPDX-License-Identifier: MIT */
/* panel_groups - a row a group: how far it is, what it costs, what is left. */

#include "tui/panel.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/graph/graph.h"
#include "tui/theme.h"

/* Which columns there is room for, and where the bar begins. */
struct plan {
	int name, total, counts, times, bar;
};

static struct plan
plan_of(int cols)
{
	struct plan p = { .name = 13, .total = 13 };

	p.name = cols >= 130 ? 22 : cols >= 78 ? 14 : 11;
	p.counts = cols >= 66 ? 6 : 0;
	p.times = cols >= 54 ? 8 : 0;
	p.bar = 1 + p.name + p.total + 4 * p.counts + 2 * p.times + 1;
	return p;
}

static void
head(struct surface *s, const struct plan *p)
{
	static const char *const word[] = { "run", "rdy", "blk", "fail" };
	int col = 1 + p->name + p->total, i;

	rule(s, 0, "GROUP");
	put_right(s, 0, col, STYLE_HEAD, "done/total");
	for (i = 0; i < 4 && p->counts; i++)
		put_right(s, 0, col += p->counts, STYLE_HEAD, word[i]);
	if (p->times) {
		put_right(s, 0, col += p->times, STYLE_HEAD, "mean");
		put_right(s, 0, col += p->times, STYLE_HEAD, "left");
	}
	put(s, 0, p->bar, STYLE_HEAD, "state");
}

static void
number(struct surface *s, int row, int end, enum style style, uint64_t n)
{
	char buf[WRITE_MAX];

	put_right(s, row, end, n ? style : STYLE_DIM, write_count(buf, n));
}

static void
times(struct surface *s, int row, int col, int width, const struct view_group *g, uint64_t expect)
{
	char buf[WRITE_MAX], told[WRITE_MAX + 1];

	if (g->mean)
		put_right(s, row, col + width, STYLE_PLAIN, write_time(buf, g->mean));
	else if (expect) {
		snprintf(told, sizeof(told), "~%s", write_time(buf, expect));
		put_right(s, row, col + width, STYLE_DIM, told);
	}
	if (!g->is_left_known)
		put_right(s, row, col + 2 * width, STYLE_DIM, "?");
	else
		put_right(s, row, col + 2 * width, g->left ? STYLE_PLAIN : STYLE_DIM,
			  write_time(buf, g->left));
}

static void
group(struct surface *s, int row, const struct plan *p, const struct graph *g,
      const struct view_group *v, int is_here)
{
	const struct live_sum *n = &v->sum;
	const struct graph_group *def = &g->group[v->group];
	uint64_t part[BAR_STATES];
	char total[64], failed[WRITE_MAX + 1], buf[WRITE_MAX];
	int col = 1 + p->name + p->total;

	put_char(s, row, 0, STYLE_BOLD, is_here ? '>' : ' ');
	put_cut(s, row, 1, p->name - 1, is_here ? STYLE_BOLD : STYLE_PLAIN, graph_text(g, def->name));
	snprintf(total, sizeof(total), "%s/", write_count(buf, n->done));
	snprintf(total + strlen(total), sizeof(total) - strlen(total), "%s", write_count(buf, def->n));
	put_right(s, row, col, STYLE_PLAIN, total);
	if (p->counts) {
		number(s, row, col += p->counts, STYLE_RUNNING, n->running);
		number(s, row, col += p->counts, STYLE_READY, (uint64_t)n->ready + n->held);
		number(s, row, col += p->counts, STYLE_PLAIN, n->blocked);
		snprintf(failed, sizeof(failed), "%s%s", n->failed || !n->retried ?
			 write_count(buf, n->failed) : write_count(buf, n->retried),
			 !n->failed && n->retried ? "r" : "");
		put_right(s, row, col += p->counts, n->failed ? STYLE_FAILED :
			  n->retried ? STYLE_WARN : STYLE_DIM, failed);
	}
	if (p->times)
		times(s, row, col, p->times, v, graph_expect(g, def->first));
	if (s->cols - p->bar < 6)
		return;
	bar_parts(n, part);
	put_char(s, row, p->bar, STYLE_PLAIN, '[');
	bar(s, row, p->bar + 1, s->cols - p->bar - 3, part, BAR_STATES, bar_styles, bar_marks);
	put_char(s, row, s->cols - 2, STYLE_PLAIN, ']');
}

void
panel_groups(struct surface *s, struct ui *ui)
{
	const struct view *v = ui->view;
	struct plan p = plan_of(s->cols);
	uint32_t i, n = v->graph->ngroups;
	int row;

	head(s, &p);
	cursor_settle(&ui->group, n, s->rows - 1);
	for (row = 1; row < s->rows; row++) {
		i = ui->group.top + (uint32_t)row - 1;
		if (i >= n)
			break;
		group(s, row, &p, v->graph, &v->group[i], ui->pane == 1 && i == ui->group.at);
	}
	if (ui->group.top + (uint32_t)s->rows - 1 < n && s->rows > 1)
		putf(s, 0, 8, STYLE_HEAD, "%u of %u", ui->group.at + 1, n);
}

void
panel_ready(struct surface *s, const struct view *v)
{
	char buf[WRITE_MAX], word[64];
	const struct view_task *t;
	uint64_t more = v->nready_more;
	int row, rank = s->cols - 22;
	uint32_t i;

	snprintf(word, sizeof(word), "READY %llu", (unsigned long long)v->sum.ready);
	rule(s, 0, word);
	put_right(s, 0, rank + 10, STYLE_HEAD, "rank");
	put_right(s, 0, s->cols - 1, STYLE_HEAD, "waiting");
	for (i = 0, row = 1; i < v->nready_list && row < s->rows; i++, row++) {
		t = &v->ready[i];
		if (row == s->rows - 1 && more + v->nready_list - i > 1) {
			putf(s, row, 1, STYLE_DIM, "... %llu more (4: queues)",
			     (unsigned long long)(more + v->nready_list - i));
			return;
		}
		put_cut(s, row, 1, rank - 1, STYLE_PLAIN, t->name);
		snprintf(word, sizeof(word), "%.4g", t->rank);
		put_right(s, row, rank + 10, STYLE_PLAIN, t->rank == t->rank ? word : "-");
		put_right(s, row, s->cols - 1, STYLE_DIM,
			  t->since == UINT64_MAX ? "-" : write_time(buf, t->since));
	}
}
