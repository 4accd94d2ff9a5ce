/* SPDX-License-Identifier: MIT */
/* plan - a job and its plugins become a graph; nothing runs, nothing is read but names and sizes. */

#include "core/graph/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/planner.h"
#include "core/graph/topo.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"

/* ---- complaints and names ------------------------------------------------------ */

int
plan_bad_in(struct err *err, const struct plan_node *n, const struct job_key *key)
{
	const struct job_place *where = key ? &key->at : &n->def->at;
	char at[256];

	if (err && err->code == EXIT_CONFIG && job_is_typed(where))
		err->code = EXIT_USAGE;
	return err_in(err, "%s: [%s.%s %s]", job_at(where, at),
		      n->def->plugin, n->def->op, n->def->name);
}

int
plan_bad(struct err *err, const struct plan_node *n, const struct job_key *key, int code,
	 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(err, code, fmt, ap);
	va_end(ap);
	return plan_bad_in(err, n, key);
}

static int
by_name(const void *a, const void *b, void *nodes)
{
	const struct plan_node *n = nodes;

	return strcmp(n[*(const uint32_t *)a].def->name, n[*(const uint32_t *)b].def->name);
}

static uint32_t
find_name(const struct planner *p, const char *name)
{
	size_t low = 0, high = p->nnodes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(name, p->node[p->name[mid]].def->name);

		if (c == 0)
			return p->name[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return GRAPH_NONE;
}

uint32_t
plan_find(const struct planner *p, const char *name, size_t n)
{
	char *whole = xstrndup(name, n);
	uint32_t i = find_name(p, whole);

	free(whole);
	return i;
}

int
plan_no_node(const struct planner *p, struct err *err, const char *name, size_t n)
{
	const char **names = xcalloc((size_t)p->nnodes + 1, sizeof(*names)), *near;
	char *word = xstrndup(name, n);

	for (uint32_t i = 0; i < p->nnodes; i++)
		names[i] = p->node[i].def->name;
	near = nearest(word, names);
	err_set(err, EXIT_CONFIG, "no node is called '%s'", word);
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	free(names);
	free(word);
	return -1;
}

/* ---- the order nodes are planned in ----------------------------------------------- */

static void
tell_node(const void *user, uint32_t v, char name[TOPO_NAME], char place[TOPO_PLACE])
{
	const struct planner *p = user;
	char at[256];

	snprintf(name, TOPO_NAME, "%.150s", p->node[v].def->name);
	snprintf(place, TOPO_PLACE, "%.120s", job_at(&p->node[v].def->at, at));
}

struct needs {				/* of all nodes, both ways */
	uint64_t *pred_at, *succ_at;
	uint32_t *pred, *succ, *left;
};

static void
needs_init(struct needs *n, const struct planner *p)
{
	uint64_t k = 0, sum = 0;

	for (uint32_t i = 0; i < p->nnodes; i++)
		sum += p->node[i].nneeds;
	n->pred_at = xcalloc((size_t)p->nnodes + 1, sizeof(*n->pred_at));
	n->succ_at = xcalloc((size_t)p->nnodes + 2, sizeof(*n->succ_at));
	n->pred = xmalloc(sum * sizeof(*n->pred));
	n->succ = xmalloc(sum * sizeof(*n->succ));
	n->left = xcalloc(p->nnodes, sizeof(*n->left));
	for (uint32_t i = 0; i < p->nnodes; i++) {
		n->left[i] = (uint32_t)p->node[i].nneeds;
		for (size_t j = 0; j < p->node[i].nneeds; j++) {
			n->pred[k++] = p->node[i].need[j];
			n->succ_at[p->node[i].need[j] + 2]++;
		}
		n->pred_at[i + 1] = k;
	}
	for (uint32_t i = 0; i < p->nnodes; i++)
		n->succ_at[i + 2] += n->succ_at[i + 1];
	for (uint32_t i = 0; i < p->nnodes; i++)
		for (uint64_t j = n->pred_at[i]; j < n->pred_at[i + 1]; j++)
			n->succ[n->succ_at[n->pred[j] + 1]++] = i;
}

static void
needs_fini(struct needs *n)
{
	free(n->pred_at);
	free(n->succ_at);
	free(n->pred);
	free(n->succ);
	free(n->left);
}

static int
sort_nodes(const struct planner *p, uint32_t *order, struct err *err)
{
	struct needs n;
	uint32_t *path, done;

	needs_init(&n, p);
	done = topo_order(p->nnodes, n.succ_at, n.succ, n.left, NULL, order);
	if (done < p->nnodes) {
		path = xmalloc(p->nnodes * sizeof(*path));
		topo_tell(err, "the nodes have", path,
			  topo_cycle(p->nnodes, n.pred_at, n.pred, n.left, path), tell_node, p);
		free(path);
	}
	needs_fini(&n);
	return done < p->nnodes ? -1 : 0;
}

/* ---- goals -------------------------------------------------------------------------- */

/* Where the job says its goals. */
static int
bad_goal(const struct planner *p, int is_argument, struct err *err)
{
	char at[256];

	if (is_argument) {
		if (err)
			err->code = EXIT_USAGE;
		return err_in(err, "goal");
	}
	for (size_t i = 0; i < p->job->nsettings; i++) {
		const struct job_setting *s = &p->job->setting[i];

		if (!strcmp(s->section, "job") && !strcmp(s->key, "goal"))
			return err_in(err, "%s: [job]: goal", job_at(&s->origin, at));
	}
	return err_in(err, "[job]: goal");
}

static int
set_goals(struct planner *p, const char *const *goal, struct err *err)
{
	int is_argument = goal && *goal;

	if (!is_argument)
		goal = p->job->set.goal;
	if (!goal || !*goal) {
		for (uint32_t i = 0; i < p->nnodes; i++)
			if (!p->node[i].is_used)
				build_goal(p->build, p->node[i].id);
		return 0;
	}
	for (; *goal; goal++) {
		uint32_t i = find_name(p, *goal);

		if (i == GRAPH_NONE) {
			plan_no_node(p, err, *goal, strlen(*goal));
			return bad_goal(p, is_argument, err);
		}
		build_goal(p->build, p->node[i].id);
	}
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------- */

static void
node_fini(struct plan_node *n)
{
	for (uint32_t i = 0; i < n->nitems; i++) {
		for (uint32_t k = 0; k < n->item[i].nin; k++)
			free(n->item[i].in[k]);
		for (uint32_t k = 0; k < n->item[i].nout; k++)
			free(n->item[i].out[k]);
		free(n->item[i].in);
		free(n->item[i].out);
	}
	for (size_t i = 0; i < n->nmeta; i++)
		free(n->meta[i]);
	each_fini(&n->items);
	free(n->of);
	free(n->after);
	free(n->need);
	free(n->item);
	free(n->made);
	free(n->inner);
	free(n->kind);
	free(n->part);
	free(n->meta);
}

static void
planner_fini(struct planner *p)
{
	for (uint32_t i = 0; i < p->nnodes; i++)
		node_fini(&p->node[i]);
	for (size_t i = 0; i < p->nfiles; i++)
		free(p->file[i].path);
	free(p->node);
	free(p->name);
	free(p->file);
	free(p->slot);
	free(p->want);
	build_free(p->build);
}

static int
read_nodes(struct planner *p, struct err *err)
{
	for (const char *const *s = p->job->set.plugins; s && *s; s++)
		if (!shelf_get(p->shelf, *s, p->job->set.dir, err))
			return -1;
	for (uint32_t i = 0; i < p->nnodes; i++) {
		p->node[i].def = &p->job->node[i];
		p->node[i].each_of = GRAPH_NONE;
		p->name[i] = i;
	}
	if (p->nnodes)
		qsort_r(p->name, p->nnodes, sizeof(*p->name), by_name, p->node);
	for (uint32_t i = 0; i < p->nnodes; i++)
		if (plan_read(p, i, err) < 0)
			return -1;
	return 0;
}

static int
make_nodes(struct planner *p, struct err *err)
{
	uint32_t *order = xmalloc(p->nnodes * sizeof(*order));
	int rc = sort_nodes(p, order, err);

	for (uint32_t i = 0; rc == 0 && i < p->nnodes; i++)
		rc = plan_make(p, order[i], err);
	free(order);
	return rc;
}

int
plan_job(struct graph **out, const struct job *job, struct shelf *shelf,
	 const char *const *goal, struct err *err)
{
	struct planner p = {
		.job = job, .shelf = shelf, .build = build_new(),
		.node = xcalloc(job->nnodes, sizeof(struct plan_node)),
		.name = xcalloc(job->nnodes, sizeof(uint32_t)),
		.nnodes = (uint32_t)job->nnodes
	};
	int rc = -1;

	if (read_nodes(&p, err) == 0 && make_nodes(&p, err) == 0 &&
	    plan_file_edges(&p, err) == 0 && set_goals(&p, goal, err) == 0)
		rc = build_seal(p.build, job->set.optimise, out, err);
	planner_fini(&p);
	return rc;
}
