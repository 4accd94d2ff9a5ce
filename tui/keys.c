/* SPDX-License-Identifier: MIT */
/* keys - what a key does where: one table for the loop, the help page and the manual. */

#include "tui/keys.h"

#include <string.h>

#include "core/base/text.h"

const struct key_row key_rows[] = {
	{ { '1' }, ACT_PAGE, 1, ON_ALL, "1-4 8 9", NULL, "pages: overview, graph, timeline, queues, plugins, log" },
	{ { '2' }, ACT_PAGE, 2, ON_ALL, NULL, NULL, NULL },
	{ { '3' }, ACT_PAGE, 3, ON_ALL, NULL, NULL, NULL },
	{ { '4' }, ACT_PAGE, 4, ON_ALL, NULL, NULL, NULL },
	{ { '8' }, ACT_PAGE, 8, ON_ALL, NULL, NULL, NULL },
	{ { '9' }, ACT_PAGE, 9, ON_ALL, NULL, NULL, NULL },
	{ { '?', KEY_F1 }, ACT_HELP, 0, ON_ALL, "? F1", NULL, "this page" },
	{ { KEY_TAB }, ACT_PANE, 1, ON_OVERVIEW | ON_GRAPH | ON_QUEUES, "Tab", "pane", "next pane of the page; on the graph, next group" },
	{ { KEY_BACKTAB }, ACT_PANE, -1, ON_OVERVIEW | ON_GRAPH | ON_QUEUES, NULL, NULL, NULL },
	{ { KEY_RETURN, '\n' }, ACT_OPEN, 0, ON_ALL & ~(ON_HELP | ON_PLUGINS), "Enter", "inspect", "open what is selected: a group, a range, a task" },
	{ { KEY_ESC }, ACT_BACK, 0, ON_ALL, "Esc", NULL, "back; forget a search" },
	{ { 'q', KEY_F10 }, ACT_LEAVE, 0, ON_ALL, "q F10", NULL, "leave the page; on page 1 the view: the job goes on" },
	{ { 'Q' }, ACT_QUIT, 0, ON_ALL, "Q", NULL, "stop the job and leave (asks)" },
	{ { 'h', KEY_ARROW_LEFT }, ACT_LEFT, 0, ON_ALL, "h j k l, arrows", NULL, "move" },
	{ { 'j', KEY_ARROW_DOWN }, ACT_DOWN, 0, ON_ALL, NULL, NULL, NULL },
	{ { 'k', KEY_ARROW_UP }, ACT_UP, 0, ON_ALL, NULL, NULL, NULL },
	{ { 'l', KEY_ARROW_RIGHT }, ACT_RIGHT, 0, ON_ALL, NULL, NULL, NULL },
	{ { KEY_CTRL('d') }, ACT_HALF_DOWN, 0, ON_ALL, "^D ^U", NULL, "half a page down, up" },
	{ { KEY_CTRL('u') }, ACT_HALF_UP, 0, ON_ALL, NULL, NULL, NULL },
	{ { KEY_CTRL('f'), KEY_PGDN }, ACT_PAGE_DOWN, 0, ON_ALL, "^F ^B, PgDn PgUp", NULL, "a page down, up" },
	{ { KEY_CTRL('b'), KEY_PGUP }, ACT_PAGE_UP, 0, ON_ALL, NULL, NULL, NULL },
	{ { 'g', KEY_FIRST }, ACT_FIRST, 0, ON_ALL, "g G, Home End", NULL, "first, last" },
	{ { 'G', KEY_LAST }, ACT_LAST, 0, ON_ALL, NULL, NULL, NULL },
	{ { '/' }, ACT_FIND, 0, ON_ALL & ~ON_HELP, "/", NULL, "find a group or a task by name; on the log, a line" },
	{ { 'n' }, ACT_FIND_NEXT, 0, ON_ALL & ~ON_HELP, "n N", NULL, "find the next, the previous one" },
	{ { 'N' }, ACT_FIND_PREV, 0, ON_ALL & ~ON_HELP, NULL, NULL, NULL },
	{ { 'r' }, ACT_RUN, 0, ON_ALL, "r", "run", "run the job (again)" },
	{ { 'p' }, ACT_PAUSE, 0, ON_ALL, "p", "pause", "pause: start no task; again: go on" },
	{ { 'S' }, ACT_SCHEDULER, 0, ON_ALL & ~ON_PLUGINS, "S", "scheduler", "choose the scheduler, now or for the next run" },
	{ { 'Z' }, ACT_FREEZE, 0, ON_ALL, "Z", NULL, "freeze the picture, the job goes on; again: thaw" },
	{ { 's' }, ACT_STREAM, 0, ON_ALL, "s", NULL, "plain stream of output in the normal screen" },
	{ { ':' }, ACT_COMMAND, 0, ON_ALL, ":", NULL, "a command; Tab completes" },
	{ { 'y' }, ACT_YANK, 0, ON_TASKS, "y", NULL, "copy the name to the clipboard (OSC 52)" },
	{ { KEY_CTRL('l') }, ACT_REDRAW, 0, ON_ALL, "^L", NULL, "draw again" },

	{ { '+' }, ACT_MORE, 0, ON_OVERVIEW, "+ -", "workers", "one worker more, one less" },
	{ { '-' }, ACT_LESS, 0, ON_OVERVIEW, NULL, NULL, NULL },

	{ { '+' }, ACT_MORE, 0, ON_GRAPH | ON_TIME, "+ -", "zoom", "zoom: groups, ranges, tasks; the time" },
	{ { '-' }, ACT_LESS, 0, ON_GRAPH | ON_TIME, NULL, NULL, NULL },
	{ { '=', '0' }, ACT_FIT, 0, ON_GRAPH | ON_TIME, "= 0", "fit", "all of it" },
	{ { '{' }, ACT_PREV_FAILED, 0, ON_GRAPH | ON_LOG | ON_TIME, "{ }", NULL, "the failure before, after" },
	{ { '}' }, ACT_NEXT_FAILED, 0, ON_GRAPH | ON_LOG | ON_TIME, NULL, NULL, NULL },

	{ { 'H' }, ACT_FAR_LEFT, 0, ON_TIME | ON_GRAPH, "H L", "page", "a screen to the left, to the right" },
	{ { 'L' }, ACT_FAR_RIGHT, 0, ON_TIME | ON_GRAPH, NULL, NULL, NULL },
	{ { '[' }, ACT_PREV, 0, ON_TIME, "[ ]", "event", "to the start or end before, after, on this worker" },
	{ { ']' }, ACT_NEXT, 0, ON_TIME, NULL, NULL, NULL },
	{ { 'f', 'F' }, ACT_FOLLOW, 0, ON_TIME | ON_LOG | ON_TASK, "f", "follow", "follow what comes; again: stay here" },

	{ { 'T' }, ACT_RETRY, 0, ON_TASKS & ~ON_OVERVIEW, "T", "retry", "run a failed task again" },
	{ { 'K', KEY_F9 }, ACT_STOP, 0, ON_TASKS & ~ON_OVERVIEW, "K F9", "stop", "stop a task; again: kill" },
	{ { 'x' }, ACT_HOLD, 0, ON_TASKS & ~ON_OVERVIEW, "x", "hold", "hold a ready task back; again: let it go" },
	{ { '>' }, ACT_RAISE, 0, ON_TASKS & ~ON_OVERVIEW, "> <", "priority", "raise, lower a task's priority" },
	{ { '<' }, ACT_LOWER, 0, ON_TASKS & ~ON_OVERVIEW, NULL, NULL, NULL },
	{ { 'L' }, ACT_LOG, 0, ON_TASK | ON_LOG | ON_QUEUES, "L", "log", "the task's log in $PAGER" },

	{ { '\\', KEY_F4 }, ACT_FILTER, 0, ON_LOG, "\\ F4", "filter", "show lines with this text alone; empty: all" },
	{ { 'S', KEY_RETURN }, ACT_SCHEDULER, 0, ON_PLUGINS, "S Enter", "use it", "use the selected scheduler, now or for the next run" },
	{ { 0 }, ACT_NONE, 0, 0, NULL, NULL, NULL }
};

const struct key_row *
keys_find(int32_t key, unsigned page)
{
	const struct key_row *row;
	int i;

	for (row = key_rows; row->action; row++) {
		if (!(row->pages & page))
			continue;
		for (i = 0; i < 4 && row->key[i]; i++)
			if (row->key[i] == key)
				return row;
	}
	return NULL;
}

/* What terminals send behind ESC for keys that are no characters. */
static const struct sequence {
	const char *bytes;
	int32_t key;
} sequences[] = {
	{ "[A", KEY_ARROW_UP }, { "[B", KEY_ARROW_DOWN },
	{ "[C", KEY_ARROW_RIGHT }, { "[D", KEY_ARROW_LEFT },
	{ "OA", KEY_ARROW_UP }, { "OB", KEY_ARROW_DOWN },
	{ "OC", KEY_ARROW_RIGHT }, { "OD", KEY_ARROW_LEFT },
	{ "[H", KEY_FIRST }, { "[F", KEY_LAST }, { "OH", KEY_FIRST }, { "OF", KEY_LAST },
	{ "[1~", KEY_FIRST }, { "[4~", KEY_LAST }, { "[7~", KEY_FIRST }, { "[8~", KEY_LAST },
	{ "[2~", KEY_INS }, { "[3~", KEY_DEL }, { "[5~", KEY_PGUP }, { "[6~", KEY_PGDN },
	{ "[Z", KEY_BACKTAB }, { "OM", KEY_RETURN },
	{ "OP", KEY_F1 }, { "OQ", KEY_F2 }, { "OR", KEY_F3 }, { "OS", KEY_F4 },
	{ "[[A", KEY_F1 }, { "[[B", KEY_F2 }, { "[[C", KEY_F3 }, { "[[D", KEY_F4 }, { "[[E", KEY_F5 },
	{ "[11~", KEY_F1 }, { "[12~", KEY_F2 }, { "[13~", KEY_F3 }, { "[14~", KEY_F4 },
	{ "[15~", KEY_F5 }, { "[17~", KEY_F6 }, { "[18~", KEY_F7 }, { "[19~", KEY_F8 },
	{ "[20~", KEY_F9 }, { "[21~", KEY_F10 }, { "[23~", KEY_F11 }, { "[24~", KEY_F12 },
	{ "[200~", KEY_PASTE }, { "[201~", KEY_PASTED },
};

static int
known(const unsigned char *bytes, size_t n, int32_t *key)
{
	size_t i;

	for (i = 0; i < sizeof(sequences) / sizeof(*sequences); i++)
		if (strlen(sequences[i].bytes) == n && !memcmp(sequences[i].bytes, bytes, n)) {
			*key = sequences[i].key;
			return 1;
		}
	return 0;
}

/* Is what follows ESC complete?  CSI ends in @ .. ~, but "[[" has one more;
 * SS3 is one byte; strings (OSC, DCS, APC, PM, SOS) end in BEL or ESC \. */
static int
is_complete(const unsigned char *p, size_t n)
{
	unsigned char last = p[n - 1];

	switch (p[0]) {
	case '[':
		if (n == 1 || (n == 2 && last == '['))
			return 0;
		if (n == 3 && p[1] == '[')
			return 1;
		return last >= 0x40 && last <= 0x7e;
	case 'O':
		return n == 2;
	case ']': case 'P': case 'X': case '^': case '_':
		return n > 1 && (last == 7 || (last == '\\' && p[n - 2] == 27));
	}
	return 1;
}

static int
escape(struct keys *k, unsigned char byte, int32_t *key)
{
	size_t n;

	if (k->npending == 1 && byte == 27) {	/* ESC ESC: one for certain */
		*key = KEY_ESC;
		return 1;
	}
	if (k->npending < sizeof(k->pending))
		k->pending[k->npending++] = byte;
	else					/* over-long: what matters is how it ends */
		memmove(k->pending + 2, k->pending + 3, sizeof(k->pending) - 3),
		k->pending[sizeof(k->pending) - 1] = byte;
	n = k->npending - 1;
	if (!is_complete(k->pending + 1, n))
		return 0;
	k->npending = 0;
	if (!known(k->pending + 1, n, key))
		return 0;
	if (*key == KEY_PASTE || *key == KEY_PASTED)
		k->is_pasting = *key == KEY_PASTE;
	return 1;
}

/* How many bytes a character has by its first; 0: not a first byte. */
static size_t
utf8_length(unsigned char byte)
{
	if (byte < 0x80)
		return 1;
	if (byte >= 0xc2 && byte < 0xe0)
		return 2;
	if (byte >= 0xe0 && byte < 0xf0)
		return 3;
	return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

int
keys_byte(struct keys *k, unsigned char byte, int32_t *key)
{
	size_t want;

	if (k->npending && k->pending[0] == 27)
		return escape(k, byte, key);
	if (k->npending && (byte & 0xc0) != 0x80)
		k->npending = 0;		/* cut short: start anew */
	else if (!k->npending && (byte & 0xc0) == 0x80)
		return 0;
	k->pending[k->npending++] = byte;
	if (byte == 27)
		return 0;
	want = utf8_length(k->pending[0]);
	if (want > k->npending)
		return 0;
	k->npending = 0;
	if (!want || utf8_next((const char *)k->pending, want, key) != want || *key < 0)
		return 0;
	if (*key == 8)
		*key = KEY_BACK;
	return *key != 0;
}

int
keys_idle(struct keys *k, int32_t *key)
{
	int is_esc = k->npending == 1 && k->pending[0] == 27;

	k->npending = 0;
	*key = KEY_ESC;
	return is_esc;
}
