/* SPDX-License-Identifier: MIT */
/* cores - how many cores are at hand, and so how many workers `auto` and `50%` are. */

#ifndef CORE_JOB_CORES_H
#define CORE_JOB_CORES_H

#include <stdint.h>

enum { WORKERS_MOST = 4096 };

/* Cores this process may use: by its affinity, by $SLURM_CPUS_ON_NODE, and by
 * the quotas of its control groups (version 1 or 2), rounded up; at least 1.
 * root is put before /proc and /sys: "" but in tests. */
uint32_t cores_at_hand(const char *root);

/* "auto", "4", "50%" as a number of workers, 1 .. WORKERS_MOST; 0, or -1 and
 * what was expected. */
int workers_read(const char *text, uint32_t *n, const char **why);

#endif
