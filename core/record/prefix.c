/* SPDX-License-Identifier: MIT */
/* prefix - what is valid of a worker's rows, and of all of them together. */

#include "core/record/prefix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/crc32c.h"

size_t
prefix_read(int fd, uint64_t at, void *to, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t k = pread(fd, (char *)to + got, n - got, (off_t)(at + got));

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			break;
		got += (size_t)k;
	}
	return got;
}

static int
is_head(const struct record_head *h, const struct record_head *want)
{
	return h->magic == RECORD_MAGIC && h->version == RECORD_VERSION &&
	       h->row_size == sizeof(struct log_row) && h->worker == want->worker &&
	       h->nworkers == want->nworkers && h->graph == want->graph &&
	       h->wall_start == want->wall_start &&
	       h->crc == crc32c(0, h, offsetof(struct record_head, crc));
}

int
prefix_is_row(const struct log_row *r, uint64_t after, uint32_t ntasks)
{
	if (r->crc != crc32c(0, r, offsetof(struct log_row, crc)))
		return 0;
	if (r->start < after || r->end < r->start)
		return 0;
	if (r->task == HEDDLE_NONE)
		return row_status(r) < CLASS_N && row_status(r) > CLASS_OVH;
	return r->task < ntasks && row_status(r) <= ROW_RETRY;
}

uint64_t
prefix_open(struct prefix *p, int dir, const struct record_head *want, uint32_t ntasks)
{
	struct record_head head;
	uint64_t bytes, n, after = 0;
	struct stat st;
	char name[32];
	int fd;

	memset(p, 0, sizeof(*p));
	snprintf(name, sizeof(name), "record/%u", want->worker);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size <= (off_t)sizeof(head)) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	bytes = (uint64_t)st.st_size - sizeof(head);
	p->size = bytes;
	p->row = pages_grow(NULL, 0, bytes);
	n = 0;
	if (prefix_read(fd, 0, &head, sizeof(head)) == sizeof(head) && is_head(&head, want))
		n = prefix_read(fd, sizeof(head), p->row, bytes) / sizeof(struct log_row);
	close(fd);
	for (; p->n < n && prefix_is_row(&p->row[p->n], after, ntasks); p->n++)
		after = p->row[p->n].end;
	return (bytes + sizeof(struct log_row) - 1) / sizeof(struct log_row) - p->n;
}

void
prefix_fini(struct prefix *p)
{
	pages_free(p->row, p->size);
}

/*
 * Ids are a topological order, so one pass suffices: a task may have run if
 * all its predecessors are done, and it is done if it may have run and a row
 * says so.
 */
enum { HAS_ROW = 1, MAY = 2 };

uint64_t
prefix_close_under(struct prefix *p, uint32_t nworkers, const struct graph *g)
{
	uint8_t *st = xcalloc(g->csr.ntasks, 1);
	uint64_t dropped = 0;

	for (uint32_t w = 0; w < nworkers; w++)
		for (uint64_t i = 0; i < p[w].n; i++)
			if (p[w].row[i].task != HEDDLE_NONE &&
			    row_status(&p[w].row[i]) == ROW_DONE)
				st[p[w].row[i].task] |= HAS_ROW;
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint64_t e = g->csr.pred_at[t];

		while (e < g->csr.pred_at[t + 1] && st[g->csr.pred[e]] == (HAS_ROW | MAY))
			e++;
		if (e == g->csr.pred_at[t + 1])
			st[t] |= MAY;
	}
	for (uint32_t w = 0; w < nworkers; w++) {
		uint64_t n = 0;

		for (uint64_t i = 0; i < p[w].n; i++) {
			const struct log_row *r = &p[w].row[i];

			if (r->task == HEDDLE_NONE || st[r->task] & MAY)
				p[w].row[n++] = *r;
		}
		dropped += p[w].n - n;
		p[w].n = n;
	}
	free(st);
	return dropped;
}
