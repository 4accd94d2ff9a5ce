/* SPDX-License-Identifier: MIT */
/* page_task - one task: its state, what it needs and feeds, its life, its log. */

#include "tui/page_task.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/record.h"
#include "core/session/session.h"
#include "tui/panel.h"
#include "tui/theme.h"

enum { TAIL = 64 << 10, VALUE_ROWS = 1000 };

static struct task_page *
state_of(struct ui *ui)
{
	if (!ui->inspect) {
		ui->inspect = xcalloc(1, sizeof(*ui->inspect));
		ui->inspect->tail_of = HEDDLE_NONE;
	}
	return ui->inspect;
}

static uint32_t
count_lines(const struct text *t)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		n += t->at[i] == '\n';
	return n + (t->n && t->at[t->n - 1] != '\n');
}

/* The last TAIL bytes, from the start of a line. */
static void
read_tail(struct task_page *p, int fd, off_t size)
{
	off_t from = size > TAIL ? size - TAIL : 0;
	char *buf = xmalloc(TAIL), *at = buf, *line;
	ssize_t n = pread(fd, buf, TAIL, from);

	text_clear(&p->tail);
	p->was_cut = from > 0;
	if (n > 0 && from && (line = memchr(buf, '\n', (size_t)n)))
		at = line + 1;
	if (n > 0)
		text_addn(&p->tail, at, (size_t)(buf + n - at));
	free(buf);
}

static void
fill_log(struct task_page *p, struct session *session, uint32_t task)
{
	const char *dir = session_dir(session);
	char *path = dir ? past_log_path(dir, session_graph(session), task, 0) : NULL;
	struct stat st;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;

	p->has_log = fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode);
	if (p->has_log && (st.st_size != p->tail_size || st.st_mtim.tv_nsec != p->tail_time)) {
		read_tail(p, fd, st.st_size);
		p->tail_size = st.st_size;
		p->tail_time = st.st_mtim.tv_nsec;
		p->log_bytes = (uint64_t)st.st_size;
	}
	if (fd >= 0)
		close(fd);
	free(path);
}

/* A goal's value, once there is one: read once a run. */
static void
fill_value(struct task_page *p, struct session *session, uint32_t task)
{
	const struct graph *g = session_graph(session);
	const struct graph_group *group = &g->group[graph_group_of(g, task)];
	const void *of = session_past(session) ? (const void *)session_past(session) :
		session_current(session);

	if (!g->node[group->node].goal || !(session_is_over(session) || session_past(session)))
		return;
	if (p->value_of != of) {
		text_clear(&p->tail);
		p->is_value = !session_show(session, group->node, 0, VALUE_ROWS, &p->tail);
	}
	p->value_of = of;
}

static void
task_fill(struct ui *ui, struct session *session)
{
	struct task_page *p = state_of(ui);

	if (ui->task == HEDDLE_NONE)
		return;
	if (p->tail_of != ui->task) {
		text_clear(&p->tail);
		p->tail_of = ui->task;
		p->tail_size = p->tail_time = -1;
		p->value_of = NULL;
		p->is_value = p->is_stay = p->was_cut = 0;
		p->cursor = (struct cursor){ 0 };
	}
	view_inspect(&p->in, session_view(session), ui->task, VIEW_NOW);
	fill_value(p, session, ui->task);
	if (!p->is_value)
		fill_log(p, session, ui->task);
	p->lines = count_lines(&p->tail);
}

static void
state_line(struct surface *s, const struct view_inspect *in)
{
	struct flow f = { s, 0, 0 };
	char a[WRITE_MAX], b[WRITE_MAX];

	flow_put(&f, STYLE_BOLD, "%s", in->name);
	flow_put(&f, state_styles[in->state], "%c %s", task_state_marks[in->state], task_state_names[in->state]);
	if (in->state == TASK_RUNNING && in->worker != HEDDLE_NONE)
		flow_put(&f, STYLE_PLAIN, "on worker %u", in->worker);
	if (in->attempt > 1)
		flow_put(&f, STYLE_WARN, "attempt %u", in->attempt);
	if (in->state == TASK_RUNNING)
		flow_put(&f, STYLE_RUNNING, "%s", write_time(a, in->since));
	if (in->usual)
		flow_put(&f, STYLE_DIM, "usual %s", write_time(b, in->usual));
	if (in->state == TASK_RUNNING && in->usual && in->since > 3 * in->usual)
		flow_put(&f, STYLE_WARN, "slow !");
	if (in->held_by[0])
		flow_put(&f, STYLE_HELD, "held by %s", in->held_by);
}

static void
facts(struct surface *s, int row, const struct view_inspect *in)
{
	struct flow f = { s, row, 0 };
	char buf[WRITE_MAX];

	flow_put(&f, STYLE_DIM, "group");
	flow_put(&f, STYLE_PLAIN, "%s", in->group);
	flow_put(&f, STYLE_DIM, "kernel");
	flow_put(&f, STYLE_PLAIN, "%s", in->kernel);
	if (in->origin[0])
		flow_put(&f, STYLE_DIM, "%s", in->origin);
	flow_put(&f, STYLE_DIM, "priority %d", in->priority);
	if (in->rank == in->rank)
		flow_put(&f, STYLE_DIM, "rank %.4g", in->rank);
	if (in->expect)
		flow_put(&f, STYLE_DIM, "expected ~%s", write_time(buf, in->expect));
	if (in->state == TASK_DONE)
		flow_put(&f, STYLE_DIM, "value %s", write_size(buf, in->bytes));
}

static void
neighbours(struct surface *s, int row, const char *word, uint32_t n, uint32_t done,
	   const struct view_task *list, uint32_t nlist)
{
	struct flow f = { s, row, 0 };
	uint32_t i;

	flow_put(&f, STYLE_DIM, "%s", word);
	if (!n)
		flow_put(&f, STYLE_DIM, "nothing");
	else if (done != UINT32_MAX)
		flow_put(&f, STYLE_PLAIN, "%u of %u done:", done, n);
	else
		flow_put(&f, STYLE_PLAIN, "%u:", n);
	for (i = 0; i < nlist && f.row == row; i++) {
		if (f.col + (int)strlen(list[i].name) + (int)strlen(list[i].note) + 5 > s->cols) {
			put(s, row, s->cols - 3, STYLE_DIM, "...");
			break;
		}
		flow_put(&f, STYLE_PLAIN, "%s %s%s%s", list[i].name, *list[i].note ? "(" : "",
			 list[i].note, *list[i].note ? ")" : "");
	}
}

static void
life(struct surface *s, const struct view_inspect *in)
{
	uint32_t i;
	int row;

	rule(s, 0, "LIFE");
	for (i = 0, row = 1; i < in->nlife && row < s->rows; i++, row++) {
		panel_instant(s, row, 11, in->life[i].at);
		put_cut(s, row, 13, 9, STYLE_BOLD, in->life[i].what);
		put_cut(s, row, 23, s->cols - 23, STYLE_PLAIN, in->life[i].text);
	}
}

static void
tail(struct surface *s, struct task_page *p)
{
	char word[96], buf[WRITE_MAX];
	const char *at, *end, *line, *last;
	uint32_t i;
	int row;

	if (p->is_value)
		snprintf(word, sizeof(word), "VALUE of this goal");
	else if (p->has_log)
		snprintf(word, sizeof(word), "LOG %s, %u line%s%s%s", write_size(buf, p->log_bytes), p->lines,
			 p->lines == 1 ? "" : "s", p->was_cut ? " at its end" : "", p->is_stay ? "" : ", following");
	else
		snprintf(word, sizeof(word), "LOG");
	rule(s, 0, word);
	if (!p->tail.n) {
		put(s, 1, 1, STYLE_DIM, p->has_log ? "its log is empty" : "it has no log");
		return;
	}
	if (!p->is_stay && !p->is_value)
		p->cursor.at = p->cursor.top = p->lines;
	if (p->lines >= (uint32_t)s->rows && p->cursor.top > p->lines - (uint32_t)s->rows + 1)
		p->cursor.top = p->lines - (uint32_t)s->rows + 1;
	if (p->lines < (uint32_t)s->rows)
		p->cursor.top = 0;
	p->cursor.at = p->cursor.top;
	at = p->tail.at;
	last = p->tail.at + p->tail.n;
	for (i = 0; i < p->cursor.top && (end = memchr(at, '\n', (size_t)(last - at))); i++)
		at = end + 1;
	for (row = 1; row < s->rows && at < last; row++) {
		line = at;
		end = memchr(at, '\n', (size_t)(last - at));
		at = end ? end + 1 : last;
		if (!end)
			end = last;
		if (end > line && end[-1] == '\r')
			end--;
		putn(s, row, 1, STYLE_PLAIN, line, (size_t)(end - line));
	}
}

static void
task_draw(struct surface *s, struct ui *ui)
{
	struct task_page *p = state_of(ui);
	const struct view_inspect *in = &p->in;
	struct surface part;
	struct slot slot[] = {
		{ .rank = 0, .min = 1, .want = s->cols < 70 ? 2 : 1 },
		{ .rank = 3, .min = 1, .want = s->cols < 100 ? 2 : 1 },
		{ .rank = 4, .min = 1, .want = 1 },
		{ .rank = 5, .min = 1, .want = 1 },
		{ .rank = 2, .min = 2, .want = 1 + (in->nlife ? (int)in->nlife : 1) },
		{ .rank = 1, .min = 3, .want = 10000 },
	};

	if (ui->task == HEDDLE_NONE) {
		put(s, 0, 1, STYLE_DIM, "no task is selected: /NAME finds one");
		return;
	}
	if (slot[4].want > s->rows / 2)
		slot[4].want = s->rows / 2 > 2 ? s->rows / 2 : 2;
	slot[5].want = s->rows / 2 > 3 ? s->rows / 2 : 3;
	layout_rows(slot, 6, s->rows);
	part = surface_part(s, slot[0].at, 0, slot[0].rows, s->cols);
	state_line(&part, in);
	part = surface_part(s, slot[1].at, 0, slot[1].rows, s->cols);
	facts(&part, 0, in);
	part = surface_part(s, slot[2].at, 0, slot[2].rows, s->cols);
	neighbours(&part, 0, "needs", in->npred, in->npred_done, in->pred, in->npred_list);
	part = surface_part(s, slot[3].at, 0, slot[3].rows, s->cols);
	neighbours(&part, 0, "feeds", in->nsucc, UINT32_MAX, in->succ, in->nsucc_list);
	part = surface_part(s, slot[4].at, 0, slot[4].rows, s->cols);
	life(&part, in);
	part = surface_part(s, slot[5].at, 0, s->rows - slot[5].at, s->cols);
	tail(&part, p);
}

static int
task_act(struct ui *ui, const struct key_row *key)
{
	struct task_page *p = state_of(ui);
	const struct graph *g = ui->view->graph;

	switch (key->action) {
	case ACT_LEFT: case ACT_RIGHT:
		if (key->action == ACT_LEFT && ui->task && ui->task != HEDDLE_NONE)
			ui->task--;
		if (key->action == ACT_RIGHT && ui->task + 1 < g->csr.ntasks)
			ui->task++;
		return 1;
	case ACT_FOLLOW:
		p->is_stay = !p->is_stay;
		return 1;
	case ACT_LAST:
		p->is_stay = 0;
		p->cursor.at = p->cursor.top = p->lines;
		return 1;
	default:
		if (ui_task_act(ui, key->action, ui->task))
			return 1;
	}
	if (!cursor_act(&p->cursor, key->action, p->lines, ui->body_rows / 2))
		return 0;
	p->cursor.top = p->cursor.at;
	p->is_stay = 1;
	return 1;
}

const struct page page_task = {
	.title = "TASK", .tab = "Task", .word = "task",
	.on = ON_TASK,
	.fill = task_fill, .draw = task_draw, .act = task_act,
};
