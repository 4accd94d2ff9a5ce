/* SPDX-License-Identifier: MIT */
/* page_time - what the timeline page draws from: a stretch of time, a cursor in it. */

#ifndef TUI_PAGE_TIME_H
#define TUI_PAGE_TIME_H

#include "tui/page.h"

enum { TIME_LABEL = 5 };

struct time_page {
	uint64_t from, to;		/* shown; to > from */
	uint64_t cursor;
	int is_fit, is_follow;		/* all of it; the newest of it */
	int step;			/* to the start or end of a task before, after; by fill */
	int rows, cols;			/* of cell */
	uint32_t first;			/* worker of the first row */
	struct view_cell *cell;
	struct view then;		/* at the cursor */
	int has_then;
	uint64_t then_at, then_end;	/* what it was filled for */
};

#endif
