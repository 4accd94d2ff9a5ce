/* SPDX-License-Identifier: MIT */
/* past - a past run by what was typed: its number or its folder. */

#include "cli/past.h"

#include <stdlib.h>
#include <string.h>

int
cli_past(struct past **out, const struct cli *cli, const char *what, struct err *err)
{
	struct cli own = *cli;

	if (strchr(what, '/'))
		return past_open_dir(out, what, err);
	if (!*what || strspn(what, "0123456789") != strlen(what) || strlen(what) > 9)
		return err_set(err, EXIT_USAGE,
			       "%s '%s': expected the number of a run (heddle ls) or its folder",
			       cli->command, what);
	if (cli_find_store(&own, err) < 0)
		return -1;
	return past_open(out, own.store, (uint32_t)strtoul(what, NULL, 10), err);
}
