/* SPDX-License-Identifier: MIT */
/* rows - a worker's rows by number, whether they lie in chunks or in an array. */

#include "core/record/rows.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"

void
rows_of_log(struct rows *r, const struct log *l)
{
	memset(r, 0, sizeof(*r));
	r->log = l;
	rows_update(r);
}

void
rows_of_array(struct rows *r, const struct log_row *row, uint64_t n)
{
	memset(r, 0, sizeof(*r));
	r->array = row;
	r->n = n;
}

void
rows_fini(struct rows *r)
{
	free(r->chunk);
	memset(r, 0, sizeof(*r));
}

void
rows_update(struct rows *r)
{
	const struct log_chunk *c;

	if (!r->log)
		return;
	c = r->nchunks ? r->chunk[r->nchunks - 1] :
	    atomic_load_explicit(&r->log->first, memory_order_acquire);
	if (!c)
		return;
	if (!r->nchunks)
		*XADD(&r->chunk, &r->nchunks, &r->capchunks) = c;
	for (const struct log_chunk *next; (next = atomic_load_explicit(&c->next,
			memory_order_acquire)); c = next)
		*XADD(&r->chunk, &r->nchunks, &r->capchunks) = next;
	r->n = (uint64_t)(r->nchunks - 1) * c->cap +
	       atomic_load_explicit(&c->n, memory_order_acquire);
}

uint64_t
rows_after(const struct rows *r, uint64_t t)
{
	return rows_after_from(r, 0, t);
}

uint64_t
rows_after_from(const struct rows *r, uint64_t from, uint64_t t)
{
	uint64_t lo = from, hi = r->n, step = 1;

	while (lo + step < hi && rows_at(r, lo + step)->end <= t) {
		lo += step + 1;
		step *= 2;
	}
	if (lo + step < hi)
		hi = lo + step;
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (rows_at(r, mid)->end > t)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

uint64_t
rows_from(const struct rows *r, uint64_t t)
{
	uint64_t lo = 0, hi = r->n;

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (rows_at(r, mid)->start >= t)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}
