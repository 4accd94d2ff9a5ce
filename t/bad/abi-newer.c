/* SPDX-License-Identifier: MIT */
/* abi-newer - says an abi that is not out yet. */

#include "queue.h"

static const struct heddle_scheduler scheduler = { .size = sizeof(scheduler), HONEST };

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI + 1,
	.size = sizeof(heddle_plugin),
	.name = "abi-newer",
	.scheduler = &scheduler,
};
