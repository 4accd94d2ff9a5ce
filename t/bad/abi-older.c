/* SPDX-License-Identifier: MIT */
/* abi-older - says an abi from before the first. */

#include "queue.h"

static const struct heddle_scheduler scheduler = { .size = sizeof(scheduler), HONEST };

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI - 1,
	.size = sizeof(heddle_plugin),
	.name = "abi-older",
	.scheduler = &scheduler,
};
