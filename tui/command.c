/* SPDX-License-Identifier: MIT */
/* command - lines as typed behind `:`, which keys use as well. */

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/session.h"
#include "tui/app.h"
#include "tui/page_log.h"
#include "tui/page_plugins.h"
#include "tui/term.h"

static void
answer(struct app *a, int is_bad, const char *text)
{
	ui_say(&a->ui, is_bad, "%s", text);
	if (*text)
		log_note(&a->ui, is_bad, text);
}

/* A request the run answers, and writes into its record itself. */
static void
request(struct app *a, const char *line)
{
	char text[VIEW_LINE] = "";

	if (!session_is_going(a->session)) {
		answer(a, 1, session_current(a->session) ? "the run is over: r runs the job again" :
		       session_past(a->session) ? "this run is over: open its job to run it again" :
		       "nothing runs yet: r runs the job");
		return;
	}
	ui_say(&a->ui, session_ask(a->session, line, text, sizeof(text)) < 0, "%s", text);
}

static void
do_run(struct app *a, const char *arg)
{
	struct err err = { 0 };

	(void)arg;
	if (session_run(a->session, &err) < 0)
		answer(a, 1, err.text);
	else
		ui_say(&a->ui, 0, "running");
}

static void
do_quit(struct app *a, const char *arg)
{
	(void)arg;
	app_leave(a, NEXT_LEAVE);
}

static void
do_abandon(struct app *a, const char *arg)
{
	(void)arg;
	app_leave(a, NEXT_QUIT);
}

static void
do_stream(struct app *a, const char *arg)
{
	(void)arg;
	if (session_current(a->session) && !session_is_over(a->session))
		app_leave(a, NEXT_PLAIN);
	else if (session_is_watch(a->session))
		ui_say(&a->ui, 1, "the run streams where it was started");
	else
		ui_say(&a->ui, 1, "nothing runs: there is no output to stream");
}

static void
do_page(struct app *a, const char *arg)
{
	const struct page *p = page_by_number(atoi(arg));
	int i;

	for (i = 0; i < PAGES; i++)
		if (pages[i] == p || (*arg && !strncmp(pages[i]->word, arg, strlen(arg)))) {
			ui_page(&a->ui, (enum page_id)i);
			return;
		}
	ui_say(&a->ui, 1, "page '%.60s': no such page; there are overview graph timeline queues "
	       "plugins log help", arg);
}

static void
do_plugin(struct app *a, const char *arg)
{
	struct err err = { 0 };
	const struct plugin *p;
	char text[VIEW_LINE];

	if (!*arg) {
		ui_say(&a->ui, 1, "plugin: whose? expected a path such as ./mine.so");
		return;
	}
	p = shelf_get(session_shelf(a->session), arg, NULL, &err);
	plugins_forget(&a->ui);
	if (!p) {
		answer(a, 1, err.text);
		return;
	}
	snprintf(text, sizeof(text), "%s %.80s is loaded", p->scheduler ? "scheduler" : "collection",
		 p->def.name);
	answer(a, 0, text);
}

static void
do_scheduler(struct app *a, const char *arg)
{
	char text[VIEW_LINE] = "";
	int rc;

	if (!*arg) {
		ui_say(&a->ui, 1, "scheduler: which one? Tab shows those there are");
		return;
	}
	rc = session_scheduler(a->session, arg, text, sizeof(text));
	answer(a, rc < 0, text);
}

static void
do_task(struct app *a, const char *arg)
{
	uint32_t task = graph_find(a->view.graph, arg);

	if (task == GRAPH_NONE)
		ui_say(&a->ui, 1, "task '%.80s': no such task", arg);
	else
		ui_inspect(&a->ui, task);
}

static void
do_log(struct app *a, const char *arg)
{
	static char script[] = "${PAGER:-less} \"$1\"", sh[] = "/bin/sh", opt[] = "-c", name[] = "heddle";
	const char *dir = session_dir(a->session);
	uint32_t task = graph_find(a->view.graph, arg);
	char *path;

	if (task == GRAPH_NONE) {
		ui_say(&a->ui, 1, "task '%.80s': no such task", arg);
		return;
	}
	path = dir ? past_log_path(dir, a->view.graph, task, 0) : NULL;
	if (!path)
		ui_say(&a->ui, 1, "%.80s has no log", arg);
	else if (app_lend(a, (char *[]){ sh, opt, script, name, path, NULL }) < 0)
		ui_say(&a->ui, 1, "cannot start $PAGER");
	free(path);
}

static int
is_held(const struct app *a, uint32_t task)
{
	const struct live_head *live = session_live(a->session);

	return live && task_state_of(atomic_load(&live_words(live)[task])) == TASK_HELD;
}

/* A request about one task, made of what the task is now. */
static void
about_task(struct app *a, const char *name, int step)
{
	struct run *run = session_current(a->session);
	uint32_t task = graph_find(a->view.graph, name);
	char line[PROMPT_MAX + 32], held[VIEW_NAME] = "";

	if (task == GRAPH_NONE) {
		ui_say(&a->ui, 1, "task '%.80s': no such task", name);
		return;
	}
	if (session_is_watch(a->session) && step) {
		ui_say(&a->ui, 1, "which priority it has is known where the run was started; "
		       ":prioritise TASK N sets it");
		return;
	}
	if (!run)
		snprintf(line, sizeof(line), "%s %s", is_held(a, task) ? "unhold" : "hold", name);
	else if (step)
		snprintf(line, sizeof(line), "prioritise %s %d", name, run_priority(run, task) + step);
	else
		snprintf(line, sizeof(line), "%s %s", strcmp(run_held_by(run, task, held, sizeof(held)),
			 "held by request") ? "hold" : "unhold", name);
	request(a, line);
}

static void
do_flip(struct app *a, const char *arg)
{
	about_task(a, arg, 0);
}

static void
do_raise(struct app *a, const char *arg)
{
	about_task(a, arg, 1);
}

static void
do_lower(struct app *a, const char *arg)
{
	about_task(a, arg, -1);
}

static void
do_copy(struct app *a, const char *arg)
{
	term_copy(a->term, arg);
	ui_say(&a->ui, 0, "%.100s: handed to the terminal's clipboard", arg);
}

const struct command commands[] = {
	{ "run", "", "run the job (again)", do_run, NULL },
	{ "page", "N|NAME", "go to a page", do_page, "pages" },
	{ "task", "NAME", "inspect a task", do_task, "tasks" },
	{ "log", "TASK", "its log in $PAGER", do_log, "tasks" },
	{ "plugin", "PATH", "load a plugin of your own", do_plugin, "paths" },
	{ "scheduler", "NAME [k=v ..]", "use another scheduler, now or for the next run", do_scheduler, "schedulers" },
	{ "flip", "TASK", "hold a task back, or let it go if it was", do_flip, "tasks" },
	{ "raise", "TASK", "a priority one higher", do_raise, "tasks" },
	{ "lower", "TASK", "a priority one lower", do_lower, "tasks" },
	{ "copy", "TEXT", "hand text to the terminal's clipboard", do_copy, "tasks" },
	{ "stream", "", "plain output in the normal screen", do_stream, NULL },
	{ "quit", "", "leave the view, the job goes on", do_quit, NULL },
	{ "quit!", "", "stop the job and leave", do_abandon, NULL },
	{ 0 }
};

static const struct command *
find(const char *name, size_t n)
{
	const struct command *c;

	for (c = commands; c->name; c++)
		if (strlen(c->name) == n && !strncmp(c->name, name, n))
			return c;
	return NULL;
}

static int
is_request(const char *name, size_t n)
{
	int i;

	for (i = 0; run_requests[i][0]; i++)
		if (strlen(run_requests[i][0]) == n && !strncmp(run_requests[i][0], name, n))
			return 1;
	return 0;
}

static void
unknown(struct app *a, const char *name, size_t n)
{
	const char *names[64], *near;
	char word[64];
	size_t at = 0;
	int i;

	for (i = 0; commands[i].name && at < 63; i++)
		names[at++] = commands[i].name;
	for (i = 0; run_requests[i][0] && at < 63; i++)
		names[at++] = run_requests[i][0];
	names[at] = NULL;
	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), name);
	near = nearest(word, names);
	ui_say(&a->ui, 1, "'%s': no such command%s%s%s", word, near ? "; did you mean '" : "",
	       near ? near : "", near ? "'?" : "; ? lists them");
}

void
command_do(struct app *a, const char *line)
{
	const struct command *c;
	char text[PROMPT_MAX + 64];
	size_t n;

	while (*line == ' ')
		line++;
	snprintf(text, sizeof(text), "%s", line);
	for (n = strlen(text); n && text[n - 1] == ' '; n--)
		text[n - 1] = '\0';
	n = strcspn(text, " ");
	if (!n)
		return;
	line = text + n;
	while (*line == ' ')
		line++;
	c = find(text, n);
	if (c && *line && !*c->args)
		ui_say(&a->ui, 1, "%s: takes nothing more; found '%.80s'", c->name, line);
	else if (c)
		c->run(a, line);
	else if (is_request(text, n))
		request(a, text);
	else
		unknown(a, text, n);
	a->is_dirty = 1;
}

/* ---- completion ----------------------------------------------------------- */

struct choices {
	const char *begin;		/* of the word to complete */
	char common[256];		/* of all so far */
	struct text list;
	int n;
};

static void
offer(struct choices *c, const char *word)
{
	size_t i;

	if (strncmp(word, c->begin, strlen(c->begin)))
		return;
	if (!c->n++) {
		snprintf(c->common, sizeof(c->common), "%s", word);
	} else {
		for (i = 0; c->common[i] && c->common[i] == word[i]; i++)
			;
		c->common[i] = '\0';
	}
	if (c->list.n + strlen(word) + 2 < PROMPT_CHOICES) {
		text_add(&c->list, word);
		text_add(&c->list, "  ");
	}
}

static void
offer_commands(struct choices *c)
{
	int i;

	for (i = 0; commands[i].name; i++)
		offer(c, commands[i].name);
	for (i = 0; run_requests[i][0]; i++)
		if (!find(run_requests[i][0], strlen(run_requests[i][0])))
			offer(c, run_requests[i][0]);
}

static void
offer_schedulers(struct app *a, struct choices *c)
{
	const struct shelf_row *row;
	size_t n, i;

	row = shelf_list(session_shelf(a->session), &n);
	plugins_forget(&a->ui);
	for (i = 0; i < n; i++)
		if (row[i].plugin && row[i].plugin->scheduler)
			offer(c, row[i].name);
}

static void
offer_paths(struct choices *c)
{
	char pattern[PROMPT_MAX + 8];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s*", c->begin);
	if (glob(pattern, GLOB_MARK | GLOB_TILDE, NULL, &found) == 0)
		for (i = 0; i < found.gl_pathc; i++)
			offer(c, found.gl_pathv[i]);
	globfree(&found);
}

static void
offer_arguments(struct app *a, struct choices *c, const char *what)
{
	const struct graph *g = a->view.graph;
	uint32_t i;
	int p;

	if (!strcmp(what, "pages"))
		for (p = 0; p < PAGES; p++)
			offer(c, pages[p]->word);
	else if (!strcmp(what, "schedulers"))
		offer_schedulers(a, c);
	else if (!strcmp(what, "paths"))
		offer_paths(c);
	else
		for (i = 0; i < g->ngroups; i++)
			offer(c, graph_text(g, g->group[i].name));
}

/* Requests whose argument is tasks are those that are no numbers. */
static const char *
choices_of(const char *line, size_t n)
{
	static const char *const with_tasks[] = { "hold", "unhold", "kill", "retry", "prioritise", "place" };
	const struct command *c = find(line, n);
	size_t i;

	if (c)
		return c->choices;
	for (i = 0; i < sizeof(with_tasks) / sizeof(*with_tasks); i++)
		if (strlen(with_tasks[i]) == n && !strncmp(line, with_tasks[i], n))
			return "tasks";
	return NULL;
}

void
command_complete(struct app *a)
{
	struct prompt *p = &a->prompt;
	struct choices c = { .begin = p->text };
	size_t first = strcspn(p->text, " ");
	const char *what;
	char line[PROMPT_MAX + 512];

	if (!p->text[first]) {
		offer_commands(&c);
	} else {
		c.begin = strrchr(p->text, ' ') + 1;
		what = choices_of(p->text, first);
		if (what)
			offer_arguments(a, &c, what);
	}
	snprintf(line, sizeof(line), "%.*s%s%s", (int)(c.begin - p->text), p->text,
		 c.n ? c.common : c.begin, c.n == 1 && c.common[0] && !p->text[first] ? " " : "");
	snprintf(p->choices, sizeof(p->choices), "%s", c.n > 1 ? c.list.at : c.n ? "" : "no match");
	prompt_set(p, line);
	text_fini(&c.list);
}
