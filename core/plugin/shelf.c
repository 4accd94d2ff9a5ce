/* SPDX-License-Identifier: MIT */
/* shelf - the plugins at hand: where they are looked for, what is loaded, what was refused. */

#include "core/plugin/shelf.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"
#include "core/plugin/place.h"

/* The file behind a row, as it was when it was loaded. */
struct origin {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct shelf {
	struct keeper *keeper;
	struct places places;
	struct shelf_row *row;
	size_t nrows, caprows;
	struct origin *origin;		/* one a row */
	size_t norigins, caporigins;
	struct plugin **plugin;		/* all ever loaded: a newer file of a path takes
					 * its row, and the older stays in use */
	size_t nplugins, capplugins;
};

struct shelf *
shelf_new(struct keeper *keeper)
{
	struct shelf *s = xcalloc(1, sizeof(*s));

	s->keeper = keeper;
	places_find(&s->places);
	return s;
}

const char *const *
shelf_places(const struct shelf *s)
{
	return (const char *const *)s->places.at;
}

/* ---- rows ------------------------------------------------------------- */

static void
clear_row(struct shelf_row *row)
{
	free((char *)row->name);
	free((char *)row->path);
	free((char *)row->why);
	memset(row, 0, sizeof(*row));
}

void
shelf_free(struct shelf *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nrows; i++)
		clear_row(&s->row[i]);
	for (size_t i = 0; i < s->nplugins; i++)
		plugin_free(s->plugin[i]);
	places_fini(&s->places);
	free(s->row);
	free(s->origin);
	free(s->plugin);
	free(s);
}

static char *
stem(const char *path)
{
	const char *base = strrchr(path, '/');

	base = base ? base + 1 : path;
	return xstrndup(base, strlen(base) - (place_is_plugin(base) ? 3 : 0));
}

static struct origin
origin_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct origin){ 0 };
	return (struct origin){ st.st_dev, st.st_ino, st.st_size, st.st_mtim };
}

static int
is_same_file(const struct origin *a, const struct origin *b)
{
	return a->ino && a->dev == b->dev && a->ino == b->ino;
}

static int
is_unchanged(const struct origin *a, const struct origin *b)
{
	return is_same_file(a, b) && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

/* The row of a path, made if it is new. */
static size_t
row_of(struct shelf *s, const char *path)
{
	struct shelf_row *row;
	size_t i;

	for (i = 0; i < s->nrows; i++)
		if (!strcmp(s->row[i].path, path))
			return i;
	row = XADD(&s->row, &s->nrows, &s->caprows);
	XADD(&s->origin, &s->norigins, &s->caporigins);
	row->path = xstrdup(path);
	row->name = stem(path);
	row->state = SHELF_FOUND;
	return i;
}

static const struct shelf_row *
loaded_as(const struct shelf *s, const char *name)
{
	for (size_t i = 0; i < s->nrows; i++)
		if (s->row[i].state == SHELF_LOADED && !strcmp(s->row[i].name, name))
			return &s->row[i];
	return NULL;
}

static const struct plugin *
refuse(struct shelf *s, size_t i, const struct err *why, struct err *err)
{
	struct shelf_row *row = &s->row[i];

	if (row->state != SHELF_LOADED) {
		free((char *)row->why);
		row->why = xstrdup(why->text);
		row->state = SHELF_REFUSED;
	}
	err_set(err, why->code, "%s", why->text);
	return NULL;
}

/*
 * Load a path, or find that it is.  What is mapped cannot be loaded anew from
 * the same inode, so a file that was written over in place is refused.
 */
static const struct plugin *
load(struct shelf *s, const char *path, struct err *err)
{
	struct origin now = origin_of(path);
	size_t i = row_of(s, path);
	const struct shelf_row *same;
	struct plugin *p;
	struct err why = { 0 };

	if (s->row[i].state == SHELF_LOADED) {
		if (is_unchanged(&s->origin[i], &now))
			return s->row[i].plugin;
		if (is_same_file(&s->origin[i], &now)) {
			err_set(&why, EXIT_PLUGIN, "%s: was written over while it was loaded;"
				" expected a new file in its place (mv)", path);
			return refuse(s, i, &why, err);
		}
	}
	same = loaded_as(s, s->row[i].name);
	if (same && same != &s->row[i]) {
		if (is_same_file(&s->origin[same - s->row], &now))
			return same->plugin;
		err_set(&why, EXIT_PLUGIN, "%s: a plugin '%s' is loaded already, from %s",
			path, same->name, same->path);
		return refuse(s, i, &why, err);
	}
	if (plugin_load(&p, path, places_is_ours(&s->places, path), s->keeper, &why) < 0)
		return refuse(s, i, &why, err);
	*XADD(&s->plugin, &s->nplugins, &s->capplugins) = p;
	free((char *)s->row[i].why);
	s->row[i].why = NULL;
	s->row[i].plugin = p;
	s->row[i].state = SHELF_LOADED;
	s->origin[i] = now;
	return p;
}

/* ---- by name ---------------------------------------------------------- */

static const struct plugin *
unknown(const struct shelf *s, const char *name, struct err *err)
{
	char **names = NULL;
	size_t n = 0, cap = 0;
	const char *near;

	for (size_t i = 0; s->places.at[i]; i++) {
		size_t nfiles;
		char **file = place_files(s->places.at[i], &nfiles);

		for (size_t k = 0; k < nfiles; k++) {
			*XADD(&names, &n, &cap) = stem(file[k]);
			free(file[k]);
		}
		free(file);
	}
	*XADD(&names, &n, &cap) = NULL;
	near = nearest(name, (const char *const *)names);
	err_set(err, EXIT_PLUGIN, "no plugin '%s'; ", name);
	if (place_is_plugin(name) && !access(name, F_OK))
		err_add(err, "did you mean './%s'?", name);
	else if (near)
		err_add(err, "did you mean '%s'?", near);
	else
		err_add(err, "`heddle plugins list` shows what there is");
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return NULL;
}

/* path from dir, its folder under its one real name; the file's stays. */
static char *
real_folder(const char *path, const char *dir)
{
	char *full = *path == '/' || !dir ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char *slash = strrchr(full, '/'), real[PATH_MAX], *joined;

	*slash = '\0';
	if (!realpath(slash == full ? "/" : full, real)) {
		*slash = '/';
		return full;
	}
	joined = xasprintf("%s/%s", real[1] ? real : "", slash + 1);
	free(full);
	return joined;
}

static const struct plugin *
get_path(struct shelf *s, const char *path, const char *dir, struct err *err)
{
	char *full = real_folder(path, dir);
	const struct plugin *p = load(s, full, err);

	free(full);
	return p;
}

const struct plugin *
shelf_get(struct shelf *s, const char *name, const char *dir, struct err *err)
{
	const struct shelf_row *row = loaded_as(s, name);
	const struct plugin *p;

	if (strchr(name, '/'))
		return get_path(s, name, dir, err);
	if (row)
		return row->plugin;
	for (size_t i = 0; option_is_name(name) && s->places.at[i]; i++) {
		char *path = xasprintf("%s/%s.so", s->places.at[i], name);

		if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW)) {
			p = load(s, path, err);
			free(path);
			return p;
		}
		free(path);
	}
	return unknown(s, name, err);
}

/* ---- all -------------------------------------------------------------- */

/* What was refused and is gone needs no mention. */
static void
forget_gone(struct shelf *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nrows; i++) {
		if (s->row[i].state != SHELF_LOADED && access(s->row[i].path, F_OK)) {
			clear_row(&s->row[i]);
			continue;
		}
		s->row[n] = s->row[i];
		s->origin[n++] = s->origin[i];
	}
	s->nrows = s->norigins = n;
}

const struct shelf_row *
shelf_list(struct shelf *s, size_t *n)
{
	forget_gone(s);
	for (size_t i = 0; s->places.at[i]; i++) {
		size_t nfiles;
		char **file = place_files(s->places.at[i], &nfiles);

		for (size_t k = 0; k < nfiles; k++) {
			load(s, file[k], NULL);
			free(file[k]);
		}
		free(file);
	}
	return shelf_rows(s, n);
}

const struct shelf_row *
shelf_rows(const struct shelf *s, size_t *n)
{
	*n = s->nrows;
	return s->row;
}
