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
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/plugin/load.h"
#include "core/run/run.h"
#include "tui/tui.h"

const struct subcommand subcommands[] = {
	{ "open", "[FILE [GOAL ..]] | RUN", "the workbench on a job, planned, or on a run that is over", cli_open },
	{ "run", "[FILE [GOAL ..]]", "run a job now, in the workbench if there is a terminal", cli_run },
	{ "batch", "[FILE [GOAL ..]]", "run a job without a screen", cli_batch },
	{ "plan", "[FILE [GOAL ..]]", "plan a job, and tell what its graph can give", cli_plan },
	{ "show", "RUN | FILE", "tell how a run went, or what a job is", cli_show },
	{ "ls", "", "list the runs that are kept, newest first", cli_ls },
	{ "log", "RUN TASK", "the output of a task's command", cli_log },
	{ "plugins", "[list | info NAME | check FILE]", "the plugins at hand, and the tests of one",
	  cli_plugins },
	{ "demo", "[NAME]", "run a job that comes with heddle; words, unless named", cli_demo },
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

/* With -v: what watching has cost. */
static void
tell_cost(const struct session *s)
{
	const struct run *run = session_current(s);
	const struct live_head *h = run ? run_live(run) : NULL;
	uint64_t cpu, frames, wall = run ? run_now(run) : 0;

	tui_cost(&cpu, &frames);
	if (!wall)
		return;
	fprintf(stderr, "heddle: screen: %llu frames in %.3fs, %.1f a second, "
		"%.3fs of CPU, %.2f%% of %u workers x wall\n",
		(unsigned long long)frames, (double)wall / 1e9,
		(double)frames * 1e9 / (double)wall, (double)cpu / 1e9,
		100.0 * (double)cpu / (double)wall / h->workers, h->workers);
}

/* The two front ends meet here and nowhere else. */
static int
workbench(const struct cli *cli, struct session *s, int signal_fd, enum next *next,
	  int *signal, struct err *err)
{
	const struct job *job = session_job(s);
	enum unicode unicode = job ? job->set.unicode : UNICODE_AUTO;
	struct tui_setup set = {
		.ascii = cli->ascii || unicode == UNICODE_NO ||
			 (unicode == UNICODE_AUTO && strcmp(nl_langinfo(CODESET), "UTF-8")),
		.color = cli_has_color(cli, stdout),
		.fps = job ? job->set.fps : 10,
	};

	if (tui(s, &set, signal_fd, next, signal, err) < 0)
		return -1;
	if (cli->verbose)
		tell_cost(s);
	return 0;
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
		cli.workbench = workbench;
		code = subcommand_find(cli.command)->run(&cli);
	}
	cli_fini(&cli);
	keeper_stop(keeper);
	return close_stdout(code);
}
