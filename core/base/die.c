/* SPDX-License-Identifier: MIT */
/* die - the end when heddle itself cannot go on (no memory, a bug). */

#include "core/base/die.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/err.h"

static void (*_Atomic hook)(void);

void
die_hook(void (*f)(void))
{
	hook = f;
}

void
die(const char *fmt, ...)
{
	void (*restore)(void) = atomic_exchange(&hook, NULL);
	va_list ap;

	if (restore)
		restore();
	fputs("heddle: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	_exit(EXIT_INTERNAL);
}
