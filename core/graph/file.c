/* SPDX-License-Identifier: MIT */
/* file - a graph written to a file, and mapped back after every number in it was checked. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/array.h"
#include "core/graph/check.h"
#include "core/graph/graph.h"

/*
 * A head, then the arrays as they lie in memory, each at a multiple of 64.
 * Sizes of rows stand in the head, so a file of another layout or machine is
 * refused before anything is read from it.
 */
enum { VERSION = 1, ALIGN = 64 };

static const char magic[8] = { 'h', 'e', 'd', 'd', 'l', 'e', '\n', 'g' };

struct file_array {
	uint64_t at;			/* 0: the array is not there */
	uint64_t n, size;		/* rows, bytes a row */
};

struct file_head {
	char magic[8];
	uint32_t version, head;		/* head: its size */
	uint64_t order;			/* ORDER, as this machine stores it */
	uint64_t size;			/* of the file */
	uint64_t sum;			/* of all behind ROOM */
	uint64_t head_sum;		/* of the head, with this 0 */
	uint64_t nedges, ntext, npars, before_tasks, before_edges;
	uint32_t ntasks, nkernels, ngroups, nnodes, nlinks, nindex, nparts, nmeta;
	uint32_t nshared, has_values, has_resources, pad;
	struct file_array array[GRAPH_ARRAYS];
};

enum {
	ORDER = 0x01020304,
	ROOM = (sizeof(struct file_head) + ALIGN - 1) / ALIGN * ALIGN	/* of the head */
};

/* Eight bytes a step; n is a multiple of 8. */
static uint64_t
add_sum(uint64_t sum, const void *bytes, size_t n)
{
	const char *at = bytes;
	uint64_t word;

	for (size_t i = 0; i + 8 <= n; i += 8) {
		memcpy(&word, at + i, 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
	}
	return sum;
}

static uint64_t
head_sum(const struct file_head *h)
{
	struct file_head copy = *h;

	copy.head_sum = 0;
	return add_sum(1, &copy, sizeof(copy));
}

/* ---- writing ------------------------------------------------------------------ */

struct out {
	int fd;
	uint64_t at, sum;
};

static int
write_all(int fd, const void *bytes, size_t n)
{
	const char *s = bytes;

	while (n) {
		ssize_t put = write(fd, s, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		s += put;
		n -= (size_t)put;
	}
	return 0;
}

/* Bytes, then zeroes up to a multiple of ALIGN. */
static int
put_array(struct out *o, const void *bytes, size_t n)
{
	size_t whole = n / 8 * 8;
	char tail[8 + ALIGN] = { 0 };
	size_t rest = n - whole, fill = (n + ALIGN - 1) / ALIGN * ALIGN - whole;

	if (rest)
		memcpy(tail, (const char *)bytes + whole, rest);
	if (write_all(o->fd, bytes, whole) < 0 || write_all(o->fd, tail, fill) < 0)
		return -1;
	o->sum = add_sum(add_sum(o->sum, bytes, whole), tail, fill);
	o->at += whole + fill;
	return 0;
}

static void
fill_head(struct file_head *h, const struct graph *g)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, magic, sizeof(magic));
	h->version = VERSION;
	h->head = sizeof(*h);
	h->order = ORDER;
	h->nedges = g->nedges;
	h->ntext = g->ntext;
	h->npars = g->npars;
	h->before_tasks = g->before_tasks;
	h->before_edges = g->before_edges;
	h->ntasks = g->csr.ntasks;
	h->nkernels = g->nkernels;
	h->ngroups = g->ngroups;
	h->nnodes = g->nnodes;
	h->nlinks = g->nlinks;
	h->nindex = g->nindex;
	h->nparts = g->nparts;
	h->nmeta = g->nmeta;
	h->nshared = g->nshared;
	h->has_values = g->has_values;
	h->has_resources = g->has_resources;
}

static int
write_graph(struct out *o, const struct graph *g)
{
	struct graph copy = *g;
	struct graph_kernel *kernel = xcalloc(g->nkernels, sizeof(*kernel));
	struct graph_array row[GRAPH_ARRAYS];
	struct file_head h;
	int rc;

	/* kernels are pointers here and nothing there */
	for (uint32_t i = 0; i < g->nkernels; i++) {
		kernel[i] = g->kernel[i];
		kernel[i].def = NULL;
	}
	copy.kernel = kernel;
	graph_arrays(&copy, row);
	fill_head(&h, g);
	o->at = ROOM;
	rc = lseek(o->fd, ROOM, SEEK_SET) < 0 ? -1 : 0;
	for (int i = 0; rc == 0 && i < GRAPH_ARRAYS; i++) {
		h.array[i].n = row[i].n;
		h.array[i].size = row[i].size;
		if (!*row[i].at)
			continue;
		h.array[i].at = o->at;
		rc = put_array(o, *row[i].at, row[i].n * row[i].size);
	}
	h.size = o->at;
	h.sum = o->sum;
	h.head_sum = head_sum(&h);
	if (rc == 0 && pwrite(o->fd, &h, sizeof(h), 0) != sizeof(h))
		rc = -1;
	free(kernel);
	return rc;
}

int
graph_save(const struct graph *g, const char *path, struct err *err)
{
	char *aside = xasprintf("%s.%ld~", path, (long)getpid());
	struct out o = { .fd = open(aside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), .sum = 1 };
	int rc = o.fd < 0 || write_graph(&o, g) < 0 ? -1 : 0, number = errno;

	if (o.fd >= 0 && close(o.fd) < 0 && rc == 0)
		rc = -1, number = errno;
	if (rc == 0 && rename(aside, path) < 0)
		rc = -1, number = errno;
	if (rc < 0)
		err_set(err, EXIT_ENV, "%s: cannot be written: %s", path, strerror(number));
	if (rc < 0 && o.fd >= 0)
		unlink(aside);
	free(aside);
	return rc;
}

/* ---- mapping back -------------------------------------------------------------- */

static int
check_head(const struct file_head *h, uint64_t size, const char *path, struct err *err)
{
	if (size < sizeof(h->magic) || memcmp(h->magic, magic, sizeof(magic)))
		return err_set(err, EXIT_ENV, "%s: no graph of heddle", path);
	if (size < ROOM)
		return err_set(err, EXIT_ENV, "%s: cut short: %llu bytes, its head alone has %zu",
			       path, (unsigned long long)size, (size_t)ROOM);
	if (h->version != VERSION)
		return err_set(err, EXIT_ENV, "%s: a graph of version %u; this heddle reads version %d",
			       path, h->version, VERSION);
	if (h->order != ORDER || h->head != sizeof(*h))
		return err_set(err, EXIT_ENV, "%s: a graph of another machine", path);
	if (h->head_sum != head_sum(h))
		return err_set(err, EXIT_ENV, "%s: damaged: its head does not add up", path);
	if (h->size != size)
		return err_set(err, EXIT_ENV, "%s: cut short: %llu bytes of %llu", path,
			       (unsigned long long)size, (unsigned long long)h->size);
	if (h->sum != add_sum(1, (const char *)h + ROOM, size - ROOM))
		return err_set(err, EXIT_ENV, "%s: damaged: it does not add up", path);
	return 0;
}

/* Pointers into the mapping; 0 if an array is not where and what it should be. */
static int
set_arrays(struct graph *g, const struct file_head *h)
{
	struct graph_array row[GRAPH_ARRAYS];

	g->csr.size = sizeof(g->csr);
	g->csr.ntasks = h->ntasks;
	g->nedges = h->nedges;
	g->ntext = h->ntext;
	g->npars = h->npars;
	g->before_tasks = h->before_tasks;
	g->before_edges = h->before_edges;
	g->nkernels = h->nkernels;
	g->ngroups = h->ngroups;
	g->nnodes = h->nnodes;
	g->nlinks = h->nlinks;
	g->nindex = h->nindex;
	g->nparts = h->nparts;
	g->nmeta = h->nmeta;
	g->nshared = h->nshared;
	g->has_values = h->has_values;
	g->has_resources = h->has_resources;
	graph_arrays(g, row);
	for (int i = 0; i < GRAPH_ARRAYS; i++) {
		const struct file_array *a = &h->array[i];

		if (a->n != row[i].n || a->size != row[i].size)
			return 0;
		if (!a->at && row[i].is_optional)
			continue;
		if (a->at < ROOM || a->at % ALIGN || a->at > h->size ||
		    a->n > (h->size - a->at) / a->size)
			return 0;
		*row[i].at = (char *)g->map + a->at;
	}
	return 1;
}

static int
map_file(struct graph *g, int fd, const char *path, struct err *err)
{
	struct stat st;
	const char *wrong;

	if (fstat(fd, &st) < 0)
		return err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || !st.st_size)
		return err_set(err, EXIT_ENV, "%s: no graph of heddle", path);
	g->nmap = (size_t)st.st_size;
	g->map = mmap(NULL, g->nmap, PROT_READ, MAP_PRIVATE, fd, 0);
	if (g->map == MAP_FAILED) {
		g->map = NULL;
		return err_set(err, EXIT_ENV, "%s: cannot be mapped: %s", path, strerror(errno));
	}
	if (check_head(g->map, g->nmap, path, err) < 0)
		return -1;
	if (!set_arrays(g, g->map))
		return err_set(err, EXIT_ENV, "%s: damaged: its arrays are not where they should be", path);
	wrong = graph_check(g);
	if (wrong)
		return err_set(err, EXIT_ENV, "%s: damaged: %s", path, wrong);
	return 0;
}

int
graph_map(struct graph **out, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct graph *g;

	if (fd < 0)
		return err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno));
	g = xcalloc(1, sizeof(*g));
	rc = map_file(g, fd, path, err);
	close(fd);
	if (rc == 0) {
		*out = g;
		return 0;
	}
	if (g->map)
		munmap(g->map, g->nmap);
	free(g);
	return -1;
}
