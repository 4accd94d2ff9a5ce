/* SPDX-License-Identifier: MIT */
/* surface - a grid of cells that panels draw into; no terminal is near. */

#ifndef TUI_SURFACE_H
#define TUI_SURFACE_H

#include <stddef.h>
#include <stdint.h>

struct text;

enum style {
	STYLE_PLAIN, STYLE_DIM, STYLE_BOLD, STYLE_TITLE, STYLE_HEAD,	/* head: a rule with a word in it */
	STYLE_KEY, STYLE_CURSOR, STYLE_WARN,
	STYLE_BLOCKED, STYLE_READY, STYLE_RUNNING, STYLE_DONE, STYLE_FAILED,
	STYLE_SKIPPED, STYLE_HELD, STYLE_IDLE,
	STYLE_GROUP0, STYLE_GROUP1, STYLE_GROUP2, STYLE_GROUP3, STYLE_GROUP4, STYLE_GROUP5,
	STYLES
};

/* What panels draw besides text.  On an ASCII surface put_char turns each into
 * its stand-in. */
enum glyph {
	GLYPH_H = 0x2500, GLYPH_V = 0x2502,		/* - | */
	GLYPH_ARROW = 0x25ba,				/* > */
	GLYPH_BLOCK = 0x2588,				/* #, a full cell; less of it by eighths: */
	GLYPH_LEFT = 0x2590,				/* GLYPH_LEFT - n: n eighths from the left */
	GLYPH_UP = 0x2580,				/* GLYPH_UP + n: n eighths from below */
	GLYPH_DOTS = 0x2026				/* ~, text was cut here */
};

/* What leaves a cell of a drawn line. */
enum { LINE_UP = 1, LINE_DOWN = 2, LINE_LEFT = 4, LINE_RIGHT = 8 };

struct cell {
	int32_t ch;			/* code point; 0: right half of a wide one before */
	uint8_t style;
};

/* rows x cols cells at cell[row * stride + col]; a part shares its parent's. */
struct surface {
	struct cell *cell;
	int rows, cols, stride;
	int ascii;			/* draw ASCII alone */
};

int surface_init(struct surface *, int rows, int cols, int ascii);	/* 0; owns cells */
void surface_fini(struct surface *);
void surface_clear(struct surface *);
/* A window on rows and columns of s, clipped to it; owns nothing. */
struct surface surface_part(const struct surface *s, int row, int col, int rows, int cols);

/*
 * Put text at row, col; clipped to cols; names are cleaned here, the one place
 * that draws.  -> columns used.  The text may be any bytes.
 */
int put(struct surface *, int row, int col, enum style, const char *);
int putn(struct surface *, int row, int col, enum style, const char *, size_t n);
int putf(struct surface *, int row, int col, enum style, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Right-aligned, ending before column end; cut on the left side of col 0. */
int put_right(struct surface *, int row, int end, enum style, const char *);
/* In width cells at most; a text that is longer ends in a mark that says so. */
int put_cut(struct surface *, int row, int col, int width, enum style, const char *);
/* Columns the text would take. */
int put_width(const struct surface *, const char *);

void put_char(struct surface *, int row, int col, enum style, int32_t ch);
void fill(struct surface *, int row, int col, int n, enum style, int32_t ch);
void restyle(struct surface *, int row, int col, int n, enum style);
/* A piece of a line that leaves its cell to these sides; joins what is there. */
void put_line(struct surface *, int row, int col, enum style, unsigned sides);
/* An empty box with a border. */
void put_box(struct surface *, int row, int col, int rows, int cols, enum style);

/* A rule across row with a word in it: "-WHY IDLE------". */
void rule(struct surface *, int row, const char *word);
/* A bar of width cells, parts[i] of total in styles[i] and marks[i].  A part
 * that is not 0 has a cell while there are cells. */
void bar(struct surface *, int row, int col, int width, const uint64_t *parts, int nparts,
	 const enum style *, const char *marks);
/* A gauge: part (0 .. 1) of width cells filled, by eighths where it can. */
void gauge(struct surface *, int row, int col, int width, enum style, double part);
/* One column of a line over time: part (0 .. 1) of a cell's height. */
void spark(struct surface *, int row, int col, enum style, double part);

/* The picture as text: rows ended by newlines, trailing blanks cut.  For tests. */
void surface_text(const struct surface *, struct text *);

#endif
