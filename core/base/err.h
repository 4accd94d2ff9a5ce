/* SPDX-License-Identifier: MIT */
/* err - one sentence for the user, and the exit code it ends with. */

#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include <stdarg.h>
#include <stddef.h>

/* Exit codes, part of the interface (heddle.1, EXIT STATUS). */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,	/* some task failed */
	EXIT_USAGE = 2,		/* bad command line */
	EXIT_CONFIG = 3,	/* bad configuration or input text */
	EXIT_PLUGIN = 4,	/* plugin missing, refused, or it answered wrongly */
	EXIT_GRAPH = 5,		/* a graph that cannot be */
	EXIT_ASSERT = 6,	/* all made, but an [assert] failed */
	EXIT_ENV = 7,		/* environment: cannot start, disk full */
	EXIT_STUCK = 8,		/* nothing runs, something is ready, the scheduler gives nothing */
	EXIT_INTERNAL = 70,
	EXIT_TIMEOUT = 124,
	EXIT_SIGNAL = 128	/* + the signal */
};

enum { ERR_MAX = 1024 };

/* Zero-initialise.  A text longer than fits ends in "...". */
struct err {
	int code;		/* enum exit_code */
	char text[ERR_MAX];	/* no newline at the end; may hold several lines */
};

/* Set code and sentence; returns -1, so that `return err_set(...)` reads well.
 * err may be NULL: the caller does not care. */
int err_set(struct err *, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int err_vset(struct err *, int code, const char *fmt, va_list)
	__attribute__((format(printf, 3, 0)));

/* Put context before the sentence: "context: sentence".  Returns -1. */
int err_in(struct err *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Append to the sentence, as it stands.  Returns -1. */
int err_add(struct err *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The name of a code in documents and --json ("config"); NULL if none. */
const char *exit_name(int code);

#endif
