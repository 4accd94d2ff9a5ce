/* SPDX-License-Identifier: MIT */
/* option - what a person types against a table: values, and each way to be wrong. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

#define ROW .size = sizeof(struct heddle_option)

static const struct heddle_option table[] = {
	{ ROW, .name = "title", .type = HEDDLE_TEXT, .fallback = "none" },
	{ ROW, .name = "deep", .type = HEDDLE_BOOL, .fallback = "no" },
	{ ROW, .name = "shift", .type = HEDDLE_INT, .fallback = "0", .min = -5, .max = 5 },
	{ ROW, .name = "part", .type = HEDDLE_REAL, .fallback = "0.5", .min = 0, .max = 1 },
	{ ROW, .name = "repeat", .type = HEDDLE_COUNT, .fallback = "1", .min = 1 },
	{ ROW, .name = "chunk", .type = HEDDLE_SIZE, .fallback = "1M", .min = 1024, .max = 1 << 30 },
	{ ROW, .name = "lasts", .type = HEDDLE_TIME, .fallback = "10ms" },
	{ ROW, .name = "merge", .type = HEDDLE_CHOICE, .words = "tree|flat", .fallback = "tree" },
	{ ROW, .name = "path", .type = HEDDLE_PATH, .flags = HEDDLE_LIST },
	{ ROW, .name = "words", .type = HEDDLE_TEXT, .flags = HEDDLE_LIST },
	{ ROW, .name = "file", .type = HEDDLE_PATH },
	{ 0 },
};
static const struct heddle_option needs[] = {
	{ ROW, .name = "path", .type = HEDDLE_PATH, .flags = HEDDLE_REQUIRED | HEDDLE_LIST },
	{ 0 },
};

static char dir[] = "/tmp/heddle-option-XXXXXX";

static void
touch(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
	free(path);
}

static void
make(const char *name)
{
	char *path = xasprintf("%s/%s", dir, name);

	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
}

static int
tree_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	make("src");
	make("src/deep");
	make("src/deep/er");
	make("src/.git");
	touch("b.txt");
	touch("a.txt");
	touch("Z.txt");
	touch(".hidden.txt");
	touch("odd[1].txt");
	touch("two words.txt");
	touch("src/x.c");
	touch("src/deep/y.c");
	touch("src/deep/er/z.c");
	touch("src/.git/no.c");
	make("folder.txt");
	return 0;
}

static int
tree_down(void **state)
{
	char *cmd = xasprintf("rm -rf '%s'", dir);
	int bad = system(cmd);

	(void)state;
	free(cmd);
	return bad;
}

/* Parse name = text in table; the values and the sentence, "" if it parsed. */
static void
parse(struct option_values *v, const char *name, const char *text, char *said)
{
	struct option_given given = { name, text, "a.ini:3" };
	struct err err = { 0 };

	memset(v, 0, sizeof(*v));
	said[0] = '\0';
	if (option_parse(v, table, &given, 1, "[bag.read text]", dir, &err) < 0) {
		assert_int_equal(err.code, EXIT_CONFIG);
		strcpy(said, err.text);
	}
}

static const struct heddle_arg *
arg(const struct option_values *v, const char *name)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (!strcmp(table[i].name, name))
			return &v->arg[i];
	fail_msg("no row %s", name);
	return NULL;
}

/* The items of a list of texts or paths, joined by |. */
static void
joined(const char *name, const char *text, const char *want)
{
	struct option_values v;
	char said[ERR_MAX], got[4096] = "";
	const struct heddle_arg *a;

	parse(&v, name, text, said);
	assert_string_equal(said, "");
	a = arg(&v, name);
	for (uint32_t i = 0; i < a->n; i++) {
		strcat(got, i ? "|" : "");
		strcat(got, a->v[i].s);
	}
	assert_string_equal(got, want);
	option_fini(&v);
}

static void
refused(const char *name, const char *text, const char *want)
{
	struct option_values v;
	char said[ERR_MAX];

	parse(&v, name, text, said);
	assert_string_equal(said, want);
	assert_null(v.arg);
}

static void
what_nobody_said_is_the_default(void **state)
{
	struct option_values v;

	(void)state;
	assert_int_equal(option_parse(&v, table, NULL, 0, NULL, NULL, NULL), 0);
	assert_int_equal(v.n, 11);
	assert_string_equal(arg(&v, "title")->v->s, "none");
	assert_int_equal(arg(&v, "deep")->v->i, 0);
	assert_int_equal(arg(&v, "chunk")->v->i, 1 << 20);
	assert_int_equal(arg(&v, "lasts")->v->i, 10000000);
	assert_int_equal(arg(&v, "merge")->v->i, 0);
	assert_true(arg(&v, "part")->v->d == 0.5);
	assert_int_equal(arg(&v, "path")->n, 0);
	assert_int_equal(arg(&v, "file")->n, 0);
	option_fini(&v);
}

static void
each_type_reads_its_text(void **state)
{
	static const struct { const char *name, *text; int64_t want; } rows[] = {
		{ "deep", "yes", 1 }, { "shift", "-5", -5 },
		{ "repeat", "64M", 64000000 }, { "chunk", "64M", 64 << 20 },
		{ "lasts", "2m", 120000000000 }, { "merge", "flat", 1 },
		{ "repeat", "1", 1 }, { "chunk", "1K", 1024 },
	};
	struct option_values v;
	char said[ERR_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		parse(&v, rows[i].name, rows[i].text, said);
		assert_string_equal(said, "");
		assert_int_equal(arg(&v, rows[i].name)->n, 1);
		assert_true(arg(&v, rows[i].name)->v->i == rows[i].want);
		option_fini(&v);
	}
}

static void
the_last_of_one_name_wins(void **state)
{
	struct option_given given[] = {
		{ "title", "first", NULL }, { "title", "last", NULL }, { "title", NULL, NULL },
	};
	struct option_values v;

	(void)state;
	assert_int_equal(option_parse(&v, table, given, 3, NULL, NULL, NULL), 0);
	assert_string_equal(arg(&v, "title")->v->s, "last");
	option_fini(&v);
}

static void
an_unknown_name_is_refused_with_the_nearest(void **state)
{
	(void)state;
	refused("chnk", "1M", "a.ini:3: [bag.read text]: no option 'chnk'; did you mean 'chunk'?");
	refused("qqqqqqqq", "1M", "a.ini:3: [bag.read text]: no option 'qqqqqqqq'; it has "
		"title deep shift part repeat chunk lasts merge path words file");
}

static void
a_value_out_of_its_limits_is_refused_with_them(void **state)
{
	(void)state;
	refused("shift", "6", "a.ini:3: [bag.read text]: shift = 6; expected -5 to 5");
	refused("part", "1.5", "a.ini:3: [bag.read text]: part = 1.5; expected 0 to 1");
	refused("repeat", "0", "a.ini:3: [bag.read text]: repeat = 0; expected at least 1");
}

static void
a_word_that_is_no_choice_is_refused_with_the_nearest(void **state)
{
	(void)state;
	refused("merge", "flot", "a.ini:3: [bag.read text]: merge = flot; expected tree|flat;"
		" did you mean 'flat'?");
}

static void
a_text_of_the_wrong_type_is_refused(void **state)
{
	static const char *const rows[] = {
		"deep", "shift", "part", "repeat", "chunk", "lasts",
	};
	struct option_values v;
	char said[ERR_MAX], start[128];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		parse(&v, rows[i], "12Q", said);
		snprintf(start, sizeof(start), "a.ini:3: [bag.read text]: %s = 12Q; expected ",
			 rows[i]);
		if (strncmp(said, start, strlen(start)))
			fail_msg("'%s' does not start '%s'", said, start);
	}
}

static void
a_required_one_that_is_missing_is_told_with_its_type(void **state)
{
	struct option_given silent = { "path", NULL, "a.ini:7" }, empty = { "path", " ", "a.ini:8" };
	struct option_values v = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(option_parse(&v, needs, &silent, 1, "[bag.read text]", NULL, &err), -1);
	assert_string_equal(err.text, "a.ini:7: [bag.read text]: path is missing; expected paths");
	assert_int_equal(option_parse(&v, needs, &empty, 1, NULL, NULL, &err), -1);
	assert_string_equal(err.text, "a.ini:8: path is missing; expected paths");
	assert_int_equal(option_parse(&v, needs, NULL, 0, NULL, NULL, &err), -1);
	assert_string_equal(err.text, "path is missing; expected paths");
}

static void
a_list_stands_apart_by_blanks_and_quotes_hold_them(void **state)
{
	(void)state;
	joined("words", "", "");
	joined("words", "  one\ttwo\n three ", "one|two|three");
	joined("words", "\"one two\" three \"\" \"a\\\"b\\\\c\"", "one two|three||a\"b\\c");
	joined("words", "don't say\"it", "don't|say\"it");
	refused("words", "one \"two", "a.ini:3: [bag.read text]: words: a quote is not closed");
	refused("words", "\"two\"three",
		"a.ini:3: [bag.read text]: words: expected a blank behind \"two\"");
	refused("words", "\"\"three",
		"a.ini:3: [bag.read text]: words: expected a blank behind \"\"");
}

static void
a_pattern_becomes_its_files_sorted_by_bytes(void **state)
{
	(void)state;
	joined("path", "[ab].txt", "a.txt|b.txt");
	joined("path", "?.txt", "Z.txt|a.txt|b.txt");
	joined("path", "none.bin *b.txt", "none.bin|b.txt");
	joined("path", "\"two*\"", "two words.txt");
	joined("path", "./src/*.c", "./src/x.c");
	joined("path", "s*/*/*.c", "src/deep/y.c");
}

static void
two_stars_are_any_folders_or_none(void **state)
{
	char *absolute = xasprintf("%s/**/z.c", dir), *want = xasprintf("%s/src/deep/er/z.c", dir);

	(void)state;
	joined("path", "src/**", "src/deep/er/z.c|src/deep/y.c|src/x.c");
	joined("path", "**/*.c", "src/deep/er/z.c|src/deep/y.c|src/x.c");
	joined("path", "src/**/deep/**/*.c", "src/deep/er/z.c|src/deep/y.c");
	joined("path", "**/**/y.c", "src/deep/y.c");
	joined("path", absolute, want);
	free(absolute);
	free(want);
}

static void
a_pattern_that_is_a_files_very_name_is_that_file(void **state)
{
	(void)state;
	joined("path", "odd[1].txt", "odd[1].txt");
}

static void
a_pattern_without_files_is_refused(void **state)
{
	(void)state;
	refused("path", "*.nothing",
		"a.ini:3: [bag.read text]: path = *.nothing: no file matches");
	refused("path", "folder.t*",
		"a.ini:3: [bag.read text]: path = folder.t*: no file matches");
	refused("file", "?.txt",
		"a.ini:3: [bag.read text]: file = ?.txt: 3 files match; expected one");
	refused("file", "", "a.ini:3: [bag.read text]: file = ; expected a path");
	refused("path", "*.nothing *.none",
		"a.ini:3: [bag.read text]: path = *.nothing *.none: no file matches");
	joined("path", "*.nothing [ab].txt *.none", "a.txt|b.txt");
	joined("file", "b*.txt", "b.txt");
}

static void
one_text_is_checked_against_one_row(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(option_check(option_find(table, "merge"), "flat", &err), 0);
	assert_int_equal(option_check(option_find(table, "merge"), "flit", &err), -1);
	assert_int_equal(option_check(option_find(table, "words"), "a \"b", &err), -1);
}

static void
types_have_names_for_people(void **state)
{
	(void)state;
	assert_string_equal(option_type_name(option_find(table, "merge")), "tree|flat");
	assert_string_equal(option_type_name(option_find(table, "path")), "paths");
	assert_string_equal(option_type_name(option_find(table, "file")), "path");
	assert_string_equal(option_type_name(option_find(table, "lasts")), "time");
}

static void
a_table_of_longer_rows_is_walked_by_its_stride(void **state)
{
	struct { struct heddle_option o; uint64_t later; } rows[3] = {
		{ { .size = sizeof(rows[0]), .name = "one", .type = HEDDLE_INT }, 0 },
		{ { .size = sizeof(rows[0]), .name = "two", .type = HEDDLE_INT }, 0 },
	};

	(void)state;
	assert_int_equal(option_count(&rows[0].o), 2);
	assert_ptr_equal(option_find(&rows[0].o, "two"), &rows[1].o);
	assert_null(option_find(&rows[0].o, "three"));
	assert_int_equal(option_count(NULL), 0);
}

/* One row that is wrong, and what is said. */
static const struct { struct heddle_option row; const char *want; } ill[] = {
	{ { ROW, .name = "Big", .type = HEDDLE_INT },
	  "option 'Big': bad name; expected a-z, then a-z 0-9 _ . -" },
	{ { ROW, .name = "", .type = HEDDLE_INT },
	  "option '': bad name; expected a-z, then a-z 0-9 _ . -" },
	{ { ROW, .name = "cores", .type = HEDDLE_INT },
	  "option 'cores' has a name that every node has" },
	{ { ROW, .name = "x", .type = 0 },
	  "option 'x' is of type 0, which this heddle does not know" },
	{ { ROW, .name = "x", .type = 10 },
	  "option 'x' is of type 10, which this heddle does not know" },
	{ { ROW, .name = "x", .type = HEDDLE_INT, .flags = 8 },
	  "option 'x' has flags 0x8, which this heddle does not know" },
	{ { ROW, .name = "x", .type = HEDDLE_CHOICE },
	  "option 'x' is a choice without words; expected such as \"a|b\"" },
	{ { ROW, .name = "x", .type = HEDDLE_CHOICE, .words = "a||b" },
	  "option 'x' is a choice without words; expected such as \"a|b\"" },
	{ { ROW, .name = "x", .type = HEDDLE_CHOICE, .words = "a|b", .fallback = "c" },
	  "default of option: x = c; expected a|b" },
	{ { ROW, .name = "x", .type = HEDDLE_INT, .fallback = "9", .min = 1, .max = 8 },
	  "default of option: x = 9; expected 1 to 8" },
	{ { ROW, .name = "x", .type = HEDDLE_INT, .min = 2, .max = 1 },
	  "option 'x': its most, 1, is below its least, 2" },
	{ { ROW, .name = "x", .type = HEDDLE_INT, .flags = HEDDLE_REQUIRED, .fallback = "1" },
	  "option 'x' is required, yet has a default" },
};

static void
an_ill_made_table_is_refused(void **state)
{
	struct heddle_option twice[] = {
		{ ROW, .name = "x", .type = HEDDLE_INT },
		{ ROW, .name = "x", .type = HEDDLE_TEXT }, { 0 },
	};
	const struct heddle_option small = { .size = 8, .name = "x", .type = HEDDLE_INT };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(option_table_check(table, &err), 0);
	assert_int_equal(option_table_check(NULL, &err), 0);
	for (size_t i = 0; i < sizeof(ill) / sizeof(*ill); i++) {
		struct heddle_option rows[2] = { ill[i].row };

		assert_int_equal(option_table_check(rows, &err), -1);
		assert_int_equal(err.code, EXIT_PLUGIN);
		assert_string_equal(err.text, ill[i].want);
	}
	assert_int_equal(option_table_check(&small, &err), -1);
	assert_string_equal(err.text, "option rows of 8 bytes; expected at least 56");
	assert_int_equal(option_table_check(twice, &err), -1);
	assert_string_equal(err.text, "option 'x' is there twice");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_said_is_the_default),
		cmocka_unit_test(each_type_reads_its_text),
		cmocka_unit_test(the_last_of_one_name_wins),
		cmocka_unit_test(an_unknown_name_is_refused_with_the_nearest),
		cmocka_unit_test(a_value_out_of_its_limits_is_refused_with_them),
		cmocka_unit_test(a_word_that_is_no_choice_is_refused_with_the_nearest),
		cmocka_unit_test(a_text_of_the_wrong_type_is_refused),
		cmocka_unit_test(a_required_one_that_is_missing_is_told_with_its_type),
		cmocka_unit_test(a_list_stands_apart_by_blanks_and_quotes_hold_them),
		cmocka_unit_test(a_pattern_becomes_its_files_sorted_by_bytes),
		cmocka_unit_test(two_stars_are_any_folders_or_none),
		cmocka_unit_test(a_pattern_that_is_a_files_very_name_is_that_file),
		cmocka_unit_test(a_pattern_without_files_is_refused),
		cmocka_unit_test(one_text_is_checked_against_one_row),
		cmocka_unit_test(types_have_names_for_people),
		cmocka_unit_test(a_table_of_longer_rows_is_walked_by_its_stride),
		cmocka_unit_test(an_ill_made_table_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("option", tests, tree_up, tree_down);
}
