/* SPDX-License-Identifier: MIT */
/* command - programs as tasks: one, or one an item. */

/*
 * The parameter bytes of a task are the command, ready to run:
 *
 *	u32	flags		1: sh -c; the third word of argv is the shell's text
 *	u32	nargs		words of argv
 *	u32	nenv		NAME=VALUE to add to the environment
 *	u32	ndirs		folders that must exist first
 *	then nargs + nenv + ndirs texts, each ended by a NUL
 *
 * in native byte order; `heddle plan --cmd` reads them.  The value of a task
 * that ended well is a struct ending; one that did not end well fails.
 */

#include <heddle.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BY_SHELL = 1 };			/* flags */

struct head {
	uint32_t flags, nargs, nenv, ndirs;
};

struct ending {				/* a value of kind files */
	int32_t code, signal;
	uint64_t cpu;			/* ns */
	uint64_t peak;			/* bytes */
};

/* ---- words ------------------------------------------------------------- */

static const char blanks[] = " \t\r\n";

/*
 * The next word of *s, by the quoting of sh, nothing expanded: 'as it is',
 * "with \" \\ \$ \`", \x outside.  word has room for all of *s.  1; 0 at the
 * end; -1 and *why.
 */
static int
next_word(const char **s, char *word, const char **why)
{
	const char *c = *s + strspn(*s, blanks);
	char quote = '\0';
	int has_word = *c != '\0';

	for (; *c && (quote || !strchr(blanks, *c)); c++) {
		if (quote && *c == quote) {
			quote = '\0';
		} else if (!quote && (*c == '\'' || *c == '"')) {
			quote = *c;
		} else if (*c == '\\' && !quote && !c[1]) {
			*why = "cmd: the \\ at the end quotes nothing";
			return -1;
		} else if (*c == '\\' && (!quote || (quote == '"' && c[1] &&
						      strchr("\"\\$`", c[1])))) {
			*word++ = *++c;
		} else {
			*word++ = *c;
		}
	}
	*word = '\0';
	*s = c;
	if (quote)
		*why = quote == '"' ? "cmd: a \" is never closed" : "cmd: a ' is never closed";
	return *why ? -1 : has_word;
}

/* Would sh take the word at s for a pipe, a redirection or a list? */
static int
is_for_shell(const char *s)
{
	const char *word = s + strspn(s, blanks), *end = word + strspn(word, "0123456789");

	if (end > word)
		return *end == '<' || *end == '>';
	return *word && strchr("<>|;&", *word);
}

/* ---- plan -------------------------------------------------------------- */

struct pack {				/* parameter bytes in the making */
	const struct heddle_plan *plan;
	struct head head;
	char *text;
	size_t n, cap;
	uint32_t *count;		/* what a text is one more of */
	int has_failed;			/* for memory; the plan was told */
};

static void
put(struct pack *p, const char *s, size_t n)
{
	size_t cap = p->cap ? p->cap : 1024;
	char *wide;

	while (cap < p->n + n)
		cap *= 2;
	if (cap > p->cap && !p->has_failed) {
		wide = realloc(p->text, cap);
		if (wide) {
			p->text = wide;
			p->cap = cap;
		} else {
			p->plan->fail(p->plan->self, "no memory for the command");
			p->has_failed = 1;
		}
	}
	if (!p->has_failed) {
		memcpy(p->text + p->n, s, n);
		p->n += n;
	}
}

/* A text of its own; for expand. */
static void
put_text(void *to, const char *s)
{
	struct pack *p = to;

	put(p, s, strlen(s) + 1);
	++*p->count;
}

/* What one text stands for, joined by blanks; for expand. */
static void
put_joined(void *to, const char *s)
{
	struct pack *p = to;

	if (p->n && p->text[p->n - 1] != '\0')
		put(p, " ", 1);
	put(p, s, strlen(s));
}

/* The text that put_joined made is complete. */
static void
put_end(struct pack *p)
{
	put(p, "", 1);
	++*p->count;
}

/* argv by words: cmd without a shell. */
static int
pack_words(struct pack *p, const char *cmd)
{
	const struct heddle_plan *plan = p->plan;
	const char *why = NULL;
	char *word = malloc(strlen(cmd) + 1);
	int got = 0;

	if (!word)
		return plan->fail(plan->self, "no memory for the command");
	for (;;) {
		if (is_for_shell(cmd)) {
			why = "cmd: a pipe, redirection or list is for a shell; "
			      "expected shell = yes, or quotes around it";
			break;
		}
		got = next_word(&cmd, word, &why);
		if (got <= 0)
			break;
		if (!*word)
			put_text(p, "");
		else if (plan->expand(plan->self, HEDDLE_WORDS, word, put_text, p) < 0)
			break;
	}
	free(word);
	if (why)
		return plan->fail(plan->self, why);
	if (got == 0 && p->head.nargs == 0)
		return plan->fail(plan->self, "cmd: is empty; expected a command");
	return got;			/* 1: expand has failed and said so */
}

static int
pack_argv(struct pack *p, const char *cmd, int by_shell)
{
	const struct heddle_plan *plan = p->plan;

	p->count = &p->head.nargs;
	if (!by_shell)
		return pack_words(p, cmd);
	if (!cmd[strspn(cmd, blanks)])
		return plan->fail(plan->self, "cmd: is empty; expected a command");
	p->head.flags |= BY_SHELL;
	put_text(p, "sh");
	put_text(p, "-c");
	if (plan->expand(plan->self, HEDDLE_SHELL, cmd, put_joined, p) < 0)
		return -1;
	put_end(p);
	return 0;
}

static int
pack_env(struct pack *p, const struct heddle_arg *env)
{
	const struct heddle_plan *plan = p->plan;
	const char *s, *equals;
	char why[256];
	uint32_t i;

	p->count = &p->head.nenv;
	for (i = 0; i < env->n; i++) {
		s = env->v[i].s;
		equals = strchr(s, '=');
		if (!equals || equals == s) {
			snprintf(why, sizeof(why), "env: '%s' names nothing; "
				 "expected NAME=VALUE", s);
			return plan->fail(plan->self, why);
		}
		if (plan->expand(plan->self, HEDDLE_WORDS, s, put_joined, p) < 0)
			return -1;
		put_end(p);
	}
	return 0;
}

/* The folder of each out file, neighbours of one folder once. */
static int
pack_dirs(struct pack *p)
{
	const char *const *out = p->plan->outs(p->plan->self);
	const char *last = NULL, *slash;
	size_t n = 0;

	p->count = &p->head.ndirs;
	for (; out && *out; out++) {
		slash = strrchr(*out, '/');
		if (!slash || slash == *out)
			continue;
		if (last && n == (size_t)(slash - *out) && !memcmp(last, *out, n))
			continue;
		last = *out;
		n = (size_t)(slash - *out);
		put(p, last, n);
		put_end(p);
	}
	return 0;
}

/* The task of the chosen item; HEDDLE_NONE: failed. */
static heddle_task
emit(const struct heddle_plan *plan)
{
	struct pack p = { .plan = plan };
	heddle_task task = HEDDLE_NONE;

	put(&p, (const char *)&p.head, sizeof(p.head));
	if (pack_argv(&p, plan->arg[0].v[0].s, plan->arg[1].v[0].i != 0) == 0 &&
	    pack_env(&p, &plan->arg[2]) == 0 && pack_dirs(&p) == 0 && !p.has_failed) {
		memcpy(p.text, &p.head, sizeof(p.head));
		task = plan->emit(plan->self, "run",
				  (struct heddle_bytes){ p.text, p.n }, NULL, 0);
	}
	free(p.text);
	return task;
}

static int
plan_commands(const struct heddle_plan *plan)
{
	heddle_task *part = malloc(plan->neach * sizeof(*part) + 1);
	uint32_t i;
	int rc = -1;

	if (!part)
		return plan->fail(plan->self, "no memory for the tasks");
	for (i = 0; i < plan->neach; i++) {
		if (plan->item(plan->self, i) < 0)
			goto out;
		part[i] = emit(plan);
		if (part[i] == HEDDLE_NONE)
			goto out;
	}
	rc = plan->give(plan->self, "files", part, plan->neach);
out:
	free(part);
	return rc;
}

/* ---- run --------------------------------------------------------------- */

struct name { int number; const char *name; };

static const struct name codes[] = {
	{ 64, "EX_USAGE" }, { 65, "EX_DATAERR" }, { 66, "EX_NOINPUT" },
	{ 67, "EX_NOUSER" }, { 68, "EX_NOHOST" }, { 69, "EX_UNAVAILABLE" },
	{ 70, "EX_SOFTWARE" }, { 71, "EX_OSERR" }, { 72, "EX_OSFILE" },
	{ 73, "EX_CANTCREAT" }, { 74, "EX_IOERR" }, { 75, "EX_TEMPFAIL" },
	{ 76, "EX_PROTOCOL" }, { 77, "EX_NOPERM" }, { 78, "EX_CONFIG" },
	{ 126, "cannot be executed" }, { 127, "command not found" },
	{ 0, NULL },
};

static const struct name signals[] = {
	{ SIGHUP, "HUP" }, { SIGINT, "INT" }, { SIGQUIT, "QUIT" }, { SIGILL, "ILL" },
	{ SIGTRAP, "TRAP" }, { SIGABRT, "ABRT" }, { SIGBUS, "BUS" }, { SIGFPE, "FPE" },
	{ SIGKILL, "KILL" }, { SIGUSR1, "USR1" }, { SIGSEGV, "SEGV" },
	{ SIGUSR2, "USR2" }, { SIGPIPE, "PIPE" }, { SIGALRM, "ALRM" },
	{ SIGTERM, "TERM" }, { SIGXCPU, "XCPU" }, { SIGXFSZ, "XFSZ" }, { SIGSYS, "SYS" },
	{ 0, NULL },
};

/* Fail with "exit 22" or "exit 75 (EX_TEMPFAIL)" or "signal 9 (KILL)". */
static int
tell(const struct heddle_call *call, const char *what, int number, const struct name *row)
{
	char why[128];

	while (row->name && row->number != number)
		row++;
	if (row->name)
		snprintf(why, sizeof(why), "%s %d (%s)", what, number, row->name);
	else
		snprintf(why, sizeof(why), "%s %d", what, number);
	return call->fail(call->self, why);
}

static int
tell_late(const struct heddle_call *call, double seconds)
{
	char why[64];

	snprintf(why, sizeof(why), seconds < 10 ? "timed out after %.2gs" :
		 "timed out after %.0fs", seconds);
	return call->fail(call->self, why);
}

static double
seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) +
	       (double)(now.tv_nsec - start->tv_nsec) * 1e-9;
}

/* The next n texts at *s as a list that NULL ends; list has room. */
static const char *const *
texts(const char **list, const char **s, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		list[i] = *s;
		*s += strlen(*s) + 1;
	}
	list[n] = NULL;
	return list;
}

static int
run(const struct heddle_call *call)
{
	const struct head *head = call->par.at;
	const char *s = (const char *)(head + 1), **list;
	struct heddle_command command = { .size = sizeof(command) };
	struct heddle_exit how = { .size = sizeof(how) };
	struct timespec start;
	struct ending *value;
	int rc;

	list = malloc(((size_t)head->nargs + head->nenv + head->ndirs + 3) * sizeof(*list));
	if (!list)
		return call->fail(call->self, "no memory for the command");
	command.argv = texts(list, &s, head->nargs);
	command.env = texts(list + head->nargs + 1, &s, head->nenv);
	command.make_dirs = texts(list + head->nargs + head->nenv + 2, &s, head->ndirs);
	clock_gettime(CLOCK_MONOTONIC, &start);
	rc = call->command(call->self, &command, &how);
	free(list);
	if (rc < 0)
		return -1;
	if (how.timed_out)
		return tell_late(call, seconds_since(&start));
	if (how.signal)
		return tell(call, "signal", how.signal, signals);
	if (how.code)
		return tell(call, "exit", how.code, codes);
	value = call->out(call->self, sizeof(*value));
	if (!value)
		return call->fail(call->self, "no memory for the value");
	*value = (struct ending){ how.code, how.signal, how.cpu, how.peak };
	return 0;
}

/* ---- show -------------------------------------------------------------- */

/* Of one task {"exit": 0}; of several how many there are.  Who failed has no
 * value, so every exit that is told is 0. */
static int
show(const struct heddle_node *node, const struct heddle_bytes *part,
     const struct heddle_show *to)
{
	const struct ending *e;
	uint64_t cpu = 0, peak = 0;
	uint32_t i, nended = 0;
	char text[160];

	for (i = 0; i < node->nparts; i++) {
		if (part[i].n != sizeof(*e))
			continue;
		e = part[i].at;
		nended++;
		cpu += e->cpu;
		if (e->peak > peak)
			peak = e->peak;
	}
	if (to->json && node->nparts == 1)
		snprintf(text, sizeof(text), "{\"exit\": %s}", nended ? "0" : "null");
	else if (to->json)
		snprintf(text, sizeof(text), "{\"exit\": %s, \"commands\": %" PRIu32
			 ", \"ended_well\": %" PRIu32 "}",
			 nended == node->nparts ? "0" : "null", node->nparts, nended);
	else
		snprintf(text, sizeof(text), "%" PRIu32 " of %" PRIu32 " exit 0, cpu %.3fs, "
			 "peak %.1fM\n", nended, node->nparts, (double)cpu * 1e-9,
			 (double)peak / (1 << 20));
	to->put(to->self, text, strlen(text));
	return 0;
}

/* ---- tables ------------------------------------------------------------ */

#define OPTION(option_type, option_flags, option_name, option_fallback, option_about) { \
	.size = sizeof(struct heddle_option), .type = option_type, .flags = option_flags, \
	.name = option_name, .fallback = option_fallback, .about = option_about }

static const struct heddle_option options[] = {
	OPTION(HEDDLE_TEXT, HEDDLE_REQUIRED, "cmd", NULL,
	       "what to run; words as sh quotes them, {braces} replaced"),
	OPTION(HEDDLE_BOOL, 0, "shell", "no",
	       "run it by sh -c; names that braces bring in are quoted"),
	OPTION(HEDDLE_TEXT, HEDDLE_LIST, "env", NULL,
	       "NAME=VALUE .. to add to the environment"),
	{ .name = NULL },
};

static const struct heddle_op ops[] = {
	{
		.size = sizeof(ops[0]),
		.flags = HEDDLE_EACH,
		.name = "task",
		.about = "a command",
		.options = options,
		.plan = plan_commands,
	},
	{
		.size = sizeof(ops[0]),
		.flags = HEDDLE_EACH | HEDDLE_EACH_MUST,
		.name = "map",
		.about = "a command for each item of `each`",
		.options = options,
		.plan = plan_commands,
	},
	{ .name = NULL },
};

static const struct heddle_kernel kernels[] = {
	{ .size = sizeof(kernels[0]), .flags = HEDDLE_EFFECT, .name = "run", .run = run },
	{ .name = NULL },
};

static const struct heddle_kind kinds[] = {
	{
		.size = sizeof(kinds[0]),
		.name = "files",
		.about = "what a command left behind: its exit code and its out files",
		.show = show,
	},
	{ .name = NULL },
};

static const struct heddle_collection command = {
	.size = sizeof(command),
	.ops = ops,
	.kernels = kernels,
	.kinds = kinds,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "command",
	.version = "1",
	.about = "programs as tasks: one, or one an item",
	.collection = &command,
};
