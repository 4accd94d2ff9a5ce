/* SPDX-License-Identifier: MIT */
/* stays - cannot be unloaded (-z nodelete). */

#include "queue.h"

SCHEDULER("stays", "cannot be unloaded (-z nodelete)", HONEST);
