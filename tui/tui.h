/* SPDX-License-Identifier: MIT */
/* tui - the workbench: a front end on a session, in a terminal. */

#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "core/session/session.h"

struct err;

struct tui_setup {
	int ascii;			/* --ascii: draw ASCII alone */
	int color;			/* 0: no colour */
	int autorun;			/* `heddle run`: start at once; `open` waits for r */
	uint32_t fps;			/* 10 */
};

/*
 * Show the session until the user leaves, the run ends (at_end = leave), or
 * the terminal is gone.  Signals come by signal_fd (a signalfd for INT TERM
 * HUP WINCH TSTP CONT, blocked in all threads).  The terminal is restored on
 * every way out.  *why is what to do next; *signal is set when one ended it
 * (SIGHUP: terminal closed).  0, or -1 and err: EXIT_USAGE, no usable terminal.
 */
int tui(struct session *, const struct tui_setup *, int signal_fd, enum next *why,
	int *signal, struct err *) __attribute__((warn_unused_result));

/* CPU time the front end's thread has used in tui(), ns, and frames drawn. */
void tui_cost(uint64_t *cpu, uint64_t *frames);

#endif
