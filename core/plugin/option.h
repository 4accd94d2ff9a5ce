/* SPDX-License-Identifier: MIT */
/* option - texts a person typed, checked against a plugin's option table. */

#ifndef CORE_PLUGIN_OPTION_H
#define CORE_PLUGIN_OPTION_H

#include <heddle.h>
#include <stdint.h>

struct err;

/* One value to set; text is borrowed for the call.  NULL text: not said. */
struct option_given {
	const char *name, *text;
	const char *where;	/* "conf/a.ini:12" before a complaint; NULL: nothing;
				 * "-o", without a line: the command line is bad (EXIT_USAGE) */
};

/* Values in table order; own the strings they point at. */
struct option_values {
	struct heddle_arg *arg;		/* as many as rows */
	uint32_t n;
	void *keep;			/* what arg points into */
};

/* How many rows a table has (0 for NULL). */
uint32_t option_count(const struct heddle_option *);

/* Row i, whatever the stride. */
const struct heddle_option *option_at(const struct heddle_option *table, uint32_t i);

/* The row called name, or NULL. */
const struct heddle_option *option_find(const struct heddle_option *table, const char *name);

/*
 * Parse what was given (ngiven rows; the last of one name wins) and the
 * fallbacks of the rest.  Relative PATHs stay as they are and globs expand
 * from dir (NULL: here).  what ("scheduler 'hlf'", "[bag.read text]") starts
 * complaints: unknown name with the nearest known one, wrong type with what
 * was expected, a REQUIRED one missing.  0 or -1 and err (EXIT_CONFIG).
 */
int option_parse(struct option_values *, const struct heddle_option *table,
		 const struct option_given *, uint32_t ngiven,
		 const char *what, const char *dir, struct err *)
	__attribute__((warn_unused_result));
void option_fini(struct option_values *);

/* One text against one row, 0 or -1; for checking a setting before it is used. */
int option_check(const struct heddle_option *, const char *text, struct err *)
	__attribute__((warn_unused_result));

/* "count", "time", "merge|flat" ... : the type as documents name it. */
const char *option_type_name(const struct heddle_option *);

/* Is it a name as plugins, operations, kernels, kinds and options have:
 * a-z, then a-z 0-9 _ . - ? */
int option_is_name(const char *);

/* Is a table well made: sizes, types, names, fallbacks that parse, no name
 * that every node has?  0 or -1 (EXIT_PLUGIN). */
int option_table_check(const struct heddle_option *, struct err *)
	__attribute__((warn_unused_result));

#endif
