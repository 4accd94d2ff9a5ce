/* SPDX-License-Identifier: MIT */
/* panel - parts of pages: a view in, cells out. */

#ifndef TUI_PANEL_H
#define TUI_PANEL_H

#include "tui/page.h"

/* One pane of a column of panes; filled by layout_rows. */
struct slot {
	int rank;			/* who is served first: the lowest */
	int min, want;			/* rows; below min it is dropped */
	int at, rows;			/* where it came to lie; rows 0: dropped */
	int is_late;			/* only once those before have all they want */
};
/* min to each by rank while there is room, then up to want by rank; then the
 * late ones. */
void layout_rows(struct slot *, int n, int rows);

/* Pieces of text that go on in the next row where they do not fit; those
 * that find no row are left out from the end. */
struct flow { struct surface *s; int row, col; };
void flow_put(struct flow *, enum style, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void panel_title(struct surface *, const struct ui *, const char *page);
void panel_state(struct surface *, const struct view *);	/* one row */
void panel_counts(struct surface *, const struct view *);	/* rows as they fit */
void panel_account(struct surface *, const struct view *, const char *idle);	/* idle: account_idle_line */
/* Rows there are for workers, less those that no worker ever had. */
uint32_t view_workers_shown(const struct view *);
int panel_workers_rows(const struct view *, int cols);		/* it wants so many */
void panel_workers(struct surface *, struct ui *);
void panel_why(struct surface *, const struct view *);		/* a rule if there are 2 rows */
int panel_why_rows(const struct view *, int cols);
void panel_groups(struct surface *, struct ui *);
void panel_ready(struct surface *, const struct view *);
void panel_held(struct surface *, const struct view *);
void panel_series(struct surface *, const struct view *);
void panel_events(struct surface *, const struct view *);
/* 00:04.118, ending before column end. */
void panel_instant(struct surface *, int row, int end, uint64_t ns);
void panel_event(struct surface *, int row, const struct view_event *);
void panel_keys(struct surface *, const struct ui *);
void panel_footer(struct surface *, const struct ui *);

/* One slice of a worker's time as a timeline shows it. */
void panel_cells(struct surface *, int row, int col, const struct view_cell *, int n,
		 const struct graph *, const char *letters);
enum style class_style(enum run_class);

#endif
