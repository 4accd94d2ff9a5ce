/* SPDX-License-Identifier: MIT */
/* load - check and hold one shared object. */

#include "core/plugin/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/base/sha256.h"
#include "core/base/xalloc.h"
#include "core/plugin/def.h"
#include "core/plugin/elf.h"
#include "core/plugin/trust.h"

/* The public struct comes first, so that one is the other. */
struct loaded {
	struct plugin plugin;
	struct def def;
};

enum { FD_PATH = 64 };

static char *
fd_path(char buf[FD_PATH], int fd)
{
	snprintf(buf, FD_PATH, "/proc/self/fd/%d", fd);
	return buf;
}

/*
 * Is the name taken by an object loaded before, under a descriptor of the same
 * number?  The linker would hand that one out: it compares names first, then
 * device and inode.
 */
static int
is_taken(const char *name)
{
	void *handle = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
	struct link_map *map;
	int taken;

	if (!handle)
		return 0;
	taken = !dlinfo(handle, RTLD_DI_LINKMAP, &map) && !strcmp(map->l_name, name);
	dlclose(handle);
	return taken;
}

/* Load what the descriptor is open on, whatever its path names by now.
 * Closes it. */
static void *
open_fd(int fd, struct err *err)
{
	char name[FD_PATH];
	void *handle = NULL;

	while (fd >= 0 && is_taken(fd_path(name, fd))) {
		int up = fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);

		close(fd);
		fd = up;
	}
	if (fd < 0) {
		err_set(err, EXIT_PLUGIN, "%s", strerror(errno));
		return NULL;
	}
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		const char *why = dlerror();
		size_t n = strlen(name);

		if (!strncmp(why, name, n) && !strncmp(why + n, ": ", 2))
			why += n + 2;
		err_set(err, EXIT_PLUGIN, "%s", why);
	}
	close(fd);
	return handle;
}

/* The one symbol, checked and copied. */
static int
read_symbol(struct def *def, void *handle, const char *name, struct err *err)
{
	const struct heddle_plugin *theirs = dlsym(handle, "heddle_plugin");

	if (!theirs)
		return err_set(err, EXIT_PLUGIN, "exports no heddle_plugin");
	return def_read(def, theirs, name, err);
}

/* A FIFO must not keep us: hence O_NONBLOCK. */
static int
open_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		err_set(err, EXIT_PLUGIN, "%s", strerror(errno));
	return fd;
}

int
plugin_trial(const char *path, char *why, size_t n)
{
	struct err err = { 0 };
	struct def def = { 0 };
	int fd = open_file(path, &err);
	void *handle = fd < 0 ? NULL : open_fd(fd, &err);
	int bad = -1;

	if (handle) {
		bad = read_symbol(&def, handle, NULL, &err);
		def_fini(&def);
		dlclose(handle);
	}
	if (bad)
		snprintf(why, n, "%s", err.text);
	return bad;
}

/* The keeper opens our descriptor, not the path: what it tries is what we
 * load. */
static int
try_strange(int fd, struct keeper *keeper, struct err *err)
{
	char path[FD_PATH], why[KEEPER_SAYS];

	snprintf(path, sizeof(path), "/proc/%ld/fd/%d", (long)getpid(), fd);
	if (keeper_try(keeper, path, why) < 0)
		return err_set(err, EXIT_PLUGIN, "%s", why);
	return 0;
}

/* "mine" of "/a/mine.so"; NULL: not so named. */
static char *
stem(const char *path)
{
	const char *base = strrchr(path, '/');
	size_t n;

	base = base ? base + 1 : path;
	n = strlen(base);
	if (n <= 3 || strcmp(base + n - 3, ".so"))
		return NULL;
	return xstrndup(base, n - 3);
}

static char *
absolute(const char *path)
{
	char here[PATH_MAX];

	if (*path == '/' || !getcwd(here, sizeof(here)))
		return xstrdup(path);
	return xasprintf("%s/%s", here, strncmp(path, "./", 2) ? path : path + 2);
}

/* All checks that come before the linker sees the file. */
static int
check_file(int fd, unsigned char sha256[SHA256_SIZE], int is_trusted,
	   struct keeper *keeper, struct err *err)
{
	if (trust_check(fd, is_trusted, err) < 0 || elf_check(fd, err) < 0)
		return -1;
	if (sha256_fd(fd, sha256) < 0)
		return err_set(err, EXIT_PLUGIN, "%s", strerror(errno));
	return is_trusted || !keeper ? 0 : try_strange(fd, keeper, err);
}

int
plugin_load(struct plugin **out, const char *path, int is_trusted,
	    struct keeper *keeper, struct err *err)
{
	struct loaded *l = xcalloc(1, sizeof(*l));
	char *name = stem(path);
	int fd = -1;

	if (!name) {
		err_set(err, EXIT_PLUGIN, "expected a file named NAME.so");
		goto fail;
	}
	fd = open_file(path, err);
	if (fd < 0 || check_file(fd, l->plugin.sha256, is_trusted, keeper, err) < 0)
		goto fail;
	l->plugin.handle = open_fd(fd, err);
	fd = -1;
	if (!l->plugin.handle || read_symbol(&l->def, l->plugin.handle, name, err) < 0)
		goto fail;
	free(name);
	l->plugin.path = absolute(path);
	l->plugin.def = l->def.plugin;
	l->plugin.scheduler = l->plugin.def.scheduler;
	l->plugin.collection = l->plugin.def.collection;
	*out = &l->plugin;
	return 0;

fail:
	free(name);
	if (fd >= 0)
		close(fd);
	plugin_free(&l->plugin);
	return err_in(err, "%s", path);
}

void
plugin_free(struct plugin *p)
{
	struct loaded *l = (struct loaded *)p;

	if (!p)
		return;
	def_fini(&l->def);
	if (p->handle)
		dlclose(p->handle);
	free(p->path);
	free(l);
}

const struct heddle_op *
plugin_op(const struct plugin *p, const char *name)
{
	const struct heddle_op *row = p->collection ? p->collection->ops : NULL;

	while (row && row->name && strcmp(row->name, name))
		row++;
	return row && row->name ? row : NULL;
}

const struct heddle_kernel *
plugin_kernel(const struct plugin *p, const char *name)
{
	const struct heddle_kernel *row = p->collection ? p->collection->kernels : NULL;

	while (row && row->name && strcmp(row->name, name))
		row++;
	return row && row->name ? row : NULL;
}

const struct heddle_kind *
plugin_kind(const struct plugin *p, const char *name)
{
	const struct heddle_kind *row = p->collection ? p->collection->kinds : NULL;

	while (row && row->name && strcmp(row->name, name))
		row++;
	return row && row->name ? row : NULL;
}
