/* SPDX-License-Identifier: MIT */
/* agree - do the rows of a run say what its live block says? */

#include <stdlib.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/record/replay.h"

static int
is_same(enum task_state rows, enum task_state live)
{
	if (live == TASK_SKIPPED)
		return rows == TASK_BLOCKED || rows == TASK_READY;
	return rows == (live == TASK_HELD ? TASK_READY : live);
}

/* Counters of groups; -> how many groups differ. */
static unsigned
sums_differ(const struct replay *r, const struct graph *g, const struct live_head *h,
	    struct text *out)
{
	struct live_sum *rows = xcalloc(g->ngroups, sizeof(*rows));
	struct live_sum *live = xcalloc(g->ngroups, sizeof(*live));
	unsigned n = 0;

	replay_sums(r, rows);
	live_sums(h, g, live);
	for (uint32_t k = 0; k < g->ngroups && n < 10; k++) {
		if (rows[k].done == live[k].done && rows[k].failed == live[k].failed &&
		    rows[k].stopped == live[k].stopped && rows[k].retried == live[k].retried)
			continue;
		n++;
		text_addf(out, "%s: rows count %u done %u failed %u stopped %u retried, "
			  "the block %u %u %u %u\n", graph_text(g, g->group[k].name),
			  rows[k].done, rows[k].failed, rows[k].stopped, rows[k].retried,
			  live[k].done, live[k].failed, live[k].stopped, live[k].retried);
	}
	free(rows);
	free(live);
	return n;
}

int
replay_agrees(struct replay *r, const struct graph *g, const struct live_head *h,
	      struct text *out)
{
	const _Atomic uint32_t *words = live_words(h);
	struct replay_held held;
	char name[GRAPH_NAME];
	unsigned n = 0;

	replay_update(r);
	replay_seek(r, UINT64_MAX);
	replay_held(r, &held);
	for (heddle_task t = 0; t < h->ntasks && n < 10; t++) {
		enum task_state rows = replay_state(r, t), live = task_state_of(words[t]);

		if (is_same(rows, live) && (rows != TASK_BLOCKED || live != TASK_BLOCKED ||
					    words[t] == replay_left(r, t)))
			continue;
		n++;
		text_addf(out, "%s: rows say %s (%u left), the block %s (%x)\n",
			  graph_name(g, t, name), task_state_names[rows],
			  replay_left(r, t), task_state_names[live], (unsigned)words[t]);
	}
	n += sums_differ(r, g, h, out);
	if (held.values != h->held || held.bytes != h->held_bytes) {
		n++;
		text_addf(out, "held: rows say %llu values of %llu bytes, the block %llu of %llu\n",
			  (unsigned long long)held.values,
			  (unsigned long long)held.bytes,
			  (unsigned long long)h->held, (unsigned long long)h->held_bytes);
	}
	return n ? -1 : 0;
}
