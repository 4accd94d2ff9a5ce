/* SPDX-License-Identifier: MIT */
/* battery_check - one test of the battery, and what it sees. */

#ifndef CORE_PLUGIN_BATTERY_CHECK_H
#define CORE_PLUGIN_BATTERY_CHECK_H

#include "core/plugin/load.h"

/* In the child; what it says goes back whole. */
struct trying {
	const struct plugin *plugin;
	const struct heddle_scheduler *def;
	const struct heddle_arg *arg;
	int (*check)(struct trying *);	/* 0, -1, or 1: there is nothing to try */
	int state;			/* what that gave */
	char said[400];
};

/* Who fails on a level is not tried on those above; who dies or hangs, on
 * none. */
enum level { OPENS, GIVES, ALL, NONE_ABOVE };

struct check {			/* a NULL name ends a table */
	const char *what, *skipped;
	int (*check)(struct trying *);
	enum level level;
};

/* What a scheduler must do. */
extern const struct check battery_order[];

/* What a collection must do. */
extern const struct check battery_op[];

#endif
