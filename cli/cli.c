/* SPDX-License-Identifier: MIT */
/* cli - argv becomes a subcommand, its options and its words. */

#include "cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"

/* Strings and arrays made while parsing, freed together. */
struct keep {
	char **made;
	size_t nmade, capmade;
	const char **arg;
	size_t caparg;
};

char *
cli_keep(struct cli *cli, char *made)
{
	struct keep *k = cli->keep;

	return *XADD(&k->made, &k->nmade, &k->capmade) = made;
}

struct parse {
	struct cli *cli;
	char **argv;
	int argc, i;
	const struct cli_option **seen;	/* to be checked once the command is known */
	size_t nseen, capseen;
};

static const struct cli_option *
find_letter(char letter)
{
	const struct cli_option *o;

	for (o = cli_options; o->takes; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static const struct cli_option *
find_long(const char *name, size_t n)
{
	const struct cli_option *o;

	for (o = cli_options; o->takes; o++)
		if (o->name && strlen(o->name) == n && !memcmp(o->name, name, n))
			return o;
	return NULL;
}

static int
unknown_long(const char *name, size_t n, struct err *err)
{
	const char *names[64];
	char *typed = xstrndup(name, n);
	const char *near;
	size_t count = 0;

	for (const struct cli_option *o = cli_options; o->takes && count < 63; o++)
		if (o->name)
			names[count++] = o->name;
	names[count] = NULL;
	near = nearest(typed, names);
	err_set(err, EXIT_USAGE, "--%s: no such option", typed);
	if (near)
		err_add(err, "; did you mean '--%s'?", near);
	free(typed);
	return -1;
}

static int
apply(struct parse *p, const struct cli_option *o, const char *value, struct err *err)
{
	*XADD(&p->seen, &p->nseen, &p->capseen) = o;
	return o->set(p->cli, o, value, err);
}

static int
parse_long(struct parse *p, const char *arg, struct err *err)
{
	size_t n = strcspn(arg, "=");
	const char *value = arg[n] ? arg + n + 1 : NULL;
	const struct cli_option *o = find_long(arg, n);

	if (!o)
		return unknown_long(arg, n, err);
	if (value && !o->value)
		return err_set(err, EXIT_USAGE, "--%s: takes no value", o->name);
	if (o->value && !value) {
		if (p->i + 1 >= p->argc)
			return err_set(err, EXIT_USAGE, "--%s: expected %s", o->name, o->value);
		value = p->argv[++p->i];
	}
	return apply(p, o, value, err);
}

/* "-kv", "-j4", "-j 4" */
static int
parse_letters(struct parse *p, const char *arg, struct err *err)
{
	for (; *arg; arg++) {
		const struct cli_option *o = find_letter(*arg);
		const char *value;

		if (!o)
			return err_set(err, EXIT_USAGE, "-%c: no such option; see heddle help", *arg);
		if (!o->value) {
			if (apply(p, o, NULL, err) < 0)
				return -1;
			continue;
		}
		if (arg[1])
			value = arg + 1;
		else if (p->i + 1 < p->argc)
			value = p->argv[++p->i];
		else
			return err_set(err, EXIT_USAGE, "-%c: expected %s", o->letter, o->value);
		return apply(p, o, value, err);
	}
	return 0;
}

static void
add_arg(struct cli *cli, const char *arg)
{
	struct keep *k = cli->keep;

	*XADD(&k->arg, &cli->nargs, &k->caparg) = arg;
}

/* A folder above may be anybody's, so somebody else's file is not obeyed
 * unasked. */
char *
cli_job_folder(void)
{
	char *dir = getcwd(NULL, 0), *path, *slash;
	struct stat st;

	while (dir) {
		int is_there;

		path = xasprintf("%s/heddle.ini", dir);
		is_there = stat(path, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0);
		free(path);
		if (is_there)
			return dir;
		slash = strrchr(dir, '/');
		if (!slash || !dir[1])
			break;
		slash[slash == dir] = '\0';
	}
	free(dir);
	return NULL;
}

/* No job was named: the heddle.ini that was found.  It is meant where it
 * lies.  -> was there one? */
static int
use_found(struct cli *cli)
{
	char *dir = cli_job_folder(), *here = getcwd(NULL, 0);
	int is_found = dir && chdir(dir) == 0;

	if (is_found && here && !strcmp(dir, here))
		add_arg(cli, "heddle.ini");
	else if (is_found)
		add_arg(cli, cli_keep(cli, xasprintf("%s/heddle.ini", dir)));
	free(dir);
	free(here);
	return is_found;
}

static int
takes_a_job(const char *command)
{
	return !strncmp(subcommand_find(command)->args, "[FILE [GOAL", 11);
}

static int
looks_like_a_job(const char *arg)
{
	size_t n = strlen(arg);

	return (n > 4 && !strcmp(arg + n - 4, ".ini")) || strchr(arg, '/') || access(arg, F_OK) == 0;
}

const char *
subcommand_nearest(const char *word)
{
	const char *names[32];
	size_t n = 0;

	for (const struct subcommand *s = subcommands; s->name && n < 31; s++)
		names[n++] = s->name;
	names[n] = NULL;
	return nearest(word, names);
}

/* The first word that is no option: a subcommand, or a job to open. */
static int
choose_command(struct cli *cli, const char *word, struct err *err)
{
	const struct subcommand *s = subcommand_find(word);
	const char *near;

	if (s) {
		cli->command = s->name;
		return 0;
	}
	if (looks_like_a_job(word)) {
		cli->command = "open";
		add_arg(cli, word);
		return 0;
	}
	near = subcommand_nearest(word);
	err_set(err, EXIT_USAGE, "%s: no such command, and no such file", word);
	if (near)
		err_add(err, "; did you mean 'heddle %s'?", near);
	return -1;
}

/* No word at all: the job of this folder, or help. */
static void
choose_default(struct cli *cli)
{
	cli->command = "help";
	if (!cli->help && subcommand_find("open") && use_found(cli))
		cli->command = "open";
	cli->help = 0;
}

static int
check_taken(const struct parse *p, struct err *err)
{
	for (size_t i = 0; i < p->nseen; i++) {
		const struct cli_option *o = p->seen[i];

		if (!cli_option_is_for(o, p->cli->command))
			return err_set(err, EXIT_USAGE, "%s%s: heddle %s does not take it; see heddle help %s",
				       o->letter ? "-" : "--",
				       o->letter ? (char[2]){ o->letter } : o->name,
				       p->cli->command, p->cli->command);
	}
	return 0;
}

static int
parse_all(struct parse *p, struct err *err)
{
	int is_words = 0;	/* "--" has come: all that follows are words */

	for (p->i = 1; p->i < p->argc; p->i++) {
		const char *a = p->argv[p->i];
		int rc = 0;

		if (!is_words && !strcmp(a, "--"))
			is_words = 1;
		else if (!is_words && a[0] == '-' && a[1] == '-')
			rc = parse_long(p, a + 2, err);
		else if (!is_words && a[0] == '-' && a[1])
			rc = parse_letters(p, a + 1, err);
		else if (!p->cli->command)
			rc = choose_command(p->cli, a, err);
		else
			add_arg(p->cli, a);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* --help and -n change which command it is. */
static void
redirect(struct cli *cli)
{
	struct keep *k = cli->keep;

	if (cli->help) {
		k->arg[0] = cli->command;
		k->arg[1] = NULL;
		cli->nargs = 1;
		cli->command = "help";
	} else if (cli->dry) {
		cli->command = "plan";
	}
}

int
cli_parse(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct parse p = { .cli = cli, .argc = argc, .argv = argv };
	struct keep *k;
	int rc;

	memset(cli, 0, sizeof(*cli));
	cli->keep = k = xcalloc(1, sizeof(*k));
	rc = cli_environment(cli, err);
	if (rc == 0)
		rc = parse_all(&p, err);
	if (rc == 0 && !cli->command)
		choose_default(cli);
	else if (rc == 0 && !cli->nargs && !cli->help && takes_a_job(cli->command))
		use_found(cli);
	if (rc == 0)
		rc = check_taken(&p, err);
	free(p.seen);
	add_arg(cli, NULL);
	cli->nargs--;
	if (rc == 0)
		redirect(cli);
	cli->arg = k->arg;
	return rc;
}

void
cli_fini(struct cli *cli)
{
	struct keep *k = cli->keep;

	if (!k)
		return;
	for (size_t i = 0; i < k->nmade; i++)
		free(k->made[i]);
	free(k->made);
	free(k->arg);
	free(k);
	free(cli->override);
	memset(cli, 0, sizeof(*cli));
}

const struct subcommand *
subcommand_find(const char *name)
{
	for (const struct subcommand *s = subcommands; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

/* ---- what every subcommand says the same way ------------------------------ */

int
cli_complain(const struct err *err)
{
	struct text t = { 0 };
	const char *at = err->text;

	text_add(&t, "heddle: ");
	for (;;) {
		size_t n = strcspn(at, "\n");

		text_add_clean(&t, at, n, 0);
		text_addc(&t, '\n');
		if (!at[n])
			break;
		at += n + 1;
	}
	fflush(stdout);
	fwrite(t.at, 1, t.n, stderr);
	text_fini(&t);
	return err->code;
}

int
cli_has_color(const struct cli *cli, FILE *f)
{
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"),
		*term = getenv("TERM");

	if (cli->color != COLOR_AUTO)
		return cli->color == COLOR_ALWAYS;
	if (no && *no)
		return 0;
	if (force && *force && strcmp(force, "0"))
		return 1;
	return isatty(fileno(f)) && term && *term && strcmp(term, "dumb");
}
