/* SPDX-License-Identifier: MIT */
/* past - a run read back from its folder. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/crc32c.h"
#include "core/record/events.h"
#include "core/record/layout.h"
#include "core/record/prefix.h"
#include "core/record/record.h"

/* What a past points into. */
struct keep {
	int dir_fd, live_fd;
	struct prefix *file;		/* [worker] */
	struct log_row **rows;
	uint64_t *nrows;
	size_t nevents, capevents;
};

/* Events are rare; a file beyond this is read so far. */
enum { EVENTS_MOST = 256 << 20, WORKERS_MOST = 65536 };

uint64_t
record_digest(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	unsigned char *buf;
	uint64_t size = 0;
	uint32_t crc = 0;
	ssize_t n;

	if (fd < 0)
		return 0;
	buf = xmalloc(64 << 10);
	while ((n = read(fd, buf, 64 << 10)) > 0) {
		crc = crc32c(crc, buf, (size_t)n);
		size += (uint64_t)n;
	}
	free(buf);
	close(fd);
	return n < 0 ? 0 : (uint64_t)crc << 32 | (uint32_t)size;
}

/* ---- the parts ---------------------------------------------------------- */

static int
read_begin(int dir, struct record_begin *b)
{
	int fd = openat(dir, "begin.bin", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, b, sizeof(*b));

	if (fd >= 0)
		close(fd);
	if (n != sizeof(*b) || b->magic != BEGIN_MAGIC || b->version != RECORD_VERSION ||
	    b->size != sizeof(*b) || b->crc != crc32c(0, b, offsetof(struct record_begin, crc)) ||
	    b->workers > WORKERS_MOST)
		return -1;
	b->job[LIVE_NAME - 1] = b->scheduler[LIVE_NAME - 1] = b->executor[LIVE_NAME - 1] = '\0';
	return 0;
}

static int
map_graph(struct past *p, const struct record_begin *b, struct err *err)
{
	char *path = xasprintf("%s/graph.bin", p->dir);
	int rc = 0;

	if (b->graph != record_digest(((struct keep *)p->keep)->dir_fd, "graph.bin"))
		rc = err_set(err, EXIT_ENV, "%s: damaged, or not the graph of this record", path);
	else
		rc = graph_map(&p->graph, path, err);
	free(path);
	return rc;
}

/* As many workers as there may be rows of: those at the beginning, and those
 * that came later. */
static uint32_t
count_workers(int dir_fd, uint32_t begun)
{
	int fd = openat(dir_fd, "record", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char *end;
		unsigned long n = strtoul(e->d_name, &end, 10);

		if (e->d_name[0] >= '0' && e->d_name[0] <= '9' && !*end && n < WORKERS_MOST &&
		    n >= begun)
			begun = (uint32_t)n + 1;
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return begun;
}

/* live.bin into a block of this graph; -1: there is none, or it is damaged. */
static int
read_live(struct past *p)
{
	struct keep *k = p->keep;
	struct live_head lay;
	uint32_t crc;
	int fd = openat(k->dir_fd, "live.bin", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int rc = -1;

	if (fd < 0)
		return -1;
	if (prefix_read(fd, 0, &lay, sizeof(lay)) != sizeof(lay) ||
	    lay.nworkers < p->nworkers || lay.nworkers > WORKERS_MOST ||
	    live_new(&p->live, &k->live_fd, p->graph, lay.nworkers) < 0) {
		close(fd);
		return -1;
	}
	lay = *p->live;
	if (prefix_read(fd, 0, p->live, lay.size) == lay.size &&
	    prefix_read(fd, lay.size, &crc, sizeof(crc)) == sizeof(crc) &&
	    crc == crc32c(0, p->live, lay.size) && p->live->magic == LIVE_MAGIC &&
	    p->live->version == LIVE_VERSION && p->live->size == lay.size &&
	    p->live->nworkers == lay.nworkers && p->live->ngroups == lay.ngroups &&
	    p->live->ntasks == lay.ntasks && p->live->words_at == lay.words_at &&
	    p->live->counts_at == lay.counts_at && p->live->rare_at == lay.rare_at &&
	    p->live->workers_at == lay.workers_at && p->live->end)
		rc = 0;
	close(fd);
	return rc;
}

static void
read_events(struct past *p)
{
	struct keep *k = p->keep;
	int fd = openat(k->dir_fd, "events.log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	size_t size;
	char *text, *line, *end;

	if (fd < 0)
		return;
	size = fstat(fd, &st) < 0 ? 0 : st.st_size > EVENTS_MOST ? EVENTS_MOST : (size_t)st.st_size;
	text = xmalloc(size + 1);
	size = prefix_read(fd, 0, text, size);
	close(fd);
	for (line = text; (end = memchr(line, '\n', size - (size_t)(line - text))); line = end + 1) {
		struct run_event e;

		if (event_read(&e, line, (size_t)(end - line)) < 0)
			break;		/* damaged from here on */
		*XADD(&p->event, &k->nevents, &k->capevents) = e;
	}
	p->nevents = (uint32_t)k->nevents;
	free(text);
}

static void
read_rows(struct past *p, const struct record_begin *b)
{
	struct keep *k = p->keep;
	struct record_head want = {
		.nworkers = b->workers, .graph = b->graph, .wall_start = b->wall_start
	};

	k->file = xcalloc(p->nworkers, sizeof(*k->file));
	k->rows = xcalloc(p->nworkers, sizeof(*k->rows));
	k->nrows = xcalloc(p->nworkers, sizeof(*k->nrows));
	for (uint32_t i = 0; i < p->nworkers; i++) {
		want.worker = i;
		p->ndropped += prefix_open(&k->file[i], k->dir_fd, &want, p->graph->csr.ntasks);
	}
	p->ndropped += prefix_close_under(k->file, p->nworkers, p->graph);
	for (uint32_t i = 0; i < p->nworkers; i++) {
		k->rows[i] = k->file[i].row;
		k->nrows[i] = k->file[i].n;
	}
	p->rows = k->rows;
	p->nrows = k->nrows;
}

/* ---- the whole ---------------------------------------------------------- */

static struct past *
past_new(char *dir)
{
	const char *slash = strrchr(dir, '/');
	struct past *p = xcalloc(1, sizeof(*p));
	struct keep *k = xcalloc(1, sizeof(*k));

	k->live_fd = k->dir_fd = -1;
	p->keep = k;
	p->dir = dir;
	p->number = (uint32_t)strtoul(slash ? slash + 1 : dir, NULL, 10);
	return p;
}

static int
past_read(struct past *p, struct err *err)
{
	struct keep *k = p->keep;
	struct record_begin b;

	k->dir_fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->dir_fd < 0)
		return err_set(err, errno == ENOENT || errno == ENOTDIR ? EXIT_USAGE : EXIT_ENV,
			       "%s: no such run: %s", p->dir, strerror(errno));
	if (read_begin(k->dir_fd, &b) < 0)
		return err_set(err, EXIT_ENV, "%s: no record of a run (begin.bin is missing, damaged or of another version)",
			       p->dir);
	if (map_graph(p, &b, err) < 0)
		return -1;
	p->nworkers = count_workers(k->dir_fd, b.workers);
	read_rows(p, &b);
	read_events(p);
	if (read_live(p) == 0)
		return 0;
	/* what is in the block now may be anything */
	live_free(p->live, k->live_fd);
	p->live = NULL;
	if (live_new(&p->live, &k->live_fd, p->graph, p->nworkers) < 0)
		return err_set(err, EXIT_ENV, "%s: %s", p->dir, strerror(errno));
	p->was_cut = 1;
	past_rebuild(p, &b);
	return 0;
}

int
past_open_dir(struct past **out, const char *dir, struct err *err)
{
	char *real = realpath(dir, NULL);
	struct past *p = past_new(real ? real : xstrdup(dir));

	if (past_read(p, err) < 0) {
		past_free(p);
		return -1;
	}
	*out = p;
	return 0;
}

int
past_open(struct past **out, const char *store, uint32_t number, struct err *err)
{
	char *dir = xasprintf("%s/%04u", store, number);
	int rc;

	if (access(dir, F_OK) < 0)
		rc = err_set(err, EXIT_USAGE, "run %u: no such run in %s", number, store);
	else
		rc = past_open_dir(out, dir, err);
	free(dir);
	return rc;
}

void
past_free(struct past *p)
{
	struct keep *k;

	if (!p)
		return;
	k = p->keep;
	for (uint32_t i = 0; i < p->nworkers && k->file; i++)
		prefix_fini(&k->file[i]);
	for (uint32_t i = 0; i < p->nevents; i++)
		free(p->event[i].text);
	live_free(p->live, k->live_fd);
	graph_free(p->graph);
	if (k->dir_fd >= 0)
		close(k->dir_fd);
	free(k->file);
	free(k->rows);
	free(k->nrows);
	free(k);
	free(p->event);
	free(p->dir);
	free(p);
}

char *
past_log_path(const char *dir, const struct graph *g, heddle_task t, uint32_t attempt)
{
	uint32_t best = attempt;
	struct dirent *e;
	char *path;
	DIR *d;

	if (t >= g->csr.ntasks)
		return NULL;
	path = xasprintf("%s/logs", dir);
	d = opendir(path);
	free(path);
	if (!d)
		return NULL;
	while (!attempt && (e = readdir(d))) {
		unsigned task, n;
		int all = 0;

		if (sscanf(e->d_name, "%u.%u%n", &task, &n, &all) == 2 && !e->d_name[all] &&
		    task == t && n > best)
			best = n;
	}
	closedir(d);
	path = xasprintf("%s/logs/%u.%u", dir, t, best);
	if (!best || access(path, F_OK) < 0) {
		free(path);
		return NULL;
	}
	return path;
}
