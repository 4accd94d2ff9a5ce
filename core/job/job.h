/* SPDX-License-Identifier: MIT */
/* job - the file a person wrote, read and checked: nodes and settings, each with its place. */

#ifndef CORE_JOB_JOB_H
#define CORE_JOB_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "core/plugin/option.h"

struct err;

/* Where a value was written, for sentences: "conf/a.ini:12". */
struct job_place {
	const char *file;	/* as the person named it; "-o", "$HEDDLE_JOBS", "built in" ... */
	uint32_t line;		/* 0: none */
};

struct job_key {
	const char *name, *value;
	struct job_place at;
};

/* A two-word section.  Of an include, names of its nodes in its values have
 * their prefix already: `of = text` reads "lib.text". */
struct job_node {
	const char *name;		/* "text"; of an include: "lib.text" */
	const char *plugin, *op;	/* "bag", "read" */
	struct job_place at;
	const struct job_key *key;	/* in file order; the last of one name wins and is the only one kept */
	size_t nkeys;
};

/* Settings: the rows of core/job/settings.c, parsed.  One field a row. */
enum executor_kind { EXECUTOR_THREADS, EXECUTOR_SYNC };
enum on_fail { FAIL_FINISH_RUNNING, FAIL_FINISH_OTHERS, FAIL_STOP };
enum at_end { END_STAY, END_LEAVE };
enum on_hangup { HANGUP_STOP, HANGUP_GO_ON };
enum unicode { UNICODE_AUTO, UNICODE_YES, UNICODE_NO };
enum { JOB_CULL = 1, JOB_SHARE = 2 };	/* optimise */

struct job_pool { const char *name; uint32_t tokens; struct job_place at; };

struct settings {
	/* [job] */
	const char *name;		/* shown; the file's stem unless said; "heddle" without one */
	const char *const *goal;	/* NULL-terminated; empty: every node nothing else uses */
	const char *dir;		/* absolute; there */
	const char *const *plugins;	/* paths, relative to the file that says them, made absolute */
	unsigned optimise;		/* JOB_CULL | JOB_SHARE */
	enum on_fail on_fail;
	uint64_t seed;
	uint64_t max_time;		/* ns; 0: none */
	/* [executor] */
	enum executor_kind executor;
	uint32_t workers;		/* resolved: auto, 50% and 4 all end here; >= 1 */
	/* [scheduler] */
	const char *scheduler;		/* name or path */
	int fallback;			/* to fifo, if it answers wrongly */
	/* the rest of [scheduler] is scheduler_keys below */
	/* [resources] */
	const struct job_pool *pool;
	uint32_t npools;
	/* [history] */
	const char *store;		/* folder, absolute; NULL: keep nothing */
	uint64_t log_most;		/* bytes a task's log may take */
	/* [assert] 0: not asked */
	uint64_t assert_max_time;
	double assert_max_idle;		/* 0 .. 1; < 0: not asked */
	uint64_t assert_max_held;	/* values */
	/* [ui] */
	enum at_end at_end;
	enum on_hangup on_hangup;
	uint32_t fps;
	enum unicode unicode;
	/* [output] is outputs below */
};

/* The workers a run begins with: `sync` has one, whatever workers says. */
uint32_t job_workers(const struct settings *);

/* One setting as it stands, and where it came from, for `heddle config`. */
struct job_setting {
	const char *section, *key;
	const char *value;		/* NULL: not said, and there is no default */
	struct job_place origin;
};

struct job {
	char *path;			/* absolute; NULL: no file (settings alone) */
	char *shown;			/* as the person named it */
	struct settings set;
	const struct job_node *node;	/* file order, includes in their place */
	size_t nnodes;
	const struct job_key *scheduler_key;	/* options for the scheduler's plugin */
	size_t nscheduler_keys;
	const struct job_key *output;	/* [output] NODE = stdout | FILE | none */
	size_t noutputs;
	const struct job_setting *setting;	/* all, in the order of core/job/settings.c */
	size_t nsettings;
	void *keep;			/* what all of this points into */
};

/* from says where: a word that starts with - is the command line. */
struct job_override {			/* -o section.key=value, -j, -s ... */
	const char *key, *value;	/* "text.path", "executor.workers" */
	const char *from;		/* "-o", "-j", "$HEDDLE_JOBS" */
};

/*
 * Read a job: built in, system settings, user settings, the file, its
 * includes and profile, the environment, then overrides; the last wins.
 * path NULL: settings alone.  Checks settings (unknown sections and keys with
 * file:line and the nearest name, types), names of nodes, and that settings
 * name nodes that are there; what nodes say is checked when the graph is
 * planned.  Relative paths of the job are meant in
 * the folder the process is in: who found a heddle.ini above goes there first.
 * 0, or -1 and err (EXIT_CONFIG; EXIT_USAGE for an override).
 */
int job_read(struct job **, const char *path, const char *profile,
	     const struct job_override *, size_t noverrides, struct err *)
	__attribute__((warn_unused_result));
void job_free(struct job *);

/* The key of a node, or NULL. */
const struct job_key *job_node_key(const struct job_node *, const char *name);

/* The keys every node has that this heddle knows, NULL-terminated. */
extern const char *const job_node_keys[];

/* The resolved job as an INI text that reads back to the same job. */
struct text;
void job_write(const struct job *, struct text *);

/* Was it said on the command line (-o, -j, --seed)?  Complaints are EXIT_USAGE then. */
int job_is_typed(const struct job_place *);

/* "conf/a.ini:12", for complaints; in buf. */
const char *job_at(const struct job_place *, char buf[256]);

/* The files of settings read before a job: of the system, of the user
 * ($HEDDLE_CONFIG, else in $XDG_CONFIG_HOME).  malloc'd. */
char *job_system_settings(void);
char *job_user_settings(void);

/* Folder of the runs when no job says one: $HEDDLE_RUNS, else
 * $XDG_STATE_HOME/heddle/runs.  malloc'd. */
char *job_default_store(void);

#endif
