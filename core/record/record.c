/* SPDX-License-Identifier: MIT */
/* record - the folder of a run, written while it runs. */

#include "core/record/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/record/crc32c.h"
#include "core/record/events.h"
#include "core/record/layout.h"
#include "core/record/logs.h"

/*
 * Rows go out in order, a worker's to its own file.  The run thread flushes
 * all workers, a worker syncs itself: the lock of a worker's row_file keeps
 * the two apart, and is held while its rows are written.
 *
 * A file that could not be written ends there: what is in it is a valid
 * prefix, rows behind a hole would not be.  The first failure is kept in
 * `failed` and told at the end; the run goes on.
 *
 * Descriptors: the first KEPT_OPEN files stay open, the others are opened
 * when they are written, so that a run of many workers leaves some to tasks.
 */
enum { KEPT_OPEN = 16, WRITE_ROWS = 2048, WORKERS_MOST = 65536 };

struct row_file {
	pthread_mutex_t lock;
	int fd;				/* -1: not open now */
	int is_begun;			/* its head is written */
	int is_dead;			/* a write failed */
	struct log_walk walk;
	struct log_row *buf;
};

struct record {
	uint32_t number, nworkers;	/* workers: as it begins */
	char *dir;
	int dir_fd, rows_fd;
	const struct graph *graph;
	struct record_head head;
	struct logs *logs;
	pthread_mutex_t lock;		/* of what is below, and of making a row_file */
	_Atomic(struct row_file *) *file;	/* [WORKERS_MOST]; NULL: it has no row yet */
	int events_fd;
	struct text line;
	struct err failed;		/* code 0: nothing has */
	struct log_sink sink;
};

static void __attribute__((format(printf, 3, 4)))
remember(struct record *r, int number, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&r->lock);
	if (!r->failed.code)
		err_set(&r->failed, EXIT_ENV, "%s/%s: cannot be written: %s", r->dir, what,
			strerror(number));
	pthread_mutex_unlock(&r->lock);
}

static int
write_all(int fd, const void *at, size_t n)
{
	const char *p = at;

	while (n) {
		ssize_t got = write(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

/* ---- rows --------------------------------------------------------------- */

/* A run may come to have more workers than it began with. */
static struct row_file *
file_of(struct record *r, uint32_t worker)
{
	struct row_file *f = atomic_load_explicit(&r->file[worker], memory_order_acquire);

	if (f)
		return f;
	pthread_mutex_lock(&r->lock);
	f = atomic_load_explicit(&r->file[worker], memory_order_relaxed);
	if (!f) {
		f = xcalloc(1, sizeof(*f));
		pthread_mutex_init(&f->lock, NULL);
		f->fd = -1;
		f->buf = xcalloc(WRITE_ROWS, sizeof(*f->buf));
		atomic_store_explicit(&r->file[worker], f, memory_order_release);
	}
	pthread_mutex_unlock(&r->lock);
	return f;
}

static int
open_rows(struct record *r, struct row_file *f, uint32_t worker)
{
	struct record_head head = r->head;
	char name[16];

	if (f->fd >= 0)
		return 0;
	snprintf(name, sizeof(name), "%u", worker);
	f->fd = openat(r->rows_fd, name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		       (f->is_begun ? 0 : O_EXCL), 0600);
	if (f->fd < 0)
		return -1;
	if (f->is_begun)
		return 0;
	f->is_begun = 1;
	head.worker = worker;
	head.crc = crc32c(0, &head, offsetof(struct record_head, crc));
	return write_all(f->fd, &head, sizeof(head));
}

/* Rows that have come since into buf; -> how many. */
static size_t
collect(struct row_file *f, const struct log *log)
{
	const struct log_row *row;
	size_t n = 0;

	while (n < WRITE_ROWS && (row = log_next(log, &f->walk))) {
		f->buf[n] = *row;
		f->buf[n].crc = crc32c(0, &f->buf[n], offsetof(struct log_row, crc));
		n++;
	}
	return n;
}

static void
write_rows(struct record *r, const struct log *log, uint32_t worker)
{
	struct row_file *f;
	struct log_walk was;
	size_t n;

	if (worker >= WORKERS_MOST || !atomic_load_explicit(&log->first, memory_order_acquire))
		return;
	f = file_of(r, worker);
	pthread_mutex_lock(&f->lock);
	while (!f->is_dead && (was = f->walk, n = collect(f, log))) {
		int rc = open_rows(r, f, worker);

		if (rc < 0 && f->fd < 0 && (errno == EMFILE || errno == ENFILE)) {
			f->walk = was;	/* the next flush finds one */
			break;
		}
		if (rc < 0 || write_all(f->fd, f->buf, n * sizeof(*f->buf)) < 0) {
			remember(r, errno, "record/%u", worker);
			f->is_dead = 1;
		}
		logs_ended(r->logs, f->buf, n);
	}
	if (f->fd >= 0 && worker >= KEPT_OPEN) {
		close(f->fd);
		f->fd = -1;
	}
	pthread_mutex_unlock(&f->lock);
}

static void
flush(void *self, const struct log *logs, uint32_t nworkers)
{
	struct record *r = self;

	for (uint32_t i = 0; i < nworkers; i++)
		write_rows(r, &logs[i], i);
	logs_trim(r->logs);
}

static void
sync_worker(void *self, const struct log *log, uint32_t worker)
{
	write_rows(self, log, worker);
}

static void
event(void *self, const struct run_event *e)
{
	struct record *r = self;
	int number = 0;

	pthread_mutex_lock(&r->lock);
	if (r->events_fd >= 0) {
		text_clear(&r->line);
		event_write(e, r->graph, &r->line);
		if (write_all(r->events_fd, r->line.at, r->line.n) < 0) {
			number = errno;
			close(r->events_fd);
			r->events_fd = -1;
		}
	}
	pthread_mutex_unlock(&r->lock);
	if (number)
		remember(r, number, "events.log");
}

static int
open_log(void *self, heddle_task t, uint32_t attempt)
{
	return logs_open(((struct record *)self)->logs, t, attempt);
}

/* ---- the folder --------------------------------------------------------- */

/* mkdir -p, 0700. */
static int
make_path(const char *path, struct err *err)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1;; p++) {
		char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0700) < 0 && errno != EEXIST) {
			err_set(err, EXIT_ENV, "%s: cannot be made: %s", copy, strerror(errno));
			free(copy);
			return -1;
		}
		if (!c)
			break;
		*p = c;
	}
	free(copy);
	return 0;
}

static uint32_t
highest_number(const char *store)
{
	uint32_t most = 0;
	struct dirent *e;
	DIR *d = opendir(store);

	if (!d)
		return 0;
	while ((e = readdir(d))) {
		char *end;
		unsigned long n = strtoul(e->d_name, &end, 10);

		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' && !*end && n < UINT32_MAX &&
		    n > most)
			most = (uint32_t)n;
	}
	closedir(d);
	return most;
}

/* The next number is whose mkdir comes first. */
static int
make_folder(struct record *r, const char *store, struct err *err)
{
	char *base = realpath(store, NULL);
	int bad;

	if (!base)
		return err_set(err, EXIT_ENV, "%s: %s", store, strerror(errno));
	r->number = highest_number(base);
	do {
		free(r->dir);
		r->dir = xasprintf("%s/%04u", base, ++r->number);
		bad = mkdir(r->dir, 0700);
	} while (bad && errno == EEXIST && r->number < UINT32_MAX - 1);
	free(base);
	r->dir_fd = bad ? -1 : open(r->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->dir_fd < 0 || mkdirat(r->dir_fd, "record", 0700) < 0 ||
	    mkdirat(r->dir_fd, "logs", 0700) < 0)
		return err_set(err, EXIT_ENV, "%s: cannot be made: %s", r->dir, strerror(errno));
	flock(r->dir_fd, LOCK_EX | LOCK_NB);	/* held for the run's life: past_list looks */
	r->rows_fd = openat(r->dir_fd, "record", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->rows_fd < 0)
		return err_set(err, EXIT_ENV, "%s/record: %s", r->dir, strerror(errno));
	return 0;
}

/* A whole file: written under another name, then renamed. */
static int
publish(struct record *r, const char *name, const void *a, size_t na, const void *b, size_t nb)
{
	char tmp[64];
	int fd;

	snprintf(tmp, sizeof(tmp), "%s.tmp", name);
	fd = openat(r->dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	if (write_all(fd, a, na) < 0 || write_all(fd, b, nb) < 0) {
		int number = errno;

		close(fd);
		unlinkat(r->dir_fd, tmp, 0);
		errno = number;
		return -1;
	}
	close(fd);
	return renameat(r->dir_fd, tmp, r->dir_fd, name);
}

static void
begin_of(struct record_begin *b, const struct record *r, const struct job *job)
{
	memset(b, 0, sizeof(*b));
	b->magic = BEGIN_MAGIC;
	b->version = RECORD_VERSION;
	b->size = sizeof(*b);
	if (job) {
		snprintf(b->job, sizeof(b->job), "%s", job->set.name ? job->set.name : "");
		snprintf(b->scheduler, sizeof(b->scheduler), "%s",
			 job->set.scheduler ? job->set.scheduler : "");
		snprintf(b->executor, sizeof(b->executor), "%s",
			 job->set.executor == EXECUTOR_SYNC ? "sync" : "threads");
	}
	b->workers = r->nworkers;
	b->ntasks = r->graph->csr.ntasks;
	b->pid = getpid();
	b->graph = r->head.graph;
	b->wall_start = r->head.wall_start;
	b->crc = crc32c(0, b, offsetof(struct record_begin, crc));
}

/* job.ini, graph.bin, begin.bin: all that is known before the first task. */
static int
write_plan(struct record *r, const struct job *job, struct err *err)
{
	struct record_begin begin;
	struct text ini = { 0 };
	char *path = xasprintf("%s/graph.bin", r->dir);
	int rc = graph_save(r->graph, path, err);

	free(path);
	if (rc < 0)
		return -1;
	fchmodat(r->dir_fd, "graph.bin", 0600, 0);
	r->head = (struct record_head){
		.magic = RECORD_MAGIC, .version = RECORD_VERSION,
		.row_size = sizeof(struct log_row), .nworkers = r->nworkers,
		.graph = record_digest(r->dir_fd, "graph.bin"), .wall_start = clock_wall(),
	};
	if (job)
		job_write(job, &ini);
	rc = publish(r, "job.ini", ini.at, ini.n, NULL, 0);
	text_fini(&ini);
	begin_of(&begin, r, job);
	if (rc < 0 || publish(r, "begin.bin", &begin, sizeof(begin), NULL, 0) < 0)
		return err_set(err, EXIT_ENV, "%s: cannot be written: %s", r->dir, strerror(errno));
	return 0;
}

int
record_new(struct record **out, const char *store, const struct job *job,
	   const struct graph *g, uint32_t nworkers, uint64_t log_most, struct err *err)
{
	struct record *r;

	*out = NULL;
	if (!store)
		return 0;
	r = xcalloc(1, sizeof(*r));
	r->graph = g;
	r->nworkers = nworkers;
	r->dir_fd = r->rows_fd = r->events_fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	r->file = xcalloc(WORKERS_MOST, sizeof(*r->file));
	if (make_path(store, err) < 0 || make_folder(r, store, err) < 0 ||
	    write_plan(r, job, err) < 0)
		goto fail;
	r->logs = logs_new(r->dir_fd, log_most);
	r->events_fd = openat(r->dir_fd, "events.log", O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
			      O_CLOEXEC | O_NOFOLLOW, 0600);
	if (r->events_fd < 0 || !r->logs) {
		err_set(err, EXIT_ENV, "%s: cannot be written: %s", r->dir, strerror(errno));
		goto fail;
	}
	r->sink = (struct log_sink){ r, flush, sync_worker, event, open_log };
	*out = r;
	return 0;

fail:
	record_free(r);
	return -1;
}

void
record_free(struct record *r)
{
	if (!r)
		return;
	for (uint32_t i = 0; i < WORKERS_MOST; i++) {
		struct row_file *f = atomic_load(&r->file[i]);

		if (!f)
			continue;
		if (f->fd >= 0)
			close(f->fd);
		pthread_mutex_destroy(&f->lock);
		free(f->buf);
		free(f);
	}
	logs_free(r->logs);
	if (r->events_fd >= 0)
		close(r->events_fd);
	if (r->rows_fd >= 0)
		close(r->rows_fd);
	if (r->dir_fd >= 0)
		close(r->dir_fd);
	pthread_mutex_destroy(&r->lock);
	text_fini(&r->line);
	free(r->file);
	free(r->dir);
	free(r);
}

const struct log_sink *
record_sink(struct record *r)
{
	return r ? &r->sink : NULL;
}

uint32_t
record_number(const struct record *r)
{
	return r ? r->number : 0;
}

const char *
record_dir(const struct record *r)
{
	return r ? r->dir : NULL;
}

int
record_close(struct record *r, const struct live_head *live, const char *summary, size_t n,
	     struct err *err)
{
	uint32_t crc;

	if (!r)
		return 0;
	logs_trim(r->logs);
	crc = crc32c(0, live, live->size);
	if (publish(r, "summary.json", summary, n, NULL, 0) < 0)
		remember(r, errno, "summary.json");
	if (publish(r, "live.bin", live, live->size, &crc, sizeof(crc)) < 0)
		remember(r, errno, "live.bin");
	if (!r->failed.code)
		return 0;
	if (err)
		*err = r->failed;
	return -1;
}
