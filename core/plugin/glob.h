/* SPDX-License-Identifier: MIT */
/* glob - the files a pattern names, sorted by bytes. */

#ifndef CORE_PLUGIN_GLOB_H
#define CORE_PLUGIN_GLOB_H

#include <stddef.h>

struct glob_files {
	char **at;		/* as the pattern is written: relative stays relative; -x is ./-x */
	size_t n, cap;
};

/*
 * Regular files (or links to them) that match; a relative pattern starts in
 * dir (NULL: here).  * ? [..] stay within a folder's name and pass over a
 * leading dot; a part ** stands for any folders, or none, not through links.
 * Folders that cannot be read are passed over.  Zero-initialise the result.
 */
void glob_expand(struct glob_files *, const char *dir, const char *pattern);
void glob_fini(struct glob_files *);

#endif
