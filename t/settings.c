/* SPDX-License-Identifier: MIT */
/* settings - the table of settings, conf/all.ini and heddle.ini.5 say the same. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/job/job.h"
#include "core/job/settings.h"
#include "core/plugin/option.h"

static char *all_ini, *manual;

static char *
read_source(const char *name)
{
	const char *src = getenv("HEDDLE_SRC");
	struct text t = { 0 };
	char buf[4096];
	size_t n;
	FILE *f;

	text_addf(&t, "%s/%s", src ? src : ".", name);
	f = fopen(t.at, "r");
	if (!f)
		fprintf(stderr, "%s: cannot be read\n", t.at);
	assert_non_null(f);
	text_clear(&t);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_addn(&t, buf, n);
	fclose(f);
	return text_take(&t);
}

/* The line "key = value" (as a comment if is_comment) of a section; NULL: none. */
static const char *
find_line(const char *section, const char *key, int is_comment)
{
	char head[64], want[96];
	const char *from, *to, *line;

	snprintf(head, sizeof(head), "\n[%s]\n", section);
	snprintf(want, sizeof(want), "\n%s%s = ", is_comment ? ";" : "", key);
	from = strstr(all_ini, head);
	if (!from)
		return NULL;
	to = strstr(from + strlen(head), "\n[");
	line = strstr(from, want);
	return line && (!to || line < to) ? line + strlen(want) : NULL;
}

static int
starts_line(const char *s, const char *want)
{
	size_t n = strlen(want);

	return !strncmp(s, want, n) && s[n] == '\n';
}

/* A name that stands for any is there as an example, whatever its name. */
static int
has_example(const struct setting *s)
{
	if (strstr(s->option.name, "NAME"))
		return find_line(s->section, "pool.net", 1) != NULL;
	if (!strcmp(s->option.name, "NODE"))
		return find_line(s->section, "result", 1) != NULL;
	return 1;	/* a scheduler's own options: its manual has them */
}

static void
all_ini_has_every_setting_at_its_default(void **state)
{
	(void)state;
	for (const struct setting *s = settings; s->section; s++) {
		const char *fallback = s->option.fallback;
		const char *line = find_line(s->section, s->option.name, !fallback);

		if (setting_is_any(s) ? !has_example(s) :
		    !line || (fallback && !starts_line(line, fallback)))
			fail_msg("conf/all.ini lacks [%s] %s%s = %s", s->section, fallback ? "" : ";",
				 s->option.name, fallback ? fallback : "...");
	}
}

/* Where all.ini says a key of nodes: its default, or a comment. */
static const char *
find_node_line(const char *key, int *has_default)
{
	const char *line = find_line("synth.task first", key, 0);

	*has_default = line != NULL;
	if (!line)
		line = find_line("synth.task first", key, 1);
	return line ? line : find_line("synth.task result", key, 0);
}

static void
all_ini_has_every_key_of_nodes(void **state)
{
	int has_default;

	(void)state;
	for (const char *const *key = job_node_keys; *key; key++)
		if (!find_node_line(*key, &has_default))
			fail_msg("conf/all.ini lacks the key %s of nodes", *key);
}

static int
is_node_key(const char *name)
{
	for (const char *const *key = job_node_keys; *key; key++)
		if (!strcmp(*key, name))
			return 1;
	return 0;
}

static void
all_ini_says_what_an_empty_file_says(void **state)
{
	struct text path = { 0 };
	struct err err = { 0 };
	struct job *all = NULL, *none = NULL;

	(void)state;
	unsetenv("HEDDLE_CONFIG");
	unsetenv("HEDDLE_JOBS");
	unsetenv("HEDDLE_SCHEDULER");
	text_addf(&path, "%s/conf/all.ini", getenv("HEDDLE_SRC") ? getenv("HEDDLE_SRC") : ".");
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	if (job_read(&all, path.at, NULL, NULL, 0, &err) < 0 ||
	    job_read(&none, NULL, NULL, NULL, 0, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(all->nsettings, none->nsettings);
	for (size_t i = 0; i < all->nsettings; i++) {
		const char *x = all->setting[i].value, *y = none->setting[i].value;

		if (!strcmp(all->setting[i].key, "name"))
			continue;
		if (strcmp(x ? x : "", y ? y : ""))
			fail_msg("%s = %s, not %s", all->setting[i].key, x, y);
	}
	job_free(all);
	job_free(none);
	text_fini(&path);
}

/* Every line of all.ini, also one that is a comment, is a key there is. */
static void
all_ini_has_nothing_else(void **state)
{
	const char *s = all_ini;
	char section[64] = "", key[64];

	(void)state;
	for (; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (sscanf(s, "[%63[^]]]", section) == 1)
			continue;
		if (sscanf(s, ";%63[a-z_.] =", key) != 1 && sscanf(s, "%63[a-z_.] =", key) != 1)
			continue;
		if (strchr(section, ' ') ? !is_node_key(key) && strcmp(key, "time") :
		    !setting_find(section, key))
			fail_msg("conf/all.ini: [%s] %s is no key", section, key);
	}
}

/* ".It Cm key Ns = ..." below ".Ss [section]" in the manual. */
static const char *
manual_item(const char *section, const char *key)
{
	char head[64], want[96];
	const char *from, *to, *item;

	snprintf(head, sizeof(head), "\n.Ss %s\n", section);
	snprintf(want, sizeof(want), "\n.It Cm %s ", key);
	from = strstr(manual, head);
	if (!from)
		return NULL;
	to = strstr(from + 4, "\n.S");
	item = strstr(from, want);
	return item && (!to || item < to) ? item + strlen(want) : NULL;
}

static void
check_item(const char *section, const struct heddle_option *o)
{
	const char *item = manual_item(section, o->name), *end;
	struct text want = { 0 };

	if (!item)
		fail_msg("heddle.ini.5: .Ss %s lacks .It Cm %s", section, o->name);
	text_addf(&want, "Pq %s", o->fallback ? o->fallback : "none");
	end = strchr(item, '\n');
	if ((size_t)(end - item) < want.n || strncmp(end - want.n, want.at, want.n))
		fail_msg("heddle.ini.5: %s %s: '%.*s' does not end in '%s'", section, o->name,
			 (int)(end - item), item, want.at);
	/* the words of a choice are in its text */
	if (o->type == HEDDLE_CHOICE) {
		const char *next = strstr(item, "\n.It ");

		for (const char *w = o->words; *w; w += strcspn(w, "|"), w += *w == '|') {
			char word[64];
			const char *at;

			snprintf(word, sizeof(word), "%.*s", (int)strcspn(w, "|"), w);
			at = strstr(item, word);
			if (!at || (next && at > next))
				fail_msg("heddle.ini.5: %s %s does not tell '%s'", section,
					 o->name, word);
		}
	}
	text_fini(&want);
}

static void
the_manual_has_every_setting_with_its_default(void **state)
{
	(void)state;
	for (const struct setting *s = settings; s->section; s++) {
		char section[64];

		snprintf(section, sizeof(section), "[%s]\\&", s->section);
		if (setting_is_any(s) ? !manual_item(section, s->option.name) : 0)
			fail_msg("heddle.ini.5: %s lacks %s", section, s->option.name);
		if (!setting_is_any(s))
			check_item(section, &s->option);
	}
	for (const char *const *key = job_node_keys; *key; key++) {
		struct heddle_option o = { .name = *key };
		int has_default;
		const char *line = find_node_line(*key, &has_default);
		char *fallback = line ? strndup(line, strcspn(line, "\n")) : NULL;

		o.fallback = has_default ? fallback : NULL;
		check_item("Keys of every node", &o);
		free(fallback);
	}
}

/* "[job]" is job. */
static const char *
name_of(const char *section)
{
	static char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(section + 1, "]"), section + 1);
	return name;
}

static void
the_manual_has_nothing_else(void **state)
{
	const char *s = manual;
	char section[64] = "", key[64];

	(void)state;
	for (; s; s = strchr(s, '\n')) {
		s += *s == '\n';
		if (!strncmp(s, ".S", 2))
			snprintf(section, sizeof(section), "%.*s", (int)strcspn(s + 4, "\n"), s + 4);
		if (sscanf(s, ".It Cm %63s", key) != 1)
			continue;
		if (section[0] == '[' ? !setting_find(name_of(section), key) :
		    !strcmp(section, "Keys of every node") && !is_node_key(key))
			fail_msg("heddle.ini.5: %s: %s is no key", section, key);
	}
}

static void
the_tables_are_well_made(void **state)
{
	struct err err = { 0 };

	(void)state;
	for (const struct setting *s = settings; s->section; s++) {
		const char *why;

		assert_non_null(s->option.about);
		assert_true(setting_is_any(s) ? !s->option.fallback : 1);
		if (s->option.fallback && option_check(&s->option, s->option.fallback, &err) < 0)
			fail_msg("%s", err.text);
		if (s->check && s->option.fallback)
			assert_int_equal(s->check(s->option.fallback, &why), 0);
		if (!setting_is_any(s))
			assert_ptr_equal(setting_find(s->section, s->option.name), s);
	}
}

static int
set_up(void **state)
{
	(void)state;
	all_ini = read_source("conf/all.ini");
	manual = read_source("doc/heddle.ini.5");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(all_ini);
	free(manual);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_are_well_made),
		cmocka_unit_test(all_ini_has_every_setting_at_its_default),
		cmocka_unit_test(all_ini_has_every_key_of_nodes),
		cmocka_unit_test(all_ini_says_what_an_empty_file_says),
		cmocka_unit_test(all_ini_has_nothing_else),
		cmocka_unit_test(the_manual_has_every_setting_with_its_default),
		cmocka_unit_test(the_manual_has_nothing_else),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
