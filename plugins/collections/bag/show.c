/* SPDX-License-Identifier: MIT */
/* show - how text, items and pairs read, as text and as JSON. */

/*
 * Bytes that are no UTF-8 read U+FFFD, one for each longest start of a
 * character that was cut (as Unicode recommends and others do).  In text so
 * do control characters but the tab: a value must not steer a terminal.
 */

#include <inttypes.h>
#include <stdio.h>

#include "bag.h"

static void
put(const struct heddle_show *to, const char *s)
{
	to->put(to->self, s, strlen(s));
}

/*
 * The character at at: how many bytes of it stand there (at least 1), and
 * *is_whole if that is all of it.  Second bytes are what keeps out overlong
 * forms, surrogates and what is above U+10FFFF.
 */
static size_t
character(const unsigned char *at, const unsigned char *end, int *is_whole)
{
	unsigned low = 0x80, high = 0xbf;
	size_t want, n = 1;

	*is_whole = 1;
	if (*at < 0x80)
		return 1;
	want = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
	if (*at < 0xc2 || *at > 0xf4)
		want = 0;
	low = *at == 0xe0 ? 0xa0 : *at == 0xf0 ? 0x90 : low;
	high = *at == 0xed ? 0x9f : *at == 0xf4 ? 0x8f : high;
	for (; n < want && at + n < end && at[n] >= low && at[n] <= high; n++)
		low = 0x80, high = 0xbf;
	*is_whole = n == want;
	return n;
}

static int
is_control(const unsigned char *at, size_t n)
{
	return (n == 1 && ((*at < 0x20 && *at != '\t') || *at == 0x7f)) ||
		(n == 2 && *at == 0xc2 && at[1] < 0xa0);
}

/* A character that may not stand for itself. */
static void
escape(const struct heddle_show *to, const unsigned char *at, int is_whole)
{
	char text[8];

	if (!to->json || !is_whole || *at >= 0x80) {
		put(to, "\xef\xbf\xbd");
	} else if (*at == '"' || *at == '\\') {
		snprintf(text, sizeof(text), "\\%c", *at);
		put(to, text);
	} else {
		snprintf(text, sizeof(text), "\\u%04x", *at);
		put(to, text);
	}
}

static void
put_item(const struct heddle_show *to, struct item item)
{
	const unsigned char *at = item.at, *end = at + item.n, *from = at;
	int is_whole, is_odd;
	size_t n;

	if (to->json)
		put(to, "\"");
	for (; at < end; at += n) {
		n = character(at, end, &is_whole);
		if (to->json)
			is_odd = !is_whole || *at < 0x20 || *at == '"' || *at == '\\';
		else
			is_odd = !is_whole || is_control(at, n);
		if (!is_odd)
			continue;
		to->put(to->self, (const char *)from, (size_t)(at - from));
		escape(to, at, is_whole);
		from = at + n;
	}
	to->put(to->self, (const char *)from, (size_t)(at - from));
	if (to->json)
		put(to, "\"");
}

/* ---- lists of items ------------------------------------------------------ */

/* The next item of a part, by kind; 0: no more; -1: broken. */
typedef int next_item(const unsigned char **at, const unsigned char *end, struct item *);

static int
next_line(const unsigned char **at, const unsigned char *end, struct item *item)
{
	const unsigned char *nl;

	if (*at == end)
		return 0;
	nl = memchr(*at, '\n', (size_t)(end - *at));
	item->at = *at;
	item->n = (size_t)((nl ? nl : end) - *at);
	*at = nl ? nl + 1 : end;
	return 1;
}

static int
next_of_bag(const unsigned char **at, const unsigned char *end, struct item *item)
{
	if (*at == end)
		return 0;
	return item_get(at, end, item) < 0 ? -1 : 1;
}

/* In text what was left out is said; in JSON the list is cut. */
static void
put_rest(const struct heddle_show *to, uint64_t n)
{
	char text[48];

	if (!n || to->json)
		return;
	snprintf(text, sizeof(text), "... and %" PRIu64 " more\n", n);
	put(to, text);
}

static int
list_show(const struct heddle_node *node, const struct heddle_bytes *part,
	  const struct heddle_show *to, next_item *next)
{
	const unsigned char *at, *end;
	struct item item;
	uint64_t n = 0, rest = 0;
	int rc;

	put(to, to->json ? "[" : "");
	for (uint32_t i = 0; i < node->nparts; i++) {
		at = part[i].at;
		end = at + part[i].n;
		while ((rc = next(&at, end, &item)) > 0) {
			if (to->most && n == to->most) {
				rest++;
				continue;
			}
			if (to->json && n)
				put(to, ", ");
			put_item(to, item);
			put(to, to->json ? "" : "\n");
			n++;
		}
		if (rc < 0)
			return -1;
	}
	put(to, to->json ? "]" : "");
	put_rest(to, rest);
	return 0;
}

int
text_show(const struct heddle_node *node, const struct heddle_bytes *part,
	  const struct heddle_show *to)
{
	return list_show(node, part, to, next_line);
}

int
items_show(const struct heddle_node *node, const struct heddle_bytes *part,
	   const struct heddle_show *to)
{
	return list_show(node, part, to, next_of_bag);
}

/* ---- pairs --------------------------------------------------------------- */

static void
put_rows(const struct heddle_show *to, const struct row *row, size_t n)
{
	int width = n ? snprintf(NULL, 0, "%" PRIu64, row[0].count) : 0;
	char text[48];

	put(to, to->json ? "[" : "");
	for (size_t i = 0; i < n; i++) {
		if (to->json) {
			put(to, i ? ", [" : "[");
			put_item(to, row[i].item);
			snprintf(text, sizeof(text), ", %" PRIu64 "]", row[i].count);
			put(to, text);
		} else {
			snprintf(text, sizeof(text), "%*" PRIu64 "  ", width, row[i].count);
			put(to, text);
			put_item(to, row[i].item);
			put(to, "\n");
		}
	}
	put(to, to->json ? "]" : "");
}

int
pairs_show(const struct heddle_node *node, const struct heddle_bytes *part,
	   const struct heddle_show *to)
{
	struct rows rows = { 0 };
	size_t n;
	int is_broken, rc = 0;

	for (uint32_t i = 0; i < node->nparts && !rc; i++)
		rc = rows_add_pairs(&rows, part[i], &is_broken);
	if (!rc) {
		n = to->most && to->most < rows.n ? to->most : rows.n;
		rows_best(rows.row, rows.n, n);
		put_rows(to, rows.row, n);
		put_rest(to, rows.n - n);
	}
	rows_fini(&rows);
	return rc;
}
