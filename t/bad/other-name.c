/* SPDX-License-Identifier: MIT */
/* other-name - calls itself by the name of another file. */

#include "queue.h"

SCHEDULER("another", "calls itself by the name of another file", HONEST);
