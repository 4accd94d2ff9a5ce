/* SPDX-License-Identifier: MIT */
/* session - a job, its plan, its current run, and what any front end may do with them. */

#ifndef CORE_SESSION_SESSION_H
#define CORE_SESSION_SESSION_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct graph;
struct job;
struct job_override;
struct keeper;
struct live_head;
struct past;
struct run;
struct run_event;
struct shelf;
struct text;
struct view_source;

/* What a front end wants next, on the same session: to be left (a run goes on
 * plainly, to its end), the plain one until a key, the workbench, or to stop
 * the run and leave. */
enum next { NEXT_LEAVE, NEXT_PLAIN, NEXT_TUI, NEXT_QUIT };

struct session_setup {
	const char *path;		/* of the job file */
	const char *profile;
	const struct job_override *override;
	size_t noverrides;
	const char *const *goal;	/* NULL: the job's */
	struct keeper *keeper;
};

struct session;

/* Read and plan; nothing runs.  0, or -1 and err. */
int session_open(struct session **, const struct session_setup *, struct err *)
	__attribute__((warn_unused_result));
/* A finished run, to look at; or one that another process of this user is
 * running: to look on, and to ask things of. */
int session_open_run(struct session **, uint32_t number, const char *store,
		     struct keeper *, struct err *) __attribute__((warn_unused_result));
void session_free(struct session *);	/* stops and joins a run; NULL is fine */

/* Run the job (again): a new run and record.  0 or -1 and err. */
int session_run(struct session *, struct err *) __attribute__((warn_unused_result));

/* When the run is over: join, write the summary, close the record; once.
 * -> exit code of the run; session_why has the sentence.  err: the record could
 * not be kept (the run's answer stands). */
int session_finish(struct session *, struct err *);

/* What went wrong in the run that was finished, or which [assert] did not
 * hold; "" if nothing. */
const char *session_why(const struct session *);

/* A request, as run_ask: to the current run, or to the one looked on at. */
int session_ask(struct session *, const char *line, char *answer, size_t n);

/* Of a run looked on at: take in what has come since.  -> 1: it has just ended,
 * or its process is gone, and from here on it is a finished run; the view and
 * the graph are others then.  Else 0. */
int session_look(struct session *);

/* Use another scheduler: at once if a run goes on, else for the next one. */
int session_scheduler(struct session *, const char *name, char *answer, size_t n);

const struct job *session_job(const struct session *);		/* NULL: a past run */
const struct graph *session_graph(const struct session *);
struct run *session_current(const struct session *);		/* NULL: none yet */
const struct past *session_past(const struct session *);	/* NULL: not one */
int session_is_going(const struct session *);			/* a run goes on, here or elsewhere */
int session_is_watch(const struct session *);			/* elsewhere, and to be looked on at */
const struct live_head *session_live(const struct session *);	/* of the run there is; NULL */
uint32_t session_nevents(const struct session *);
/* As run_events. */
uint32_t session_events(const struct session *, uint32_t from, struct run_event *, uint32_t most);
struct shelf *session_shelf(const struct session *);
struct view_source *session_view(const struct session *);	/* of now; changes with session_run */
uint32_t session_number(const struct session *);		/* of the run; 0: not kept */
const char *session_dir(const struct session *);		/* of the record; NULL */
int session_is_over(const struct session *);			/* a run was there and has ended */

/* A goal's value as text or JSON, by its collection's kinds; at most `most`
 * rows.  After the end.  0, or -1 if there is none. */
int session_show(const struct session *, uint32_t node, int json, size_t most, struct text *);

/* Results as [output] says: files are written, stdout ones appended to out
 * (one: its value alone; several: each after a line with its name). */
int session_output(const struct session *, struct text *out, struct err *)
	__attribute__((warn_unused_result));

/* The result object of --json, a line, the same as summary.json.  Once
 * finished; "" before. */
void session_summary(const struct session *, struct text *);

#endif
