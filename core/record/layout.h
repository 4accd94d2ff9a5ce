/* SPDX-License-Identifier: MIT */
/* layout - how the files of a record begin, for its writer and its reader. */

#ifndef CORE_RECORD_LAYOUT_H
#define CORE_RECORD_LAYOUT_H

#include <stdint.h>

#include "core/run/live.h"

/* record/N begins with this; rows follow.  Native byte order: another one
 * shows as another magic. */
#define RECORD_MAGIC 0x73776f7264646568ull	/* "heddrows" */
enum { RECORD_VERSION = 1 };
struct record_head {
	uint64_t magic;
	uint32_t version, row_size;
	uint32_t worker, nworkers;
	uint64_t graph;			/* digest of graph.bin */
	uint64_t wall_start;		/* ns since the epoch */
	uint64_t pad[2];
	uint32_t pad2, crc;		/* of the 60 bytes before */
};
_Static_assert(sizeof(struct record_head) == 64, "the record's head");

/* begin.bin: what is known before the first task; for runs that were cut. */
#define BEGIN_MAGIC 0x6e69676264646568ull	/* "heddbgin" */
struct record_begin {
	uint64_t magic;
	uint32_t version, size;
	char job[LIVE_NAME], scheduler[LIVE_NAME], executor[LIVE_NAME];
	uint32_t workers, ntasks;
	int32_t pid;
	uint32_t pad;
	uint64_t graph, wall_start;
	uint32_t pad2, crc;		/* of the bytes before */
};

/* live.bin is the live block and then the CRC32C of it. */

/* Digest of a file: its CRC32C and its size.  0 if it cannot be read. */
uint64_t record_digest(int dir, const char *name);

#endif
