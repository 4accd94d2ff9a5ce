/* SPDX-License-Identifier: MIT */
/* heddle.h - all that a plugin sees.  ABI 1. */

#ifndef HEDDLE_H
#define HEDDLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A struct that crosses the line starts with its size (heddle_plugin: abi,
 * then size).  A table is an array of such structs; its stride is the size
 * of its first row, a row without a name ends it.  A field one side does not
 * know reads as zero, and zero always means the documented default; a newer
 * plugin that sets a field this heddle does not know is refused by name.
 * Times are nanoseconds.  Text is UTF-8 and borrowed for the call.
 *
 * A plugin keeps no writable globals: everything may be opened, planned and
 * run many times at once, from several threads.
 */
#define HEDDLE_ABI	1
#define HEDDLE_NONE	UINT32_MAX	/* no task; any worker */

typedef uint32_t heddle_task;		/* 0 .. ntasks-1; inputs come first */

struct heddle_bytes {			/* fixed for ever, carries no size */
	const void *at;			/* aligned to 16 */
	size_t n;
};

/* ---- options: typed, checked, listed and completed by heddle ---------- */

enum heddle_type {
	HEDDLE_TEXT = 1,		/* read as .s */
	HEDDLE_BOOL,			/* yes no; read as .i */
	HEDDLE_INT,			/* .i */
	HEDDLE_REAL,			/* .d */
	HEDDLE_COUNT,			/* 64M = 64,000,000; .i */
	HEDDLE_SIZE,			/* 64M = 64 * 2^20 bytes; .i */
	HEDDLE_TIME,			/* 10, 10s, 5ms, 2m; read as ns in .i */
	HEDDLE_CHOICE,			/* read as the index of the word in .i */
	HEDDLE_PATH			/* globs are expanded, sorted; .s */
};
enum { HEDDLE_REQUIRED = 1, HEDDLE_LIST = 2 };

struct heddle_option {
	uint32_t size;
	uint16_t type, flags;
	const char *name;
	const char *fallback;		/* the default, as it would be typed */
	const char *words;		/* HEDDLE_CHOICE: "merge|flat" */
	double min, max;		/* both 0: no limits */
	const char *about;
};
union heddle_item { int64_t i; double d; const char *s; };
/* One a row, in table order.  Not a LIST: n is 1, or 0 where nothing was said
 * and there is no fallback. */
struct heddle_arg { uint32_t n; const union heddle_item *v; };

/* ---- collections: make tasks ------------------------------------------ */

/* A command, run by heddle: argv, no shell; stdin is /dev/null, stdout and
 * stderr are the task's log; in a process group of its own, ended with
 * heddle. */
struct heddle_command {
	uint32_t size;
	const char *const *argv;	/* NULL ends it; argv[0] is looked up in PATH */
	const char *const *env;		/* NAME=VALUE to add; NULL: none */
	const char *const *make_dirs;	/* folders that must exist first; NULL: none */
};
struct heddle_exit {			/* how it ended; filled by heddle */
	uint32_t size;
	int32_t code;			/* 0..255, or 128 + signal */
	int32_t signal;			/* 0: it ended by itself */
	uint32_t timed_out;		/* heddle ended it: over its time */
	uint64_t cpu;			/* its and its children's, ns */
	uint64_t peak;			/* largest resident size, bytes */
};

struct heddle_call {			/* what a kernel sees; any thread, any process */
	uint32_t size;
	struct heddle_bytes par;	/* as emitted */
	const struct heddle_bytes *in;	/* borrowed, read only */
	uint32_t nin;
	uint32_t index;			/* place in its group */
	void *self;
	/* The output, of n bytes; again with another n moves it, as realloc. */
	void *(*out)(void *self, size_t n);
	int (*fail)(void *self, const char *why);	/* -1, to be returned */
	int (*stop)(void *self);			/* asked to end early? */
	void (*progress)(void *self, double part);	/* 0 .. 1 */
	/* Run a command to its end.  -1: it could not be started, and fail was
	 * called; else *how says how it ended. */
	int (*command)(void *self, const struct heddle_command *, struct heddle_exit *how);
};

enum {
	HEDDLE_PURE = 1,	/* output depends on par and in alone: may be shared, fused, run twice */
	HEDDLE_EFFECT = 2,	/* writes what heddle cannot see: never run twice at once */
	HEDDLE_NOVALUE = 4	/* never calls out(): the graph pays nothing for a value */
};
struct heddle_kernel {
	uint32_t size, flags;
	const char *name;
	int (*run)(const struct heddle_call *);		/* 0, or -1 after fail() */
};

struct heddle_node {			/* an input of an operation */
	uint32_t size;
	const char *name, *kind;	/* "text", "bag.pairs" */
	const heddle_task *part;	/* one task a chunk, in chunk order */
	uint32_t nparts;
	void *self;
	const char *(*meta)(void *self, const char *key);	/* NULL: not said */
};

/* How expand() tells a word that stands for several, or for odd names. */
enum heddle_expand {
	HEDDLE_WORDS,		/* one put() a word: for argv */
	HEDDLE_SHELL		/* one put(), names quoted for sh */
};

struct heddle_plan {			/* an operation at plan time; one thread */
	uint32_t size;
	const char *name;		/* of the node */
	const struct heddle_arg *arg;
	const struct heddle_node *in;
	uint32_t nin;
	void *self;
	/* Tasks from here on belong to group name (NULL: the node's own). */
	int (*group)(void *self, const char *name);
	/* -> id, HEDDLE_NONE on failure.  Inputs must have been emitted. */
	heddle_task (*emit)(void *self, const char *kernel, struct heddle_bytes par,
			    const heddle_task *in, uint32_t nin);
	int (*expect)(void *self, heddle_task, uint64_t ns, uint64_t bytes);
	/* What the node is to others: its kind, its parts, its meta. */
	int (*give)(void *self, const char *kind, const heddle_task *part, uint32_t n);
	int (*meta)(void *self, const char *key, const char *value);
	int (*fail)(void *self, const char *why);	/* -1, to be returned */
	/* For an operation with HEDDLE_EACH: `each` asks for so many items (1
	 * where the job says none); item(i) chooses the one the next emits
	 * are for (heddle adds its edges: in, out, after), expand() replaces
	 * its {braces}, group() has no part in it. */
	uint32_t neach;
	int (*item)(void *self, uint32_t i);
	int (*expand)(void *self, enum heddle_expand, const char *text,
		      void (*put)(void *to, const char *word), void *to);
	/* out files of the chosen item, NULL behind the last */
	const char *const *(*outs)(void *self);
};

enum {
	HEDDLE_EACH = 1,	/* the node may say each, in, out */
	HEDDLE_EACH_MUST = 2	/* and must say each: "a task for each item" of nothing is a mistake */
};
struct heddle_op {
	uint32_t size, flags;
	const char *name, *about;
	const char *takes;		/* kinds, by place: "text", "array array", "text|bag.items"
					 * (either), "array*" (one or more); NULL: none */
	const struct heddle_option *options;
	int (*plan)(const struct heddle_plan *);	/* 0, or -1 after fail() */
};

struct heddle_show {			/* where a value is told */
	uint32_t size;
	int json;			/* JSON or text */
	size_t most;			/* at most so many rows or elements */
	void *self;
	void (*put)(void *self, const char *text, size_t n);
};
struct heddle_kind {			/* how values of a kind read */
	uint32_t size, flags;
	const char *name, *about;
	int (*show)(const struct heddle_node *, const struct heddle_bytes *part,
		    const struct heddle_show *);
};

struct heddle_collection {
	uint32_t size;
	const struct heddle_op *ops;
	const struct heddle_kernel *kernels;
	const struct heddle_kind *kinds;	/* NULL: none of its own */
};

/* ---- schedulers: order tasks ------------------------------------------ */

struct heddle_graph {			/* sealed: may be read by any thread for ever */
	uint32_t size;
	uint32_t ntasks, nworkers;
	const uint64_t *pred_at;	/* pred[pred_at[t]] .. pred[pred_at[t+1]-1] */
	const heddle_task *pred;	/* in argument order */
	const uint64_t *succ_at;
	const heddle_task *succ;
	const uint64_t *expect;		/* ns; 0 = no idea; NULL: of none */
};

enum heddle_state {			/* of a task, as host->state says */
	HEDDLE_BLOCKED,			/* waits for predecessors */
	HEDDLE_READY,			/* may run; also while something holds it */
	HEDDLE_RUNNING,
	HEDDLE_ENDED			/* done, failed, skipped: will not run again */
};
struct heddle_host {
	uint32_t size;
	void *self;
	int (*fail)(void *self, const char *why);
	/* ns from a task's start to the last end, by expect (1 where unknown);
	 * ntasks long, valid until close. */
	const uint64_t *(*levels)(void *self);
	int32_t (*priority)(void *self, heddle_task);	/* higher first; 0 unless said */
	uint64_t (*cost)(void *self, heddle_task, uint32_t worker);
	uint64_t (*move)(void *self, heddle_task from, heddle_task to, uint32_t w1, uint32_t w2);
	int (*state)(void *self, heddle_task);	/* enum heddle_state: a joiner in mid-run asks */
	uint64_t seed;
};

/*
 * Custody: ready gives a task to the scheduler, next gives it back, exactly
 * once.  A task may come by ready again (a retry, a hold that was lifted) and
 * counts anew.  After ready(w) heddle calls next(w) before worker w runs or
 * sleeps; before the first next the opening thread may call ready for any
 * worker.  next may answer HEDDLE_NONE only if nothing worker w may run was
 * there at some moment during the call.  Calls come one at a time unless the
 * scheduler says HEDDLE_CONCURRENT.
 */
enum { HEDDLE_CONCURRENT = 1 };		/* ready, next, done by all workers at once */
struct heddle_scheduler {
	uint32_t size, flags;
	const struct heddle_option *options;
	/* NULL after host->fail.  host, graph and arg live until close. */
	void *(*open)(const struct heddle_host *, const struct heddle_graph *, const struct heddle_arg *);
	void (*close)(void *self);
	void (*ready)(void *self, uint32_t worker, const heddle_task *, uint32_t n);
	heddle_task (*next)(void *self, uint32_t worker);
	void (*done)(void *self, uint32_t worker, heddle_task, uint64_t ns);	/* NULL: not told */
	double (*rank)(void *self, heddle_task);	/* NULL: none.  Any thread, any time; higher first */
	uint32_t (*where)(void *self, heddle_task);	/* NULL: any worker.  As rank */
};

/* ---- the one symbol ---------------------------------------------------- */

struct heddle_plugin {
	uint32_t abi, size;
	const char *name;		/* = the file's name without .so */
	const char *version, *about;
	const struct heddle_collection *collection;	/* exactly one of these */
	const struct heddle_scheduler *scheduler;
};
extern const struct heddle_plugin heddle_plugin __attribute__((visibility("default")));

#ifdef __cplusplus
}
#endif
#endif
