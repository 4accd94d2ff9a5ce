/* SPDX-License-Identifier: MIT */
/* battery - what every plugin must do, tried on one. */

#ifndef CORE_PLUGIN_BATTERY_H
#define CORE_PLUGIN_BATTERY_H

#include <stdint.h>

#include "core/plugin/load.h"
#include "core/plugin/option.h"

enum finding_state { FINDING_OK, FINDING_FAILED, FINDING_SKIPPED };

struct finding {
	const char *what;		/* "gives each task once" */
	enum finding_state state;
	const char *said;		/* what went wrong, what was measured, why not; "" */
};

/*
 * Try everything, each in a process of its own with a time limit: a crash or a
 * hang is a finding.  Tells each finding as it comes.  given: options for a
 * scheduler.  -> how many failed.  Forks: no threads here.
 */
int battery_run(const struct plugin *, const struct option_given *given, uint32_t ngiven,
		void (*tell)(void *user, const struct finding *), void *user);

#endif
