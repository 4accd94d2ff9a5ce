/* SPDX-License-Identifier: MIT */
/* store - where the runs of commands that read no job are kept. */

#include "cli/cli.h"

#include "core/base/xalloc.h"

/* Without --run-dir: what system and user settings say, else the default. */
int
cli_find_store(struct cli *cli, struct err *err)
{
	struct job *settings;

	if (cli->store)
		return 0;
	if (job_read(&settings, NULL, NULL, NULL, 0, err) < 0)
		return -1;
	cli->store = cli_keep(cli, settings->set.store ? xstrdup(settings->set.store)
						       : job_default_store());
	job_free(settings);
	return 0;
}
