/* SPDX-License-Identifier: MIT */
/* term - the terminal: entered, painted, read, and given back on every way out. */

/*
 * curses keeps the picture and writes what changed; it reads nothing: keys are
 * decoded by keys.c from the bytes, since getch cannot tell "no key yet" from
 * "terminal gone" and hands an unknown escape sequence on as single keys.
 *
 * What gives the terminal back must work from a signal handler of any thread,
 * so its bytes are put together when the terminal is taken.
 */

#include "tui/term.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "tui/surface.h"
#include "tui/theme.h"

/* The signals that end a program by a fault of its own, or by ^\ from afar. */
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGQUIT };
enum { NFATAL = sizeof(fatal) / sizeof(*fatal) };

/* What a handler needs; written before is_taken is set. */
static struct rescue {
	volatile sig_atomic_t is_taken;
	char bytes[256];
	size_t n;
	struct termios saved;
	struct sigaction old[NFATAL];
} rescue;

struct terminal {
	SCREEN *screen;
	int rows, cols;
	struct cell *last;		/* as painted */
	attr_t attr[STYLES];
	short pair[STYLES];
};

/* ---- giving back --------------------------------------------------------- */

static void
give_back(void)
{
	const char *at = rescue.bytes;
	size_t left = rescue.n;
	ssize_t n;

	if (!rescue.is_taken)
		return;
	rescue.is_taken = 0;
	while (left && (n = write(STDOUT_FILENO, at, left)) > 0) {
		at += n;
		left -= (size_t)n;
	}
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.saved);
}

static void
on_fatal(int sig)
{
	int i, error = errno;

	give_back();
	for (i = 0; i < NFATAL; i++)
		if (fatal[i] == sig)
			sigaction(sig, &rescue.old[i], NULL);
	raise(sig);			/* comes when this returns, to who was there before */
	errno = error;
}

static void
watch_fatal(void)
{
	struct sigaction sa = { .sa_handler = on_fatal };
	int i;

	sigemptyset(&sa.sa_mask);
	sa.sa_flags = SA_ONSTACK;
	for (i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &sa, &rescue.old[i]);
	die_hook(give_back);
}

static void
unwatch_fatal(void)
{
	int i;

	die_hook(NULL);
	for (i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &rescue.old[i], NULL);
}

/* A capability without its "$<5>" delays. */
static void
add_cap(const char *name)
{
	const char *s = tigetstr((char *)(uintptr_t)name), *end;

	if (!s || s == (char *)-1)
		return;
	while (*s && rescue.n < sizeof(rescue.bytes)) {
		if (s[0] == '$' && s[1] == '<' && (end = strchr(s, '>'))) {
			s = end + 1;
			continue;
		}
		rescue.bytes[rescue.n++] = *s++;
	}
}

static void
add_bytes(const char *s)
{
	while (*s && rescue.n < sizeof(rescue.bytes))
		rescue.bytes[rescue.n++] = *s++;
}

/* ---- taking -------------------------------------------------------------- */

static const char hint[] = "`heddle batch` runs a job without a terminal";

static int
check(struct err *err)
{
	const char *name = getenv("TERM");
	const char *cup;
	int code;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, EXIT_USAGE, "the workbench needs a terminal on stdin and stdout; %s", hint);
	if (!name || !*name)
		return err_set(err, EXIT_USAGE, "TERM is not set: cannot tell what the terminal can do; %s", hint);
	if (setupterm(NULL, STDOUT_FILENO, &code) != OK)
		return err_set(err, EXIT_USAGE, "TERM '%.40s' is not known here; %s", name, hint);
	cup = tigetstr((char *)(uintptr_t)"cup");
	if (!cup || cup == (char *)-1)
		return err_set(err, EXIT_USAGE, "a terminal of TERM '%.40s' cannot show a screen; %s", name, hint);
	return 0;
}

static void
set_modes(void)
{
	struct termios t;

	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	if (tcgetattr(STDIN_FILENO, &t) == 0) {
		t.c_iflag &= ~(tcflag_t)(IXON | ICRNL | INLCR | IGNCR);
		t.c_lflag &= ~(tcflag_t)IEXTEN;
		t.c_cc[VQUIT] = _POSIX_VDISABLE;
		t.c_cc[VMIN] = 1;
		t.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
		def_prog_mode();
	}
}

static void
write_all(const char *s)
{
	size_t left = strlen(s);
	ssize_t n;

	while (left && (n = write(STDOUT_FILENO, s, left)) > 0) {
		s += n;
		left -= (size_t)n;
	}
}

/* Pasted text comes in brackets while we have the terminal. */
static void
brackets(int is_on)
{
	write_all(is_on ? "\033[?2004h" : "\033[?2004l");
}

static attr_t
attr_of(unsigned look)
{
	return (look & LOOK_BOLD ? A_BOLD : 0) | (look & LOOK_DIM ? A_DIM : 0) |
	       (look & LOOK_UNDER ? A_UNDERLINE : 0) | (look & LOOK_REVERSE ? A_REVERSE : 0);
}

static void
set_colors(struct terminal *t, int color)
{
	int i, fg;

	color = color && has_colors() && start_color() == OK && COLORS >= 8;
	if (color)
		use_default_colors();
	for (i = 0; i < STYLES; i++) {
		const struct look *l = &theme[i];

		fg = color ? COLORS >= 256 ? l->fg256 : l->fg8 : -1;
		t->attr[i] = attr_of(color && (fg >= 0 || (l->fg256 < 0 && l->fg8 < 0)) ?
				     l->with_color : l->without);
		if (fg >= 0 && init_pair((short)(i + 1), (short)fg, -1) == OK)
			t->pair[i] = (short)(i + 1);
	}
}

struct terminal *
term_open(int color, struct err *err)
{
	struct terminal *t;
	TERMINAL *asked;

	if (check(err) < 0)
		return NULL;
	asked = cur_term;
	if (tcgetattr(STDIN_FILENO, &rescue.saved) < 0) {
		err_set(err, EXIT_USAGE, "cannot read the terminal's modes: %s", strerror(errno));
		return NULL;
	}
	t = xcalloc(1, sizeof(*t));
	t->screen = newterm(NULL, stdout, stdin);
	if (cur_term != asked)
		del_curterm(asked);	/* curses has its own now */
	if (!t->screen) {
		err_set(err, EXIT_USAGE, "curses cannot use this terminal; %s", hint);
		free(t);
		return NULL;
	}
	rescue.n = 0;
	add_bytes("\033[?2004l");
	add_cap("sgr0");
	add_cap("cnorm");
	add_cap("rmkx");
	add_cap("rmcup");
	rescue.is_taken = 1;
	watch_fatal();
	set_modes();
	keypad(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	curs_set(0);
	set_colors(t, color);
	brackets(1);
	term_resize(t, &t->rows, &t->cols);
	return t;
}

static void
leave(void)
{
	brackets(0);
	curs_set(1);
	endwin();
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.saved);
	rescue.is_taken = 0;
}

void
term_close(struct terminal *t)
{
	if (!t)
		return;
	leave();
	unwatch_fatal();
	delscreen(t->screen);
	free(t->last);
	free(t);
}

void
term_suspend(struct terminal *t)
{
	(void)t;
	leave();
}

void
term_resume(struct terminal *t)
{
	tcgetattr(STDIN_FILENO, &rescue.saved);
	rescue.is_taken = 1;
	reset_prog_mode();
	term_redraw(t);
	clearok(curscr, TRUE);
	refresh();
	curs_set(0);
	brackets(1);
}

void
term_resize(struct terminal *t, int *rows, int *cols)
{
	struct winsize w = { 0 };

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
	*rows = w.ws_row ? w.ws_row : LINES > 0 ? LINES : 24;
	*cols = w.ws_col ? w.ws_col : COLS > 0 ? COLS : 80;
	if (*rows > 1000)
		*rows = 1000;
	if (*cols > 1000)
		*cols = 1000;
	if (is_term_resized(*rows, *cols))
		resizeterm(*rows, *cols);
	t->rows = *rows;
	t->cols = *cols;
	free(t->last);
	t->last = xcalloc((size_t)t->rows * t->cols, sizeof(*t->last));
	erase();
	clearok(curscr, TRUE);
}

/* ---- painting ------------------------------------------------------------- */

static void
paint_cell(const struct terminal *t, int row, int col, const struct cell *c, int is_wide)
{
	wchar_t text[2] = { (wchar_t)c->ch, 0 };
	cchar_t cell;

	if (wcwidth(text[0]) != 1 + is_wide)	/* the C library thinks otherwise: say so */
		text[0] = '?';
	setcchar(&cell, text, t->attr[c->style], t->pair[c->style], NULL);
	mvadd_wch(row, col, &cell);
	if (is_wide && text[0] == '?')
		mvadd_wch(row, col + 1, &cell);
}

static void
paint_row(struct terminal *t, const struct surface *s, int row, int cols)
{
	const struct cell *now = s->cell + (size_t)row * s->stride;
	struct cell *last = t->last + (size_t)row * t->cols;
	int col, is_wide;

	for (col = 0; col < cols; col += 1 + is_wide) {
		is_wide = col + 1 < cols && !now[col + 1].ch;
		if (now[col].ch == last[col].ch && now[col].style == last[col].style &&
		    (col + 1 >= cols || is_wide == !last[col + 1].ch))
			continue;
		if (now[col].ch)
			paint_cell(t, row, col, &now[col], is_wide);
	}
	for (col = 0; col < cols; col++)
		last[col] = now[col];
}

void
term_paint(struct terminal *t, const struct surface *s, int row, int col)
{
	int i, rows = s->rows < t->rows ? s->rows : t->rows;
	int cols = s->cols < t->cols ? s->cols : t->cols;

	for (i = 0; i < rows; i++)
		paint_row(t, s, i, cols);
	if (row >= 0)
		move(row, col);
	curs_set(row >= 0);
	refresh();
}

void
term_redraw(struct terminal *t)
{
	memset(t->last, 0, (size_t)t->rows * t->cols * sizeof(*t->last));
	clearok(curscr, TRUE);
}

/* ---- bytes ---------------------------------------------------------------- */

int
term_read(struct terminal *t, unsigned char *buf, size_t n)
{
	ssize_t got = read(STDIN_FILENO, buf, n);

	(void)t;
	if (got > 0)
		return (int)got;
	return got < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : -1;
}

int
term_fd(const struct terminal *t)
{
	(void)t;
	return STDIN_FILENO;
}

void
term_copy(struct terminal *t, const char *text)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct text out = { 0 };
	size_t n = strlen(text), i;
	unsigned v;

	(void)t;
	text_add(&out, "\033]52;c;");
	for (i = 0; i < n; i += 3) {
		v = (unsigned)(unsigned char)text[i] << 16;
		v |= i + 1 < n ? (unsigned)(unsigned char)text[i + 1] << 8 : 0;
		v |= i + 2 < n ? (unsigned char)text[i + 2] : 0;
		text_addc(&out, digit[v >> 18]);
		text_addc(&out, digit[v >> 12 & 63]);
		text_addc(&out, i + 1 < n ? digit[v >> 6 & 63] : '=');
		text_addc(&out, i + 2 < n ? digit[v & 63] : '=');
	}
	text_add(&out, "\007");
	write_all(out.at);
	text_fini(&out);
}
