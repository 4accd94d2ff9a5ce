/* SPDX-License-Identifier: MIT */
/* place - the folders where plugins lie. */

#ifndef CORE_PLUGIN_PLACE_H
#define CORE_PLUGIN_PLACE_H

#include <stddef.h>

struct places {
	char **at;			/* in the order they are looked through; NULL ends it */
	size_t n, cap;
	char *ours;			/* installed, or the build tree's: trusted */
};

/* $HEDDLE_PLUGIN_PATH and the user's data folder, unless setuid, then ours. */
void places_find(struct places *);
void places_fini(struct places *);

/* Does the file, links followed, lie in our own folder? */
int places_is_ours(const struct places *, const char *path);

/* Is it named as a plugin: NAME.so, not hidden? */
int place_is_plugin(const char *name);

/* Paths of the plugins in a folder, sorted by bytes; free() each and all. */
char **place_files(const char *place, size_t *n);

#endif
