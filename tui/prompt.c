/* SPDX-License-Identifier: MIT */
/* prompt - a line being typed in the row of keys: a command, a search, an answer. */

#include "tui/prompt.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/keys.h"
#include "tui/surface.h"

void
prompt_set(struct prompt *p, const char *text)
{
	snprintf(p->text, sizeof(p->text), "%s", text);
	p->n = p->at = strlen(p->text);
}

void
prompt_open(struct prompt *p, char mark, const char *text)
{
	p->mark = mark;
	p->past_at = -1;
	p->choices[0] = '\0';
	prompt_set(p, text);
}

static size_t
encode(char out[4], int32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 63));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 63));
		out[2] = (char)(0x80 | (cp & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 63));
	out[2] = (char)(0x80 | (cp >> 6 & 63));
	out[3] = (char)(0x80 | (cp & 63));
	return 4;
}

static void
insert(struct prompt *p, int32_t cp)
{
	char bytes[4];
	size_t n = encode(bytes, cp);

	if (p->n + n >= sizeof(p->text))
		return;
	memmove(p->text + p->at + n, p->text + p->at, p->n - p->at + 1);
	memcpy(p->text + p->at, bytes, n);
	p->n += n;
	p->at += n;
}

/* The start of the character before, the end of the one after. */
static size_t
before(const struct prompt *p)
{
	size_t at = p->at;

	while (at > 0 && ((unsigned char)p->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t
after(const struct prompt *p)
{
	size_t at = p->at;

	if (at < p->n)
		at++;
	while (at < p->n && ((unsigned char)p->text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void
erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text + from, p->text + to, p->n - to + 1);
	p->n -= to - from;
	p->at = from;
}

static size_t
word_start(const struct prompt *p)
{
	size_t at = p->at;

	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

static void
history(struct prompt *p, int step)
{
	int at = p->past_at + step;

	if (at < -1 || at >= PROMPT_HISTORY || (at >= 0 && !p->past[at][0]))
		return;
	p->past_at = at;
	prompt_set(p, at < 0 ? "" : p->past[at]);
}

static void
remember(struct prompt *p)
{
	if (p->mark != ':' || !p->n || !strcmp(p->past[0], p->text))
		return;
	memmove(p->past[1], p->past[0], sizeof(p->past) - sizeof(p->past[0]));
	memcpy(p->past[0], p->text, sizeof(p->text));
}

enum prompt_result
prompt_key(struct prompt *p, int32_t key, int is_pasted)
{
	if (is_pasted) {
		if (key >= ' ' && key < 0x110000 && key != KEY_BACK)
			insert(p, key);
		else if (key == '\n' || key == '\r' || key == '\t')
			insert(p, ' ');
		return PROMPT_GOES_ON;
	}
	if (key != KEY_TAB)
		p->choices[0] = '\0';
	switch (key) {
	case KEY_RETURN: case '\n':
		remember(p);
		p->mark = 0;
		return PROMPT_DONE;
	case KEY_ESC: case KEY_CTRL('g'):
		p->mark = 0;
		return PROMPT_LEFT;
	case KEY_TAB:
		return PROMPT_TAB;
	case KEY_BACK:
		if (!p->n) {
			p->mark = 0;
			return PROMPT_LEFT;
		}
		erase(p, before(p), p->at);
		break;
	case KEY_DEL: case KEY_CTRL('d'):
		erase(p, p->at, after(p));
		break;
	case KEY_ARROW_LEFT: case KEY_CTRL('b'):
		p->at = before(p);
		break;
	case KEY_ARROW_RIGHT: case KEY_CTRL('f'):
		p->at = after(p);
		break;
	case KEY_FIRST: case KEY_CTRL('a'):
		p->at = 0;
		break;
	case KEY_LAST: case KEY_CTRL('e'):
		p->at = p->n;
		break;
	case KEY_CTRL('u'):
		erase(p, 0, p->at);
		break;
	case KEY_CTRL('k'):
		erase(p, p->at, p->n);
		break;
	case KEY_CTRL('w'):
		erase(p, word_start(p), p->at);
		break;
	case KEY_ARROW_UP: case KEY_CTRL('p'):
		history(p, 1);
		break;
	case KEY_ARROW_DOWN: case KEY_CTRL('n'):
		history(p, -1);
		break;
	default:
		if (key >= ' ' && key < 0x110000)
			insert(p, key);
	}
	return PROMPT_GOES_ON;
}

int
prompt_draw(struct surface *s, int row, const struct prompt *p)
{
	const char *from = p->text;
	char head[PROMPT_MAX];
	int col, cursor;

	fill(s, row, 0, s->cols, STYLE_PLAIN, ' ');
	if (p->mark == '?') {
		col = put(s, row, 1, STYLE_WARN, "stop the job and leave? y n");
		return col + 1 < s->cols ? col + 1 : s->cols - 1;
	}
	put_char(s, row, 0, STYLE_KEY, p->mark);
	snprintf(head, sizeof(head), "%.*s", (int)p->at, p->text);
	cursor = 1 + put_width(s, head);
	for (; cursor >= s->cols && *from; from++)	/* a long line: its end is what counts */
		if (((unsigned char)from[1] & 0xc0) != 0x80)
			cursor--;
	col = 1 + put(s, row, 1, STYLE_PLAIN, from);
	if (p->choices[0])
		put_cut(s, row, col + 2, s->cols - col - 2, STYLE_DIM, p->choices);
	return cursor < s->cols ? cursor : s->cols - 1;
}
