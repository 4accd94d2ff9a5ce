/* SPDX-License-Identifier: MIT */
/* plan_edges - order that keys ask for: after, each, braces, and files one task makes and another reads. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/draft.h"
#include "core/graph/planner.h"
#include "core/job/job.h"

/* ---- first and last tasks of a node or an item --------------------------------- */

enum { HAS_PRED = 1, HAS_SUCC = 2 };

/* Which tasks of a node have inputs, or are one, within the node. */
static const unsigned char *
inner_of(const struct planner *p, struct plan_node *n)
{
	const struct build *b = p->build;

	if (n->inner)
		return n->inner;
	n->inner = xcalloc((size_t)(n->end - n->first) + 1, 1);
	for (heddle_task t = n->first; t < n->end; t++)
		for (uint64_t i = b->pred_at[t]; i < b->pred_at[t + 1]; i++)
			if (b->pred[i] >= n->first) {
				n->inner[t - n->first] |= HAS_PRED;
				n->inner[b->pred[i] - n->first] |= HAS_SUCC;
			}
	return n->inner;
}

static uint32_t
count_without(const struct planner *p, struct plan_node *n, int what)
{
	const unsigned char *inner = inner_of(p, n);
	uint32_t count = 0;

	for (heddle_task t = n->first; t < n->end; t++)
		count += !(inner[t - n->first] & what);
	return count;
}

static int
too_many(uint64_t n, const char *of, struct err *err)
{
	return err_set(err, EXIT_GRAPH, "waiting for '%s' takes %llu order edges, at most %d; put one task between",
		       of, (unsigned long long)n, MOST_EDGES);
}

/* ---- after ------------------------------------------------------------------------ */

static int
add_after(struct planner *p, struct plan_node *from, struct plan_node *to, struct err *err)
{
	uint64_t n = (uint64_t)count_without(p, from, HAS_SUCC) * count_without(p, to, HAS_PRED);
	const unsigned char *left = inner_of(p, from), *right = inner_of(p, to);

	if (n > MOST_EDGES)
		return too_many(n, from->def->name, err);
	for (heddle_task t = to->first; t < to->end; t++) {
		if (right[t - to->first] & HAS_PRED)
			continue;
		for (heddle_task s = from->first; s < from->end; s++)
			if (!(left[s - from->first] & HAS_SUCC) &&
			    build_order(p->build, s, t, err) < 0)
				return -1;
	}
	return 0;
}

/* ---- item by item ------------------------------------------------------------------- */

/* The last tasks of an item before the first ones of another. */
static int
add_between(struct planner *p, struct plan_node *from, const struct plan_item *a,
	    struct plan_node *to, const struct plan_item *b, struct err *err)
{
	const unsigned char *left = inner_of(p, from), *right = inner_of(p, to);

	for (uint32_t i = 0; i < a->ntasks; i++) {
		heddle_task s = from->made[a->task + i].task;

		if (left[s - from->first] & HAS_SUCC)
			continue;
		for (uint32_t k = 0; k < b->ntasks; k++) {
			heddle_task t = to->made[b->task + k].task;

			if (!(right[t - to->first] & HAS_PRED) &&
			    build_order(p->build, s, t, err) < 0)
				return -1;
		}
	}
	return 0;
}

int
plan_item_edge(struct planner *p, uint32_t from, uint32_t from_item,
	       uint32_t to, uint32_t to_item, struct err *err)
{
	struct plan_want *w;

	if (p->nwants && p->want[p->nwants - 1].from == from &&
	    p->want[p->nwants - 1].from_item == from_item &&
	    p->want[p->nwants - 1].to_item == to_item)
		return 0;
	if (p->nwants == MOST_EDGES)
		return too_many((uint64_t)p->node[from].nitems * p->node[to].nitems,
				p->node[from].def->name, err);
	w = XADD(&p->want, &p->nwants, &p->capwants);
	w->from = from;
	w->from_item = from_item;
	w->to_item = to_item;
	return 0;
}

/* each = NODE: item i behind what made item i. */
static int
add_each(struct planner *p, struct plan_node *from, struct plan_node *to, struct err *err)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < to->nitems; i++) {
		struct plan_made made = { i, from->first + i };
		struct plan_item item = { .task = 0, .ntasks = 1 };
		struct plan_node one = *from;

		if (from->op->flags & HEDDLE_EACH) {
			rc = add_between(p, from, &from->item[i], to, &to->item[i], err);
			continue;
		}
		/* one item a task: that task, whoever follows it in its node */
		one.made = &made;
		one.inner = (unsigned char[1]){ 0 };
		one.first = made.task;
		rc = add_between(p, &one, &item, to, &to->item[i], err);
	}
	return rc;
}

int
plan_edges(struct planner *p, uint32_t i, struct err *err)
{
	struct plan_node *n = &p->node[i];
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < p->nwants; k++) {
		struct plan_want *w = &p->want[k];
		struct plan_node *from = &p->node[w->from];

		rc = add_between(p, from, &from->item[w->from_item], n, &n->item[w->to_item], err);
	}
	p->nwants = 0;
	if (rc == 0 && n->each_of != GRAPH_NONE)
		rc = add_each(p, &p->node[n->each_of], n, err);
	for (size_t k = 0; rc == 0 && k < n->nafter; k++)
		rc = add_after(p, &p->node[n->after[k]], n, err);
	return rc < 0 ? plan_bad_in(err, n, NULL) : 0;
}

/* ---- files ----------------------------------------------------------------------------- */

/* Absolute, without "." "..", "//": by letters alone, links are not looked at. */
static char *
whole_path(const char *dir, const char *path)
{
	char *at = *path == '/' ? xstrdup(path) : xasprintf("%s/%s", dir, path);
	char *out = at;
	const char *s = at;

	while (*s) {
		size_t n;

		s += strspn(s, "/");
		n = strcspn(s, "/");
		if (n == 2 && !strncmp(s, "..", 2)) {
			while (out > at && *--out != '/')
				;
		} else if (n && !(n == 1 && *s == '.')) {
			*out++ = '/';
			memmove(out, s, n);
			out += n;
		}
		s += n;
	}
	if (out == at)
		*out++ = '/';
	*out = '\0';
	return at;
}

static uint32_t *
find_slot(const struct planner *p, const char *path)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (const char *s = path; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	i = h & (p->nslots - 1);
	while (p->slot[i] && strcmp(p->file[p->slot[i] - 1].path, path))
		i = (i + 1) & (p->nslots - 1);
	return &p->slot[i];
}

static void
grow_slots(struct planner *p)
{
	free(p->slot);
	p->nslots = p->nslots ? 2 * p->nslots : 64;
	p->slot = xcalloc(p->nslots, sizeof(*p->slot));
	for (size_t i = 0; i < p->nfiles; i++)
		*find_slot(p, p->file[i].path) = (uint32_t)i + 1;
}

/* "fetch/3" */
static char *
item_name(const struct plan_node *n, uint32_t item)
{
	return n->nitems == 1 ? xstrdup(n->def->name) : xasprintf("%s/%u", n->def->name, item);
}

static int
two_makers(const struct planner *p, const struct plan_file *f, uint32_t node, uint32_t item,
	   const char *path, struct err *err)
{
	const struct plan_node *a = &p->node[f->node], *b = &p->node[node];
	char *first = item_name(a, f->item), *second = item_name(b, item), at[256];

	err_set(err, EXIT_GRAPH, "%s and %s (%s) would both make %s", second, first,
		job_at(a->out ? &a->out->at : &a->def->at, at), path);
	free(first);
	free(second);
	return plan_bad_in(err, b, b->out);
}

int
plan_add_outs(struct planner *p, uint32_t i, struct err *err)
{
	const struct plan_node *n = &p->node[i];

	for (uint32_t k = 0; k < n->nitems; k++)
		for (uint32_t j = 0; j < n->item[k].nout; j++) {
			char *path = whole_path(p->job->set.dir, n->item[k].out[j]);
			struct plan_file *f;
			uint32_t *slot;

			if (2 * (p->nfiles + 1) > p->nslots)
				grow_slots(p);
			slot = find_slot(p, path);
			if (*slot) {
				free(path);
				return two_makers(p, &p->file[*slot - 1], i, k,
						  n->item[k].out[j], err);
			}
			f = XADD(&p->file, &p->nfiles, &p->capfiles);
			f->path = path;
			f->node = i;
			f->item = k;
			*slot = (uint32_t)p->nfiles;
		}
	return 0;
}

/* One file an item reads: behind its maker, or it must be there. */
static int
add_file_edge(struct planner *p, struct plan_node *n, const struct plan_item *item,
	      const char *file, struct err *err)
{
	char *path = whole_path(p->job->set.dir, file);
	uint32_t *slot = p->nslots ? find_slot(p, path) : NULL;
	int rc = 0;

	if (slot && *slot) {
		struct plan_file *f = &p->file[*slot - 1];
		struct plan_node *from = &p->node[f->node];

		if (from != n)
			from->is_used = 1;
		rc = add_between(p, from, &from->item[f->item], n, item, err);
	} else if (!n->nneeds && access(path, F_OK) < 0) {
		rc = err_set(err, EXIT_CONFIG, "%s is not there, and no task makes it", file);
	}
	free(path);
	return rc;
}

int
plan_file_edges(struct planner *p, struct err *err)
{
	for (uint32_t i = 0; i < p->nnodes; i++) {
		struct plan_node *n = &p->node[i];

		for (uint32_t k = 0; k < n->nitems; k++)
			for (uint32_t j = 0; j < n->item[k].nin; j++)
				if (add_file_edge(p, n, &n->item[k], n->item[k].in[j], err) < 0)
					return plan_bad_in(err, n, n->in);
	}
	return 0;
}
