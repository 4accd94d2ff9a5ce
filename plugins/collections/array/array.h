/* SPDX-License-Identifier: MIT */
/* array - what the files of array.so share: shapes, chunks and how values are laid out. */

#ifndef ARRAY_ARRAY_H
#define ARRAY_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#include <heddle.h>

/*
 * The kinds, as other plugins may read and write them:
 *
 *	array	numbers of a chunk, row-major, in native byte order; parts are
 *		row-major over the grid of chunks, those at an edge as much
 *		smaller as the shape says
 *	scalar	one such number
 *
 * Meta of both: dtype (float64).  Of an array: shape and chunk, a number a
 * dimension with spaces between, the slowest first.
 */
enum { DIMS = 8 };

struct shape {
	uint32_t ndims;
	uint64_t n[DIMS], chunk[DIMS];	/* 1 <= chunk <= n */
};

/* A chunk: where it starts, how far it goes. */
struct box {
	uint64_t at[DIMS], n[DIMS];
};

uint64_t shape_size(const struct shape *);
uint64_t shape_chunks(const struct shape *);
struct box shape_box(const struct shape *, uint64_t part);
/* The part an element is in, and its place there. */
uint64_t shape_find(const struct shape *, const uint64_t index[DIMS], uint64_t *place);

/* From size and chunk as typed; a chunk is cut to the size, and one number
 * stands for all dimensions.  0 or -1 after fail(). */
int shape_parse(const struct heddle_plan *, const struct heddle_arg *size,
		const struct heddle_arg *chunk, struct shape *);
/* From a node's meta: -1 if it says none or does not fit its parts. */
int shape_read(const struct heddle_node *, struct shape *);
/* As meta says it: "1000 200". */
enum { SHAPE_TEXT = DIMS * 21 };
char *shape_text(char buf[SHAPE_TEXT], uint32_t ndims, const uint64_t *n);

/* Give an array of these parts, with its meta.  0 or -1. */
int array_give(const struct heddle_plan *, const struct shape *, const heddle_task *part);

/* fail() with a formatted sentence; -1. */
int array_fail(const struct heddle_call *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int array_refuse(const struct heddle_plan *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

enum { STEP = 1 << 20 };	/* numbers between two looks at stop() */

/* Behind number done of all: -1 after fail() if the task is to end early. */
int array_step(const struct heddle_call *, uint64_t done, uint64_t all);

/* The numbers of an input; -1 after fail() if it holds no whole ones. */
int array_in(const struct heddle_call *, uint32_t i, const double **at, size_t *n);
/* Room for n numbers of output; NULL after fail(). */
double *array_out(const struct heddle_call *, size_t n);

/* Sum of x[i] - shift, or of its square, pairwise. */
double array_sum(const double *x, size_t n, double shift, int is_squared);

int normal_plan(const struct heddle_plan *);
int normal_run(const struct heddle_call *);
int map_plan(const struct heddle_plan *);
int map_run(const struct heddle_call *);
int sum_plan(const struct heddle_plan *);
int min_plan(const struct heddle_plan *);
int max_plan(const struct heddle_plan *);
int mean_plan(const struct heddle_plan *);
int std_plan(const struct heddle_plan *);
int sum_run(const struct heddle_call *);
int min_run(const struct heddle_call *);
int max_run(const struct heddle_call *);
int moments_run(const struct heddle_call *);
int moments_merge_run(const struct heddle_call *);
int mean_run(const struct heddle_call *);
int std_run(const struct heddle_call *);

int array_show(const struct heddle_node *, const struct heddle_bytes *, const struct heddle_show *);
int scalar_show(const struct heddle_node *, const struct heddle_bytes *,
		const struct heddle_show *);

extern const struct heddle_option normal_options[], map_options[], std_options[];

#endif
