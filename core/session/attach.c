/* SPDX-License-Identifier: MIT */
/* attach - the socket of a live run in the user's runtime folder. */

#include "core/session/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

enum { SAME = 8, GREET_MS = 5000 };	/* runs of one number; how long a greeting may take */

/* NULL: there is no such folder. */
static const char *
runtime(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	return dir && dir[0] == '/' ? dir : NULL;
}

static int
address(struct sockaddr_un *a, uint32_t number, int same)
{
	int n;

	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (same)
		n = snprintf(a->sun_path, sizeof(a->sun_path), "%s/heddle/%04u.%d.sock",
			     runtime(), number, same);
	else
		n = snprintf(a->sun_path, sizeof(a->sun_path), "%s/heddle/%04u.sock",
			     runtime(), number);
	return n < (int)sizeof(a->sun_path) ? 0 : -1;
}

static int
open_socket(int flags)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

char *
attach_hello(const char *dir)
{
	return xasprintf("heddle 1 %s\n", dir);
}

/* ---- the run's side --------------------------------------------------------- */

/* The folder, locked, so that one at a time judges and replaces; -1. */
static int
enter_folder(void)
{
	char *path = xasprintf("%s/heddle", runtime());
	struct stat st;
	int fd;

	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || st.st_mode & 077 ||
	    flock(fd, LOCK_EX) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
is_stale(const struct sockaddr_un *a)
{
	int fd = open_socket(SOCK_NONBLOCK), is;

	is = fd >= 0 && connect(fd, (const void *)a, sizeof(*a)) < 0 && errno == ECONNREFUSED;
	if (fd >= 0)
		close(fd);
	return is;
}

static int
bind_one(int fd, uint32_t number, struct sockaddr_un *a)
{
	for (int same = 0; same < SAME; same++) {
		if (address(a, number, same) < 0)
			return -1;
		if (bind(fd, (const void *)a, sizeof(*a)) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return -1;
		if (is_stale(a) && unlink(a->sun_path) == 0 &&
		    bind(fd, (const void *)a, sizeof(*a)) == 0)
			return 0;
	}
	return -1;
}

int
attach_listen(uint32_t number, char **path)
{
	struct sockaddr_un a;
	int folder, fd = -1;

	*path = NULL;
	if (!runtime() || (folder = enter_folder()) < 0)
		return -1;
	fd = open_socket(SOCK_NONBLOCK);
	if (fd >= 0 && bind_one(fd, number, &a) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0) {
		*path = xstrdup(a.sun_path);
		if (chmod(a.sun_path, 0600) < 0 || listen(fd, 16) < 0) {
			attach_close(fd, *path);
			*path = NULL;
			fd = -1;
		}
	}
	close(folder);
	return fd;
}

void
attach_close(int fd, char *path)
{
	if (path)
		unlink(path);
	free(path);
	if (fd >= 0)
		close(fd);
}

/* ---- the watcher's side ------------------------------------------------------ */

static int
is_ours(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

/* A line and a descriptor into *live_fd; -1: nothing came in time, 0: something
 * else than a greeting, 1. */
static int
be_greeted(int fd, char *line, size_t most, int *live_fd)
{
	union { char at[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room;
	struct iovec text = { line, most - 1 };
	struct msghdr msg = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = room.at, .msg_controllen = sizeof(room.at),
	};
	struct pollfd in = { fd, POLLIN, 0 };
	struct cmsghdr *c;
	ssize_t n;

	*live_fd = -1;
	if (poll(&in, 1, GREET_MS) <= 0)
		return -1;
	n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	line[n > 0 ? n : 0] = '\0';
	c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(live_fd, CMSG_DATA(c), sizeof(int));
	return *live_fd >= 0;
}

/* -> the socket; -1 and err: it is of no use; -2: another run's. */
static int
try_one(const struct sockaddr_un *a, uint32_t number, const char *dir, int *live_fd,
	struct err *err)
{
	char line[PATH_MAX + 32], *hello;
	int fd = open_socket(0), got;

	if (fd < 0)
		return err_set(err, EXIT_ENV, "run %04u: %s", number, strerror(errno));
	if (connect(fd, (const void *)a, sizeof(*a)) < 0 || !is_ours(fd)) {
		close(fd);
		return -2;
	}
	got = be_greeted(fd, line, sizeof(line), live_fd);
	hello = attach_hello(dir);
	if (got > 0 && !strcmp(line, hello)) {
		free(hello);
		return fd;
	}
	free(hello);
	close(fd);
	if (*live_fd >= 0)
		close(*live_fd);
	*live_fd = -1;
	if (got < 0)
		return err_set(err, EXIT_ENV, "run %04u goes on, but has not answered for 5s; "
			       "with one thread it answers between its tasks", number);
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, "no ", 3) ? -2 :
	       err_set(err, EXIT_ENV, "run %04u lets nobody look on: %s", number, line + 3);
}

int
attach_connect(uint32_t number, const char *dir, int *live_fd, struct err *err)
{
	struct sockaddr_un a;
	int fd = -2;

	*live_fd = -1;
	if (!runtime())
		return err_set(err, EXIT_ENV, "run %04u goes on; without XDG_RUNTIME_DIR there is "
			       "no socket to look on at; heddle show %u tells of it so far",
			       number, number);
	for (int same = 0; same < SAME && fd == -2; same++)
		if (address(&a, number, same) == 0)
			fd = try_one(&a, number, dir, live_fd, err);
	if (fd == -2)
		return err_set(err, EXIT_ENV, "run %04u goes on, but has no socket in %s/heddle; "
			       "heddle show %u tells of it so far", number, runtime(), number);
	return fd;
}
