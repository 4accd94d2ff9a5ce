/* SPDX-License-Identifier: MIT */
/* read - files become chunks of whole lines. */

/*
 * A file is cut every chunk bytes; a cut's lines are those that start in it,
 * so a line belongs to one cut whatever the cuts are.  Cuts are packed into a
 * task, in the order of the files, as long as they are no more than chunk
 * bytes together: a thousand small files are few tasks, and the tail of a
 * large file shares one with what comes behind it.
 *
 * Planning asks for sizes and times, never for contents.  The task asks again
 * before and after it reads, and fails where the answer is another.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bag.h"

enum { PATH, CHUNK, REPEAT, UNREADABLE };
enum { FAIL, SKIP };

const struct heddle_option read_options[] = {
	{ .size = sizeof(read_options[0]), .type = HEDDLE_PATH,
	  .flags = HEDDLE_REQUIRED | HEDDLE_LIST, .name = "path", .about = "files to read" },
	{ .size = sizeof(read_options[0]), .type = HEDDLE_SIZE, .name = "chunk", .fallback = "1M",
	  .min = 1, .max = 0x1p40, .about = "bytes a task reads; lines stay whole" },
	{ .size = sizeof(read_options[0]), .type = HEDDLE_COUNT, .name = "repeat", .fallback = "1",
	  .min = 1, .max = 1e9, .about = "read all files so many times" },
	{ .size = sizeof(read_options[0]), .type = HEDDLE_CHOICE, .name = "unreadable",
	  .fallback = "fail", .words = "fail|skip",
	  .about = "what to do with a path that is no file one may read" },
	{ .size = sizeof(read_options[0]) }
};

struct file {
	const char *path;
	uint64_t size;
	int64_t mtime;		/* ns */
};

/* A cut of a file, as it stands in a task's parameters, packed; the path
 * follows, its NUL included. */
struct cut {
	uint64_t from, n;	/* lines that start in [from, from + n) */
	uint64_t size;		/* of the file, when it was planned */
	int64_t mtime;
	uint64_t npath;		/* with its NUL */
};

/* The parameters of the next task, in the making. */
struct pack {
	unsigned char *at;
	size_t n, cap;
	uint64_t bytes;		/* of text in it */
	size_t ncuts;
};

struct plan {
	const struct heddle_plan *host;
	uint64_t chunk;
	struct file *file;
	size_t nfiles;
	struct pack pack;
	heddle_task *part;
	size_t nparts, capparts;
};

static int64_t
mtime(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Why a path cannot be read, or NULL and what is known of it. */
static const char *
look(const char *path, struct file *file)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a folder; expected a file";
	if (!S_ISREG(st.st_mode))
		return "is no regular file; expected one";
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0)
		return strerror(errno);
	*file = (struct file){ path, (uint64_t)st.st_size, mtime(&st) };
	return NULL;
}

static int
look_all(struct plan *p, const struct heddle_arg *path, int skip)
{
	const char *why;

	p->file = malloc((path->n + 1) * sizeof(*p->file));
	if (!p->file)
		return bag_refuse(p->host, "out of memory");
	for (uint32_t i = 0; i < path->n; i++) {
		why = look(path->v[i].s, &p->file[p->nfiles]);
		if (!why)
			p->nfiles++;
		else if (!skip)
			return bag_refuse(p->host, "path: %s: %s", path->v[i].s, why);
	}
	if (!p->nfiles)
		return bag_refuse(p->host, "path: none of %" PRIu32 " can be read", path->n);
	return 0;
}

/* The pack becomes a task. */
static int
flush(struct plan *p)
{
	struct heddle_bytes par = { p->pack.at, p->pack.n };
	heddle_task *part;
	size_t cap;

	if (p->nparts == p->capparts) {
		cap = p->capparts ? 2 * p->capparts : 64;
		part = realloc(p->part, cap * sizeof(*part));
		if (!part)
			return bag_refuse(p->host, "out of memory");
		p->part = part;
		p->capparts = cap;
	}
	p->part[p->nparts] = p->host->emit(p->host->self, "read", par, NULL, 0);
	if (p->part[p->nparts] == HEDDLE_NONE)
		return -1;
	p->nparts++;
	p->pack.n = p->pack.bytes = p->pack.ncuts = 0;
	return 0;
}

static int
add(struct plan *p, const struct file *f, uint64_t from, uint64_t n)
{
	struct cut cut = { from, n, f->size, f->mtime, strlen(f->path) + 1 };
	struct pack *pack = &p->pack;
	size_t want = pack->n + sizeof(cut) + cut.npath;
	unsigned char *at;

	if (want > pack->cap) {
		at = realloc(pack->at, 2 * want);
		if (!at)
			return bag_refuse(p->host, "out of memory");
		pack->at = at;
		pack->cap = 2 * want;
	}
	memcpy(pack->at + pack->n, &cut, sizeof(cut));
	memcpy(pack->at + pack->n + sizeof(cut), f->path, cut.npath);
	pack->n = want;
	pack->bytes += n;
	pack->ncuts++;
	return 0;
}

/* All files once. */
static int
pass(struct plan *p)
{
	uint64_t n;

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file *f = &p->file[i];

		for (uint64_t from = 0; !from || from < f->size; from += p->chunk) {
			n = f->size - from < p->chunk ? f->size - from : p->chunk;
			if (p->pack.ncuts && p->pack.bytes + n > p->chunk && flush(p) < 0)
				return -1;
			if (add(p, f, from, n) < 0)
				return -1;
		}
	}
	return flush(p);
}

static int
meta(const struct heddle_plan *host, const char *key, uint64_t v)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, v);
	return host->meta(host->self, key, text);
}

static int
give(struct plan *p, uint64_t repeat)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < p->nfiles; i++)
		bytes += p->file[i].size;
	if (p->host->give(p->host->self, "text", p->part, (uint32_t)p->nparts) < 0 ||
	    meta(p->host, "files", p->nfiles) < 0 || meta(p->host, "bytes", bytes) < 0 ||
	    meta(p->host, "chunk", p->chunk) < 0 || meta(p->host, "repeat", repeat) < 0)
		return -1;
	return 0;
}

/* More tasks than a graph can number are refused before the first is made. */
static int
check_number(const struct plan *p, uint64_t repeat)
{
	double tasks = 0;

	for (size_t i = 0; i < p->nfiles; i++)
		tasks += (double)(p->file[i].size / p->chunk);
	if (tasks * (double)repeat < HEDDLE_NONE)
		return 0;
	return bag_refuse(p->host, "%.3g chunks are more than a graph can hold; "
			  "expected a larger chunk or a smaller repeat", tasks * (double)repeat);
}

int
read_plan(const struct heddle_plan *host)
{
	struct plan p = { .host = host, .chunk = (uint64_t)host->arg[CHUNK].v->i };
	uint64_t repeat = (uint64_t)host->arg[REPEAT].v->i;
	int rc = -1;

	if (look_all(&p, &host->arg[PATH], host->arg[UNREADABLE].v->i == SKIP) < 0 ||
	    check_number(&p, repeat) < 0)
		goto fail;
	for (uint64_t i = 0; i < repeat; i++)
		if (pass(&p) < 0)
			goto fail;
	rc = give(&p, repeat);
fail:
	free(p.file);
	free(p.pack.at);
	free(p.part);
	return rc;
}

/* ---- the task ----------------------------------------------------------- */

enum { BLOCK = 1 << 22 };	/* bytes between two looks at stop() */

/* The value in the making. */
struct value {
	const struct heddle_call *call;
	unsigned char *at;
	size_t n, cap;
	uint64_t expect;	/* bytes the task was planned to read */
};

struct source {
	const char *path;
	struct cut cut;
	int fd;
};

static int
changed(const struct heddle_call *call, const struct source *s)
{
	return bag_fail(call, "%s changed since it was planned", s->path);
}

static int
check_file(const struct heddle_call *call, const struct source *s)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return bag_fail(call, "%s: %s", s->path, strerror(errno));
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != s->cut.size ||
	    mtime(&st) != s->cut.mtime)
		return changed(call, s);
	return 0;
}

/* Exactly n bytes at a place of the file. */
static int
get(const struct heddle_call *call, const struct source *s, void *to, size_t n, uint64_t at)
{
	ssize_t got;

	while (n) {
		got = pread(s->fd, to, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return bag_fail(call, "%s: %s", s->path, strerror(errno));
		if (!got)
			return changed(call, s);
		to = (char *)to + got;
		n -= (size_t)got;
		at += (uint64_t)got;
	}
	return 0;
}

/* The first line start in [at, end); end if there is none. */
static int
line_start(const struct heddle_call *call, const struct source *s, uint64_t at, uint64_t end,
	   uint64_t *start)
{
	char buf[16384];
	size_t n, step = 256;
	const char *nl;

	*start = at;
	if (!at)
		return 0;
	for (at--; at + 1 < end; at += n) {	/* behind a newline at at */
		n = end - 1 - at < step ? (size_t)(end - 1 - at) : step;
		if (call->stop(call->self))
			return bag_fail(call, "stopped");
		if (get(call, s, buf, n, at) < 0)
			return -1;
		nl = memchr(buf, '\n', n);
		if (nl) {
			*start = at + (uint64_t)(nl - buf) + 1;
			return 0;
		}
		step = sizeof(buf);
	}
	*start = end;
	return 0;
}

static int
room(struct value *v, size_t more)
{
	if (v->n + more <= v->cap)
		return 0;
	v->cap = v->n + more + (v->n ? v->n / 8 : 0);
	v->at = v->call->out(v->call->self, v->cap);
	return v->at ? 0 : bag_fail(v->call, "out of memory");
}

/* Bytes [from, end) of the file, which end a line or the file. */
static int
copy(struct value *v, const struct source *s, uint64_t from, uint64_t end)
{
	size_t n;

	if (room(v, (size_t)(end - from) + 1) < 0)
		return -1;
	for (; from < end; from += n) {
		n = end - from < BLOCK ? (size_t)(end - from) : BLOCK;
		if (v->call->stop(v->call->self))
			return bag_fail(v->call, "stopped");
		if (get(v->call, s, v->at + v->n, n, from) < 0)
			return -1;
		v->n += n;
		if (v->n < v->expect)
			v->call->progress(v->call->self, (double)v->n / (double)v->expect);
	}
	if (v->at[v->n - 1] != '\n')
		v->at[v->n++] = '\n';
	return 0;
}

/* Files of /proc say 0 bytes and have some. */
static int
check_empty(const struct heddle_call *call, const struct source *s)
{
	char c;

	if (s->cut.size || pread(s->fd, &c, 1, 0) <= 0)
		return 0;
	return bag_fail(call, "%s: says it has 0 bytes, but has some; expected a file on a disk",
			s->path);
}

static int
read_cut(struct value *v, struct source *s)
{
	uint64_t end = s->cut.from + s->cut.n, from;

	s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0)
		return bag_fail(v->call, "%s: %s", s->path, strerror(errno));
	if (check_file(v->call, s) < 0 || check_empty(v->call, s) < 0 ||
	    line_start(v->call, s, s->cut.from, end, &from) < 0)
		goto fail;
	if (from < end && (line_start(v->call, s, end, s->cut.size, &end) < 0 ||
			   copy(v, s, from, end) < 0))
		goto fail;
	if (check_file(v->call, s) < 0)
		goto fail;
	close(s->fd);
	return 0;
fail:
	close(s->fd);
	return -1;
}

/* The next cut of a task's parameters; 0: there is none. */
static int
next_cut(const struct heddle_bytes *par, size_t *at, struct source *s)
{
	if (*at + sizeof(s->cut) > par->n)
		return 0;
	memcpy(&s->cut, (const char *)par->at + *at, sizeof(s->cut));
	s->path = (const char *)par->at + *at + sizeof(s->cut);
	*at += sizeof(s->cut) + s->cut.npath;
	return 1;
}

int
read_run(const struct heddle_call *call)
{
	struct value v = { .call = call };
	struct source s;
	size_t ncuts = 0, at;

	for (at = 0; next_cut(&call->par, &at, &s); ncuts++)
		v.expect += s.cut.n;
	if (v.expect && room(&v, (size_t)v.expect + ncuts + 256) < 0)
		return -1;
	for (at = 0; next_cut(&call->par, &at, &s);)
		if (read_cut(&v, &s) < 0)
			return -1;
	if (v.cap && !call->out(call->self, v.n))
		return bag_fail(call, "out of memory");
	return 0;
}
