/* SPDX-License-Identifier: MIT */
/* show - how arrays and numbers read, as text and as JSON. */

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

enum { MOST = 1000 };		/* elements, where nobody says */

static void
put(const struct heddle_show *to, const char *s)
{
	to->put(to->self, s, strlen(s));
}

/* JSON has no word for what is not finite. */
static void
put_number(const struct heddle_show *to, double v)
{
	char text[32];

	if (isfinite(v))
		snprintf(text, sizeof(text), "%.17g", v);
	else if (to->json)
		snprintf(text, sizeof(text), "null");
	else
		snprintf(text, sizeof(text), "%s", isnan(v) ? "nan" : v < 0 ? "-inf" : "inf");
	put(to, text);
}

/* What is too long to be told element by element. */
static void
put_summary(const struct heddle_show *to, const struct shape *s)
{
	char shape[SHAPE_TEXT], text[64];
	uint64_t bytes = shape_size(s) * sizeof(double);

	if (!to->json) {
		snprintf(text, sizeof(text), ", float64, %" PRIu64 " bytes\n", bytes);
		put(to, "array of ");
		put(to, shape_text(shape, s->ndims, s->n));
		put(to, text);
		return;
	}
	put(to, "{\"kind\": \"array\", \"shape\": [");
	for (uint32_t d = 0; d < s->ndims; d++) {
		snprintf(text, sizeof(text), d ? ", %" PRIu64 : "%" PRIu64, s->n[d]);
		put(to, text);
	}
	snprintf(text, sizeof(text), "], \"bytes\": %" PRIu64 "}", bytes);
	put(to, text);
}

/* How many of the innermost dimensions an index is at the start of. */
static uint32_t
zeros(const struct shape *s, const uint64_t *index)
{
	uint32_t n = 0;

	while (n < s->ndims && !index[s->ndims - 1 - n])
		n++;
	return n;
}

/* The next index in row-major order. */
static void
step(const struct shape *s, uint64_t *index)
{
	for (uint32_t d = s->ndims; d-- > 0;) {
		if (++index[d] < s->n[d])
			return;
		index[d] = 0;
	}
}

/* Nested lists; in text a line for each of the innermost. */
static void
put_elements(const struct heddle_show *to, const struct shape *s, const struct heddle_bytes *part)
{
	uint64_t index[DIMS] = { 0 }, n = shape_size(s), p, place;
	uint32_t open;

	for (uint64_t i = 0; i < n; i++) {
		open = zeros(s, index);
		if (i) {
			for (uint32_t d = 0; d < open; d++)
				put(to, "]");
			put(to, !open || to->json ? ", " : ",\n");
		}
		for (uint32_t d = 0; d < open; d++)
			put(to, "[");
		p = shape_find(s, index, &place);
		put_number(to, ((const double *)part[p].at)[place]);
		step(s, index);
	}
	for (uint32_t d = 0; d < s->ndims; d++)
		put(to, "]");
	put(to, to->json ? "" : "\n");
}

/* Does every part hold what the shape says? */
static int
check_parts(const struct heddle_node *node, const struct shape *s, const struct heddle_bytes *part)
{
	for (uint32_t i = 0; i < node->nparts; i++) {
		struct box box = shape_box(s, i);
		uint64_t n = 1;

		for (uint32_t d = 0; d < s->ndims; d++)
			n *= box.n[d];
		if (part[i].n != n * sizeof(double))
			return -1;
	}
	return 0;
}

static int
show(const struct heddle_node *node, const struct heddle_bytes *part, const struct heddle_show *to)
{
	struct shape s;

	if (shape_read(node, &s) < 0 || check_parts(node, &s, part) < 0)
		return -1;
	if (shape_size(&s) > (to->most ? to->most : MOST))
		put_summary(to, &s);
	else
		put_elements(to, &s, part);
	return 0;
}

/* Numbers have a point, whatever the user's locale. */
static int
in_c(int (*what)(const struct heddle_node *, const struct heddle_bytes *,
		 const struct heddle_show *),
     const struct heddle_node *node, const struct heddle_bytes *part, const struct heddle_show *to)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0), before;
	int rc;

	if (!c)
		return -1;
	before = uselocale(c);
	rc = what(node, part, to);
	uselocale(before);
	freelocale(c);
	return rc;
}

static int
show_one(const struct heddle_node *node, const struct heddle_bytes *part,
	 const struct heddle_show *to)
{
	double v;

	if (node->nparts != 1 || part[0].n != sizeof(v))
		return -1;
	memcpy(&v, part[0].at, sizeof(v));
	put_number(to, v);
	put(to, to->json ? "" : "\n");
	return 0;
}

int
array_show(const struct heddle_node *node, const struct heddle_bytes *part,
	   const struct heddle_show *to)
{
	return in_c(show, node, part, to);
}

int
scalar_show(const struct heddle_node *node, const struct heddle_bytes *part,
	    const struct heddle_show *to)
{
	return in_c(show_one, node, part, to);
}
