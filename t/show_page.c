/* SPDX-License-Identifier: MIT */
/* show_page - a page of the workbench as text, without a terminal: show_page JOB PAGE ROWS COLS [run] [ascii] [KEYS]. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/base/text.h"
#include "core/insight/view.h"
#include "core/plugin/load.h"
#include "core/run/run.h"
#include "core/session/session.h"
#include "tui/keys.h"
#include "tui/page.h"
#include "tui/surface.h"

static void
frame(struct ui *ui, struct view *v, struct session *s, struct surface *out)
{
	const struct page *p = pages[ui->page];

	view_fill(v, session_view(s), p->want, VIEW_NOW, ui->queue_offset);
	if (p->fill)
		p->fill(ui, s);
	page_draw(out, ui);
}

int
main(int argc, char **argv)
{
	struct keeper *keeper;
	struct session_setup set = { 0 };
	struct session *s;
	struct surface out;
	struct view v = { 0 };
	struct ui ui;
	struct text picture = { 0 };
	struct err err = { 0 };
	const struct key_row *row;
	const char *key;
	int i, rows, cols, ascii = 0, is_run = 0;

	if (argc < 5 || keeper_start(&keeper, plugin_trial) < 0)
		return 2;
	clock_init();
	set.path = argv[1];
	set.keeper = keeper;
	rows = atoi(argv[3]);
	cols = atoi(argv[4]);
	for (i = 5; i < argc; i++) {
		is_run |= !strcmp(argv[i], "run");
		ascii |= !strcmp(argv[i], "ascii");
	}
	if (session_open(&s, &set, &err) < 0 || (is_run && session_run(s, &err) < 0)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (is_run)
		session_finish(s, NULL);
	view_fill(&v, session_view(s), 0, VIEW_NOW, 0);
	ui_init(&ui, &v, ascii);
	surface_init(&out, rows, cols, ascii);
	ui_page(&ui, (enum page_id)atoi(argv[2]));
	ui.body_rows = rows - 3;
	ui.body_cols = cols;
	frame(&ui, &v, s, &out);
	frame(&ui, &v, s, &out);
	key = argc > 5 && strcmp(argv[argc - 1], "run") && strcmp(argv[argc - 1], "ascii") ? argv[argc - 1] : "";
	for (; *key; key++) {
		row = keys_find(*key == '~' ? KEY_RETURN : *key, pages[ui.page]->on);
		if (row)
			pages[ui.page]->act(&ui, row);
		frame(&ui, &v, s, &out);
	}
	surface_text(&out, &picture);
	fputs(picture.at, stdout);
	text_fini(&picture);
	surface_fini(&out);
	ui_fini(&ui);
	view_fini(&v);
	session_free(s);
	keeper_stop(keeper);
	return 0;
}
