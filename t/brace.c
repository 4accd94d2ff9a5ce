/* SPDX-License-Identifier: MIT */
/* brace - known braces are replaced and all others stay; words and items are split as in sh. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/brace.h"
#include "core/graph/each.h"
#include "core/graph/words.h"

/* {item} is "it's", {i} 7, {in} two files, {out} none; of others its name. */
static int
value(void *user, const struct brace_piece *p, brace_put *put, void *to, struct err *err)
{
	char buf[64];

	(void)user;
	(void)err;
	switch (p->kind) {
	case BRACE_ITEM:
		put(to, "it's");
		return 0;
	case BRACE_I:
		snprintf(buf, sizeof(buf), "%0*d", (int)p->width, 7);
		put(to, buf);
		return 0;
	case BRACE_IN:
		put(to, "a b");
		put(to, "$c");
		return 0;
	case BRACE_OUT:
		return 0;
	default:
		snprintf(buf, sizeof(buf), "<%.*s>", (int)p->nnode, p->nnode ? p->node : "");
		put(to, buf);
		return 0;
	}
}

static void
put_bar(void *to, const char *word)
{
	struct text *t = to;

	text_addf(t, "%s|", word);
}

static void
becomes(enum brace_how how, const char *text, const char *expected)
{
	struct text t = { NULL, 0, 0 };
	struct err err;

	assert_int_equal(brace_expand(how, text, value, NULL, put_bar, &t, &err), 0);
	assert_string_equal(t.at ? t.at : "", expected);
	text_fini(&t);
}

static void
known_braces_are_replaced(void **state)
{
	(void)state;
	becomes(BRACE_WORD, "x{i}y", "x7y|");
	becomes(BRACE_WORD, "{i:04}", "0007|");
	becomes(BRACE_WORD, "{i:012}", "000000000007|");
	becomes(BRACE_WORD, "{item}", "it's|");
	becomes(BRACE_WORD, "{lib.fetch.out}", "<lib.fetch>|");
	becomes(BRACE_WORD, "-{fetch.out*}", "-<fetch>|");
	becomes(BRACE_WORD, "", "|");
}

static void
all_other_braces_stay(void **state)
{
	static const char *const same[] = {
		"{print $1}", "{", "}", "{}", "{i:4}", "{i:}", "{i:0}", "{i:0123}", "{items}", "{ item }",
		"{a b.out}", "{.out}", "{x.out**}", "${i}", "${item}", "a{1..3}", "{i", "{\"k\":1}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		char *expected = xasprintf("%s|", same[i]);

		becomes(BRACE_WORD, same[i], expected);
		becomes(BRACE_SHELL, same[i], expected);
		free(expected);
	}
}

static void
two_braces_are_one(void **state)
{
	(void)state;
	becomes(BRACE_WORD, "{{", "{|");
	becomes(BRACE_WORD, "{{item}", "{item}|");
	becomes(BRACE_WORD, "{{{i}}", "{7}|");
	becomes(BRACE_WORD, "a{{{{b", "a{{b|");
}

static void
several_files_are_words_of_their_own(void **state)
{
	struct text t = { NULL, 0, 0 };
	struct err err;

	(void)state;
	becomes(BRACE_WORD, "{in}", "a b|$c|");
	becomes(BRACE_WORD, "{out}", "");
	becomes(BRACE_WORD, "x{out}", "x|");
	assert_int_equal(brace_expand(BRACE_WORD, "x{in}", value, NULL, put_bar, &t, &err), -1);
	assert_string_equal(err.text, "{in} stands for 2 files here; several go as a word of their own");
	assert_int_equal(brace_expand(BRACE_WORD, "{tmp}", value, NULL, put_bar, &t, &err), -1);
	assert_string_equal(err.text, "{tmp} means nothing yet; expected {{tmp}, if it is to stay");
	assert_int_equal(brace_expand(BRACE_SHELL, "x {attempt}", value, NULL, put_bar, &t, &err), -1);
	assert_string_equal(err.text, "{attempt} is known only when it runs; expected $HEDDLE_ATTEMPT, "
			    "in a command with a shell");
	text_fini(&t);
}

/* What the shell makes of it is asked of the shell. */
static void
the_shell_reads_what_was_meant(void **state)
{
	static const struct { const char *text, *expected; } rows[] = {
		{ "printf '%s\\n' {in}", "a b\n$c\n" },
		{ "printf '%s\\n' \"{in}\"", "a b $c\n" },
		{ "printf '%s\\n' '{in}'", "a b $c\n" },
		{ "printf '%s\\n' {item} \"{item}\" '{item}'", "it's\nit's\nit's\n" },
		{ "printf '%s\\n' \\'{item} \"\\\"\"{item}", "'it's\n\"it's\n" },
		{ "x=1; printf '%s\\n' \"${x}{i}\" {{x}", "17\n{x}\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text t = { NULL, 0, 0 };
		char got[256];
		struct err err;
		FILE *sh;
		size_t n;

		assert_int_equal(brace_expand(BRACE_SHELL, rows[i].text, value, NULL, put_bar, &t,
					      &err), 0);
		t.at[t.n - 1] = '\0';
		sh = popen(t.at, "r");
		assert_non_null(sh);
		n = fread(got, 1, sizeof(got) - 1, sh);
		got[n] = '\0';
		assert_int_equal(pclose(sh), 0);
		assert_string_equal(got, rows[i].expected);
		text_fini(&t);
	}
}

static void
splits(const char *text, const char *expected)
{
	struct text t = { NULL, 0, 0 };
	struct words w;
	struct err err;

	if (words_split(&w, text, &err) < 0) {
		assert_string_equal(err.text, expected);
		return;
	}
	for (size_t i = 0; i < w.n; i++)
		text_addf(&t, "%s%s|", w.at[i].at, w.at[i].is_quoted ? "*" : "");
	assert_string_equal(t.at ? t.at : "", expected);
	text_fini(&t);
	words_fini(&w);
}

static void
words_are_split_as_sh_does(void **state)
{
	(void)state;
	splits("", "");
	splits(" \t a\n b ", "a|b|");
	splits("'a b' \"c d\"e f\\ g", "a b*|c de*|f g*|");
	splits("'' \"\"", "*|*|");
	splits("'\\' \"\\x\\\"\"", "\\*|\\x\"*|");
	splits("a 'b", "a ' is not closed; expected another one");
}

static void
lists(const char *text, const char *expected)
{
	struct text t = { NULL, 0, 0 };
	struct each e = { 0 };
	struct words w;
	struct err err;

	assert_int_equal(words_split(&w, text, &err), 0);
	if (each_read(&e, &w, NULL, &err) < 0)
		text_add(&t, err.text);
	for (size_t i = 0; i < e.n; i++)
		text_addf(&t, "%s=%lld|", e.item[i], (long long)e.number[i]);
	assert_string_equal(t.at, expected);
	text_fini(&t);
	each_fini(&e);
	words_fini(&w);
}

static void
items_are_ranges_words_files_and_lines(void **state)
{
	char *dir = xasprintf("%s/heddle-brace-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	f = fopen("list.b", "w");
	fputs("one line\n\nanother\nlast", f);
	fclose(f);
	fclose(fopen("list.a", "w"));

	lists("3..5", "3=3|4=4|5=5|");
	lists("-1..1", "-1=-1|0=0|1=1|");
	lists("7..7", "7=7|");
	lists("x 3..4 y", "x=0|3=1|4=2|y=3|");
	lists("'3..4' \"*.a\"", "3..4=0|*.a=1|");
	lists("list.*", "list.a=0|list.b=1|");
	lists("@list.b", "one line=0|another=1|last=2|");
	lists("a..b", "a..b=0|");
	lists("1..99999999999", "each = 1..99999999999 makes too many items; at most 16000000");
	lists("", "each names no item; expected such as 1..12, *.txt, a list of words or a node");
	lists("@list.a", "each names no item; expected such as 1..12, *.txt, a list of words or a node");
	lists("@.", "each = @.: expected a file of lines, of at most 256M");

	unlink("list.a");
	unlink("list.b");
	assert_int_equal(chdir("/"), 0);
	rmdir(dir);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_braces_are_replaced),
		cmocka_unit_test(all_other_braces_stay),
		cmocka_unit_test(two_braces_are_one),
		cmocka_unit_test(several_files_are_words_of_their_own),
		cmocka_unit_test(the_shell_reads_what_was_meant),
		cmocka_unit_test(words_are_split_as_sh_does),
		cmocka_unit_test(items_are_ranges_words_files_and_lines),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
