/* SPDX-License-Identifier: MIT */
/* watch - a run that another process of this user is running, looked on at. */

/*
 * What is now is read from the live block, mapped read-only; what was, from
 * the record's files, where rows are at most 50 ms late.  The socket carries
 * requests and answers alone.  Answers come in the order of the questions, so
 * one that was not waited for is passed over before the next is read.
 */

#include "core/session/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/insight/source.h"
#include "core/record/tail.h"
#include "core/session/attach.h"

enum { ANSWER_MOST = 1024, ANSWER_NS = 2000000000 };

struct watch {
	uint32_t number;
	char *dir;
	int dir_fd, live_fd;
	int fd;				/* -1: the run has hung up */
	const struct live_head *live;
	struct graph *graph;
	struct tail *tail;
	uint32_t owed;			/* answers that nobody waits for any more */
	size_t n;
	char in[ANSWER_MOST];		/* bytes of answers */
};

static int
is_locked(int dir)
{
	if (flock(dir, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK;
	flock(dir, LOCK_UN);
	return 0;
}

int
watch_is_live(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), is;

	is = fd >= 0 && faccessat(fd, "live.bin", F_OK, 0) < 0 && is_locked(fd);
	if (fd >= 0)
		close(fd);
	return is;
}

/* The block must be of this graph: its words and groups are read by its ids. */
static int
is_of(const struct live_head *h, const struct graph *g)
{
	return h->ntasks == g->csr.ntasks && h->ngroups == g->ngroups && h->nedges == g->nedges;
}

int
watch_open(struct watch **out, uint32_t number, const char *dir, struct err *err)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	char *path = xasprintf("%s/graph.bin", dir);
	int rc;

	w->number = number;
	w->dir = xstrdup(dir);
	w->live_fd = w->fd = -1;
	w->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rc = graph_map(&w->graph, path, err);
	free(path);
	if (rc < 0)
		goto fail;
	w->fd = attach_connect(number, dir, &w->live_fd, err);
	if (w->fd < 0)
		goto fail;
	w->live = live_map(w->live_fd);
	if (!w->live || !is_of(w->live, w->graph)) {
		err_set(err, EXIT_ENV, "run %04u: its heddle is of another version", number);
		goto fail;
	}
	w->tail = tail_new(w->dir_fd, w->live->nworkers, w->graph->csr.ntasks);
	tail_take(w->tail);
	*out = w;
	return 0;

fail:
	watch_free(w);
	return -1;
}

void
watch_free(struct watch *w)
{
	if (!w)
		return;
	tail_free(w->tail);
	live_free(w->live, w->live_fd);
	graph_free(w->graph);
	if (w->fd >= 0)
		close(w->fd);
	if (w->dir_fd >= 0)
		close(w->dir_fd);
	free(w->dir);
	free(w);
}

/* ---- the socket ------------------------------------------------------------- */

static void
hang_up(struct watch *w)
{
	close(w->fd);
	w->fd = -1;
}

/* What has come, without waiting. */
static void
receive(struct watch *w)
{
	ssize_t n;

	if (w->fd < 0)
		return;
	n = recv(w->fd, w->in + w->n, sizeof(w->in) - w->n, MSG_DONTWAIT);
	if (n > 0)
		w->n += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR) || w->n == sizeof(w->in))
		hang_up(w);
}

/* One line of what came, without its newline; 0: there is none. */
static int
take_line(struct watch *w, char *out, size_t n)
{
	char *end = memchr(w->in, '\n', w->n);

	if (!end)
		return 0;
	*end++ = '\0';
	snprintf(out, n, "%s", w->in);
	w->n -= (size_t)(end - w->in);
	memmove(w->in, end, w->n);
	return 1;
}

int
watch_ask(struct watch *w, const char *line, char *answer, size_t n)
{
	uint64_t until = clock_now() + ANSWER_NS, now;
	char *asked = xasprintf("%s\n", line), got[ANSWER_MOST];
	size_t len = strlen(asked);
	int rc = -1;

	for (char *c = asked; *c && c < asked + len - 1; c++)
		if (*c == '\n')
			*c = ' ';
	snprintf(answer, n, "the run has hung up");
	if (w->fd >= 0 && send(w->fd, asked, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
		hang_up(w);
	free(asked);
	w->owed++;
	while (w->fd >= 0) {
		struct pollfd in = { w->fd, POLLIN, 0 };

		while (w->owed && take_line(w, got, sizeof(got)))
			w->owed--;
		if (!w->owed) {
			rc = strncmp(got, "ok ", 3) ? -1 : 0;
			snprintf(answer, n, "%s", strlen(got) > 3 ? got + 3 : "");
			break;
		}
		now = clock_now();
		if (now >= until) {
			snprintf(answer, n, "asked; the run has not answered yet");
			break;
		}
		poll(&in, 1, (int)((until - now) / 1000000) + 1);
		receive(w);
	}
	return rc;
}

int
watch_take(struct watch *w)
{
	char late[ANSWER_MOST];

	receive(w);
	while (w->owed && take_line(w, late, sizeof(late)))
		w->owed--;
	tail_take(w->tail);
	return w->fd < 0 && (faccessat(w->dir_fd, "live.bin", F_OK, 0) == 0 ||
			     !is_locked(w->dir_fd));
}

/* ---- what it is --------------------------------------------------------------- */

const char *
watch_dir(const struct watch *w)
{
	return w->dir;
}

uint32_t
watch_number(const struct watch *w)
{
	return w->number;
}

const struct graph *
watch_graph(const struct watch *w)
{
	return w->graph;
}

const struct live_head *
watch_live(const struct watch *w)
{
	return w->live;
}

uint32_t
watch_nevents(const struct watch *w)
{
	return tail_nevents(w->tail);
}

uint32_t
watch_events(const struct watch *w, uint32_t from, struct run_event *out, uint32_t most)
{
	return tail_events(w->tail, from, out, most);
}

/* ---- as a source of views ------------------------------------------------------ */

/* The clock is the machine's, the same in all processes. */
static uint64_t
now(void *self)
{
	const struct live_head *h = ((struct watch *)self)->live;
	uint64_t end = atomic_load(&h->end), at = clock_now();

	return end ? end : at > h->clock_start ? at - h->clock_start : 0;
}

static uint32_t
nevents(void *self)
{
	return watch_nevents(self);
}

static uint32_t
events(void *self, uint32_t from, struct run_event *out, uint32_t most)
{
	return watch_events(self, from, out, most);
}

struct view_source *
watch_view(struct watch *w)
{
	static const struct source_ops ops = { .now = now, .nevents = nevents, .events = events };

	struct view_source *s = source_new(w->graph, w->live, tail_logs(w->tail), w->number,
					   &ops, w);

	s->is_late = 1;
	return s;
}
