/* SPDX-License-Identifier: MIT */
/* demo - a job that comes with heddle, run by its name. */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

/* Jobs lie in conf/ beside the program in its build tree, else where they
 * were installed.  malloc'd. */
static char *
find_folder(void)
{
	char self[4096], *slash, *dir;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		dir = xasprintf("%.*s/conf", (int)(slash - self), self);
		if (access(dir, R_OK | X_OK) == 0)
			return dir;
		free(dir);
	}
	return xstrdup(CONF_DIR);
}

static const char *const demos[] = { "words", "stats", "lecture", NULL };

int
cli_demo(const struct cli *cli)
{
	const char *name = cli->nargs ? cli->arg[0] : demos[0], *near;
	char *dir = find_folder(), *path = xasprintf("%s/%s.ini", dir, name);
	const char *arg[] = { path, NULL };
	struct cli run = *cli;
	struct err err = { 0 };
	int code;

	if (cli->nargs > 1) {
		err_set(&err, EXIT_USAGE, "demo: expected one name");
	} else if (strchr(name, '/') || access(path, R_OK) < 0) {
		err_set(&err, EXIT_USAGE, "demo %s: no such job in %s", name, dir);
		near = nearest(name, demos);
		if (near && strcmp(near, name))
			err_add(&err, "; did you mean '%s'?", near);
	}
	run.arg = arg;
	run.nargs = 1;
	code = err.code ? cli_complain(&err) : cli_run(&run);
	free(path);
	free(dir);
	return code;
}
