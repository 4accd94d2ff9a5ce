/* SPDX-License-Identifier: MIT */
/* keeper - the child forked first, that ends what heddle started and tries strange plugins. */

/*
 * One socket joins the two: requests go over it, and its end is heddle's.
 * A child of heddle that has not reached exec yet still holds the other end;
 * so the keeper watches heddle's pidfd beside it, where there is one.
 *
 * A worker's child writes its process group into the page before it execs.
 * When heddle is killed just before that write, the keeper could look too
 * early; therefore it looks twice, with a pause between.
 */

#include "core/base/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/xalloc.h"

typedef int trial_fn(const char *path, char *why, size_t n);

enum { TRY_MS = 2000, LATE_MS = 50 };

struct keeper {
	pid_t pid;
	int fd;				/* our end of the socket */
	_Atomic int32_t *slot;		/* the shared page */
};

struct answer {
	int code;			/* 0 or -1 */
	char why[KEEPER_SAYS];
};

/* The keeper's own side. */
struct self {
	int fd, pidfd;			/* our end, heddle's pidfd or -1 */
	int theirs;			/* heddle's end, to be closed */
	_Atomic int32_t *slot;
	trial_fn *trial;
};

/* -1 where the kernel has none. */
static int
open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* ---- in the keeper ---------------------------------------------------- */

/* Keep 0-2, on /dev/null: a reader of heddle's output must see its end. */
static void
close_all_but(int a, int b)
{
	int null = open("/dev/null", O_RDWR);
	DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	for (int i = 0; i < 3; i++)
		if (null >= 0)
			dup2(null, i);
	while (d && (e = readdir(d))) {
		int fd = atoi(e->d_name);

		if (fd > 2 && fd != a && fd != b && fd != dirfd(d))
			close(fd);
	}
	if (d)
		closedir(d);
}

/* When heddle died, a child of its may have been on its way into the page. */
static void
end_groups(const struct self *s, int looks)
{
	for (int look = 0; look < looks; look++) {
		for (int i = 0; i < KEEPER_SLOTS; i++) {
			int32_t group = s->slot[i];

			if (group > 1)
				kill(-group, SIGKILL);
		}
		if (look + 1 < looks)
			poll(NULL, 0, LATE_MS);
	}
}

struct trying {
	const struct self *self;
	const char *path;
};

/* In the grandchild. */
static void
run_trial(void *user, void *answer)
{
	const struct trying *t = user;
	struct answer *a = answer;

	close(t->self->fd);
	if (t->self->pidfd >= 0)
		close(t->self->pidfd);
	a->code = t->self->trial(t->path, a->why, sizeof(a->why));
}

static void
try(const struct self *s, const char *path, struct answer *a)
{
	struct trying trying = { s, path };
	int status;

	memset(a, 0, sizeof(*a));
	switch (child_run(run_trial, &trying, a, sizeof(*a), TRY_MS, s->fd, &status)) {
	case CHILD_ANSWERED:
		a->why[sizeof(a->why) - 1] = '\0';
		return;
	case CHILD_DIED:
		child_died(status, "loading it", a->why, sizeof(a->why));
		break;
	case CHILD_LATE:
		snprintf(a->why, sizeof(a->why), "loading it took over %d s", TRY_MS / 1000);
		break;
	case CHILD_NONE:
		snprintf(a->why, sizeof(a->why), "cannot be tried: %s", strerror(errno));
	}
	a->code = -1;
}

/* Requests until heddle ends.  A request is a path; one of no letters is a
 * farewell.  -> 1 after a farewell, 0 if heddle is gone without. */
static int
serve(const struct self *s)
{
	struct pollfd p[2] = {
		{ .fd = s->fd, .events = POLLIN },
		{ .fd = s->pidfd, .events = POLLIN },
	};
	char path[PATH_MAX];
	struct answer a;
	ssize_t n;

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		if (p[1].revents)
			return 0;
		n = recv(s->fd, path, sizeof(path) - 1, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return 0;
		path[n] = '\0';
		if (!*path)
			return 1;
		try(s, path, &a);
		if (send(s->fd, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			return 0;
	}
}

static _Noreturn void
keep(struct self *s)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP };
	sigset_t none;

	setsid();
	prctl(PR_SET_NAME, "heddle-keeper");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close(s->theirs);
	close_all_but(s->fd, s->pidfd);
	if (chdir("/") < 0)
		_exit(1);
	end_groups(s, serve(s) ? 1 : 2);
	_exit(0);
}

/* ---- in heddle -------------------------------------------------------- */

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

int
keeper_start(struct keeper **out, trial_fn *trial)
{
	int ends[2] = { -1, -1 }, saved;
	struct self self = { .pidfd = -1, .trial = trial };
	struct keeper *k = xcalloc(1, sizeof(*k));

	k->slot = mmap(NULL, KEEPER_SLOTS * sizeof(*k->slot), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k->slot == MAP_FAILED)
		goto fail;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		goto fail;
	self.fd = ends[1];
	self.theirs = ends[0];
	self.slot = k->slot;
	self.pidfd = open_pidfd(getpid());
	k->pid = fork();
	if (k->pid < 0)
		goto fail;
	if (!k->pid)
		keep(&self);
	k->fd = ends[0];
	close(ends[1]);
	close_fd(self.pidfd);
	*out = k;
	return 0;

fail:
	saved = errno;
	if (k->slot != MAP_FAILED)
		munmap(k->slot, KEEPER_SLOTS * sizeof(*k->slot));
	close_fd(ends[0]);
	close_fd(ends[1]);
	close_fd(self.pidfd);
	free(k);
	errno = saved;
	return -1;
}

void
keeper_stop(struct keeper *k)
{
	if (!k)
		return;
	send(k->fd, "", 1, MSG_NOSIGNAL);
	shutdown(k->fd, SHUT_WR);
	close(k->fd);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	munmap(k->slot, KEEPER_SLOTS * sizeof(*k->slot));
	free(k);
}

int
keeper_try(struct keeper *k, const char *path, char *why)
{
	struct answer a;
	ssize_t n = -1;

	if (!*path || strlen(path) >= PATH_MAX)
		errno = ENAMETOOLONG;
	else
		n = send(k->fd, path, strlen(path), MSG_NOSIGNAL);
	if (n < 0) {
		snprintf(why, KEEPER_SAYS, "cannot be tried: %s", strerror(errno));
		return -1;
	}
	do
		n = recv(k->fd, &a, sizeof(a), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(a)) {
		snprintf(why, KEEPER_SAYS, "cannot be tried: the keeper is gone");
		return -1;
	}
	snprintf(why, KEEPER_SAYS, "%s", a.why);
	return a.code;
}

_Atomic int32_t *
keeper_slot(struct keeper *k, uint32_t i)
{
	return k && i < KEEPER_SLOTS ? &k->slot[i] : NULL;
}
