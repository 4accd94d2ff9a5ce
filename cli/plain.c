/* SPDX-License-Identifier: MIT */
/* plain - the headless front end: lines on stderr while a run goes on, then its end. */

/*
 * Every 100 ms it looks at what has happened since.  Ends of tasks are told
 * one by one while they are rare (ten a second); a flood of them is told by a
 * sign of life a second: on a terminal a last line that is rewritten, else a
 * line every 30 s.  Failures are told always (the first hundred).
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "cli/ends.h"
#include "cli/front.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/insight/view.h"
#include "core/record/record.h"
#include "core/run/run.h"

enum {
	LOOK_MS = 100,
	LINES_A_SECOND = 10, LINES_BURST = 20,
	MOST_FAILURES = 100, MOST_NAMES = 5, TAIL_LINES = 10
};
static const uint64_t second = 1000000000u;

struct plain {
	struct session *session;
	struct run *run;
	const struct graph *graph;
	const struct plain_setup *set;
	struct view *view;
	int is_tty;			/* stderr is a terminal that can rewrite a line */
	int has_status;			/* the last line is a sign of life */
	struct ends ends;
	uint32_t nevents, nfailed;
	double tokens;			/* lines that may be written now */
	uint64_t looked, signed_at;	/* clock_now() */
	struct termios was;
	int has_raw;
};

/* ---- writing --------------------------------------------------------------- */

/* A reader that has left, or a terminal that is gone, is no reason to stop. */
static void
put_err(const struct text *t)
{
	if (t->n)
		fwrite(t->at, 1, t->n, stderr);
	clearerr(stderr);
}

static void
clear_status(struct plain *p, struct text *t)
{
	if (p->has_status)
		text_add(t, "\r\033[K");
	p->has_status = 0;
}

static void
say(struct plain *p, const struct text *line)
{
	struct text t = { 0 };

	clear_status(p, &t);
	text_addn(&t, line->at, line->n);
	put_err(&t);
	text_fini(&t);
}

static int
columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col ? w.ws_col : 80;
}

/* At most so many cells of t. */
static void
cut(struct text *t, int cells)
{
	size_t at = 0, n;
	int32_t cp;

	while ((n = utf8_next(t->at + at, t->n - at, &cp)) > 0) {
		int w = cp < 0 ? 1 : utf8_width(cp);

		cells -= w > 0 ? w : 0;
		if (cells < 0)
			break;
		at += n;
	}
	t->n = at;
	t->at[at] = '\0';
}

static void
sign_of_life(struct plain *p)
{
	uint64_t now = clock_now(), every = p->is_tty ? second : 30 * second;
	struct text line = { 0 }, t = { 0 };

	if (p->set->ui != UI_PLAIN || now - p->signed_at < every)
		return;
	p->signed_at = now;
	view_fill(p->view, session_view(p->session), VIEW_RUNNING | VIEW_HELD, VIEW_NOW, 0);
	line_sign(&line, p->view);
	if (p->is_tty) {
		cut(&line, columns() - 1);
		clear_status(p, &t);
		text_addn(&t, line.at, line.n);
		put_err(&t);
		p->has_status = 1;
	} else {
		text_addc(&line, '\n');
		say(p, &line);
	}
	text_fini(&line);
	text_fini(&t);
}

/* ---- rows ------------------------------------------------------------------ */

static void
tell_row(struct plain *p, const struct end_row *seen, uint64_t ended)
{
	struct text t = { 0 };

	if (p->set->ui == UI_JSON) {
		json_row(&t, p->graph, &seen->row, seen->worker);
		front_put(&t, p->set->lost);
	} else if (row_status(&seen->row) == ROW_DONE || row_status(&seen->row) == ROW_STOPPED) {
		line_count(&t, p->view, ended);
		line_row(&t, p->graph, &seen->row);
		say(p, &t);
	}
	text_fini(&t);
}

/* The rows to be told one by one: all that have come, or none of a flood. */
static void
take_rows(struct plain *p)
{
	int is_all = p->set->ui == UI_JSON || p->set->verbose;
	uint64_t new = ends_new(&p->ends);

	if (is_all || (p->set->ui != UI_QUIET && (double)new <= p->tokens)) {
		ends_take(&p->ends);
		p->tokens -= (double)p->ends.n;
		return;
	}
	ends_skip(&p->ends);
	p->tokens = 0;
}

/* ---- events ---------------------------------------------------------------- */

static int
is_told(const struct plain *p, const struct run_event *e)
{
	switch (e->kind) {
	case EVENT_FAIL:
		return p->nfailed <= MOST_FAILURES;
	case EVENT_RETRY:
		return p->set->ui == UI_PLAIN && (p->set->verbose || p->tokens >= 1);
	case EVENT_REQUEST:
	case EVENT_POLICY:
	case EVENT_NOTE:
		return p->set->ui == UI_PLAIN;
	default:
		return 0;
	}
}

static void
tell_event(struct plain *p, const struct run_event *e, uint64_t ended)
{
	struct text t = { 0 };

	p->nfailed += e->kind == EVENT_FAIL;
	if (p->set->ui == UI_JSON) {
		json_event(&t, p->graph, e);
		front_put(&t, p->set->lost);
	} else if (is_told(p, e)) {
		p->tokens -= e->kind == EVENT_RETRY;
		line_count(&t, p->view, ended);
		line_event(&t, p->graph, e, p->set->color);
		if (p->nfailed == MOST_FAILURES && e->kind == EVENT_FAIL)
			text_addf(&t, "heddle: %d failures are told; further ones are counted alone\n", MOST_FAILURES);
		say(p, &t);
	}
	text_fini(&t);
}

/* Rows that end up to t.  *ended: how many tasks had ended before them. */
static void
tell_rows(struct plain *p, size_t *i, uint64_t t, uint64_t *ended)
{
	const struct ends *r = &p->ends;

	for (; *i < r->n && r->at[*i].row.end <= t; (*i)++) {
		*ended += row_status(&r->at[*i].row) != ROW_RETRY;
		tell_row(p, &r->at[*i], *ended);
	}
}

static uint64_t
count_ends(const struct plain *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->ends.n; i++)
		n += row_status(&p->ends.at[i].row) != ROW_RETRY;
	return n;
}

/* What has happened since, in order of its time. */
static void
look(struct plain *p)
{
	uint64_t now = clock_now(), ended, new;
	struct run_event e[64];
	size_t row = 0;
	uint32_t n;

	p->tokens += (double)(now - p->looked) * LINES_A_SECOND / (double)second;
	if (p->tokens > LINES_BURST)
		p->tokens = LINES_BURST;
	p->looked = now;
	view_fill(p->view, session_view(p->session), 0, VIEW_NOW, 0);
	take_rows(p);
	ended = view_ended(p->view);
	new = count_ends(p);
	ended = ended > new ? ended - new : 0;
	while ((n = run_events(p->run, p->nevents, e, 64)) > 0) {
		for (uint32_t i = 0; i < n; i++) {
			tell_rows(p, &row, e[i].at, &ended);
			tell_event(p, &e[i], ended);
		}
		p->nevents += n;
	}
	tell_rows(p, &row, UINT64_MAX, &ended);
}

/* ---- the end --------------------------------------------------------------- */

/* A run by what finds it from anywhere: its number, or its folder if the job
 * keeps its runs in a place of its own. */
static void
line_run(struct plain *p, struct text *t, const char *dir)
{
	char *store = job_default_store();
	size_t n = strlen(store);

	if (!strncmp(dir, store, n) && strrchr(dir, '/') == dir + n)
		text_addf(t, "%u", session_number(p->session));
	else
		line_name(t, dir);
	free(store);
}

static void
tell_first_cause(struct plain *p, struct text *t)
{
	heddle_task first = run_first_failed(p->run);
	char name[GRAPH_NAME], *path;
	const char *dir = session_dir(p->session);

	text_addf(t, "heddle: FAILED %u of %llu.  First cause: ", p->view->sum.failed,
		  (unsigned long long)p->view->ntasks);
	line_name(t, session_why(p->session));
	path = dir && first != HEDDLE_NONE ? past_log_path(dir, p->graph, first, 0) : NULL;
	if (path) {
		text_add(t, ", log: heddle log ");
		line_run(p, t, dir);
		text_addc(t, ' ');
		line_name(t, graph_name(p->graph, first, name));
	}
	text_addc(t, '\n');
	if (path)
		line_log_tail(t, path, TAIL_LINES);
	free(path);
}

static void
tell_skipped(struct plain *p, struct text *t)
{
	const _Atomic uint32_t *word = live_words(run_live(p->run));
	uint32_t n = p->view->sum.skipped, told = 0;
	char name[GRAPH_NAME];

	if (!n)
		return;
	text_addf(t, "heddle: %u task%s not started because of it:", n, n == 1 ? "" : "s");
	for (uint32_t i = 0; i < p->graph->csr.ntasks && told < MOST_NAMES; i++)
		if (task_state_of(word[i]) == TASK_SKIPPED) {
			text_add(t, told++ ? ", " : " ");
			line_name(t, graph_name(p->graph, i, name));
		}
	text_add(t, n > told ? " ..\n" : "\n");
}

static void
tell_end(struct plain *p)
{
	struct text t = { 0 };
	struct err err = { 0 };
	int code;

	code = session_finish(p->session, &err);
	view_fill(p->view, session_view(p->session), 0, VIEW_NOW, 0);
	if (p->view->status == RUN_FAILED && p->view->sum.failed) {
		tell_first_cause(p, &t);
		tell_skipped(p, &t);
	} else if (code != EXIT_DONE && *session_why(p->session)) {
		text_add(&t, "heddle: ");
		line_name(&t, session_why(p->session));
		text_addc(&t, '\n');
	}
	if (p->set->ui == UI_PLAIN)
		line_totals(&t, p->view);
	say(p, &t);
	if (err.code)
		cli_complain(&err);
	text_fini(&t);
}

/* ---- signals and keys ------------------------------------------------------ */

static void
set_raw(struct plain *p, int on)
{
	struct termios t;

	if (!p->set->until_key || on == p->has_raw)
		return;
	if (!on) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &p->was);
	} else if (tcgetattr(STDIN_FILENO, &p->was) == 0) {
		t = p->was;
		t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	} else {
		return;
	}
	p->has_raw = on;
}

static void
stop_run(struct plain *p, int signal)
{
	struct text t = { 0 };
	int is_now = signal != SIGINT || p->view->status == RUN_STOPPING;

	run_stop(p->run, signal);
	if (is_now)
		run_stop(p->run, signal);
	if (p->set->ui == UI_PLAIN) {
		if (is_now)
			text_add(&t, "heddle: stopping what runs\n");
		else
			text_addf(&t, "heddle: stopping: %u running %s left to end; again to stop them\n",
				  p->view->sum.running, p->view->sum.running == 1 ? "is" : "are");
		say(p, &t);
	}
	text_fini(&t);
}

static void
suspend(struct plain *p)
{
	struct text t = { 0 };
	int raw = p->has_raw;

	clear_status(p, &t);
	put_err(&t);
	text_fini(&t);
	set_raw(p, 0);
	raise(SIGSTOP);
	set_raw(p, raw);
}

static void
take_signals(struct plain *p, int fd)
{
	struct signalfd_siginfo s;

	while (read(fd, &s, sizeof(s)) == sizeof(s))
		switch (s.ssi_signo) {
		case SIGHUP:
			if (session_job(p->session)->set.on_hangup == HANGUP_GO_ON)
				break;
			/* fall through */
		case SIGINT:
		case SIGTERM:
			view_fill(p->view, session_view(p->session), 0, VIEW_NOW, 0);
			stop_run(p, (int)s.ssi_signo);
			break;
		case SIGTSTP:
			suspend(p);
			break;
		}
}

/* A key, or the terminal's end: either way the wait for keys is over. */
static int
take_key(struct plain *p, short revents)
{
	char buf[64];
	ssize_t n;

	if (!revents)
		return 0;
	n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n <= 0) {
		set_raw(p, 0);
		return -1;
	}
	return 1;
}

static enum next
follow(struct plain *p, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = run_fd(p->run), .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = p->set->until_key ? STDIN_FILENO : -1, .events = POLLIN },
	};

	for (;;) {
		int over = run_is_over(p->run), key;

		look(p);
		if (over)
			return NEXT_LEAVE;
		sign_of_life(p);
		if (poll(fds, 3, LOOK_MS) < 0)
			continue;
		if (fds[1].revents)
			take_signals(p, signal_fd);
		key = take_key(p, fds[2].revents);
		if (key > 0)
			return NEXT_TUI;
		if (key < 0)
			fds[2].fd = -1;
	}
}

enum next
plain(struct session *session, const struct plain_setup *set, int signal_fd)
{
	const char *term = getenv("TERM");
	struct plain p = {
		.session = session, .run = session_current(session),
		.graph = session_graph(session), .set = set,
		.view = xcalloc(1, sizeof(*p.view)), .tokens = LINES_BURST,
		.looked = clock_now(), .signed_at = clock_now(),
	};
	struct text t = { 0 };
	enum next next = NEXT_LEAVE;

	p.is_tty = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb");
	ends_init(&p.ends, p.run);
	view_fill(p.view, session_view(session), 0, VIEW_NOW, 0);
	if (set->is_back) {
		p.nevents = run_nevents(p.run);
		ends_skip(&p.ends);
	} else if (set->ui == UI_PLAIN) {
		line_head(&t, p.view, session_job(session)->set.name);
		say(&p, &t);
	}
	set_raw(&p, 1);
	next = follow(&p, signal_fd);
	set_raw(&p, 0);
	if (next == NEXT_LEAVE)
		tell_end(&p);
	text_clear(&t);
	clear_status(&p, &t);
	put_err(&t);
	text_fini(&t);
	view_fini(p.view);
	free(p.view);
	ends_fini(&p.ends);
	return next;
}
