/* SPDX-License-Identifier: MIT */
/* steal - a worker runs its own newest task, or without one another's oldest. */

/*
 * A deque a worker (Chase, Lev 2005; in C11 as Le, Pop, Cohen, Zappa Nardelli
 * 2013).  Tasks stand at places top .. bottom - 1 of an endless row that is
 * folded into a ring.  The owner alone writes bottom: it adds and takes there.
 * Thieves take at top, by compare and swap; so does the owner when one task is
 * left.  top never goes back.
 *
 * The race that matters is for that last task, at place b - 1 = t:
 *
 *	owner				thief
 *	bottom = b - 1			t = top
 *	t = top				is bottom > t?
 *	t == b - 1: swap top t, t + 1	yes: swap top t, t + 1
 *
 * The four accesses are sequentially consistent, so not both can miss what the
 * other wrote: either the owner sees that top has moved past, or the thief
 * sees that bottom has come down, or both try the swap and one gets it.
 * Everything a task's makers wrote comes along with bottom: stored with
 * release by ready, loaded by the thief before it reads the ring.
 *
 * A full ring is replaced by one of twice the size.  The old one is kept until
 * close, for a thief may still read it: what it reads at place t is right as
 * long as top is t, which its swap proves.
 *
 * Tasks that come from no worker (HEDDLE_NONE: a retry, a hold that was
 * lifted), and those a ring has no memory for, go to a common box under a
 * mutex; who runs dry moves its share of the box, a contiguous slice, into its
 * own deque.
 *
 * NONE must be true at one instant, but deques are looked at one after the
 * other.  One that is empty stays so until something is added, and each
 * addition counts up the high bits of the very word that publishes it.  So a
 * look that finds all empty, and a second one with the same sum of these
 * counts, prove that all were empty when the first look ended.  (A count is
 * 24 bits wide: 2^24 additions between two looks would be needed to deceive.)
 * The box is looked at first: what moves from it to a deque is found there.
 */

#include <heddle.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LINE = 128, FIRST_RING = 1024 };

/* A count of additions above a place or number, in one word. */
#define PLACE_BITS	40
#define ADDITION	(UINT64_C(1) << PLACE_BITS)

static inline int64_t
place(uint64_t word)
{
	return (int64_t)(word & (ADDITION - 1));
}

struct ring {
	struct ring *older;		/* the one it replaced */
	int64_t mask;			/* size - 1; a power of two */
	_Atomic heddle_task slot[];
};

struct deque {
	/* the thieves' line */
	_Alignas(LINE) _Atomic int64_t top;
	/* the owner's line */
	_Alignas(LINE) _Atomic uint64_t bottom;	/* additions, place */
	_Atomic(struct ring *) ring;
	int64_t seen_top;		/* top is at least this; saves a look at their line */
	uint64_t state;			/* of the choice of a victim */
};

struct box {				/* tasks of no worker, oldest first */
	_Alignas(LINE) _Atomic uint64_t n;	/* additions, number; written under the lock */
	int64_t first;
	pthread_mutex_t lock;		/* guards first and the slots */
	heddle_task *slot;		/* a ring of ntasks */
};

struct steal {
	uint32_t ntasks, nworkers;
	struct box box;
	struct deque deque[];
};

static struct ring *
ring_new(int64_t size, struct ring *older)
{
	struct ring *r = malloc(sizeof(*r) + (size_t)size * sizeof(r->slot[0]));

	if (r) {
		r->older = older;
		r->mask = size - 1;
	}
	return r;
}

/* Room for n more at bottom b?  Owner alone.  -> the ring, or NULL. */
static struct ring *
room(struct deque *d, int64_t b, uint32_t n)
{
	struct ring *r = atomic_load_explicit(&d->ring, memory_order_relaxed), *wide;
	int64_t size, i;

	if (b + n - d->seen_top <= r->mask + 1)
		return r;
	d->seen_top = atomic_load_explicit(&d->top, memory_order_acquire);
	if (b + n - d->seen_top <= r->mask + 1)
		return r;
	for (size = 2 * (r->mask + 1); size < b + n - d->seen_top; size *= 2)
		;
	wide = ring_new(size, r);
	if (!wide)
		return NULL;
	for (i = d->seen_top; i < b; i++)
		atomic_store_explicit(&wide->slot[i & wide->mask],
			atomic_load_explicit(&r->slot[i & r->mask], memory_order_relaxed),
			memory_order_relaxed);
	atomic_store_explicit(&d->ring, wide, memory_order_release);
	return wide;
}

/* Add n tasks; owner alone.  -1: no memory, none was added. */
static int
add(struct deque *d, const heddle_task *task, uint32_t n)
{
	uint64_t word = atomic_load_explicit(&d->bottom, memory_order_relaxed);
	int64_t b = place(word);
	struct ring *r = room(d, b, n);
	uint32_t i;

	if (!r)
		return -1;
	for (i = 0; i < n; i++)
		atomic_store_explicit(&r->slot[(b + i) & r->mask], task[i],
				      memory_order_relaxed);
	atomic_store_explicit(&d->bottom, word + ADDITION + n, memory_order_release);
	return 0;
}

/* Take the newest; owner alone.  With is_alone there are no thieves. */
static heddle_task
take(struct deque *d, int is_alone)
{
	uint64_t word = atomic_load_explicit(&d->bottom, memory_order_relaxed);
	struct ring *r = atomic_load_explicit(&d->ring, memory_order_relaxed);
	int64_t b = place(word) - 1, t;
	heddle_task task;

	if (b < d->seen_top)
		return HEDDLE_NONE;
	if (is_alone)
		atomic_store_explicit(&d->bottom, word - 1, memory_order_relaxed);
	else
		atomic_store_explicit(&d->bottom, word - 1, memory_order_seq_cst);
	t = d->seen_top = atomic_load_explicit(&d->top, memory_order_seq_cst);
	task = atomic_load_explicit(&r->slot[b & r->mask], memory_order_relaxed);
	if (t < b)
		return task;
	if (t > b || !atomic_compare_exchange_strong(&d->top, &t, t + 1))
		task = HEDDLE_NONE;
	d->seen_top = b + 1;
	atomic_store_explicit(&d->bottom, word, memory_order_release);
	return task;
}

/* Take the oldest; any thread.  Adds to *count; NONE with *lost set: another
 * was faster. */
static heddle_task
rob(struct deque *d, uint64_t *count, int *lost)
{
	int64_t t = atomic_load_explicit(&d->top, memory_order_seq_cst);
	uint64_t word = atomic_load_explicit(&d->bottom, memory_order_seq_cst);
	heddle_task task;
	struct ring *r;

	*count += word >> PLACE_BITS;
	if (place(word) <= t)
		return HEDDLE_NONE;
	r = atomic_load_explicit(&d->ring, memory_order_acquire);
	task = atomic_load_explicit(&r->slot[t & r->mask], memory_order_relaxed);
	if (atomic_compare_exchange_strong(&d->top, &t, t + 1))
		return task;
	*lost = 1;
	return HEDDLE_NONE;
}

static void
box_add(struct steal *s, const heddle_task *task, uint32_t n)
{
	struct box *box = &s->box;
	uint64_t word;
	uint32_t i;

	pthread_mutex_lock(&box->lock);
	word = atomic_load_explicit(&box->n, memory_order_relaxed);
	for (i = 0; i < n; i++)
		box->slot[(box->first + place(word) + i) % s->ntasks] = task[i];
	atomic_store_explicit(&box->n, word + ADDITION + n, memory_order_seq_cst);
	pthread_mutex_unlock(&box->lock);
}

/* One task of the box; the rest of the caller's share goes to its deque d
 * (NULL: it has none).  Adds to *count. */
static heddle_task
box_take(struct steal *s, struct deque *d, uint64_t *count)
{
	struct box *box = &s->box;
	uint64_t word = atomic_load_explicit(&box->n, memory_order_seq_cst);
	heddle_task task = HEDDLE_NONE;
	int64_t n, share;

	*count += word >> PLACE_BITS;
	if (place(word) == 0)
		return HEDDLE_NONE;
	pthread_mutex_lock(&box->lock);
	word = atomic_load_explicit(&box->n, memory_order_relaxed);
	n = place(word);
	share = d ? (n + s->nworkers - 1) / s->nworkers : n > 0;
	if (share > s->ntasks - box->first)
		share = s->ntasks - box->first;		/* up to where it folds */
	if (share > 1 && add(d, &box->slot[box->first + 1], (uint32_t)share - 1) < 0)
		share = 1;
	if (share > 0) {
		task = box->slot[box->first];
		box->first = (box->first + share) % s->ntasks;
		atomic_store_explicit(&box->n, word - (uint64_t)share, memory_order_seq_cst);
	}
	pthread_mutex_unlock(&box->lock);
	return task;
}

static void
steal_close(void *self)
{
	struct steal *s = self;
	struct ring *r, *older;
	uint32_t w;

	for (w = 0; w < s->nworkers; w++)
		for (r = atomic_load(&s->deque[w].ring); r; r = older) {
			older = r->older;
			free(r);
		}
	pthread_mutex_destroy(&s->box.lock);
	free(s->box.slot);
	free(s);
}

static int
init(struct steal *s, const struct heddle_host *host, const struct heddle_graph *graph)
{
	struct deque *d;
	uint32_t w;

	s->ntasks = graph->ntasks;
	s->nworkers = graph->nworkers;
	atomic_init(&s->box.n, 0);
	s->box.first = 0;
	pthread_mutex_init(&s->box.lock, NULL);
	s->box.slot = malloc((size_t)s->ntasks * sizeof(s->box.slot[0]) + 1);
	for (w = 0; w < s->nworkers; w++) {
		d = &s->deque[w];
		atomic_init(&d->top, 0);
		atomic_init(&d->bottom, 0);
		d->seen_top = 0;
		d->state = host->seed * UINT64_C(0x9e3779b97f4a7c15) + w;
		atomic_init(&d->ring, ring_new(FIRST_RING, NULL));
	}
	for (w = 0; w < s->nworkers; w++)
		if (!atomic_load(&s->deque[w].ring))
			return -1;
	return s->box.slot ? 0 : -1;
}

static void *
steal_open(const struct heddle_host *host, const struct heddle_graph *graph,
	   const struct heddle_arg *arg)
{
	struct steal *s;

	(void)arg;
	s = aligned_alloc(LINE, sizeof(*s) + graph->nworkers * sizeof(s->deque[0]));
	if (s && init(s, host, graph) < 0) {
		steal_close(s);
		s = NULL;
	}
	if (!s)
		host->fail(host->self, "no memory for the deques");
	return s;
}

static void
steal_ready(void *self, uint32_t worker, const heddle_task *task, uint32_t n)
{
	struct steal *s = self;

	if (worker >= s->nworkers || add(&s->deque[worker], task, n) < 0)
		box_add(s, task, n);
}

/* Where to begin to look: any worker. */
static uint32_t
victim(struct steal *s, struct deque *d)
{
	if (!d)
		return 0;
	d->state = d->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((d->state >> 32) * s->nworkers >> 32);
}

/* One look at everything there is.  *count: the sum of all additions. */
static heddle_task
look(struct steal *s, struct deque *own, uint64_t *count, int *lost)
{
	uint32_t i, w = victim(s, own);
	heddle_task task = box_take(s, own, count);

	for (i = 0; task == HEDDLE_NONE && i < s->nworkers; i++) {
		task = rob(&s->deque[w], count, lost);
		w = w + 1 < s->nworkers ? w + 1 : 0;
	}
	return task;
}

static heddle_task
steal_next(void *self, uint32_t worker)
{
	struct steal *s = self;
	struct deque *own = worker < s->nworkers ? &s->deque[worker] : NULL;
	heddle_task task = own ? take(own, s->nworkers == 1) : HEDDLE_NONE;
	uint64_t count, before = 0;
	int is_sure = 0, lost;

	while (task == HEDDLE_NONE) {
		count = 0;
		lost = 0;
		task = look(s, own, &count, &lost);
		if (task == HEDDLE_NONE && !lost && is_sure && count == before)
			break;
		is_sure = !lost;
		before = count;
	}
	return task;
}

static const struct heddle_scheduler steal = {
	.size = sizeof(steal),
	.flags = HEDDLE_CONCURRENT,
	.open = steal_open,
	.close = steal_close,
	.ready = steal_ready,
	.next = steal_next,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "steal",
	.version = "1",
	.about = "work stealing: own tasks newest first, else another worker's oldest",
	.scheduler = &steal,
};
