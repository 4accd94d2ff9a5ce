/* SPDX-License-Identifier: MIT */
/* build - a graph in the making: tasks, edges, groups and nodes are added, then it is sealed. */

#include "core/graph/build.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/graph/draft.h"

enum {
	FIRST_TASKS = 1024, FIRST_PREDS = 4096, FIRST_BYTES = 4096,
	MOST_TASKS = 0xfffffff0u,	/* leaves room for NONE */
	PAR_UNIT = 16, PAR_HEAD = 16
};

struct build *
build_new(void)
{
	struct build *b = xcalloc(1, sizeof(*b));

	b->captasks = FIRST_TASKS;
	b->pred_at = pages_grow(NULL, 0, (FIRST_TASKS + 1) * sizeof(*b->pred_at));
	b->nsucc = pages_grow(NULL, 0, FIRST_TASKS * sizeof(*b->nsucc));
	b->kernel_of = pages_grow(NULL, 0, FIRST_TASKS * sizeof(*b->kernel_of));
	b->cappreds = FIRST_PREDS;
	b->pred = pages_grow(NULL, 0, FIRST_PREDS * sizeof(*b->pred));
	b->captext = FIRST_BYTES;
	b->text = pages_grow(NULL, 0, FIRST_BYTES);
	b->ntext = 1;
	return b;
}

void
build_free(struct build *b)
{
	if (!b)
		return;
	pages_free(b->pred_at, ((size_t)b->captasks + 1) * sizeof(*b->pred_at));
	pages_free(b->nsucc, (size_t)b->captasks * sizeof(*b->nsucc));
	pages_free(b->kernel_of, (size_t)b->captasks * sizeof(*b->kernel_of));
	pages_free(b->par, (size_t)b->captasks * sizeof(*b->par));
	pages_free(b->expect, (size_t)b->captasks * sizeof(*b->expect));
	pages_free(b->nin, (size_t)b->captasks * sizeof(*b->nin));
	pages_free(b->pred, b->cappreds * sizeof(*b->pred));
	pages_free(b->pars, b->cappars);
	pages_free(b->text, b->captext);
	free(b->word);
	free(b->order);
	free(b->segment);
	free(b->group);
	free(b->kernel);
	free(b->node);
	free(b->part);
	free(b->meta);
	free(b->was);
	free(b->now);
	free(b);
}

/* ---- texts: each once -------------------------------------------------- */

static uint32_t
hash_text(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static uint32_t *
find_word(const struct build *b, const char *s)
{
	size_t i = hash_text(s) & (b->capwords - 1);

	while (b->word[i] && strcmp(b->text + b->word[i], s))
		i = (i + 1) & (b->capwords - 1);
	return &b->word[i];
}

static void
grow_words(struct build *b)
{
	uint32_t *old = b->word;
	size_t n = b->capwords;

	b->capwords = n ? 2 * n : 64;
	b->word = xcalloc(b->capwords, sizeof(*b->word));
	for (size_t i = 0; i < n; i++)
		if (old[i])
			*find_word(b, b->text + old[i]) = old[i];
	free(old);
}

uint32_t
build_text(struct build *b, const char *s)
{
	size_t n;
	uint32_t *word;

	if (!s || !*s)
		return 0;
	if (2 * (b->nwords + 1) > b->capwords)
		grow_words(b);
	word = find_word(b, s);
	if (*word)
		return *word;
	n = strlen(s) + 1;
	if (b->ntext + n > UINT32_MAX)
		die("the names of one graph take more than 4 GiB");
	while (b->ntext + n > b->captext) {
		b->text = pages_grow(b->text, b->captext, 2 * b->captext);
		b->captext *= 2;
	}
	memcpy(b->text + b->ntext, s, n);
	*word = (uint32_t)b->ntext;
	b->ntext += n;
	b->nwords++;
	return *word;
}

/* ---- what tasks are made of -------------------------------------------- */

uint32_t
build_kernel(struct build *b, const char *plugin, const struct heddle_kernel *def)
{
	struct graph_kernel *k;

	for (size_t i = 0; i < b->nkernels; i++)
		if (b->kernel[i].def == def)
			return (uint32_t)i;
	if (b->nkernels > UINT16_MAX)
		die("more than 65,536 kernels in one graph");
	k = XADD(&b->kernel, &b->nkernels, &b->capkernels);
	k->plugin = build_text(b, plugin);
	k->name = build_text(b, def->name);
	k->flags = def->flags;
	k->def = def;
	return (uint32_t)b->nkernels - 1;
}

uint32_t
build_node(struct build *b, const char *name, const char *plugin, const char *op,
	   const char *file, uint32_t line, const struct graph_attr *attr)
{
	struct graph_node *n = XADD(&b->node, &b->nnodes, &b->capnodes);

	n->name = build_text(b, name);
	n->plugin = build_text(b, plugin);
	n->op = build_text(b, op);
	n->file = build_text(b, file);
	n->line = line;
	if (attr)
		n->attr = *attr;
	if (!n->attr.cores)
		n->attr.cores = 1;
	return (uint32_t)b->nnodes - 1;
}

/* Tasks since the last segment began are its group's. */
static void
close_segment(struct build *b)
{
	struct draft_segment *s;

	if (!b->nsegments)
		return;
	s = &b->segment[b->nsegments - 1];
	if (s->first == b->ntasks)
		b->nsegments--;
	else
		b->group[s->group].all = s->place + (b->ntasks - s->first);
}

static void
open_segment(struct build *b, uint32_t group)
{
	struct draft_segment *s = XADD(&b->segment, &b->nsegments, &b->capsegments);

	s->first = b->ntasks;
	s->group = group;
	s->place = b->group[group].all;
}

uint32_t
build_group(struct build *b, uint32_t node, const char *name)
{
	struct draft_group *g;

	assert(node < b->nnodes);
	close_segment(b);
	if (b->node[node].ngroups && b->group[b->ngroups - 1].node != node)
		b->is_scattered = 1;
	b->node[node].ngroups++;
	g = XADD(&b->group, &b->ngroups, &b->capgroups);
	g->name = build_text(b, name);
	g->node = node;
	open_segment(b, (uint32_t)b->ngroups - 1);
	return (uint32_t)b->ngroups - 1;
}

void
build_regroup(struct build *b, uint32_t group)
{
	assert(group < b->ngroups);
	close_segment(b);
	if (b->nsegments && b->segment[b->nsegments - 1].group != group &&
	    b->group[group].all)
		b->is_scattered = 1;
	open_segment(b, group);
}

/* ---- tasks -------------------------------------------------------------- */

static void
grow_tasks(struct build *b)
{
	size_t old = b->captasks, new = 2 * old > MOST_TASKS ? MOST_TASKS : 2 * old;

	b->pred_at = pages_grow(b->pred_at, (old + 1) * sizeof(*b->pred_at),
				(new + 1) * sizeof(*b->pred_at));
	b->nsucc = pages_grow(b->nsucc, old * sizeof(*b->nsucc), new * sizeof(*b->nsucc));
	b->kernel_of = pages_grow(b->kernel_of, old * sizeof(*b->kernel_of),
				  new * sizeof(*b->kernel_of));
	if (b->par)
		b->par = pages_grow(b->par, old * sizeof(*b->par), new * sizeof(*b->par));
	if (b->expect)
		b->expect = pages_grow(b->expect, old * sizeof(*b->expect),
				       new * sizeof(*b->expect));
	b->captasks = (uint32_t)new;
}

static void
grow_preds(struct build *b, uint32_t nin)
{
	uint64_t old = b->cappreds;

	while (b->npreds + nin > b->cappreds)
		b->cappreds *= 2;
	b->pred = pages_grow(b->pred, old * sizeof(*b->pred), b->cappreds * sizeof(*b->pred));
}

static struct heddle_bytes
par_at(const struct build *b, uint32_t place)
{
	const unsigned char *at = b->pars + (uint64_t)place * PAR_UNIT;
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return (struct heddle_bytes){ at + PAR_HEAD, n };
}

static void
add_par(struct build *b, heddle_task t, struct heddle_bytes par)
{
	uint64_t size = (PAR_HEAD + par.n + PAR_UNIT - 1) / PAR_UNIT * PAR_UNIT, n = par.n;
	struct heddle_bytes last;

	if (!b->par) {
		b->par = pages_grow(NULL, 0, (size_t)b->captasks * sizeof(*b->par));
		b->cappars = FIRST_BYTES;
		b->pars = pages_grow(NULL, 0, b->cappars);
		b->npars = PAR_UNIT;	/* place 0: no bytes */
	}
	last = par_at(b, b->last_par);
	if (last.n == par.n && !memcmp(last.at, par.at, par.n)) {
		b->par[t] = b->last_par;
		return;
	}
	while (b->npars + size > b->cappars) {
		b->pars = pages_grow(b->pars, b->cappars, 2 * b->cappars);
		b->cappars *= 2;
	}
	if (b->npars / PAR_UNIT > UINT32_MAX)
		die("the parameters of one graph take more than 64 GiB");
	memcpy(b->pars + b->npars, &n, sizeof(n));
	memcpy(b->pars + b->npars + PAR_HEAD, par.at, par.n);
	b->last_par = b->par[t] = (uint32_t)(b->npars / PAR_UNIT);
	b->npars += size;
}

static heddle_task
refuse_input(struct build *b, heddle_task in, const heddle_task *ins, uint32_t counted,
	     struct err *err)
{
	const struct draft_segment *s = &b->segment[b->nsegments - 1];

	while (counted--)
		b->nsucc[ins[counted]]--;
	err_set(err, EXIT_GRAPH, "%s/%u: input %u is not a task yet; a task's inputs are made before it",
		b->text + b->group[s->group].name, s->place + (b->ntasks - s->first), in);
	return HEDDLE_NONE;
}

static heddle_task
refuse_size(struct err *err)
{
	err_set(err, EXIT_GRAPH, "one task too many: a graph holds %u tasks, a task %d inputs",
		MOST_TASKS, INT32_MAX);
	return HEDDLE_NONE;
}

heddle_task
build_task(struct build *b, uint32_t kernel, struct heddle_bytes par,
	   const heddle_task *in, uint32_t nin, struct err *err)
{
	heddle_task t = b->ntasks, *pred;

	assert(b->nsegments && kernel < b->nkernels);
	if (t == b->captasks) {
		if (t == MOST_TASKS)
			return refuse_size(err);
		grow_tasks(b);
	}
	if (b->npreds + nin > b->cappreds) {
		if (nin > INT32_MAX)
			return refuse_size(err);
		grow_preds(b, nin);
	}
	pred = b->pred + b->npreds;
	for (uint32_t i = 0; i < nin; i++) {
		if (in[i] >= t)
			return refuse_input(b, in[i], in, i, err);
		b->nsucc[in[i]]++;
		pred[i] = in[i];
	}
	b->kernel_of[t] = (uint16_t)kernel;
	if (par.n)
		add_par(b, t, par);
	b->npreds += nin;
	b->pred_at[t + 1] = b->npreds;
	b->ntasks = t + 1;
	return t;
}

uint32_t
build_ntasks(const struct build *b)
{
	return b->ntasks;
}

int
build_order(struct build *b, heddle_task before, heddle_task after, struct err *err)
{
	char name[GRAPH_NAME];
	struct draft_order *o;

	if (before >= b->ntasks || after >= b->ntasks)
		return err_set(err, EXIT_GRAPH, "task %u is not there to be put in order; there are %u",
			       before >= b->ntasks ? before : after, b->ntasks);
	if (before == after)
		return err_set(err, EXIT_GRAPH, "%s would have to run before itself",
			       draft_name(b, before, name));
	o = XADD(&b->order, &b->norders, &b->caporders);
	o->before = before;
	o->after = after;
	return 0;
}

void
build_expect(struct build *b, heddle_task t, uint64_t ns)
{
	assert(t < b->ntasks);
	if (!b->expect)
		b->expect = pages_grow(NULL, 0, (size_t)b->captasks * sizeof(*b->expect));
	b->expect[t] = ns;
}

/* ---- nodes -------------------------------------------------------------- */

void
build_give(struct build *b, uint32_t node, const char *kind, const heddle_task *part, uint32_t n)
{
	assert(node < b->nnodes);
	b->node[node].kind = build_text(b, kind);
	b->node[node].part = (uint32_t)b->nparts;
	b->node[node].nparts = n;
	for (uint32_t i = 0; i < n; i++) {
		assert(part[i] < b->ntasks);
		*XADD(&b->part, &b->nparts, &b->capparts) = part[i];
	}
}

void
build_meta(struct build *b, uint32_t node, const char *key, const char *value)
{
	struct draft_meta *m;

	assert(node < b->nnodes);
	m = XADD(&b->meta, &b->nmeta, &b->capmeta);
	m->node = node;
	m->key = build_text(b, key);
	m->value = build_text(b, value);
}

void
build_goal(struct build *b, uint32_t node)
{
	assert(node < b->nnodes);
	b->node[node].goal = 1;
	b->has_goal = 1;
}

/* ---- where a task belongs, by its id of making --------------------------- */

const struct draft_segment *
draft_segment(const struct build *b, heddle_task made)
{
	size_t low = 0, high = b->nsegments;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (b->segment[mid].first <= made)
			low = mid;
		else
			high = mid;
	}
	return &b->segment[low];
}

const struct draft_segment *
draft_near(const struct build *b, heddle_task made, size_t *hint)
{
	const struct draft_segment *s = &b->segment[*hint];

	if (made < s->first || (*hint + 1 < b->nsegments && made >= s[1].first)) {
		s = draft_segment(b, made);
		*hint = (size_t)(s - b->segment);
	}
	return s;
}

const char *
draft_name(const struct build *b, heddle_task made, char buf[GRAPH_NAME])
{
	const struct draft_segment *s = draft_segment(b, made);
	const struct draft_group *g = &b->group[s->group];
	const char *name = b->text + g->name;
	uint32_t place = s->place + (made - s->first);
	int is_last = s == &b->segment[b->nsegments - 1];

	if (place == 0 && (is_last ? s->place + b->ntasks - s->first : g->all) == 1)
		snprintf(buf, GRAPH_NAME, "%s", name);
	else
		snprintf(buf, GRAPH_NAME, "%.140s/%u", name, place);
	return buf;
}

int
build_seal(struct build *b, unsigned optimise, struct graph **out, struct err *err)
{
	uint64_t edges, tasks;

	close_segment(b);
	b->nmade = b->ntasks;
	if (b->norders)
		draft_merge(b);
	tasks = b->ntasks;
	edges = b->npreds;
	if (draft_sort(b, err) < 0)
		return -1;
	draft_optimise(b, optimise);
	*out = draft_graph(b);
	(*out)->before_tasks = tasks;
	(*out)->before_edges = edges;
	(*out)->nshared = b->nshared;
	return 0;
}
