/* SPDX-License-Identifier: MIT */
/* crc32c - the Castagnoli checksum, by the processor where it can. */

#ifndef CORE_RECORD_CRC32C_H
#define CORE_RECORD_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of n bytes, going on from crc (0 at the start), as in RFC 3720.  Any thread. */
uint32_t crc32c(uint32_t crc, const void *, size_t n);

/* The same by table, for tests. */
uint32_t crc32c_table(uint32_t crc, const void *, size_t n);

#endif
