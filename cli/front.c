/* SPDX-License-Identifier: MIT */
/* front - one session, handed from one front end to the other until it is left. */

#include "cli/front.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/run/run.h"

int
front_has_terminal(const struct cli *cli)
{
	return cli->workbench && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
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

/* From here on these come by the descriptor, in no thread's way; a reader that
 * leaves, or a file that may not grow, is an error of its write alone.  Commands get both back as they
 * were.  Planning before this can still be interrupted.  What was ignored when
 * heddle started (nohup, a script's background) stays so. */
static int
take_signals(void)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT };
	struct sigaction was;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++) {
		sigaction(taken[i], NULL, &was);
		if (was.sa_handler != SIG_IGN)
			sigaddset(&set, taken[i]);
	}
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

void
front_put(const struct text *t, int *lost)
{
	if (t->n && (fwrite(t->at, 1, t->n, stdout) != t->n || fflush(stdout) < 0) && !*lost)
		*lost = errno;
	clearerr(stdout);
}

static enum ui
plain_ui(const struct cli *cli)
{
	return cli->ui == UI_JSON || cli->ui == UI_QUIET ? cli->ui : UI_PLAIN;
}

struct turns {				/* what front ends share */
	const struct cli *cli;
	struct session *session;
	int signal_fd;
	int lost;			/* errno of a write to stdout, or 0 */
};

static enum next
call_plain(struct turns *t, int is_back, int until_key)
{
	const struct cli *cli = t->cli;
	struct plain_setup set = {
		.ui = plain_ui(cli), .verbose = cli->verbose,
		.color = cli_has_color(cli, stderr),
		.is_back = is_back, .until_key = until_key, .lost = &t->lost,
	};

	return plain(t->session, &set, t->signal_fd);
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

/* -> 0, or the signal that ended the workbench; *err has a code if none could
 * be shown. */
static int
take_turns(struct turns *t, int is_full, struct err *err)
{
	enum next next = NEXT_TUI;
	int signal = 0, is_back = 0;

	while (is_full && next == NEXT_TUI) {
		if (t->cli->workbench(t->cli, t->session, t->signal_fd, &next, &signal,
				      err) < 0) {
			cli_complain(err);
			break;
		}
		is_back = 1;
		obey(t->session, next, signal);
		if (next == NEXT_PLAIN)
			next = is_going(t->session) ? call_plain(t, 1, 1) : NEXT_TUI;
		else
			is_full = 0;
	}
	if (session_current(t->session) && (!is_back || !is_full))
		call_plain(t, is_back, 0);
	return signal;
}

static int
tell_lost(int lost, int code)
{
	struct err err;

	if (lost == EPIPE)
		return code ? code : EXIT_SIGNAL + SIGPIPE;
	err_set(&err, EXIT_ENV, "standard output: %s", strerror(lost));
	cli_complain(&err);
	return code ? code : EXIT_ENV;
}

/* Files as [output] says; on stdout the values, or the result object. */
static int
tell_results(struct turns *t, int code)
{
	struct text values = { 0 }, object = { 0 };
	struct err err = { 0 };
	int is_json = t->cli->json || t->cli->ui == UI_JSON;

	if (session_output(t->session, &values, &err) < 0) {
		cli_complain(&err);
		code = code ? code : err.code;
	}
	if (is_json)
		session_summary(t->session, &object);
	front_put(is_json ? &object : &values, &t->lost);
	text_fini(&values);
	text_fini(&object);
	return t->lost ? tell_lost(t->lost, code) : code;
}

int
front_loop(const struct cli *cli, struct session *s, int is_full, int is_run)
{
	struct turns t = { .cli = cli, .session = s, .signal_fd = take_signals() };
	struct err err = { 0 };
	int code, signal;

	if (t.signal_fd < 0)
		err_set(&err, EXIT_ENV, "cannot take signals: %s", strerror(errno));
	if (err.code || (is_run && session_run(s, &err) < 0)) {
		code = cli_complain(&err);
		goto out;
	}
	signal = take_turns(&t, is_full, &err);
	if (session_current(s))
		code = tell_results(&t, session_finish(s, NULL));
	else
		code = err.code ? err.code : signal ? EXIT_SIGNAL + signal : EXIT_DONE;
out:
	session_free(s);
	if (t.signal_fd >= 0)
		close(t.signal_fd);
	return code;
}
