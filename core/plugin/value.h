/* SPDX-License-Identifier: MIT */
/* value - one text, read as its row of an option table says. */

#ifndef CORE_PLUGIN_VALUE_H
#define CORE_PLUGIN_VALUE_H

#include <heddle.h>
#include <stddef.h>

struct err;

/* Blocks that items point into. */
struct value_keep {
	void **block;
	size_t n, cap;
};

/* A value on its way from text to items; zero but for the first four. */
struct value {
	const struct heddle_option *row;
	const char *dir;		/* where relative patterns start; NULL: here */
	struct value_keep *keep;	/* gets the strings */
	struct err *err;
	union heddle_item *item;	/* free() it */
	size_t n, cap;
};

/* 0, or -1 and err ("chunk = 3Q; expected ..."). */
int value_read(struct value *, const char *text);

/* Hand over a block; returns it. */
void *value_keep(struct value_keep *, void *block);
void value_keep_fini(struct value_keep *);

int value_is_type(unsigned type);

/* As option_type_name. */
const char *value_type_name(const struct heddle_option *);

#endif
