/* SPDX-License-Identifier: MIT */
/* err - one sentence for the user, and the exit code it ends with. */

#include "core/base/err.h"

#include <stdio.h>
#include <string.h>

static void
mark_cut(char *text, int wanted)
{
	if (wanted >= ERR_MAX)
		memcpy(text + ERR_MAX - 4, "...", 4);
}

int
err_vset(struct err *e, int code, const char *fmt, va_list ap)
{
	if (e) {
		e->code = code;
		mark_cut(e->text, vsnprintf(e->text, sizeof(e->text), fmt, ap));
	}
	return -1;
}

int
err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, code, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_in(struct err *e, const char *fmt, ...)
{
	char context[ERR_MAX], joined[ERR_MAX];
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	mark_cut(joined, snprintf(joined, sizeof(joined), "%s: %s", context, e->text));
	memcpy(e->text, joined, sizeof(joined));
	return -1;
}

int
err_add(struct err *e, const char *fmt, ...)
{
	size_t n;
	va_list ap;

	if (!e)
		return -1;
	n = strlen(e->text);
	va_start(ap, fmt);
	mark_cut(e->text, (int)n + vsnprintf(e->text + n, sizeof(e->text) - n, fmt, ap));
	va_end(ap);
	return -1;
}

const char *
exit_name(int code)
{
	static const struct { int code; const char *name; } names[] = {
		{ EXIT_DONE, "done" }, { EXIT_FAILED, "failed" },
		{ EXIT_USAGE, "usage" }, { EXIT_CONFIG, "config" },
		{ EXIT_PLUGIN, "plugin" }, { EXIT_GRAPH, "graph" },
		{ EXIT_ASSERT, "assert" }, { EXIT_ENV, "environment" },
		{ EXIT_STUCK, "stuck" }, { EXIT_INTERNAL, "internal" },
		{ EXIT_TIMEOUT, "timeout" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}
