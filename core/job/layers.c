/* SPDX-License-Identifier: MIT */
/* layers - one setting after the other: what each layer says replaces what was said before. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/job/draft.h"

int
job_is_typed(const struct job_place *at)
{
	return at->file && !at->line && *at->file == '-';
}

int
draft_fail_in(struct draft *d, const struct job_place *at, const char *section)
{
	char buf[256];

	if (section)
		err_in(d->err, "[%s]", section);
	err_in(d->err, "%s", job_at(at, buf));
	if (d->err)
		d->err->code = job_is_typed(at) ? EXIT_USAGE : EXIT_CONFIG;
	return -1;
}

int
draft_fail(struct draft *d, const struct job_place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(d->err, EXIT_CONFIG, fmt, ap);
	va_end(ap);
	return draft_fail_in(d, at, NULL);
}

const char *
draft_keep(struct draft *d, char *s)
{
	return value_keep(d->keep, s);
}

/* ---- checks --------------------------------------------------------------- */

static int
unknown_key(struct draft *d, const struct job_key *k, const char *section)
{
	const char **names = setting_names(section), *near = nearest(k->name, names);

	draft_fail(d, &k->at, "[%s]: unknown key '%s'", section, k->name);
	if (near)
		err_add(d->err, "; did you mean '%s'?", near);
	else
		err_add(d->err, "; expected");
	for (const char **s = names; !near && *s; s++)
		err_add(d->err, "%s %s", s == names ? "" : ",", *s);
	free(names);
	return -1;
}

/* A key of a row for any name: pool.NAME and NODE are names, and say something. */
static int
check_any(struct draft *d, const struct setting *s, const struct job_key *k)
{
	struct heddle_option o = s->option;
	const char *dot = strncmp(o.name, "pool.", 5) ? NULL : k->name + 5;

	o.name = k->name;
	if (dot && !draft_is_name(dot))
		return err_set(d->err, EXIT_CONFIG, "'%s' cannot be the name of a pool; "
			       "expected letters, digits, _ . -", dot);
	if (!*k->value && !strcmp(s->section, "output"))
		return err_set(d->err, EXIT_CONFIG, "%s is empty; expected stdout, a file or none",
			       k->name);
	return option_check(&o, k->value, d->err);
}

/* Does the value fit its row?  What may be left out may be empty. */
static int
check_value(struct draft *d, const struct setting *s, const struct job_key *k)
{
	const struct heddle_option *o = &s->option;
	const char *why;

	if (setting_is_any(s))
		return check_any(d, s, k);
	if (!*k->value && (!o->fallback || o->flags & HEDDLE_LIST))
		return 0;
	if (!*k->value)
		return err_set(d->err, EXIT_CONFIG, "%s is empty; expected %s",
			       o->name, option_type_name(o));
	if (option_check(o, k->value, d->err) < 0)
		return -1;
	if (s->check && s->check(k->value, &why) < 0)
		return err_set(d->err, EXIT_CONFIG, "%s = %s; expected %s", o->name, k->value, why);
	return 0;
}

int
draft_check_lines(struct draft *d, const char *what, const char *const *keys,
		  const struct job_key *k)
{
	for (const char *s = k->value; (s = strchr(s, '\n'));) {
		size_t n, blank;

		s += 1 + strspn(s + 1, " \t");
		n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
		blank = strspn(s + n, " \t");
		if (!n || !blank || s[n + blank] != '=')	/* dd of=x is none */
			continue;
		for (const char *const *key = keys; *key; key++)
			if (strlen(*key) == n && !memcmp(*key, s, n))
				return draft_fail(d, &k->at, "[%s]: %s goes on with '%s = ...', "
						  "which is indented; expected it to start like %s",
						  what, k->name, *key, k->name);
	}
	return 0;
}

static int
check_lines(struct draft *d, const char *section, const struct job_key *k)
{
	const char **names = setting_names(section);
	int bad = draft_check_lines(d, section, names, k);

	free(names);
	return bad;
}

/* ---- plugins --------------------------------------------------------------- */

static void
add_word(struct text *t, const char *word)
{
	int is_plain = *word && *word != '"' && !word[strcspn(word, " \t\n")];

	if (t->n)
		text_addc(t, '\n');
	if (is_plain) {
		text_add(t, word);
		return;
	}
	text_addc(t, '"');
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			text_addc(t, '\\');
		text_addc(t, *word);
	}
	text_addc(t, '"');
}

int
draft_set_plugins(struct draft *d, const struct job_key *k, const char *folder, int is_needed)
{
	const struct setting *s = setting_find("job", "plugins");
	struct job_setting *to = &d->setting[s - settings];
	struct value v = { .row = &s->option, .dir = folder, .keep = d->keep, .err = d->err };
	struct text t = { 0 };

	if (check_lines(d, "job", k) < 0)
		return -1;
	if (value_read(&v, k->value) < 0) {
		free(v.item);
		return draft_fail_in(d, &k->at, "job");
	}
	if (is_needed)
		to = &d->needed;
	if (is_needed && to->value)
		text_add(&t, to->value);
	for (size_t i = 0; i < v.n; i++) {
		char *path = *v.item[i].s == '/' ? xstrdup(v.item[i].s) :
			xasprintf("%s/%s", folder, v.item[i].s);

		add_word(&t, path);
		free(path);
	}
	free(v.item);
	to->value = draft_keep(d, text_take(&t));
	to->origin = k->at;
	return 0;
}

void
draft_add_needed(struct draft *d)
{
	struct job_setting *to = &d->setting[setting_find("job", "plugins") - settings];

	if (!d->needed.value)
		return;
	if (to->value && *to->value)
		to->value = draft_keep(d, xasprintf("%s\n%s", to->value, d->needed.value));
	else
		*to = (struct job_setting){ to->section, to->key, d->needed.value, d->needed.origin };
}

/* ---- one setting ------------------------------------------------------------ */

/* Another scheduler does not know the options said for the one before. */
static void
forget_scheduler_keys(struct draft *d)
{
	for (size_t i = 0; i < d->nany; i++)
		if (d->any[i].row && !strcmp(d->any[i].row->section, "scheduler") &&
		    d->any[i].layer < d->layer)
			d->any[i].row = NULL;
}

/* Index entries of sections are apart from those of nodes: a node is not
 * called as a section. */
static void
set_any(struct draft *d, const struct setting *s, const struct job_key *k)
{
	const size_t *i = draft_index(d, s->section, k->name);
	struct draft_key *to;

	if (i) {
		to = &d->any[*i];
	} else {
		draft_index_put(d, s->section, k->name, d->nany);
		to = XADD(&d->any, &d->nany, &d->capany);
	}
	*to = (struct draft_key){ *k, s, d->layer };
}

int
draft_set(struct draft *d, const char *section, const struct job_key *k)
{
	const struct setting *s;
	struct job_setting *to;

	if (check_lines(d, section, k) < 0)
		return -1;
	s = setting_find(section, k->name);
	if (!s)
		return unknown_key(d, k, section);
	if (check_value(d, s, k) < 0)
		return draft_fail_in(d, &k->at, section);
	if (setting_is_any(s)) {
		set_any(d, s, k);
		return 0;
	}
	to = &d->setting[s - settings];
	if (!strcmp(section, "scheduler") && !strcmp(k->name, "kind") &&
	    strcmp(to->value, k->value))
		forget_scheduler_keys(d);
	to->value = k->value;
	to->origin = k->at;
	return 0;
}

/* ---- section.key in one word ------------------------------------------------- */

static int
unknown_target(struct draft *d, const struct job_key *k, const char *target)
{
	const char **names = setting_names(NULL), *near;
	size_t n = 0, cap;

	while (names[n])
		n++;
	cap = n + 1;	/* it may be larger, but not smaller */
	for (size_t i = 0; i < d->nnodes; i++)
		*XADD(&names, &n, &cap) = d->node[i].node.name;
	*XADD(&names, &n, &cap) = NULL;
	near = nearest(target, names);
	draft_fail(d, &k->at, "%s: no section and no node is called '%s'", k->name, target);
	if (near)
		err_add(d->err, "; did you mean '%s'?", near);
	else
		err_add(d->err, "; expected a node or one of");
	for (const char **s = names; !near && *s && setting_is_section(*s); s++)
		err_add(d->err, " %s", *s);
	free(names);
	return -1;
}

/* A profile means its file's folder, the command line the one heddle is in. */
static int
set_plugins_here(struct draft *d, const struct job_key *k)
{
	char *here = d->layer == LAYER_PROFILE ? xstrdup(d->folder) : getcwd(NULL, 0);
	int bad = draft_set_plugins(d, k, here ? here : ".", 0);

	free(here);
	return bad;
}

int
draft_set_dotted(struct draft *d, const struct job_key *k)
{
	const char *dot = strchr(k->name, '.'), *last = strrchr(k->name, '.');
	struct job_key part = *k;
	struct draft_node *node;
	const char *target;

	if (!dot || dot == k->name || !last[1])
		return draft_fail(d, &k->at, "%s: expected section.key", k->name);
	target = draft_keep(d, xstrndup(k->name, (size_t)(dot - k->name)));
	if (setting_is_section(target)) {
		part.name = draft_keep(d, xstrdup(dot + 1));
		if (!strcmp(target, "job") && !strcmp(part.name, "plugins"))
			return set_plugins_here(d, &part);
		return draft_set(d, target, &part);
	}
	target = draft_keep(d, xstrndup(k->name, (size_t)(last - k->name)));
	node = draft_find(d, target);
	if (!node)
		return unknown_target(d, k, target);
	part.name = draft_keep(d, xstrdup(last + 1));
	if (draft_check_lines(d, target, job_node_keys, &part) < 0)
		return -1;
	draft_set_node(d, node, &part);
	return 0;
}
