/* SPDX-License-Identifier: MIT */
/* run - a job, at once: in the workbench, or plainly as `batch`. */

#include "cli/front.h"

/* The workbench where there is a terminal for it and nobody asked for less. */
static int
wants_full(const struct cli *cli)
{
	return cli->ui == UI_FULL || (cli->ui == UI_AUTO && !cli->json && front_has_terminal(cli));
}

static int
run(const struct cli *cli, int is_full)
{
	struct session *s;
	struct err err = { 0 };

	if (!cli->nargs)
		err_set(&err, EXIT_USAGE, "%s: expected a job; there is no heddle.ini here or above",
			cli->command);
	else if (is_full && !front_has_terminal(cli))
		err_set(&err, EXIT_USAGE, "run %s: the workbench needs a terminal; "
			"heddle batch runs a job without one", cli->arg[0]);
	else if (front_open(&s, cli, cli->arg[0], cli->arg + 1, &err) == 0)
		return front_loop(cli, s, is_full, 1);
	return cli_complain(&err);
}

int
cli_run(const struct cli *cli)
{
	return run(cli, wants_full(cli));
}

int
cli_batch(const struct cli *cli)
{
	struct err err;

	if (cli->ui == UI_FULL && !cli->is_ui_wish) {
		err_set(&err, EXIT_USAGE, "batch --ui=full: batch is without a screen; use heddle run");
		return cli_complain(&err);
	}
	return run(cli, 0);
}
