/* SPDX-License-Identifier: MIT */
/* array - the tables of array.so: numbers in chunks. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "array.h"

static const struct heddle_op ops[] = {
	{ .size = sizeof(ops[0]), .name = "normal", .about = "normally distributed random numbers",
	  .options = normal_options, .plan = normal_plan },
	{ .size = sizeof(ops[0]), .name = "map", .about = "each element with a number or another array",
	  .takes = "array*", .options = map_options, .plan = map_plan },
	{ .size = sizeof(ops[0]), .name = "sum", .about = "the sum of all elements",
	  .takes = "array", .plan = sum_plan },
	{ .size = sizeof(ops[0]), .name = "mean", .about = "the mean of all elements",
	  .takes = "array", .plan = mean_plan },
	{ .size = sizeof(ops[0]), .name = "std", .about = "the standard deviation of all elements",
	  .takes = "array", .options = std_options, .plan = std_plan },
	{ .size = sizeof(ops[0]), .name = "min", .about = "the least element",
	  .takes = "array", .plan = min_plan },
	{ .size = sizeof(ops[0]), .name = "max", .about = "the greatest element",
	  .takes = "array", .plan = max_plan },
	{ .size = sizeof(ops[0]) }
};

static const struct heddle_kernel kernels[] = {
	{ sizeof(kernels[0]), HEDDLE_PURE, "normal", normal_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "map", map_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "sum", sum_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "min", min_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "max", max_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "moments", moments_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "moments_merge", moments_merge_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "mean", mean_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "std", std_run },
	{ .size = sizeof(kernels[0]) }
};

static const struct heddle_kind kinds[] = {
	{ sizeof(kinds[0]), 0, "array", "numbers in chunks", array_show },
	{ sizeof(kinds[0]), 0, "scalar", "a number", scalar_show },
	{ .size = sizeof(kinds[0]) }
};

static const struct heddle_collection array = {
	.size = sizeof(array),
	.ops = ops,
	.kernels = kernels,
	.kinds = kinds,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "array",
	.version = "1.0",
	.about = "Arrays of numbers in chunks: make, map, reduce.",
	.collection = &array,
};

static char *sentence(const char *fmt, va_list) __attribute__((format(printf, 1, 0)));

/* A sentence of any length, to be freed; NULL: out of memory. */
static char *
sentence(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? NULL : s;
}

int
array_fail(const struct heddle_call *call, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = sentence(fmt, ap);
	va_end(ap);
	call->fail(call->self, s ? s : "out of memory");
	free(s);
	return -1;
}

int
array_refuse(const struct heddle_plan *plan, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = sentence(fmt, ap);
	va_end(ap);
	plan->fail(plan->self, s ? s : "out of memory");
	free(s);
	return -1;
}

int
array_step(const struct heddle_call *call, uint64_t done, uint64_t all)
{
	if (call->stop(call->self))
		return array_fail(call, "stopped");
	call->progress(call->self, (double)done / (double)all);
	return 0;
}

int
array_in(const struct heddle_call *call, uint32_t i, const double **at, size_t *n)
{
	if (call->in[i].n % sizeof(double))
		return array_fail(call, "input %u has %zu bytes; expected whole numbers of %zu",
				  i, call->in[i].n, sizeof(double));
	*at = call->in[i].at;
	*n = call->in[i].n / sizeof(double);
	return 0;
}

double *
array_out(const struct heddle_call *call, size_t n)
{
	double *at = call->out(call->self, n * sizeof(*at));

	if (!at)
		array_fail(call, "out of memory");
	return at;
}
