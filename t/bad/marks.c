/* SPDX-License-Identifier: MIT */
/* marks - leaves a file where HEDDLE_MARK says, when it is loaded. */

#include "queue.h"

#include <stdio.h>

__attribute__((constructor)) static void
mark(void)
{
	const char *path = getenv("HEDDLE_MARK");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (f)
		fclose(f);
}

SCHEDULER("marks", "leaves a file where HEDDLE_MARK says, when it is loaded", HONEST);
