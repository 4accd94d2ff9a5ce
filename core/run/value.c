/* SPDX-License-Identifier: MIT */
/* value - what tasks made: bytes kept until the last task that wants them has ended. */

#include "core/run/value.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/graph.h"

/* Before the bytes of a block; keeps them aligned to 16. */
struct block {
	uint64_t n, pad;
};

struct value *
values_new(const struct graph *g)
{
	size_t size = (size_t)g->csr.ntasks * sizeof(struct value);
	struct value *v;

	if (!g->has_values)
		return NULL;
	v = pages_grow(NULL, 0, size);
	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		const heddle_task *in = g->csr.pred + g->csr.pred_at[t];

		for (uint32_t i = graph_nin(g, t); i--;)
			atomic_fetch_add_explicit(&v[in[i]].refs, 1, memory_order_relaxed);
	}
	for (uint32_t i = 0; i < g->nnodes; i++)
		for (uint32_t k = 0; g->node[i].goal && k < g->node[i].nparts; k++)
			atomic_fetch_add_explicit(&v[g->part[g->node[i].part + k]].refs, 1,
						  memory_order_relaxed);
	return v;
}

void
values_free(struct value *v, const struct graph *g)
{
	if (!v)
		return;
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		value_drop(&v[t]);
	pages_free(v, (size_t)g->csr.ntasks * sizeof(*v));
}

struct heddle_bytes
value_bytes(const struct value *v)
{
	const struct block *b = v->block;

	if (v->n == VALUE_BLOCK)
		return (struct heddle_bytes){ b + 1, b->n };
	return (struct heddle_bytes){ &v->word, v->n };
}

void *
value_out(struct value *v, size_t n)
{
	struct heddle_bytes old = value_bytes(v);
	struct block *b;

	if (v->n == VALUE_BLOCK) {
		b = xrealloc(v->block, sizeof(*b) + n);
	} else if (n > sizeof(v->word)) {
		b = xmalloc(sizeof(*b) + n);
		memcpy(b + 1, old.at, old.n);
	} else {
		v->n = (uint32_t)n;
		return &v->word;
	}
	b->n = n;
	b->pad = 0;
	v->block = b;
	v->n = VALUE_BLOCK;
	return b + 1;
}

void
value_drop(struct value *v)
{
	if (v->n == VALUE_BLOCK)
		free(v->block);
	v->n = 0;
	v->word = 0;
}

static void
raise_peak(_Atomic uint64_t *peak, uint64_t now)
{
	uint64_t old = atomic_load_explicit(peak, memory_order_relaxed);

	while (old < now && !atomic_compare_exchange_weak_explicit(peak, &old, now,
			memory_order_relaxed, memory_order_relaxed))
		;
}

void
value_made(struct value *v, struct live_head *h)
{
	uint64_t n;

	if (v->n != VALUE_BLOCK)
		return;
	if (!atomic_load_explicit(&v->refs, memory_order_acquire)) {
		value_drop(v);
		return;
	}
	n = value_bytes(v).n;
	raise_peak(&h->held_peak,
		   atomic_fetch_add_explicit(&h->held, 1, memory_order_relaxed) + 1);
	raise_peak(&h->held_bytes_peak,
		   atomic_fetch_add_explicit(&h->held_bytes, n, memory_order_relaxed) + n);
}

void
value_release(struct value *v, struct live_head *h)
{
	if (atomic_fetch_sub_explicit(&v->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (v->n != VALUE_BLOCK)
		return;
	atomic_fetch_sub_explicit(&h->held, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&h->held_bytes, value_bytes(v).n, memory_order_relaxed);
	value_drop(v);
}
