/* SPDX-License-Identifier: MIT */
/* page_help - the keys, from the table the loop goes by, and what marks and letters mean. */

#include <ctype.h>
#include <stdio.h>

#include "core/run/live.h"
#include "core/run/run.h"
#include "tui/app.h"
#include "tui/panel.h"
#include "tui/theme.h"

enum { COLUMN = 20 };

/* Rows are numbered as they come; only those on the screen are drawn. */
struct sheet {
	struct surface *s;
	uint32_t top, at;
};

static int
here(const struct sheet *h)
{
	return h->at >= h->top && h->at - h->top < (uint32_t)h->s->rows ? (int)(h->at - h->top) : -1;
}

static void
line(struct sheet *h, enum style style, const char *left, const char *right)
{
	int row = here(h);

	h->at++;
	if (row < 0)
		return;
	put_cut(h->s, row, 2, COLUMN - 3, style, left);
	put_cut(h->s, row, COLUMN, h->s->cols - COLUMN, STYLE_PLAIN, right);
}

static void
section(struct sheet *h, const char *word)
{
	int row = here(h);

	h->at++;
	if (row >= 0)
		rule(h->s, row, word);
}

/* A key of nearly all pages is told once. */
static int
is_everywhere(const struct key_row *row)
{
	return __builtin_popcount(row->pages) >= 6;
}

static void
keys_of(struct sheet *h, const char *word, unsigned on, int is_all)
{
	const struct key_row *row;
	char head[24];
	size_t n;

	for (n = 0; word[n] && n < sizeof(head) - 1; n++)
		head[n] = (char)toupper((unsigned char)word[n]);
	head[n] = '\0';
	section(h, head);
	for (row = key_rows; row->action; row++)
		if (row->shown && (row->pages & on) && is_all == is_everywhere(row))
			line(h, STYLE_KEY, row->shown, row->about);
}

static void
marks(struct sheet *h)
{
	static const char *const about[CLASS_N] = {
		"in a task, on a core", "in a task that waits: input, sleep, lock, child",
		"between tasks: the decision, the result", "released or paused",
		"a task may still make tasks", "a task waits for a resource",
		"the scheduler keeps tasks", "nothing is left that could ever need this worker",
		"nothing is ready, something is blocked"
	};
	char mark[2] = "", left[32];
	int i;

	section(h, "STATES");
	for (i = 0; i < TASK_STATES; i++) {
		mark[0] = task_state_marks[i];
		line(h, state_styles[i], mark, task_state_names[i]);
	}
	section(h, "WHERE A WORKER'S TIME GOES");
	for (i = 0; i < CLASS_N; i++) {
		snprintf(left, sizeof(left), "%c  %s", class_letters[i], class_names[i]);
		line(h, class_style((enum run_class)i), left, about[i]);
	}
}

static void
help_draw(struct surface *s, struct ui *ui)
{
	struct sheet h = { s, ui->help.top, 0 };
	const struct page *from = pages[ui->back];
	char left[COLUMN * 2];
	int i;

	keys_of(&h, "EVERYWHERE", ON_ALL, 1);
	if (from != &page_help)
		keys_of(&h, from->word, from->on, 0);
	for (i = 0; i < PAGES; i++)
		if (pages[i] != from && pages[i] != &page_help)
			keys_of(&h, pages[i]->word, pages[i]->on, 0);
	section(&h, "COMMANDS, behind :");
	for (i = 0; commands[i].name; i++) {
		snprintf(left, sizeof(left), "%s %s", commands[i].name, commands[i].args);
		line(&h, STYLE_KEY, left, commands[i].about);
	}
	section(&h, "REQUESTS TO THE RUN, behind :");
	for (i = 0; run_requests[i][0]; i++)
		line(&h, STYLE_KEY, run_requests[i][0], run_requests[i][1]);
	marks(&h);
	/* the cursor of this page is its first row */
	if (h.at > (uint32_t)s->rows && ui->help.top > h.at - (uint32_t)s->rows)
		ui->help.top = h.at - (uint32_t)s->rows;
	else if (h.at <= (uint32_t)s->rows)
		ui->help.top = 0;
	ui->help.at = ui->help.top;
	if (h.top != ui->help.top) {
		surface_clear(s);
		help_draw(s, ui);
	}
}

static int
help_act(struct ui *ui, const struct key_row *key)
{
	int done = cursor_act(&ui->help, key->action, UINT32_MAX, ui->body_rows);

	ui->help.top = ui->help.at;
	return done;
}

const struct page page_help = {
	.title = "HELP", .tab = "Help", .word = "help",
	.on = ON_HELP,
	.draw = help_draw, .act = help_act,
};
