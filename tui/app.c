/* SPDX-License-Identifier: MIT */
/* app - the loop: wait for a key, a signal or the end; fill the view; draw what changed. */

#include "tui/app.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/session.h"
#include "tui/page_graph.h"
#include "tui/page_log.h"
#include "tui/panel.h"
#include "tui/term.h"

enum { MS = 1000000, ESC_MS = 25, KEY_FRAME_MS = 16 };

/* What the last workbench of this program cost; for tui_cost. */
static _Atomic uint64_t cost_cpu, cost_frames;

void
tui_cost(uint64_t *cpu, uint64_t *frames)
{
	*cpu = cost_cpu;
	*frames = cost_frames;
}

void
app_leave(struct app *a, enum next next)
{
	a->next = next;
	a->is_over = 1;
}

static int
is_going(const struct app *a)
{
	return session_is_going(a->session);
}

/* ---- drawing -------------------------------------------------------------- */

static void
fill_view(struct app *a)
{
	const struct page *p = pages[a->ui.page];
	struct view_source *source = session_view(a->session);

	if (!a->ui.is_frozen || !a->view.graph)
		view_fill(&a->view, source, p->want, VIEW_NOW, a->ui.queue_offset);
	if (p->fill && (!a->ui.is_frozen || a->filled != a->ui.page))
		p->fill(&a->ui, a->session);
	a->filled = a->ui.page;
}

static void
draw(struct app *a)
{
	uint64_t start;
	int col = -1, row = a->surface.rows - 2;

	fill_view(a);
	page_draw(&a->surface, &a->ui);
	if (row < 0 || a->surface.rows < 10)
		row = a->surface.rows - 1;
	if (a->prompt.mark)
		col = prompt_draw(&a->surface, row, &a->prompt);
	start = clock_now();
	term_paint(a->term, &a->surface, col < 0 ? -1 : row, col);
	a->paint_ns = clock_now() - start;
	a->is_dirty = 0;
	cost_frames++;
	cost_cpu = clock_thread_cpu();
}

static void
resize(struct app *a)
{
	int rows, cols;

	term_resize(a->term, &rows, &cols);
	surface_fini(&a->surface);
	surface_init(&a->surface, rows, cols, a->set->ascii);
	a->ui.body_rows = rows > 10 ? rows - 3 : rows;
	a->ui.body_cols = cols;
	a->is_dirty = 1;
	a->next_frame = 0;
}

/* When the next frame is due: at the frame rate while something runs, at once
 * (nearly) after a key, never otherwise.  A slow line gets fewer frames. */
static int
wait_ms(struct app *a, uint64_t now)
{
	uint64_t due;

	if (!a->is_dirty && (!is_going(a) || a->ui.is_frozen))
		return -1;
	due = a->next_frame;
	if (a->is_dirty && due > now + KEY_FRAME_MS * MS && a->paint_ns < KEY_FRAME_MS * MS)
		due = now;
	return due <= now ? 0 : (int)((due - now) / MS) + 1;
}

/* ---- keys ----------------------------------------------------------------- */

static void
open_prompt(struct app *a, char mark, const char *text)
{
	prompt_open(&a->prompt, mark, text);
	a->ui.note[0] = '\0';
}

static int
find_group(struct ui *ui, int step)
{
	const struct graph *g = ui->view->graph;
	uint32_t n = g->ngroups, i, at;

	for (i = 0; i < n; i++) {
		at = step < 0 ? (ui->group.at + n - 1 - i) % n : (ui->group.at + i + (step > 0)) % n;
		if (!strstr(graph_text(g, g->group[at].name), ui->find))
			continue;
		ui->group.at = at;
		if (ui->page != PAGE_OVERVIEW && ui->page != PAGE_GRAPH)
			ui_page(ui, PAGE_GRAPH);
		if (ui->page == PAGE_OVERVIEW)
			ui->pane = 1;
		else if (ui->graph)
			ui->graph->zoom = ZOOM_GROUPS;
		return 1;
	}
	return 0;
}

static void
find(struct app *a, int step)
{
	struct ui *ui = &a->ui;
	uint32_t task;

	if (!ui->find[0]) {
		ui_say(ui, 1, "nothing to find: / first");
		return;
	}
	if (pages[ui->page]->find) {
		if (!pages[ui->page]->find(ui, step))
			ui_say(ui, 1, "'%.80s' is not here", ui->find);
		return;
	}
	task = graph_find(ui->view->graph, ui->find);
	if (task != GRAPH_NONE && !step) {
		if (ui->page == PAGE_GRAPH)
			graph_goto(ui, task);
		else
			ui_inspect(ui, task);
	} else if (!find_group(ui, step)) {
		ui_say(ui, 1, "'%.80s': no group and no task of this name", ui->find);
	}
}

static void
prompt_done(struct app *a, char mark)
{
	switch (mark) {
	case ':':
		command_do(a, a->prompt.text);
		break;
	case '/':
		if (a->prompt.text[0])
			snprintf(a->ui.find, sizeof(a->ui.find), "%.95s", a->prompt.text);
		find(a, 0);
		break;
	case '\\':
		log_filter(&a->ui, a->prompt.text);
		break;
	case '?':
		if (a->prompt.text[0] == 'y' || a->prompt.text[0] == 'Y')
			command_do(a, "quit!");
		break;
	}
}

static void
in_prompt(struct app *a, int32_t key, int is_pasted)
{
	char mark = a->prompt.mark;

	switch (prompt_key(&a->prompt, key, is_pasted)) {
	case PROMPT_DONE:
		prompt_done(a, mark);
		break;
	case PROMPT_TAB:
		if (mark == ':')
			command_complete(a);
		break;
	default:
		/* a question takes one letter */
		if (mark == '?' && a->prompt.mark && a->prompt.n && !is_pasted) {
			a->prompt.mark = 0;
			prompt_done(a, mark);
		}
	}
}

/* Esc and q: back from the inspector and the help; q then to page 1, then
 * away. */
static void
back(struct app *a, int is_leave)
{
	struct ui *ui = &a->ui;

	if (ui->page == PAGE_HELP || ui->page == PAGE_TASK) {
		enum page_id to = ui->back;

		ui->page = to;
		ui->pane = 0;
	} else if (is_leave && ui->page != PAGE_OVERVIEW) {
		ui_page(ui, PAGE_OVERVIEW);
	} else if (is_leave) {
		command_do(a, "quit");
	}
}

/* Keys that mean the same on every page; 1: done. */
static int
act_anywhere(struct app *a, const struct key_row *row)
{
	struct ui *ui = &a->ui;
	const struct page *p;
	int i;

	switch (row->action) {
	case ACT_PAGE:
		p = page_by_number(row->arg);
		for (i = 0; i < PAGES; i++)
			if (pages[i] == p)
				ui_page(ui, (enum page_id)i);
		break;
	case ACT_HELP:
		ui_page(ui, PAGE_HELP);
		break;
	case ACT_BACK: case ACT_LEAVE:
		back(a, row->action == ACT_LEAVE);
		break;
	case ACT_QUIT:
		if (is_going(a) && !session_is_watch(a->session))
			open_prompt(a, '?', "");
		else
			app_leave(a, NEXT_QUIT);
		break;
	case ACT_FIND:
		open_prompt(a, '/', "");
		break;
	case ACT_FIND_NEXT: case ACT_FIND_PREV:
		find(a, row->action == ACT_FIND_NEXT ? 1 : -1);
		break;
	case ACT_FILTER:
		open_prompt(a, '\\', ui->log ? ui->log->filter : "");
		break;
	case ACT_COMMAND:
		open_prompt(a, ':', "");
		break;
	case ACT_SCHEDULER:
		open_prompt(a, ':', "scheduler ");
		command_complete(a);
		break;
	case ACT_FREEZE:
		ui->is_frozen = !ui->is_frozen;
		break;
	case ACT_PAUSE:
		command_do(a, a->view.status == RUN_PAUSED ? "go" : "pause");
		break;
	case ACT_RUN:
		command_do(a, "run");
		break;
	case ACT_STREAM:
		command_do(a, "stream");
		break;
	case ACT_REDRAW:
		term_redraw(a->term);
		break;
	default:
		return 0;
	}
	return 1;
}

static void
on_key(struct app *a, int32_t key, int is_pasted)
{
	const struct key_row *row;

	a->is_dirty = 1;
	if (key == KEY_PASTE || key == KEY_PASTED)
		return;
	if (a->prompt.mark) {
		in_prompt(a, key, is_pasted);
		return;
	}
	if (is_pasted)
		return;			/* text, no commands */
	a->ui.note[0] = '\0';
	row = keys_find(key, pages[a->ui.page]->on);
	if (!row)
		return;
	a->ui.command[0] = '\0';
	if (!pages[a->ui.page]->act(&a->ui, row))
		act_anywhere(a, row);
	if (a->ui.command[0])
		command_do(a, a->ui.command);
	a->ui.command[0] = '\0';
}

/* 0, or -1: the terminal is gone. */
static int
on_bytes(struct app *a)
{
	unsigned char buf[4096];
	int n = term_read(a->term, buf, sizeof(buf)), i;
	int32_t key;

	if (n < 0)
		return -1;
	for (i = 0; i < n && !a->is_over; i++)
		if (keys_byte(&a->keys, buf[i], &key))
			on_key(a, key, a->keys.is_pasting);
	return 0;
}

/* ---- signals --------------------------------------------------------------- */

static void
interrupt(struct app *a)
{
	struct run *run = session_current(a->session);

	if (!is_going(a) || session_is_watch(a->session)) {
		a->signal = SIGINT;
		app_leave(a, NEXT_QUIT);
		return;
	}
	ui_say(&a->ui, 1, a->view.status == RUN_STOPPING ?
	       "stopping the running tasks" :
	       "no task is started any more; ^C again stops the running ones");
	run_stop(run, SIGINT);
}

static void
on_signal(struct app *a, int signal)
{
	switch (signal) {
	case SIGWINCH:
		resize(a);
		break;
	case SIGINT:
		interrupt(a);
		break;
	case SIGTSTP:
		term_suspend(a->term);
		raise(SIGSTOP);
		term_resume(a->term);
		resize(a);
		break;
	case SIGCONT:
		term_redraw(a->term);
		resize(a);
		break;
	default:
		a->signal = signal;
		app_leave(a, NEXT_QUIT);
	}
	a->is_dirty = 1;
}

static void
on_signals(struct app *a)
{
	struct signalfd_siginfo info;

	while (!a->is_over && read(a->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		on_signal(a, (int)info.ssi_signo);
}

int
app_lend(struct app *a, char *const argv[])
{
	posix_spawnattr_t attr;
	struct signalfd_siginfo info;
	struct pollfd fd = { .fd = a->signal_fd, .events = POLLIN };
	sigset_t none, all;
	pid_t pid;
	int rc, status;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	term_suspend(a->term);
	rc = posix_spawn(&pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	while (!rc && waitpid(pid, &status, WNOHANG) == 0) {
		poll(&fd, 1, 50);
		if (read(a->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
			continue;
		/* ^C and ^Z are the pager's own business */
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP) {
			kill(pid, SIGTERM);
			on_signal(a, (int)info.ssi_signo);
		}
	}
	term_resume(a->term);
	resize(a);
	return rc ? -1 : 0;
}

/* ---- the loop --------------------------------------------------------------- */

static void
tell_end(struct app *a)
{
	const struct job *job = session_job(a->session);
	struct err err = { 0 };
	int code = session_finish(a->session, &err);
	const char *why = session_why(a->session);

	a->is_dirty = 1;
	if (err.text[0])
		log_note(&a->ui, 1, err.text);
	if (err.text[0])
		ui_say(&a->ui, 1, "%s", err.text);
	else if (code)
		ui_say(&a->ui, 1, "%s", *why ? why : "the run did not end well: 9 is the log");
	else
		ui_say(&a->ui, 0, "all is made; q leaves and prints the results");
	if (job && job->set.at_end == END_LEAVE)
		app_leave(a, NEXT_LEAVE);
}

/* A run looked on at is one that is over now. */
static void
tell_gone(struct app *a)
{
	const struct past *past = session_past(a->session);

	ui_say(&a->ui, past->was_cut || past->live->exit, past->was_cut ?
	       "run %04u was cut short: its heddle is gone" : "run %04u is over", past->number);
	a->is_dirty = 1;
}

static int
one_turn(struct app *a)
{
	struct pollfd fd[3] = {
		{ .fd = term_fd(a->term), .events = POLLIN },
		{ .fd = a->signal_fd, .events = POLLIN },
		{ .fd = is_going(a) && session_current(a->session) ?
			run_fd(session_current(a->session)) : -1, .events = POLLIN },
	};
	int ms = wait_ms(a, clock_now()), n;
	int32_t key;

	a->was_going = is_going(a);
	if (a->keys.npending && (ms < 0 || ms > ESC_MS))
		ms = ESC_MS;
	n = poll(fd, 3, ms);
	if (n < 0 && errno != EINTR)
		return -1;
	if (n > 0 && fd[1].revents)
		on_signals(a);
	if (n > 0 && fd[0].revents & POLLIN && !a->is_over) {
		if (on_bytes(a) < 0)
			return -1;
	} else if (n > 0 && fd[0].revents & (POLLHUP | POLLERR | POLLNVAL)) {
		return -1;
	} else if (a->keys.npending && keys_idle(&a->keys, &key)) {
		on_key(a, key, 0);
	}
	if (a->was_going && session_current(a->session) && session_is_over(a->session))
		tell_end(a);
	if (session_look(a->session))
		tell_gone(a);
	return 0;
}

static void
loop(struct app *a)
{
	uint64_t period = 1000000000ull / (a->set->fps ? a->set->fps : 10), now;

	while (!a->is_over) {
		if (wait_ms(a, clock_now()) == 0) {
			draw(a);
			now = clock_now();
			a->next_frame = now + (a->paint_ns * 4 > period ? a->paint_ns * 4 : period);
		}
		if (one_turn(a) < 0) {
			a->signal = SIGHUP;
			app_leave(a, NEXT_QUIT);
		}
	}
}

int
tui(struct session *session, const struct tui_setup *set, int signal_fd, enum next *why,
    int *signal, struct err *err)
{
	struct app a = { .session = session, .set = set, .signal_fd = signal_fd };
	uint64_t before = clock_thread_cpu();

	cost_cpu = cost_frames = 0;
	*signal = 0;
	a.term = term_open(set->color, err);
	if (!a.term)
		return -1;
	view_fill(&a.view, session_view(session), 0, VIEW_NOW, 0);
	ui_init(&a.ui, &a.view, set->ascii);
	a.ui.page = session_live(session) ? PAGE_OVERVIEW : PAGE_GRAPH;
	resize(&a);
	if (session_current(session) && session_is_over(session))
		tell_end(&a);
	if (set->autorun && !session_live(session))
		command_do(&a, "run");
	loop(&a);
	term_close(a.term);
	surface_fini(&a.surface);
	ui_fini(&a.ui);
	view_fini(&a.view);
	*why = a.next;
	*signal = a.signal;
	cost_cpu = clock_thread_cpu() - before;
	return 0;
}
