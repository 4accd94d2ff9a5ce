/* SPDX-License-Identifier: MIT */
/* child - a function in a process of its own, with a time limit. */

#ifndef CORE_BASE_CHILD_H
#define CORE_BASE_CHILD_H

#include <stddef.h>

enum child_end {
	CHILD_ANSWERED,
	CHILD_DIED,			/* *status, as of waitpid, says how */
	CHILD_LATE,			/* it was ended over its time */
	CHILD_NONE			/* it could not be made: errno */
};

/*
 * Fork (so: no threads here), call work in the child, and get its answer of n
 * bytes (at most 4096).  The child has a process group of its own, which is
 * ended with it, dies with us and leaves no core.  hangup: a descriptor whose
 * hang-up ends the waiting as CHILD_LATE; -1 for none.
 */
enum child_end child_run(void (*work)(void *user, void *answer), void *user,
			 void *answer, size_t n, unsigned limit_ms, int hangup, int *status);

/* How a child died: "WHO died of signal 11 (Segmentation fault)", "WHO ended
 * the process with code 3"; in buf. */
char *child_died(int status, const char *who, char *buf, size_t n);

#endif
