/* SPDX-License-Identifier: MIT */
/* xalloc - memory or die; large arrays that grow without copying. */

#include "core/base/xalloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/die.h"

enum { HUGE_FROM = 4 << 20 };

static void *
sure(void *p, size_t n)
{
	if (!p)
		die("out of memory: %zu more bytes are not to be had", n);
	return p;
}

void *
xmalloc(size_t n)
{
	return sure(malloc(n ? n : 1), n);
}

void *
xcalloc(size_t n, size_t size)
{
	return sure(calloc(n ? n : 1, size ? size : 1), n * size);
}

void *
xrealloc(void *p, size_t n)
{
	return sure(realloc(p, n ? n : 1), n);
}

void *
xaligned(size_t align, size_t n)
{
	size_t up = (n + align - 1) / align * align;

	return memset(sure(aligned_alloc(align, up ? up : align), up), 0, up ? up : align);
}

char *
xstrdup(const char *s)
{
	return sure(strdup(s), strlen(s));
}

char *
xstrndup(const char *s, size_t n)
{
	return sure(strndup(s, n), n);
}

char *
xasprintf(const char *fmt, ...)
{
	char *s;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		die("out of memory");
	va_end(ap);
	return s;
}

void *
xadd(void *rows, size_t *n, size_t *cap, size_t size)
{
	char **at = rows;

	if (*n == *cap) {
		*cap = *cap ? 2 * *cap : 8;
		*at = xrealloc(*at, *cap * size);
	}
	return memset(*at + size * (*n)++, 0, size);
}

void *
pages_grow(void *p, size_t old, size_t size)
{
	if (!size)
		size = 1;
	if (!p)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	else
		p = mremap(p, old, size, MREMAP_MAYMOVE);
	if (p == MAP_FAILED)
		die("out of memory: %zu more bytes are not to be had", size - old);
	if (size >= HUGE_FROM)
		madvise(p, size, MADV_HUGEPAGE);
	return p;
}

void
pages_free(void *p, size_t size)
{
	if (p)
		munmap(p, size ? size : 1);
}
