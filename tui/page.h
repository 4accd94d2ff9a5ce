/* SPDX-License-Identifier: MIT */
/* page - the pages of the workbench, and what the person has chosen on them. */

#ifndef TUI_PAGE_H
#define TUI_PAGE_H

#include "core/base/text.h"
#include "core/insight/view.h"
#include "tui/keys.h"
#include "tui/surface.h"

struct session;

enum page_id {
	PAGE_OVERVIEW, PAGE_GRAPH, PAGE_TIME, PAGE_QUEUES, PAGE_PLUGINS,
	PAGE_LOG, PAGE_HELP, PAGE_TASK, PAGES
};

/* A list with a selected row that stays on the screen. */
struct cursor {
	uint32_t at, top;		/* row selected, first row shown */
};
/* Keep the cursor in n rows and on a window of rows. */
void cursor_settle(struct cursor *, uint32_t n, int rows);
/* Move by an action of a list; 1 if it was one. */
int cursor_act(struct cursor *, enum action, uint32_t n, int rows);

struct graph_page;
struct time_page;
struct plugins_page;
struct log_page;
struct task_page;

/*
 * The ui is what a frame is drawn from besides the view: a page's fill brings
 * what the view lacks, draw reads (and keeps cursors within what it shows),
 * act changes.  Pages never touch the session or the run outside fill: what
 * is to be done goes into `command`, a line as typed behind `:`.
 */
struct ui {
	const struct view *view;
	enum page_id page, back;	/* back: where Esc leads from help and the inspector */
	int ascii;
	int is_frozen;
	int pane;			/* of the page */
	struct cursor group, worker, row, help;
	uint32_t queue_offset;
	uint32_t task;			/* of the inspector */
	char find[96];			/* what was searched for; "" */
	char note[VIEW_LINE];		/* an answer, in the line of keys; "" */
	int is_note_bad;
	char command[512];		/* to be done; "" */
	int body_rows, body_cols;	/* of the last frame */
	char *letters;			/* of groups */
	struct text idle;		/* idle time by class, in words */
	struct graph_page *graph;
	struct time_page *time;
	struct plugins_page *plugins;
	struct log_page *log;
	struct task_page *inspect;
	struct view_cell *strip;	/* last stretch of workers' time, for the overview */
	int strip_rows, strip_cols;
	uint32_t strip_first;		/* worker of its first row */
	uint64_t strip_ns;
};

void ui_init(struct ui *, const struct view *, int ascii);
void ui_fini(struct ui *);
void ui_say(struct ui *, int is_bad, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void ui_do(struct ui *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Open the inspector on a task; HEDDLE_NONE: nothing happens. */
void ui_inspect(struct ui *, uint32_t task);
void ui_page(struct ui *, enum page_id);
/* What the keys for tasks do with one; 1 if it was such an action. */
int ui_task_act(struct ui *, enum action, uint32_t task);

struct page {
	const char *title, *tab, *word;	/* "QUEUES", "Queue"; word: for `:page` */
	int number;			/* its key; 0: none */
	unsigned on;			/* ON_* of its keys */
	unsigned want;			/* VIEW_* it draws */
	void (*fill)(struct ui *, struct session *);	/* NULL: the view is all */
	void (*draw)(struct surface *, struct ui *);	/* the body: between title and keys */
	int (*act)(struct ui *, const struct key_row *);	/* 1: done */
	int (*find)(struct ui *, int step);	/* ui->find, from here; step 0: this one is fine too.  1: found */
};
extern const struct page *const pages[PAGES];
extern const struct page page_overview, page_graph, page_time, page_queues,
	page_plugins, page_log, page_help, page_task;
const struct page *page_by_number(int number);	/* NULL: none */

/* A whole frame: title, the page's body, keys or answer, footer. */
void page_draw(struct surface *, struct ui *);

#endif
