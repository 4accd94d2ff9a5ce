/* SPDX-License-Identifier: MIT */
/* shelf - the plugins at hand: where they are looked for, what is loaded, what was refused. */

#ifndef CORE_PLUGIN_SHELF_H
#define CORE_PLUGIN_SHELF_H

#include <stddef.h>

#include "core/plugin/load.h"

struct err;
struct keeper;

/*
 * Places, in order: files named by path; $HEDDLE_PLUGIN_PATH (ignored when
 * setuid); $XDG_DATA_HOME/heddle/plugins; the installed folder, or, for the
 * program in its build tree, the build's plugins/.  A name is loaded when a
 * job names it, never by scanning; listing checks without loading for good.
 * Main thread and run thread, not at once.
 */
struct shelf;

enum shelf_state { SHELF_FOUND, SHELF_LOADED, SHELF_REFUSED };

struct shelf_row {			/* one file that was seen */
	const char *name;		/* the file's, without .so */
	const char *path;
	const char *why;		/* SHELF_REFUSED: one sentence; else NULL */
	const struct plugin *plugin;	/* SHELF_LOADED; else NULL */
	enum shelf_state state;
};

struct shelf *shelf_new(struct keeper *);	/* borrowed; NULL: strange plugins are not tried */
void shelf_free(struct shelf *);		/* unloads all; NULL is fine */

/* A plugin by name ("hlf") or path (with a slash: "./mine.so"); relative
 * paths from dir (NULL: here).  Loads it if need be; a second file of one
 * name is refused.  -> borrowed, or NULL and err: EXIT_PLUGIN, with the
 * nearest name, or why it was refused. */
const struct plugin *shelf_get(struct shelf *, const char *name_or_path,
			       const char *dir, struct err *);

/* Look through all places and try every file (each is loaded, checked and
 * kept).  Rows stay valid until the next call. */
const struct shelf_row *shelf_list(struct shelf *, size_t *n);

/* Rows of what was loaded or refused so far; no looking. */
const struct shelf_row *shelf_rows(const struct shelf *, size_t *n);

/* Folders searched, NULL-terminated, borrowed. */
const char *const *shelf_places(const struct shelf *);

#endif
