/* SPDX-License-Identifier: MIT */
/* draft - a job in the making: what each layer said so far.  For core/job alone. */

#ifndef CORE_JOB_DRAFT_H
#define CORE_JOB_DRAFT_H

#include "core/job/job.h"
#include "core/job/settings.h"
#include "core/plugin/value.h"

/* In order; the last wins. */
enum layer {
	LAYER_BUILT_IN, LAYER_SYSTEM, LAYER_USER, LAYER_FILE, LAYER_PROFILE,
	LAYER_ENVIRONMENT, LAYER_COMMAND
};

/* A key of a row for any name: pool.NAME, NODE, a scheduler's OPTION. */
struct draft_key {
	struct job_key key;
	const struct setting *row;	/* NULL: taken back */
	enum layer layer;
};

struct draft_node {
	struct job_node node;
	const char *prefix;		/* of the file it stands in, as a pointer */
	struct job_key *key;		/* becomes node.key */
	size_t capkeys;
};

struct draft {
	struct value_keep *keep;
	void *names;			/* the tree of draft_index */
	struct err *err;
	enum layer layer;
	struct job_setting *setting;	/* beside settings[]; rows for any name stay empty */
	struct job_setting needed;	/* plugins of includes, whatever the job says */
	struct draft_key *any;
	size_t nany, capany;
	struct draft_node *node;
	size_t nnodes, capnodes;
	const char *folder;		/* of the job's file, absolute */
	unsigned nincludes;
	const char *profile;		/* wanted; NULL: none */
	struct job_key *profile_key;	/* what it says */
	size_t nprofile_keys, capprofile_keys;
	const char **profile_name;	/* all there are */
	size_t nprofile_names, capprofile_names;
};

/* The sentence with its place before it: EXIT_CONFIG, or EXIT_USAGE if the
 * place is the command line.  Returns -1. */
int draft_fail(struct draft *, const struct job_place *, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same before a sentence that is there. */
int draft_fail_in(struct draft *, const struct job_place *, const char *section);

const char *draft_keep(struct draft *, char *);	/* takes it */
const char *draft_env(const char *name);	/* NULL: unset, empty or not to be trusted */

/* Where the row called `name` of `of` ("" for nodes, a node for its keys, a
 * section) stands: NULL if it was not put, which is done once and keeps both pointers. */
size_t *draft_index(const struct draft *, const char *of, const char *name);
void draft_index_put(struct draft *, const char *of, const char *name, size_t i);
void draft_index_fini(struct draft *);

/* Say one thing.  section.key in one word ("text.path") is what a profile and
 * an override say.  0 or -1. */
int draft_set(struct draft *, const char *section, const struct job_key *);
int draft_set_dotted(struct draft *, const struct job_key *);

/* The paths of [job] plugins, relative to a folder, as a list of absolute
 * ones.  Those an include needs are kept apart, and added at the end. */
int draft_set_plugins(struct draft *, const struct job_key *, const char *folder, int is_needed);
void draft_add_needed(struct draft *);

/* nodes.c: read a file's sections.  prefix is "" or that of an include. */
int draft_read_settings(struct draft *, const char *path);
int draft_read_job(struct draft *, const char *path, const char *name);
struct draft_node *draft_find(const struct draft *, const char *name);	/* or NULL */
/* The key of a node: replaced, or added behind the others. */
void draft_set_node(struct draft *, struct draft_node *, const struct job_key *);
int draft_is_name(const char *);	/* [A-Za-z_][A-Za-z0-9_.-]* */
/* Does a value hold lines that were meant to be keys or sections? */
int draft_check_lines(struct draft *, const char *what, const char *const *keys,
		      const struct job_key *);


#endif
