/* SPDX-License-Identifier: MIT */
/* gauss - a block of standard normal numbers from the counters it starts at. */

#ifndef ARRAY_GAUSS_H
#define ARRAY_GAUSS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "philox.h"

/*
 * Block k holds the numbers 128 k to 128 k + 127 of a stream.  Its 64 counters
 * 64 k ... give each two words of 52 bits: u in (0, 1] and v in [0, 1); Box and
 * Muller make of them r cos(2 pi v), number i of the block, and r sin(2 pi v),
 * number 64 + i, with r = sqrt(-2 log u).
 *
 * Logarithm, sine and cosine are fdlibm's polynomials (Sun Microsystems, 1993)
 * without its branches: every line is a loop over lanes, only + - * / sqrt and
 * bits are used, so all machines and vector widths give the same bits, as long
 * as the compiler may not fuse a * b + c.
 */
enum { GAUSS_BLOCK = 2 * LANES };

static inline __attribute__((always_inline)) uint64_t
bits_of(double d)
{
	uint64_t v;

	memcpy(&v, &d, sizeof(v));
	return v;
}

static inline __attribute__((always_inline)) double
of_bits(uint64_t v)
{
	double d;

	memcpy(&d, &v, sizeof(d));
	return d;
}

/* log u for u in [2^-52, 1]. */
static inline __attribute__((always_inline)) double
gauss_log(double u)
{
	const uint64_t root = 0x3fe6a09e667f3bcd;	/* the root of a half */
	uint64_t bits = bits_of(u) + (0x3ff0000000000000 - root);
	double k = of_bits(bits >> 52 | 0x4330000000000000) - (0x1p52 + 1023);
	double f = of_bits((bits & 0x000fffffffffffff) + root) - 1;
	double s = f / (2 + f), z = s * s, half = 0.5 * f * f, r;

	r = 1.531383769920937332e-01 + z * 1.479819860511658591e-01;
	r = 1.818357216161805012e-01 + z * r;
	r = 2.222219843214978396e-01 + z * r;
	r = 2.857142874366239149e-01 + z * r;
	r = 3.999999999940941908e-01 + z * r;
	r = 6.666666666666735130e-01 + z * r;
	r = s * (half + z * r);
	return k * 6.93147180369123816490e-01 -
		((half - (r + k * 1.90821492927058770002e-10)) - f);
}

/* sin x and cos x for |x| <= pi/4. */
static inline __attribute__((always_inline)) double
gauss_sin(double x)
{
	double z = x * x, r;

	r = -2.50507602534068634195e-08 + z * 1.58969099521155010221e-10;
	r = 2.75573137070700676789e-06 + z * r;
	r = -1.98412698298579493134e-04 + z * r;
	r = 8.33333333332248946124e-03 + z * r;
	r = -1.66666666666666324348e-01 + z * r;
	return x + x * z * r;
}

static inline __attribute__((always_inline)) double
gauss_cos(double x)
{
	double z = x * x, half = 0.5 * z, w = 1 - half, r;

	r = 2.08757232129817482790e-09 + z * -1.13596475577881948265e-11;
	r = -2.75573143513906633035e-07 + z * r;
	r = 2.48015872894767294178e-05 + z * r;
	r = -1.38888888888741095749e-03 + z * r;
	r = 4.16666666666666019037e-02 + z * r;
	return w + ((1 - w - half) + z * z * r);
}

static inline __attribute__((always_inline)) void
gauss_block(double to[GAUSS_BLOCK], uint64_t block, uint64_t key)
{
	uint32_t x[4][LANES];
	double u[LANES], v[LANES];

	for (int i = 0; i < LANES; i++) {
		uint64_t counter = block * LANES + (uint64_t)i;

		x[0][i] = (uint32_t)counter;
		x[1][i] = (uint32_t)(counter >> 32);
		x[2][i] = 0;
		x[3][i] = 0;
	}
	philox(x, (uint32_t)key, (uint32_t)(key >> 32));
	for (int i = 0; i < LANES; i++) {
		uint64_t a = (uint64_t)x[1][i] << 32 | x[0][i];
		uint64_t b = (uint64_t)x[3][i] << 32 | x[2][i];

		u[i] = 2 - of_bits(a >> 12 | 0x3ff0000000000000);
		v[i] = of_bits(b >> 12 | 0x3ff0000000000000) - 1;
	}
	for (int i = 0; i < LANES; i++)
		u[i] = sqrt(-2 * gauss_log(u[i]));
	for (int i = 0; i < LANES; i++) {
		/* v is q quarter turns and t, |t| <= 1/2, of one */
		double magic = 4 * v[i] + 0x1.8p52, t = 4 * v[i] - (magic - 0x1.8p52);
		uint64_t q = bits_of(magic), swap = 0 - (q & 1);
		uint64_t s = bits_of(gauss_sin(t * 1.57079632679489661923));
		uint64_t c = bits_of(gauss_cos(t * 1.57079632679489661923));
		uint64_t other = (s ^ c) & swap;

		to[i] = u[i] * of_bits((c ^ other) ^ ((q + 1) >> 1 & 1) << 63);
		to[LANES + i] = u[i] * of_bits((s ^ other) ^ (q >> 1 & 1) << 63);
	}
}

#endif
