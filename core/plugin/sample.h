/* SPDX-License-Identifier: MIT */
/* sample - graphs made up to try a scheduler on. */

#ifndef CORE_PLUGIN_SAMPLE_H
#define CORE_PLUGIN_SAMPLE_H

#include <heddle.h>
#include <stddef.h>

enum sample_shape {
	SAMPLE_ONE,			/* a single task */
	SAMPLE_CHAIN,
	SAMPLE_APART,			/* no edges */
	SAMPLE_FAN,			/* one, many, one */
	SAMPLE_DIAMONDS,		/* one, two, one, two .. */
	SAMPLE_LAYERS,			/* up to three random inputs in the layer before */
	SAMPLE_SHAPES
};
enum { SAMPLE_EXPECT = 1 };		/* lengths are told, some unknown; else no idea of any */

/* One read-only piece of memory: who writes into it dies. */
struct sample {
	const struct heddle_graph *graph;
	const uint64_t *level;		/* as host->levels */
	const char *name;		/* of the shape */
	void *memory;
	size_t size;
};

void sample_make(struct sample *, enum sample_shape, uint32_t ntasks,
		 uint32_t nworkers, uint64_t seed, unsigned flags);
void sample_fini(struct sample *);

/* How long a task takes there, ns: expect, or something where unknown. */
uint64_t sample_length(const struct sample *, heddle_task);

/* A next number from *state. */
uint64_t sample_random(uint64_t *state);

#endif
