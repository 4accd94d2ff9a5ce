/* SPDX-License-Identifier: MIT */
/* surface - a grid of cells that panels draw into; no terminal is near. */

#include "tui/surface.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"

int
surface_init(struct surface *s, int rows, int cols, int ascii)
{
	*s = (struct surface){ .rows = rows, .cols = cols, .stride = cols, .ascii = ascii };
	s->cell = xcalloc((size_t)rows * cols + 1, sizeof(*s->cell));
	surface_clear(s);
	return 0;
}

void
surface_fini(struct surface *s)
{
	free(s->cell);
	*s = (struct surface){ 0 };
}

void
surface_clear(struct surface *s)
{
	int row;

	for (row = 0; row < s->rows; row++)
		fill(s, row, 0, s->cols, STYLE_PLAIN, ' ');
}

static int
clip(int v, int most)
{
	return v < 0 ? 0 : v > most ? most : v;
}

struct surface
surface_part(const struct surface *s, int row, int col, int rows, int cols)
{
	struct surface part = *s;

	row = clip(row, s->rows);
	col = clip(col, s->cols);
	part.rows = clip(rows, s->rows - row);
	part.cols = clip(cols, s->cols - col);
	part.cell = s->cell + (size_t)row * s->stride + col;
	return part;
}

/* Stand-ins for what an ASCII terminal has not. */
static int32_t
ascii_of(int32_t ch)
{
	if (ch < 0x80)
		return ch;
	if (ch == GLYPH_H)
		return '-';
	if (ch == GLYPH_V)
		return '|';
	if (ch > GLYPH_H && ch < 0x2580)
		return '+';
	if (ch >= 0x2580 && ch < 0x2590)
		return '#';
	if (ch == GLYPH_ARROW)
		return '>';
	if (ch == GLYPH_DOTS)
		return '~';
	return '?';
}

static struct cell *
cell_at(struct surface *s, int row, int col)
{
	if (row < 0 || row >= s->rows || col < 0 || col >= s->cols)
		return NULL;
	return s->cell + (size_t)row * s->stride + col;
}

/* No half of a wide character may stay alone: what it was becomes blank. */
static void
part_wide(struct surface *s, int row, int col)
{
	struct cell *c = cell_at(s, row, col), *next = cell_at(s, row, col + 1);

	if (!c->ch && col > 0)
		c[-1].ch = ' ';
	if (c->ch && next && !next->ch)
		next->ch = ' ';
}

void
put_char(struct surface *s, int row, int col, enum style style, int32_t ch)
{
	struct cell *c = cell_at(s, row, col);

	if (!c)
		return;
	part_wide(s, row, col);
	*c = (struct cell){ s->ascii ? ascii_of(ch) : ch, style };
}

static void
put_wide(struct surface *s, int row, int col, enum style style, int32_t ch)
{
	struct cell *c = cell_at(s, row, col);

	if (!c || !cell_at(s, row, col + 1))
		return;
	part_wide(s, row, col);
	part_wide(s, row, col + 1);
	c[0] = (struct cell){ ch, style };
	c[1] = (struct cell){ 0, style };
}

/*
 * One character of text as it is drawn: its cells into mark (at most 4), their
 * number; *wide is a character of two cells.  This is the cleaning: a byte
 * that is no UTF-8 and C0, DEL and C1 read \xNN, what moves or hides other
 * characters reads "?".
 */
static int
clean(const struct surface *s, int32_t cp, unsigned char byte, char mark[8], int *wide)
{
	int width = cp < 0 ? -1 : utf8_width(cp);

	*wide = 0;
	if (cp < 0 || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return snprintf(mark, 8, "\\x%02x", cp < 0 ? byte : (unsigned)cp & 0xff);
	if (width <= 0 || (s->ascii && cp >= 0x80)) {
		memset(mark, '?', 2);
		return width == 2 ? 2 : 1;
	}
	mark[0] = 0;
	*wide = width == 2;
	return width;
}

int
putn(struct surface *s, int row, int col, enum style style, const char *text, size_t n)
{
	int at = col, i, w, wide;
	char mark[8];
	int32_t cp;
	size_t step;

	for (; n && at < s->cols; text += step, n -= step) {
		step = utf8_next(text, n, &cp);
		if (!step)
			break;
		w = clean(s, cp, (unsigned char)*text, mark, &wide);
		if (mark[0])
			for (i = 0; i < w; i++)
				put_char(s, row, at + i, style, mark[i]);
		else if (wide)
			put_wide(s, row, at, style, cp);
		else
			put_char(s, row, at, style, cp);
		at += w;
	}
	if (at > s->cols)
		at = s->cols;
	return at - col;
}

int
put(struct surface *s, int row, int col, enum style style, const char *text)
{
	return putn(s, row, col, style, text, strlen(text));
}

int
putf(struct surface *s, int row, int col, enum style style, const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return put(s, row, col, style, buf);
}

int
put_width(const struct surface *s, const char *text)
{
	size_t n = strlen(text), step;
	int width = 0, wide;
	char mark[8];
	int32_t cp;

	for (; n; text += step, n -= step) {
		step = utf8_next(text, n, &cp);
		if (!step)
			break;
		width += clean(s, cp, (unsigned char)*text, mark, &wide);
	}
	return width;
}

int
put_right(struct surface *s, int row, int end, enum style style, const char *text)
{
	int width = put_width(s, text);
	struct surface left = surface_part(s, 0, 0, s->rows, end);

	return put(&left, row, width < end ? end - width : 0, style, text);
}

int
put_cut(struct surface *s, int row, int col, int width, enum style style, const char *text)
{
	struct surface part = surface_part(s, 0, 0, s->rows, col + width);

	if (width <= 0)
		return 0;
	put(&part, row, col, style, text);
	if (put_width(s, text) > width)
		put_char(&part, row, col + width - 1, style, GLYPH_DOTS);
	else
		width = put_width(s, text);
	return width;
}

void
fill(struct surface *s, int row, int col, int n, enum style style, int32_t ch)
{
	int i;

	for (i = 0; i < n; i++)
		put_char(s, row, col + i, style, ch);
}

void
restyle(struct surface *s, int row, int col, int n, enum style style)
{
	struct cell *c;
	int i;

	for (i = 0; i < n; i++)
		if ((c = cell_at(s, row, col + i)))
			c->style = style;
}

/* By sides: up 1, down 2, left 4, right 8. */
static const int32_t lines[16] = {
	' ', 0x2502, 0x2502, 0x2502, 0x2500, 0x2518, 0x2510, 0x2524,
	0x2500, 0x2514, 0x250c, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c
};

static unsigned
sides_of(int32_t ch)
{
	unsigned i;

	switch (ch) {
	case '-': case GLYPH_H:
		return LINE_LEFT | LINE_RIGHT;
	case '|': case GLYPH_V:
		return LINE_UP | LINE_DOWN;
	}
	for (i = 5; i < 16; i++)
		if (lines[i] == ch)
			return i;
	return 0;
}

void
put_line(struct surface *s, int row, int col, enum style style, unsigned sides)
{
	struct cell *c = cell_at(s, row, col);

	if (!c)
		return;
	if (s->ascii && c->ch == '+')
		return;
	put_char(s, row, col, style, lines[(sides | sides_of(c->ch)) & 15]);
}

void
put_box(struct surface *s, int row, int col, int rows, int cols, enum style style)
{
	int i;

	for (i = 1; i < rows - 1; i++) {
		put_char(s, row + i, col, style, GLYPH_V);
		fill(s, row + i, col + 1, cols - 2, STYLE_PLAIN, ' ');
		put_char(s, row + i, col + cols - 1, style, GLYPH_V);
	}
	fill(s, row, col + 1, cols - 2, style, GLYPH_H);
	fill(s, row + rows - 1, col + 1, cols - 2, style, GLYPH_H);
	put_char(s, row, col, style, 0x250c);
	put_char(s, row, col + cols - 1, style, 0x2510);
	put_char(s, row + rows - 1, col, style, 0x2514);
	put_char(s, row + rows - 1, col + cols - 1, style, 0x2518);
}

void
rule(struct surface *s, int row, const char *word)
{
	fill(s, row, 0, s->cols, STYLE_HEAD, GLYPH_H);
	put(s, row, 1, STYLE_HEAD, word);
}

/* By share, rounded so that the sum is right; then, that one failure in a
 * million does not vanish, a part without a cell takes one from the largest. */
static void
bar_cells(int *cells, int width, const uint64_t *parts, int nparts)
{
	double total = 0, sum = 0;
	int i, k, used = 0, most;

	for (i = 0; i < nparts; i++)
		total += (double)parts[i];
	for (i = 0; i < nparts; i++) {
		sum += (double)parts[i];
		cells[i] = total > 0 ? (int)(sum / total * width + 0.5) - used : 0;
		used += cells[i];
	}
	for (i = 0; i < nparts; i++) {
		if (!parts[i] || cells[i])
			continue;
		for (most = k = 0; k < nparts; k++)
			if (cells[k] > cells[most])
				most = k;
		if (cells[most] > 1) {
			cells[most]--;
			cells[i]++;
		}
	}
}

void
bar(struct surface *s, int row, int col, int width, const uint64_t *parts, int nparts,
    const enum style *styles, const char *marks)
{
	int cells[16], i, at = col;

	if (nparts > 16)
		nparts = 16;
	bar_cells(cells, width, parts, nparts);
	for (i = 0; i < nparts; i++) {
		fill(s, row, at, cells[i], styles[i], marks[i]);
		at += cells[i];
	}
	fill(s, row, at, col + width - at, STYLE_PLAIN, ' ');
}

static int
eighths(double part, int cells)
{
	if (!(part > 0))
		return 0;
	if (part > 1)
		part = 1;
	return (int)(part * cells * 8 + 0.5);
}

void
gauge(struct surface *s, int row, int col, int width, enum style style, double part)
{
	int n = eighths(part, width), full = s->ascii ? (n + 4) / 8 : n / 8;

	fill(s, row, col, full, style, s->ascii ? '|' : GLYPH_BLOCK);
	if (!s->ascii && n % 8)
		put_char(s, row, col + full, style, GLYPH_LEFT - n % 8);
}

void
spark(struct surface *s, int row, int col, enum style style, double part)
{
	static const char ramp[] = " .:-=+*#%";
	int n = eighths(part, 1);

	if (!n && part > 0)
		n = 1;
	if (n)
		put_char(s, row, col, style, s->ascii ? ramp[n] : GLYPH_UP + n);
}

static void
add_utf8(struct text *out, int32_t ch)
{
	if (ch < 0x80) {
		text_addc(out, (char)ch);
	} else if (ch < 0x800) {
		text_addc(out, (char)(0xc0 | ch >> 6));
		text_addc(out, (char)(0x80 | (ch & 63)));
	} else if (ch < 0x10000) {
		text_addc(out, (char)(0xe0 | ch >> 12));
		text_addc(out, (char)(0x80 | (ch >> 6 & 63)));
		text_addc(out, (char)(0x80 | (ch & 63)));
	} else {
		text_addc(out, (char)(0xf0 | ch >> 18));
		text_addc(out, (char)(0x80 | (ch >> 12 & 63)));
		text_addc(out, (char)(0x80 | (ch >> 6 & 63)));
		text_addc(out, (char)(0x80 | (ch & 63)));
	}
}

void
surface_text(const struct surface *s, struct text *out)
{
	const struct cell *c;
	int row, col, end;

	for (row = 0; row < s->rows; row++) {
		c = s->cell + (size_t)row * s->stride;
		for (end = s->cols; end > 0 && c[end - 1].ch == ' '; end--)
			;
		for (col = 0; col < end; col++)
			if (c[col].ch)
				add_utf8(out, c[col].ch);
		text_addc(out, '\n');
	}
}
