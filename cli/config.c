/* SPDX-License-Identifier: MIT */
/* config - what is set and where it was said; is a job file well; where settings are looked for. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/front.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

static void
print_line(struct text *t)
{
	text_addc(t, '\n');
	fwrite(t->at, 1, t->n, stdout);
	text_clear(t);
}

/* ---- what is set ------------------------------------------------------------ */

/* One value; of a table a row, in JSON an object a line. */
struct printer {
	struct cli_table *table;	/* NULL: JSON */
	struct text line;
};

static void
print_value(struct printer *p, const char *section, const char *key, const char *value,
	    const struct job_place *at)
{
	char buf[256], *flat;

	if (!p->table) {
		struct json j = { .out = &p->line };

		json_object(&j);
		json_ktext(&j, "section", section);
		json_ktext(&j, "key", key);
		json_ktext(&j, "value", value);
		json_ktext(&j, "origin", job_at(at, buf));
		json_end(&j);
		print_line(&p->line);
		return;
	}
	flat = xstrdup(value ? value : "");
	for (char *s = flat; (s = strchr(s, '\n'));)
		*s = ' ';
	cli_table_cell(p->table, "%s.%s", section, key);
	cli_table_cell(p->table, "%s", job_at(at, buf));
	cli_table_cell(p->table, "%s", flat);
	free(flat);
}

static void
print_values(const struct cli *cli, const struct job *job)
{
	static const char *const columns[] = { "key", "origin", "value", NULL };
	struct printer p = { .table = cli->json ? NULL : cli_table_new(columns) };

	for (size_t i = 0; i < job->nsettings; i++) {
		const struct job_setting *s = &job->setting[i];

		print_value(&p, s->section, s->key, s->value, &s->origin);
	}
	for (size_t i = 0; i < job->nnodes; i++) {
		const struct job_node *n = &job->node[i];

		for (size_t k = 0; k < n->nkeys; k++)
			print_value(&p, n->name, n->key[k].name, n->key[k].value, &n->key[k].at);
	}
	if (p.table)
		cli_table_print(p.table, stdout);
	text_fini(&p.line);
}

static int
show(const struct cli *cli)
{
	struct err err = { 0 };
	struct job *job;

	if (cli->nargs > 1) {
		err_set(&err, EXIT_USAGE, "config: '%s': expected one FILE", cli->arg[1]);
		return cli_complain(&err);
	}
	if (job_read(&job, cli->nargs ? cli->arg[0] : NULL, cli->profile, cli->override,
		     cli->noverrides, &err) < 0)
		return cli_complain(&err);
	if (cli->json || cli->origin) {
		print_values(cli, job);
	} else {
		struct text t = { 0 };

		job_write(job, &t);
		fwrite(t.at, 1, t.n, stdout);
		text_fini(&t);
	}
	job_free(job);
	return EXIT_DONE;
}

/* ---- is a file well? --------------------------------------------------------- */

/* All that running it would refuse before the first task. */
static int
check_job(const struct cli *cli, const char *path, struct err *err)
{
	struct session *session;

	if (front_open(&session, cli, path, NULL, err) < 0)
		return -1;
	session_free(session);
	return 0;
}

static int
check(const struct cli *cli)
{
	struct text line = { 0 };
	struct json j = { .out = &line };
	struct err err = { 0 };
	const char *path = cli->nargs > 1 ? cli->arg[1] : NULL;
	int bad;

	if (cli->nargs != 2) {
		err_set(&err, EXIT_USAGE, "config check: expected one FILE");
		return cli_complain(&err);
	}
	bad = check_job(cli, path, &err);
	if (cli->json) {
		json_object(&j);
		json_ktext(&j, "file", path);
		json_kbool(&j, "ok", !bad);
		json_ktext(&j, "why", bad ? err.text : NULL);
		json_end(&j);
		print_line(&line);
	}
	text_fini(&line);
	return bad ? cli_complain(&err) : EXIT_DONE;
}

/* ---- where settings are looked for --------------------------------------------- */

static void
print_path(const struct cli *cli, struct cli_table *table, const char *what, char *path)
{
	int is_there = !access(path, F_OK);
	struct text line = { 0 };
	struct json j = { .out = &line };

	if (cli->json) {
		json_object(&j);
		json_ktext(&j, "what", what);
		json_ktext(&j, "path", path);
		json_kbool(&j, "there", is_there);
		json_end(&j);
		print_line(&line);
	} else {
		cli_table_cell(table, "%s", what);
		cli_table_cell(table, "%s", path);
		cli_table_cell(table, "%s", is_there ? "yes" : "no");
	}
	text_fini(&line);
	free(path);
}

static int
paths(const struct cli *cli)
{
	static const char *const columns[] = { "what", "path", "there", NULL };
	struct cli_table *table = cli->json ? NULL : cli_table_new(columns);

	print_path(cli, table, "system settings", job_system_settings());
	print_path(cli, table, "user settings", job_user_settings());
	print_path(cli, table, "runs", cli->store ? xstrdup(cli->store) : job_default_store());
	if (table)
		cli_table_print(table, stdout);
	return EXIT_DONE;
}

int
cli_config(const struct cli *cli)
{
	if (cli->nargs && !strcmp(cli->arg[0], "check"))
		return check(cli);
	if (cli->nargs == 1 && !strcmp(cli->arg[0], "path"))
		return paths(cli);
	return show(cli);
}
