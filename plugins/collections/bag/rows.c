/* SPDX-License-Identifier: MIT */
/* rows - items and their counts: a hash table that keeps the order of coming. */

/*
 * Open addressing, at most half full.  An item of up to 16 bytes is held in
 * two words beside its length, so that finding it compares three numbers and
 * touches no text; of a longer one the words are a digest, and its bytes are
 * compared.  Rows stand in the order in which their items first came, which
 * makes a count of chunks in their order equal, byte for byte, however the
 * text was cut and merged.
 */

#include <stdlib.h>

#include "bag.h"

static uint64_t
load(const unsigned char *at)
{
	uint64_t v;

	memcpy(&v, at, 8);
	return v;
}

static uint64_t
load4(const unsigned char *at)
{
	uint32_t v;

	memcpy(&v, at, 4);
	return v;
}

/* Both halves of a 128-bit product: every bit of either depends on all. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
	unsigned __int128 p = (unsigned __int128)a * b;

	return (uint64_t)p ^ (uint64_t)(p >> 64);
}

static const uint64_t salt[3] = {	/* odd, half of the bits set */
	0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3
};

/* Words that overlap: with n they say every byte of up to 16. */
static void
digest(struct row *row)
{
	const unsigned char *at = row->item.at;
	size_t n = row->item.n, i;

	if (n < 4) {
		row->a = n ? (uint64_t)at[0] << 16 | (uint64_t)at[n / 2] << 8 | at[n - 1] : 0;
		row->b = 0;
	} else if (n < 8) {
		row->a = load4(at);
		row->b = load4(at + n - 4);
	} else {
		row->a = load(at);
		row->b = load(at + n - 8);
		for (i = 8; i + 8 < n && n > 16; i += 8)
			row->a = mix(row->a ^ salt[1], load(at + i) ^ salt[2]);
	}
}

static uint64_t
hash(const struct row *row)
{
	return mix(row->a ^ salt[0], mix(row->b ^ salt[1], row->item.n ^ salt[2]));
}

static int
is_same(const struct row *x, const struct row *y)
{
	return x->a == y->a && x->b == y->b && x->item.n == y->item.n &&
		(x->item.n <= 16 || !memcmp(x->item.at, y->item.at, x->item.n));
}

static void
place(struct rows *rows, size_t i)
{
	uint64_t h = hash(&rows->row[i]);
	size_t s = h & rows->mask;

	while (rows->slot[s])
		s = (s + 1) & rows->mask;
	rows->slot[s] = (h >> 32 << 32) | (i + 1);
}

/* Twice the rows, four times as many slots as rows before. */
static int
grow(struct rows *rows)
{
	size_t cap = rows->cap ? 2 * rows->cap : 512;
	struct row *row;
	uint64_t *slot;

	if (cap > UINT32_MAX)
		return -1;
	row = realloc(rows->row, cap * sizeof(*row));
	if (!row)
		return -1;
	rows->row = row;
	slot = calloc(2 * cap, sizeof(*slot));
	if (!slot)
		return -1;
	free(rows->slot);
	rows->slot = slot;
	rows->mask = 2 * cap - 1;
	rows->cap = cap;
	for (size_t i = 0; i < rows->n; i++)
		place(rows, i);
	return 0;
}

int
rows_add(struct rows *rows, struct item item, uint64_t count)
{
	struct row row = { .item = item, .count = count };
	uint64_t h, slot;
	size_t s;

	if (rows->n == rows->cap && grow(rows) < 0)
		return -1;
	digest(&row);
	h = hash(&row);
	for (s = h & rows->mask; (slot = rows->slot[s]); s = (s + 1) & rows->mask) {
		struct row *old = &rows->row[(slot & UINT32_MAX) - 1];

		if (slot >> 32 == h >> 32 && is_same(old, &row)) {
			old->count += count;
			return 0;
		}
	}
	rows->row[rows->n++] = row;
	rows->slot[s] = (h >> 32 << 32) | rows->n;
	return 0;
}

int
rows_add_pairs(struct rows *rows, struct heddle_bytes value, int *is_broken)
{
	const unsigned char *at = value.at, *end = at + value.n;
	struct item item;
	uint64_t count;

	*is_broken = 0;
	while (at < end) {
		if (leb_get(&at, end, &count) < 0 || item_get(&at, end, &item) < 0) {
			*is_broken = 1;
			return -1;
		}
		if (rows_add(rows, item, count) < 0)
			return -1;
	}
	return 0;
}

void
rows_fini(struct rows *rows)
{
	free(rows->row);
	free(rows->slot);
}

/* < 0: x goes before y. */
static int
order(const void *one, const void *other)
{
	const struct row *x = one, *y = other;
	size_t n = x->item.n < y->item.n ? x->item.n : y->item.n;
	int rc;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	rc = n ? memcmp(x->item.at, y->item.at, n) : 0;
	return rc ? rc : (x->item.n > y->item.n) - (x->item.n < y->item.n);
}

static void
swap(struct row *x, struct row *y)
{
	struct row t = *x;

	*x = *y;
	*y = t;
}

/* A heap of n rows, the last in order on top; row i may be out of place. */
static void
sift(struct row *row, size_t n, size_t i)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && order(&row[child + 1], &row[child]) > 0)
			child++;
		if (order(&row[i], &row[child]) >= 0)
			return;
		swap(&row[i], &row[child]);
	}
}

void
rows_best(struct row *row, size_t nrows, size_t n)
{
	if (n < nrows) {
		for (size_t i = n / 2; i-- > 0;)
			sift(row, n, i);
		for (size_t i = n; n && i < nrows; i++) {
			if (order(&row[i], &row[0]) > 0)
				continue;
			swap(&row[i], &row[0]);
			sift(row, n, 0);
		}
		nrows = n;
	}
	if (nrows)
		qsort(row, nrows, sizeof(*row), order);
}

int
rows_out(const struct heddle_call *call, const struct row *row, size_t n)
{
	unsigned char *start, *to;
	size_t most = 0;

	for (size_t i = 0; i < n; i++)
		most += row[i].item.n + 2 * LEB_MAX;
	if (!n)
		return 0;
	to = start = call->out(call->self, most);
	if (!to)
		return bag_fail(call, "out of memory");
	for (size_t i = 0; i < n; i++) {
		to = leb_put(to, row[i].count);
		to = leb_put(to, row[i].item.n);
		memcpy(to, row[i].item.at, row[i].item.n);
		to += row[i].item.n;
	}
	return call->out(call->self, (size_t)(to - start)) ? 0 : bag_fail(call, "out of memory");
}
