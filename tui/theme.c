/* SPDX-License-Identifier: MIT */
/* theme - how styles look, and which style and letter a state, a class or a group has. */

#include "tui/theme.h"

#include <ctype.h>
#include <string.h>

#include "core/graph/graph.h"

/* Blue, orange and grey are told apart by (nearly) everyone. */
const struct look theme[STYLES] = {
	[STYLE_PLAIN] = { -1, -1, 0, 0 },
	[STYLE_DIM] = { 244, -1, 0, LOOK_DIM },
	[STYLE_BOLD] = { -1, -1, LOOK_BOLD, LOOK_BOLD },
	[STYLE_TITLE] = { -1, -1, LOOK_REVERSE, LOOK_REVERSE },
	[STYLE_HEAD] = { 74, 6, 0, LOOK_BOLD },
	[STYLE_KEY] = { 74, 6, LOOK_BOLD, LOOK_BOLD },
	[STYLE_CURSOR] = { -1, -1, LOOK_REVERSE, LOOK_REVERSE },
	[STYLE_WARN] = { 208, 3, LOOK_BOLD, LOOK_BOLD | LOOK_UNDER },
	[STYLE_BLOCKED] = { 242, -1, 0, LOOK_DIM },
	[STYLE_READY] = { 117, 6, 0, 0 },
	[STYLE_RUNNING] = { 214, 3, LOOK_BOLD, LOOK_BOLD },
	[STYLE_DONE] = { 32, 4, 0, 0 },
	[STYLE_FAILED] = { 203, 1, LOOK_BOLD | LOOK_REVERSE, LOOK_BOLD | LOOK_REVERSE },
	[STYLE_SKIPPED] = { 242, -1, 0, LOOK_DIM },
	[STYLE_HELD] = { 141, 5, 0, LOOK_UNDER },
	[STYLE_IDLE] = { 242, -1, 0, LOOK_DIM },
	[STYLE_GROUP0] = { 75, 4, 0, 0 },
	[STYLE_GROUP1] = { 215, 3, 0, 0 },
	[STYLE_GROUP2] = { 80, 6, 0, 0 },
	[STYLE_GROUP3] = { 176, 5, 0, 0 },
	[STYLE_GROUP4] = { 229, -1, 0, 0 },
	[STYLE_GROUP5] = { 110, 4, LOOK_BOLD, 0 },
};

const enum style bar_styles[BAR_STATES] = {
	STYLE_DONE, STYLE_RUNNING, STYLE_READY, STYLE_HELD,
	STYLE_BLOCKED, STYLE_FAILED, STYLE_FAILED, STYLE_SKIPPED
};
const char bar_marks[BAR_STATES + 1] = "#>oo.x!-";

void
bar_parts(const struct live_sum *sum, uint64_t part[BAR_STATES])
{
	part[0] = sum->done;
	part[1] = sum->running;
	part[2] = sum->ready;
	part[3] = sum->held;
	part[4] = sum->blocked;
	part[5] = sum->failed;
	part[6] = sum->stopped;
	part[7] = sum->skipped;
}

const enum style state_styles[TASK_STATES] = {
	[TASK_BLOCKED] = STYLE_BLOCKED,
	[TASK_READY] = STYLE_READY,
	[TASK_RUNNING] = STYLE_RUNNING,
	[TASK_DONE] = STYLE_DONE,
	[TASK_FAILED] = STYLE_FAILED,
	[TASK_SKIPPED] = STYLE_SKIPPED,
	[TASK_HELD] = STYLE_HELD,
	[TASK_STOPPED] = STYLE_FAILED,
};

enum style
group_style(uint32_t group)
{
	return STYLE_GROUP0 + group % 6;
}

/* The first free one of a text's letters and digits, or 0. */
static char
free_letter(const char *from, const char *used)
{
	char c;

	for (; *from; from++) {
		c = (char)toupper((unsigned char)*from);
		if (isalnum((unsigned char)c) && (unsigned char)c < 128 && !used[(int)c])
			return c;
	}
	return 0;
}

void
group_letters(const struct graph *g, char *letters)
{
	char used[128] = { 0 }, c;
	const char *name, *dot;
	uint32_t i;

	for (i = 0; i < g->ngroups; i++) {
		name = graph_text(g, g->group[i].name);
		dot = strrchr(name, '.');
		c = dot ? free_letter(dot + 1, used) : 0;
		if (!c)
			c = free_letter(name, used);
		if (!c)
			c = free_letter("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", used);
		if (!c)
			c = '+';
		used[(int)c] = 1;
		letters[i] = c;
	}
}
