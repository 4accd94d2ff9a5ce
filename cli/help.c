/* SPDX-License-Identifier: MIT */
/* help - what the tables of subcommands and options say, for people. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

enum { LEFT = 26 };		/* cells for a command and its arguments */

static void
print_option(const struct cli_option *o)
{
	struct text t = { 0 };

	if (o->letter)
		text_addf(&t, "-%c", o->letter);
	if (o->name)
		text_addf(&t, "%s--%s", o->letter ? ", " : "", o->name);
	if (o->value)
		text_addf(&t, "%s%s", o->name ? "=" : " ", o->value);
	printf("  %-18s %s\n", t.at, o->about);
	text_fini(&t);
}

static void
print_all(void)
{
	fputs("usage: heddle [OPTIONS] COMMAND [OPTIONS] [ARGS]\n"
	      "       heddle FILE.ini       open a job in the workbench\n"
	      "\n", stdout);
	for (const struct subcommand *s = subcommands; s->name; s++) {
		char *left = xasprintf("%s %s", s->name, s->args);

		if (strlen(left) > LEFT)
			printf("  %s\n  %*s %s\n", left, LEFT, "", s->about);
		else
			printf("  %-*s %s\n", LEFT, left, s->about);
		free(left);
	}
	fputs("\nheddle help COMMAND tells its options; the manual is heddle(1).\n", stdout);
}

static void
print_one(const struct subcommand *s)
{
	printf("usage: heddle %s%s%s\n\n%s.\n\n", s->name, *s->args ? " " : "", s->args, s->about);
	for (const struct cli_option *o = cli_options; o->takes; o++)
		if (cli_option_is_for(o, s->name))
			print_option(o);
}

int
cli_help(const struct cli *cli)
{
	const struct subcommand *s;
	struct err err;

	if (!cli->nargs) {
		print_all();
		return EXIT_DONE;
	}
	s = subcommand_find(cli->arg[0]);
	if (!s) {
		const char *near = subcommand_nearest(cli->arg[0]);

		err_set(&err, EXIT_USAGE, "help %s: no such command", cli->arg[0]);
		if (near)
			err_add(&err, "; did you mean '%s'?", near);
		return cli_complain(&err);
	}
	print_one(s);
	return EXIT_DONE;
}
