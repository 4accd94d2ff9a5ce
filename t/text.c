/* SPDX-License-Identifier: MIT */
/* text - strings grow, numbers are read as people type them, bytes are made safe to draw. */

#include <limits.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include <cmocka.h>

#include "core/base/text.h"

#define LEN(table) (sizeof(table) / sizeof(*(table)))

static void
a_text_grows_and_is_handed_over(void **state)
{
	struct text t = { 0 };
	char *s;

	(void)state;
	for (int i = 0; i < 1000; i++)
		text_addf(&t, "%d,", i);
	text_addc(&t, '.');
	text_addn(&t, "a\0b", 3);
	assert_int_equal(t.n, 10 + 90 * 2 + 900 * 3 + 1000 + 1 + 3);
	assert_memory_equal(t.at + t.n - 8, "999,.a\0b", 9);
	s = text_take(&t);
	assert_null(t.at);
	free(s);
	s = text_take(&t);
	assert_string_equal(s, "");
	free(s);
	text_add(&t, "x");
	text_clear(&t);
	assert_string_equal(t.at, "");
	text_fini(&t);
	text_fini(&t);
}

typedef int read_fn(const char *, int64_t *, const char **);

struct read_row {
	read_fn *read;
	const char *text;
	int64_t want;
	int is_refused;
};

static const struct read_row read_rows[] = {
	{ read_int, "0", 0, 0 },
	{ read_int, "-3", -3, 0 },
	{ read_int, "+7", 7, 0 },
	{ read_int, "9223372036854775807", INT64_MAX, 0 },
	{ read_int, "-9223372036854775808", INT64_MIN, 0 },
	{ read_int, "9223372036854775808", 0, 1 },
	{ read_int, "-9223372036854775809", 0, 1 },
	{ read_int, "", 0, 1 },
	{ read_int, "-", 0, 1 },
	{ read_int, "+-1", 0, 1 },
	{ read_int, " 1", 0, 1 },
	{ read_int, "1 ", 0, 1 },
	{ read_int, "0x10", 0, 1 },
	{ read_int, "1K", 0, 1 },
	{ read_count, "12", 12, 0 },
	{ read_count, "64K", 64000, 0 },
	{ read_count, "64k", 64000, 0 },
	{ read_count, "10M", 10000000, 0 },
	{ read_count, "1.5K", 1500, 0 },
	{ read_count, "2G", 2000000000, 0 },
	{ read_count, "1T", 1000000000000, 0 },
	{ read_count, "9223372036854775807", INT64_MAX, 0 },
	{ read_count, "9223372036854775808", 0, 1 },
	{ read_count, "9223373T", 0, 1 },
	{ read_count, "1.5", 0, 1 },
	{ read_count, "1.0001K", 0, 1 },
	{ read_count, "-1", 0, 1 },
	{ read_count, "+1", 0, 1 },
	{ read_count, "", 0, 1 },
	{ read_count, "K", 0, 1 },
	{ read_count, ".5K", 0, 1 },
	{ read_count, "1.K", 0, 1 },
	{ read_count, "1KB", 0, 1 },
	{ read_count, "1 K", 0, 1 },
	{ read_count, "many", 0, 1 },
	{ read_count, "1.0000000000000000000K", 0, 1 },
	{ read_size, "4096", 4096, 0 },
	{ read_size, "64M", 64 << 20, 0 },
	{ read_size, "1.5G", 3ll << 29, 0 },
	{ read_size, "64MB", 64 << 20, 0 },
	{ read_size, "64MiB", 64 << 20, 0 },
	{ read_size, "100B", 100, 0 },
	{ read_size, "0.1K", 102, 0 },
	{ read_size, "8388607T", 8388607ll << 40, 0 },
	{ read_size, "8388608T", 0, 1 },
	{ read_size, "1iB", 0, 1 },
	{ read_size, "1MM", 0, 1 },
	{ read_time, "10", 10000000000, 0 },
	{ read_time, "1.5", 1500000000, 0 },
	{ read_time, "10s", 10000000000, 0 },
	{ read_time, "5ms", 5000000, 0 },
	{ read_time, "20us", 20000, 0 },
	{ read_time, "7ns", 7, 0 },
	{ read_time, "2m", 120000000000, 0 },
	{ read_time, "2h05m", 7500000000000, 0 },
	{ read_time, "1m40s", 100000000000, 0 },
	{ read_time, "1m40.5s", 100500000000, 0 },
	{ read_time, "90d", 7776000000000000, 0 },
	{ read_time, "0", 0, 0 },
	{ read_time, "1m40", 0, 1 },
	{ read_time, "40s1m", 0, 1 },
	{ read_time, "1s1s", 0, 1 },
	{ read_time, "1x", 0, 1 },
	{ read_time, "200000d", 0, 1 },
	{ read_time, "s", 0, 1 },
	{ read_time, "-1s", 0, 1 },
	{ read_time, "1 s", 0, 1 },
	{ read_time, "", 0, 1 },
};

static void
numbers_are_read_whole_or_refused_with_what_was_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(read_rows); i++) {
		const struct read_row *r = &read_rows[i];
		int64_t out = 4711;
		const char *why = NULL;
		int rc = r->read(r->text, &out, &why);

		if (rc != (r->is_refused ? -1 : 0) || out != (r->is_refused ? 4711 : r->want) ||
		    (why != NULL) != r->is_refused)
			fail_msg("'%s': %d, %lld, %s", r->text, rc, (long long)out,
				 why ? why : "-");
	}
}

static void
reals_have_a_point_in_every_locale(void **state)
{
	static const char *const bad[] = { "", "x", "1,5", "inf", "nan", "1e999", "0x1p3",
					   " 1", "1 ", "1.5.1", "e5", "--1" };
	const char *why = NULL;
	double d = 0;

	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8");	/* where it is there */
	assert_int_equal(read_real("1.5", &d, &why), 0);
	assert_true(d == 1.5);
	assert_int_equal(read_real("-1e-3", &d, &why), 0);
	assert_true(d == -1e-3);
	for (size_t i = 0; i < LEN(bad); i++)
		if (!read_real(bad[i], &d, &why))
			fail_msg("'%s' was read as %g", bad[i], d);
	assert_string_equal(why, "a number such as 0.5, 12 or 1e-3");
	setlocale(LC_ALL, "C");
}

static void
yes_and_no_have_many_words(void **state)
{
	static const char *const yes[] = { "yes", "true", "on", "1", "YES" };
	static const char *const no[] = { "no", "false", "off", "0", "No" };
	const char *why;
	int is;

	(void)state;
	for (size_t i = 0; i < LEN(yes); i++) {
		assert_int_equal(read_bool(yes[i], &is, &why), 0);
		assert_int_equal(is, 1);
		assert_int_equal(read_bool(no[i], &is, &why), 0);
		assert_int_equal(is, 0);
	}
	assert_int_equal(read_bool("y", &is, &why), -1);
	assert_int_equal(read_bool("", &is, NULL), -1);
}

typedef char *write_fn(char *, uint64_t);

static void
figures_read_as_people_write_them(void **state)
{
	static const struct { write_fn *write; uint64_t v; const char *want; } rows[] = {
		{ write_time, 0, "0s" }, { write_time, 7, "7ns" }, { write_time, 999, "999ns" },
		{ write_time, 1000, "1.0us" }, { write_time, 9949, "9.9us" },
		{ write_time, 9951, "10us" }, { write_time, 999499, "999us" },
		{ write_time, 999500, "1.0ms" }, { write_time, 40000000, "40ms" },
		{ write_time, 434400000, "434ms" }, { write_time, 999500000, "1.0s" },
		{ write_time, 9200000000, "9.2s" }, { write_time, 44000000000, "44.0s" },
		{ write_time, 59440000000, "59.4s" }, { write_time, 59500000000, "1m00s" },
		{ write_time, 100000000000, "1m40s" }, { write_time, 3599500000000, "1h00m" },
		{ write_time, 7500000000000, "2h05m" }, { write_time, 86399000000000, "1d00h" },
		{ write_time, UINT64_MAX, "213504d00h" },
		{ write_size, 0, "0B" }, { write_size, 999, "999B" }, { write_size, 1000, "1.0K" },
		{ write_size, 1536, "1.5K" }, { write_size, 12687770, "12.1M" },
		{ write_size, 102348, "99.9K" }, { write_size, 102399, "100K" },
		{ write_size, 1023000, "999K" }, { write_size, 1048575, "1.0M" },
		{ write_size, UINT64_MAX, "16384P" },
		{ write_count, 0, "0" }, { write_count, 2343, "2343" },
		{ write_count, 99999, "99999" }, { write_count, 100000, "100K" },
		{ write_count, 1240000, "1.2M" }, { write_count, 999999, "1.0M" },
		{ write_count, UINT64_MAX, "18446744T" },
		{ write_clock, 0, "00:00.0" }, { write_clock, 21399999999, "00:21.3" },
		{ write_clock, 3599999999999, "59:59.9" }, { write_clock, 3723000000000, "1:02:03" },
		{ write_clock, UINT64_MAX, "5124095:34:33" },
	};
	char buf[WRITE_MAX];

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		assert_ptr_equal(rows[i].write(buf, rows[i].v), buf);
		assert_string_equal(buf, rows[i].want);
		assert_true(strlen(buf) < 16);
	}
}

/* A time that is written reads back as what it rounds to. */
static void
a_written_time_is_a_time_to_read(void **state)
{
	char buf[WRITE_MAX];

	(void)state;
	for (uint64_t ns = 1; ns < UINT64_MAX / 3 / 2; ns = ns * 3 + 1) {
		int64_t back;
		const char *why;

		assert_int_equal(read_time(write_time(buf, ns), &back, &why), 0);
		if ((double)back < 0.94 * (double)ns || (double)back > 1.06 * (double)ns)
			fail_msg("%llu is written %s", (unsigned long long)ns, buf);
	}
}

static void
the_nearest_word_is_one_a_person_may_have_meant(void **state)
{
	static const char *const names[] = { "fifo", "lifo", "heft", "hlf", "flow", "steal",
					     "workers", "on_fail", "max_time", "of", NULL };
	static const struct { const char *word, *want; } rows[] = {
		{ "hefd", "heft" }, { "worker", "workers" }, { "wrokers", "workers" },
		{ "Workers", "workers" }, { "on-fail", "on_fail" }, { "flwo", "flow" },
		{ "stael", "steal" }, { "maxtime", "max_time" }, { "fif", "fifo" },
		{ "x", NULL }, { "", NULL }, { "zzzz", NULL }, { "o", NULL }, { "on", "of" },
		{ "banana", NULL },
		{ "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", NULL },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		const char *got = nearest(rows[i].word, names);

		if (!got != !rows[i].want || (got && strcmp(got, rows[i].want)))
			fail_msg("'%s': %s", rows[i].word, got ? got : "none");
	}
}

static void
every_code_point_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (int32_t c = 0; c <= 0x10ffff; c++) {
		char b[4];
		size_t n = 0;
		int32_t cp = -2;

		if (c < 0x80)
			b[n++] = (char)c;
		else if (c < 0x800)
			b[n++] = (char)(0xc0 | c >> 6);
		else if (c < 0x10000)
			b[n++] = (char)(0xe0 | c >> 12);
		else
			b[n++] = (char)(0xf0 | c >> 18);
		for (int shift = c < 0x80 ? -1 : c < 0x800 ? 0 : c < 0x10000 ? 6 : 12; shift >= 0;
		     shift -= 6)
			b[n++] = (char)(0x80 | (c >> shift & 0x3f));
		if (c >= 0xd800 && c <= 0xdfff) {
			assert_int_equal(utf8_next(b, n, &cp), 1);
			assert_int_equal(cp, -1);
			continue;
		}
		assert_int_equal(utf8_next(b, n, &cp), n);
		assert_int_equal(cp, c);
		if (n > 1) {	/* cut short, it is invalid, and nothing behind it is read */
			char *cut = malloc(n - 1);

			memcpy(cut, b, n - 1);
			assert_int_equal(utf8_next(cut, n - 1, &cp), 1);
			assert_int_equal(cp, -1);
			free(cut);
		}
	}
}

static void
what_is_not_utf8_is_told_byte_by_byte(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf",
					   "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80",
					   "\xff", "\xc3(", "\xe2\x82(" };
	int32_t cp;

	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		assert_int_equal(utf8_next(bad[i], strlen(bad[i]), &cp), 1);
		assert_int_equal(cp, -1);
	}
	assert_int_equal(utf8_next("", 0, &cp), 0);
}

static void
widths_are_those_of_the_c_library(void **state)
{
	locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", NULL), was;
	int known = 0, other = 0;

	(void)state;
	if (!utf8)
		return;			/* its name says so, in main */
	was = uselocale(utf8);
	for (int32_t c = 1; c <= 0x10ffff; c++) {
		int w = utf8_width(c);

		if (w < 0 || !iswprint((wint_t)c))
			continue;
		known++;
		other += w != wcwidth((wchar_t)c);
	}
	uselocale(was);
	freelocale(utf8);
	assert_true(known > 100000);
	if (other > known / 1000)
		fail_msg("%d of %d widths differ", other, known);
}

static void
what_would_steer_the_terminal_is_not_drawn(void **state)
{
	static const int32_t never[] = { 0, 7, 0x1b, 0x7f, 0x85, 0x9b, 0xad, 0x200b, 0x200d, 0x200e,
					 0x2028, 0x202e, 0x2066, 0xfeff, 0xfffe, 0xe0041, -1, 0x110000 };

	(void)state;
	for (size_t i = 0; i < LEN(never); i++)
		assert_int_equal(utf8_width(never[i]), -1);
	assert_int_equal(utf8_width('a'), 1);
	assert_int_equal(utf8_width(0x301), 0);
	assert_int_equal(utf8_width(0x4e2d), 2);
	assert_int_equal(utf8_width(0x1f600), 2);
}

static void
bytes_are_made_safe_for_a_terminal(void **state)
{
	static const struct { const char *text; int ascii; const char *want; } rows[] = {
		{ "plain name-1.txt", 0, "plain name-1.txt" },
		{ "a\x1b[31mred", 0, "a\\x1b[31mred" },
		{ "tab\tnl\n", 0, "tab\\x09nl\\x0a" },
		{ "\x7f", 0, "\\x7f" },
		{ "\xc2\x9b" "31m", 0, "\\x9b31m" },
		{ "\x9b" "31m", 0, "\\x9b31m" },
		{ "caf\xc3\xa9", 0, "caf\xc3\xa9" },
		{ "caf\xc3\xa9", 1, "caf?" },
		{ "caf\xe9", 0, "caf\\xe9" },
		{ "evil\xe2\x80\xaetxt.exe", 0, "evil?txt.exe" },
		{ "zero\xe2\x80\x8bwidth", 0, "zero?width" },
		{ "\xef\xbb\xbf" "bom", 0, "?bom" },
		{ "\xe4\xb8\xad", 0, "\xe4\xb8\xad" },
		{ "\xed\xa0\x80", 0, "\\xed\\xa0\\x80" },
		{ "cut\xe4\xb8", 0, "cut\\xe4\\xb8" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		struct text t = { 0 };

		text_add_clean(&t, rows[i].text, strlen(rows[i].text), rows[i].ascii);
		assert_string_equal(t.at, rows[i].want);
		text_fini(&t);
	}
}

/* Any two bytes, in any company: only what may be drawn comes out. */
static void
no_pair_of_bytes_gets_past_the_cleaning(void **state)
{
	(void)state;
	for (int a = 0; a < 256; a++)
		for (int b = 0; b < 256; b++) {
			const char s[4] = { (char)a, (char)b, 'x', (char)a };
			struct text t = { 0 };
			int32_t cp;

			text_add_clean(&t, s, sizeof(s), 0);
			for (size_t i = 0, n; (n = utf8_next(t.at + i, t.n - i, &cp)); i += n)
				assert_true(cp >= 0x20 && utf8_width(cp) >= 0);
			text_clear(&t);
			text_add_clean(&t, s, sizeof(s), 1);
			for (size_t i = 0; i < t.n; i++)
				assert_true(t.at[i] >= 0x20 && t.at[i] < 0x7f);
			text_fini(&t);
		}
}

static void
a_pattern_is_known_by_its_letters(void **state)
{
	(void)state;
	assert_true(has_glob("*.txt"));
	assert_true(has_glob("a?"));
	assert_true(has_glob("[ab]"));
	assert_false(has_glob("plain.txt"));
	assert_false(has_glob(""));
}

int
main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_those_of_the_c_library),
		cmocka_unit_test(a_text_grows_and_is_handed_over),
		cmocka_unit_test(numbers_are_read_whole_or_refused_with_what_was_expected),
		cmocka_unit_test(reals_have_a_point_in_every_locale),
		cmocka_unit_test(yes_and_no_have_many_words),
		cmocka_unit_test(figures_read_as_people_write_them),
		cmocka_unit_test(a_written_time_is_a_time_to_read),
		cmocka_unit_test(the_nearest_word_is_one_a_person_may_have_meant),
		cmocka_unit_test(every_code_point_is_read_as_it_was_written),
		cmocka_unit_test(what_is_not_utf8_is_told_byte_by_byte),
		cmocka_unit_test(what_would_steer_the_terminal_is_not_drawn),
		cmocka_unit_test(bytes_are_made_safe_for_a_terminal),
		cmocka_unit_test(no_pair_of_bytes_gets_past_the_cleaning),
		cmocka_unit_test(a_pattern_is_known_by_its_letters),
	};

	locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);

	/* cmocka's own skip() says "not ok", which automake takes at its word */
	if (utf8)
		freelocale(utf8);
	else
		tests[0].name = "widths_are_those_of_the_c_library # SKIP no locale C.UTF-8";
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
