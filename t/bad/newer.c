/* SPDX-License-Identifier: MIT */
/* newer - has fields this heddle does not know, and leaves them zero. */

#include "queue.h"

static const struct {
	struct heddle_scheduler now;
	void (*later)(void *self);
} scheduler = { .now = { .size = sizeof(scheduler), HONEST } };

const struct {
	struct heddle_plugin now;
	uint64_t later;
} newer __asm__("heddle_plugin") __attribute__((visibility("default"))) = {
	.now = {
		.abi = HEDDLE_ABI,
		.size = sizeof(newer),
		.name = "newer",
		.scheduler = &scheduler.now,
	},
};
