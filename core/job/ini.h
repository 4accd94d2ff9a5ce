/* SPDX-License-Identifier: MIT */
/* ini - lines of an INI file as sections, keys and values, each with its line; inih behind a guard. */

#ifndef CORE_JOB_INI_H
#define CORE_JOB_INI_H

#include <stddef.h>
#include <stdint.h>

struct err;

/* Called for each section (key NULL) and each key, in file order.  Borrowed.
 * Not 0 ends the reading with -1. */
typedef int ini_fn(void *user, const char *section, const char *key,
		   const char *value, uint32_t line, struct err *);

/*
 * Read a file.  The system's inih sees sections and keys; values, comments,
 * continuations, NUL and lengths are ours.  Refused with file:line: a line
 * over 4 KiB, a value over 64 KiB, a name over 48 bytes, a file that is not
 * regular or over 1 MiB, a NUL, a key outside a section, a line that is
 * neither.  A repeated key in one section is refused with both lines.
 * 0, or -1 and err (EXIT_CONFIG), which starts with name.
 */
int ini_read(const char *path, const char *name, ini_fn *, void *user, struct err *)
	__attribute__((warn_unused_result));

/* The same from memory. */
int ini_read_text(const char *text, size_t n, const char *name, ini_fn *, void *user,
		  struct err *) __attribute__((warn_unused_result));

#endif
