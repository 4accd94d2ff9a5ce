/* SPDX-License-Identifier: MIT */
/* rows - a worker's rows by number, whether they lie in chunks or in an array. */

#ifndef CORE_RECORD_ROWS_H
#define CORE_RECORD_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "core/run/log.h"

/*
 * Chunks of one log hold equally many rows, so row i is found in O(1).  What
 * the rows lie in is borrowed.  rows_update takes in what has come since; n
 * never shrinks.  One thread; the log's owner may append meanwhile.
 */
struct rows {
	const struct log *log;			/* NULL: an array */
	const struct log_row *array;
	uint64_t n;
	const struct log_chunk **chunk;
	size_t nchunks, capchunks;
};

void rows_of_log(struct rows *, const struct log *);
void rows_of_array(struct rows *, const struct log_row *, uint64_t n);
void rows_update(struct rows *);
void rows_fini(struct rows *);

static inline const struct log_row *
rows_at(const struct rows *r, uint64_t i)
{
	uint32_t cap;

	if (!r->log)
		return r->array + i;
	cap = r->chunk[0]->cap;
	return &r->chunk[i / cap]->row[i % cap];
}

/* The first row that ends after t; n: none does.  O(log n). */
uint64_t rows_after(const struct rows *, uint64_t t);

/* The same among rows from `from` on; near ones are found at once. */
uint64_t rows_after_from(const struct rows *, uint64_t from, uint64_t t);

/* The first row that starts at t or later; n: none does. */
uint64_t rows_from(const struct rows *, uint64_t t);

#endif
