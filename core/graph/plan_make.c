/* SPDX-License-Identifier: MIT */
/* plan_make - an operation's plan is called, and everything it says is checked. */

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/planner.h"
#include "core/job/job.h"
#include "core/plugin/load.h"

struct host {				/* behind struct heddle_plan */
	struct planner *p;
	struct plan_node *n;
	uint32_t node;			/* index of n */
	struct err *err;
	int has_failed;			/* err says why */
	uint32_t item;			/* chosen; HEDDLE_NONE */
	uint32_t *group;		/* of the build: its groups so far */
	char **group_name;
	size_t ngroups, capgroups, nnames, capnames;
	const struct heddle_kernel *kernel;	/* the last one emitted */
	uint32_t kernel_id;
};

/* The plugin answered wrongly.  The first complaint is the one to tell. */
static int
wrong(struct host *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int
wrong(struct host *h, const char *fmt, ...)
{
	va_list ap;

	if (h->has_failed++)
		return -1;
	va_start(ap, fmt);
	err_vset(h->err, EXIT_PLUGIN, fmt, ap);
	va_end(ap);
	return plan_bad_in(h->err, h->n, NULL);
}

/* ---- what a plan says ------------------------------------------------------------ */

static int
host_fail(void *self, const char *why)
{
	struct host *h = self;

	if (!h->has_failed++)
		plan_bad(h->err, h->n, NULL, EXIT_CONFIG, "%s", why && *why ? why :
			 "failed and did not say why");
	return -1;
}

static int
is_group_name(const char *s)
{
	size_t n = strlen(s);

	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_-.", *s))
			return 0;
	return n > 0 && n <= 48;
}

static int
host_group(void *self, const char *name)
{
	struct host *h = self;
	const char *own = h->n->def->name;
	char *whole;

	if (name && !is_group_name(name))
		return wrong(h, "names a group '%s'; expected letters, digits, _ - and dots", name);
	for (size_t i = 0; i < h->ngroups; i++)
		if (!strcmp(h->group_name[i], name ? name : "")) {
			build_regroup(h->p->build, h->group[i]);
			return 0;
		}
	whole = name ? xasprintf("%s.%s", own, name) : xstrdup(own);
	if (name && plan_find(h->p, whole, strlen(whole)) != GRAPH_NONE) {
		wrong(h, "has a group '%s', which is another node's name; expected two names", whole);
		free(whole);
		return -1;
	}
	*XADD(&h->group, &h->ngroups, &h->capgroups) = build_group(h->p->build, h->n->id, whole);
	*XADD(&h->group_name, &h->nnames, &h->capnames) = xstrdup(name ? name : "");
	free(whole);
	return 0;
}

static int
find_kernel(struct host *h, const char *name)
{
	const struct heddle_kernel *k;

	if (h->kernel && !strcmp(h->kernel->name, name))
		return 0;
	k = plugin_kernel(h->n->plugin, name);
	if (!k)
		return wrong(h, "emits a task of kernel '%s', which its plugin does not have", name);
	h->kernel = k;
	h->kernel_id = build_kernel(h->p->build, h->n->def->plugin, k);
	return 0;
}

static heddle_task
host_emit(void *self, const char *kernel, struct heddle_bytes par,
	  const heddle_task *in, uint32_t nin)
{
	struct host *h = self;
	struct plan_made *made;
	struct err why;
	heddle_task t;

	if (h->has_failed || !kernel || find_kernel(h, kernel) < 0)
		return HEDDLE_NONE;
	if (!h->ngroups && host_group(h, NULL) < 0)
		return HEDDLE_NONE;
	if ((h->n->op->flags & HEDDLE_EACH) && h->item == HEDDLE_NONE) {
		wrong(h, "emits a task before it chose an item");
		return HEDDLE_NONE;
	}
	t = build_task(h->p->build, h->kernel_id, par, in, nin, &why);
	if (t == HEDDLE_NONE) {
		wrong(h, "%s", why.text);
	} else if (h->n->op->flags & HEDDLE_EACH) {
		made = XADD(&h->n->made, &h->n->nmade, &h->n->capmade);
		made->item = h->item;
		made->task = t;
	}
	return t;
}

static int
host_expect(void *self, heddle_task t, uint64_t ns, uint64_t bytes)
{
	struct host *h = self;

	(void)bytes;			/* for limits of memory, which are to come */
	if (t < h->n->first || t >= build_ntasks(h->p->build))
		return wrong(h, "says what task %u takes, which is none of its own", t);
	if (ns)
		build_expect(h->p->build, t, ns);
	return 0;
}

static int
host_give(void *self, const char *kind, const heddle_task *part, uint32_t n)
{
	struct host *h = self;

	if (!kind || !*kind)
		return wrong(h, "gives something without a kind");
	if (h->n->kind)
		return wrong(h, "gives twice: '%s' and '%s'", h->n->kind, kind);
	for (uint32_t i = 0; i < n; i++)
		if (part[i] >= build_ntasks(h->p->build))
			return wrong(h, "gives task %u, which is not there", part[i]);
	h->n->kind = xstrdup(kind);
	h->n->part = xmalloc(n * sizeof(*part));
	if (n)
		memcpy(h->n->part, part, n * sizeof(*part));
	h->n->nparts = n;
	build_give(h->p->build, h->n->id, kind, part, n);
	return 0;
}

static const char *
node_meta(void *self, const char *key)
{
	const struct plan_node *n = self;

	for (size_t i = 0; i < n->nmeta; i += 2)
		if (!strcmp(n->meta[i], key))
			return n->meta[i + 1];
	return NULL;
}

static int
host_meta(void *self, const char *key, const char *value)
{
	struct host *h = self;

	if (!key || !*key || !value)
		return wrong(h, "says a meta without key or value");
	if (node_meta(h->n, key))
		return wrong(h, "says its meta '%s' twice", key);
	*XADD(&h->n->meta, &h->n->nmeta, &h->n->capmeta) = xstrdup(key);
	*XADD(&h->n->meta, &h->n->nmeta, &h->n->capmeta) = xstrdup(value);
	build_meta(h->p->build, h->n->id, key, value);
	return 0;
}

/* ---- items ------------------------------------------------------------------------- */

static int
host_item(void *self, uint32_t i)
{
	struct host *h = self;

	if (i >= h->n->nitems)
		return wrong(h, "chooses item %u of %u", i, h->n->nitems);
	h->item = i;
	return 0;
}

static int
has_item(struct host *h)
{
	if (h->item != HEDDLE_NONE)
		return 1;
	wrong(h, "asks about an item before it chose one");
	return 0;
}

/* The key whose value a text came from, for the complaint; NULL if several or
 * none could be. */
static const struct job_key *
key_with(const struct plan_node *n, const char *text)
{
	for (size_t i = 0; i < n->def->nkeys; i++)
		if (!plan_is_key(n->def->key[i].name) && strstr(n->def->key[i].value, text))
			return &n->def->key[i];
	return NULL;
}

static int
host_expand(void *self, enum heddle_expand how, const char *text,
	    void (*put)(void *to, const char *word), void *to)
{
	struct host *h = self;

	if (h->has_failed || !has_item(h))
		return -1;
	if (plan_expand(h->p, h->node, h->item, how == HEDDLE_SHELL ? BRACE_SHELL : BRACE_WORD,
			text, put, to, h->err) < 0) {
		h->has_failed++;
		return plan_bad_in(h->err, h->n, key_with(h->n, text));
	}
	return 0;
}

static const char *const *
host_outs(void *self)
{
	static const char *const none[] = { NULL };
	struct host *h = self;

	if (h->item == HEDDLE_NONE || !h->n->item[h->item].out)
		return none;
	return (const char *const *)h->n->item[h->item].out;
}

/* ---- what it takes --------------------------------------------------------------------- */

/* "text|bag.items" */
static int
is_one_of(const char *kinds, size_t n, const char *kind)
{
	size_t length;

	for (const char *s = kinds; s < kinds + n; s += length + 1) {
		length = strcspn(s, "| ");
		if (length > (size_t)(kinds + n - s))
			length = (size_t)(kinds + n - s);
		if (strlen(kind) == length && !strncmp(s, kind, length))
			return 1;
	}
	return 0;
}

static int
wrong_count(const struct plan_node *n, struct err *err)
{
	const char *takes = n->op->takes;

	if (!takes || !*takes)
		return plan_bad(err, n, n->key_of, EXIT_GRAPH, "takes no values, 'of' names %zu; 'after' is order alone",
				n->nof);
	return plan_bad(err, n, n->key_of, EXIT_GRAPH, "takes %s, 'of' names %zu", takes, n->nof);
}

static int
check_takes(const struct planner *p, const struct plan_node *n, struct err *err)
{
	const char *s = n->op->takes ? n->op->takes : "";
	size_t i = 0;

	for (;;) {
		size_t length, kinds;
		int is_many;

		s += strspn(s, " ");
		if (!*s)
			return i == n->nof ? 0 : wrong_count(n, err);
		length = strcspn(s, " ");
		is_many = s[length - 1] == '*';
		kinds = length - (size_t)is_many;
		if (i == n->nof)
			return wrong_count(n, err);
		do {
			const struct plan_node *in = &p->node[n->of[i++]];

			if (!in->kind)
				return plan_bad(err, n, n->key_of, EXIT_GRAPH, "takes %.*s, '%s' gives no value",
						(int)kinds, s, in->def->name);
			if (!is_one_of(s, kinds, in->kind))
				return plan_bad(err, n, n->key_of, EXIT_GRAPH, "takes %.*s, '%s' is %s",
						(int)kinds, s, in->def->name, in->kind);
		} while (is_many && i < n->nof);
		s += length;
	}
}

static struct heddle_node *
make_inputs(const struct planner *p, const struct plan_node *n)
{
	struct heddle_node *in = xcalloc(n->nof, sizeof(*in));

	for (size_t i = 0; i < n->nof; i++) {
		struct plan_node *from = &p->node[n->of[i]];

		in[i] = (struct heddle_node){
			.size = sizeof(*in), .name = from->def->name, .kind = from->kind,
			.part = from->part, .nparts = from->nparts,
			.self = from, .meta = node_meta
		};
	}
	return in;
}

/* ---- options ----------------------------------------------------------------------------- */

static int
parse_options(const struct planner *p, const struct plan_node *n, struct option_values *values,
	      struct err *err)
{
	struct option_given *given = xcalloc(n->def->nkeys, sizeof(*given));
	char (*at)[256] = xcalloc(n->def->nkeys, sizeof(*at));
	char *what = xasprintf("[%s.%s %s]", n->def->plugin, n->def->op, n->def->name);
	uint32_t k = 0;
	int rc;

	for (size_t i = 0; i < n->def->nkeys; i++) {
		const struct job_key *key = &n->def->key[i];

		if (plan_is_key(key->name))
			continue;
		given[k].name = key->name;
		given[k].text = key->value;
		given[k].where = job_at(&key->at, at[k]);
		k++;
	}
	rc = option_parse(values, n->op->options, given, k, what, p->job->set.dir, err);
	if (rc < 0 && err && err->text[0] == '[')	/* what was not said has no place */
		err_in(err, "%s", job_at(&n->def->at, (char[256]){ "" }));
	free(given);
	free(at);
	free(what);
	return rc;
}

/* ---- the call ------------------------------------------------------------------------------ */

static int
by_item(const void *a, const void *b)
{
	const struct plan_made *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return (x->task > y->task) - (x->task < y->task);
}

static void
sort_made(struct plan_node *n)
{
	if (n->nmade)
		qsort(n->made, n->nmade, sizeof(*n->made), by_item);
	for (size_t i = 0; i < n->nmade; i++) {
		struct plan_item *item = &n->item[n->made[i].item];

		if (!item->ntasks++)
			item->task = (uint32_t)i;
	}
}

static int
call_plan(struct host *h, const struct option_values *values)
{
	struct plan_node *n = h->n;
	struct heddle_node *in = make_inputs(h->p, n);
	struct heddle_plan plan = {
		.size = sizeof(plan), .name = n->def->name, .arg = values->arg,
		.in = in, .nin = (uint32_t)n->nof, .self = h,
		.group = host_group, .emit = host_emit, .expect = host_expect,
		.give = host_give, .meta = host_meta, .fail = host_fail,
		.neach = n->nitems, .item = host_item, .expand = host_expand, .outs = host_outs
	};
	int rc = n->op->plan(&plan);

	free(in);
	if (h->has_failed)
		return -1;
	return rc < 0 ? wrong(h, "its plan failed and did not say why") : 0;
}

static int
make_tasks(struct planner *p, uint32_t i, struct err *err)
{
	struct plan_node *n = &p->node[i];
	struct option_values values;
	struct host h = {
		.p = p, .n = n, .node = i, .err = err,
		.item = n->nitems == 1 ? 0 : HEDDLE_NONE
	};
	int rc;

	if (parse_options(p, n, &values, err) < 0)
		return -1;
	n->first = build_ntasks(p->build);
	rc = call_plan(&h, &values);
	n->end = build_ntasks(p->build);
	sort_made(n);
	option_fini(&values);
	for (size_t k = 0; k < h.nnames; k++)
		free(h.group_name[k]);
	free(h.group_name);
	free(h.group);
	return rc;
}

int
plan_make(struct planner *p, uint32_t i, struct err *err)
{
	struct plan_node *n = &p->node[i];

	n->attr.pool = build_text(p->build, n->pool);
	n->id = build_node(p->build, n->def->name, n->def->plugin, n->def->op,
			   n->def->at.file, n->def->at.line, &n->attr);
	if (check_takes(p, n, err) < 0 || plan_items(p, i, err) < 0 ||
	    make_tasks(p, i, err) < 0 || plan_add_outs(p, i, err) < 0)
		return -1;
	return plan_edges(p, i, err);
}
