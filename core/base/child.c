/* SPDX-License-Identifier: MIT */
/* child - a function in a process of its own, with a time limit. */

#include "core/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/clock.h"

/* poll until the deadline (ns of the clock). */
static void
poll_until(struct pollfd *p, nfds_t n, uint64_t deadline)
{
	int ready;

	do {
		uint64_t now = clock_now();

		ready = poll(p, n, now >= deadline ? 0 : (int)((deadline - now) / 1000000 + 1));
	} while (ready < 0 && errno == EINTR);
}

/* Has the child ended by the deadline? */
static int
has_ended(pid_t child, uint64_t deadline)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN };

	if (p.fd < 0)
		return 1;
	poll_until(&p, 1, deadline);
	close(p.fd);
	return p.revents != 0;
}

static _Noreturn void
be_child(void (*work)(void *, void *), void *user, void *answer, size_t n, int out)
{
	static const struct rlimit none = { 0, 0 };

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	work(user, answer);
	_exit(write(out, answer, n) == (ssize_t)n ? 0 : 1);
}

/* The end of the pipe comes before the end of the process: wait for that too,
 * so that it has died its own death. */
static enum child_end
hear(pid_t child, int in, void *answer, size_t n, uint64_t deadline, int hangup, int *status)
{
	struct pollfd p[2] = {
		{ .fd = in, .events = POLLIN },
		{ .fd = hangup, .events = 0 },	/* POLLHUP comes unasked */
	};
	enum child_end end = CHILD_LATE;

	poll_until(p, 2, deadline);
	if (p[0].revents && read(in, answer, n) == (ssize_t)n)
		end = CHILD_ANSWERED;
	else if (p[0].revents && has_ended(child, deadline))
		end = CHILD_DIED;
	kill(-child, SIGKILL);
	kill(child, SIGKILL);
	while (waitpid(child, status, 0) < 0 && errno == EINTR)
		;
	return end;
}

enum child_end
child_run(void (*work)(void *, void *), void *user, void *answer, size_t n,
	  unsigned limit_ms, int hangup, int *status)
{
	uint64_t deadline = clock_now() + limit_ms * UINT64_C(1000000);
	enum child_end end = CHILD_NONE;
	int ends[2], saved;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return CHILD_NONE;
	child = fork();
	if (!child) {
		close(ends[0]);
		be_child(work, user, answer, n, ends[1]);
	}
	saved = errno;
	close(ends[1]);
	if (child > 0)
		end = hear(child, ends[0], answer, n, deadline, hangup, status);
	close(ends[0]);
	errno = saved;
	return end;
}

char *
child_died(int status, const char *who, char *buf, size_t n)
{
	if (WIFSIGNALED(status))
		snprintf(buf, n, "%s died of signal %d (%s)", who, WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		snprintf(buf, n, "%s ended the process with code %d", who,
			 WEXITSTATUS(status));
	return buf;
}
