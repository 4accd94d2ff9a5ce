/* SPDX-License-Identifier: MIT */
/* logs - what tasks say, a file an attempt, kept under a limit while they say it. */

#include "core/record/logs.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/xalloc.h"

enum { NAME = 32, PAGE = 4096 };

struct open_log { heddle_task task; uint32_t attempt; };

struct logs {
	int fd;
	uint64_t most;
	pthread_mutex_t lock;		/* of open[] */
	struct open_log *open;		/* logs of tasks that run */
	size_t n, cap;
	_Atomic size_t nopen;		/* n, to be looked at without the lock */
};

static char *
name_of(char buf[NAME], const struct open_log *l)
{
	snprintf(buf, NAME, "%u.%u", l->task, l->attempt);
	return buf;
}

struct logs *
logs_new(int dir, uint64_t most)
{
	int fd = openat(dir, "logs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct logs *l;

	if (fd < 0)
		return NULL;
	l = xcalloc(1, sizeof(*l));
	l->fd = fd;
	l->most = most;
	pthread_mutex_init(&l->lock, NULL);
	return l;
}

void
logs_free(struct logs *l)
{
	if (!l)
		return;
	close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l->open);
	free(l);
}

static struct open_log *
find(struct logs *l, heddle_task t, uint32_t attempt)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->open[i].task == t && l->open[i].attempt == attempt)
			return &l->open[i];
	return NULL;
}

/* A second command of the same attempt goes on in the same file. */
int
logs_open(struct logs *l, heddle_task t, uint32_t attempt)
{
	enum { HOW = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW };
	struct open_log row = { t, attempt };
	char name[NAME];
	int fd;

	name_of(name, &row);
	pthread_mutex_lock(&l->lock);
	if (find(l, t, attempt)) {
		fd = openat(l->fd, name, HOW);
	} else {
		fd = openat(l->fd, name, HOW | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			*XADD(&l->open, &l->n, &l->cap) = row;
		l->nopen = l->n;
	}
	pthread_mutex_unlock(&l->lock);
	return fd;
}

/* A file system that has no holes keeps the file as it is. */
static void
trim(const struct logs *l, const struct open_log *row)
{
	uint64_t keep = l->most / 2 / PAGE * PAGE, end;
	struct stat st;
	char name[NAME];
	int fd;

	name_of(name, row);
	if (!l->most)
		return;
	if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_blocks * 512 <= l->most + PAGE || (uint64_t)st.st_size <= 2 * keep)
		return;
	fd = openat(l->fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	end = ((uint64_t)st.st_size - keep) / PAGE * PAGE;
	if (end > keep)
		(void)!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)keep,
				 (off_t)(end - keep));
	close(fd);
}

/* A row says the low 8 bits of the attempt; a task has one at a time. */
static void
ended(struct logs *l, const struct log_row *r)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->open[i].task != r->task ||
		    (l->open[i].attempt & 0xff) != row_attempt(r))
			continue;
		trim(l, &l->open[i]);
		l->open[i] = l->open[--l->n];
		l->nopen = l->n;
		return;
	}
}

void
logs_ended(struct logs *l, const struct log_row *row, size_t n)
{
	if (!l->nopen)
		return;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < n && l->n; i++)
		if (row[i].task != HEDDLE_NONE)
			ended(l, &row[i]);
	pthread_mutex_unlock(&l->lock);
}

void
logs_trim(struct logs *l)
{
	if (!l->nopen)
		return;
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; i < l->n; i++)
		trim(l, &l->open[i]);
	pthread_mutex_unlock(&l->lock);
}
