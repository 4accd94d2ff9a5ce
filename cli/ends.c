/* SPDX-License-Identifier: MIT */
/* ends - what tasks of a live run have ended since one looked last. */

#include "cli/ends.h"

#include <stdlib.h>

#include "core/base/xalloc.h"
#include "core/run/live.h"
#include "core/run/run.h"

void
ends_init(struct ends *r, struct run *run)
{
	*r = (struct ends){ .run = run };
	r->walk = xcalloc(run_live(run)->nworkers, sizeof(*r->walk));
}

void
ends_fini(struct ends *r)
{
	free(r->walk);
	free(r->at);
}

static uint64_t
count(const struct live_head *h)
{
	const struct live_worker *w = live_workers(h);
	uint64_t n = 0;

	for (uint32_t i = 0; i < h->nworkers; i++)
		n += atomic_load_explicit(&w[i].ntasks, memory_order_relaxed);
	return n;
}

uint64_t
ends_new(const struct ends *r)
{
	return count(run_live(r->run)) - r->seen;
}

static int
by_end(const void *a, const void *b)
{
	const struct end_row *x = a, *y = b;

	return x->row.end < y->row.end ? -1 : x->row.end > y->row.end;
}

void
ends_take(struct ends *r)
{
	const struct log *logs = run_logs(r->run);
	const struct log_row *row;

	r->seen = count(run_live(r->run));
	r->n = 0;
	for (uint32_t w = 0; w < run_live(r->run)->nworkers; w++)
		while ((row = log_next(&logs[w], &r->walk[w])))
			if (row->task != HEDDLE_NONE)
				*XADD(&r->at, &r->n, &r->cap) =
					(struct end_row){ .row = *row, .worker = w };
	if (r->n)
		qsort(r->at, r->n, sizeof(*r->at), by_end);
}

static void
skip(const struct log *log, struct log_walk *at)
{
	const struct log_chunk *c = at->chunk, *next;

	if (!c)
		c = atomic_load_explicit(&log->first, memory_order_acquire);
	if (!c)
		return;
	while ((next = atomic_load_explicit(&c->next, memory_order_acquire)))
		c = next;
	at->chunk = c;
	at->i = atomic_load_explicit(&c->n, memory_order_acquire);
}

void
ends_skip(struct ends *r)
{
	r->seen = count(run_live(r->run));
	r->n = 0;
	for (uint32_t w = 0; w < run_live(r->run)->nworkers; w++)
		skip(&run_logs(r->run)[w], &r->walk[w]);
}
