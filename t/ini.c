/* SPDX-License-Identifier: MIT */
/* ini - what a file says is what is read, line by line; the traps of inih are shut. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/job/ini.h"

#define LEN(table) (sizeof(table) / sizeof(*(table)))

/* "[section]@line key=value@line ..." */
static int
tell(void *user, const char *section, const char *key, const char *value, uint32_t line,
     struct err *err)
{
	struct text *t = user;

	(void)err;
	text_add(t, t->n ? " " : "");
	if (key)
		text_addf(t, "%s=<%s>@%u", key, value, line);
	else
		text_addf(t, "[%s]@%u", section, line);
	return 0;
}

static void
check(const char *in, size_t n, const char *want)
{
	struct text t = { 0 };
	struct err err = { 0 };
	const char *got;

	text_add(&t, "");
	got = ini_read_text(in, n, "f", tell, &t, &err) < 0 ? err.text : t.at;
	if (strcmp(got, want))
		fail_msg("of:\n%.300s\nread: %s\nnot:  %s", in, got, want);
	assert_int_equal(err.code, got == t.at ? 0 : EXIT_CONFIG);
	text_fini(&t);
}

struct row {
	const char *in, *want;
};

static void
check_all(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(rows[i].in, strlen(rows[i].in), rows[i].want);
}

static void
sections_keys_and_values_come_with_their_lines(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "\n\n  \n; c\n  # c\n", "" },
		{ "[a]", "[a]@1" },
		{ "[a]\nk = v\n", "[a]@1 k=<v>@2" },
		{ "[a]\n\n\nk=v", "[a]@1 k=<v>@4" },
		{ "[a]\nk:v\nl : a=b\nm = a:b", "[a]@1 k=<v>@2 l=<a=b>@3 m=<a:b>@4" },
		{ "[a b]\nk =\n[ c \t d ]\n", "[a b]@1 k=<>@2 [c d]@3" },
		{ "[a]\nk = v\n[b]\nk = w\n", "[a]@1 k=<v>@2 [b]@3 k=<w>@4" },
		{ "\xef\xbb\xbf[a]\r\nk = v \r\n", "[a]@1 k=<v>@2" },
		{ "[a]\nk = caf\xe9 \xff\n", "[a]@1 k=<caf\xe9 \xff>@2" },
		{ "[a]\nscheduler.kind = x\npool.net=2", "[a]@1 scheduler.kind=<x>@2 pool.net=<2>@3" },
	};

	(void)state;
	check_all(rows, LEN(rows));
}

/* inih alone: "one", "a;b", "x # y" and the like. */
static void
comments_are_whole_lines_only(void **state)
{
	static const struct row rows[] = {
		{ "[a]\nk = one ;two\n", "[a]@1 k=<one ;two>@2" },
		{ "[a]\nk = x # y\n", "[a]@1 k=<x # y>@2" },
		{ "[a]\n;k = 1\n# k = 2\n  ; k = 3\nk = 4", "[a]@1 k=<4>@5" },
		{ "[a]\nk = a\n  # not b\n  c", "[a]@1 k=<a\nc>@2" },
	};

	(void)state;
	check_all(rows, LEN(rows));
}

static void
a_value_goes_on_in_lines_indented_more_than_its_key(void **state)
{
	static const struct row rows[] = {
		{ "[a]\nk = a\n  b\n  c\nl = d", "[a]@1 k=<a\nb\nc>@2 l=<d>@5" },
		{ "[a]\nk = a\n  b\n\tc", "[a]@1 k=<a\n  b\n\tc>@2" },
		{ "[a]\nk =\n  a\n  b", "[a]@1 k=<a\nb>@2" },
		{ "[a]\nk =\n  for x:\n    f(x)\n  end", "[a]@1 k=<for x:\n  f(x)\nend>@2" },
		{ "[a]\nk = a\n\n  b\n\n\nl = c", "[a]@1 k=<a\n\nb>@2 l=<c>@7" },
		{ "[a]\n  k = a\n  l = b\n    c\n", "[a]@1 k=<a>@2 l=<b\nc>@3" },
		{ "[a]\nk = a\n  [b]\n  c = d", "[a]@1 k=<a\n[b]\nc = d>@2" },
		{ "[a]\nk = a\r\n  b\r\n", "[a]@1 k=<a\nb>@2" },
		{ "  [a]\n  k = v", "[a]@1 k=<v>@2" },
	};

	(void)state;
	check_all(rows, LEN(rows));
}

static void
what_is_no_ini_is_refused_with_its_line(void **state)
{
	static const struct row rows[] = {
		{ "[a", "f:1: a section without its ]" },
		{ "[]", "f:1: a section without a name" },
		{ "[ \t ]", "f:1: a section without a name" },
		{ "\n[a] x", "f:2: more behind the section's ]; expected a line of its own" },
		{ "[a];c", "f:1: more behind the section's ]; expected a line of its own" },
		{ "[a;b]", "f:1: 'a;b' cannot be the name of a section; expected letters, digits, _ . -" },
		{ "[a]\nx", "f:2: neither [section], key = value nor a comment: 'x'" },
		{ "[a]\n= x", "f:2: neither [section], key = value nor a comment: '= x'" },
		{ "k = v", "f:1: the key 'k' stands before any [section]" },
		{ "[a]\nk;l = v", "f:2: 'k;l' cannot be the name of a key; expected letters, digits, _ . -" },
		{ "[a]\nk = 1\nl = 2\nk = 3", "f:4: [a] k: said twice; first in line 2" },
		{ "[a]\nk = 1\n[b]\nk=2\n[a]\nk = 3", "f:6: [a] k: said twice; first in line 2" },
		{ "[a]\nz = 1\nb = 1\nz = 2\nb = 2", "f:4: [a] z: said twice; first in line 2" },
		{ "\xff\xfe[a]", "f:1: neither [section], key = value nor a comment: '\xff\xfe[a]'" },
	};

	(void)state;
	check_all(rows, LEN(rows));
	check("[a]\nk = a\0b\n", 12, "f:2: a NUL byte; expected text");
	check("[a]\nk = a\n;\0", 12, "f:3: a NUL byte; expected text");
}

/* inih cuts at 197 bytes and takes what follows for new keys. */
static void
long_lines_arrive_whole_or_not_at_all(void **state)
{
	static const size_t sizes[] = { 190, 197, 198, 199, 200, 201, 250, 400, 4092 };
	struct text in = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < LEN(sizes); i++) {
		struct text value = { 0 };

		while (value.n < sizes[i])
			text_add(&value, value.n % 7 == 6 ? " evil=1 ;x" : "v");
		value.at[value.n = sizes[i]] = '\0';
		value.at[sizes[i] - 1] = 'e';
		text_clear(&in);
		text_clear(&want);
		text_addf(&in, "[a]\nk = %s\nl = 1", value.at);
		text_addf(&want, "[a]@1 k=<%s>@2 l=<1>@3", value.at);
		check(in.at, in.n, want.at);
		text_fini(&value);
	}
	text_clear(&in);
	text_addf(&in, "[a]\nk = %04093d\n", 0);
	check(in.at, in.n, "f:2: a line of 4097 bytes; at most 4096, a value goes on in indented lines");
	text_fini(&in);
	text_fini(&want);
}

static void
a_value_of_64_kib_is_the_largest(void **state)
{
	struct text in = { 0 };
	struct text t = { 0 };
	struct err err = { 0 };

	(void)state;
	text_add(&in, "[a]\nk =\n");
	for (int i = 0; i < 64; i++)
		text_addf(&in, " %01022d\n", 0);
	assert_int_equal(ini_read_text(in.at, in.n, "f", tell, &t, &err), 0);
	assert_int_equal(t.n, strlen("[a]@1 k=<>@2") + 64 * 1023 - 1);
	text_add(&in, " 012345678901234567890123456789012345678901234567890123456789012345\n");
	text_clear(&t);
	assert_int_equal(ini_read_text(in.at, in.n, "f", tell, &t, &err), -1);
	assert_string_equal(err.text, "f:2: the value of 'k' has over 64 KiB");
	text_fini(&in);
	text_fini(&t);
}

static void
names_of_48_bytes_are_the_longest(void **state)
{
	char in[256], want[256];

	(void)state;
	snprintf(in, sizeof(in), "[%048d]\n%048d = 1", 1, 2);
	snprintf(want, sizeof(want), "[%048d]@1 %048d=<1>@2", 1, 2);
	check(in, strlen(in), want);
	snprintf(in, sizeof(in), "[%049d]", 0);
	check(in, strlen(in), "f:1: the name of a section has 49 bytes; at most 48: "
	      "'000000000000000000000000...'");
	snprintf(in, sizeof(in), "[a]\n%049d=", 0);
	check(in, strlen(in), "f:2: the name of a key has 49 bytes; at most 48: "
	      "'000000000000000000000000...'");
}

static int
stop_at(void *user, const char *section, const char *key, const char *value, uint32_t line,
	struct err *err)
{
	(void)section;
	(void)value;
	++*(int *)user;
	return key ? err_set(err, EXIT_CONFIG, "f:%u: no", line) : 0;
}

static void
a_reader_that_says_no_ends_the_reading(void **state)
{
	struct err err = { 0 };
	int n = 0;

	(void)state;
	assert_int_equal(ini_read_text("[a]\nk=1\nl=2\nm=3", 15, "f", stop_at, &n, &err), -1);
	assert_int_equal(n, 2);
	assert_string_equal(err.text, "f:2: no");
}

static void
check_path(const char *path, const char *want)
{
	struct text t = { 0 };
	struct err err = { 0 };

	assert_int_equal(ini_read(path, "f", tell, &t, &err), -1);
	assert_string_equal(err.text, want);
	assert_int_equal(err.code, EXIT_CONFIG);
	text_fini(&t);
}

static void
what_is_no_regular_file_is_refused_without_waiting(void **state)
{
	char dir[] = "/tmp/heddle-ini-XXXXXX", path[64];
	struct text t = { 0 };
	struct err err = { 0 };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/f", dir);
	check_path(path, "f: no such file");
	check_path(dir, "f: is a folder; expected an INI file");
	check_path("/dev/null", "f: is no regular file; expected an INI file");
	assert_int_equal(mkfifo(path, 0600), 0);
	check_path(path, "f: is no regular file; expected an INI file");
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("[a]\nk = v\n", f);
	fflush(f);
	assert_int_equal(ini_read(path, "f", tell, &t, &err), 0);
	assert_string_equal(t.at, "[a]@1 k=<v>@2");
	assert_int_equal(ftruncate(fileno(f), (1 << 20) + 1), 0);
	check_path(path, "f: has 1048577 bytes; an INI file has at most 1 MiB");
	fclose(f);
	unlink(path);
	rmdir(dir);
	text_fini(&t);
}

static int
count(void *user, const char *section, const char *key, const char *value, uint32_t line,
      struct err *err)
{
	size_t *n = user;

	(void)err;
	assert_in_range(strlen(section), 1, 48);
	assert_true(line > 0);
	if (key) {
		assert_in_range(strlen(key), 1, 48);
		assert_true(strlen(value) <= 64 << 10);
	}
	++*n;
	return 0;
}

/* Any text is read or refused; every key that is read has its line. */
static void
any_bytes_are_read_or_refused(void **state)
{
	static const char *const bits[] = { "[", "]", "a", "b ", "=", ":", "\n", "\n", " ", "\t", ";",
					    "#", "\r\n", "\n[x]\n", "\nk=", "\xef\xbb\xbf", "\xff" };
	uint64_t seed = 88172645463325252u;
	size_t nread = 0, nrefused = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct text in = { 0 };
		struct err err = { 0 };
		size_t n = 0;

		text_add(&in, i % 2 ? "[s]\n" : "");
		for (int j = 0; j < 12; j++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			text_add(&in, bits[seed % LEN(bits)]);
		}
		if (ini_read_text(in.at, in.n, "f", count, &n, &err) < 0) {
			nrefused++;
			if (strncmp(err.text, "f:", 2))
				fail_msg("no place: %s", err.text);
		} else {
			nread++;
		}
		text_fini(&in);
	}
	assert_true(nread > 100);
	assert_true(nrefused > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_keys_and_values_come_with_their_lines),
		cmocka_unit_test(comments_are_whole_lines_only),
		cmocka_unit_test(a_value_goes_on_in_lines_indented_more_than_its_key),
		cmocka_unit_test(what_is_no_ini_is_refused_with_its_line),
		cmocka_unit_test(long_lines_arrive_whole_or_not_at_all),
		cmocka_unit_test(a_value_of_64_kib_is_the_largest),
		cmocka_unit_test(names_of_48_bytes_are_the_longest),
		cmocka_unit_test(a_reader_that_says_no_ends_the_reading),
		cmocka_unit_test(what_is_no_regular_file_is_refused_without_waiting),
		cmocka_unit_test(any_bytes_are_read_or_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
