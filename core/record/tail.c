/* SPDX-License-Identifier: MIT */
/* tail - rows and events of a record that another process still writes, as they come. */

#include "core/record/tail.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/record/crc32c.h"
#include "core/record/events.h"
#include "core/record/layout.h"
#include "core/record/prefix.h"

enum {
	ROWS = 4096,			/* read at once */
	SHARE = 16,			/* so often in one take, of one worker */
	EVENT_BYTES = 1 << 20		/* of events.log in one take; the longest line */
};

struct tail {
	int dir;
	uint32_t nworkers, ntasks;
	struct log *log;		/* [worker] */
	uint64_t *at;			/* [worker]: bytes taken in; 0: not its head */
	uint8_t *is_bad;		/* [worker]: damaged from there on */
	struct log_row *row;		/* room for ROWS */
	struct run_event *event;
	size_t nevents, capevents;
	uint64_t events_at;
	int is_bad_event;
	char *text;			/* room for EVENT_BYTES */
};

struct tail *
tail_new(int dir, uint32_t nworkers, uint32_t ntasks)
{
	struct tail *t = xcalloc(1, sizeof(*t));

	t->dir = dir;
	t->nworkers = nworkers;
	t->ntasks = ntasks;
	t->log = xcalloc(nworkers, sizeof(*t->log));
	for (uint32_t i = 0; i < nworkers; i++)
		log_init(&t->log[i], nworkers ? ntasks / nworkers : 0);
	t->at = xcalloc(nworkers, sizeof(*t->at));
	t->is_bad = xcalloc(nworkers, sizeof(*t->is_bad));
	t->row = xcalloc(ROWS, sizeof(*t->row));
	t->text = xmalloc(EVENT_BYTES);
	return t;
}

void
tail_free(struct tail *t)
{
	if (!t)
		return;
	for (uint32_t i = 0; i < t->nworkers; i++)
		log_fini(&t->log[i]);
	for (size_t i = 0; i < t->nevents; i++)
		free(t->event[i].text);
	free(t->event);
	free(t->log);
	free(t->at);
	free(t->is_bad);
	free(t->row);
	free(t->text);
	free(t);
}

/* ---- rows ----------------------------------------------------------------- */

static int
is_head(const struct record_head *h, uint32_t worker)
{
	return h->magic == RECORD_MAGIC && h->version == RECORD_VERSION &&
	       h->row_size == sizeof(struct log_row) && h->worker == worker &&
	       h->crc == crc32c(0, h, offsetof(struct record_head, crc));
}

/* -> 1: there may be more. */
static int
take_some(struct tail *t, int fd, uint32_t worker)
{
	struct log *log = &t->log[worker];
	size_t n = prefix_read(fd, t->at[worker], t->row, ROWS * sizeof(*t->row)) /
		   sizeof(*t->row);

	for (size_t i = 0; i < n; i++) {
		const struct log_row *r = &t->row[i];

		if (!prefix_is_row(r, log->end, t->ntasks)) {
			t->is_bad[worker] = 1;
			return 0;
		}
		log_add(log, r->start, r->end, r->packed, r->task);
		t->at[worker] += sizeof(*r);
	}
	return n == ROWS;
}

static void
take_rows(struct tail *t, uint32_t worker)
{
	struct record_head head;
	char name[32];
	int fd, i;

	snprintf(name, sizeof(name), "record/%u", worker);
	fd = openat(t->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return;
	if (!t->at[worker] && prefix_read(fd, 0, &head, sizeof(head)) == sizeof(head)) {
		if (is_head(&head, worker))
			t->at[worker] = sizeof(head);
		else
			t->is_bad[worker] = 1;
	}
	for (i = 0; t->at[worker] && i < SHARE && take_some(t, fd, worker); i++)
		;
	close(fd);
}

/* ---- events --------------------------------------------------------------- */

static void
take_events(struct tail *t)
{
	int fd = openat(t->dir, "events.log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *line = t->text, *end;
	size_t n;

	if (fd < 0)
		return;
	n = prefix_read(fd, t->events_at, t->text, EVENT_BYTES);
	close(fd);
	while ((end = memchr(line, '\n', n - (size_t)(line - t->text)))) {
		struct run_event e;

		if (event_read(&e, line, (size_t)(end - line)) < 0) {
			t->is_bad_event = 1;
			break;
		}
		if (e.task != HEDDLE_NONE && e.task >= t->ntasks)
			e.task = HEDDLE_NONE;
		*XADD(&t->event, &t->nevents, &t->capevents) = e;
		line = end + 1;
	}
	t->is_bad_event |= n == EVENT_BYTES && line == t->text;
	t->events_at += (uint64_t)(line - t->text);
}

void
tail_take(struct tail *t)
{
	for (uint32_t i = 0; i < t->nworkers; i++)
		if (!t->is_bad[i])
			take_rows(t, i);
	if (!t->is_bad_event)
		take_events(t);
}

const struct log *
tail_logs(const struct tail *t)
{
	return t->log;
}

uint32_t
tail_nevents(const struct tail *t)
{
	return (uint32_t)t->nevents;
}

uint32_t
tail_events(const struct tail *t, uint32_t from, struct run_event *out, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && from + n < t->nevents) {
		out[n] = t->event[from + n];
		n++;
	}
	return n;
}
