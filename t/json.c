/* SPDX-License-Identifier: MIT */
/* json - what is written is JSON, and numbers read back as they were. */

#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/json.h"

static void
values_and_commas_fall_into_place(void **state)
{
	struct text t = { 0 };
	struct json j = { .out = &t };

	(void)state;
	json_object(&j);
	json_kint(&j, "a", -1);
	json_key(&j, "list");
	json_array(&j);
	json_uint(&j, UINT64_MAX);
	json_array(&j);
	json_end(&j);
	json_object(&j);
	json_end(&j);
	json_bool(&j, 0);
	json_null(&j);
	json_raw(&j, "[1]", 3);
	json_end(&j);
	json_ktext(&j, "none", NULL);
	json_ktext(&j, "some", "x");
	json_kbool(&j, "yes", 1);
	json_kuint(&j, "u", 7);
	json_kreal(&j, "r", 0.5);
	json_kseconds(&j, "s", 1234567890);
	json_end(&j);
	assert_string_equal(t.at, "{\"a\":-1,\"list\":[18446744073709551615,[],{},false,null,[1]],"
			    "\"none\":null,\"some\":\"x\",\"yes\":true,\"u\":7,\"r\":0.5,"
			    "\"s\":1.234567890}");
	assert_int_equal(j.depth, 0);
	text_fini(&t);
}

static void
two_values_side_by_side_need_no_level(void **state)
{
	struct text t = { 0 };
	struct json j = { .out = &t };

	(void)state;
	json_int(&j, 1);
	text_addc(&t, '\n');
	json_object(&j);
	json_end(&j);
	assert_string_equal(t.at, "1\n{}");
	text_fini(&t);
}

static void
strings_are_escaped_and_always_utf8(void **state)
{
	static const struct { const char *text; size_t n; const char *want; } rows[] = {
		{ "", 0, "\"\"" },
		{ "say \"hi\"\\", 9, "\"say \\\"hi\\\"\\\\\"" },
		{ "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
		{ "a\0b\x1b", 4, "\"a\\u0000b\\u001b\"" },
		{ "caf\xc3\xa9", 5, "\"caf\xc3\xa9\"" },
		{ "caf\xe9!", 5, "\"caf\xef\xbf\xbd!\"" },
		{ "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe4\xb8", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf0\x9f\x98\x80", 4, "\"\xf0\x9f\x98\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text t = { 0 };
		struct json j = { .out = &t };

		json_string(&j, rows[i].text, rows[i].n);
		assert_string_equal(t.at, rows[i].want);
		text_fini(&t);
	}
}

static void
reals_are_as_short_as_they_can_be(void **state)
{
	static const struct { double v; const char *want; } rows[] = {
		{ 0, "0" }, { 1, "1" }, { -1.5, "-1.5" }, { 0.1, "0.1" }, { 1.0 / 3, "0.3333333333333333" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { 1e22, "1e+22" }, { 5e-324, "5e-324" },
		{ DBL_MAX, "1.7976931348623157e+308" }, { 123456789, "123456789" },
		{ NAN, "null" }, { INFINITY, "null" }, { -INFINITY, "null" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text t = { 0 };
		struct json j = { .out = &t };

		json_real(&j, rows[i].v);
		assert_string_equal(t.at, rows[i].want);
		text_fini(&t);
	}
}

static void
any_real_reads_back_as_the_same(void **state)
{
	uint64_t bits = 88172645463325252u;
	struct text t = { 0 };

	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8");	/* where it is there */
	for (int i = 0; i < 20000; i++) {
		struct json j = { .out = &t };
		double v;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&v, &bits, sizeof(v));
		if (!isfinite(v))
			continue;
		text_clear(&t);
		json_real(&j, v);
		assert_null(strchr(t.at, ','));
		setlocale(LC_ALL, "C");
		assert_true(strtod(t.at, NULL) == v);
		setlocale(LC_ALL, "de_DE.UTF-8");
	}
	setlocale(LC_ALL, "C");
	text_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_commas_fall_into_place),
		cmocka_unit_test(two_values_side_by_side_need_no_level),
		cmocka_unit_test(strings_are_escaped_and_always_utf8),
		cmocka_unit_test(reals_are_as_short_as_they_can_be),
		cmocka_unit_test(any_real_reads_back_as_the_same),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
