/* SPDX-License-Identifier: MIT */
/* app - the workbench while it is shown: what a frame, a key and a command work on. */

#ifndef TUI_APP_H
#define TUI_APP_H

#include "core/insight/view.h"
#include "tui/keys.h"
#include "tui/page.h"
#include "tui/prompt.h"
#include "tui/surface.h"
#include "tui/tui.h"

struct terminal;

struct app {
	struct session *session;
	const struct tui_setup *set;
	struct terminal *term;
	struct surface surface;
	struct view view;
	struct ui ui;
	struct keys keys;
	struct prompt prompt;
	int signal_fd;
	int signal;			/* that ended us; 0 */
	enum next next;
	int is_over;			/* leave the loop */
	enum page_id filled;		/* the page of the last frame */
	int is_dirty;			/* draw as soon as the frame rate allows */
	int was_going;			/* a run went on at the last look: its end is to be told */
	uint64_t next_frame, paint_ns;	/* when; what the last one took to write */
};

/* Leave the loop; what is next. */
void app_leave(struct app *, enum next);
/* Give the terminal to `argv` until it ends; 0 or -1. */
int app_lend(struct app *, char *const argv[]);

/* ---- commands, as typed behind `:` --------------------------------------- */

/* Do a line; the answer is in the row of keys and in the log. */
void command_do(struct app *, const char *line);
/* Complete what is in the prompt: the longest common beginning is put there,
 * several choices are shown. */
void command_complete(struct app *);

struct command {
	const char *name, *args, *about;
	void (*run)(struct app *, const char *arg);
	const char *choices;		/* what its argument is: "pages" "schedulers" "paths" "tasks" or NULL */
};
extern const struct command commands[];	/* of the workbench; a NULL name ends it; others go to the run */

#endif
