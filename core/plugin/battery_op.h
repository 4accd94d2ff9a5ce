/* SPDX-License-Identifier: MIT */
/* battery_op - a collection's operations, planned alone and, where that can do no harm, run. */

#ifndef CORE_PLUGIN_BATTERY_OP_H
#define CORE_PLUGIN_BATTERY_OP_H

#include <stddef.h>

#include "core/plugin/load.h"

/*
 * Plan, with its defaults, each operation that takes no input and requires no
 * option, twice: the tasks must be alike, their kernels the collection's own.
 * PURE kernels are run, twice: the bytes must be alike.  0; -1 and why; 1: no
 * such operation.
 */
int battery_op(const struct plugin *, char *why, size_t n);

#endif
