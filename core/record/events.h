/* SPDX-License-Identifier: MIT */
/* events - rare happenings as lines of JSON, written and read back. */

#ifndef CORE_RECORD_EVENTS_H
#define CORE_RECORD_EVENTS_H

#include <stddef.h>

#include "core/run/log.h"

struct graph;
struct text;

/* One line, ended by a newline: {"at_s": .., "kind": "fail", "task": "count/3",
 * "id": 17, "worker": 1, "code": .., "attempt": .., "n": .., "peak": ..,
 * "text": ..}; what is 0, none or empty is left out. */
void event_write(const struct run_event *, const struct graph *, struct text *);

/* Read one back (no newline); text is malloc'd.  Keys it does not know are
 * passed over.  0, or -1: it is no such line, *out is untouched. */
int event_read(struct run_event *out, const char *line, size_t n);

#endif
