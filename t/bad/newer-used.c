/* SPDX-License-Identifier: MIT */
/* newer-used - sets a field this heddle does not know. */

#include "queue.h"

static const struct {
	struct heddle_scheduler now;
	void (*later)(void *self);
} scheduler = { .now = { .size = sizeof(scheduler), HONEST }, .later = queue_close };

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "newer-used",
	.scheduler = &scheduler.now,
};
