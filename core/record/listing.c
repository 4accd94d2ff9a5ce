/* SPDX-License-Identifier: MIT */
/* listing - the runs of a store, read no further than a line of a table needs. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/xalloc.h"
#include "core/record/crc32c.h"
#include "core/record/layout.h"
#include "core/record/prefix.h"
#include "core/record/record.h"

enum { WORKERS_MOST = 65536 };

static void
copy_names(struct past_row *row, const char *job, const char *scheduler, const char *executor)
{
	snprintf(row->job, sizeof(row->job), "%.*s", LIVE_NAME - 1, job);
	snprintf(row->scheduler, sizeof(row->scheduler), "%.*s", LIVE_NAME - 1, scheduler);
	snprintf(row->executor, sizeof(row->executor), "%.*s", LIVE_NAME - 1, executor);
}

/* Core time of the workers' rows in a live.bin, as they stood at the end. */
static void
add_times(struct past_row *row, const struct live_worker *w, uint32_t n)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (w[i].end <= w[i].start)
			continue;
		total += w[i].end - w[i].start;
		row->run_ns += w[i].ns[CLASS_RUN_CPU] + w[i].ns[CLASS_RUN_WAIT];
	}
	row->idle_ns = total > row->run_ns ? total - row->run_ns : 0;
}

static int
from_live(struct past_row *row, int dir)
{
	int fd = openat(dir, "live.bin", O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc = -1;
	struct live_head h;
	struct live_worker *w;
	size_t bytes;

	if (fd < 0)
		return -1;
	if (prefix_read(fd, 0, &h, sizeof(h)) == sizeof(h) && h.magic == LIVE_MAGIC &&
	    h.version == LIVE_VERSION && h.head_size == sizeof(h) && h.nworkers <= WORKERS_MOST) {
		bytes = h.nworkers * sizeof(*w);
		w = xaligned(_Alignof(struct live_worker), bytes);
		if (prefix_read(fd, h.workers_at, w, bytes) == bytes) {
			copy_names(row, h.job, h.scheduler, h.executor);
			row->status = h.status < RUN_STATES ? h.status : RUN_STOPPED;
			row->workers = h.workers;
			row->ntasks = h.ntasks;
			row->done = h.done;
			row->failed = h.failed;
			row->skipped = h.skipped;
			row->exit = h.exit;
			row->wall_start = h.wall_start;
			row->wall_ns = h.end;
			row->held_peak = h.held_peak;
			add_times(row, w, h.nworkers);
			rc = 0;
		}
		free(w);
	}
	close(fd);
	return rc;
}

/* Its process holds the folder's lock as long as it lives. */
static int
is_running(int dir)
{
	if (flock(dir, LOCK_SH | LOCK_NB) < 0)
		return 1;
	flock(dir, LOCK_UN);
	return 0;
}

static int
from_begin(struct past_row *row, int dir)
{
	int fd = openat(dir, "begin.bin", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct record_begin b;
	size_t n;

	if (fd < 0)
		return -1;
	n = prefix_read(fd, 0, &b, sizeof(b));
	close(fd);
	if (n != sizeof(b) || b.magic != BEGIN_MAGIC || b.version != RECORD_VERSION ||
	    b.crc != crc32c(0, &b, offsetof(struct record_begin, crc)))
		return -1;
	copy_names(row, b.job, b.scheduler, b.executor);
	row->status = is_running(dir) ? RUN_RUNNING : RUN_PLANNED;
	row->workers = b.workers;
	row->ntasks = b.ntasks;
	row->wall_start = b.wall_start;
	return 0;
}

static int
newest_first(const void *pa, const void *pb)
{
	const struct past_row *a = pa, *b = pb;

	return a->number > b->number ? -1 : a->number < b->number;
}

static int
read_row(struct past_row *row, int store, const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);
	int dir, rc;

	if (name[0] < '0' || name[0] > '9' || *end || number >= UINT32_MAX)
		return -1;
	dir = openat(store, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -1;
	memset(row, 0, sizeof(*row));
	row->number = (uint32_t)number;
	rc = from_live(row, dir) < 0 && from_begin(row, dir) < 0 ? -1 : 0;
	close(dir);
	return rc;
}

struct past_row *
past_list(const char *store, size_t *n)
{
	struct past_row *rows = NULL, row;
	struct dirent *e;
	size_t cap = 0;
	DIR *d = opendir(store);

	*n = 0;
	if (!d)
		return NULL;
	while ((e = readdir(d)))
		if (read_row(&row, dirfd(d), e->d_name) == 0)
			*XADD(&rows, n, &cap) = row;
	closedir(d);
	if (*n)
		qsort(rows, *n, sizeof(*rows), newest_first);
	return rows;
}
