/* SPDX-License-Identifier: MIT */
/* die - the end when heddle itself cannot go on (no memory, a bug). */

#ifndef CORE_BASE_DIE_H
#define CORE_BASE_DIE_H

/* Say why on stderr and exit with EXIT_INTERNAL; first calls the hook, which
 * gives the terminal back.  Any thread. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The hook, async-signal-safe; NULL for none.  One at a time. */
void die_hook(void (*)(void));

#endif
