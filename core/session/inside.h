/* SPDX-License-Identifier: MIT */
/* inside - what session.c and result.c share; for nobody else. */

#ifndef CORE_SESSION_INSIDE_H
#define CORE_SESSION_INSIDE_H

#include "core/base/err.h"
#include "core/session/session.h"

struct option_given;
struct plugin;
struct record;
struct watch;

enum { SESSION_MOST = 1000 };	/* elements in JSON and rows on stdout; a file gets all */

struct session {
	struct keeper *keeper;
	struct job *job;		/* NULL: a past run */
	struct shelf *shelf;
	struct graph *graph;
	char *title;			/* the job's name, and what every count is a multiple of */
	uint64_t plan_ns;		/* reading, loading and planning */
	const struct plugin *scheduler;	/* the next run's */
	struct option_given *option;	/* its options; where is ours */
	uint32_t noptions;

	struct record *record;		/* of the current run; NULL: not kept */
	struct run *run;		/* NULL: none yet */
	int is_finished;
	int exit;			/* once finished */
	char why[ERR_MAX];		/* what went wrong; "" */
	char *summary;			/* once finished */

	int listen_fd;			/* where others may look on; -1: nowhere */
	char *socket;			/* its path; NULL */

	struct watch *watch;		/* a run of another process; NULL: none */
	struct past *past;		/* that one too, once it is over */
	struct view_source *source;
};

/* Does [output] name goals alone?  0, or -1 and err (EXIT_CONFIG). */
int session_check_outputs(const struct session *, struct err *)
	__attribute__((warn_unused_result));

#endif
