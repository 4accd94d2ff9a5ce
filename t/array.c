/* SPDX-License-Identifier: MIT */
/* array - numbers are the same however they are cut, and sums are as good as any. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collections/array/gauss.h"
#include "core/base/xalloc.h"
#include "t/host.h"

static int
setup(void **state)
{
	*state = host_open("array");
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	host_free(*state);
	return 0;
}

static struct host_node *
normal(struct host *h, const char *size, const char *chunk, const char *key, const char *value)
{
	const char *options[] = { "size", size, "chunk", chunk, key, value, NULL };

	return host_plan(h, "x", "normal", options, NULL, 0);
}

static struct host_node *
does(struct host *h, const char *op, struct host_node *in)
{
	struct host_node *node = host_plan(h, op, op, NULL, &in, 1);

	if (!node)
		print_error("%s: %s\n", op, host_why(h));
	assert_non_null(node);
	return node;
}

/* A one-dimensional array of these numbers in chunks. */
static struct host_node *
given(struct host *h, const double *x, size_t n, size_t chunk)
{
	uint32_t nparts = (uint32_t)((n + chunk - 1) / chunk);
	struct heddle_bytes *part = xcalloc(nparts, sizeof(*part));
	struct host_node *node;

	for (uint32_t i = 0; i < nparts; i++) {
		part[i].at = x + i * chunk;
		part[i].n = (n - i * chunk < chunk ? n - i * chunk : chunk) * sizeof(*x);
	}
	node = host_give(h, "given", "array", part, nparts);
	free(part);
	node->meta = xcalloc(7, sizeof(*node->meta));
	node->meta[0] = xstrdup("dtype");
	node->meta[1] = xstrdup("float64");
	node->meta[2] = xstrdup("shape");
	node->meta[3] = xasprintf("%zu", n);
	node->meta[4] = xstrdup("chunk");
	node->meta[5] = xasprintf("%zu", chunk);
	return node;
}

static void
run(struct host *h)
{
	if (host_run(h) < 0)
		print_error("%s\n", host_why(h));
	assert_string_equal(host_why(h), "");
}

static double
scalar(const struct host_node *node)
{
	struct heddle_bytes value;
	double v;

	assert_string_equal(node->is.kind, "scalar");
	assert_int_equal(node->is.nparts, 1);
	value = host_value(node->host, node->is.part[0]);
	assert_int_equal(value.n, sizeof(v));
	memcpy(&v, value.at, sizeof(v));
	return v;
}

/* All numbers of a one-dimensional array, in order. */
static double *
numbers(const struct host_node *node, size_t want)
{
	double *x = xcalloc(want, sizeof(*x));
	size_t n = 0;

	for (uint32_t i = 0; i < node->is.nparts; i++) {
		struct heddle_bytes value = host_value(node->host, node->is.part[i]);

		assert_true(n * sizeof(*x) + value.n <= want * sizeof(*x));
		memcpy(x + n, value.at, value.n);
		n += value.n / sizeof(*x);
	}
	assert_int_equal(n, want);
	return x;
}

static void
assert_near(double got, double want, double error)
{
	if (!(fabs(got - want) <= error))
		print_error("%.17g is not %.17g within %g\n", got, want, error);
	assert_true(fabs(got - want) <= error);
}

static void
assert_refused(const struct host *h, const struct host_node *node, const char *why)
{
	assert_null(node);
	if (!strstr(host_why(h), why))
		print_error("'%s' does not say '%s'\n", host_why(h), why);
	assert_non_null(strstr(host_why(h), why));
}

/* ---- random numbers --------------------------------------------------------- */

/* Random123's kat_vectors: philox4x32 10. */
static const struct {
	uint32_t counter[4], key[2], want[4];
} known[] = {
	{ { 0, 0, 0, 0 }, { 0, 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
	{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, { 0xffffffff, 0xffffffff },
	  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
	{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, { 0xa4093822, 0x299f31d0 },
	  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

static void
philox_gives_the_published_words(void **state)
{
	uint32_t x[4][LANES];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memset(x, 0, sizeof(x));
		for (int w = 0; w < 4; w++)
			x[w][LANES - 1] = x[w][5] = known[i].counter[w];
		philox(x, known[i].key[0], known[i].key[1]);
		for (int w = 0; w < 4; w++) {
			assert_int_equal(x[w][5], known[i].want[w]);
			assert_int_equal(x[w][LANES - 1], known[i].want[w]);
		}
	}
}

/* Number i of a stream by the book: scalar Philox, Box-Muller in long double. */
static long double
by_the_book(uint64_t i, uint64_t key, long double *r)
{
	uint64_t counter = i / 128 * 64 + i % 64, k0 = key & 0xffffffff, k1 = key >> 32, a, b;
	uint64_t w[4] = { counter & 0xffffffff, counter >> 32, 0, 0 };
	long double u, turn;

	for (int round = 0; round < 10; round++) {
		a = w[0] * 0xd2511f53;
		b = w[2] * 0xcd9e8d57;
		w[0] = (b >> 32) ^ w[1] ^ k0;
		w[1] = b & 0xffffffff;
		w[2] = (a >> 32) ^ w[3] ^ k1;
		w[3] = a & 0xffffffff;
		k0 = (k0 + 0x9e3779b9) & 0xffffffff;
		k1 = (k1 + 0xbb67ae85) & 0xffffffff;
	}
	u = 1 - (long double)((w[1] << 32 | w[0]) >> 12) * 0x1p-52L;
	turn = 2 * acosl(-1) * ((long double)((w[3] << 32 | w[2]) >> 12) * 0x1p-52L);
	*r = sqrtl(-2 * logl(u));
	return *r * (i / 64 % 2 ? sinl(turn) : cosl(turn));
}

static void
a_normal_number_is_that_of_the_book_to_the_last_bits(void **state)
{
	struct host *h = *state;
	struct host_node *node = normal(h, "200K", "70001", "seed", "-3");
	long double want, r;
	double *x;

	run(h);
	x = numbers(node, 200000);
	for (uint64_t i = 0; i < 200000; i++) {
		want = by_the_book(i, (uint64_t)-3, &r);
		assert_true(fabsl(x[i] - want) <= 4e-16L * r);
	}
	free(x);
}

static void
every_vector_width_gives_the_same_bits(void **state)
{
	struct host *h = *state;
	struct host_node *node = normal(h, "128000", "128000", "seed", "7");
	double block[GAUSS_BLOCK];

	run(h);
	for (uint64_t i = 0; i < 1000; i++) {
		gauss_block(block, i, 7);
		assert_memory_equal((const double *)host_value(h, node->is.part[0]).at +
				    i * GAUSS_BLOCK, block, sizeof(block));
	}
}

static void
the_numbers_do_not_depend_on_the_chunks(void **state)
{
	static const char *const chunk[] = { "1", "2", "63", "64", "127", "128", "129", "777" };
	struct host *h = *state;
	struct host_node *whole = normal(h, "3000", "3000", "seed", "1"), *cut[8];
	double *x, *y;

	for (int i = 0; i < 8; i++)
		cut[i] = normal(h, "3000", chunk[i], "seed", "1");
	run(h);
	x = numbers(whole, 3000);
	for (int i = 0; i < 8; i++) {
		y = numbers(cut[i], 3000);
		assert_memory_equal(x, y, 3000 * sizeof(*x));
		free(y);
	}
	free(x);
}

/* What show() writes without its brackets and line ends. */
static char *
flat(const struct host_node *node)
{
	char *s = host_show(node, 1, 0), *to = s;

	assert_non_null(s);
	for (const char *at = s; *at; at++)
		if (*at != '[' && *at != ']')
			*to++ = *at;
	*to = '\0';
	return s;
}

static void
nor_on_the_dimensions(void **state)
{
	static const char *const cut[][2] = {
		{ "960", "960" }, { "30 32", "30 32" }, { "30 32", "7 5" }, { "30 32", "1 32" },
		{ "2 3 4 5 8", "2 3 4 5 8" }, { "2 3 4 5 8", "1 2 3 4 5" }, { "2 3 4 5 8", "2" },
		{ "2 3 4 5 8", "1 1 4 5 8" }, { "2 3 4 5 8", "2 3 1 5 1" }, { "960 1", "7 1" },
		{ "1 960", "1 13" }, { "2 2 2 2 2 2 5 3", "1 2 1 2 1 2 1 2" },
	};
	enum { N = sizeof(cut) / sizeof(*cut) };
	struct host *h = *state;
	struct host_node *node[N];
	char *want, *got;

	for (int i = 0; i < N; i++)
		node[i] = normal(h, cut[i][0], cut[i][1], NULL, NULL);
	run(h);
	want = flat(node[0]);
	for (int i = 1; i < N; i++) {
		got = flat(node[i]);
		assert_string_equal(got, want);
		free(got);
	}
	free(want);
}

static int
by_value(const void *one, const void *other)
{
	const double *x = one, *y = other;

	return (*x > *y) - (*x < *y);
}

static void
a_million_numbers_are_distributed_normally(void **state)
{
	enum { N = 1000000 };
	struct host *h = *state;
	struct host_node *node = normal(h, "1M", "100K", "seed", "42");
	double *x, away = 0, lag[2] = { 0 }, p;

	run(h);
	x = numbers(node, N);
	for (int i = 0; i + 64 < N; i++) {
		lag[0] += x[i] * x[i + 1] / N;
		lag[1] += x[i] * x[i + 64] / N;
	}
	assert_near(lag[0], 0, 0.004);	/* four sigma */
	assert_near(lag[1], 0, 0.004);
	qsort(x, N, sizeof(*x), by_value);
	for (int i = 0; i < N; i++) {
		p = erfc(-x[i] / sqrt(2)) / 2;
		away = fmax(away, fmax(fabs(p - (double)i / N), fabs(p - (i + 1.0) / N)));
	}
	assert_near(away, 0, 1.63 / sqrt(N));	/* Kolmogorov and Smirnov, 1 % */
	free(x);
}

static void
another_seed_gives_other_numbers(void **state)
{
	static const char *const seed[] = { "0", "1", "-1", "4294967296" };
	struct host *h = *state;
	struct host_node *node[4];
	double *x[4];

	for (int i = 0; i < 4; i++)
		node[i] = normal(h, "1000", "1000", "seed", seed[i]);
	run(h);
	for (int i = 0; i < 4; i++)
		x[i] = numbers(node[i], 1000);
	for (int i = 0; i < 4; i++)
		for (int k = i + 1; k < 4; k++)
			for (int n = 0; n < 1000; n++)
				assert_true(x[i][n] != x[k][n]);
	for (int i = 0; i < 4; i++)
		free(x[i]);
}

static void
mean_and_deviation_of_the_numbers_are_as_asked(void **state)
{
	const char *options[] = { "size", "1000", "chunk", "300", "mean", "-2.5", "std", "0.25",
				  NULL };
	struct host *h = *state;
	struct host_node *plain = normal(h, "1000", "300", NULL, NULL), *node;
	double *x, *y;

	node = host_plan(h, "y", "normal", options, NULL, 0);
	run(h);
	x = numbers(plain, 1000);
	y = numbers(node, 1000);
	for (int i = 0; i < 1000; i++)
		assert_true(y[i] == -2.5 + 0.25 * x[i]);
	free(x);
	free(y);
}

/* ---- shapes ------------------------------------------------------------------- */

static void
a_node_says_its_shape_and_its_chunks(void **state)
{
	struct host *h = *state;
	struct host_node *node = normal(h, "1K 200 3", "300", NULL, NULL);

	assert_string_equal(node->is.kind, "array");
	assert_string_equal(host_meta(node, "dtype"), "float64");
	assert_string_equal(host_meta(node, "shape"), "1000 200 3");
	assert_string_equal(host_meta(node, "chunk"), "300 200 3");
	assert_int_equal(node->is.nparts, 4);
}

static void
a_shape_that_cannot_be_is_refused(void **state)
{
	static const struct {
		const char *size, *chunk, *why;
	} bad[] = {
		{ "1 2 3 4 5 6 7 8 9", "1", "9 dimensions; expected at most 8" },
		{ "10 10", "1 2 3", "3 numbers for 2 dimensions; expected one, or one for each" },
		{ "1T 1T", "1T", "elements; expected at most 2^53" },
		{ "100G", "1", "chunks are more than a graph can hold" },
		{ "0", "1", "size" },
	};
	struct host *h = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(h, normal(h, bad[i].size, bad[i].chunk, NULL, NULL), bad[i].why);
	assert_refused(h, normal(h, "1", "1", "std", "-1"), "std");
}

/* ---- map ---------------------------------------------------------------------- */

static struct host_node *
map(struct host *h, const char *op, const char *by, struct host_node *a, struct host_node *b)
{
	const char *options[] = { "op", op, by ? "by" : NULL, by, NULL };
	struct host_node *in[] = { a, b };

	return host_plan(h, "map", "map", options, in, b ? 2 : 1);
}

#define UNARY(name, e)	static double f_##name(double x, double y) { (void)y; return e; }
#define BINARY(name, e)	static double f_##name(double x, double y) { return e; }
BINARY(add, x + y) BINARY(sub, x - y) BINARY(mul, x * y) BINARY(div, x / y)
BINARY(pow, pow(x, y)) UNARY(exp, exp(x)) UNARY(log, log(x)) UNARY(sqrt, sqrt(x))
UNARY(abs, fabs(x)) UNARY(neg, -x)

static const struct {
	const char *op;
	double (*f)(double, double);
	int is_binary;
} maps[] = {
	{ "add", f_add, 1 }, { "sub", f_sub, 1 }, { "mul", f_mul, 1 }, { "div", f_div, 1 },
	{ "pow", f_pow, 1 }, { "exp", f_exp, 0 }, { "log", f_log, 0 }, { "sqrt", f_sqrt, 0 },
	{ "abs", f_abs, 0 }, { "neg", f_neg, 0 },
};

static void
assert_map(const struct host_node *node, size_t k, const double *x, const double *y, size_t step)
{
	double *got = numbers(node, 1000), want;

	for (int i = 0; i < 1000; i++, y += step) {
		want = maps[k].f(x[i], *y);
		assert_true(got[i] == want || (isnan(got[i]) && isnan(want)));
	}
	free(got);
}

static void
a_map_does_to_each_element_what_it_says(void **state)
{
	struct host *h = *state;
	double by = -1.5;

	for (size_t k = 0; k < sizeof(maps) / sizeof(*maps); k++) {
		struct host_node *a = normal(h, "1000", "300", "seed", "1");
		struct host_node *b = normal(h, "1000", "300", "seed", "2");
		struct host_node *one, *two;
		double *x, *y;

		one = map(h, maps[k].op, maps[k].is_binary ? "-1.5" : NULL, a, NULL);
		two = maps[k].is_binary ? map(h, maps[k].op, NULL, a, b) : one;
		run(h);
		x = numbers(a, 1000);
		y = numbers(b, 1000);
		assert_map(one, k, x, &by, 0);
		assert_map(two, k, x, y, 1);
		free(x);
		free(y);
	}
}

static void
a_task_asked_to_stop_stops(void **state)
{
	struct host *h = *state;

	struct host_node *x = normal(h, "2M", "2M", NULL, NULL);

	run(h);
	assert_non_null(normal(h, "2M", "2M", NULL, NULL));
	host_stop(h);
	assert_int_equal(host_run(h), -1);
	assert_string_equal(host_why(h), "stopped");
	assert_non_null(map(h, "neg", NULL, x, NULL));
	assert_int_equal(host_run(h), -1);
	assert_string_equal(host_why(h), "stopped");
}

static void
a_map_keeps_shape_and_chunks(void **state)
{
	struct host *h = *state;
	struct host_node *node = map(h, "neg", NULL, normal(h, "9 8", "4 3", NULL, NULL), NULL);

	assert_string_equal(host_meta(node, "shape"), "9 8");
	assert_string_equal(host_meta(node, "chunk"), "4 3");
	assert_int_equal(node->is.nparts, 9);
}

static void
a_map_without_its_operands_is_refused(void **state)
{
	struct host *h = *state;
	struct host_node *a = normal(h, "10 2", "5 2", NULL, NULL);
	struct host_node *b = normal(h, "10 2", "10 2", NULL, NULL);
	struct host_node *c = normal(h, "20", "20", NULL, NULL), *three[] = { a, a, a };
	const char *add[] = { "op", "add", NULL };

	assert_refused(h, map(h, "add", NULL, a, NULL), "add wants a number (by) or a second array");
	assert_refused(h, map(h, "add", "1", a, a), "expected one, not both");
	assert_refused(h, map(h, "exp", "1", a, NULL), "by: exp has no use for a number");
	assert_refused(h, map(h, "exp", NULL, a, a), "of: exp takes one array, not 2");
	assert_refused(h, map(h, "add", NULL, a, b),
		       "'x' has chunks of 5 2 and 'x' of 10 2; expected equal chunks");
	assert_refused(h, map(h, "add", NULL, a, c),
		       "'x' is 10 2 and 'x' is 20; expected equal shapes");
	assert_refused(h, host_plan(h, "m", "map", add, three, 3), "of: add takes two arrays, not 3");
}

/* ---- reductions ----------------------------------------------------------------- */

static long double
long_sum(const double *x, size_t n, long double shift, int power)
{
	long double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += power == 2 ? (x[i] - shift) * (x[i] - shift) : x[i] - shift;
	return sum;
}

/* Numbers with a mean far from zero, where sums of squares lose everything. */
static void
reductions_are_those_of_long_double(void **state)
{
	static const size_t sizes[] = { 1, 2, 15, 16, 17, 511, 512, 513, 10000, 100001 };
	static const size_t chunk[] = { 1, 7, 1000, 1000000 };

	for (int s = 0; s < 10; s++)
		for (int c = 0; c < 4; c++) {
			size_t n = sizes[s];
			double *x = xcalloc(n, sizeof(*x)), block[GAUSS_BLOCK];
			struct host *h = host_open("array");
			struct host_node *in, *sum, *mean, *std, *min, *max;
			long double m;

			if (n / chunk[c] > 20000) {
				host_free(h);
				free(x);
				continue;
			}
			for (size_t i = 0; i < n; i++) {
				if (i % GAUSS_BLOCK == 0)
					gauss_block(block, i / GAUSS_BLOCK, 5);
				x[i] = 1e9 + block[i % GAUSS_BLOCK];
			}
			in = given(h, x, n, chunk[c]);
			sum = does(h, "sum", in), mean = does(h, "mean", in);
			std = does(h, "std", in), min = does(h, "min", in);
			max = does(h, "max", in);
			run(h);
			m = long_sum(x, n, 0, 1) / n;
			assert_near(scalar(sum), (double)(m * n), 3e-16 * 1e9 * (double)n);
			assert_near(scalar(mean), (double)m, 3e-16 * 1e9);
			assert_near(scalar(std), (double)sqrtl(long_sum(x, n, m, 2) / n), 1e-9);
			qsort(x, n, sizeof(*x), by_value);
			assert_true(scalar(min) == x[0] && scalar(max) == x[n - 1]);
			host_free(h);
			free(x);
		}
	(void)state;
}

static void
a_long_sum_does_not_gather_errors(void **state)
{
	enum { N = 1 << 22 };
	double *x = xcalloc(N, sizeof(*x));
	struct host *h = *state;
	struct host_node *sum;

	for (int i = 0; i < N; i++)
		x[i] = 0.1;
	sum = does(h, "sum", given(h, x, N, N));
	run(h);
	assert_near(scalar(sum), 0.1 * N, 0.1 * N * 4e-15);	/* plainly: 1e-11 */
	free(x);
}

static void
what_is_no_number_stays_so(void **state)
{
	double x[100] = { 0 };
	struct host *h = *state;
	struct host_node *in, *min, *max, *sum, *mean, *std;

	x[40] = NAN;
	for (size_t chunk = 1; chunk <= 100; chunk += 33) {
		in = given(h, x, 100, chunk);
		min = does(h, "min", in), max = does(h, "max", in), sum = does(h, "sum", in);
		mean = does(h, "mean", in), std = does(h, "std", in);
		run(h);
		assert_true(isnan(scalar(min)) && isnan(scalar(max)) && isnan(scalar(sum)));
		assert_true(isnan(scalar(mean)) && isnan(scalar(std)));
	}
	x[40] = -INFINITY;
	x[99] = INFINITY;
	in = given(h, x, 100, 10);
	min = does(h, "min", in), max = does(h, "max", in), mean = does(h, "mean", in);
	run(h);
	assert_true(scalar(min) == -INFINITY && scalar(max) == INFINITY);
	assert_true(isnan(scalar(mean)));
	x[40] = 0;
	mean = does(h, "mean", given(h, x, 100, 10)), std = does(h, "std", given(h, x, 100, 10));
	run(h);
	assert_true(scalar(mean) == INFINITY && isnan(scalar(std)));
}

static void
std_divides_by_what_is_left_of_the_elements(void **state)
{
	const double x[] = { 2, 4, 4, 4, 5, 5, 7, 9 };
	const char *one[] = { "ddof", "1", NULL }, *eight[] = { "ddof", "8", NULL };
	struct host *h = *state;
	struct host_node *in = given(h, x, 8, 3), *std = does(h, "std", in), *sample;

	sample = host_plan(h, "s", "std", one, &in, 1);
	run(h);
	assert_true(scalar(std) == 2);
	assert_near(scalar(sample), sqrt(32.0 / 7), 1e-15);
	assert_refused(h, host_plan(h, "s", "std", eight, &in, 1),
		       "ddof: 8 leaves nothing of 8 elements");
}

static unsigned
tasks_of(const struct host *h, const char *group, const char *kernel)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < host_ntasks(h); i++)
		n += !strcmp(host_group(h, i), group) && !strcmp(host_kernel(h, i), kernel);
	return n;
}

static void
a_reduction_is_a_tree_of_eight(void **state)
{
	struct host *h = *state;
	struct host_node *x = normal(h, "65", "1", NULL, NULL);

	does(h, "mean", x);
	assert_int_equal(tasks_of(h, "mean", "moments"), 65);
	assert_int_equal(tasks_of(h, "mean.merge1", "moments_merge"), 8);	/* one goes up alone */
	assert_int_equal(tasks_of(h, "mean.merge2", "moments_merge"), 1);
	assert_int_equal(tasks_of(h, "mean.merge3", "mean"), 1);
	assert_int_equal(host_ntasks(h), 65 + 65 + 8 + 1 + 1);
}

static void
one_chunk_needs_no_tree(void **state)
{
	struct host *h = *state;
	struct host_node *x = normal(h, "5", "5", NULL, NULL), *sum = does(h, "sum", x);
	struct host_node *mean = does(h, "mean", x);

	assert_int_equal(host_ntasks(h), 1 + 1 + 2);
	run(h);
	assert_near(scalar(mean), scalar(sum) / 5, 1e-16);
}

static void
a_value_that_is_no_array_is_refused(void **state)
{
	static const struct heddle_bytes part = { "seven..", 7 };
	struct host *h = *state;
	struct host_node *node = host_give(h, "odd", "array", &part, 1);

	assert_refused(h, map(h, "neg", NULL, node, NULL),
		       "'odd' does not say a shape and chunk that fit its parts");
	does(h, "sum", node);
	assert_int_equal(host_run(h), -1);
	assert_string_equal(host_why(h), "input 0 has 7 bytes; expected whole numbers of 8");
	assert_null(host_show(node, 1, 0));
}

/* ---- how they read ---------------------------------------------------------------- */

static void
assert_show(const struct host_node *node, int json, size_t most, const char *want)
{
	char *s = host_show(node, json, most);

	assert_non_null(s);
	assert_string_equal(s, want);
	free(s);
}

static void
a_number_reads_with_all_its_digits(void **state)
{
	const double x[] = { 0.1, 42, NAN, -INFINITY };
	static const char *const want[][2] = {
		{ "0.10000000000000001\n", "0.10000000000000001" }, { "42\n", "42" },
		{ "nan\n", "null" }, { "-inf\n", "null" },
	};
	struct host *h = *state;

	for (int i = 0; i < 4; i++) {
		struct heddle_bytes part = { &x[i], sizeof(x[i]) };
		struct host_node *node = host_give(h, "s", "scalar", &part, 1);

		assert_show(node, 0, 0, want[i][0]);
		assert_show(node, 1, 0, want[i][1]);
	}
}

static void
an_array_reads_as_nested_lists_in_its_own_order(void **state)
{
	/* 3 x 3 in chunks of 2 x 2: the numbers are their place, row-major */
	static const double a[] = { 0, 1, 3, 4 }, b[] = { 2, 5 }, c[] = { 6, 7 }, d[] = { 8 };
	const struct heddle_bytes part[] = {
		{ a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) }, { d, sizeof(d) }
	};
	struct host *h = *state;
	struct host_node *node = host_give(h, "a", "array", part, 4);

	node->meta = xcalloc(5, sizeof(*node->meta));
	node->meta[0] = xstrdup("shape");
	node->meta[1] = xstrdup("3 3");
	node->meta[2] = xstrdup("chunk");
	node->meta[3] = xstrdup("2 2");
	assert_show(node, 1, 0, "[[0, 1, 2], [3, 4, 5], [6, 7, 8]]");
	assert_show(node, 0, 9, "[[0, 1, 2],\n[3, 4, 5],\n[6, 7, 8]]\n");
	assert_show(node, 1, 8, "{\"kind\": \"array\", \"shape\": [3, 3], \"bytes\": 72}");
	assert_show(node, 0, 8, "array of 3 3, float64, 72 bytes\n");
}

static void
a_large_array_reads_as_what_it_is(void **state)
{
	struct host *h = *state;
	struct host_node *node = normal(h, "1001", "500", NULL, NULL);

	run(h);
	assert_show(node, 1, 0, "{\"kind\": \"array\", \"shape\": [1001], \"bytes\": 8008}");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(philox_gives_the_published_words),
		TEST(a_normal_number_is_that_of_the_book_to_the_last_bits),
		TEST(every_vector_width_gives_the_same_bits),
		TEST(the_numbers_do_not_depend_on_the_chunks),
		TEST(nor_on_the_dimensions),
		TEST(a_million_numbers_are_distributed_normally),
		TEST(another_seed_gives_other_numbers),
		TEST(mean_and_deviation_of_the_numbers_are_as_asked),
		TEST(a_node_says_its_shape_and_its_chunks),
		TEST(a_shape_that_cannot_be_is_refused),
		TEST(a_map_does_to_each_element_what_it_says),
		TEST(a_task_asked_to_stop_stops),
		TEST(a_map_keeps_shape_and_chunks),
		TEST(a_map_without_its_operands_is_refused),
		cmocka_unit_test(reductions_are_those_of_long_double),
		TEST(a_long_sum_does_not_gather_errors),
		TEST(what_is_no_number_stays_so),
		TEST(std_divides_by_what_is_left_of_the_elements),
		TEST(a_reduction_is_a_tree_of_eight),
		TEST(one_chunk_needs_no_tree),
		TEST(a_value_that_is_no_array_is_refused),
		TEST(a_number_reads_with_all_its_digits),
		TEST(an_array_reads_as_nested_lists_in_its_own_order),
		TEST(a_large_array_reads_as_what_it_is),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
