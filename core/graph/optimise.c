/* SPDX-License-Identifier: MIT */
/* optimise - equal pure tasks become one, and tasks that no goal needs are dropped. */

#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"
#include "core/graph/draft.h"
#include "core/job/job.h"

/* ---- share ---------------------------------------------------------------- */

/* What a task has apart from its predecessors. */
struct share {
	const struct build *b;
	const uint32_t *attr_of;	/* group -> the first node with equal keys */
	size_t segment;			/* for draft_near */
};

static uint32_t
attr_of_task(struct share *s, heddle_task t)
{
	return s->attr_of[draft_near(s->b, draft_made(s->b, t), &s->segment)->group];
}

static struct heddle_bytes
par_of(const struct build *b, heddle_task t)
{
	const unsigned char *at;
	uint64_t n;

	if (!b->par)
		return (struct heddle_bytes){ NULL, 0 };
	at = b->pars + (uint64_t)b->par[t] * 16;
	memcpy(&n, at, sizeof(n));
	return (struct heddle_bytes){ at + 16, n };
}

static uint64_t
mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t
hash_task(struct share *s, heddle_task t)
{
	const struct build *b = s->b;
	struct heddle_bytes par = par_of(b, t);
	uint64_t h = mix(b->kernel_of[t], attr_of_task(s, t)), x;
	size_t i;

	for (i = 0; i + 8 <= par.n; i += 8) {
		memcpy(&x, (const char *)par.at + i, 8);
		h = mix(h, x);
	}
	for (x = par.n; i < par.n; i++)
		x = x << 8 | ((const unsigned char *)par.at)[i];
	h = mix(h, x);
	for (uint64_t k = b->pred_at[t]; k < b->pred_at[t + 1]; k++)
		h = mix(h, b->pred[k]);
	return h;
}

static int
is_equal(struct share *s, heddle_task t, heddle_task u)
{
	const struct build *b = s->b;
	uint64_t n = b->pred_at[t + 1] - b->pred_at[t];
	struct heddle_bytes p, q;

	if (b->kernel_of[t] != b->kernel_of[u] || b->pred_at[u + 1] - b->pred_at[u] != n ||
	    (b->nin && b->nin[t] != b->nin[u]) ||
	    memcmp(b->pred + b->pred_at[t], b->pred + b->pred_at[u], n * sizeof(*b->pred)))
		return 0;
	if (attr_of_task(s, t) != attr_of_task(s, u))
		return 0;
	p = par_of(b, t);
	q = par_of(b, u);
	return p.n == q.n && (!p.n || !memcmp(p.at, q.at, p.n));
}

/* Group -> the first node whose keys are equal to its node's: tasks that ask
 * for other cores, pools or times are not equal. */
static uint32_t *
find_attrs(const struct build *b)
{
	uint32_t *distinct = xmalloc(b->nnodes * sizeof(*distinct)), n = 0, k;
	uint32_t *of_node = xmalloc(b->nnodes * sizeof(*of_node));
	uint32_t *of_group = xmalloc(b->ngroups * sizeof(*of_group));

	for (uint32_t i = 0; i < b->nnodes; i++) {
		for (k = 0; k < n; k++)
			if (!memcmp(&b->node[distinct[k]].attr, &b->node[i].attr,
				    sizeof(b->node[i].attr)))
				break;
		if (k == n)
			distinct[n++] = i;
		of_node[i] = distinct[k];
	}
	for (size_t g = 0; g < b->ngroups; g++)
		of_group[g] = of_node[b->group[g].node];
	free(distinct);
	free(of_node);
	return of_group;
}

static int
may_share(const struct build *b, heddle_task t)
{
	uint32_t flags = b->kernel[b->kernel_of[t]].flags;

	return (flags & HEDDLE_PURE) && !(flags & HEDDLE_EFFECT);
}

/* same: task -> the equal task that stays (itself, mostly).  Predecessors are
 * rewritten on the way, so equal chains fall together in one pass.  -> how
 * many tasks are not needed any more. */
static uint32_t
share(struct build *b, heddle_task *same)
{
	struct share s = { .b = b };
	heddle_task *slot;
	uint32_t npure = 0, nshared = 0;
	uint64_t mask = 1;

	for (heddle_task t = 0; t < b->ntasks; t++) {
		same[t] = t;
		npure += may_share(b, t) != 0;
	}
	if (npure < 2)
		return 0;
	while (mask < 2 * (uint64_t)npure)
		mask *= 2;
	slot = pages_grow(NULL, 0, mask-- * sizeof(*slot));
	s.attr_of = find_attrs(b);
	for (heddle_task t = 0; t < b->ntasks; t++) {
		uint64_t i;

		if (nshared)
			for (uint64_t k = b->pred_at[t]; k < b->pred_at[t + 1]; k++)
				b->pred[k] = same[b->pred[k]];
		if (!may_share(b, t))
			continue;
		for (i = hash_task(&s, t) & mask; slot[i]; i = (i + 1) & mask)
			if (is_equal(&s, t, slot[i] - 1))
				break;
		if (slot[i]) {
			same[t] = slot[i] - 1;
			nshared++;
		} else {
			slot[i] = t + 1;
		}
	}
	pages_free(slot, (mask + 1) * sizeof(*slot));
	free((void *)s.attr_of);
	return nshared;
}

/* ---- cull ------------------------------------------------------------------ */

/* A goal's parts are wanted, and what of it leaves its mark elsewhere; of a
 * goal that gives nothing, all tasks are. */
static void
mark_goals(const struct build *b, const heddle_task *same, unsigned char *wanted)
{
	size_t hint = 0;

	for (heddle_task t = 0; t < b->ntasks; t++) {
		uint32_t group = draft_near(b, draft_made(b, t), &hint)->group;
		const struct graph_node *n = &b->node[b->group[group].node];

		if (n->goal && (!n->nparts ||
				(b->kernel[b->kernel_of[t]].flags & HEDDLE_EFFECT)))
			wanted[same[t]] = 1;
	}
	for (size_t i = 0; i < b->nnodes; i++) {
		const struct graph_node *n = &b->node[i];

		for (uint32_t k = 0; n->goal && k < n->nparts; k++) {
			heddle_task made = b->part[n->part + k];

			wanted[same[b->now ? b->now[made] : made]] = 1;
		}
	}
}

/* Predecessors have smaller ids, so one pass from the last task down is all. */
static void
mark_needs(const struct build *b, unsigned char *wanted)
{
	for (heddle_task t = b->ntasks; t-- > 0;)
		if (wanted[t])
			for (uint64_t i = b->pred_at[t]; i < b->pred_at[t + 1]; i++)
				wanted[b->pred[i]] = 1;
}

/* ---- drop ------------------------------------------------------------------- */

/* Move task t and its predecessors down to id k; edges end at *e. */
static void
move_task(struct build *b, heddle_task t, heddle_task k, const heddle_task *id, uint64_t *e)
{
	uint64_t first = b->pred_at[t], end = b->pred_at[t + 1];

	b->kernel_of[k] = b->kernel_of[t];
	if (b->par)
		b->par[k] = b->par[t];
	if (b->expect)
		b->expect[k] = b->expect[t];
	if (b->nin)
		b->nin[k] = b->nin[t];
	b->pred_at[k] = *e;
	for (uint64_t i = first; i < end; i++) {
		heddle_task p = id[b->pred[i]];

		b->nsucc[p]++;
		b->pred[(*e)++] = p;
	}
}

/* Keep tasks that are wanted; same says who stands for those that are not.
 * What is written lies at or below what was just read (k <= t, and so for
 * edges), so the arrays shrink where they are. */
static void
drop(struct build *b, const heddle_task *same, const unsigned char *wanted)
{
	uint32_t n = 0;
	uint64_t e = 0;
	heddle_task *id = xmalloc((size_t)b->ntasks * sizeof(*id));
	uint32_t *was = xmalloc((size_t)b->ntasks * sizeof(*was));
	uint32_t *now = xmalloc((size_t)b->nmade * sizeof(*now));

	memset(b->nsucc, 0, (size_t)b->ntasks * sizeof(*b->nsucc));
	for (heddle_task t = 0; t < b->ntasks; t++) {
		id[t] = HEDDLE_NONE;
		if (same[t] != t) {
			id[t] = id[same[t]];
			continue;
		}
		if (!wanted[t])
			continue;
		move_task(b, t, n, id, &e);
		was[n] = draft_made(b, t);
		id[t] = n++;
	}
	b->pred_at[n] = e;
	for (uint32_t made = 0; made < b->nmade; made++)
		now[made] = id[b->now ? b->now[made] : made];
	free(id);
	free(b->was);
	free(b->now);
	b->was = was;
	b->now = now;
	b->ntasks = n;
	b->npreds = e;
}

void
draft_optimise(struct build *b, unsigned optimise)
{
	uint32_t n = b->ntasks, nwanted = 0;
	int is_culled = (optimise & JOB_CULL) && b->has_goal;
	heddle_task *same;
	unsigned char *wanted;

	if (!n || (!is_culled && !(optimise & JOB_SHARE)))
		return;
	same = xmalloc((size_t)n * sizeof(*same));
	wanted = xcalloc(n, 1);
	if (optimise & JOB_SHARE)
		b->nshared = share(b, same);
	else
		for (heddle_task t = 0; t < n; t++)
			same[t] = t;
	if (is_culled) {
		mark_goals(b, same, wanted);
		mark_needs(b, wanted);
	} else {
		for (heddle_task t = 0; t < n; t++)
			wanted[t] = same[t] == t;
	}
	for (heddle_task t = 0; t < n; t++)
		nwanted += wanted[t];
	if (nwanted < n || b->nshared)
		drop(b, same, wanted);
	free(same);
	free(wanted);
}
