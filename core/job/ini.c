/* SPDX-License-Identifier: MIT */
/* ini - lines of an INI file as sections, keys and values, each with its line; inih behind a guard. */

#include "core/job/ini.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

/*
 * inih 55 cuts values at 197 bytes and reads the rest as new keys, ends them
 * at a NUL or at " ;", and cuts names at 49 bytes, all silently.  So lines are
 * read here into a table of rows, and inih is handed no value, but
 *
 *	[section]
 *	key = N
 *
 * where N is the row's number.  A section is a row too, since inih tells keys
 * only: it is handed on as "section = N" behind its line.
 */
enum { LINE_MOST = 4096, VALUE_MOST = 64 << 10, NAME_MOST = 48, FILE_MOST = 1 << 20 };

struct row {
	const char *section;	/* of the row of its section */
	char *key;		/* NULL: this is a section */
	char *value;
	uint32_t line;
};

struct reader {
	const char *name;
	struct err *err;
	struct row *row;
	size_t nrows, caprows;
	uint32_t line;
	/* the value that may go on: of the last row, if it is a key */
	struct text value;	/* its lines as they are, from the second on with indentation */
	size_t indent;		/* of its key; a line indented more goes on with it */
	int is_open;
	/* what inih reads, and what it says */
	size_t at;
	int is_section_told;	/* half of row `at`: its line was handed over */
	ini_fn *fn;
	void *user;
	int has_failed;
};

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t
blanks(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_blank(s[i]))
		i++;
	return i;
}

static size_t
trim_end(const char *s, size_t n)
{
	while (n && (is_blank(s[n - 1]) || s[n - 1] == '\r'))
		n--;
	return n;
}

/* ---- values that go on ------------------------------------------------- */

/* The indentation that all lines behind the first share; empty ones have none. */
static size_t
common_indent(const char *s)
{
	const char *first = NULL;
	size_t common = 0;

	while ((s = strchr(s, '\n'))) {
		size_t n = strspn(++s, " \t");

		if (!s[n] || s[n] == '\n')
			continue;
		if (!first) {
			first = s;
			common = n;
		}
		for (size_t i = 0; i < common; i++)
			if (first[i] != s[i])
				common = i;
	}
	return common;
}

/* Close the value of the last row: shared indentation and empty lines at its
 * ends go, what is indented further stays so. */
static void
close_value(struct reader *r)
{
	struct text out = { 0 };
	const char *s = r->value.at;
	size_t common;

	if (!r->is_open)
		return;
	common = common_indent(s);
	for (int is_first = 1;; is_first = 0) {
		size_t n = strcspn(s, "\n"), skip = is_first || n < common ? 0 : common;

		if (out.n)
			text_addc(&out, '\n');
		text_addn(&out, s + skip, n - skip);
		if (!s[n])
			break;
		s += n + 1;
	}
	while (out.n && out.at[out.n - 1] == '\n')
		out.at[--out.n] = '\0';
	r->row[r->nrows - 1].value = text_take(&out);
	text_clear(&r->value);
	r->is_open = 0;
}

static int
go_on(struct reader *r, const char *s, size_t n)
{
	text_addc(&r->value, '\n');
	text_addn(&r->value, s, n);
	if (r->value.n > VALUE_MOST)
		return err_set(r->err, EXIT_CONFIG, "%s:%u: the value of '%s' has over 64 KiB",
			       r->name, r->row[r->nrows - 1].line, r->row[r->nrows - 1].key);
	return 0;
}

/* ---- lines ------------------------------------------------------------- */

static int
check_name(struct reader *r, const char *what, const char *s, size_t n)
{
	if (n > NAME_MOST)
		return err_set(r->err, EXIT_CONFIG,
			       "%s:%u: the name of a %s has %zu bytes; at most %d: '%.*s...'",
			       r->name, r->line, what, n, NAME_MOST, 24, s);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || strchr("[];#=:", s[i]))
			return err_set(r->err, EXIT_CONFIG,
				       "%s:%u: '%.*s' cannot be the name of a %s; "
				       "expected letters, digits, _ . -",
				       r->name, r->line, (int)n, s, what);
	return 0;
}

/* [a  b ] is [a b]: blanks in a name count as one. */
static int
read_section(struct reader *r, const char *s, size_t n)
{
	const char *end = memchr(s, ']', n);
	struct text name = { 0 };
	struct row *row;

	if (!end)
		return err_set(r->err, EXIT_CONFIG, "%s:%u: a section without its ]", r->name, r->line);
	if (end != s + n - 1)
		return err_set(r->err, EXIT_CONFIG,
			       "%s:%u: more behind the section's ]; expected a line of its own",
			       r->name, r->line);
	text_add(&name, "");
	for (s++; s < end; s++)
		if (!is_blank(*s))
			text_addc(&name, *s);
		else if (name.n && !is_blank(s[1]) && s + 1 < end)
			text_addc(&name, ' ');
	row = XADD(&r->row, &r->nrows, &r->caprows);
	row->section = row->value = text_take(&name);
	row->line = r->line;
	if (!*row->section)
		return err_set(r->err, EXIT_CONFIG, "%s:%u: a section without a name",
			       r->name, r->line);
	return check_name(r, "section", row->section, strlen(row->section));
}

static int
read_key(struct reader *r, const char *s, size_t n, size_t indent)
{
	const char *section = r->nrows ? r->row[r->nrows - 1].section : NULL;
	size_t len = 0, key;
	struct row *row;

	while (len < n && s[len] != '=' && s[len] != ':')
		len++;
	key = trim_end(s, len);
	if (len == n || !key)
		return err_set(r->err, EXIT_CONFIG,
			       "%s:%u: neither [section], key = value nor a comment: '%.*s'",
			       r->name, r->line, (int)(n < 40 ? n : 40), s);
	if (check_name(r, "key", s, key) < 0)
		return -1;
	if (!section)
		return err_set(r->err, EXIT_CONFIG,
			       "%s:%u: the key '%.*s' stands before any [section]",
			       r->name, r->line, (int)key, s);
	row = XADD(&r->row, &r->nrows, &r->caprows);
	row->section = section;
	row->key = xstrndup(s, key);
	row->line = r->line;
	len++;
	len += blanks(s + len, n - len);
	text_clear(&r->value);
	text_addn(&r->value, s + len, n - len);
	r->indent = indent;
	r->is_open = 1;
	return 0;
}

static int
read_line(struct reader *r, const char *s, size_t n)
{
	size_t indent;

	r->line++;
	if (n > LINE_MOST)
		return err_set(r->err, EXIT_CONFIG,
			       "%s:%u: a line of %zu bytes; at most %d, a value goes on in indented lines",
			       r->name, r->line, n, LINE_MOST);
	if (memchr(s, '\0', n))
		return err_set(r->err, EXIT_CONFIG, "%s:%u: a NUL byte; expected text",
			       r->name, r->line);
	n = trim_end(s, n);
	indent = blanks(s, n);
	if (indent == n)
		return r->is_open ? go_on(r, "", 0) : 0;
	if (s[indent] == ';' || s[indent] == '#')
		return 0;
	if (r->is_open && indent > r->indent)
		return go_on(r, s, n);
	close_value(r);
	if (s[indent] == '[')
		return read_section(r, s + indent, n - indent);
	return read_key(r, s + indent, n - indent, indent);
}

static int
read_lines(struct reader *r, const char *s, size_t n)
{
	if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) {
		s += 3;
		n -= 3;
	}
	while (n) {
		const char *end = memchr(s, '\n', n);
		size_t len = end ? (size_t)(end - s) : n;

		if (read_line(r, s, len) < 0)
			return -1;
		s += len + !!end;
		n -= len + !!end;
	}
	close_value(r);
	return 0;
}

/* ---- nothing twice ----------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	const struct row *const *x = a, *const *y = b;
	int way = strcmp((*x)->section, (*y)->section);

	if (!way)
		way = strcmp((*x)->key, (*y)->key);
	return way ? way : (*x)->line < (*y)->line ? -1 : 1;
}

static int
check_repeats(struct reader *r)
{
	const struct row **key = xmalloc(r->nrows * sizeof(*key)), *first = NULL, *again = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->nrows; i++)
		if (r->row[i].key)
			key[n++] = &r->row[i];
	qsort(key, n, sizeof(*key), by_name);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(key[i]->key, key[i - 1]->key) &&
		    !strcmp(key[i]->section, key[i - 1]->section) &&
		    (!again || key[i]->line < again->line)) {
			first = key[i - 1];
			again = key[i];
		}
	free(key);
	if (!again)
		return 0;
	return err_set(r->err, EXIT_CONFIG, "%s:%u: [%s] %s: said twice; first in line %u",
		       r->name, again->line, again->section, again->key, first->line);
}

/* ---- inih -------------------------------------------------------------- */

/* As fgets: the next line for inih. */
static char *
give_line(char *buf, int size, void *user)
{
	struct reader *r = user;
	const struct row *row = &r->row[r->at];
	int n;

	if (r->at == r->nrows || r->has_failed)
		return NULL;
	if (!row->key && !r->is_section_told) {
		n = snprintf(buf, (size_t)size, "[%s]\n", row->section);
		r->is_section_told = 1;
	} else {
		n = snprintf(buf, (size_t)size, "%s = %zu\n", row->key ? row->key : "section", r->at);
		r->is_section_told = 0;
		r->at++;
	}
	assert(n < size);
	return buf;
}

/* inih's handler: 1 is well, 0 is not, and it goes on all the same. */
static int
take_key(void *user, const char *section, const char *key, const char *number)
{
	struct reader *r = user;
	const struct row *row = &r->row[strtoul(number, NULL, 10)];

	if (r->has_failed)
		return 0;
	if (r->fn(r->user, section, row->key ? key : NULL, row->key ? row->value : NULL,
		  row->line, r->err))
		r->has_failed = 1;
	return !r->has_failed;
}

int
ini_read_text(const char *text, size_t n, const char *name, ini_fn *fn, void *user,
	      struct err *err)
{
	struct reader r = { .name = name, .err = err, .fn = fn, .user = user };
	int rc = read_lines(&r, text, n);

	if (!rc)
		rc = check_repeats(&r);
	if (!rc) {
		rc = ini_parse_stream(give_line, &r, take_key, &r);
		assert(!rc || r.has_failed);	/* it reads what we wrote */
		rc = r.has_failed ? -1 : 0;
	}
	for (size_t i = 0; i < r.nrows; i++) {
		free(r.row[i].key);
		free(r.row[i].value);
	}
	free(r.row);
	text_fini(&r.value);
	return rc;
}

/* ---- files ------------------------------------------------------------- */

static int
check_file(int fd, const char *name, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, EXIT_CONFIG, "%s: cannot be read: %s", name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, EXIT_CONFIG, "%s: is a folder; expected an INI file", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, EXIT_CONFIG, "%s: is no regular file; expected an INI file", name);
	if (st.st_size > FILE_MOST)
		return err_set(err, EXIT_CONFIG, "%s: has %lld bytes; an INI file has at most 1 MiB",
			       name, (long long)st.st_size);
	return 0;
}

/* All of fd; it may grow meanwhile, but not over the limit. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t got = read(fd, buf + n, size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

int
ini_read(const char *path, const char *name, ini_fn *fn, void *user, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), rc = -1;
	char *buf = NULL;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? err_set(err, EXIT_CONFIG, "%s: no such file", name) :
			err_set(err, EXIT_CONFIG, "%s: cannot be read: %s", name, strerror(errno));
	if (check_file(fd, name, err) < 0)
		goto out;
	buf = xmalloc(FILE_MOST);
	n = read_all(fd, buf, FILE_MOST);
	if (n < 0) {
		err_set(err, EXIT_CONFIG, "%s: cannot be read: %s", name, strerror(errno));
		goto out;
	}
	rc = ini_read_text(buf, (size_t)n, name, fn, user, err);
out:
	free(buf);
	close(fd);
	return rc;
}
