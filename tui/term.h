/* SPDX-License-Identifier: MIT */
/* term - the terminal: entered, painted, read, and given back on every way out. */

#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stddef.h>

struct err;
struct surface;
struct terminal;

/*
 * Take the terminal on stdin and stdout.  NULL and err (EXIT_USAGE) if there
 * is none that can show a screen; then no byte was written.  From here to
 * term_close the terminal is also given back by die() and by the signals that
 * end a program.  One at a time, main thread.
 */
struct terminal *term_open(int color, struct err *);
void term_close(struct terminal *);			/* NULL is fine */

void term_suspend(struct terminal *);		/* give back for a while */
void term_resume(struct terminal *);		/* take again; paints all */

/* Ask the terminal how large it is, and take note.  Never below 1 x 1. */
void term_resize(struct terminal *, int *rows, int *cols);

/* Show a surface: what differs from the last one is painted.  The terminal's
 * cursor at row, col; row < 0: none. */
void term_paint(struct terminal *, const struct surface *, int row, int col);
void term_redraw(struct terminal *);		/* the next one is painted whole */

/* Bytes typed, of a descriptor that poll said is readable: how many, 0: none,
 * -1: the terminal is gone. */
int term_read(struct terminal *, unsigned char *buf, size_t n);
int term_fd(const struct terminal *);

/* Hand text to the terminal's clipboard (OSC 52). */
void term_copy(struct terminal *, const char *text);

#endif
