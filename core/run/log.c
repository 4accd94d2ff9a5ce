/* SPDX-License-Identifier: MIT */
/* log - the fixed record of a run: a row a task or idle stretch, in chunks. */

#include "core/run/log.h"

#include <string.h>

#include "core/base/xalloc.h"

const char *const class_names[CLASS_N] = {
	[CLASS_RUN_CPU] = "run_cpu", [CLASS_RUN_WAIT] = "run_wait",
	[CLASS_OVH] = "ovh", [CLASS_OFF] = "off", [CLASS_SRC] = "src",
	[CLASS_RES] = "res", [CLASS_HOLD] = "hold", [CLASS_END] = "end",
	[CLASS_DEP] = "dep",
};

const char class_letters[CLASS_N] = {
	[CLASS_RUN_CPU] = '|', [CLASS_RUN_WAIT] = 'w', [CLASS_OVH] = 'v',
	[CLASS_OFF] = 'z', [CLASS_SRC] = 's', [CLASS_RES] = 'r',
	[CLASS_HOLD] = 'h', [CLASS_END] = 'e', [CLASS_DEP] = 'd',
};

const char *const event_names[EVENT_KINDS] = {
	[EVENT_START] = "start", [EVENT_END] = "end", [EVENT_FAIL] = "fail",
	[EVENT_RETRY] = "retry", [EVENT_SKIP] = "skip",
	[EVENT_REQUEST] = "request", [EVENT_POLICY] = "policy",
	[EVENT_COMMAND] = "command", [EVENT_NOTE] = "note",
};

/* A run too small to fill large pages takes small ones. */
enum { SMALL_CHUNK = 64 << 10, LARGE_CHUNK = 2 << 20 };

void
log_init(struct log *l, uint64_t expected_rows)
{
	memset(l, 0, sizeof(*l));
	l->chunk_bytes = expected_rows * sizeof(struct log_row) > LARGE_CHUNK / 2 ?
			 LARGE_CHUNK : SMALL_CHUNK;
}

void
log_fini(struct log *l)
{
	struct log_chunk *next;

	for (struct log_chunk *c = atomic_load(&l->first); c; c = next) {
		next = atomic_load(&c->next);
		pages_free(c, l->chunk_bytes);
	}
	atomic_store(&l->first, NULL);
	l->last = NULL;
}

static void
grow(struct log *l, uint64_t start)
{
	struct log_chunk *c = pages_grow(NULL, 0, l->chunk_bytes);

	c->cap = (uint32_t)((l->chunk_bytes - sizeof(*c)) / sizeof(c->row[0]));
	c->first = start;
	if (l->last) {
		memcpy(l->last->sums, l->sums, sizeof(l->sums));
		atomic_store_explicit(&l->last->next, c, memory_order_release);
	} else {
		atomic_store_explicit(&l->first, c, memory_order_release);
	}
	l->last = c;
}

void
log_add(struct log *l, uint64_t start, uint64_t end, uint64_t packed, uint32_t task)
{
	struct log_chunk *c = l->last;
	uint32_t n;

	if (!c || atomic_load_explicit(&c->n, memory_order_relaxed) == c->cap) {
		grow(l, start);
		c = l->last;
	}
	n = atomic_load_explicit(&c->n, memory_order_relaxed);
	c->row[n] = (struct log_row){ start, end, packed, task, 0 };
	l->sums[task != HEDDLE_NONE ? CLASS_RUN_CPU : (packed >> 8) & 0xff] += end - start;
	l->end = end;
	atomic_store_explicit(&c->n, n + 1, memory_order_release);
}

const struct log_row *
log_next(const struct log *l, struct log_walk *at)
{
	const struct log_chunk *next;

	if (!at->chunk) {
		at->chunk = atomic_load_explicit(&l->first, memory_order_acquire);
		at->i = 0;
		if (!at->chunk)
			return NULL;
	}
	while (at->i == atomic_load_explicit(&at->chunk->n, memory_order_acquire)) {
		next = atomic_load_explicit(&at->chunk->next, memory_order_acquire);
		if (at->i < at->chunk->cap || !next)
			return NULL;
		at->chunk = next;
		at->i = 0;
	}
	return &at->chunk->row[at->i++];
}
