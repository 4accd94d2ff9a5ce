/* SPDX-License-Identifier: MIT */
/* trust - who may have written a file. */

#include "core/plugin/trust.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"

static int
is_mine(const struct stat *st, int is_trusted)
{
	struct stat exe;

	return st->st_uid == 0 || st->st_uid == geteuid() ||
	       (is_trusted && !stat("/proc/self/exe", &exe) && exe.st_uid == st->st_uid);
}

/* what: "" for the file itself, else its folder, told by path. */
static int
check_one(const struct stat *st, const char *what, int is_trusted, struct err *err)
{
	const char *gap = *what ? " " : "";

	if (!is_mine(st, is_trusted))
		return err_set(err, EXIT_PLUGIN, "%s%sbelongs to user %u; expected root or you",
			       what, gap, st->st_uid);
	if (st->st_mode & S_IWOTH)
		return err_set(err, EXIT_PLUGIN, "%s%smay be written by everyone", what, gap);
	if (st->st_mode & S_IWGRP && st->st_gid != st->st_uid)
		return err_set(err, EXIT_PLUGIN, "%s%smay be written by group %u",
			       what, gap, st->st_gid);
	return 0;
}

static int
check_above(const char *folder, struct err *err)
{
	struct stat st;

	if (stat(folder, &st) < 0)
		return err_set(err, EXIT_PLUGIN, "folder %s: %s", folder, strerror(errno));
	if (st.st_mode & S_IWOTH && !(st.st_mode & S_ISVTX))
		return err_set(err, EXIT_PLUGIN, "folder %s above it may be written by everyone",
			       folder);
	return 0;
}

/* The name under which the system opened it, links followed. */
static int
real_path(int fd, char path[PATH_MAX], struct err *err)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0 || path[0] != '/')
		return err_set(err, EXIT_PLUGIN, "its folder cannot be told from /proc/self/fd");
	path[n] = '\0';
	return 0;
}

int
trust_check(int fd, int is_trusted, struct err *err)
{
	char path[PATH_MAX], what[PATH_MAX + 16];
	struct stat st;
	char *slash;

	if (fstat(fd, &st) < 0)
		return err_set(err, EXIT_PLUGIN, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, EXIT_PLUGIN, "is no regular file");
	if (check_one(&st, "", is_trusted, err) < 0 || real_path(fd, path, err) < 0)
		return -1;
	slash = strrchr(path, '/');
	*slash = '\0';
	snprintf(what, sizeof(what), "its folder %s", *path ? path : "/");
	if (stat(*path ? path : "/", &st) < 0)
		return err_set(err, EXIT_PLUGIN, "%s: %s", what, strerror(errno));
	if (check_one(&st, what, is_trusted, err) < 0)
		return -1;
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (check_above(*path ? path : "/", err) < 0)
			return -1;
	}
	return 0;
}
