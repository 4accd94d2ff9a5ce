/* SPDX-License-Identifier: MIT */
/* plugins_info - a plugin's tables, for people and as JSON. */

#include "cli/plugins_info.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

const char *
plugin_kind_name(const struct plugin *p)
{
	return !p ? "" : p->scheduler ? "scheduler" : "collection";
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

static void
hex(char out[65], const unsigned char sha256[32])
{
	for (int i = 0; i < 32; i++)
		sprintf(out + 2 * i, "%02x", sha256[i]);
}

static void
print_json(struct text *t)
{
	puts(t->at);
	text_fini(t);
}

static const struct heddle_option no_options;

static void
options_json(struct json *j, const struct heddle_option *o)
{
	json_key(j, "options");
	json_array(j);
	for (o = o ? o : &no_options; o->name; o++) {
		json_object(j);
		json_ktext(j, "name", o->name);
		json_ktext(j, "type", option_type_name(o));
		json_ktext(j, "default", o->fallback);
		json_kbool(j, "required", o->flags & HEDDLE_REQUIRED);
		json_kbool(j, "list", o->flags & HEDDLE_LIST);
		json_ktext(j, "about", o->about);
		json_end(j);
	}
	json_end(j);
}

static void
info_json(const struct plugin *p)
{
	struct text t = { 0 };
	struct json j = { .out = &t };
	char sum[65];

	hex(sum, p->sha256);
	json_object(&j);
	json_ktext(&j, "name", p->def.name);
	json_ktext(&j, "kind", plugin_kind_name(p));
	json_ktext(&j, "version", p->def.version);
	json_kuint(&j, "abi", p->def.abi);
	json_ktext(&j, "about", p->def.about);
	json_ktext(&j, "path", p->path);
	json_ktext(&j, "sha256", sum);
	if (p->scheduler) {
		json_kbool(&j, "concurrent", p->scheduler->flags & HEDDLE_CONCURRENT);
		options_json(&j, p->scheduler->options);
		json_end(&j);
		print_json(&t);
		return;
	}
	json_key(&j, "operations");
	json_array(&j);
	for (const struct heddle_op *op = p->collection->ops; op->name; op++) {
		json_object(&j);
		json_ktext(&j, "name", op->name);
		json_ktext(&j, "takes", op->takes);
		json_kbool(&j, "each", op->flags & HEDDLE_EACH);
		json_ktext(&j, "about", op->about);
		options_json(&j, op->options);
		json_end(&j);
	}
	json_end(&j);
	json_key(&j, "kernels");
	json_array(&j);
	for (const struct heddle_kernel *k = p->collection->kernels; k && k->name; k++) {
		json_object(&j);
		json_ktext(&j, "name", k->name);
		json_kbool(&j, "pure", k->flags & HEDDLE_PURE);
		json_kbool(&j, "effect", k->flags & HEDDLE_EFFECT);
		json_kbool(&j, "value", !(k->flags & HEDDLE_NOVALUE));
		json_end(&j);
	}
	json_end(&j);
	json_key(&j, "kinds");
	json_array(&j);
	for (const struct heddle_kind *k = p->collection->kinds; k && k->name; k++) {
		json_object(&j);
		json_ktext(&j, "name", k->name);
		json_ktext(&j, "about", k->about);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	print_json(&t);
}

static void
print_options(const struct heddle_option *o)
{
	static const char *const columns[] = { "  option", "default", "type", "meaning", NULL };
	struct cli_table *t;

	if (!o || !o->name)
		return;
	t = cli_table_new(columns);
	for (; o->name; o++) {
		cli_table_cell(t, "  %s", o->name);
		cli_table_cell(t, "%s", o->flags & HEDDLE_REQUIRED ? "(required)" :
			       o->fallback ? o->fallback : "-");
		cli_table_cell(t, "%s", option_type_name(o));
		cli_table_cell(t, "%s", or_empty(o->about));
	}
	cli_table_print(t, stdout);
}

static void
print_names(const char *what, const char *name, const char *about)
{
	printf("%s %s%s%s\n", what, name, about ? ": " : "", or_empty(about));
}

static void
info_text(const struct plugin *p)
{
	char sum[65];

	hex(sum, p->sha256);
	printf("%s %s  %s, abi %u\n", p->def.name, or_empty(p->def.version), plugin_kind_name(p),
	       p->def.abi);
	if (p->def.about)
		printf("%s\n", p->def.about);
	printf("file    %s\nsha256  %s\n", p->path, sum);
	if (p->scheduler) {
		printf("calls   %s\n", p->scheduler->flags & HEDDLE_CONCURRENT ?
		       "by all workers at once" : "one at a time");
		print_options(p->scheduler->options);
		return;
	}
	for (const struct heddle_op *op = p->collection->ops; op->name; op++) {
		char *head = xasprintf("%s.%s%s%s%s%s", p->def.name, op->name,
				       op->takes ? " (" : "", or_empty(op->takes),
				       op->takes ? ")" : "",
				       op->flags & HEDDLE_EACH ? " each" : "");

		putchar('\n');
		print_names("operation", head, op->about);
		print_options(op->options);
		free(head);
	}
	putchar('\n');
	for (const struct heddle_kernel *k = p->collection->kernels; k && k->name; k++)
		printf("kernel %s%s%s%s\n", k->name, k->flags & HEDDLE_PURE ? " pure" : "",
		       k->flags & HEDDLE_EFFECT ? " effect" : "",
		       k->flags & HEDDLE_NOVALUE ? " novalue" : "");
	for (const struct heddle_kind *k = p->collection->kinds; k && k->name; k++)
		print_names("kind", k->name, k->about);
}

void
plugin_print(const struct plugin *p, int json)
{
	(json ? info_json : info_text)(p);
}
