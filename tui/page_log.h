/* SPDX-License-Identifier: MIT */
/* page_log - what the log page draws from: events of the run and what heddle said. */

#ifndef TUI_PAGE_LOG_H
#define TUI_PAGE_LOG_H

#include <stddef.h>

#include "tui/page.h"

struct log_note { uint64_t at; int is_bad; char *text; };

struct log_page {
	struct log_note *note;		/* of this front end, oldest first */
	size_t nnotes, capnotes;
	struct log_line { uint32_t index; int is_note; } *line;	/* as they came */
	size_t nlines, caplines;
	uint32_t nevents;		/* events of the run that are lines by now */
	uint32_t seen_notes;
	const void *of;			/* the run */
	uint32_t *match;		/* lines that pass the filter */
	size_t nmatch, capmatch, tried;
	char filter[96];
	struct cursor cursor;
	int is_stay;			/* does not follow */
	struct view_event *shown;	/* the window: from cursor.top on */
	uint32_t nshown;
	size_t capshown;
	uint32_t task;			/* of the selected line */
	int step, is_failure;		/* search to be done by fill */
};

/* Remember a sentence; also before the page was ever opened. */
void log_note(struct ui *, int is_bad, const char *text);
void log_filter(struct ui *, const char *);

#endif
