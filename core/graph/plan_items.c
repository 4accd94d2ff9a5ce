/* SPDX-License-Identifier: MIT */
/* plan_items - the items of a node, their files, and what braces stand for in one. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/planner.h"
#include "core/graph/words.h"
#include "core/job/job.h"
#include "core/plugin/glob.h"

/* ---- what braces stand for ---------------------------------------------------- */

struct here {				/* where a text stands */
	struct planner *p;
	uint32_t node, item;
};

static int
put_files(char *const *file, uint32_t n, brace_put *put, void *to)
{
	for (uint32_t i = 0; i < n; i++)
		put(to, file[i]);
	return 0;
}

static int
no_such(const struct brace_piece *piece, const char *why, struct err *err)
{
	return err_set(err, EXIT_CONFIG, "%.*s: %s", (int)piece->n, piece->at, why);
}

/* A file's name without folder and last suffix. */
static void
put_stem(const char *file, brace_put *put, void *to)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');
	char *stem = xstrndup(name, dot && dot > name ? (size_t)(dot - name) : strlen(name));

	put(to, stem);
	free(stem);
}

static int
stem_value(const struct brace_piece *piece, const struct plan_item *item, brace_put *put,
	   void *to, struct err *err)
{
	const char *of = item->text ? item->text : item->nin ? item->in[0] : NULL;

	if (!of)
		return no_such(piece, "the node has neither 'each' nor, so far, 'in'", err);
	put_stem(of, put, to);
	return 0;
}

static int
name_value(const struct plan_node *n, uint32_t item, brace_put *put, void *to)
{
	char *name = n->nitems == 1 ? xstrdup(n->def->name) :
		xasprintf("%s/%u", n->def->name, item);

	put(to, name);
	free(name);
	return 0;
}

static int
number_value(int64_t number, unsigned width, brace_put *put, void *to)
{
	char buf[128];

	snprintf(buf, sizeof(buf), "%0*" PRId64, (int)(width > 64 ? 64 : width), number);
	put(to, buf);
	return 0;
}

/* {NODE.out}: of the task in the same place; of a node with one item, that one's. */
static int
node_value(struct here *h, const struct brace_piece *piece, brace_put *put, void *to,
	   struct err *err)
{
	uint32_t from = plan_find(h->p, piece->node, piece->nnode);
	const struct plan_node *n;
	uint32_t first, end;

	if (from == GRAPH_NONE) {
		plan_no_node(h->p, err, piece->node, piece->nnode);
		return err_in(err, "%.*s", (int)piece->n, piece->at);
	}
	n = &h->p->node[from];
	if (!n->out)
		return no_such(piece, "that node has no 'out'", err);
	first = piece->kind == BRACE_NODE_OUTS || n->nitems == 1 ? 0 : h->item;
	end = piece->kind == BRACE_NODE_OUTS ? n->nitems : first + 1;
	if (end > n->nitems)
		return err_set(err, EXIT_CONFIG, "%.*s: '%s' has %u tasks, so none matches number %u; {%s.out*} is all of them",
			       (int)piece->n, piece->at, n->def->name, n->nitems, h->item, n->def->name);
	for (uint32_t i = first; i < end; i++) {
		put_files(n->item[i].out, n->item[i].nout, put, to);
		if (plan_item_edge(h->p, from, i, h->node, h->item, err) < 0)
			return -1;
	}
	return 0;
}

static int
value(void *user, const struct brace_piece *piece, brace_put *put, void *to, struct err *err)
{
	struct here *h = user;
	const struct plan_node *n = &h->p->node[h->node];
	const struct plan_item *item = &n->item[h->item];

	switch (piece->kind) {
	case BRACE_ITEM:
		if (!item->text)
			return no_such(piece, "the node has no 'each'", err);
		put(to, item->text);
		return 0;
	case BRACE_I:
		if (!item->text)
			return no_such(piece, "the node has no 'each'", err);
		return number_value(item->number, piece->width, put, to);
	case BRACE_IN:
		if (!n->in)
			return no_such(piece, "the node has no 'in'", err);
		return put_files(item->in, item->nin, put, to);
	case BRACE_OUT:
		if (!n->out)
			return no_such(piece, "the node has no 'out'", err);
		return put_files(item->out, item->nout, put, to);
	case BRACE_NAME:
		return name_value(n, h->item, put, to);
	case BRACE_STEM:
		return stem_value(piece, item, put, to, err);
	case BRACE_CORES:
		return number_value(n->attr.cores, 0, put, to);
	default:
		return node_value(h, piece, put, to, err);
	}
}

int
plan_expand(struct planner *p, uint32_t node, uint32_t item, enum brace_how how, const char *text,
	    brace_put *put, void *to, struct err *err)
{
	struct here here = { p, node, item };

	return brace_expand(how, text, value, &here, put, to, err);
}

/* ---- files of an item ---------------------------------------------------------- */

struct files {
	char **at;
	size_t n, cap;
};

static void
add_file(void *to, const char *word)
{
	struct files *f = to;

	*XADD(&f->at, &f->n, &f->cap) = xstrdup(word);
}

static int
add_pattern(struct files *f, const char *pattern, const char *dir, struct err *err)
{
	struct glob_files found = { NULL, 0, 0 };
	int rc = 0;

	glob_expand(&found, dir, pattern);
	if (!found.n)
		rc = err_set(err, EXIT_CONFIG, "%s matches no file in %s", pattern, dir);
	for (size_t i = 0; i < found.n; i++)
		add_file(f, found.at[i]);
	glob_fini(&found);
	return rc;
}

static int
read_files(struct here *h, const struct job_key *key, const struct words *words,
	   char ***list, uint32_t *n, struct err *err)
{
	struct files f = { NULL, 0, 0 };
	int rc = 0, is_in = key == h->p->node[h->node].in;

	for (size_t i = 0; rc == 0 && i < words->n; i++) {
		const char *word = words->at[i].at;

		if (is_in && !words->at[i].is_quoted && has_glob(word) && !strchr(word, '{'))
			rc = add_pattern(&f, word, h->p->job->set.dir, err);
		else
			rc = brace_expand(BRACE_WORD, word, value, h, add_file, &f, err);
	}
	for (size_t i = 0; rc == 0 && i < f.n; i++)
		if (!*f.at[i])
			rc = err_set(err, EXIT_CONFIG, "names a file of no letters");
	*XADD(&f.at, &f.n, &f.cap) = NULL;
	*list = f.at;
	*n = (uint32_t)f.n - 1;
	return rc;
}

/* in first, since out may say {in}. */
static int
read_item_files(struct planner *p, uint32_t node, struct err *err)
{
	struct plan_node *n = &p->node[node];
	struct words in = { NULL, 0, 0 }, out = { NULL, 0, 0 };
	int rc = 0;

	if (n->in && words_split(&in, n->in->value, err) < 0)
		return plan_bad_in(err, n, n->in);
	if (n->out && words_split(&out, n->out->value, err) < 0)
		rc = plan_bad_in(err, n, n->out);
	for (uint32_t i = 0; rc == 0 && i < n->nitems; i++) {
		struct plan_item *item = &n->item[i];
		struct here h = { p, node, i };

		if (n->in && read_files(&h, n->in, &in, &item->in, &item->nin, err) < 0)
			rc = plan_bad_in(err, n, n->in);
		if (rc == 0 && n->out &&
		    read_files(&h, n->out, &out, &item->out, &item->nout, err) < 0)
			rc = plan_bad_in(err, n, n->out);
	}
	words_fini(&in);
	words_fini(&out);
	return rc;
}

/* ---- items ------------------------------------------------------------------------ */

/* One item a task of another node; a node with items hands on their words. */
static void
take_items(struct plan_node *n, const struct plan_node *from)
{
	char place[16];

	if (from->op->flags & HEDDLE_EACH) {
		for (uint32_t i = 0; i < from->nitems; i++)
			each_add(&n->items, from->item[i].text ? from->item[i].text : from->def->name,
				 from->item[i].number);
		return;
	}
	for (uint32_t i = 0; i < from->end - from->first; i++) {
		snprintf(place, sizeof(place), "%u", i);
		each_add(&n->items, place, i);
	}
}

static int
read_each(struct planner *p, struct plan_node *n, struct err *err)
{
	struct words words;
	int rc;

	if (n->each_of != GRAPH_NONE) {
		take_items(n, &p->node[n->each_of]);
		return 0;
	}
	if (words_split(&words, n->each->value, err) < 0)
		return plan_bad_in(err, n, n->each);
	rc = each_read(&n->items, &words, p->job->set.dir, err);
	words_fini(&words);
	return rc < 0 ? plan_bad_in(err, n, n->each) : 0;
}

int
plan_items(struct planner *p, uint32_t i, struct err *err)
{
	struct plan_node *n = &p->node[i];

	if (!(n->op->flags & HEDDLE_EACH))
		return 0;
	if (n->each && read_each(p, n, err) < 0)
		return -1;
	n->nitems = n->each ? (uint32_t)n->items.n : 1;
	n->item = xcalloc(n->nitems, sizeof(*n->item));
	for (uint32_t k = 0; n->each && k < n->nitems; k++) {
		n->item[k].text = n->items.item[k];
		n->item[k].number = n->items.number[k];
	}
	return read_item_files(p, i, err);
}
