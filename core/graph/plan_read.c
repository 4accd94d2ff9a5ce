/* SPDX-License-Identifier: MIT */
/* plan_read - a node's plugin, operation and keys, and which nodes it needs. */

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/planner.h"
#include "core/graph/words.h"
#include "core/job/job.h"
#include "core/plugin/option.h"
#include "core/plugin/shelf.h"

struct reading {
	struct planner *p;
	struct plan_node *n;
	const struct job_key *key;
	struct err *err;
};

/* ---- keys ------------------------------------------------------------------- */

static void
add_need(struct plan_node *n, uint32_t other)
{
	*XADD(&n->need, &n->nneeds, &n->capneeds) = other;
}

/* A list of nodes into *list. */
static int
read_nodes(struct reading *r, uint32_t **list, size_t *n, size_t *cap)
{
	struct words words;
	int rc = 0;

	if (words_split(&words, r->key->value, r->err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < words.n; i++) {
		const char *name = words.at[i].at;
		uint32_t other = plan_find(r->p, name, strlen(name));

		if (other == GRAPH_NONE) {
			rc = plan_no_node(r->p, r->err, name, strlen(name));
			break;
		}
		*XADD(list, n, cap) = other;
		add_need(r->n, other);
	}
	words_fini(&words);
	return rc;
}

static int
key_of(struct reading *r)
{
	r->n->key_of = r->key;
	return read_nodes(r, &r->n->of, &r->n->nof, &r->n->capof);
}

static int
key_after(struct reading *r)
{
	return read_nodes(r, &r->n->after, &r->n->nafter, &r->n->capafter);
}

/* each, in, out: of operations that know items alone. */
static int
check_items(struct reading *r)
{
	if (r->n->op->flags & HEDDLE_EACH)
		return 0;
	return err_set(r->err, EXIT_CONFIG, "%s.%s makes its tasks by itself; it takes no '%s'",
		       r->n->def->plugin, r->n->def->op, r->key->name);
}

static int
key_each(struct reading *r)
{
	struct words words;
	uint32_t other;

	if (check_items(r) < 0 || words_split(&words, r->key->value, r->err) < 0)
		return -1;
	r->n->each = r->key;
	if (words.n == 1 && !words.at[0].is_quoted) {
		other = plan_find(r->p, words.at[0].at, strlen(words.at[0].at));
		if (other != GRAPH_NONE) {
			r->n->each_of = other;
			add_need(r->n, other);
		}
	}
	words_fini(&words);
	return 0;
}

static int
key_in(struct reading *r)
{
	r->n->in = r->key;
	return check_items(r);
}

static int
key_out(struct reading *r)
{
	r->n->out = r->key;
	return check_items(r);
}

/* ---- numbers ------------------------------------------------------------------ */

static int
expected(struct reading *r, const char *text, const char *what)
{
	return err_set(r->err, EXIT_CONFIG, "%s = %s; expected %s", r->key->name, text, what);
}

static int
read_whole(struct reading *r, int64_t least, int64_t most, const char *what, int64_t *out)
{
	const char *why;

	if (read_int(r->key->value, out, &why) < 0 || *out < least || *out > most)
		return expected(r, r->key->value, what);
	return 0;
}

static int
read_ns(struct reading *r, const char *text, uint64_t *out)
{
	const char *why;
	int64_t ns;

	if (read_time(text, &ns, &why) < 0)
		return expected(r, text, why);
	*out = (uint64_t)ns;
	return 0;
}

static int
key_cores(struct reading *r)
{
	int64_t n;

	if (read_whole(r, 1, UINT32_MAX, "a number of cores, 1 or more", &n) < 0)
		return -1;
	if (n > r->p->job->set.workers)
		return err_set(r->err, EXIT_GRAPH, "cores = %s, but there are %u workers; such a task would never run",
			       r->key->value, r->p->job->set.workers);
	r->n->attr.cores = (uint32_t)n;
	return 0;
}

static const struct job_pool *
find_pool(const struct settings *set, const char *name, size_t n)
{
	for (uint32_t i = 0; i < set->npools; i++)
		if (strlen(set->pool[i].name) == n && !strncmp(set->pool[i].name, name, n))
			return &set->pool[i];
	return NULL;
}

static int
no_pool(struct reading *r, const char *name)
{
	const struct settings *set = &r->p->job->set;
	const char **names = xcalloc((size_t)set->npools + 1, sizeof(*names)), *near;

	for (uint32_t i = 0; i < set->npools; i++)
		names[i] = set->pool[i].name;
	near = nearest(name, names);
	err_set(r->err, EXIT_GRAPH, "no pool is called '%s'", name);
	if (near)
		err_add(r->err, "; did you mean '%s'?", near);
	else
		err_add(r->err, "; expected pool.%s = N under [resources]", name);
	free(names);
	return -1;
}

static int
key_pool(struct reading *r)
{
	const char *value = r->key->value, *colon = strchr(value, ':'), *why;
	size_t n = colon ? (size_t)(colon - value) : strlen(value);
	const struct job_pool *pool = find_pool(&r->p->job->set, value, n);
	int64_t tokens = 1;

	if (!n || strpbrk(value, " \t"))
		return expected(r, value, "one pool, such as net or net:2");
	if (colon && (read_int(colon + 1, &tokens, &why) < 0 || tokens < 1))
		return expected(r, value, "a number of tokens, 1 or more, behind the colon");
	if (!pool) {
		char *name = xstrndup(value, n);

		no_pool(r, name);
		free(name);
		return -1;
	}
	if (tokens > pool->tokens)
		return err_set(r->err, EXIT_GRAPH, "pool = %s, but pool.%s has %u; such a task would never run",
			       value, pool->name, pool->tokens);
	r->n->pool = pool->name;
	r->n->attr.tokens = (uint32_t)tokens;
	return 0;
}

static int
key_priority(struct reading *r)
{
	int64_t n;

	if (read_whole(r, INT32_MIN, INT32_MAX, "a whole number; higher runs first", &n) < 0)
		return -1;
	r->n->attr.priority = (int32_t)n;
	return 0;
}

static int
key_retries(struct reading *r)
{
	int64_t n;

	if (read_whole(r, 0, 1000000, "a number of retries, 0 to 1000000", &n) < 0)
		return -1;
	r->n->attr.retries = (uint32_t)n;
	return 0;
}

static int
key_backoff(struct reading *r)
{
	struct graph_attr *a = &r->n->attr;
	struct words words;
	int rc = 0;

	if (words_split(&words, r->key->value, r->err) < 0)
		return -1;
	if (!words.n || words.n > sizeof(a->backoff) / sizeof(*a->backoff))
		rc = expected(r, r->key->value, "1 to 4 times, such as 1s 4s 16s");
	for (size_t i = 0; rc == 0 && i < words.n; i++)
		rc = read_ns(r, words.at[i].at, &a->backoff[i]);
	a->nbackoff = (uint32_t)words.n;
	words_fini(&words);
	return rc;
}

static int
key_expect(struct reading *r)
{
	return read_ns(r, r->key->value, &r->n->attr.expect);
}

static int
key_timeout(struct reading *r)
{
	return read_ns(r, r->key->value, &r->n->attr.timeout);
}

static int
key_grace(struct reading *r)
{
	return read_ns(r, r->key->value, &r->n->attr.grace);
}

static const struct {
	const char *name;
	int (*read)(struct reading *);
} keys[] = {
	{ "of", key_of }, { "after", key_after }, { "each", key_each }, { "in", key_in },
	{ "out", key_out }, { "cores", key_cores }, { "pool", key_pool },
	{ "priority", key_priority }, { "expect", key_expect }, { "retries", key_retries },
	{ "backoff", key_backoff }, { "timeout", key_timeout }, { "grace", key_grace },
};

int
plan_is_key(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(keys[i].name, name))
			return 1;
	return 0;
}

/* A key that is no option either may be meant to be one of ours; what is near
 * to neither is left to the options, which list what they have. */
static int
check_key(const struct reading *r)
{
	const struct heddle_option *o = r->n->op->options;
	enum { NKEYS = sizeof(keys) / sizeof(*keys) };
	const char **names, *near;
	uint32_t n = option_count(o);

	if (plan_is_key(r->key->name) || option_find(o, r->key->name))
		return 0;
	names = xcalloc(NKEYS + n + 1, sizeof(*names));
	for (uint32_t i = 0; i < n; i++)
		names[i] = option_at(o, i)->name;
	for (uint32_t i = 0; i < NKEYS; i++)
		names[n + i] = keys[i].name;
	near = nearest(r->key->name, names);
	free(names);
	return near ? err_set(r->err, EXIT_CONFIG, "no option '%s'; did you mean '%s'?",
			      r->key->name, near) : 0;
}

/* ---- the operation ---------------------------------------------------------------- */

static int
no_op(const struct plan_node *n, struct err *err)
{
	const char *names[257], *near;
	const struct heddle_op *op = n->plugin->collection->ops;
	size_t k = 0;

	for (; op && op->name && k < 256; op++)
		names[k++] = op->name;
	names[k] = NULL;
	near = nearest(n->def->op, names);
	err_set(err, EXIT_CONFIG, "plugin '%s' has no operation '%s'", n->def->plugin, n->def->op);
	if (near)
		return err_add(err, "; did you mean '%s'?", near);
	err_add(err, "; it has");
	for (size_t i = 0; i < k; i++)
		err_add(err, " %s", names[i]);
	return -1;
}

static int
find_op(struct planner *p, struct plan_node *n, struct err *err)
{
	n->plugin = shelf_get(p->shelf, n->def->plugin, p->job->set.dir, err);
	if (!n->plugin)
		return -1;
	if (!n->plugin->collection)
		return err_set(err, EXIT_CONFIG, "'%s' is a scheduler and makes no tasks", n->def->plugin);
	n->op = plugin_op(n->plugin, n->def->op);
	return n->op ? 0 : no_op(n, err);
}

/* Nodes that braces in any text of a node with items name. */
static int
read_braces(struct reading *r)
{
	const char *s = r->key->value;
	struct brace_piece piece;

	while (brace_next(&s, &piece)) {
		uint32_t other;

		if (piece.kind != BRACE_NODE_OUT && piece.kind != BRACE_NODE_OUTS)
			continue;
		other = plan_find(r->p, piece.node, piece.nnode);
		if (other == GRAPH_NONE) {
			plan_no_node(r->p, r->err, piece.node, piece.nnode);
			return err_in(r->err, "%.*s", (int)piece.n, piece.at);
		}
		add_need(r->n, other);
	}
	return 0;
}

int
plan_read(struct planner *p, uint32_t i, struct err *err)
{
	struct plan_node *n = &p->node[i];
	struct reading r = { p, n, NULL, err };

	n->attr = (struct graph_attr){ .cores = 1, .nbackoff = 1, .backoff = { 1000000000 },
				       .grace = 5000000000 };
	if (find_op(p, n, err) < 0)
		return plan_bad_in(err, n, NULL);
	for (size_t k = 0; k < n->def->nkeys; k++) {
		r.key = &n->def->key[k];
		if (check_key(&r) < 0)
			return plan_bad_in(err, n, r.key);
		for (size_t j = 0; j < sizeof(keys) / sizeof(*keys); j++)
			if (!strcmp(keys[j].name, r.key->name) && keys[j].read(&r) < 0)
				return plan_bad_in(err, n, r.key);
		if ((n->op->flags & HEDDLE_EACH) && read_braces(&r) < 0)
			return plan_bad_in(err, n, r.key);
	}
	if ((n->op->flags & HEDDLE_EACH_MUST) && !n->each) {
		err_set(err, EXIT_CONFIG, "makes a task for each item; expected each = ITEMS");
		return plan_bad_in(err, n, NULL);
	}
	for (size_t k = 0; k < n->nneeds; k++)
		p->node[n->need[k]].is_used = 1;
	return 0;
}
