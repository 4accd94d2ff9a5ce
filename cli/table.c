/* SPDX-License-Identifier: MIT */
/* table - rows of cells as aligned columns of text. */

#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"

enum { GAP = 2 };

struct cli_table {
	const char *const *column;
	size_t ncolumns;
	char **cell;			/* row after row; the first row is the heads */
	size_t ncells, capcells;
};

static int
is_right(const struct cli_table *t, size_t col)
{
	const char *name = t->column[col];

	return *name && name[strlen(name) - 1] == '>';
}

static void
add(struct cli_table *t, char *cell)
{
	*XADD(&t->cell, &t->ncells, &t->capcells) = cell;
}

struct cli_table *
cli_table_new(const char *const *columns)
{
	struct cli_table *t = xcalloc(1, sizeof(*t));

	t->column = columns;
	while (columns[t->ncolumns])
		t->ncolumns++;
	for (size_t i = 0; i < t->ncolumns; i++)
		add(t, xstrndup(columns[i], strlen(columns[i]) - (is_right(t, i) ? 1 : 0)));
	return t;
}

void
cli_table_cell(struct cli_table *t, const char *fmt, ...)
{
	va_list ap;
	char *cell;

	va_start(ap, fmt);
	if (vasprintf(&cell, fmt, ap) < 0)
		cell = xstrdup("");
	va_end(ap);
	add(t, cell);
}

static size_t
cells_wide(const char *s)
{
	size_t left = strlen(s), wide = 0, n;
	int32_t cp;

	for (; (n = utf8_next(s, left, &cp)) > 0; s += n, left -= n) {
		int w = cp < 0 ? 1 : utf8_width(cp);

		wide += w > 0 ? (size_t)w : 0;
	}
	return wide;
}

static void
clean(struct cli_table *t)
{
	for (size_t i = 0; i < t->ncells; i++) {
		struct text out = { 0 };

		text_add_clean(&out, t->cell[i], strlen(t->cell[i]), 0);
		free(t->cell[i]);
		t->cell[i] = text_take(&out);
	}
}

static void
print_row(const struct cli_table *t, size_t row, const size_t *wide, FILE *f)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		size_t at = row * t->ncolumns + i;
		const char *cell = at < t->ncells ? t->cell[at] : "";
		size_t w = cells_wide(cell), pad = w < wide[i] ? wide[i] - w : 0;
		int is_last = i + 1 == t->ncolumns;

		if (is_right(t, i))
			fprintf(f, "%*s%s", (int)pad, "", cell);
		else
			fprintf(f, "%s%*s", cell, is_last ? 0 : (int)pad, "");
		fprintf(f, "%*s", is_last ? 0 : GAP, "");
	}
	putc('\n', f);
}

void
cli_table_print(struct cli_table *t, FILE *f)
{
	size_t *wide = xcalloc(t->ncolumns, sizeof(*wide));

	if (isatty(fileno(f)))
		clean(t);
	for (size_t i = 0; i < t->ncells; i++) {
		size_t w = cells_wide(t->cell[i]), *most = &wide[i % t->ncolumns];

		*most = w > *most ? w : *most;
	}
	for (size_t row = 0; row * t->ncolumns < t->ncells; row++)
		print_row(t, row, wide, f);
	for (size_t i = 0; i < t->ncells; i++)
		free(t->cell[i]);
	free(t->cell);
	free(wide);
	free(t);
}
