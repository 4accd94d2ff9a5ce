/* SPDX-License-Identifier: MIT */
/* option - the table of options, and what each one sets. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

static void
add_override(struct cli *cli, const char *key, const char *value, const char *from)
{
	*XADD(&cli->override, &cli->noverrides, &cli->capoverrides) =
		(struct job_override){ .key = key, .value = value, .from = from };
}

static const char *
option_text(struct cli *cli, const struct cli_option *o)
{
	return cli_keep(cli, o->letter ? xasprintf("-%c", o->letter) : xasprintf("--%s", o->name));
}

static int
set_flag(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	(void)value, (void)err;
	*(int *)(void *)((char *)cli + o->flag) = 1;
	return 0;
}

static int
set_key(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	(void)err;
	add_override(cli, o->key, value ? value : o->fixed, option_text(cli, o));
	return 0;
}

static int
set_override(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	const char *eq = strchr(value, '='), *dot = strrchr(value, '.');

	if (dot && eq && dot > eq)
		dot = memchr(value, '.', (size_t)(eq - value));
	if (!eq || !dot || dot == value || dot + 1 == eq)
		return err_set(err, EXIT_USAGE,
			       "-o %s: not an override; expected SECTION.KEY=VALUE", value);
	add_override(cli, cli_keep(cli, xstrndup(value, (size_t)(eq - value))), eq + 1,
		     option_text(cli, o));
	return 0;
}

/* The folder by its absolute path: whoever uses it may have gone elsewhere. */
static int
set_folder(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	char *path = realpath(value, NULL);
	struct stat st;

	if (!path || stat(path, &st) < 0 || !S_ISDIR(st.st_mode)) {
		err_set(err, EXIT_USAGE, "%s %s: %s", option_text(cli, o), value,
			path ? "not a folder" : strerror(errno));
		free(path);
		return -1;
	}
	add_override(cli, o->key, cli_keep(cli, path), option_text(cli, o));
	return 0;
}

static int
set_store(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	char *here;

	if (!*value)
		return err_set(err, EXIT_USAGE, "--run-dir: expected a folder");
	if (*value == '/') {
		cli->store = value;
	} else {
		here = getcwd(NULL, 0);
		if (!here)
			return err_set(err, EXIT_ENV, "the folder heddle was started in: %s",
				       strerror(errno));
		cli->store = cli_keep(cli, xasprintf("%s/%s", here, value));
		free(here);
	}
	add_override(cli, o->key, cli->store, option_text(cli, o));
	return 0;
}

static int
set_profile(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	(void)o, (void)err;
	cli->profile = value;
	return 0;
}

/* The index of value in words, or -1 and err. */
static int
choose(const char *what, const char *value, const char *const *words, struct err *err)
{
	struct text all = { 0 };
	const char *near = nearest(value, words);

	for (int i = 0; words[i]; i++) {
		if (!strcmp(words[i], value)) {
			text_fini(&all);
			return i;
		}
		text_addf(&all, "%s%s", i ? ", " : "", words[i]);
	}
	err_set(err, EXIT_USAGE, "%s '%s': expected one of %s", what, value, all.at);
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	text_fini(&all);
	return -1;
}

static const char *const ui_words[] = { "auto", "full", "plain", "json", "quiet", NULL };
static const char *const color_words[] = { "auto", "always", "never", NULL };

static int
set_ui(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	int i = choose(o ? "--ui" : "$HEDDLE_UI", value, ui_words, err);

	if (i < 0)
		return -1;
	cli->ui = (enum ui)i;
	cli->is_ui_wish = !o;
	return 0;
}

static int
set_quiet(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	(void)o, (void)value, (void)err;
	cli->quiet = 1;
	cli->ui = UI_QUIET;
	return 0;
}

static int
set_color(struct cli *cli, const struct cli_option *o, const char *value, struct err *err)
{
	int i = choose("--color", value, color_words, err);

	(void)o;
	if (i < 0)
		return -1;
	cli->color = (enum color)i;
	return 0;
}

#define RUNS	"open run batch demo"
#define JOBS	RUNS " plan config"
#define FLAG(f)	.set = set_flag, .flag = offsetof(struct cli, f)

const struct cli_option cli_options[] = {
	{ 'j', NULL, "N", JOBS, "workers: a number, 50% or auto",
	  .set = set_key, .key = "executor.workers" },
	{ 's', NULL, "SCHEDULER", JOBS, "the scheduler, by name or path",
	  .set = set_key, .key = "scheduler.kind" },
	{ 'x', NULL, "EXECUTOR", JOBS, "the executor: threads or sync",
	  .set = set_key, .key = "executor.kind" },
	{ 'o', NULL, "SEC.KEY=VAL", JOBS, "override a setting or a node's key", .set = set_override },
	{ 0, "profile", "NAME", JOBS, "use a [profile NAME] of the job", .set = set_profile },
	{ 'k', NULL, NULL, JOBS, "a failed task stops only what needs it",
	  .set = set_key, .key = "job.on_fail", .fixed = "finish-others" },
	{ 0, "seed", "N", JOBS, "the number that random choices start from",
	  .set = set_key, .key = "job.seed" },
	{ 0, "timeout", "TIME", JOBS, "stop the job after so long (exit 124)",
	  .set = set_key, .key = "job.max_time" },
	{ 'C', NULL, "DIR", JOBS, "relative paths of the job are meant in DIR",
	  .set = set_folder, .key = "job.dir" },
	{ 0, "run-dir", "DIR", JOBS " show ls log", "the folder that keeps the runs",
	  .set = set_store, .key = "history.store" },
	{ 'n', NULL, NULL, "run batch", "run nothing: plan", FLAG(dry) },
	{ 0, "ui", "UI", RUNS, "auto, full, plain, json or quiet", .set = set_ui },
	{ 'q', NULL, NULL, "run batch demo", "as --ui=quiet: failures alone", .set = set_quiet },
	{ 'v', NULL, NULL, "run open batch demo", "a line for every task; what the screen has cost", FLAG(verbose) },
	{ 0, "json", NULL, "run batch demo plan show ls plugins config",
	  "JSON on standard output, and nothing else there", FLAG(json) },
	{ 0, "ascii", NULL, RUNS, "draw ASCII alone", FLAG(ascii) },
	{ 0, "color", "WHEN", RUNS, "auto, always or never", .set = set_color },
	{ 0, "tasks", NULL, "plan", "a line a task", FLAG(tasks) },
	{ 0, "cmd", NULL, "plan", "the final commands, quoted for the shell", FLAG(cmd) },
	{ 0, "dot", NULL, "plan", "the graph for Graphviz", FLAG(dot) },
	{ 0, "explain", NULL, "plan", "what optimising changed", FLAG(explain) },
	{ 0, "origin", NULL, "config", "where each value came from", FLAG(origin) },
	{ 'h', "help", NULL, "*", "this help", FLAG(help) },
	{ 0, "version", NULL, "*", "the version", FLAG(version) },
	{ 0 }
};

int
cli_environment(struct cli *cli, struct err *err)
{
	const char *ui = getenv("HEDDLE_UI");

	cli->is_ui_wish = 1;
	return ui && *ui ? set_ui(cli, NULL, ui, err) : 0;
}

static int
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at += n)
		if ((at == words || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return 1;
	return 0;
}

int
cli_option_is_for(const struct cli_option *o, const char *command)
{
	return *o->takes == '*' || has_word(o->takes, command);
}
