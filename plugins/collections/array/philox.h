/* SPDX-License-Identifier: MIT */
/* philox - random numbers from a counter: Philox4x32-10 of Salmon et al., SC11. */

#ifndef ARRAY_PHILOX_H
#define ARRAY_PHILOX_H

#include <stdint.h>

/*
 * A bijection of 128-bit counters under a 64-bit key: number i of a stream is
 * a function of i, with no state between.  A row of x is one word of so many
 * counters, so that each line below is one loop over lanes.
 */
enum { LANES = 64 };

static inline __attribute__((always_inline)) void
philox(uint32_t x[4][LANES], uint32_t key0, uint32_t key1)
{
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < LANES; i++) {
			uint64_t a = (uint64_t)x[0][i] * 0xd2511f53;
			uint64_t b = (uint64_t)x[2][i] * 0xcd9e8d57;

			x[0][i] = (uint32_t)(b >> 32) ^ x[1][i] ^ key0;
			x[1][i] = (uint32_t)b;
			x[2][i] = (uint32_t)(a >> 32) ^ x[3][i] ^ key1;
			x[3][i] = (uint32_t)a;
		}
		key0 += 0x9e3779b9;	/* the golden ratio */
		key1 += 0xbb67ae85;	/* the root of three, less one */
	}
}

#endif
