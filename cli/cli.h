/* SPDX-License-Identifier: MIT */
/* cli - the command line, parsed once by tables; one function a subcommand. */

#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/job/job.h"
#include "core/session/session.h"

struct keeper;

enum ui { UI_AUTO, UI_FULL, UI_PLAIN, UI_JSON, UI_QUIET };
enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Everything options can say.  Which subcommand takes which option stands in
 * the table of cli/option.c; another one is refused with exit 2. */
struct cli {
	const char *command;		/* row that was chosen */
	const char *const *arg;		/* what is left: FILE, GOAL .., NULL behind the last */
	size_t nargs;
	struct job_override *override;	/* -o, -j, -s, -x, -k, --seed ..., in order */
	size_t noverrides, capoverrides;
	const char *profile;
	const char *store;		/* where runs are kept: --run-dir, else job_default_store() */
	enum ui ui;
	int is_ui_wish;			/* by $HEDDLE_UI: commands that cannot do it do without */
	enum color color;
	int json, tasks, cmd, dot, explain, origin;
	int ascii, verbose, quiet, dry, help, version;
	struct keeper *keeper;
	/* The front end in a terminal, which cli does not know: as tui() of
	 * tui/tui.h.  NULL: there is none. */
	int (*workbench)(const struct cli *, struct session *, int signal_fd,
			 enum next *, int *signal, struct err *);
	void *keep;			/* what override and arg point into */
};

/* A row of the subcommand table (heddle.c): help, completion and the manual
 * check come from it. */
struct subcommand {
	const char *name, *args, *about;
	int (*run)(const struct cli *);		/* -> enum exit_code */
};
extern const struct subcommand subcommands[];	/* a NULL name ends it; defined in heddle.c */
const struct subcommand *subcommand_find(const char *name);	/* or NULL */
const char *subcommand_nearest(const char *word);	/* what may be meant; or NULL */

/* A row of the option table: its letter or 0, its long name or NULL, the word
 * for its value or NULL (it takes none), the subcommands that take it ("*":
 * all), what it does. */
struct cli_option {
	char letter;
	const char *name, *value, *takes, *about;
	int (*set)(struct cli *, const struct cli_option *, const char *value, struct err *);
	const char *key, *fixed;	/* an override: which key, and its value if the option takes none */
	size_t flag;			/* a flag: its offset in struct cli */
};
extern const struct cli_option cli_options[];	/* a row without takes ends it */
int cli_option_is_for(const struct cli_option *, const char *command);
int cli_environment(struct cli *, struct err *);	/* $HEDDLE_UI; 0 or -1 */
int cli_find_store(struct cli *, struct err *);		/* store by the folder's job and settings if --run-dir is not there; 0 or -1 */
char *cli_job_folder(void);		/* of a heddle.ini, this one or one above; malloc'd, or NULL */
char *cli_keep(struct cli *, char *);	/* takes a string, frees it with cli */

/* Parse; 0, or -1 and err (EXIT_USAGE).  cli_fini after either. */
int cli_parse(struct cli *, int argc, char **argv, struct err *) __attribute__((warn_unused_result));
void cli_fini(struct cli *);

/* "heddle: SENTENCE" on stderr, cleaned; -> err->code. */
int cli_complain(const struct err *);

/* Is colour wanted on this stream (--color, NO_COLOR, CLICOLOR_FORCE, isatty)? */
int cli_has_color(const struct cli *, FILE *);

/* Columns aligned for people; cells are cleaned when the stream is a terminal. */
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
