/* SPDX-License-Identifier: MIT */
/* place - the folders where plugins lie. */

#include "core/plugin/place.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/xalloc.h"

static char *
join(const char *dir, const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

/* A folder that is there already, under whatever name, is not there twice. */
static void
add_place(struct places *p, const char *dir)
{
	char real[PATH_MAX], here[PATH_MAX];
	char *place;

	if (realpath(dir, real))
		place = xstrdup(real);
	else if (*dir == '/')
		place = xstrdup(dir);
	else if (getcwd(here, sizeof(here)))
		place = join(here, dir);
	else
		return;
	for (size_t i = 0; i < p->n; i++)
		if (!strcmp(p->at[i], place)) {
			free(place);
			return;
		}
	*XADD(&p->at, &p->n, &p->cap) = place;
}

/* Empty parts mean nothing: a stray colon does not make "." a place. */
static void
add_list(struct places *p, const char *list)
{
	char *copy = xstrdup(list ? list : ""), *save;

	for (char *at = strtok_r(copy, ":", &save); at; at = strtok_r(NULL, ":", &save))
		add_place(p, at);
	free(copy);
}

static void
add_home(struct places *p)
{
	const char *data = secure_getenv("XDG_DATA_HOME"), *home = secure_getenv("HOME");
	char *dir = NULL;

	if (data && *data == '/')
		dir = join(data, "heddle/plugins");
	else if (home && *home == '/')
		dir = join(home, ".local/share/heddle/plugins");
	if (dir)
		add_place(p, dir);
	free(dir);
}

int
place_is_plugin(const char *name)
{
	size_t n = strlen(name);

	return *name != '.' && n > 3 && !strcmp(name + n - 3, ".so");
}

static int
has_plugins(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int has = 0;

	while (d && !has && (e = readdir(d)))
		has = place_is_plugin(e->d_name);
	if (d)
		closedir(d);
	return has;
}

/* The plugins/ of the build tree that the program runs from, or NULL. */
static char *
build_place(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *status, *plugins;

	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	status = join(exe, "config.status");
	plugins = join(exe, "plugins");
	if (access(status, F_OK) || !has_plugins(plugins)) {
		free(plugins);
		plugins = NULL;
	}
	free(status);
	return plugins;
}

void
places_find(struct places *p)
{
	add_list(p, secure_getenv("HEDDLE_PLUGIN_PATH"));
	add_home(p);
	p->ours = build_place();
	if (!p->ours)
		p->ours = xstrdup(PLUGIN_DIR);
	add_place(p, p->ours);
	*XADD(&p->at, &p->n, &p->cap) = NULL;
}

void
places_fini(struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->at[i]);
	free(p->at);
	free(p->ours);
	memset(p, 0, sizeof(*p));
}

int
places_is_ours(const struct places *p, const char *path)
{
	char real[PATH_MAX], ours[PATH_MAX];

	if (!realpath(path, real) || !realpath(p->ours, ours))
		return 0;
	*strrchr(real, '/') = '\0';
	return !strcmp(real, ours);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

char **
place_files(const char *place, size_t *n)
{
	struct dirent **e;
	int found = scandir(place, &e, NULL, by_bytes);
	char **file = NULL;
	size_t cap = 0;

	*n = 0;
	for (int i = 0; i < found; i++) {
		if (place_is_plugin(e[i]->d_name))
			*XADD(&file, n, &cap) = join(place, e[i]->d_name);
		free(e[i]);
	}
	if (found >= 0)
		free(e);
	return file;
}
