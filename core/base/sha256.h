/* SPDX-License-Identifier: MIT */
/* sha256 - the SHA-256 of bytes (FIPS 180-4). */

#ifndef CORE_BASE_SHA256_H
#define CORE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 };

struct sha256 {
	uint32_t h[8];
	uint64_t n;			/* bytes so far */
	unsigned char block[64];
};

void sha256_init(struct sha256 *);
void sha256_add(struct sha256 *, const void *, size_t n);
void sha256_end(struct sha256 *, unsigned char digest[SHA256_SIZE]);

/* Of a whole file, from its start; moves no offset.  0, or -1 with errno. */
int sha256_fd(int fd, unsigned char digest[SHA256_SIZE]);

#endif
