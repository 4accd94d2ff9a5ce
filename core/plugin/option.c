/* SPDX-License-Identifier: MIT */
/* option - texts a person typed, checked against a plugin's option table. */

#include "core/plugin/option.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/value.h"

int
option_check(const struct heddle_option *row, const char *text, struct err *err)
{
	struct value_keep keep = { 0 };
	struct value v = { .row = row, .keep = &keep, .err = err };
	int bad = value_read(&v, text);

	free(v.item);
	value_keep_fini(&keep);
	return bad;
}

/* ---- a table ---------------------------------------------------------- */

const struct heddle_option *
option_at(const struct heddle_option *table, uint32_t i)
{
	return (const void *)((const char *)table + (size_t)i * table->size);
}

uint32_t
option_count(const struct heddle_option *table)
{
	uint32_t n = 0;

	if (table && table->name)
		while (option_at(table, n)->name)
			n++;
	return n;
}

const struct heddle_option *
option_find(const struct heddle_option *table, const char *name)
{
	for (uint32_t i = 0, n = option_count(table); i < n; i++)
		if (!strcmp(option_at(table, i)->name, name))
			return option_at(table, i);
	return NULL;
}

const char *
option_type_name(const struct heddle_option *row)
{
	return value_type_name(row);
}

/* ---- all of a table --------------------------------------------------- */

static int
in_place(struct err *err, const char *where, const char *what)
{
	if (what && *what)
		err_in(err, "%s", what);
	if (where && *where)
		err_in(err, "%s", where);
	if (err && where && *where == '-' && !strchr(where, ':'))
		err->code = EXIT_USAGE;
	return -1;
}

static int
check_names(const struct heddle_option *table, const struct option_given *given,
	    uint32_t ngiven, const char *what, struct err *err)
{
	uint32_t n = option_count(table);

	for (uint32_t i = 0; i < ngiven; i++) {
		const char **names, *near;

		if (!given[i].text || option_find(table, given[i].name))
			continue;
		names = xcalloc(n + 1, sizeof(*names));
		for (uint32_t k = 0; k < n; k++)
			names[k] = option_at(table, k)->name;
		near = nearest(given[i].name, names);
		err_set(err, EXIT_CONFIG, "no option '%s'", given[i].name);
		if (near)
			err_add(err, "; did you mean '%s'?", near);
		else
			err_add(err, n ? "; it has" : "; it has none");
		for (uint32_t k = 0; !near && k < n; k++)
			err_add(err, " %s", names[k]);
		free(names);
		return in_place(err, given[i].where, what);
	}
	return 0;
}

/* The last row that says something of name; else the last that names it. */
static const struct option_given *
find_given(const struct option_given *given, uint32_t n, const char *name)
{
	const struct option_given *silent = NULL;

	while (n--)
		if (!strcmp(given[n].name, name)) {
			if (given[n].text)
				return &given[n];
			if (!silent)
				silent = &given[n];
		}
	return silent;
}

static int
parse_row(struct option_values *v, uint32_t i, const struct heddle_option *row,
	  const struct option_given *given, const char *dir, struct err *err)
{
	struct value r = { .row = row, .dir = dir, .keep = v->keep, .err = err };
	const char *text = given && given->text ? given->text : row->fallback;
	int bad = text ? value_read(&r, text) : 0;

	if (!bad && !r.n && row->flags & HEDDLE_REQUIRED)
		bad = err_set(err, EXIT_CONFIG, "%s is missing; expected %s",
			      row->name, option_type_name(row));
	if (r.item)
		value_keep(v->keep, r.item);
	v->arg[i] = (struct heddle_arg){ (uint32_t)r.n, r.item };
	return bad;
}

int
option_parse(struct option_values *v, const struct heddle_option *table,
	     const struct option_given *given, uint32_t ngiven,
	     const char *what, const char *dir, struct err *err)
{
	if (check_names(table, given, ngiven, what, err) < 0)
		return -1;
	v->n = option_count(table);
	v->arg = xcalloc(v->n, sizeof(*v->arg));
	v->keep = xcalloc(1, sizeof(struct value_keep));
	for (uint32_t i = 0; i < v->n; i++) {
		const struct heddle_option *row = option_at(table, i);
		const struct option_given *g = find_given(given, ngiven, row->name);

		if (parse_row(v, i, row, g, dir, err) < 0) {
			option_fini(v);
			return in_place(err, g ? g->where : NULL, what);
		}
	}
	return 0;
}

void
option_fini(struct option_values *v)
{
	if (v->keep)
		value_keep_fini(v->keep);
	free(v->keep);
	free(v->arg);
	memset(v, 0, sizeof(*v));
}

/* ---- is a table well made? -------------------------------------------- */

int
option_is_name(const char *s)
{
	return *s >= 'a' && *s <= 'z' &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-")];
}

/* What every node may say: core's, never an option's. */
static int
is_core_key(const char *name)
{
	static const char *const keys[] = {
		"of", "after", "each", "in", "out", "when", "cores", "mem",
		"pool", "priority", "expect", "retries", "backoff",
		"retry_on", "timeout", "grace",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i], name))
			return 1;
	return 0;
}

static int
check_choice(const struct heddle_option *row, struct err *err)
{
	const char *s = row->words;

	if (!s || !*s || *s == '|' || s[strlen(s) - 1] == '|' || strstr(s, "||"))
		return err_set(err, EXIT_PLUGIN,
			       "option '%s' is a choice without words; expected such as \"a|b\"",
			       row->name);
	return 0;
}

static int
check_fallback(const struct heddle_option *row, struct err *err)
{
	if (row->flags & HEDDLE_REQUIRED && row->fallback)
		return err_set(err, EXIT_PLUGIN,
			       "option '%s' is required, yet has a default", row->name);
	/* a pattern is a matter of the day it is used */
	if (!row->fallback || (row->type == HEDDLE_PATH && has_glob(row->fallback)))
		return 0;
	if (option_check(row, row->fallback, err) < 0) {
		err_in(err, "default of option");
		if (err)
			err->code = EXIT_PLUGIN;
		return -1;
	}
	return 0;
}

static int
check_row(const struct heddle_option *table, uint32_t i, struct err *err)
{
	const struct heddle_option *row = option_at(table, i);

	if (!option_is_name(row->name))
		return err_set(err, EXIT_PLUGIN,
			       "option '%s': bad name; expected a-z, then a-z 0-9 _ . -",
			       row->name);
	if (is_core_key(row->name))
		return err_set(err, EXIT_PLUGIN,
			       "option '%s' has a name that every node has", row->name);
	if (option_find(table, row->name) != row)
		return err_set(err, EXIT_PLUGIN, "option '%s' is there twice", row->name);
	if (!value_is_type(row->type))
		return err_set(err, EXIT_PLUGIN,
			       "option '%s' is of type %u, which this heddle does not know",
			       row->name, row->type);
	if (row->flags & ~(HEDDLE_REQUIRED | HEDDLE_LIST))
		return err_set(err, EXIT_PLUGIN,
			       "option '%s' has flags %#x, which this heddle does not know",
			       row->name, row->flags);
	if (row->max && row->max < row->min)
		return err_set(err, EXIT_PLUGIN, "option '%s': its most, %g, is below its least, %g",
			       row->name, row->max, row->min);
	if (row->type == HEDDLE_CHOICE && check_choice(row, err) < 0)
		return -1;
	return check_fallback(row, err);
}

int
option_table_check(const struct heddle_option *table, struct err *err)
{
	if (table && table->name && table->size < sizeof(*table))
		return err_set(err, EXIT_PLUGIN, "option rows of %u bytes; expected at least %zu",
			       table->size, sizeof(*table));
	for (uint32_t i = 0, n = option_count(table); i < n; i++)
		if (check_row(table, i, err) < 0)
			return -1;
	return 0;
}
