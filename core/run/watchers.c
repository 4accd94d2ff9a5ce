/* SPDX-License-Identifier: MIT */
/* watchers - front ends of other processes: shown the live block, heard and answered. */

/*
 * All is done by the run thread and nothing of it waits: a watcher whose
 * answer does not fit into its socket, whose line is too long or holds a NUL,
 * or who has left, is dropped.  One line at a time is heard of each, and then
 * nothing for a moment, so whoever floods the run is slowed down alone.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/run/engine.h"

enum {
	WATCHERS = WATCHERS_POLL - 1,
	LINE_MOST = 1024,
	ANSWER_MOST = 600,
	HEAR_NS = 5000000,		/* between two lines of one watcher */
	ACCEPT_NS = 20000000		/* between two that come */
};

struct watcher {
	int fd;				/* -1: nobody */
	uint64_t rest;			/* until then it is not heard */
	size_t n;			/* bytes that came and are not dealt with */
	char line[LINE_MOST];
};

struct watchers {
	int listen_fd;			/* borrowed */
	int live_fd;			/* of the live block, to read alone */
	char *hello;
	uint64_t rest;			/* until then nobody is let in */
	struct watcher one[WATCHERS];
};

struct watchers *
watchers_new(int listen_fd, int live_fd, const char *hello)
{
	struct watchers *all;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", live_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	all = xcalloc(1, sizeof(*all));
	all->listen_fd = listen_fd;
	all->live_fd = fd;
	all->hello = xstrdup(hello);
	for (int i = 0; i < WATCHERS; i++)
		all->one[i].fd = -1;
	return all;
}

static void
drop(struct watcher *w)
{
	close(w->fd);
	w->fd = -1;
	w->n = 0;
}

void
watchers_free(struct watchers *all)
{
	if (!all)
		return;
	for (int i = 0; i < WATCHERS; i++)
		if (all->one[i].fd >= 0)
			drop(&all->one[i]);
	close(all->live_fd);
	free(all->hello);
	free(all);
}

int
watchers_poll(const struct watchers *all, uint64_t now, struct pollfd *fd, uint64_t *due)
{
	int n = 0;

	if (!all)
		return 0;
	if (all->rest <= now)
		fd[n++] = (struct pollfd){ all->listen_fd, POLLIN, 0 };
	else if (all->rest < *due)
		*due = all->rest;
	for (int i = 0; i < WATCHERS; i++) {
		const struct watcher *w = &all->one[i];

		if (w->fd < 0)
			continue;
		if (w->rest <= now && !memchr(w->line, '\n', w->n))
			fd[n++] = (struct pollfd){ w->fd, POLLIN, 0 };
		else if (w->rest < *due)
			*due = w->rest;
	}
	return n;
}

/* ---- letting in ------------------------------------------------------------ */

static int
is_ours(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

static int
greet(const struct watchers *all, int fd)
{
	union { char at[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room = { { 0 } };
	size_t n = strlen(all->hello);
	struct iovec text = { all->hello, n };
	struct msghdr msg = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = room.at, .msg_controllen = sizeof(room.at),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &all->live_fd, sizeof(int));
	return sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n ? 0 : -1;
}

static void
let_in(struct watchers *all, uint64_t now)
{
	static const char full[] = "no as many look on as may: 16\n";
	int fd = accept4(all->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), i = 0;

	if (fd < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	all->rest = now + ACCEPT_NS;
	if (fd < 0)
		return;
	while (i < WATCHERS && all->one[i].fd >= 0)
		i++;
	if (i == WATCHERS && is_ours(fd))
		send(fd, full, sizeof(full) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (i == WATCHERS || !is_ours(fd) || greet(all, fd) < 0)
		close(fd);
	else
		all->one[i] = (struct watcher){ .fd = fd };
}

/* ---- hearing --------------------------------------------------------------- */

/* 0, or -1: it takes no answer. */
static int
answer(struct run *run, struct watcher *w)
{
	char said[ANSWER_MOST - 8] = "", line[ANSWER_MOST];
	int rc = request_apply(run, w->line, "watcher", said, sizeof(said)), n;

	for (char *c = said; *c; c++)
		if (*c == '\n')
			*c = ' ';
	n = snprintf(line, sizeof(line), "%s %s\n", rc < 0 ? "no" : "ok", said);
	return send(w->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n ? 0 : -1;
}

static void
hear(struct run *run, struct watcher *w, uint64_t now)
{
	char *end = memchr(w->line, '\n', w->n);
	ssize_t n;

	if (!end) {
		n = recv(w->fd, w->line + w->n, LINE_MOST - w->n, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			drop(w);
			return;
		}
		w->n += (size_t)n;
		end = memchr(w->line, '\n', w->n);
	}
	w->rest = now + HEAR_NS;
	if (!end && w->n < LINE_MOST)
		return;
	if (!end || memchr(w->line, '\0', (size_t)(end - w->line))) {
		drop(w);
		return;
	}
	*end++ = '\0';
	if (answer(run, w) < 0) {
		drop(w);
		return;
	}
	w->n -= (size_t)(end - w->line);
	memmove(w->line, end, w->n);
}

void
watchers_serve(struct run *run, uint64_t now)
{
	struct watchers *all = run->watchers;

	if (!all)
		return;
	if (all->rest <= now)
		let_in(all, now);
	for (int i = 0; i < WATCHERS; i++)
		if (all->one[i].fd >= 0 && all->one[i].rest <= now)
			hear(run, &all->one[i], now);
}
