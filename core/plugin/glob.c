/* SPDX-License-Identifier: MIT */
/* glob - the files a pattern names, sorted by bytes. */

#include "core/plugin/glob.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"

struct walk {
	struct glob_files *out;
	struct text real;		/* the path so far, as the system is asked for it */
	size_t nbase;			/* how much of it the person did not write */
};

struct names {
	char **at;
	size_t n, cap;
};

static void walk(struct walk *, const char *rest);

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->at[i]);
	free(names->at);
}

/* The folder is read to its end and closed before anyone descends: the depth
 * of a tree costs no descriptors. */
static void
read_names(struct names *names, const char *folder, int is_dirs)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (is_dirs && e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
			continue;
		*XADD(&names->at, &names->n, &names->cap) = xstrdup(e->d_name);
	}
	closedir(d);
}

static void
cut(struct walk *w, size_t n)
{
	w->real.n = n;
	w->real.at[n] = '\0';
}

/* Go one name deeper and walk the rest from there. */
static void
enter(struct walk *w, const char *name, size_t n, const char *rest)
{
	size_t old = w->real.n;

	text_addn(&w->real, name, n);
	walk(w, rest);
	cut(w, old);
}

/* A name that starts with - would be an option to most commands. */
static void
take(struct walk *w)
{
	const char *name = w->real.at + w->nbase;
	struct stat st;

	if (!stat(w->real.at, &st) && S_ISREG(st.st_mode))
		*XADD(&w->out->at, &w->out->n, &w->out->cap) =
			xasprintf("%s%s", *name == '-' ? "./" : "", name);
}

static int
is_folder(struct walk *w, const char *name)
{
	size_t old = w->real.n;
	struct stat st;
	int is;

	text_add(&w->real, name);
	is = !lstat(w->real.at, &st) && S_ISDIR(st.st_mode);
	cut(w, old);
	return is;
}

/* rest starts with the part **: here, and in every folder below. */
static void
walk_any(struct walk *w, const char *rest)
{
	const char *behind = rest + 2 + strspn(rest + 2, "/");
	struct names names = { 0 };

	walk(w, *behind ? behind : "*");
	read_names(&names, w->real.at, 1);
	for (size_t i = 0; i < names.n; i++) {
		size_t old = w->real.n;

		if (names.at[i][0] == '.' || !is_folder(w, names.at[i]))
			continue;
		text_addf(&w->real, "%s/", names.at[i]);
		walk_any(w, rest);
		cut(w, old);
	}
	names_fini(&names);
}

static void
walk_part(struct walk *w, const char *part, size_t n, const char *rest)
{
	char *pattern = xstrndup(part, n);
	struct names names = { 0 };

	read_names(&names, w->real.at, 0);
	for (size_t i = 0; i < names.n; i++)
		if (!fnmatch(pattern, names.at[i], FNM_PERIOD))
			enter(w, names.at[i], strlen(names.at[i]), rest);
	names_fini(&names);
	free(pattern);
}

static void
walk(struct walk *w, const char *rest)
{
	size_t n = strcspn(rest, "/");

	if (!*rest) {
		take(w);
	} else if (!n) {
		n = strspn(rest, "/");
		enter(w, rest, n, rest + n);
	} else if (n == 2 && !memcmp(rest, "**", 2)) {
		walk_any(w, rest);
	} else {
		char *part = xstrndup(rest, n);

		if (has_glob(part))
			walk_part(w, rest, n, rest + n);
		else
			enter(w, rest, n, rest + n);
		free(part);
	}
}

/* Two ** can find one file by two ways. */
static void
drop_doubles(struct glob_files *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (n && !strcmp(f->at[n - 1], f->at[i]))
			free(f->at[i]);
		else
			f->at[n++] = f->at[i];
	}
	f->n = n;
}

void
glob_expand(struct glob_files *f, const char *dir, const char *pattern)
{
	struct walk w = { .out = f };

	if (pattern[0] != '/')
		text_addf(&w.real, "%s/", dir && *dir ? dir : ".");
	w.nbase = w.real.n;
	walk(&w, pattern);
	text_fini(&w.real);
	if (f->n)
		qsort(f->at, f->n, sizeof(*f->at), by_bytes);
	drop_doubles(f);
}

void
glob_fini(struct glob_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->at[i]);
	free(f->at);
	memset(f, 0, sizeof(*f));
}
