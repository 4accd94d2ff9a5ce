/* SPDX-License-Identifier: MIT */
/* result - what a run came to: values of goals, and the summary as JSON. */

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
#include "core/graph/measure.h"
#include "core/insight/account.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/inside.h"

enum {
	MOST_SHOWN = 1000,	/* elements in JSON and rows on stdout; a file gets all */
	MOST_FAILURES = 1000
};

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

		if (session_show(s, told[i], 0, MOST_SHOWN, &t) == 0 && t.n) {
			if (ntold > 1)
				text_addf(out, "%s\n", graph_text(g, g->node[told[i]].name));
			text_addn(out, t.at, t.n);
		}
		text_fini(&t);
	}
	free(told);
	return rc;
}

/* ---- the summary ---------------------------------------------------------- */

/* The longest path by what each task really took (its last attempt). */
static uint64_t
measured_span(const struct session *s)
{
	const struct graph *g = s->graph;
	uint64_t *took = xcalloc(g->csr.ntasks, sizeof(*took));
	uint64_t *level = xcalloc(g->csr.ntasks, sizeof(*level)), span = 0;
	const struct log *logs = run_logs(s->run);

	for (uint32_t w = 0; w < run_live(s->run)->nworkers; w++) {
		struct log_walk at = { 0 };
		const struct log_row *r;

		while ((r = log_next(&logs[w], &at)))
			if (r->task != HEDDLE_NONE && row_status(r) != ROW_RETRY)
				took[r->task] = r->end - r->start;
	}
	measure_levels(g, took, 0, level);
	for (uint32_t t = 0; t < g->csr.ntasks; t++)
		span = level[t] > span ? level[t] : span;
	free(took);
	free(level);
	return span;
}

static void
write_account(struct json *j, const struct account *a)
{
	json_key(j, "core_s");
	json_object(j);
	for (int c = 0; c < CLASS_N; c++)
		json_kseconds(j, class_names[c], a->ns[c]);
	json_end(j);
}

static void
write_results(struct json *j, const struct session *s)
{
	const struct graph *g = s->graph;

	json_key(j, "results");
	json_object(j);
	for (uint32_t i = 0; i < g->nnodes; i++) {
		struct text t = { 0 };

		if (!g->node[i].goal)
			continue;
		json_key(j, graph_text(g, g->node[i].name));
		if (session_show(s, i, 1, MOST_SHOWN, &t) == 0 && t.n)
			json_raw(j, t.at, t.n);
		else
			json_null(j);
		text_fini(&t);
	}
	json_end(j);
}

static void
write_failure(struct json *j, const struct session *s, const struct run_event *e)
{
	char name[GRAPH_NAME];

	json_object(j);
	json_ktext(j, "task", e->task == HEDDLE_NONE ? NULL : graph_name(s->graph, e->task, name));
	json_kint(j, "exit", e->code);
	json_kuint(j, "attempt", e->attempt);
	json_kseconds(j, "at_s", e->at);
	json_ktext(j, "why", e->text);
	json_end(j);
}

/* In the order they happened, so the first cause is first. */
static void
write_failures(struct json *j, const struct session *s)
{
	struct run_event e[64];
	uint32_t from = 0, n, told = 0;

	json_key(j, "failures");
	json_array(j);
	while (told < MOST_FAILURES && (n = run_events(s->run, from, e, 64)) > 0) {
		for (uint32_t i = 0; i < n && told < MOST_FAILURES; i++)
			if (e[i].kind == EVENT_FAIL) {
				write_failure(j, s, &e[i]);
				told++;
			}
		from += n;
	}
	json_end(j);
}

static void
write_counts(struct json *j, const struct session *s)
{
	const struct live_head *h = run_live(s->run);

	json_kuint(j, "tasks", h->ntasks);
	json_kuint(j, "edges", h->nedges);
	json_kuint(j, "done", h->done);
	json_kuint(j, "failed", h->failed);
	json_kuint(j, "skipped", h->skipped);
	json_kuint(j, "cached", h->cached);
	json_kuint(j, "retried", h->retried);
}

static void
write_times(struct json *j, const struct session *s, const struct account *a)
{
	const struct live_head *h = run_live(s->run);
	double speedup = a->wall ? (double)a->work / (double)a->wall : 0;

	json_kseconds(j, "plan_s", h->plan_ns);
	json_kseconds(j, "wall_s", a->wall);
	json_kseconds(j, "work_s", a->work);
	json_kseconds(j, "span_s", measured_span(s));
	json_kreal(j, "speedup", speedup);
	json_kreal(j, "efficiency", a->total ? (double)a->work / (double)a->total : 0);
	json_kreal(j, "ns_per_task", h->done ? (double)a->wall / h->done : 0);
	json_kuint(j, "held_peak", h->held_peak);
	json_kuint(j, "held_bytes_peak", h->held_bytes_peak);
}

/* Of a past run: the file that it left. */
static void
read_summary(const char *dir, struct text *out)
{
	char *path = xasprintf("%s/summary.json", dir), buf[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_addn(out, buf, n);
	if (f)
		fclose(f);
	free(path);
}

void
session_summary(const struct session *s, struct text *out)
{
	struct json j = { .out = out };
	const struct live_head *h;
	struct account a;

	if (s->past) {
		read_summary(s->past->dir, out);
		return;
	}
	if (s->summary) {
		text_add(out, s->summary);
		return;
	}
	if (!s->run || !s->is_finished)
		return;
	h = run_live(s->run);
	account_live(&a, h, HEDDLE_NONE, run_now(s->run));
	json_object(&j);
	json_ktext(&j, "status", run_status_names[h->status]);
	json_kint(&j, "exit", s->exit);
	json_ktext(&j, "job", s->job->set.name);
	if (session_number(s))
		json_kuint(&j, "run", session_number(s));
	json_ktext(&j, "executor", h->executor);
	json_kuint(&j, "workers", h->workers);
	json_ktext(&j, "scheduler", h->scheduler);
	write_counts(&j, s);
	write_times(&j, s, &a);
	write_account(&j, &a);
	write_results(&j, s);
	write_failures(&j, s);
	if (*s->why)
		json_ktext(&j, "why", s->why);
	json_end(&j);
	text_addc(out, '\n');
}
