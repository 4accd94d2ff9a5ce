/* SPDX-License-Identifier: MIT */
/* plan_list - a graph's tasks, commands and groups as lines, and its picture for Graphviz. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/front.h"
#include "cli/plan.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/graph/brace.h"
#include "core/graph/graph.h"

/* A line on stdout; cleaned if a person reads it there. */
static void
put_line(struct text *line)
{
	struct text clean = { NULL, 0, 0 };

	if (isatty(STDOUT_FILENO)) {
		line_name(&clean, line->at ? line->at : "");
		puts(clean.at);
	} else {
		puts(line->at ? line->at : "");
	}
	text_fini(&clean);
	text_clear(line);
}

/* ---- tasks -------------------------------------------------------------------- */

static void
task_json(const struct graph *g, heddle_task t, struct text *out)
{
	char name[GRAPH_NAME];
	struct json j = { .out = out };
	uint64_t ns = graph_expect(g, t);

	json_object(&j);
	json_kuint(&j, "id", t);
	json_ktext(&j, "name", graph_name(g, t, name));
	json_ktext(&j, "group", graph_text(g, g->group[graph_group_of(g, t)].name));
	json_key(&j, "preds");
	json_array(&j);
	for (uint64_t i = g->csr.pred_at[t]; i < g->csr.pred_at[t + 1]; i++)
		json_uint(&j, g->csr.pred[i]);
	json_end(&j);
	if (ns)
		json_kseconds(&j, "estimate_s", ns);
	else
		json_ktext(&j, "estimate_s", NULL);
	json_end(&j);
}

static void
task_text(const struct graph *g, heddle_task t, struct text *out)
{
	char name[GRAPH_NAME];
	uint64_t first = g->csr.pred_at[t], end = g->csr.pred_at[t + 1], ns = graph_expect(g, t);

	text_addf(out, "%u %s", t, graph_name(g, t, name));
	text_addf(out, " %s ", graph_text(g, g->group[graph_group_of(g, t)].name));
	for (uint64_t i = first; i < end; i++)
		text_addf(out, "%s%u", i > first ? "," : "", g->csr.pred[i]);
	if (first == end)
		text_addc(out, '-');
	if (ns)
		text_addf(out, " %.9g", (double)ns / 1e9);
	else
		text_add(out, " -");
}

int
plan_print_tasks(const struct graph *g, int json)
{
	struct text line = { NULL, 0, 0 };

	for (heddle_task t = 0; t < g->csr.ntasks && !ferror(stdout); t++) {
		if (json)
			task_json(g, t, &line);
		else
			task_text(g, t, &line);
		put_line(&line);
	}
	text_fini(&line);
	return EXIT_DONE;
}

/* ---- commands ------------------------------------------------------------------- */

/*
 * Parameter bytes of command.run, as plugins/collections/command.c says: four
 * u32 (flags, nargs, nenv, ndirs), then as many texts, each ended by a NUL.
 */
struct command {
	uint32_t flags, nargs, nenv, ndirs;
	const char *text, *end;
};

static int
is_command(const struct graph *g, heddle_task t)
{
	const struct graph_kernel *k = &g->kernel[g->kernel_of[t]];

	return !strcmp(graph_text(g, k->plugin), "command") &&
		!strcmp(graph_text(g, k->name), "run");
}

static int
read_command(struct heddle_bytes par, struct command *c)
{
	enum { HEAD = 4 * sizeof(uint32_t) };
	const char *s;

	if (par.n < HEAD)
		return 0;
	memcpy(c, par.at, HEAD);
	c->text = (const char *)par.at + HEAD;
	c->end = (const char *)par.at + par.n;
	s = c->text;
	for (uint64_t i = 0; i < (uint64_t)c->nargs + c->nenv; i++) {
		s = s < c->end ? memchr(s, '\0', (size_t)(c->end - s)) : NULL;
		if (!s++)
			return 0;
	}
	return c->nargs > 0;
}

static void
add_quoted(struct text *out, const char *s)
{
	if (out->n)
		text_addc(out, ' ');
	brace_quote(out, s);
}

/* "env NAME=VALUE prog 'an argument'" */
static int
write_command(const struct graph *g, heddle_task t, struct text *out)
{
	struct command c;
	const char *env, *s;

	if (!read_command(graph_par(g, t), &c))
		return 0;
	env = c.text;
	for (uint32_t i = 0; i < c.nargs; i++)
		env += strlen(env) + 1;
	if (c.nenv)
		add_quoted(out, "env");
	for (s = env; c.nenv--; s += strlen(s) + 1)
		add_quoted(out, s);
	for (s = c.text; s < env; s += strlen(s) + 1)
		add_quoted(out, s);
	return 1;
}

int
plan_print_commands(const struct graph *g, int json)
{
	struct text command = { NULL, 0, 0 }, line = { NULL, 0, 0 };
	char name[GRAPH_NAME];

	for (heddle_task t = 0; t < g->csr.ntasks && !ferror(stdout); t++) {
		struct json j = { .out = &line };

		text_clear(&command);
		if (!is_command(g, t) || !write_command(g, t, &command))
			continue;
		if (!json) {
			put_line(&command);
			continue;
		}
		json_object(&j);
		json_kuint(&j, "id", t);
		json_ktext(&j, "name", graph_name(g, t, name));
		json_ktext(&j, "cmd", command.at);
		json_end(&j);
		put_line(&line);
	}
	text_fini(&command);
	text_fini(&line);
	return EXIT_DONE;
}

/* ---- groups ------------------------------------------------------------------------ */

void
plan_print_groups(const struct graph *g)
{
	static const char *const columns[] = { "group", "tasks>", "made>", "operation", "after", NULL };
	struct cli_table *table = cli_table_new(columns);
	uint32_t link = 0;

	for (uint32_t i = 0; i < g->ngroups; i++) {
		const struct graph_group *k = &g->group[i];
		const struct graph_node *n = &g->node[k->node];
		struct text after = { NULL, 0, 0 };

		for (; link < g->nlinks && g->link[link].to == i; link++)
			text_addf(&after, "%s%s", after.n ? " " : "",
				  graph_text(g, g->group[g->link[link].from].name));
		cli_table_cell(table, "%s", graph_text(g, k->name));
		cli_table_cell(table, "%u", k->n);
		cli_table_cell(table, "%u", k->all);
		cli_table_cell(table, "%s.%s", graph_text(g, n->plugin), graph_text(g, n->op));
		cli_table_cell(table, "%s", after.at ? after.at : "");
		text_fini(&after);
	}
	putchar('\n');
	cli_table_print(table, stdout);
}

/* ---- dot ----------------------------------------------------------------------------- */

enum { DOT_TASKS = 1000 };	/* dot needs 0.5 s for so many, and minutes for ten times as many */

static void
dot_quote(struct text *out, const char *s)
{
	text_addc(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_addc(out, '\\');
		text_addc(out, *s == '\n' ? ' ' : *s);
	}
	text_addc(out, '"');
}

static void
dot_tasks(const struct graph *g, struct text *line)
{
	char name[GRAPH_NAME];

	for (heddle_task t = 0; t < g->csr.ntasks; t++) {
		uint32_t nin = graph_nin(g, t);

		text_add(line, "  ");
		dot_quote(line, graph_name(g, t, name));
		put_line(line);
		for (uint32_t i = 0; i < graph_npred(g, t); i++) {
			text_add(line, "  ");
			dot_quote(line, graph_name(g, g->csr.pred[g->csr.pred_at[t] + i], name));
			text_add(line, " -> ");
			dot_quote(line, graph_name(g, t, name));
			if (i >= nin)
				text_add(line, " [style=dashed]");
			put_line(line);
		}
	}
}

static void
dot_groups(const struct graph *g, struct text *line)
{
	for (uint32_t i = 0; i < g->ngroups; i++) {
		const char *name = graph_text(g, g->group[i].name);

		text_add(line, "  ");
		dot_quote(line, name);
		text_addf(line, " [label=\"%s\\n%u task%s\"]", name, g->group[i].n,
			  g->group[i].n == 1 ? "" : "s");
		put_line(line);
	}
	for (uint32_t i = 0; i < g->nlinks; i++) {
		const struct graph_link *l = &g->link[i];

		text_add(line, "  ");
		dot_quote(line, graph_text(g, g->group[l->from].name));
		text_add(line, " -> ");
		dot_quote(line, graph_text(g, g->group[l->to].name));
		text_addf(line, " [label=\"%llu\"]", (unsigned long long)l->n);
		put_line(line);
	}
}

int
plan_print_dot(const struct graph *g, const char *name)
{
	struct text line = { NULL, 0, 0 };

	text_add(&line, "digraph ");
	dot_quote(&line, name);
	text_add(&line, " {");
	put_line(&line);
	text_add(&line, "  node [shape=box]");
	put_line(&line);
	if (g->csr.ntasks <= DOT_TASKS)
		dot_tasks(g, &line);
	else
		dot_groups(g, &line);
	text_addc(&line, '}');
	put_line(&line);
	text_fini(&line);
	return EXIT_DONE;
}
