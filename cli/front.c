/* SPDX-License-Identifier: MIT */
/* front - one session, handed from one front end to the other until it is left. */

#include "cli/front.h"

#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/run/run.h"
#include "tui/tui.h"

int
front_has_terminal(void)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int
front_open(struct session **out, const struct cli *cli, const char *path,
	   const char *const *goal, struct err *err)
{
	struct session_setup setup = {
		.path = path, .profile = cli->profile,
		.override = cli->override, .noverrides = cli->noverrides,
		.goal = goal && *goal ? goal : NULL, .keeper = cli->keeper,
	};

	return session_open(out, &setup, err);
}

/* From here on these come by the descriptor, in no thread's way; a reader
 * that leaves is an error of its write alone.  Commands get both back as they
 * were.  Planning before this can still be interrupted. */
static int
take_signals(void)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		sigaddset(&set, taken[i]);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum ui
plain_ui(const struct cli *cli)
{
	return cli->ui == UI_JSON || cli->ui == UI_QUIET ? cli->ui : UI_PLAIN;
}

static enum next
call_plain(const struct cli *cli, struct session *s, int signal_fd, int is_back, int until_key)
{
	struct plain_setup set = {
		.ui = plain_ui(cli), .verbose = cli->verbose,
		.color = cli_has_color(cli, stderr),
		.is_back = is_back, .until_key = until_key,
	};

	return plain(s, &set, signal_fd);
}

static int
wants_ascii(const struct cli *cli, const struct session *s)
{
	const struct job *job = session_job(s);
	enum unicode unicode = job ? job->set.unicode : UNICODE_AUTO;

	return cli->ascii || unicode == UNICODE_NO ||
	       (unicode == UNICODE_AUTO && strcmp(nl_langinfo(CODESET), "UTF-8"));
}

static int
call_tui(const struct cli *cli, struct session *s, int signal_fd, enum next *next,
	 int *signal, struct err *err)
{
	const struct job *job = session_job(s);
	struct tui_setup set = {
		.ascii = wants_ascii(cli, s), .color = cli_has_color(cli, stdout),
		.fps = job ? job->set.fps : 10,
	};

	return tui(s, &set, signal_fd, next, signal, err);
}

static int
is_going(const struct session *s)
{
	return session_current(s) && !session_is_over(s);
}

/* What ended the workbench ends the run, unless it may go on without a
 * terminal. */
static void
obey(struct session *s, enum next next, int signal)
{
	int go_on = signal == SIGHUP && session_job(s) &&
		    session_job(s)->set.on_hangup == HANGUP_GO_ON;

	if (!is_going(s) || go_on || (next != NEXT_QUIT && !signal))
		return;
	run_stop(session_current(s), signal);
	run_stop(session_current(s), signal);
}

/* -> 0, or the signal that ended it; *err has a code if no workbench could be
 * shown. */
static int
take_turns(const struct cli *cli, struct session *s, int is_full, int signal_fd,
	   struct err *err)
{
	enum next next = NEXT_TUI;
	int signal = 0, is_back = 0;

	while (is_full && next == NEXT_TUI) {
		if (call_tui(cli, s, signal_fd, &next, &signal, err) < 0)
			break;
		is_back = 1;
		obey(s, next, signal);
		if (next == NEXT_PLAIN && is_going(s))
			next = call_plain(cli, s, signal_fd, 1, 1);
		else if (next == NEXT_PLAIN)
			next = NEXT_TUI;
		else
			is_full = 0;
	}
	if (session_current(s) && next != NEXT_PLAIN)
		call_plain(cli, s, signal_fd, is_back, 0);
	return signal;
}

static int
put_results(const struct text *t)
{
	if (!t->n || (fwrite(t->at, 1, t->n, stdout) == t->n && fflush(stdout) == 0))
		return 0;
	return -1;
}

/* Files as [output] says; on stdout the values, or the result object. */
static int
tell_results(const struct cli *cli, struct session *s, int code)
{
	struct text values = { 0 }, object = { 0 };
	struct err err = { 0 };
	int is_json = cli->json || cli->ui == UI_JSON, rc;

	rc = session_output(s, &values, &err);
	if (rc < 0)
		cli_complain(&err);
	if (is_json) {
		session_summary(s, &object);
		text_addc(&object, '\n');
	}
	put_results(is_json ? &object : &values);
	text_fini(&values);
	text_fini(&object);
	return code == EXIT_DONE && rc < 0 ? err.code : code;
}

int
front_loop(const struct cli *cli, struct session *s, int is_full, int is_run)
{
	struct err err = { 0 };
	int fd = take_signals(), code, signal;

	if (fd < 0) {
		err_set(&err, EXIT_ENV, "cannot take signals: %s", strerror(errno));
		goto fail;
	}
	if (is_run && session_run(s, &err) < 0)
		goto fail;
	signal = take_turns(cli, s, is_full, fd, &err);
	if (session_current(s)) {
		code = session_finish(s, NULL);
		code = tell_results(cli, s, code);
	} else {
		code = err.code ? cli_complain(&err) : signal ? EXIT_SIGNAL + signal : EXIT_DONE;
	}
	session_free(s);
	close(fd);
	return code;

fail:
	if (fd >= 0)
		close(fd);
	session_free(s);
	return cli_complain(&err);
}
