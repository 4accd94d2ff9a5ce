/* SPDX-License-Identifier: MIT */
/* cli - the command line, parsed once by tables; one function a subcommand. */

#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/job/job.h"

struct keeper;
struct session;

enum ui { UI_AUTO, UI_FULL, UI_PLAIN, UI_JSON, UI_QUIET };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Everything options can say.  Which subcommand takes which option stands in
 * the table of cli/cli.c; another one is refused with exit 2. */
struct cli {
	const char *command;		/* row that was chosen */
	const char *const *arg;		/* what is left: FILE, GOAL .., NULL behind the last */
	size_t nargs;
	struct job_override *override;	/* -o, -j, -s, -x, -k, --seed ..., in order */
	size_t noverrides;
	const char *profile;
	const char *store;		/* where runs are kept: --run-dir, else job_default_store() */
	enum ui ui;
	enum color color;
	int json, tasks, cmd, dot, explain, origin, all;
	int ascii, no_mouse, verbose, quiet;
	struct keeper *keeper;
};

/* A row of the subcommand table (heddle.c): help, completion and the manual
 * check come from it. */
struct subcommand {
	const char *name, *args, *about;
	int (*run)(const struct cli *);		/* -> enum exit_code */
};
extern const struct subcommand subcommands[];	/* a NULL name ends it; defined in heddle.c */

/* Parse; 0, or -1 and err (EXIT_USAGE). */
int cli_parse(struct cli *, int argc, char **argv, struct err *) __attribute__((warn_unused_result));
void cli_fini(struct cli *);

/* "heddle: SENTENCE" on stderr, cleaned; -> err->code. */
int cli_complain(const struct err *);

/* Is colour wanted on this stream (--color, NO_COLOR, CLICOLOR_FORCE, isatty)? */
int cli_has_color(const struct cli *, FILE *);

/* Columns aligned for people, or a JSON object a row; cells are cleaned when
 * stdout is a terminal. */
struct cli_table;
struct cli_table *cli_table_new(const char *const *columns);	/* NULL-terminated; "n>" aligns right: the > is not shown */
void cli_table_cell(struct cli_table *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_table_print(struct cli_table *, FILE *);		/* and frees it */

int cli_open(const struct cli *);	/* tui or plain, by ui and terminal */
int cli_run(const struct cli *);
int cli_batch(const struct cli *);
int cli_plan(const struct cli *);	/* FILE [GOAL ..]; --json --tasks --cmd --dot --explain */
int cli_show(const struct cli *);
int cli_ls(const struct cli *);
int cli_log(const struct cli *);
int cli_plugins(const struct cli *);	/* list | info NAME | check FILE */
int cli_config(const struct cli *);	/* [FILE] [--origin] | check FILE | path */
int cli_demo(const struct cli *);
int cli_help(const struct cli *);

#endif
