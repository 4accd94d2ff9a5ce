/* SPDX-License-Identifier: MIT */
/* reduce - an array becomes one number: a part of the answer a chunk, merged as a tree. */

/*
 * Which parts are merged, and in which order, is a matter of the graph alone,
 * so a result has the same bits whatever the workers and the scheduler did.
 * Mean and deviation go by count, mean and sum of squared differences (Chan,
 * Golub, LeVeque 1979): nothing is lost to cancellation, and both ask for the
 * same moments, which heddle makes once for the two.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

enum { FAN_IN = 8 };
enum { DDOF };

const struct heddle_option std_options[] = {
	{ .size = sizeof(std_options[0]), .type = HEDDLE_COUNT, .name = "ddof", .fallback = "0",
	  .min = 0, .max = 0x1p53, .about = "divide by the number of elements less this one" },
	{ .size = sizeof(std_options[0]) }
};

struct moments {
	double n;
	double mean, rest;	/* their sum is the mean: where it is far from zero,
				 * one number is too coarse for the differences */
	double m2;		/* sum of squared differences from the mean */
};

/* ---- planning ------------------------------------------------------------ */

/* The kernels of a reduction: of a chunk, of up to FAN_IN parts, of the last. */
struct reduction {
	const char *chunk, *merge, *end;
	struct heddle_bytes par;	/* of the last */
};

/* Runs of tasks become one each; a last one that would be alone goes up. */
static int
level(const struct heddle_plan *plan, const struct reduction *r, heddle_task *part, uint32_t *n)
{
	uint32_t made = 0, k, is_last = *n <= FAN_IN;
	struct heddle_bytes none = { NULL, 0 };

	for (uint32_t i = 0; i < *n; i += k, made++) {
		k = *n - i < FAN_IN ? *n - i : FAN_IN;
		if (k == 1 && !is_last)
			part[made] = part[i];
		else
			part[made] = plan->emit(plan->self, is_last ? r->end : r->merge,
						is_last ? r->par : none, part + i, k);
		if (part[made] == HEDDLE_NONE)
			return -1;
	}
	*n = made;
	return 0;
}

static int
reduce(const struct heddle_plan *plan, const struct reduction *r)
{
	const struct heddle_node *in = &plan->in[0];
	int is_ended = !strcmp(r->chunk, r->end) && in->nparts == 1, rc = -1;
	uint32_t n = in->nparts;
	heddle_task *part;
	char name[16];

	part = malloc((n + 1) * sizeof(*part));
	if (!part)
		return array_refuse(plan, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		part[i] = plan->emit(plan->self, r->chunk, (struct heddle_bytes){ NULL, 0 },
				     &in->part[i], 1);
		if (part[i] == HEDDLE_NONE)
			goto fail;
	}
	for (int k = 1; !is_ended; k++) {
		snprintf(name, sizeof(name), "merge%d", k);
		is_ended = n <= FAN_IN;
		if (plan->group(plan->self, name) < 0 || level(plan, r, part, &n) < 0)
			goto fail;
	}
	if (!plan->give(plan->self, "scalar", part, n))
		rc = plan->meta(plan->self, "dtype", "float64");
fail:
	free(part);
	return rc;
}

int
sum_plan(const struct heddle_plan *plan)
{
	return reduce(plan, &(struct reduction){ "sum", "sum", "sum", { NULL, 0 } });
}

int
min_plan(const struct heddle_plan *plan)
{
	return reduce(plan, &(struct reduction){ "min", "min", "min", { NULL, 0 } });
}

int
max_plan(const struct heddle_plan *plan)
{
	return reduce(plan, &(struct reduction){ "max", "max", "max", { NULL, 0 } });
}

int
mean_plan(const struct heddle_plan *plan)
{
	return reduce(plan, &(struct reduction){ "moments", "moments_merge", "mean", { NULL, 0 } });
}

int
std_plan(const struct heddle_plan *plan)
{
	double ddof = (double)plan->arg[DDOF].v->i;
	struct shape s;

	if (!shape_read(&plan->in[0], &s) && ddof >= (double)shape_size(&s))
		return array_refuse(plan, "ddof: %.0f leaves nothing of %.0f elements", ddof,
				    (double)shape_size(&s));
	return reduce(plan, &(struct reduction){ "moments", "moments_merge", "std",
						 { &ddof, sizeof(ddof) } });
}

/* ---- sums ----------------------------------------------------------------- */

enum { WIDE = 16, BLOCK = 512 };	/* sums side by side; numbers added plainly */

static double
block_sum(const double *x, size_t n, double shift, int is_squared)
{
	double sum[WIDE] = { 0 }, d;
	size_t i = 0;

	if (is_squared)
		for (; i + WIDE <= n; i += WIDE)
			for (int k = 0; k < WIDE; k++)
				sum[k] += (x[i + k] - shift) * (x[i + k] - shift);
	else
		for (; i + WIDE <= n; i += WIDE)
			for (int k = 0; k < WIDE; k++)
				sum[k] += x[i + k] - shift;
	for (int k = 0; i < n; i++, k++) {
		d = x[i] - shift;
		sum[k] += is_squared ? d * d : d;
	}
	for (int half = WIDE / 2; half; half /= 2)
		for (int k = 0; k < half; k++)
			sum[k] += sum[k + half];
	return sum[0];
}

/* Blocks are added as a binary counter carries: level k holds the sum of 2^k
 * of them, so an error grows with the logarithm of n. */
double
array_sum(const double *x, size_t n, double shift, int is_squared)
{
	double level_sum[64], sum;
	size_t nblocks = 0, k, many;
	int top = 0;

	for (size_t i = 0; i < n; i += many) {
		many = n - i < BLOCK ? n - i : BLOCK;
		sum = block_sum(x + i, many, shift, is_squared);
		for (k = nblocks++; k & 1; k >>= 1)
			sum += level_sum[--top];
		level_sum[top++] = sum;
	}
	for (sum = 0; top > 0;)
		sum += level_sum[--top];
	return sum;
}

/* ---- kernels --------------------------------------------------------------- */

static int
put(const struct heddle_call *call, double v)
{
	double *to = array_out(call, 1);

	if (!to)
		return -1;
	*to = v;
	return 0;
}

/* Of all numbers of all inputs: chunks and merges alike. */
int
sum_run(const struct heddle_call *call)
{
	const double *x;
	double sum = 0;
	size_t n;

	for (uint32_t i = 0; i < call->nin; i++) {
		if (array_in(call, i, &x, &n) < 0)
			return -1;
		sum += array_sum(x, n, 0, 0);
	}
	return put(call, sum);
}

/* The least of sign * x; NaN if one is. */
static double
least(const double *x, size_t n, double sign)
{
	double low[WIDE];
	uint64_t nans = 0;
	size_t i = 0;

	for (int k = 0; k < WIDE; k++)
		low[k] = INFINITY;
	for (; i + WIDE <= n; i += WIDE)
		for (int k = 0; k < WIDE; k++) {
			double v = sign * x[i + k];

			low[k] = v < low[k] ? v : low[k];
			nans |= v != v;
		}
	for (; i < n; i++) {
		low[0] = sign * x[i] < low[0] ? sign * x[i] : low[0];
		nans |= x[i] != x[i];
	}
	for (int k = 1; k < WIDE; k++)
		low[0] = low[k] < low[0] ? low[k] : low[0];
	return nans ? NAN : low[0];
}

static int
extreme(const struct heddle_call *call, double sign)
{
	double low = INFINITY, v;
	const double *x;
	size_t n;

	for (uint32_t i = 0; i < call->nin; i++) {
		if (array_in(call, i, &x, &n) < 0)
			return -1;
		v = least(x, n, sign);
		low = v < low || isnan(v) ? v : low;
		if (isnan(low))
			break;
	}
	return put(call, sign * low);
}

int
min_run(const struct heddle_call *call)
{
	return extreme(call, 1);
}

int
max_run(const struct heddle_call *call)
{
	return extreme(call, -1);
}

int
moments_run(const struct heddle_call *call)
{
	struct moments *m;
	const double *x;
	double off;
	size_t n;

	if (array_in(call, 0, &x, &n) < 0)
		return -1;
	m = call->out(call->self, sizeof(*m));
	if (!m)
		return array_fail(call, "out of memory");
	if (!n) {
		memset(m, 0, sizeof(*m));
		return 0;
	}
	m->n = (double)n;
	m->mean = array_sum(x, n, 0, 0) / m->n;
	off = array_sum(x, n, m->mean, 0);	/* what rounding left of the mean */
	m->rest = isfinite(m->mean) ? off / m->n : 0;
	m->m2 = array_sum(x, n, m->mean, 1) - off * off / m->n;
	return 0;
}

/* Chan's update; the new mean keeps what its rounding leaves. */
static void
moments_add(struct moments *m, const struct moments *a)
{
	double n = m->n + a->n, d, add, mean;

	if (!isfinite(m->mean) || !isfinite(a->mean)) {
		*m = (struct moments){ n, m->mean + a->mean, 0, NAN };
		return;
	}
	d = (a->mean - m->mean) + (a->rest - m->rest);
	add = d * (a->n / n);
	mean = m->mean + add;
	m->rest += (m->mean - (mean - (mean - m->mean))) + (add - (mean - m->mean));
	m->mean = mean;
	m->m2 += a->m2 + d * d * (m->n * (a->n / n));
	m->n = n;
}

static int
moments_gather(const struct heddle_call *call, struct moments *m)
{
	struct moments a;

	memset(m, 0, sizeof(*m));
	for (uint32_t i = 0; i < call->nin; i++) {
		if (call->in[i].n != sizeof(a))
			return array_fail(call, "input %u has %zu bytes; expected moments, %zu", i,
					  call->in[i].n, sizeof(a));
		memcpy(&a, call->in[i].at, sizeof(a));
		if (m->n == 0)
			*m = a;
		else if (a.n != 0)
			moments_add(m, &a);
	}
	return 0;
}

int
moments_merge_run(const struct heddle_call *call)
{
	struct moments m, *to;

	if (moments_gather(call, &m) < 0)
		return -1;
	to = call->out(call->self, sizeof(*to));
	if (!to)
		return array_fail(call, "out of memory");
	*to = m;
	return 0;
}

int
mean_run(const struct heddle_call *call)
{
	struct moments m;

	return moments_gather(call, &m) < 0 ? -1 : put(call, m.n == 0 ? NAN : m.mean + m.rest);
}

int
std_run(const struct heddle_call *call)
{
	struct moments m;
	double ddof, m2;

	if (moments_gather(call, &m) < 0)
		return -1;
	memcpy(&ddof, call->par.at, sizeof(ddof));
	m2 = m.m2 < 0 ? 0 : m.m2;
	return put(call, m.n > ddof ? sqrt(m2 / (m.n - ddof)) : NAN);
}
