/* SPDX-License-Identifier: MIT */
/* each - the items a node makes a task of. */

#ifndef CORE_GRAPH_EACH_H
#define CORE_GRAPH_EACH_H

#include <stddef.h>
#include <stdint.h>

#include "core/graph/words.h"

struct err;

struct each {
	char **item;
	int64_t *number;		/* what {i} says: of a range the number, else the place */
	size_t n, cap, capnumbers;
};

/*
 * Words, each of which is a range 1..12, a pattern *.txt (files, sorted, from
 * dir), a list @FILE (its lines that are not empty, from dir) or itself; what
 * is quoted is itself.  Zero-initialise.  0, or -1 and err: a pattern without
 * a file, a list that cannot be read, a range from more to less, too many.
 */
int each_read(struct each *, const struct words *, const char *dir, struct err *)
	__attribute__((warn_unused_result));
void each_add(struct each *, const char *item, int64_t number);
void each_fini(struct each *);

#endif
