/* SPDX-License-Identifier: MIT */
/* tail - rows and events of a record that another process still writes, as they come. */

#ifndef CORE_RECORD_TAIL_H
#define CORE_RECORD_TAIL_H

#include <stdint.h>

#include "core/run/log.h"

struct tail;

/* Nothing is read yet.  dir: the run's folder, open; borrowed. */
struct tail *tail_new(int dir, uint32_t nworkers, uint32_t ntasks);
void tail_free(struct tail *);			/* NULL is fine */

/* Take in what has come since, a share at a time; of a worker's rows and of
 * the events what is whole, no further than the first that is damaged. */
void tail_take(struct tail *);

const struct log *tail_logs(const struct tail *);	/* one a worker */
uint32_t tail_nevents(const struct tail *);
/* As run_events; texts are the tail's. */
uint32_t tail_events(const struct tail *, uint32_t from, struct run_event *out, uint32_t most);

#endif
