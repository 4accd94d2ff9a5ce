/* SPDX-License-Identifier: MIT */
/* past - a past run by what was typed: its number or its folder. */

#ifndef CLI_PAST_H
#define CLI_PAST_H

#include "cli/cli.h"
#include "core/record/record.h"

/* 0, or -1 and err (EXIT_USAGE: no such run). */
int cli_past(struct past **, const struct cli *, const char *what, struct err *)
	__attribute__((warn_unused_result));

#endif
