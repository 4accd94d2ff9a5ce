/* SPDX-License-Identifier: MIT */
/* surface - what is put is what is seen, and nothing of a name moves a terminal. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "tui/keys.h"
#include "tui/surface.h"

static void
shows(const struct surface *s, const char *picture)
{
	struct text got = { 0 };

	surface_text(s, &got);
	assert_string_equal(got.at, picture);
	text_fini(&got);
}

static void
text_is_cut_at_the_edge_of_its_surface(void **state)
{
	struct surface s;

	(void)state;
	surface_init(&s, 2, 5, 1);
	assert_int_equal(put(&s, 0, 2, STYLE_PLAIN, "abcdef"), 3);
	assert_int_equal(put_right(&s, 1, 4, STYLE_PLAIN, "xy"), 2);
	shows(&s, "  abc\n  xy\n");
	put(&s, 5, 0, STYLE_PLAIN, "no such row");
	put(&s, -1, 0, STYLE_PLAIN, "nor this");
	put_cut(&s, 0, 0, 4, STYLE_PLAIN, "abcdef");
	shows(&s, "abc~c\n  xy\n");
	surface_fini(&s);
}

static void
a_part_draws_within_its_window_alone(void **state)
{
	struct surface s, part;

	(void)state;
	surface_init(&s, 3, 6, 1);
	part = surface_part(&s, 1, 2, 9, 9);
	assert_int_equal(part.rows, 2);
	assert_int_equal(part.cols, 4);
	fill(&part, 0, 0, 100, STYLE_PLAIN, 'x');
	put(&part, 1, 1, STYLE_PLAIN, "yyyyyyyy");
	shows(&s, "\n  xxxx\n   yyy\n");
	part = surface_part(&s, 7, 7, 2, 2);
	assert_int_equal(part.rows, 0);
	put(&part, 0, 0, STYLE_PLAIN, "gone");
	shows(&s, "\n  xxxx\n   yyy\n");
	surface_fini(&s);
}

static void
what_could_move_a_terminal_is_shown_as_a_mark(void **state)
{
	static const struct { const char *name, *seen; } rows[] = {
		{ "a\033[2Jb", "a\\x1b[2Jb" },
		{ "a\nb\rc", "a\\x0ab\\x0dc" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b" "31m", "\\x9b31m" },		/* C1 as UTF-8 */
		{ "\x9b" "31m", "\\x9b31m" },			/* and as a byte */
		{ "x\xff\xfey", "x\\xff\\xfey" },
		{ "a\xe2\x80\xae" "b", "a?b" },			/* U+202E */
		{ "a\xe2\x81\xa6" "b", "a?b" },			/* U+2066 */
		{ "a\xe2\x80\x8b" "b", "a?b" },			/* zero width */
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
	};
	struct surface s;
	char want[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		surface_init(&s, 1, 40, 0);
		put(&s, 0, 0, STYLE_PLAIN, rows[i].name);
		snprintf(want, sizeof(want), "%s\n", rows[i].seen);
		shows(&s, want);
		surface_fini(&s);
	}
}

static void
no_cell_ever_holds_a_control_whatever_the_bytes(void **state)
{
	unsigned seed = 1, n, i, k;
	struct surface s;
	char bytes[64];

	(void)state;
	for (n = 0; n < 20000; n++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
		surface_init(&s, 1, 30, (int)(n & 1));
		assert_in_range(putn(&s, 0, 3, STYLE_PLAIN, bytes, n % sizeof(bytes)), 0, 27);
		for (k = 0; k < 30; k++) {
			int32_t ch = s.cell[k].ch;

			assert_true(ch == 0 || ch >= 0x20);
			assert_false(ch >= 0x7f && ch < 0xa0);
			assert_false(ch >= 0x202a && ch <= 0x202e);
			assert_false((n & 1) && ch >= 0x80);
			assert_true(ch != 0 || (k > 0 && utf8_width(s.cell[k - 1].ch) == 2));
		}
		surface_fini(&s);
	}
}

static void
half_a_wide_character_never_stays_alone(void **state)
{
	struct surface s;

	(void)state;
	surface_init(&s, 1, 6, 0);
	assert_int_equal(put(&s, 0, 0, STYLE_PLAIN, "\xe6\xbc\xa2\xe5\xad\x97"), 4);
	put_char(&s, 0, 1, STYLE_PLAIN, 'x');
	shows(&s, " x\xe5\xad\x97\n");
	put_char(&s, 0, 2, STYLE_PLAIN, 'y');
	shows(&s, " xy\n");
	put(&s, 0, 5, STYLE_PLAIN, "\xe6\xbc\xa2");
	shows(&s, " xy\n");
	surface_fini(&s);
}

static void
a_bar_shows_every_part_that_is_not_zero(void **state)
{
	static const enum style styles[] = { STYLE_DONE, STYLE_RUNNING, STYLE_FAILED };
	static const struct { uint64_t part[3]; int width; const char *seen; } rows[] = {
		{ { 5, 5, 0 }, 10, "#####>>>>>\n" },
		{ { 1000000, 1, 1 }, 10, "########>x\n" },
		{ { 1, 1000000, 0 }, 4, "#>>>\n" },
		{ { 0, 0, 0 }, 4, "\n" },
		{ { UINT64_MAX, UINT64_MAX, 0 }, 4, "##>>\n" },
		{ { 1, 1, 1 }, 2, "#x\n" },
		{ { 1, 2, 3 }, 6, "#>>xxx\n" },
	};
	struct surface s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		surface_init(&s, 1, 12, 1);
		bar(&s, 0, 0, rows[i].width, rows[i].part, 3, styles, "#>x");
		shows(&s, rows[i].seen);
		surface_fini(&s);
	}
}

static void
lines_that_meet_are_joined(void **state)
{
	struct surface s;
	int ascii;

	(void)state;
	for (ascii = 0; ascii < 2; ascii++) {
		surface_init(&s, 3, 3, ascii);
		put_line(&s, 1, 0, STYLE_DIM, LINE_LEFT | LINE_RIGHT);
		put_line(&s, 1, 1, STYLE_DIM, LINE_LEFT | LINE_DOWN);
		put_line(&s, 2, 1, STYLE_DIM, LINE_UP | LINE_DOWN);
		put_line(&s, 1, 1, STYLE_DIM, LINE_LEFT | LINE_UP);
		shows(&s, ascii ? "\n-+\n |\n" : "\n\xe2\x94\x80\xe2\x94\xa4\n \xe2\x94\x82\n");
		surface_fini(&s);
	}
}

/* ---- bytes of a terminal become keys ------------------------------------ */

static void
keys_are(const char *bytes, size_t n, const int32_t *want, size_t nwant)
{
	struct keys k = { 0 };
	int32_t key;
	size_t i, at = 0;

	for (i = 0; i < n; i++)
		if (keys_byte(&k, (unsigned char)bytes[i], &key)) {
			assert_true(at < nwant);
			assert_int_equal(key, want[at]);
			at++;
		}
	if (keys_idle(&k, &key)) {
		assert_true(at < nwant);
		assert_int_equal(key, want[at]);
		at++;
	}
	assert_int_equal(at, nwant);
}

#define KEYS(bytes, ...) do { \
	static const int32_t want[] = { __VA_ARGS__ }; \
	keys_are(bytes, sizeof(bytes) - 1, want, sizeof(want) / sizeof(*want)); \
} while (0)

static void
escape_sequences_are_one_key_or_none(void **state)
{
	(void)state;
	KEYS("q", 'q');
	KEYS("\033[A\033OB", KEY_ARROW_UP, KEY_ARROW_DOWN);
	KEYS("\033", KEY_ESC);
	KEYS("\033\033", KEY_ESC, KEY_ESC);
	KEYS("\033[5~x", KEY_PGUP, 'x');
	KEYS("\033[[A\033OP\033[21~", KEY_F1, KEY_F1, KEY_F10);
	KEYS("\033[99;5~q", 'q');		/* unknown: dropped whole */
	KEYS("\033[1;5Aj", 'j');
	KEYS("\033]52;c;cXVpdA==\007k", 'k');	/* an answer nobody asked for */
	KEYS("\033P1$r0m\033\\k", 'k');
	KEYS("\033xq", 'q');			/* Alt-x means nothing */
	KEYS("\xc3\xa9\xe6\xbc\xa2", 0xe9, 0x6f22);
	KEYS("\xff\x80\xc3" "a", 'a');		/* no UTF-8: dropped */
	KEYS("\x08\x7f", KEY_BACK, KEY_BACK);
}

static void
what_is_pasted_is_marked_as_such(void **state)
{
	struct keys k = { 0 };
	const char *bytes = "\033[200~q\033[201~";
	int32_t key;

	(void)state;
	for (; *bytes; bytes++)
		if (keys_byte(&k, (unsigned char)*bytes, &key) && key == 'q')
			assert_true(k.is_pasting);
	assert_false(k.is_pasting);
}

static void
an_escape_sequence_without_end_does_not_eat_keys_for_ever(void **state)
{
	struct keys k = { 0 };
	int32_t key;
	int i;

	(void)state;
	assert_false(keys_byte(&k, 27, &key));
	assert_false(keys_byte(&k, '[', &key));
	for (i = 0; i < 100000; i++)
		assert_false(keys_byte(&k, '1', &key));
	assert_false(keys_byte(&k, '~', &key));
	assert_true(keys_byte(&k, 'q', &key));
	assert_int_equal(key, 'q');
}

static void
a_key_is_bound_once_on_a_page(void **state)
{
	const struct key_row *a, *b;
	int i, k;

	(void)state;
	for (a = key_rows; a->action; a++)
		for (b = a + 1; b->action; b++)
			for (i = 0; i < 4 && a->key[i]; i++)
				for (k = 0; k < 4 && b->key[k]; k++)
					if (a->pages & b->pages)
						assert_int_not_equal(a->key[i], b->key[k]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_at_the_edge_of_its_surface),
		cmocka_unit_test(a_part_draws_within_its_window_alone),
		cmocka_unit_test(what_could_move_a_terminal_is_shown_as_a_mark),
		cmocka_unit_test(no_cell_ever_holds_a_control_whatever_the_bytes),
		cmocka_unit_test(half_a_wide_character_never_stays_alone),
		cmocka_unit_test(a_bar_shows_every_part_that_is_not_zero),
		cmocka_unit_test(lines_that_meet_are_joined),
		cmocka_unit_test(escape_sequences_are_one_key_or_none),
		cmocka_unit_test(what_is_pasted_is_marked_as_such),
		cmocka_unit_test(an_escape_sequence_without_end_does_not_eat_keys_for_ever),
		cmocka_unit_test(a_key_is_bound_once_on_a_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
