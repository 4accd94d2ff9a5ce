/* SPDX-License-Identifier: MIT */
/* load - check and hold one shared object. */

#ifndef CORE_PLUGIN_LOAD_H
#define CORE_PLUGIN_LOAD_H

#include <heddle.h>

struct err;
struct keeper;

/* def, and all tables below it, are ours: copied with their strides into
 * structs of this heddle's size, fields they lack are zero. */
struct plugin {
	void *handle;
	char *path;			/* absolute, as loaded */
	struct heddle_plugin def;
	const struct heddle_scheduler *scheduler;	/* = def.scheduler; NULL: a collection */
	const struct heddle_collection *collection;	/* = def.collection; its tables end in a nameless row */
	unsigned char sha256[32];	/* of the file */
};

/*
 * Load a plugin from a path.  Checked before dlopen, on the descriptor that is
 * then loaded: a regular file; file and folder owned by root or me and not
 * writable by others; ELF headers within the file, this class and machine.
 * Unless trusted (it lies in the installed or the build folder), keeper tries
 * it first; a NULL keeper skips the trial.  Then dlopen, symbol, abi, size,
 * kind, name, tables.  On failure -1, err is one sentence starting with the
 * path (EXIT_PLUGIN), *out untouched.  Main or run thread.
 */
int plugin_load(struct plugin **out, const char *path, int is_trusted,
		struct keeper *, struct err *) __attribute__((warn_unused_result));

/* Unload; NULL is fine.  Nothing the plugin gave may be in use. */
void plugin_free(struct plugin *);

/* The trial: dlopen and check in a process of its own (for keeper_start). */
int plugin_trial(const char *path, char *why, size_t n);

const struct heddle_op *plugin_op(const struct plugin *, const char *name);		/* or NULL */
const struct heddle_kernel *plugin_kernel(const struct plugin *, const char *name);	/* or NULL */
const struct heddle_kind *plugin_kind(const struct plugin *, const char *name);	/* or NULL */

#endif
