/* SPDX-License-Identifier: MIT */
/* settings - the table of all settings: what one-word sections may say, and where it goes. */

#include "core/job/settings.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/job/cores.h"
#include "core/job/job.h"
#include "core/plugin/value.h"

/* ---- checks a type cannot do ------------------------------------------- */

static int
check_workers(const char *text, const char **why)
{
	uint32_t n;

	return workers_read(text, &n, why);
}

/* Does a list of words hold `word`? */
static int
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = text; (s = strstr(s, word)); s += n)
		if ((s == text || strchr(" \t\n\"", s[-1])) && (!s[n] || strchr(" \t\n\"", s[n])))
			return 1;
	return 0;
}

static int
check_optimise(const char *text, const char **why)
{
	*why = "none, or any of cull share";
	return has_word(text, "none") && (has_word(text, "cull") || has_word(text, "share")) ? -1 : 0;
}

/* ---- where values go ---------------------------------------------------- */

static void
put_text(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	(void)keep;
	*(const char **)field = v->n ? v->v->s : NULL;
}

static void
put_list(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	const char **list = value_keep(keep, xcalloc(v->n + 1, sizeof(*list)));

	for (uint32_t i = 0; i < v->n; i++)
		list[i] = v->v[i].s;
	*(const char *const **)field = list;
}

static void
put_u64(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	(void)keep;
	*(uint64_t *)field = v->n ? (uint64_t)v->v->i : 0;
}

static void
put_u32(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	(void)keep;
	*(uint32_t *)field = (uint32_t)v->v->i;
}

static void
put_int(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	(void)keep;
	*(int *)field = (int)v->v->i;
}

static void
put_part(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	(void)keep;
	*(double *)field = v->n ? v->v->d : -1;
}

static void
put_optimise(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	static const unsigned bits[] = { 0, JOB_CULL, JOB_SHARE };	/* none|cull|share */
	unsigned set = 0;

	(void)keep;
	for (uint32_t i = 0; i < v->n; i++)
		set |= bits[v->v[i].i];
	*(unsigned *)field = set;
}

static void
put_workers(void *field, const struct heddle_arg *v, struct value_keep *keep)
{
	const char *why;

	(void)keep;
	if (workers_read(v->v->s, field, &why) < 0)
		*(uint32_t *)field = 1;		/* it was checked */
}

/* ---- the table ----------------------------------------------------------- */

#define ROW(sec, key, kind, ...) \
	.section = sec, .option = { .size = sizeof(struct heddle_option), .name = key, \
				    .type = HEDDLE_##kind, __VA_ARGS__ }
#define TO(how, member) .put = put_##how, .field = offsetof(struct settings, member)
#define AT_LEAST(n) .min = n, .max = (n) - 1	/* a largest below the least: none */

const struct setting settings[] = {
	{ ROW("job", "name", TEXT, .about = "what the job is called on screen"),
	  TO(text, name) },
	{ ROW("job", "goal", TEXT, .flags = HEDDLE_LIST,
	      .about = "nodes to be made; every node that nothing else uses unless said"),
	  TO(list, goal) },
	{ ROW("job", "dir", TEXT, .fallback = ".",
	      .about = "the folder the job runs in, where its relative paths are meant"),
	  TO(text, dir) },
	{ ROW("job", "plugins", PATH, .flags = HEDDLE_LIST,
	      .about = "plugins to load, relative to the file that says them"),
	  TO(list, plugins) },
	{ ROW("job", "optimise", CHOICE, .flags = HEDDLE_LIST, .words = "none|cull|share",
	      .fallback = "cull share", .about = "drop what no goal needs; make equal pure tasks once"),
	  .check = check_optimise, TO(optimise, optimise) },
	{ ROW("job", "on_fail", CHOICE, .words = "finish-running|finish-others|stop",
	      .fallback = "finish-running", .about = "what a failed task does to the others"),
	  TO(int, on_fail) },
	{ ROW("job", "seed", INT, .fallback = "0", AT_LEAST(0),
	      .about = "of everything that is drawn at random"),
	  TO(u64, seed) },
	{ ROW("job", "max_time", TIME, AT_LEAST(1),
	      .about = "the run is stopped after this time"),
	  TO(u64, max_time) },
	{ ROW("executor", "kind", CHOICE, .words = "threads|sync", .fallback = "threads",
	      .about = "threads: a worker each; sync: all in one, in order"),
	  TO(int, executor) },
	{ ROW("executor", "workers", TEXT, .fallback = "auto",
	      .about = "how many: a number, auto (the cores at hand) or a part of auto such as 50%"),
	  .check = check_workers, TO(workers, workers) },
	{ ROW("scheduler", "kind", TEXT, .fallback = "flow",
	      .about = "the scheduler's plugin, by name or path"),
	  TO(text, scheduler) },
	{ ROW("scheduler", "fallback", BOOL, .fallback = "no",
	      .about = "go on with fifo if the scheduler answers wrongly"),
	  TO(int, fallback) },
	{ ROW("scheduler", "OPTION", TEXT, .about = "an option of that plugin") },
	{ ROW("resources", "pool.NAME", COUNT, .min = 1, .max = UINT32_MAX,
	      .about = "how many tokens the pool NAME has") },
	{ ROW("history", "store", TEXT, .fallback = "default",
	      .about = "folder of the runs; default: of the user's state; none: keep nothing"),
	  TO(text, store) },
	{ ROW("history", "log", SIZE, .fallback = "64M", AT_LEAST(4096),
	      .about = "how much of a task's output is kept"),
	  TO(u64, log_most) },
	{ ROW("output", "NODE", TEXT, .about = "where a goal's value goes: stdout, a file, none") },
	{ ROW("assert", "max_time", TIME, AT_LEAST(1),
	      .about = "the run fails if it takes longer"),
	  TO(u64, assert_max_time) },
	{ ROW("assert", "max_idle", REAL, .min = 0, .max = 1,
	      .about = "the run fails if a larger part of workers x wall is not run"),
	  TO(part, assert_max_idle) },
	{ ROW("assert", "max_held", COUNT, AT_LEAST(1),
	      .about = "the run fails if it ever holds more values"),
	  TO(u64, assert_max_held) },
	{ ROW("ui", "at_end", CHOICE, .words = "stay|leave", .fallback = "stay",
	      .about = "does the workbench stay when the job is over"),
	  TO(int, at_end) },
	{ ROW("ui", "on_hangup", CHOICE, .words = "stop|go-on", .fallback = "stop",
	      .about = "what the job does when the terminal is closed"),
	  TO(int, on_hangup) },
	{ ROW("ui", "fps", INT, .fallback = "10", .min = 1, .max = 60,
	      .about = "pictures a second"),
	  TO(u32, fps) },
	{ ROW("ui", "unicode", CHOICE, .words = "auto|yes|no", .fallback = "auto",
	      .about = "draw with more than ASCII; auto: as the locale says"),
	  TO(int, unicode) },
	{ 0 }
};

const char *const job_node_keys[] = {
	"of", "after", "each", "in", "out", "cores", "pool", "priority", "expect", "retries",
	"backoff", "timeout", "grace", NULL
};

/* ---- finding -------------------------------------------------------------- */

int
setting_is_any(const struct setting *s)
{
	return !s->put;
}

/* pool.NAME: what stands before the capitals. */
static int
is_of(const struct setting *s, const char *key)
{
	size_t n = strcspn(s->option.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return !strncmp(s->option.name, key, n) && key[n];
}

const struct setting *
setting_find(const char *section, const char *key)
{
	const struct setting *any = NULL;

	for (const struct setting *s = settings; s->section; s++) {
		if (strcmp(s->section, section))
			continue;
		if (setting_is_any(s) ? is_of(s, key) : !strcmp(s->option.name, key))
			any = s;
		if (any && !setting_is_any(any))
			break;
	}
	return any;
}

int
setting_is_section(const char *section)
{
	for (const struct setting *s = settings; s->section; s++)
		if (!strcmp(s->section, section))
			return 1;
	return 0;
}

const char **
setting_names(const char *section)
{
	const char **name = NULL, *last = "";
	size_t n = 0, cap = 0;

	for (const struct setting *s = settings; s->section; s++) {
		if (section && !strcmp(s->section, section))
			*XADD(&name, &n, &cap) = s->option.name;
		else if (!section && strcmp(s->section, last))
			*XADD(&name, &n, &cap) = last = s->section;
	}
	*XADD(&name, &n, &cap) = NULL;
	return name;
}
