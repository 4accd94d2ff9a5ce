/* SPDX-License-Identifier: MIT */
/* clock - one monotonic time in nanoseconds, the same in every thread. */

#ifndef CORE_BASE_CLOCK_H
#define CORE_BASE_CLOCK_H

#include <stdint.h>

/* Choose the source: the invariant time stamp counter, calibrated against
 * CLOCK_MONOTONIC, or CLOCK_MONOTONIC itself.  Called once, before threads. */
void clock_init(void);

/* Nanoseconds of CLOCK_MONOTONIC (to within calibration).  Any thread. */
uint64_t clock_now(void);

/* CPU time of the calling thread, ns. */
uint64_t clock_thread_cpu(void);

/* Seconds of wall-clock time, for labels only, ns since the epoch. */
uint64_t clock_wall(void);

/* "tsc" or "monotonic". */
const char *clock_source(void);

#endif
