/* SPDX-License-Identifier: MIT */
/* plugins - heddle plugins list | info NAME | check FILE. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/plugins_info.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/battery.h"
#include "core/plugin/place.h"
#include "core/plugin/shelf.h"

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

static void
print_json(struct text *t)
{
	puts(t->at);
	text_fini(t);
}

/* ---- list ------------------------------------------------------------- */

static const char *
state_name(enum shelf_state state)
{
	static const char *const names[] = {
		[SHELF_FOUND] = "found", [SHELF_LOADED] = "ok", [SHELF_REFUSED] = "refused",
	};

	return names[state];
}

static void
list_json(const struct shelf *shelf, const struct shelf_row *row, size_t n)
{
	struct text t = { 0 };
	struct json j = { .out = &t };

	json_object(&j);
	json_key(&j, "places");
	json_array(&j);
	for (const char *const *place = shelf_places(shelf); *place; place++)
		json_text(&j, *place);
	json_end(&j);
	json_key(&j, "plugins");
	json_array(&j);
	for (size_t i = 0; i < n; i++) {
		const struct plugin *p = row[i].plugin;

		json_object(&j);
		json_ktext(&j, "name", row[i].name);
		json_ktext(&j, "state", state_name(row[i].state));
		json_ktext(&j, "path", row[i].path);
		json_ktext(&j, "why", row[i].why);
		json_ktext(&j, "kind", p ? plugin_kind_name(p) : NULL);
		json_ktext(&j, "version", p ? p->def.version : NULL);
		json_ktext(&j, "about", p ? p->def.about : NULL);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	print_json(&t);
}

static void
list_table(const struct shelf *shelf, const struct shelf_row *row, size_t n)
{
	static const char *const columns[] = {
		"kind", "name", "version", "status", "from", "about", NULL
	};
	struct cli_table *t = cli_table_new(columns);

	for (size_t i = 0; i < n; i++) {
		const struct plugin *p = row[i].plugin;
		const char *slash = strrchr(row[i].path, '/');

		cli_table_cell(t, "%s", p ? plugin_kind_name(p) : "-");
		cli_table_cell(t, "%s", row[i].name);
		cli_table_cell(t, "%s", p ? or_empty(p->def.version) : "-");
		cli_table_cell(t, "%s", state_name(row[i].state));
		cli_table_cell(t, "%.*s", (int)(slash - row[i].path), row[i].path);
		cli_table_cell(t, "%s", p ? or_empty(p->def.about) : "");
	}
	cli_table_print(t, stdout);
	for (size_t i = 0; i < n; i++)
		if (row[i].why)
			printf("%s\n", row[i].why);
	fputs("searched:", stdout);
	for (const char *const *place = shelf_places(shelf); *place; place++)
		printf(" %s", *place);
	putchar('\n');
}

static int
list(const struct cli *cli, struct shelf *shelf)
{
	size_t n;
	const struct shelf_row *row = shelf_list(shelf, &n);

	(cli->json ? list_json : list_table)(shelf, row, n);
	return EXIT_DONE;
}

/* A name, or a file: here, where that is what is asked for, NAME.so is one. */
static const struct plugin *
get(struct shelf *shelf, const char *what, struct err *err)
{
	char *path = place_is_plugin(what) && !strchr(what, '/') ? xasprintf("./%s", what) : NULL;
	const struct plugin *p = shelf_get(shelf, path ? path : what, NULL, err);

	free(path);
	return p;
}

/* ---- info ------------------------------------------------------------ */

static int
info(const struct cli *cli, struct shelf *shelf)
{
	struct err err = { 0 };
	const struct plugin *p = get(shelf, cli->arg[1], &err);

	if (!p)
		return cli_complain(&err);
	plugin_print(p, cli->json);
	return EXIT_DONE;
}

/* ---- check ------------------------------------------------------------ */

static const char *const finding_names[] = {
	[FINDING_OK] = "ok", [FINDING_FAILED] = "FAIL", [FINDING_SKIPPED] = "skip",
};

static void
tell_text(void *user, const struct finding *f)
{
	(void)user;
	printf("%-4s  %s%s%s\n", finding_names[f->state], f->what, *f->said ? ": " : "", f->said);
	fflush(stdout);
}

static void
tell_json(void *user, const struct finding *f)
{
	struct json *j = user;

	json_object(j);
	json_ktext(j, "check", f->what);
	json_ktext(j, "state", finding_names[f->state]);
	json_ktext(j, "said", *f->said ? f->said : NULL);
	json_end(j);
}

/* KEY=VALUE arguments as options; free() it. */
static struct option_given *
read_given(const struct cli *cli, uint32_t *n, struct err *err)
{
	struct option_given *given = xcalloc(cli->nargs, sizeof(*given));

	*n = 0;
	for (size_t i = 2; i < cli->nargs; i++) {
		const char *equals = strchr(cli->arg[i], '=');

		if (!equals) {
			err_set(err, EXIT_USAGE, "plugins check %s: expected KEY=VALUE",
				cli->arg[i]);
			for (; *n; --*n)
				free((char *)given[*n - 1].name);
			free(given);
			return NULL;
		}
		given[(*n)++] = (struct option_given){
			.name = xstrndup(cli->arg[i], (size_t)(equals - cli->arg[i])),
			.text = equals + 1,
		};
	}
	return given;
}

static int
check(const struct cli *cli, struct shelf *shelf)
{
	struct text t = { 0 };
	struct json j = { .out = &t };
	struct finding loads = { .what = "loads", .said = "" };
	struct err err = { 0 };
	const struct plugin *p;
	struct option_given *given;
	void (*tell)(void *, const struct finding *) = cli->json ? tell_json : tell_text;
	uint32_t n;
	int nfailed;

	given = read_given(cli, &n, &err);
	if (!given)
		return cli_complain(&err);
	if (cli->json) {
		json_object(&j);
		json_ktext(&j, "plugin", cli->arg[1]);
		json_key(&j, "checks");
		json_array(&j);
	}
	p = get(shelf, cli->arg[1], &err);
	if (!p) {
		loads.state = FINDING_FAILED;
		loads.said = err.text;
	}
	tell(&j, &loads);
	nfailed = p ? battery_run(p, given, n, tell, &j) : 1;
	if (cli->json) {
		json_end(&j);
		json_kbool(&j, "ok", !nfailed);
		json_end(&j);
		print_json(&t);
	}
	while (n--)
		free((char *)given[n].name);
	free(given);
	return nfailed ? EXIT_PLUGIN : EXIT_DONE;
}

/* ---- all -------------------------------------------------------------- */

static const struct verb {
	const char *name;
	size_t least, most;		/* arguments, itself counted */
	int (*run)(const struct cli *, struct shelf *);
	const char *usage;
} verbs[] = {
	{ "list", 1, 1, list, "list" },
	{ "info", 2, 2, info, "info NAME" },
	{ "check", 2, SIZE_MAX, check, "check FILE [KEY=VALUE ..]" },
	{ 0 }
};

static const struct verb *
find_verb(const struct cli *cli, struct err *err)
{
	const char *names[sizeof(verbs) / sizeof(*verbs)] = { 0 }, *near;
	const char *name = cli->nargs ? cli->arg[0] : "list";

	for (size_t i = 0; verbs[i].name; i++) {
		size_t n = cli->nargs ? cli->nargs : 1;

		names[i] = verbs[i].name;
		if (strcmp(verbs[i].name, name))
			continue;
		if (n >= verbs[i].least && n <= verbs[i].most)
			return &verbs[i];
		err_set(err, EXIT_USAGE, "plugins %s: expected %s", name, verbs[i].usage);
		return NULL;
	}
	near = nearest(name, names);
	err_set(err, EXIT_USAGE, "plugins %s: expected list, info NAME or check FILE", name);
	if (near)
		err_add(err, "; did you mean '%s'?", near);
	return NULL;
}

int
cli_plugins(const struct cli *cli)
{
	struct err err = { 0 };
	const struct verb *v = find_verb(cli, &err);
	struct shelf *shelf;
	int code;

	if (!v)
		return cli_complain(&err);
	shelf = shelf_new(cli->keeper);
	code = v->run(cli, shelf);
	shelf_free(shelf);
	return code;
}
