/* SPDX-License-Identifier: MIT */
/* digest - sums over blocks of a worker's rows, so that any stretch of its time costs O(log n). */

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/insight/source.h"

static unsigned
class_of(const struct log_row *r)
{
	return r->task != HEDDLE_NONE ? CLASS_RUN_CPU : row_status(r);
}

/* Take in whole blocks that have come: block[i] sums the rows before
 * i * DIGEST_ROWS. */
static const struct digest *
up_to_date(struct view_source *s, uint32_t worker)
{
	const struct rows *rows = &s->rows[worker];
	struct digest *d;

	if (!s->digest)
		s->digest = xcalloc(s->nworkers, sizeof(*s->digest));
	d = &s->digest[worker];
	if (!d->n)
		XADD(&d->block, &d->n, &d->cap);
	while (d->n * DIGEST_ROWS <= rows->n) {
		struct digest_block *b = XADD(&d->block, &d->n, &d->cap);
		uint64_t from = (d->n - 2) * DIGEST_ROWS;

		*b = d->block[d->n - 2];
		for (uint64_t i = from; i < from + DIGEST_ROWS; i++) {
			const struct log_row *r = rows_at(rows, i);

			b->sums[class_of(r)] += r->end - r->start;
			b->ntasks += r->task != HEDDLE_NONE;
		}
	}
	return d;
}

void
digest_until(struct view_source *s, uint32_t worker, uint64_t t, uint64_t from,
	     struct digest_cut *cut)
{
	const struct rows *rows = &s->rows[worker];
	const struct digest *d = up_to_date(s, worker);
	uint64_t n = rows_after_from(rows, from, t);
	const struct digest_block *b = &d->block[n / DIGEST_ROWS];

	cut->row = n;
	cut->ntasks = b->ntasks;
	memcpy(cut->ns, b->sums, sizeof(b->sums));
	for (uint64_t i = n / DIGEST_ROWS * DIGEST_ROWS; i < n; i++) {
		const struct log_row *r = rows_at(rows, i);

		cut->ns[class_of(r)] += r->end - r->start;
		cut->ntasks += r->task != HEDDLE_NONE;
	}
	if (n < rows->n && rows_at(rows, n)->start < t)
		cut->ns[class_of(rows_at(rows, n))] += t - rows_at(rows, n)->start;
}
