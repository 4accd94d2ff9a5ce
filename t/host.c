/* SPDX-License-Identifier: MIT */
/* host - a heddle for tests of collections: plans operations, runs their tasks by id. */

/*
 * Stricter than the real one where that finds mistakes: every value and
 * parameter is an allocation of exactly its size, so that a sanitizer sees a
 * read behind it, and out() moves a value even where it could stay.
 */

#include "t/host.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

struct task {
	const struct heddle_kernel *kernel;	/* NULL: given */
	char *group;
	struct heddle_bytes par, value;
	heddle_task *in;
	uint32_t nin, index;
	int has_run;
};

struct host {
	void *handle;
	const struct heddle_plugin *plugin;
	struct task *task;
	size_t ntasks, captasks;
	struct host_node **node;
	size_t nnodes, capnodes;
	struct err err;
	int is_stopped;
	/* of the operation being planned */
	const char *name;
	char *group;
	uint32_t index;
	struct host_node *made;
	/* of the kernel that runs */
	struct heddle_bytes out;
};

static struct heddle_bytes
copy(const void *at, size_t n)
{
	struct heddle_bytes b = { n ? xmalloc(n) : NULL, n };

	if (n)
		memcpy((void *)b.at, at, n);
	return b;
}

struct host *
host_open(const char *name)
{
	const char *build = getenv("HEDDLE_BUILD");
	struct host *h = xcalloc(1, sizeof(*h));
	char *path = xasprintf("%s/plugins/%s.so", build ? build : ".", name);

	h->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!h->handle)
		fprintf(stderr, "%s\n", dlerror());
	free(path);
	if (h->handle)
		h->plugin = dlsym(h->handle, "heddle_plugin");
	if (h->plugin && h->plugin->collection)
		return h;
	host_free(h);
	return NULL;
}

static void
node_free(struct host_node *node)
{
	for (size_t i = 0; node->meta && node->meta[i]; i++)
		free(node->meta[i]);
	free(node->meta);
	free((char *)node->is.name);
	free((char *)node->is.kind);
	free((heddle_task *)node->is.part);
	free(node);
}

void
host_free(struct host *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->nnodes; i++)
		node_free(h->node[i]);
	for (size_t i = 0; i < h->ntasks; i++) {
		free(h->task[i].group);
		free((void *)h->task[i].par.at);
		free((void *)h->task[i].value.at);
		free(h->task[i].in);
	}
	free(h->node);
	free(h->task);
	free(h->group);
	if (h->handle)
		dlclose(h->handle);
	free(h);
}

const char *
host_why(const struct host *h)
{
	return h->err.text;
}

/* ---- planning ------------------------------------------------------------ */

static int
fail(void *self, const char *why)
{
	struct host *h = self;

	return err_set(&h->err, EXIT_CONFIG, "%s", why);
}

static int
group(void *self, const char *name)
{
	struct host *h = self;

	free(h->group);
	h->group = name ? xasprintf("%s.%s", h->name, name) : xstrdup(h->name);
	h->index = 0;
	return 0;
}

static const struct heddle_kernel *
find_kernel(const struct host *h, const char *name)
{
	const struct heddle_kernel *k = h->plugin->collection->kernels;

	while (k->name && strcmp(k->name, name))
		k++;
	return k->name ? k : NULL;
}

static heddle_task
emit(void *self, const char *kernel, struct heddle_bytes par, const heddle_task *in, uint32_t nin)
{
	struct host *h = self;
	struct task *t;

	for (uint32_t i = 0; i < nin; i++)
		if (in[i] >= h->ntasks) {
			err_set(&h->err, EXIT_GRAPH, "input %u does not exist yet", in[i]);
			return HEDDLE_NONE;
		}
	t = XADD(&h->task, &h->ntasks, &h->captasks);
	t->kernel = find_kernel(h, kernel);
	if (!t->kernel) {
		err_set(&h->err, EXIT_PLUGIN, "no kernel '%s'", kernel);
		return HEDDLE_NONE;
	}
	t->group = xstrdup(h->group);
	t->index = h->index++;
	t->par = copy(par.at, par.n);
	t->in = (heddle_task *)copy(in, nin * sizeof(*in)).at;
	t->nin = nin;
	return (heddle_task)(h->ntasks - 1);
}

static int
expect(void *self, heddle_task task, uint64_t ns, uint64_t bytes)
{
	struct host *h = self;

	(void)ns;
	(void)bytes;
	return task < h->ntasks ? 0 : fail(h, "expect for no task");
}

static int
give(void *self, const char *kind, const heddle_task *part, uint32_t n)
{
	struct host *h = self;

	if (h->made->is.kind)
		return fail(h, "gave twice");
	h->made->is.kind = xstrdup(kind);
	h->made->is.part = copy(part, n * sizeof(*part)).at;
	h->made->is.nparts = n;
	return 0;
}

static int
set_meta(void *self, const char *key, const char *value)
{
	struct host_node *node = ((struct host *)self)->made;
	size_t n = 0;

	while (node->meta && node->meta[n])
		n++;
	node->meta = xrealloc(node->meta, (n + 3) * sizeof(*node->meta));
	node->meta[n] = xstrdup(key);
	node->meta[n + 1] = xstrdup(value);
	node->meta[n + 2] = NULL;
	return 0;
}

static const char *
get_meta(void *self, const char *key)
{
	return host_meta(self, key);
}

const char *
host_meta(const struct host_node *node, const char *key)
{
	for (size_t i = 0; node->meta && node->meta[i]; i += 2)
		if (!strcmp(node->meta[i], key))
			return node->meta[i + 1];
	return NULL;
}

static struct host_node *
new_node(struct host *h, const char *name)
{
	struct host_node *node = xcalloc(1, sizeof(*node));

	*XADD(&h->node, &h->nnodes, &h->capnodes) = node;
	node->host = h;
	node->is = (struct heddle_node){
		.size = sizeof(node->is), .name = xstrdup(name), .self = node, .meta = get_meta,
	};
	return node;
}

static const struct heddle_op *
find_op(const struct host *h, const char *name)
{
	const struct heddle_op *op = h->plugin->collection->ops;

	while (op->name && strcmp(op->name, name))
		op++;
	return op->name ? op : NULL;
}

static int
parse(struct host *h, const struct heddle_op *op, const char *const *options,
      struct option_values *values)
{
	struct option_given given[16];
	uint32_t n = 0;

	for (; options && options[2 * n]; n++)
		given[n] = (struct option_given){ options[2 * n], options[2 * n + 1], NULL };
	if (option_table_check(op->options, &h->err) < 0)
		return -1;
	return option_parse(values, op->options, given, n, op->name, NULL, &h->err);
}

struct host_node *
host_plan(struct host *h, const char *name, const char *op_name, const char *const *options,
	  struct host_node *const *in, uint32_t nin)
{
	const struct heddle_op *op = find_op(h, op_name);
	struct heddle_node *nodes = xcalloc(nin + 1, sizeof(*nodes));
	struct option_values values;
	struct heddle_plan plan = {
		.size = sizeof(plan), .name = name, .in = nodes, .nin = nin, .self = h,
		.group = group, .emit = emit, .expect = expect, .give = give,
		.meta = set_meta, .fail = fail,
	};
	int rc = -1;

	h->err.text[0] = '\0';
	for (uint32_t i = 0; i < nin; i++)
		nodes[i] = in[i]->is;
	if (!op) {
		err_set(&h->err, EXIT_CONFIG, "no operation '%s'", op_name);
	} else if (!parse(h, op, options, &values)) {
		plan.arg = values.arg;
		h->name = name;
		h->made = new_node(h, name);
		group(h, NULL);
		rc = op->plan(&plan);
		option_fini(&values);
		if (rc < 0 && !h->err.text[0])
			err_set(&h->err, EXIT_PLUGIN, "failed without fail()");
	}
	free(nodes);
	return rc < 0 ? NULL : h->made;
}

struct host_node *
host_give(struct host *h, const char *name, const char *kind, const struct heddle_bytes *part,
	  uint32_t n)
{
	struct host_node *node = new_node(h, name);
	heddle_task *id = xcalloc(n + 1, sizeof(*id));

	for (uint32_t i = 0; i < n; i++) {
		struct task *t = XADD(&h->task, &h->ntasks, &h->captasks);

		t->group = xstrdup(name);
		t->value = copy(part[i].at, part[i].n);
		t->index = i;
		t->has_run = 1;
		id[i] = (heddle_task)(h->ntasks - 1);
	}
	node->is.kind = xstrdup(kind);
	node->is.part = id;
	node->is.nparts = n;
	return node;
}

/* ---- running ------------------------------------------------------------- */

static void *
out(void *self, size_t n)
{
	struct host *h = self;
	struct heddle_bytes b = { xmalloc(n), n };
	size_t keep = n < h->out.n ? n : h->out.n;

	if (keep)
		memcpy((void *)b.at, h->out.at, keep);
	free((void *)h->out.at);
	h->out = b;
	return (void *)b.at;
}

static int
stop(void *self)
{
	return ((struct host *)self)->is_stopped;
}

static void
progress(void *self, double part)
{
	if (!(part >= 0 && part <= 1))
		fail(self, "progress is not in 0 .. 1");
}

static int
run(struct host *h, struct task *t)
{
	struct heddle_bytes *in = xcalloc(t->nin + 1, sizeof(*in));
	struct heddle_call call = {
		.size = sizeof(call), .par = t->par, .in = in, .nin = t->nin, .index = t->index,
		.self = h, .out = out, .fail = fail, .stop = stop, .progress = progress,
	};
	int rc;

	for (uint32_t i = 0; i < t->nin; i++)
		in[i] = h->task[t->in[i]].value;
	h->out = (struct heddle_bytes){ NULL, 0 };
	rc = t->kernel->run(&call);
	free(in);
	t->value = h->out;
	t->has_run = 1;
	if (rc < 0 && !h->err.text[0])
		fail(h, "failed without fail()");
	if (!rc && h->err.text[0])
		rc = -1;
	return rc;
}

int
host_run(struct host *h)
{
	h->err.text[0] = '\0';
	for (size_t i = 0; i < h->ntasks; i++)
		if (!h->task[i].has_run && run(h, &h->task[i]) < 0)
			return -1;
	return 0;
}

void
host_stop(struct host *h)
{
	h->is_stopped = 1;
}

/* ---- looking ------------------------------------------------------------- */

uint32_t
host_ntasks(const struct host *h)
{
	return (uint32_t)h->ntasks;
}

struct heddle_bytes
host_value(const struct host *h, heddle_task task)
{
	return h->task[task].value;
}

const heddle_task *
host_in(const struct host *h, heddle_task task, uint32_t *nin)
{
	*nin = h->task[task].nin;
	return h->task[task].in;
}

struct heddle_bytes
host_par(const struct host *h, heddle_task task)
{
	return h->task[task].par;
}

const char *
host_group(const struct host *h, heddle_task task)
{
	return h->task[task].group;
}

const char *
host_kernel(const struct host *h, heddle_task task)
{
	return h->task[task].kernel ? h->task[task].kernel->name : "";
}

static void
put(void *self, const char *text, size_t n)
{
	text_addn(self, text, n);
}

char *
host_show(const struct host_node *node, int json, size_t most)
{
	const struct host *h = node->host;
	const struct heddle_kind *kind = h->plugin->collection->kinds;
	struct heddle_bytes *part = xcalloc(node->is.nparts + 1, sizeof(*part));
	struct text text = { 0 };
	struct heddle_show show = {
		.size = sizeof(show), .json = json, .most = most, .self = &text, .put = put,
	};
	int rc = -1;

	for (uint32_t i = 0; i < node->is.nparts; i++)
		part[i] = h->task[node->is.part[i]].value;
	while (kind->name && strcmp(kind->name, node->is.kind))
		kind++;
	if (kind->name)
		rc = kind->show(&node->is, part, &show);
	free(part);
	if (!rc)
		return text_take(&text);
	text_fini(&text);
	return NULL;
}
