/* SPDX-License-Identifier: MIT */
/* normal - an array of random numbers, each a function of seed and place alone. */

#include <stdlib.h>

#include "array.h"
#include "gauss.h"

enum { SIZE, CHUNK, MEAN, STD, SEED };

const struct heddle_option normal_options[] = {
	{ .size = sizeof(normal_options[0]), .type = HEDDLE_COUNT,
	  .flags = HEDDLE_REQUIRED | HEDDLE_LIST, .name = "size", .min = 1, .max = 0x1p53,
	  .about = "elements of each dimension" },
	{ .size = sizeof(normal_options[0]), .type = HEDDLE_COUNT, .flags = HEDDLE_LIST,
	  .name = "chunk", .fallback = "1M", .min = 1, .max = 0x1p53,
	  .about = "elements of a chunk: of each dimension, or one number for all" },
	{ .size = sizeof(normal_options[0]), .type = HEDDLE_REAL, .name = "mean", .fallback = "0",
	  .about = "of the distribution" },
	{ .size = sizeof(normal_options[0]), .type = HEDDLE_REAL, .name = "std", .fallback = "1",
	  .min = 0, .max = 1e308, .about = "standard deviation of the distribution" },
	{ .size = sizeof(normal_options[0]), .type = HEDDLE_INT, .name = "seed", .fallback = "0",
	  .about = "equal seeds give equal numbers, whatever the chunks" },
	{ .size = sizeof(normal_options[0]) }
};

/* Parameters of a task; then, for each dimension, shape, start and length. */
struct normal {
	int64_t seed;
	double mean, std;
	uint64_t ndims;
};

/* Dimensions that a chunk has whole are one with the dimension before: the
 * fewer, the longer the runs. */
static uint32_t
collapse(uint64_t dim[DIMS][3], const struct shape *s, const struct box *box)
{
	uint32_t n = 0;

	for (uint32_t d = 0; d < s->ndims; d++) {
		if (n && box->n[d] == s->n[d]) {
			for (int i = 0; i < 3; i++)
				dim[n - 1][i] *= s->n[d];
			continue;
		}
		dim[n][0] = s->n[d];
		dim[n][1] = box->at[d];
		dim[n++][2] = box->n[d];
	}
	return n;
}

int
normal_plan(const struct heddle_plan *plan)
{
	const struct heddle_arg *arg = plan->arg;
	struct {
		struct normal head;
		uint64_t dim[DIMS][3];
	} par = { .head = { arg[SEED].v->i, arg[MEAN].v->d, arg[STD].v->d, 0 } };
	struct shape s;
	struct box box;
	heddle_task *part;
	uint64_t n;
	int rc = -1;

	if (shape_parse(plan, &arg[SIZE], &arg[CHUNK], &s) < 0)
		return -1;
	n = shape_chunks(&s);
	part = malloc(n * sizeof(*part));
	if (!part)
		return array_refuse(plan, "out of memory");
	for (uint64_t i = 0; i < n; i++) {
		box = shape_box(&s, i);
		par.head.ndims = collapse(par.dim, &s, &box);
		part[i] = plan->emit(plan->self, "normal", (struct heddle_bytes){
			&par, sizeof(par.head) + par.head.ndims * sizeof(par.dim[0]) }, NULL, 0);
		if (part[i] == HEDDLE_NONE)
			goto fail;
	}
	rc = array_give(plan, &s, part);
fail:
	free(part);
	return rc;
}

/* ---- the task ----------------------------------------------------------- */

typedef void blocks(double *to, uint64_t block, uint64_t n, uint64_t key);

/* n whole blocks from one on. */
static inline __attribute__((always_inline)) void
every_block(double *to, uint64_t block, uint64_t n, uint64_t key)
{
	for (; n; n--, block++, to += GAUSS_BLOCK)
		gauss_block(to, block, key);
}

static void
blocks_plain(double *to, uint64_t block, uint64_t n, uint64_t key)
{
	every_block(to, block, n, key);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void
blocks_avx2(double *to, uint64_t block, uint64_t n, uint64_t key)
{
	every_block(to, block, n, key);
}

__attribute__((target("avx512f,avx512dq,avx512vl"))) static void
blocks_avx512(double *to, uint64_t block, uint64_t n, uint64_t key)
{
	every_block(to, block, n, key);
}
#endif

/* The widest this processor has; all give the same bits. */
static blocks *
widest(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return blocks_avx512;
	if (__builtin_cpu_supports("avx2"))
		return blocks_avx2;
#endif
	return blocks_plain;
}

/* Numbers start .. start + n - 1 of the stream. */
static void
run_of(blocks *make, double *to, uint64_t start, uint64_t n, uint64_t key)
{
	double edge[GAUSS_BLOCK];
	uint64_t skip = start % GAUSS_BLOCK, block = start / GAUSS_BLOCK, part;

	for (; n; to += part, n -= part, skip = 0) {
		if (!skip && n >= GAUSS_BLOCK) {
			part = n / GAUSS_BLOCK * GAUSS_BLOCK;
			make(to, block, n / GAUSS_BLOCK, key);
			block += n / GAUSS_BLOCK;
			continue;
		}
		part = GAUSS_BLOCK - skip < n ? GAUSS_BLOCK - skip : n;
		make(edge, block++, 1, key);
		memcpy(to, edge + skip, part * sizeof(*to));
	}
}

static void
scale(double *x, size_t n, double mean, double std)
{
	for (size_t i = 0; i < n; i++)
		x[i] = mean + std * x[i];
}

/* Where run i of a chunk starts in the array. */
static uint64_t
run_start(uint64_t dim[DIMS][3], uint64_t ndims, uint64_t i)
{
	uint64_t start = dim[ndims - 1][1], stride = dim[ndims - 1][0];

	for (uint64_t d = ndims - 1; d-- > 0;) {
		start += (dim[d][1] + i % dim[d][2]) * stride;
		i /= dim[d][2];
		stride *= dim[d][0];
	}
	return start;
}

int
normal_run(const struct heddle_call *call)
{
	struct normal head;
	uint64_t dim[DIMS][3], all = 1, done = 0, run, n;
	blocks *make = widest();
	double *to;

	memcpy(&head, call->par.at, sizeof(head));
	memcpy(dim, (const char *)call->par.at + sizeof(head), head.ndims * sizeof(dim[0]));
	for (uint64_t d = 0; d < head.ndims; d++)
		all *= dim[d][2];
	run = dim[head.ndims - 1][2];
	to = array_out(call, all);
	if (!to)
		return -1;
	for (; done < all; done += n) {
		n = run - done % run < STEP ? run - done % run : STEP;
		run_of(make, to + done, run_start(dim, head.ndims, done / run) + done % run, n,
		       (uint64_t)head.seed);
		if (done / STEP != (done + n) / STEP && array_step(call, done + n, all) < 0)
			return -1;
	}
	if (head.mean != 0 || head.std != 1)
		scale(to, all, head.mean, head.std);
	return 0;
}
