/* SPDX-License-Identifier: MIT */
/* bag - what the files of bag.so share: how values are laid out, and rows of counts. */

#ifndef BAG_BAG_H
#define BAG_BAG_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <heddle.h>

/*
 * The kinds, as other plugins may read and write them:
 *
 *	text		bytes of whole lines, each ended by a newline; any
 *			other byte may stand in a line, NUL too
 *	bag.items	items, one behind the other: length, bytes
 *	bag.pairs	rows, one behind the other: count, length, bytes; an
 *			item has one row a part
 *
 * A length or count is LEB128: 7 bits a byte, lowest first, the top bit set
 * where another byte follows; at most 10 bytes.  Nothing is aligned, nothing
 * ends a value but its size.  A part without lines, items or rows is 0 bytes.
 * Meta: repeat (how many times the input is read); of bag.read also files,
 * bytes and chunk.
 */
enum { LEB_MAX = 10 };

struct item {
	const unsigned char *at;
	size_t n;
};

static inline unsigned char *
leb_put(unsigned char *to, uint64_t v)
{
	while (v >= 0x80) {
		*to++ = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	*to++ = (unsigned char)v;
	return to;
}

/* Reads a number at *at and steps over it.  -1: there is none before end. */
static inline int
leb_get(const unsigned char **at, const unsigned char *end, uint64_t *v)
{
	const unsigned char *p = *at;
	unsigned shift = 0;

	*v = 0;
	while (p < end && shift < 64) {
		*v |= (uint64_t)(*p & 0x7f) << shift;
		shift += 7;
		if (!(*p++ & 0x80)) {
			*at = p;
			return 0;
		}
	}
	return -1;
}

/* Reads an item at *at and steps over it.  -1: it is cut short. */
static inline int
item_get(const unsigned char **at, const unsigned char *end, struct item *item)
{
	uint64_t n;

	if (leb_get(at, end, &n) < 0 || n > (size_t)(end - *at))
		return -1;
	item->at = *at;
	item->n = (size_t)n;
	*at += n;
	return 0;
}

/* The item counted; at borrows from an input. */
struct row {
	uint64_t a, b;		/* with n the whole item up to 16 bytes, else a digest */
	struct item item;
	uint64_t count;
};

/* Rows by item, in the order of first coming.  Zero-initialise. */
struct rows {
	struct row *row;
	size_t n, cap;
	uint64_t *slot;		/* top half: of the hash; low half: row + 1; 0: free */
	size_t mask;		/* slots - 1; 0: none yet */
};

/* Count an item, or so many of it.  -1: out of memory. */
int rows_add(struct rows *, struct item, uint64_t count);
/* All rows of a bag.pairs value.  -1: out of memory, or (broken) it is none. */
int rows_add_pairs(struct rows *, struct heddle_bytes, int *is_broken);
void rows_fini(struct rows *);

/* Put the best n to the front, in order: most first, equal counts by bytes. */
void rows_best(struct row *, size_t nrows, size_t n);

/* Write the first n rows as the call's value.  0 or -1 after fail(). */
int rows_out(const struct heddle_call *, const struct row *, size_t n);

/* fail() with a formatted sentence; -1. */
int bag_fail(const struct heddle_call *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int bag_refuse(const struct heddle_plan *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Called for every item: now and then it asks whether to end early.  -1 after
 * fail().  Start *n at 0. */
static inline int
bag_tick(const struct heddle_call *call, uint32_t *n)
{
	return (++*n & 0xffff) || !call->stop(call->self) ? 0 : bag_fail(call, "stopped");
}

/* One task a part of the first input, given as kind; meta goes along. */
int bag_each(const struct heddle_plan *, const char *kernel, struct heddle_bytes par,
	     const char *kind);
/* Hand on what the input says of itself. */
int bag_meta(const struct heddle_plan *);

int read_plan(const struct heddle_plan *);
int read_run(const struct heddle_call *);
int lines_plan(const struct heddle_plan *);
int lines_run(const struct heddle_call *);
int words_plan(const struct heddle_plan *);
int words_run(const struct heddle_call *);
int filter_plan(const struct heddle_plan *);
int filter_text_run(const struct heddle_call *);
int filter_items_run(const struct heddle_call *);
int count_plan(const struct heddle_plan *);
int count_run(const struct heddle_call *);
int merge_run(const struct heddle_call *);
int top_plan(const struct heddle_plan *);
int top_run(const struct heddle_call *);

int text_show(const struct heddle_node *, const struct heddle_bytes *, const struct heddle_show *);
int items_show(const struct heddle_node *, const struct heddle_bytes *, const struct heddle_show *);
int pairs_show(const struct heddle_node *, const struct heddle_bytes *, const struct heddle_show *);

extern const struct heddle_option read_options[], words_options[], filter_options[],
	count_options[], top_options[];

#endif
