/* SPDX-License-Identifier: MIT */
/* value - one text, read as its row of an option table says. */

#include "core/plugin/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/glob.h"

void *
value_keep(struct value_keep *keep, void *block)
{
	return *XADD(&keep->block, &keep->n, &keep->cap) = block;
}

void
value_keep_fini(struct value_keep *keep)
{
	for (size_t i = 0; i < keep->n; i++)
		free(keep->block[i]);
	free(keep->block);
	memset(keep, 0, sizeof(*keep));
}

typedef int read_fn(struct value *, const char *text, union heddle_item *);

/* ---- one word, by type ------------------------------------------------ */

static int
expected(struct value *v, const char *text, const char *what)
{
	return err_set(v->err, EXIT_CONFIG, "%s = %s; expected %s", v->row->name, text, what);
}

static char *
limit(char buf[WRITE_MAX], const struct heddle_option *row, double x)
{
	if (row->type == HEDDLE_TIME)
		return write_time(buf, (uint64_t)x);
	if (row->type == HEDDLE_SIZE)
		return write_size(buf, (uint64_t)x);
	snprintf(buf, WRITE_MAX, "%.15g", x);
	return buf;
}

/* Both limits 0: none.  A largest below the least: no largest. */
static int
within(struct value *v, const char *text, double x)
{
	const struct heddle_option *row = v->row;
	char least[WRITE_MAX], most[WRITE_MAX];

	if ((!row->min && !row->max) ||
	    (x >= row->min && (x <= row->max || row->max < row->min)))
		return 0;
	limit(least, row, row->min);
	if (row->max < row->min)
		return err_set(v->err, EXIT_CONFIG, "%s = %s; expected at least %s",
			       row->name, text, least);
	return err_set(v->err, EXIT_CONFIG, "%s = %s; expected %s to %s",
		       row->name, text, least, limit(most, row, row->max));
}

static int
text_in(struct value *v, const char *text, union heddle_item *to)
{
	to->s = value_keep(v->keep, xstrdup(text));
	return 0;
}

static int
bool_in(struct value *v, const char *text, union heddle_item *to)
{
	const char *why;
	int is;

	if (read_bool(text, &is, &why) < 0)
		return expected(v, text, why);
	to->i = is;
	return 0;
}

static int
whole_in(struct value *v, const char *text, union heddle_item *to,
	 int (*read)(const char *, int64_t *, const char **))
{
	const char *why;

	if (read(text, &to->i, &why) < 0)
		return expected(v, text, why);
	return within(v, text, (double)to->i);
}

static int
int_in(struct value *v, const char *text, union heddle_item *to)
{
	return whole_in(v, text, to, read_int);
}

static int
count_in(struct value *v, const char *text, union heddle_item *to)
{
	return whole_in(v, text, to, read_count);
}

static int
size_in(struct value *v, const char *text, union heddle_item *to)
{
	return whole_in(v, text, to, read_size);
}

static int
time_in(struct value *v, const char *text, union heddle_item *to)
{
	return whole_in(v, text, to, read_time);
}

static int
real_in(struct value *v, const char *text, union heddle_item *to)
{
	const char *why;

	if (read_real(text, &to->d, &why) < 0)
		return expected(v, text, why);
	return within(v, text, to->d);
}

/* The words of a choice, NULL-terminated; free both. */
static const char **
split_words(const char *words, char **copy)
{
	const char **word = NULL;
	size_t n = 0, cap = 0;
	char *at, *save;

	*copy = xstrdup(words);
	for (at = strtok_r(*copy, "|", &save); at; at = strtok_r(NULL, "|", &save))
		*XADD(&word, &n, &cap) = at;
	*XADD(&word, &n, &cap) = NULL;
	return word;
}

static int
choice_in(struct value *v, const char *text, union heddle_item *to)
{
	char *copy;
	const char **word = split_words(v->row->words, &copy), *near;
	int bad = 0;

	for (to->i = 0; word[to->i] && strcmp(word[to->i], text); to->i++)
		;
	if (!word[to->i]) {
		near = nearest(text, word);
		bad = expected(v, text, v->row->words);
		if (near)
			err_add(v->err, "; did you mean '%s'?", near);
	}
	free(word);
	free(copy);
	return bad;
}

static const struct type {
	const char *one, *many;		/* as documents name it; NULL: by its words */
	read_fn *read;
} types[] = {
	[HEDDLE_TEXT] = { "text", "texts", text_in },
	[HEDDLE_BOOL] = { "yes|no", "yes|no ...", bool_in },
	[HEDDLE_INT] = { "integer", "integers", int_in },
	[HEDDLE_REAL] = { "number", "numbers", real_in },
	[HEDDLE_COUNT] = { "count", "counts", count_in },
	[HEDDLE_SIZE] = { "size", "sizes", size_in },
	[HEDDLE_TIME] = { "time", "times", time_in },
	[HEDDLE_CHOICE] = { NULL, NULL, choice_in },
	[HEDDLE_PATH] = { "path", "paths", text_in },
};
enum { NTYPES = sizeof(types) / sizeof(*types) };

int
value_is_type(unsigned type)
{
	return type < NTYPES && types[type].read;
}

const char *
value_type_name(const struct heddle_option *row)
{
	if (row->type == HEDDLE_CHOICE)
		return row->words;
	if (!value_is_type(row->type))
		return "?";
	return row->flags & HEDDLE_LIST ? types[row->type].many : types[row->type].one;
}

/* ---- one text: a value, or a list of them ----------------------------- */

/* A file of that very name is meant before any pattern. */
static int
is_there(const struct value *v, const char *path)
{
	char *real = xasprintf("%s/%s", *path == '/' || !v->dir ? "." : v->dir, path);
	int is = !access(*path == '/' ? path : real, F_OK);

	free(real);
	return is;
}

static void
add_paths(struct value *v, const char *pattern)
{
	struct glob_files files = { 0 };

	glob_expand(&files, v->dir, pattern);
	for (size_t i = 0; i < files.n; i++)
		XADD(&v->item, &v->n, &v->cap)->s = value_keep(v->keep, xstrdup(files.at[i]));
	glob_fini(&files);
}

static int
add(struct value *v, const char *word)
{
	if (v->row->type == HEDDLE_PATH) {
		if (!*word)
			return expected(v, word, "a path");
		if (has_glob(word) && !is_there(v, word)) {
			add_paths(v, word);
			return 0;
		}
	}
	return types[v->row->type].read(v, word, XADD(&v->item, &v->n, &v->cap));
}

/*
 * The next word of a list: words stand apart by blanks; one in "..." may hold
 * blanks, and \" and \\.  -> 1 and the word, 0 at the end, -1.
 */
static int
next_word(struct value *v, const char **at, struct text *word)
{
	const char *s = *at + strspn(*at, " \t\n");

	text_clear(word);
	text_add(word, "");
	if (!*s)
		return 0;
	if (*s != '"') {
		size_t n = strcspn(s, " \t\n");

		text_addn(word, s, n);
		*at = s + n;
		return 1;
	}
	for (s++; *s && *s != '"'; s++) {
		if (*s == '\\' && (s[1] == '"' || s[1] == '\\'))
			s++;
		text_addc(word, *s);
	}
	if (!*s)
		return err_set(v->err, EXIT_CONFIG, "%s: a quote is not closed", v->row->name);
	if (s[1] && !strchr(" \t\n", s[1]))
		return err_set(v->err, EXIT_CONFIG, "%s: expected a blank behind \"%s\"",
			       v->row->name, word->at ? word->at : "");
	*at = s + 1;
	return 1;
}

static int
read_list(struct value *v, const char *text)
{
	struct text word = { 0 };
	int more;

	while ((more = next_word(v, &text, &word)) > 0)
		if (add(v, word.at ? word.at : "") < 0) {
			more = -1;
			break;
		}
	text_fini(&word);
	return more;
}

/* One pattern of several may find nothing; all of them may not. */
static int
check_paths(struct value *v, const char *text)
{
	if (v->n || v->row->type != HEDDLE_PATH || !has_glob(text))
		return 0;
	return err_set(v->err, EXIT_CONFIG, "%s = %s: no file matches", v->row->name, text);
}

int
value_read(struct value *v, const char *text)
{
	int bad = v->row->flags & HEDDLE_LIST ? read_list(v, text) : add(v, text);

	if (bad || check_paths(v, text) < 0)
		return -1;
	if (v->row->flags & HEDDLE_LIST)
		return 0;
	if (v->n != 1)
		return err_set(v->err, EXIT_CONFIG, "%s = %s: %zu files match; expected one",
			       v->row->name, text, v->n);
	return 0;
}
