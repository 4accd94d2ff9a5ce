/* SPDX-License-Identifier: MIT */
/* page_plugins - what the plugin page draws from. */

#ifndef TUI_PAGE_PLUGINS_H
#define TUI_PAGE_PLUGINS_H

#include "core/plugin/shelf.h"

struct plugins_page {
	const struct shelf_row *row;	/* of the shelf; stay until it looks again */
	size_t n;
	const char *const *place;	/* NULL-terminated */
	int is_stale;			/* look again before the next frame */
};

/* The shelf has looked again, or has more: the rows of before are gone. */
struct ui;
void plugins_forget(struct ui *);

#endif
