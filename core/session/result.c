/* SPDX-License-Identifier: MIT */
/* result - the values a run came to, shown and written where they go. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"
#include "core/run/run.h"
#include "core/session/inside.h"

/* ---- one value ------------------------------------------------------------ */

struct node_of {
	const struct graph *graph;
	uint32_t node;
};

static const char *
node_meta(void *self, const char *key)
{
	const struct node_of *n = self;

	return graph_node_meta(n->graph, n->node, key);
}

static void
put(void *self, const char *text, size_t n)
{
	text_addn(self, text, n);
}

/* The kind by the plugin that made the node, else by any that is loaded: a
 * plugin may give nodes of another one's kind. */
static const struct heddle_kind *
find_kind(const struct session *s, const char *plugin, const char *kind)
{
	const struct shelf_row *row;
	const struct heddle_kind *k;
	size_t n;

	row = shelf_rows(s->shelf, &n);
	for (int own = 1; own >= 0; own--)
		for (size_t i = 0; i < n; i++) {
			const struct plugin *p = row[i].plugin;

			if (!p || !p->collection || (!strcmp(p->def.name, plugin)) != own)
				continue;
			k = plugin_kind(p, kind);
			if (k && k->show)
				return k;
		}
	return NULL;
}

static int
is_done(const struct run *run, heddle_task t)
{
	return task_state_of(live_words(run_live(run))[t]) == TASK_DONE;
}

/* The values of all parts, or NULL if one was not made. */
static struct heddle_bytes *
gather(const struct session *s, const struct graph_node *node)
{
	struct heddle_bytes *v = xcalloc(node->nparts, sizeof(*v));

	for (uint32_t i = 0; i < node->nparts; i++) {
		heddle_task t = s->graph->part[node->part + i];

		if (!is_done(s->run, t)) {
			free(v);
			return NULL;
		}
		v[i] = run_value(s->run, t);
	}
	return v;
}

static void
show_bare(const struct graph_node *node, const char *kind, const struct heddle_bytes *v,
	  int json, struct text *out)
{
	uint64_t bytes = 0;
	char buf[WRITE_MAX];

	for (uint32_t i = 0; i < node->nparts; i++)
		bytes += v[i].n;
	if (json) {
		struct json j = { .out = out };

		json_object(&j);
		json_ktext(&j, "kind", *kind ? kind : NULL);
		json_kuint(&j, "bytes", bytes);
		json_end(&j);
	} else if (*kind) {
		text_addf(out, "%s, %s\n", kind, write_size(buf, bytes));
	}
}

/* Did every task of a node end well?  For nodes that give nothing. */
static int
all_done(const struct session *s, const struct graph_node *node)
{
	const struct graph *g = s->graph;

	for (uint32_t i = 0; i < node->ngroups; i++)
		for (uint32_t k = 0; k < g->group[node->group + i].n; k++)
			if (!is_done(s->run, graph_nth(g, node->group + i, k)))
				return 0;
	return 1;
}

int
session_show(const struct session *s, uint32_t node, int json, size_t most, struct text *out)
{
	struct node_of self = { s->graph, node };
	const struct heddle_kind *kind;
	const struct graph_node *n;
	struct heddle_bytes *v;
	struct heddle_node in;
	struct heddle_show where = { .size = sizeof(where), .json = json, .most = most,
				     .self = out, .put = put };
	size_t before = out->n;
	int rc = 0;

	if (!s->run || !run_is_over(s->run) || node >= s->graph->nnodes)
		return -1;
	n = &s->graph->node[node];
	if (!n->nparts && !all_done(s, n))
		return -1;
	v = gather(s, n);
	if (!v)
		return -1;
	in = (struct heddle_node){
		.size = sizeof(in), .name = graph_text(s->graph, n->name),
		.kind = graph_text(s->graph, n->kind), .part = s->graph->part + n->part,
		.nparts = n->nparts, .self = &self, .meta = node_meta,
	};
	kind = find_kind(s, graph_text(s->graph, n->plugin), in.kind);
	if (kind)
		rc = kind->show(&in, v, &where);
	else
		show_bare(n, in.kind, v, json, out);
	free(v);
	if (rc < 0 && out->at) {
		out->n = before;
		out->at[before] = '\0';
	}
	if (rc == 0 && !json && out->n > before && out->at[out->n - 1] != '\n')
		text_addc(out, '\n');
	return rc < 0 ? -1 : 0;
}

/* ---- where values go ------------------------------------------------------ */

static const struct job_key *
find_output(const struct job *job, const char *name)
{
	for (size_t i = 0; i < job->noutputs; i++)
		if (!strcmp(job->output[i].name, name))
			return &job->output[i];
	return NULL;
}

/* Goals that [output] does not name are told on stdout, unless it names some
 * for stdout: then those alone are. */
static int
is_stdout_chosen(const struct job *job)
{
	for (size_t i = 0; i < job->noutputs; i++)
		if (!strcmp(job->output[i].value, "stdout"))
			return 1;
	return 0;
}

/* That the nodes exist was checked when the job was read. */
int
session_check_outputs(const struct session *s, struct err *err)
{
	const struct graph *g = s->graph;
	char where[256];

	for (size_t i = 0; i < s->job->noutputs; i++) {
		const struct job_key *k = &s->job->output[i];
		uint32_t node = graph_find_node(g, k->name);

		if (node != GRAPH_NONE && !g->node[node].goal)
			return err_set(err, EXIT_CONFIG, "%s: [output] '%s': is no goal of this job",
				       job_at(&k->at, where), k->name);
	}
	return 0;
}

/* By a temporary name and rename: whoever reads path sees all or nothing. */
static int
write_file(const char *path, const struct text *t, struct err *err)
{
	char *tmp = xasprintf("%s.%ld.tmp", path, (long)getpid());
	size_t done = 0;
	int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		goto fail;
	while (done < t->n) {
		ssize_t n = write(fd, t->at + done, t->n - done);

		if (n < 0 && errno != EINTR)
			goto fail_write;
		done += n > 0 ? (size_t)n : 0;
	}
	if (close(fd) < 0 || rename(tmp, path) < 0) {
		fd = -1;
		goto fail_write;
	}
	free(tmp);
	return 0;

fail_write:
	err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	unlink(tmp);
	free(tmp);
	return -1;
fail:
	err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno));
	free(tmp);
	return -1;
}

static int
write_output(const struct session *s, uint32_t node, const char *path, struct err *err)
{
	size_t n = strlen(path);
	int json = n > 5 && !strcmp(path + n - 5, ".json"), rc = 0;
	struct text t = { 0 };

	if (session_show(s, node, json, SIZE_MAX, &t) == 0) {
		if (json)
			text_addc(&t, '\n');
		rc = write_file(path, &t, err);
	}
	text_fini(&t);
	return rc;
}

int
session_output(const struct session *s, struct text *out, struct err *err)
{
	const struct graph *g = s->graph;
	uint32_t *told, ntold = 0;
	int rc = 0, is_chosen;

	if (!s->run)
		return 0;
	is_chosen = is_stdout_chosen(s->job);
	told = xcalloc(g->nnodes, sizeof(*told));
	for (uint32_t i = 0; i < g->nnodes && rc == 0; i++) {
		const struct job_key *k;

		if (!g->node[i].goal)
			continue;
		k = find_output(s->job, graph_text(g, g->node[i].name));
		if (k ? !strcmp(k->value, "stdout") : !is_chosen)
			told[ntold++] = i;
		else if (k && strcmp(k->value, "none"))
			rc = write_output(s, i, k->value, err);
	}
	for (uint32_t i = 0; i < ntold && rc == 0; i++) {
		struct text t = { 0 };

		if (session_show(s, told[i], 0, SESSION_MOST, &t) == 0 && t.n) {
			if (ntold > 1)
				text_addf(out, "%s\n", graph_text(g, g->node[told[i]].name));
			text_addn(out, t.at, t.n);
		}
		text_fini(&t);
	}
	free(told);
	return rc;
}
