/* SPDX-License-Identifier: MIT */
/* settings - the table of all settings: what one-word sections may say, and where it goes. */

#ifndef CORE_JOB_SETTINGS_H
#define CORE_JOB_SETTINGS_H

#include <heddle.h>

struct job;
struct value_keep;

/*
 * A row.  An option whose fallback is NULL may be left empty, and is then not
 * said.  A name in capitals stands for any name: pool.NAME, NODE, OPTION; its
 * rows go where job.h says and are put by core/job/job.c.
 */
struct setting {
	const char *section;
	struct heddle_option option;
	/* more than the type asks; NULL: nothing.  0, or -1 and what was expected */
	int (*check)(const char *text, const char **why);
	/* a value to its field of struct settings, strings in keep already;
	 * NULL: a row for any name */
	void (*put)(void *field, const struct heddle_arg *, struct value_keep *);
	size_t field;
};
extern const struct setting settings[];		/* a NULL section ends it */

/* The row of a key, or NULL; what begins as a row for any name is that row. */
const struct setting *setting_find(const char *section, const char *key);
int setting_is_section(const char *section);
int setting_is_any(const struct setting *);	/* a row for any name? */

/* The names of settings, keys of a section (NULL: the sections), for nearest();
 * NULL-terminated, free() it. */
const char **setting_names(const char *section);

#endif
