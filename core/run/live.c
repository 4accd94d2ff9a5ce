/* SPDX-License-Identifier: MIT */
/* live - all of a run's now, in one block without pointers that anyone may map and read. */

#include "core/run/live.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/graph/graph.h"

const char *const task_state_names[TASK_STATES] = {
	[TASK_BLOCKED] = "blocked", [TASK_READY] = "ready",
	[TASK_RUNNING] = "running", [TASK_DONE] = "done",
	[TASK_FAILED] = "failed", [TASK_SKIPPED] = "skipped",
	[TASK_HELD] = "held", [TASK_STOPPED] = "stopped",
};
const char task_state_marks[TASK_STATES + 1] = ".o>#x-o!";

const char *const run_status_names[RUN_STATES] = {
	[RUN_PLANNED] = "planned", [RUN_RUNNING] = "running",
	[RUN_PAUSED] = "paused", [RUN_STOPPING] = "stopping",
	[RUN_OK] = "ok", [RUN_FAILED] = "failed", [RUN_STOPPED] = "stopped",
	[RUN_STUCK] = "stuck",
};

enum task_state
task_state_of(uint32_t word)
{
	static const enum task_state of[16] = {
		[WORD_RUNNING] = TASK_RUNNING, [WORD_DONE] = TASK_DONE,
		[WORD_FAILED] = TASK_FAILED, [WORD_SKIPPED] = TASK_SKIPPED,
		[WORD_HELD] = TASK_HELD, [WORD_STOPPED] = TASK_STOPPED,
	};

	if (!word)
		return TASK_READY;
	return of[word_state(word)];
}

static uint64_t
line_up(uint64_t at)
{
	return (at + 127) & ~127ull;
}

/* Where everything lies, from the three counts; also what a reader checks. */
static void
lay_out(struct live_head *h, uint32_t nworkers, uint32_t ngroups, uint32_t ntasks)
{
	h->nworkers = nworkers;
	h->ngroups = ngroups;
	h->ntasks = ntasks;
	h->workers_at = line_up(sizeof(*h));
	h->counts_at = line_up(h->workers_at + (uint64_t)nworkers * sizeof(struct live_worker));
	/* each worker's counters on lines of its own would cost 128 bytes a
	 * worker at most: they are rounded as a whole, groups are contiguous */
	h->rare_at = line_up(h->counts_at +
			     (uint64_t)nworkers * ngroups * sizeof(struct live_count));
	h->words_at = line_up(h->rare_at + (uint64_t)ngroups * sizeof(struct live_rare));
	h->size = line_up(h->words_at + (uint64_t)ntasks * sizeof(uint32_t));
}

int
live_new(struct live_head **out, int *fd, const struct graph *g, uint32_t nworkers)
{
	struct live_head lay = { 0 }, *h;

	lay_out(&lay, nworkers, g->ngroups, g->csr.ntasks);
	*fd = memfd_create("heddle-live", MFD_CLOEXEC);
	if (*fd < 0)
		return -1;
	if (ftruncate(*fd, (off_t)lay.size) < 0)
		goto fail;
	h = mmap(NULL, lay.size, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (h == MAP_FAILED)
		goto fail;
	lay_out(h, nworkers, g->ngroups, g->csr.ntasks);
	h->magic = LIVE_MAGIC;
	h->version = LIVE_VERSION;
	h->head_size = sizeof(*h);
	h->pid = getpid();
	h->nedges = g->nedges;
	*out = h;
	return 0;

fail:
	close(*fd);
	*fd = -1;
	return -1;
}

const struct live_head *
live_map(int fd)
{
	struct live_head lay = { 0 };
	const struct live_head *h;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return NULL;
	errno = EINVAL;
	if (st.st_size < (off_t)sizeof(*h))
		return NULL;
	h = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (h == MAP_FAILED)
		return NULL;
	if (h->magic == LIVE_MAGIC && h->version == LIVE_VERSION &&
	    h->head_size == sizeof(*h)) {
		lay_out(&lay, h->nworkers, h->ngroups, h->ntasks);
		if (lay.size == (uint64_t)st.st_size && h->size == lay.size &&
		    h->workers_at == lay.workers_at && h->counts_at == lay.counts_at &&
		    h->rare_at == lay.rare_at && h->words_at == lay.words_at)
			return h;
	}
	munmap((void *)(uintptr_t)h, (size_t)st.st_size);
	errno = EINVAL;
	return NULL;
}

void
live_free(const struct live_head *h, int fd)
{
	if (h)
		munmap((void *)(uintptr_t)h, h->size);
	if (fd >= 0)
		close(fd);
}

/*
 * A sequence lock: seq is odd while bytes are stored.  A byte's release keeps
 * it behind the odd seq, a byte's acquire keeps the second look at seq behind
 * it.  A reader that finds no quiet moment in some tries takes what it has.
 */
void
live_set_scheduler(struct live_head *h, const char *name)
{
	uint32_t seq = atomic_load_explicit(&h->seq, memory_order_relaxed);
	size_t n = strlen(name);

	atomic_store_explicit(&h->seq, seq + 1, memory_order_relaxed);
	for (size_t i = 0; i < LIVE_NAME; i++)
		__atomic_store_n(&h->scheduler[i], i < n && i < LIVE_NAME - 1 ? name[i] : '\0',
				 __ATOMIC_RELEASE);
	atomic_store_explicit(&h->seq, seq + 2, memory_order_release);
}

void
live_scheduler(const struct live_head *h, char out[LIVE_NAME])
{
	for (int again = 0; again < 64; again++) {
		uint32_t seq = atomic_load_explicit(&h->seq, memory_order_acquire);

		for (size_t i = 0; i < LIVE_NAME; i++)
			out[i] = __atomic_load_n(&h->scheduler[i], __ATOMIC_ACQUIRE);
		if (!(seq & 1) && atomic_load_explicit(&h->seq, memory_order_relaxed) == seq)
			break;
	}
	out[LIVE_NAME - 1] = '\0';
}

/* a - b, where sampling can let b run ahead for an instant. */
static uint32_t
less(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

void
live_sums(const struct live_head *h, const struct graph *g, struct live_sum *out)
{
	const struct live_worker *w = live_workers(h);
	const struct live_rare *rare = live_rare(h);

	memset(out, 0, h->ngroups * sizeof(*out));
	/* done holds ended, blocked holds readied until the last loop */
	for (uint32_t i = 0; i < h->nworkers; i++) {
		const struct live_count *c = live_counts(h, i);

		if (!atomic_load_explicit(&w[i].start, memory_order_acquire) && i)
			continue;
		for (uint32_t k = 0; k < h->ngroups; k++)
			out[k].done += atomic_load_explicit(&c[k].ended, memory_order_acquire);
	}
	for (uint32_t i = 0; i < h->nworkers; i++) {
		uint32_t t = atomic_load_explicit(&w[i].task, memory_order_acquire);

		if (t < h->ntasks)
			out[graph_group_of(g, t)].running++;
	}
	for (uint32_t k = 0; k < h->ngroups; k++) {
		out[k].failed = atomic_load_explicit(&rare[k].failed, memory_order_relaxed);
		out[k].skipped = atomic_load_explicit(&rare[k].skipped, memory_order_relaxed);
		out[k].stopped = atomic_load_explicit(&rare[k].stopped, memory_order_relaxed);
		out[k].retried = atomic_load_explicit(&rare[k].retried, memory_order_relaxed);
		out[k].held = atomic_load_explicit(&rare[k].held, memory_order_relaxed);
	}
	for (uint32_t i = 0; i < h->nworkers; i++) {
		const struct live_count *c = live_counts(h, i);

		for (uint32_t k = 0; k < h->ngroups; k++)
			out[k].blocked += atomic_load_explicit(&c[k].readied, memory_order_acquire);
	}
	for (uint32_t k = 0; k < h->ngroups; k++) {
		struct live_sum *s = &out[k];
		uint32_t readied = s->blocked;
		uint32_t ended = less(s->done, atomic_load_explicit(&rare[k].again,
								     memory_order_relaxed));

		s->ready = less(readied, ended + s->running);
		if (s->held > s->ready)
			s->held = s->ready;
		s->ready -= s->held;
		s->done = less(ended, s->failed + s->stopped);
		s->running = less(readied, ended) - s->ready - s->held;
		s->blocked = less(g->group[k].n, readied + s->skipped);
	}
}
