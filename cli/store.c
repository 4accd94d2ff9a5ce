/* SPDX-License-Identifier: MIT */
/* store - where the runs of commands that name no job are kept. */

#include "cli/cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/die.h"
#include "core/base/xalloc.h"

/* The job that run and batch would take unnamed, else the settings alone.  A
 * job is meant where it lies. */
static int
read_job(struct job **out, struct err *err)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), rc;
	char *dir = here < 0 ? NULL : cli_job_folder();
	int is_found = dir && chdir(dir) == 0;

	rc = job_read(out, is_found ? "heddle.ini" : NULL, NULL, NULL, 0, err);
	if (is_found && fchdir(here) < 0)
		die("cannot come back from %s", dir);
	if (here >= 0)
		close(here);
	free(dir);
	return rc;
}

/* Without --run-dir: what the folder's job, user and system say, else the default. */
int
cli_find_store(struct cli *cli, struct err *err)
{
	struct job *job;

	if (cli->store)
		return 0;
	if (read_job(&job, err) < 0)
		return -1;
	cli->store = cli_keep(cli, job->set.store ? xstrdup(job->set.store) : job_default_store());
	job_free(job);
	return 0;
}
