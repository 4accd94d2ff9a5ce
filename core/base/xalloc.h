/* SPDX-License-Identifier: MIT */
/* xalloc - memory or die; large arrays that grow without copying. */

#ifndef CORE_BASE_XALLOC_H
#define CORE_BASE_XALLOC_H

#include <stddef.h>
#include <stdint.h>

void *xmalloc(size_t) __attribute__((malloc));
void *xcalloc(size_t n, size_t size) __attribute__((malloc));
void *xrealloc(void *, size_t);
void *xaligned(size_t align, size_t) __attribute__((malloc));	/* zeroed; free() it */
char *xstrdup(const char *) __attribute__((malloc));
char *xstrndup(const char *, size_t) __attribute__((malloc));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Room for one more row: *rows is NULL or came from here, *cap is how many
 * rows fit.  Doubles; never shrinks; free() it.
 *
 *	row = XADD(&a->rows, &a->nrows, &a->caprows);	-> a zeroed new last row
 */
void *xadd(void *rows, size_t *n, size_t *cap, size_t size);
#define XADD(rows, n, cap) \
	((__typeof__(*(rows)))xadd((rows), (n), (cap), sizeof(**(rows))))

/*
 * Pages for arrays of a task or an edge: zero where never written, huge pages
 * advised above 4 MiB, grown by mremap.  Sizes in bytes; old may be 0 with a
 * NULL pointer.  pages_free needs the size it has now.
 */
void *pages_grow(void *, size_t old, size_t size);
void pages_free(void *, size_t size);

#endif
