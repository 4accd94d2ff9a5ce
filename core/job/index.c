/* SPDX-License-Identifier: MIT */
/* index - where a name stands in a draft; a tree, so that no file makes it slow. */

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/die.h"
#include "core/base/xalloc.h"
#include "core/job/draft.h"

struct named {
	const char *of, *name;
	size_t i;
};

static int
by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int way = strcmp(x->of, y->of);

	return way ? way : strcmp(x->name, y->name);
}

size_t *
draft_index(const struct draft *d, const char *of, const char *name)
{
	const struct named key = { of, name, 0 };
	struct named **found = tfind(&key, &d->names, by_name);

	return found ? &(*found)->i : NULL;
}

void
draft_index_put(struct draft *d, const char *of, const char *name, size_t i)
{
	struct named *e = xmalloc(sizeof(*e));

	*e = (struct named){ of, name, i };
	if (!tsearch(e, &d->names, by_name))
		die("out of memory");
}

void
draft_index_fini(struct draft *d)
{
	tdestroy(d->names, free);
	d->names = NULL;
}
