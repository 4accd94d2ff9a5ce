/* SPDX-License-Identifier: MIT */
/* page_plugins - plugins at hand, what was refused and why, options of the selected one. */

#include "tui/page_plugins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/plugin/option.h"
#include "core/session/session.h"
#include "tui/panel.h"

/* Looking loads every file of every place: once when the page is opened, and
 * after `:plugin`. */
static void
plugins_fill(struct ui *ui, struct session *session)
{
	struct plugins_page *p = ui->plugins;

	if (!p) {
		p = ui->plugins = xcalloc(1, sizeof(*p));
		p->is_stale = 1;
	}
	if (!p->is_stale)
		return;
	p->row = shelf_list(session_shelf(session), &p->n);
	p->place = shelf_places(session_shelf(session));
	p->is_stale = 0;
}

void
plugins_forget(struct ui *ui)
{
	if (!ui->plugins)
		return;
	ui->plugins->row = NULL;
	ui->plugins->n = 0;
	ui->plugins->is_stale = 1;
}

static const char *
kind_of(const struct shelf_row *row)
{
	if (!row->plugin)
		return row->state == SHELF_REFUSED ? "-" : "?";
	return row->plugin->scheduler ? "scheduler" : "collection";
}

static void
list_row(struct surface *s, int at, const struct shelf_row *row, const struct ui *ui, int is_here)
{
	static const char *const word[] = { "found", "ok", "refused" };
	enum style style = row->state == SHELF_REFUSED ? STYLE_WARN : STYLE_PLAIN;
	const char *version = row->plugin && row->plugin->def.version ? row->plugin->def.version : "";
	int wide = s->cols >= 60, from = wide ? 35 : 27, end = s->cols - 18;

	put_char(s, at, 0, STYLE_BOLD, is_here ? '>' : ' ');
	put(s, at, 1, STYLE_DIM, kind_of(row));
	put_cut(s, at, 13, 13, is_here ? STYLE_BOLD : style, row->name);
	if (wide)
		put_cut(s, at, 27, 7, STYLE_DIM, version);
	if (end > from)
		put_cut(s, at, from, end - from - 1, STYLE_DIM, row->path);
	put(s, at, end, style, word[row->state]);
	if (row->plugin && row->plugin->scheduler && !strcmp(row->name, ui->view->scheduler))
		put(s, at, end + 8, STYLE_RUNNING, "in use");
}

static void
option_row(struct surface *s, int at, const struct heddle_option *o)
{
	int about = s->cols >= 60 ? 44 : 24;

	put_cut(s, at, 3, 12, STYLE_PLAIN, o->name);
	put_cut(s, at, 16, about == 44 ? 11 : 7, STYLE_DIM, o->flags & HEDDLE_REQUIRED ? "required" :
		o->fallback && *o->fallback ? o->fallback : "-");
	if (about == 44)
		put_cut(s, at, 28, 15, STYLE_DIM, option_type_name(o));
	put_cut(s, at, about, s->cols - about, STYLE_PLAIN, o->about ? o->about : "");
}

static int
options(struct surface *s, int at, const char *what, const struct heddle_option *table)
{
	uint32_t i, n = option_count(table);

	if (what)
		put(s, at++, 1, STYLE_BOLD, what);
	for (i = 0; i < n && at < s->rows; i++)
		option_row(s, at++, option_at(table, i));
	return at;
}

static void
selected(struct surface *s, const struct shelf_row *row)
{
	const struct heddle_op *op;
	char word[96];
	int at = 1;

	snprintf(word, sizeof(word), "%s %s", kind_of(row), row->name);
	rule(s, 0, row->state == SHELF_REFUSED ? "REFUSED" : word);
	if (row->why) {
		int w = s->cols - 2;
		size_t i, n = strlen(row->why);

		for (i = 0; i < n && w > 0 && at < s->rows; i += (size_t)w, at++)
			putn(s, at, 1, STYLE_WARN, row->why + i, n - i < (size_t)w ? n - i : (size_t)w);
		return;
	}
	if (!row->plugin)
		return;
	if (row->plugin->def.about)
		put(s, at++, 1, STYLE_PLAIN, row->plugin->def.about);
	if (row->plugin->scheduler) {
		if (option_count(row->plugin->scheduler->options))
			put(s, at++, 3, STYLE_DIM, "option       default     type            meaning");
		options(s, at, NULL, row->plugin->scheduler->options);
		return;
	}
	for (op = row->plugin->collection->ops; op && op->name && at < s->rows; op++) {
		snprintf(word, sizeof(word), "%s.%s  %s", row->name, op->name, op->about ? op->about : "");
		at = options(s, at, word, op->options);
	}
}

static void
plugins_draw(struct surface *s, struct ui *ui)
{
	const struct plugins_page *p = ui->plugins;
	int rows = s->rows / 2, at, i;
	struct surface list, below;

	if (!p)
		return;
	if (rows > (int)p->n + 1)
		rows = (int)p->n + 1;
	list = surface_part(s, 0, 0, rows, s->cols);
	below = surface_part(s, rows, 0, s->rows - rows, s->cols);
	rule(&list, 0, "PLUGINS");
	put(&list, 0, 13, STYLE_HEAD, "name");
	if (s->cols >= 60)
		put(&list, 0, 27, STYLE_HEAD, "version from");
	put(&list, 0, s->cols - 18, STYLE_HEAD, "status");
	cursor_settle(&ui->row, (uint32_t)p->n, rows - 1);
	for (i = 1; i < rows && ui->row.top + (uint32_t)i - 1 < p->n; i++) {
		at = (int)ui->row.top + i - 1;
		list_row(&list, i, &p->row[at], ui, at == (int)ui->row.at);
	}
	if (ui->row.at < p->n)
		selected(&below, &p->row[ui->row.at]);
	else
		put(&below, 0, 1, STYLE_DIM, "no plugin was found; :plugin PATH loads one");
}

static int
plugins_act(struct ui *ui, const struct key_row *key)
{
	const struct plugins_page *p = ui->plugins;
	const struct shelf_row *row;

	if (!p)
		return 0;
	if (cursor_act(&ui->row, key->action, (uint32_t)p->n, ui->body_rows / 2))
		return 1;
	if (key->action != ACT_SCHEDULER || ui->row.at >= p->n)
		return 0;
	row = &p->row[ui->row.at];
	if (row->state != SHELF_REFUSED && row->plugin && !row->plugin->scheduler)
		ui_say(ui, 1, "%s is a collection: a job names it, [%s.OPERATION NODE]", row->name, row->name);
	else if (row->state == SHELF_REFUSED)
		ui_say(ui, 1, "%s was refused", row->name);
	else
		ui_do(ui, "scheduler %s", row->name);
	return 1;
}

static int
plugins_find(struct ui *ui, int step)
{
	struct plugins_page *p = ui->plugins;
	size_t i, at;

	for (i = 0; p && i < p->n; i++) {
		at = (ui->row.at + p->n + (step < 0 ? p->n - i - 1 : i + (step > 0))) % p->n;
		if (strstr(p->row[at].name, ui->find)) {
			ui->row.at = (uint32_t)at;
			return 1;
		}
	}
	return 0;
}

const struct page page_plugins = {
	.title = "PLUGINS", .tab = "Plug", .word = "plugins", .number = 8,
	.on = ON_PLUGINS,
	.fill = plugins_fill, .draw = plugins_draw, .act = plugins_act, .find = plugins_find,
};
