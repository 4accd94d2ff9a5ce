/* SPDX-License-Identifier: MIT */
/* logs - what tasks say, a file an attempt, kept under a limit while they say it. */

#ifndef CORE_RECORD_LOGS_H
#define CORE_RECORD_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "core/run/log.h"

struct logs;

/* In the folder logs of dir.  most: bytes a file may take on the disk; 0: no
 * limit.  NULL with errno. */
struct logs *logs_new(int dir, uint64_t most);
void logs_free(struct logs *);		/* NULL is fine */

/* The file of an attempt, to append to; -1 with errno.  Any thread. */
int logs_open(struct logs *, heddle_task, uint32_t attempt);

/* These rows are written: their tasks' logs are trimmed once more and then
 * grow no longer.  Any thread; costs nothing while no log is open. */
void logs_ended(struct logs *, const struct log_row *, size_t n);

/* Give back the middle of files that are over the limit: half of what is kept
 * is their beginning, half their end.  Any thread. */
void logs_trim(struct logs *);

#endif
