/* SPDX-License-Identifier: MIT */
/* shape - an array's dimensions and the grid of its chunks. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"

static const double most = 0x1p53;	/* elements; counters and sizes stay exact */

static uint64_t
ceil_div(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

uint64_t
shape_size(const struct shape *s)
{
	uint64_t n = 1;

	for (uint32_t d = 0; d < s->ndims; d++)
		n *= s->n[d];
	return n;
}

uint64_t
shape_chunks(const struct shape *s)
{
	uint64_t n = 1;

	for (uint32_t d = 0; d < s->ndims; d++)
		n *= ceil_div(s->n[d], s->chunk[d]);
	return n;
}

struct box
shape_box(const struct shape *s, uint64_t part)
{
	struct box box;

	for (uint32_t d = s->ndims; d-- > 0;) {
		uint64_t across = ceil_div(s->n[d], s->chunk[d]);

		box.at[d] = part % across * s->chunk[d];
		box.n[d] = s->n[d] - box.at[d] < s->chunk[d] ? s->n[d] - box.at[d] : s->chunk[d];
		part /= across;
	}
	return box;
}

uint64_t
shape_find(const struct shape *s, const uint64_t index[DIMS], uint64_t *place)
{
	struct box box;
	uint64_t part = 0;

	for (uint32_t d = 0; d < s->ndims; d++)
		part = part * ceil_div(s->n[d], s->chunk[d]) + index[d] / s->chunk[d];
	box = shape_box(s, part);
	*place = 0;
	for (uint32_t d = 0; d < s->ndims; d++)
		*place = *place * box.n[d] + index[d] - box.at[d];
	return part;
}

int
shape_parse(const struct heddle_plan *plan, const struct heddle_arg *size,
	    const struct heddle_arg *chunk, struct shape *s)
{
	double elements = 1, chunks = 1;

	if (size->n > DIMS)
		return array_refuse(plan, "size: %" PRIu32 " dimensions; expected at most %d",
				    size->n, DIMS);
	if (chunk->n != 1 && chunk->n != size->n)
		return array_refuse(plan, "chunk: %" PRIu32 " numbers for %" PRIu32 " dimensions; "
				    "expected one, or one for each", chunk->n, size->n);
	s->ndims = size->n;
	for (uint32_t d = 0; d < s->ndims; d++) {
		s->n[d] = (uint64_t)size->v[d].i;
		s->chunk[d] = (uint64_t)chunk->v[chunk->n == 1 ? 0 : d].i;
		if (s->chunk[d] > s->n[d])
			s->chunk[d] = s->n[d];
		elements *= (double)s->n[d];
		chunks *= (double)ceil_div(s->n[d], s->chunk[d]);
	}
	if (elements > most)
		return array_refuse(plan, "size: %.3g elements; expected at most 2^53", elements);
	if (chunks >= HEDDLE_NONE)
		return array_refuse(plan, "%.3g chunks are more than a graph can hold; "
				    "expected a larger chunk", chunks);
	return 0;
}

/* Numbers with spaces between; how many, 0 if it is not that. */
static uint32_t
read_numbers(const char *text, uint64_t n[DIMS])
{
	uint32_t i = 0;
	char *end;

	for (; text && *text && i < DIMS; i++, text = end + (*end == ' ')) {
		if (*text < '1' || *text > '9')
			return 0;
		n[i] = strtoull(text, &end, 10);
		if (*end && *end != ' ')
			return 0;
	}
	return text && !*text ? i : 0;
}

int
shape_read(const struct heddle_node *node, struct shape *s)
{
	double elements = 1;

	s->ndims = read_numbers(node->meta(node->self, "shape"), s->n);
	if (!s->ndims || read_numbers(node->meta(node->self, "chunk"), s->chunk) != s->ndims)
		return -1;
	for (uint32_t d = 0; d < s->ndims; d++) {
		elements *= (double)s->n[d];
		if (s->chunk[d] > s->n[d])
			return -1;
	}
	return elements <= most && shape_chunks(s) == node->nparts ? 0 : -1;
}

char *
shape_text(char buf[SHAPE_TEXT], uint32_t ndims, const uint64_t *n)
{
	int at = 0;

	for (uint32_t d = 0; d < ndims; d++)
		at += sprintf(buf + at, d ? " %" PRIu64 : "%" PRIu64, n[d]);
	return buf;
}

int
array_give(const struct heddle_plan *plan, const struct shape *s, const heddle_task *part)
{
	char text[SHAPE_TEXT];

	if (plan->give(plan->self, "array", part, (uint32_t)shape_chunks(s)) < 0 ||
	    plan->meta(plan->self, "dtype", "float64") < 0 ||
	    plan->meta(plan->self, "shape", shape_text(text, s->ndims, s->n)) < 0 ||
	    plan->meta(plan->self, "chunk", shape_text(text, s->ndims, s->chunk)) < 0)
		return -1;
	return 0;
}
