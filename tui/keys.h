/* SPDX-License-Identifier: MIT */
/* keys - what a key does where: one table for the loop, the help page and the manual. */

#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stddef.h>
#include <stdint.h>

/* A key is a character, a control character, or one of these. */
enum key {
	KEY_ESC = 27,
	KEY_TAB = 9, KEY_RETURN = 13, KEY_BACK = 127,
	KEY_ARROW_UP = 0x110000, KEY_ARROW_DOWN, KEY_ARROW_LEFT, KEY_ARROW_RIGHT,
	KEY_PGUP, KEY_PGDN, KEY_FIRST, KEY_LAST, KEY_DEL, KEY_INS, KEY_BACKTAB,
	KEY_F1, KEY_F2, KEY_F3, KEY_F4, KEY_F5, KEY_F6, KEY_F7, KEY_F8, KEY_F9, KEY_F10, KEY_F11, KEY_F12,
	KEY_PASTE,		/* pasted text begins */
	KEY_PASTED		/* and ends */
};
#define KEY_CTRL(c) ((c) & 31)

/*
 * Bytes of a terminal become keys.  Escape sequences nobody knows are dropped
 * whole; invalid UTF-8 is dropped.  An ESC that nothing follows becomes a key
 * by keys_idle, to be called when no byte has come for 25 ms.
 */
struct keys {
	unsigned char pending[32];
	size_t npending;
	int is_pasting;
};
/* One byte in: 1 and *key where it completes a key; a byte can complete one
 * key only. */
int keys_byte(struct keys *, unsigned char, int32_t *key);
int keys_idle(struct keys *, int32_t *key);

enum action {
	ACT_NONE,
	ACT_PAGE,		/* + number: see key_row.arg */
	ACT_PANE, ACT_OPEN, ACT_BACK, ACT_LEAVE, ACT_QUIT,
	ACT_UP, ACT_DOWN, ACT_LEFT, ACT_RIGHT, ACT_HALF_UP, ACT_HALF_DOWN,
	ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_FIRST, ACT_LAST, ACT_FAR_LEFT, ACT_FAR_RIGHT,
	ACT_PREV, ACT_NEXT, ACT_PREV_FAILED, ACT_NEXT_FAILED,
	ACT_FIND, ACT_FIND_NEXT, ACT_FIND_PREV, ACT_FILTER,
	ACT_MORE, ACT_LESS, ACT_FIT,
	ACT_FOLLOW, ACT_FREEZE, ACT_PAUSE, ACT_RUN, ACT_SCHEDULER,
	ACT_RETRY, ACT_STOP, ACT_HOLD, ACT_RAISE, ACT_LOWER, ACT_LOG,
	ACT_COMMAND, ACT_HELP, ACT_STREAM, ACT_YANK, ACT_REDRAW
};

/* Pages a row is for, as bits. */
enum {
	ON_OVERVIEW = 1, ON_GRAPH = 2, ON_TIME = 4, ON_QUEUES = 8,
	ON_PLUGINS = 16, ON_LOG = 32, ON_HELP = 64, ON_TASK = 128, ON_ALL = 255,
	ON_TASKS = ON_GRAPH | ON_QUEUES | ON_TASK | ON_LOG | ON_OVERVIEW
};

struct key_row {
	int32_t key[4];			/* 0 ends it */
	enum action action;
	int arg;
	unsigned pages;
	const char *shown;		/* "h j k l" : one row of the help for several; NULL: told by a row before */
	const char *brief;		/* in the line of keys above the footer; NULL: not there */
	const char *about;
};
extern const struct key_row key_rows[];	/* action 0 ends it */

/* The row of a key on a page (one of ON_*), or NULL. */
const struct key_row *keys_find(int32_t key, unsigned page);

#endif
