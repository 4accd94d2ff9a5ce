/* SPDX-License-Identifier: MIT */
/* heddle - argv to a row of the subcommand table. */

/*
 * The map of the program.
 *
 *	core/job      the file a person wrote     -> struct job, every value with its place
 *	core/plugin   shared objects, checked     -> collections and schedulers
 *	core/graph    job + collections           -> struct graph: tasks, edges, groups, sealed
 *	core/run      graph + scheduler           -> a run: ready, running, done, until nothing is left
 *	core/record   what the run wrote          -> a folder, and back from it
 *	core/insight  rows and the live block     -> struct view and account: what a person sees
 *	core/session  all of these, held together for one job
 *	cli, tui      two front ends beside each other on a session
 *
 * Processes and threads: the keeper is forked first, before any thread, so
 * that it may fork and so that it outlives us (core/base/keeper.h).  main
 * draws or prints and takes signals; the run thread owns timers and requests;
 * workers run tasks.
 *
 * main parses, then calls the function of one row.  Everything else is found
 * from there.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/plugin/load.h"

const struct subcommand subcommands[] = {
	{ "plugins", "list | info NAME | check FILE", "the plugins at hand, and the tests of one",
	  cli_plugins },
	{ "config", "[FILE] | check FILE | path", "settings, and where each was said", cli_config },
	{ "help", "[COMMAND]", "tell the commands, or the options of one", cli_help },
	{ 0 }
};

/* A descriptor of 0, 1, 2 that is closed would be the next file we open. */
static void
fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

/* What was printed must have arrived; a reader that left is no error of ours. */
static int
close_stdout(int code)
{
	struct err err;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno == EPIPE)
		return code ? code : EXIT_SIGNAL + 13;
	err_set(&err, EXIT_ENV, "standard output: %s", strerror(errno));
	return cli_complain(&err);
}

int
main(int argc, char **argv)
{
	struct keeper *keeper;
	struct err err = { 0 };
	struct cli cli;
	int code;

	fill_standard();
	if (keeper_start(&keeper, plugin_trial) < 0) {
		err_set(&err, EXIT_ENV, "cannot start the keeper: %s", strerror(errno));
		return cli_complain(&err);
	}
	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	clock_init();
	if (cli_parse(&cli, argc, argv, &err) < 0) {
		code = cli_complain(&err);
	} else if (cli.version) {
		printf("heddle %s\n", PACKAGE_VERSION);
		code = EXIT_DONE;
	} else {
		cli.keeper = keeper;
		code = subcommand_find(cli.command)->run(&cli);
	}
	cli_fini(&cli);
	keeper_stop(keeper);
	return close_stdout(code);
}
