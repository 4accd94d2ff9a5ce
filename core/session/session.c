/* SPDX-License-Identifier: MIT */
/* session - a job, its plan, its current run, and what any front end may do with them. */

/*
 * Opening reads and plans; each session_run makes a new record and run of the
 * same graph and drops the one before.
 */

#include "core/session/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/graph/plan.h"
#include "core/insight/view.h"
#include "core/job/job.h"
#include "core/plugin/option.h"
#include "core/plugin/shelf.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/attach.h"
#include "core/session/inside.h"
#include "core/session/watch.h"

/* ---- opening ------------------------------------------------------------- */

static const struct job_place *
origin_of(const struct job *job, const char *section, const char *key)
{
	for (size_t i = 0; i < job->nsettings; i++)
		if (!strcmp(job->setting[i].section, section) && !strcmp(job->setting[i].key, key))
			return &job->setting[i].origin;
	return NULL;
}

/* The sentence with the place of the setting it is about before it. */
static int
blame(const struct job *job, const char *section, const char *key, struct err *err)
{
	const struct job_place *at = origin_of(job, section, key);
	char where[256];

	return at && at->file ? err_in(err, "%s", job_at(at, where)) : -1;
}

static int
load_plugins(struct session *s, struct err *err)
{
	const char *const *path = s->job->set.plugins;

	for (; path && *path; path++)
		if (!shelf_get(s->shelf, *path, NULL, err))
			return blame(s->job, "job", "plugins", err);
	return 0;
}

/* The scheduler by the job's name for it, checked with the job's options. */
static int
find_scheduler(struct session *s, struct err *err)
{
	const struct settings *set = &s->job->set;
	struct option_values values;
	char what[128];

	s->scheduler = shelf_get(s->shelf, set->scheduler, set->dir, err);
	if (!s->scheduler)
		return blame(s->job, "scheduler", "kind", err);
	if (!s->scheduler->scheduler) {
		err_set(err, EXIT_PLUGIN, "'%s' is a collection; expected a scheduler",
			set->scheduler);
		return blame(s->job, "scheduler", "kind", err);
	}
	snprintf(what, sizeof(what), "scheduler '%s'", s->scheduler->def.name);
	if (option_parse(&values, s->scheduler->scheduler->options, s->option, s->noptions,
			 what, set->dir, err) < 0)
		return -1;
	option_fini(&values);
	return 0;
}

static void
gather_options(struct session *s)
{
	const struct job *job = s->job;
	char where[256];

	s->noptions = (uint32_t)job->nscheduler_keys;
	s->option = xcalloc(s->noptions, sizeof(*s->option));
	for (uint32_t i = 0; i < s->noptions; i++) {
		const struct job_key *k = &job->scheduler_key[i];

		s->option[i].name = k->name;
		s->option[i].text = k->value;
		s->option[i].where = k->at.file ? xstrdup(job_at(&k->at, where)) : NULL;
	}
}

static void
drop_options(struct session *s)
{
	for (uint32_t i = 0; i < s->noptions; i++)
		free((char *)s->option[i].where);
	free(s->option);
	s->option = NULL;
	s->noptions = 0;
}

static int
enter_dir(const struct job *job, struct err *err)
{
	if (chdir(job->set.dir) == 0)
		return 0;
	err_set(err, EXIT_CONFIG, "dir '%s': %s", job->set.dir, strerror(errno));
	return blame(job, "job", "dir", err);
}

static void
view_the_graph(struct session *s)
{
	s->source = view_of_graph(s->graph, s->title, s->scheduler->def.name,
				  job_workers(&s->job->set));
}

/* A node that reads its input several times says so: every count is that many
 * times the count of one reading, and the title tells it. */
static char *
title(const struct job *job, const struct graph *g)
{
	struct text t = { 0 };

	text_add(&t, job->set.name);
	for (uint32_t i = 0; i < g->nnodes; i++) {
		const char *repeat = graph_node_meta(g, i, "repeat");

		if (repeat && strcmp(repeat, "1")) {
			text_addf(&t, " (input x %s)", repeat);
			break;
		}
	}
	return text_take(&t);
}

static struct session *
session_new(struct keeper *keeper)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->keeper = keeper;
	s->listen_fd = -1;
	return s;
}

int
session_open(struct session **out, const struct session_setup *setup, struct err *err)
{
	struct session *s = session_new(setup->keeper);
	uint64_t start = clock_now();

	s->shelf = shelf_new(setup->keeper);
	if (job_read(&s->job, setup->path, setup->profile, setup->override,
		     setup->noverrides, err) < 0)
		goto fail;
	if (enter_dir(s->job, err) < 0 || load_plugins(s, err) < 0)
		goto fail;
	gather_options(s);
	if (find_scheduler(s, err) < 0)
		goto fail;
	if (plan_job(&s->graph, s->job, s->shelf, setup->goal, err) < 0)
		goto fail;
	if (session_check_outputs(s, err) < 0)
		goto fail;
	s->plan_ns = clock_now() - start;
	s->title = title(s->job, s->graph);
	view_the_graph(s);
	*out = s;
	return 0;
fail:
	session_free(s);
	return -1;
}

int
session_open_run(struct session **out, uint32_t number, const char *store,
		 struct keeper *keeper, struct err *err)
{
	struct session *s = session_new(keeper);
	char *path = xasprintf("%s/%04u", store, number), *dir = realpath(path, NULL);
	int rc;

	if (dir && watch_is_live(dir))
		rc = watch_open(&s->watch, number, dir, err);
	else
		rc = past_open(&s->past, store, number, err);
	free(path);
	free(dir);
	if (rc < 0) {
		session_free(s);
		return -1;
	}
	s->shelf = shelf_new(keeper);
	s->source = s->watch ? watch_view(s->watch) : view_of_past(s->past);
	*out = s;
	return 0;
}

int
session_look(struct session *s)
{
	struct err err;

	if (!s->watch || s->past || !watch_take(s->watch) ||
	    past_open_dir(&s->past, watch_dir(s->watch), &err) < 0)
		return 0;
	view_source_free(s->source);
	s->source = view_of_past(s->past);
	return 1;
}

/* ---- running ------------------------------------------------------------- */

static void
hang_up(struct session *s)
{
	attach_close(s->listen_fd, s->socket);
	s->listen_fd = -1;
	s->socket = NULL;
}

/* Others may look on, if there is a place for a socket. */
static void
listen_for(struct session *s, struct run_setup *setup, char **hello)
{
	if (!s->record)
		return;
	s->listen_fd = attach_listen(record_number(s->record), &s->socket);
	if (s->listen_fd < 0)
		return;
	*hello = attach_hello(record_dir(s->record));
	setup->listen_fd = s->listen_fd;
	setup->hello = *hello;
}

static void
drop_run(struct session *s)
{
	view_source_free(s->source);
	s->source = NULL;
	if (s->run && !s->is_finished) {
		run_stop(s->run, 0);
		run_stop(s->run, 0);
		session_finish(s, NULL);
	}
	hang_up(s);
	run_free(s->run);
	record_free(s->record);
	free(s->summary);
	s->run = NULL;
	s->record = NULL;
	s->summary = NULL;
	s->is_finished = 0;
	s->why[0] = '\0';
}

int
session_run(struct session *s, struct err *err)
{
	const struct settings *set;
	struct run_setup setup = { 0 };
	char name[16], *hello = NULL;
	int rc;

	if (session_is_watch(s))
		return err_set(err, EXIT_USAGE, "run %04u goes on, in another heddle",
			       watch_number(s->watch));
	if (!s->job)
		return err_set(err, EXIT_USAGE, "run %04u is over; open its job to run it again",
			       s->past->number);
	if (s->run && !run_is_over(s->run))
		return err_set(err, EXIT_USAGE, "the job runs already");
	set = &s->job->set;
	drop_run(s);
	if (record_new(&s->record, set->store, s->job, s->graph, job_workers(set),
		       set->log_most, err) < 0)
		goto fail;
	snprintf(name, sizeof(name), "%04u", record_number(s->record));
	setup = (struct run_setup){
		.graph = s->graph, .set = set, .scheduler = s->scheduler,
		.option = s->option, .noptions = s->noptions,
		.shelf = s->shelf, .keeper = s->keeper, .sink = record_sink(s->record),
		.run_name = s->record ? name : "", .title = s->title, .plan_ns = s->plan_ns,
	};
	listen_for(s, &setup, &hello);
	rc = run_new(&s->run, &setup, err);
	free(hello);
	if (rc < 0)
		goto fail;
	s->source = view_of_run(s->run, record_number(s->record));
	if (run_start(s->run, err) < 0)
		goto fail_start;
	return 0;

fail_start:
	view_source_free(s->source);
	run_free(s->run);
	s->run = NULL;
fail:
	hang_up(s);
	record_free(s->record);
	s->record = NULL;
	view_the_graph(s);
	return -1;
}

int
session_ask(struct session *s, const char *line, char *answer, size_t n)
{
	if (session_is_watch(s))
		return watch_ask(s->watch, line, answer, n);
	if (s->run)
		return run_ask(s->run, line, "workbench", answer, n);
	snprintf(answer, n, "nothing runs");
	return -1;
}

int
session_scheduler(struct session *s, const char *name, char *answer, size_t n)
{
	const struct plugin *p;
	struct err err;
	char line[512];

	if (session_is_going(s)) {
		snprintf(line, sizeof(line), "scheduler %s", name);
		return session_ask(s, line, answer, n);
	}
	if (!s->job) {
		snprintf(answer, n, "the run is over");
		return -1;
	}
	p = shelf_get(s->shelf, name, s->job->set.dir, &err);
	if (!p) {
		snprintf(answer, n, "%s", err.text);
		return -1;
	}
	if (!p->scheduler) {
		snprintf(answer, n, "'%s' is a collection; expected a scheduler", name);
		return -1;
	}
	if (p != s->scheduler) {
		drop_options(s);	/* they were meant for the one before */
		s->scheduler = p;
		if (!s->run) {
			view_source_free(s->source);
			view_the_graph(s);
		}
	}
	snprintf(answer, n, "the next run uses %s", p->def.name);
	return 0;
}

/* ---- the end ------------------------------------------------------------- */

/* All was made: what was asked of how? */
static int
check_asserts(struct session *s)
{
	const struct settings *set = &s->job->set;
	const struct live_head *live = run_live(s->run);
	struct account a;
	char got[WRITE_MAX], want[WRITE_MAX];
	double idle;

	account_live(&a, live, HEDDLE_NONE, run_now(s->run));
	idle = a.total ? 1 - (double)a.work / (double)a.total : 0;
	if (set->assert_max_time && a.wall > set->assert_max_time)
		snprintf(s->why, sizeof(s->why), "[assert] max_time %s: the run took %s",
			 write_time(want, set->assert_max_time), write_time(got, a.wall));
	else if (set->assert_max_idle >= 0 && idle > set->assert_max_idle)
		snprintf(s->why, sizeof(s->why), "[assert] max_idle %.1f%%: workers were idle %.1f%%",
			 100 * set->assert_max_idle, 100 * idle);
	else if (set->assert_max_held && live->held_peak > set->assert_max_held)
		snprintf(s->why, sizeof(s->why), "[assert] max_held %llu: %llu values were held at once",
			 (unsigned long long)set->assert_max_held,
			 (unsigned long long)live->held_peak);
	else
		return EXIT_DONE;
	return EXIT_ASSERT;
}

int
session_finish(struct session *s, struct err *err)
{
	struct text summary = { 0 };
	int rc = 0;

	if (!s->run || s->is_finished)
		return s->exit;
	s->exit = run_join(s->run);
	hang_up(s);
	s->is_finished = 1;
	snprintf(s->why, sizeof(s->why), "%s", run_why(s->run));
	if (s->exit == EXIT_DONE)
		s->exit = check_asserts(s);
	session_summary(s, &summary);
	if (s->record)
		rc = record_close(s->record, run_live(s->run), summary.at, summary.n, err);
	if (rc < 0 && s->exit == EXIT_DONE)
		s->exit = EXIT_ENV;
	s->summary = text_take(&summary);
	return s->exit;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	drop_run(s);
	past_free(s->past);
	watch_free(s->watch);
	if (s->job)
		drop_options(s);
	graph_free(s->graph);
	job_free(s->job);
	shelf_free(s->shelf);
	free(s->title);
	free(s);
}

/* ---- what it is ----------------------------------------------------------- */

const struct job *
session_job(const struct session *s)
{
	return s->job;
}

const struct graph *
session_graph(const struct session *s)
{
	return s->past ? s->past->graph : s->watch ? watch_graph(s->watch) : s->graph;
}

struct run *
session_current(const struct session *s)
{
	return s->run;
}

const struct past *
session_past(const struct session *s)
{
	return s->past;
}

int
session_is_watch(const struct session *s)
{
	return s->watch && !s->past;
}

int
session_is_going(const struct session *s)
{
	return session_is_watch(s) || (s->run && !run_is_over(s->run));
}

const struct live_head *
session_live(const struct session *s)
{
	return s->run ? run_live(s->run) : s->past ? s->past->live :
	       s->watch ? watch_live(s->watch) : NULL;
}

uint32_t
session_nevents(const struct session *s)
{
	return s->run ? run_nevents(s->run) : s->past ? s->past->nevents :
	       s->watch ? watch_nevents(s->watch) : 0;
}

uint32_t
session_events(const struct session *s, uint32_t from, struct run_event *out, uint32_t most)
{
	uint32_t n = 0;

	if (s->run)
		return run_events(s->run, from, out, most);
	if (session_is_watch(s))
		return watch_events(s->watch, from, out, most);
	while (s->past && n < most && from + n < s->past->nevents) {
		out[n] = s->past->event[from + n];
		n++;
	}
	return n;
}

struct shelf *
session_shelf(const struct session *s)
{
	return s->shelf;
}

struct view_source *
session_view(const struct session *s)
{
	return s->source;
}

uint32_t
session_number(const struct session *s)
{
	return s->past ? s->past->number : s->watch ? watch_number(s->watch) :
	       record_number(s->record);
}

const char *
session_dir(const struct session *s)
{
	return s->past ? s->past->dir : s->watch ? watch_dir(s->watch) : record_dir(s->record);
}

int
session_is_over(const struct session *s)
{
	return s->past || (s->run && run_is_over(s->run));
}

const char *
session_why(const struct session *s)
{
	return s->why;
}
