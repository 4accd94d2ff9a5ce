/* SPDX-License-Identifier: MIT */
/* theme - how styles look, and which style and letter a state, a class or a group has. */

#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "core/run/live.h"
#include "tui/surface.h"

enum { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDER = 4, LOOK_REVERSE = 8 };

/* With 256 colours, with 8, and without: -1 is the terminal's own.  What a
 * colour tells is told by a letter or a mark as well. */
struct look {
	short fg256, fg8;
	unsigned char with_color, without;	/* LOOK_* */
};
extern const struct look theme[STYLES];

/* States in the order of a bar: done, running, ready, held, blocked, failed,
 * stopped, skipped. */
enum { BAR_STATES = 8 };
extern const enum style bar_styles[BAR_STATES];
extern const char bar_marks[BAR_STATES + 1];
void bar_parts(const struct live_sum *, uint64_t part[BAR_STATES]);

extern const enum style state_styles[TASK_STATES];

/* A group's style, and its letters, one each for the first ones: from its
 * name where that is free, upper case or a digit (lower case tells why a
 * worker is idle). */
enum style group_style(uint32_t group);
struct graph;
void group_letters(const struct graph *, char *letters);	/* ngroups of them */

#endif
