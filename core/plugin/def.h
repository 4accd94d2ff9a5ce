/* SPDX-License-Identifier: MIT */
/* def - a plugin's tables, checked and copied into ours. */

#ifndef CORE_PLUGIN_DEF_H
#define CORE_PLUGIN_DEF_H

#include <heddle.h>
#include <stddef.h>

struct err;

struct def {
	struct heddle_plugin plugin;	/* points at ours below; texts stay the plugin's */
	struct heddle_scheduler scheduler;
	struct heddle_collection collection;
	void **block;			/* copied tables */
	size_t n, cap;
};

/*
 * Check everything a table can be wrong in, and copy by its strides.  name is
 * what the plugin must be called; NULL: anything.  0, or -1 and err
 * (EXIT_PLUGIN); to be ended with def_fini either way.
 */
int def_read(struct def *, const struct heddle_plugin *theirs, const char *name,
	     struct err *) __attribute__((warn_unused_result));
void def_fini(struct def *);

#endif
