/* SPDX-License-Identifier: MIT */
/* front - one session, two front ends: which one has it, and what is told at the end. */

#ifndef CLI_FRONT_H
#define CLI_FRONT_H

#include <stdio.h>

#include "cli/cli.h"
#include "core/run/log.h"
#include "core/session/session.h"

struct text;
struct view;

/* Open the job of cli->arg[0] (goals behind it) as options say.  0 or -1. */
int front_open(struct session **, const struct cli *, const char *path,
	       const char *const *goal, struct err *) __attribute__((warn_unused_result));

/* Can the workbench be shown: are stdin and stdout terminals? */
int front_has_terminal(const struct cli *);

/* Run the session's job if is_run, and hand it to front ends until it is
 * left, the workbench first if is_full; then tell results.  The session is
 * freed.  -> exit code. */
int front_loop(const struct cli *, struct session *, int is_full, int is_run);

/* Write to stdout at once; an errno goes to *lost if it is the first. */
void front_put(const struct text *, int *lost);

/* ---- plain: lines on stderr ----------------------------------------------- */

struct plain_setup {
	enum ui ui;			/* UI_PLAIN, UI_QUIET, UI_JSON */
	int verbose;			/* a line for every task */
	int color;
	int is_back;			/* from the workbench: no heading */
	int until_key;			/* any key goes back to the workbench */
	int *lost;			/* errno of the first write to stdout that failed */
};

/* Tell what the session's run does until it is over (and finished) or a key
 * calls the workbench.  -> what next. */
enum next plain(struct session *, const struct plain_setup *, int signal_fd);

/* ---- its lines, as text (cli/lines.c) -------------------------------------- */

void line_head(struct text *, const struct view *, const char *job);
/* "[9/38 23% ~2m51] "; ended: how many tasks to say */
void line_count(struct text *, const struct view *, uint64_t ended);
void line_sign(struct text *, const struct view *);		/* what runs, what is held */
void line_row(struct text *, const struct graph *, const struct log_row *);
void line_event(struct text *, const struct graph *, const struct run_event *, int color);
void line_totals(struct text *, const struct view *);
void line_log_tail(struct text *, const char *path, int most);	/* "  | LINE" */
void json_row(struct text *, const struct graph *, const struct log_row *, uint32_t worker);
void json_event(struct text *, const struct graph *, const struct run_event *);
uint64_t view_ended(const struct view *);

/* A name as it may stand on this terminal. */
void line_name(struct text *, const char *);

#endif
