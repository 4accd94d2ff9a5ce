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

/* The jobs of a folder by name, sorted, NULL-terminated; all.ini is a manual.
 * Each and the array are malloc'd. */
static char **
list(const char *dir)
{
	struct dirent **file;
	int n = scandir(dir, &file, NULL, alphasort), nnames = 0;
	char **name = xcalloc((size_t)(n > 0 ? n : 0) + 1, sizeof(*name));

	for (int i = 0; i < n; i++) {
		size_t len = strlen(file[i]->d_name);

		if (len > 4 && !strcmp(file[i]->d_name + len - 4, ".ini") &&
		    strcmp(file[i]->d_name, "all.ini"))
			name[nnames++] = xstrndup(file[i]->d_name, len - 4);
		free(file[i]);
	}
	if (n >= 0)
		free(file);
	return name;
}

static int
has(char **names, const char *name)
{
	for (; *names; names++)
		if (!strcmp(*names, name))
			return 1;
	return 0;
}

static void
refuse(const char *name, char **names, const char *dir, struct err *err)
{
	const char *near = nearest(name, (const char *const *)names);

	err_set(err, EXIT_USAGE, "demo '%s': no such job in %s; ", name, dir);
	if (near) {
		err_add(err, "did you mean '%s'?", near);
		return;
	}
	err_add(err, "there are");
	for (; *names; names++)
		err_add(err, " %s", *names);
}

int
cli_demo(const struct cli *cli)
{
	const char *name = cli->nargs ? cli->arg[0] : "words";
	char *dir = find_folder(), *path = xasprintf("%s/%s.ini", dir, name), **names = list(dir);
	const char *arg[] = { path, NULL };
	struct cli run = *cli;
	struct err err = { 0 };
	int code;

	if (cli->nargs > 1)
		err_set(&err, EXIT_USAGE, "demo: expected one name");
	else if (!has(names, name))
		refuse(name, names, dir, &err);
	run.arg = arg;
	run.nargs = 1;
	code = err.code ? cli_complain(&err) : cli_run(&run);
	for (size_t i = 0; names[i]; i++)
		free(names[i]);
	free(names);
	free(path);
	free(dir);
	return code;
}
