/* SPDX-License-Identifier: MIT */
/* open - a job, planned, or a run that is over, in the workbench. */

#include <stdlib.h>
#include <string.h>

#include "cli/front.h"

static int
is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s) && strlen(s) < 10;
}

static int
open_what(struct session **s, const struct cli *cli, struct err *err)
{
	const char *what = cli->arg[0];
	struct cli own = *cli;

	if (is_number(what))
		return cli_find_store(&own, err) < 0 ? -1 :
		       session_open_run(s, (uint32_t)strtoul(what, NULL, 10), own.store,
					cli->keeper, err);
	return front_open(s, cli, what, cli->arg + 1, err);
}

int
cli_open(const struct cli *cli)
{
	struct session *s;
	struct err err = { 0 };

	if (!cli->nargs)
		err_set(&err, EXIT_USAGE, "open: expected a job or the number of a run");
	else if (is_number(cli->arg[0]) && cli->nargs > 1)
		err_set(&err, EXIT_USAGE, "open %s: a run takes no goals", cli->arg[0]);
	else if ((cli->ui != UI_AUTO && cli->ui != UI_FULL && !cli->is_ui_wish) ||
		 !front_has_terminal(cli))
		err_set(&err, EXIT_USAGE, "open %s: the workbench needs a terminal; "
			"heddle batch runs a job without one, heddle show tells of a run",
			cli->arg[0]);
	else if (open_what(&s, cli, &err) == 0)
		return front_loop(cli, s, 1, 0);
	return cli_complain(&err);
}
