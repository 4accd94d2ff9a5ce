/* SPDX-License-Identifier: MIT */
/* split - text becomes items: its lines, its words. */

#include "bag.h"

enum { FOLD, LETTERS };

const struct heddle_option words_options[] = {
	{ .size = sizeof(words_options[0]), .type = HEDDLE_CHOICE, .name = "fold",
	  .fallback = "none", .words = "none|case", .about = "case: A to Z are read as a to z" },
	{ .size = sizeof(words_options[0]), .type = HEDDLE_CHOICE, .name = "letters",
	  .fallback = "ascii", .words = "ascii|all",
	  .about = "what a word is made of: A-Z a-z; all: and every byte from 0x80" },
	{ .size = sizeof(words_options[0]) }
};

/* Parameters of words. */
struct words {
	uint8_t fold, all;
};

int
lines_plan(const struct heddle_plan *plan)
{
	return bag_each(plan, "lines", (struct heddle_bytes){ NULL, 0 }, "bag.items");
}

int
words_plan(const struct heddle_plan *plan)
{
	struct words words = {
		.fold = plan->arg[FOLD].v->i != 0,
		.all = plan->arg[LETTERS].v->i != 0,
	};

	return bag_each(plan, "words", (struct heddle_bytes){ &words, sizeof(words) }, "bag.items");
}

/* Room for the items of n bytes of text: an item of k bytes takes its ender's
 * byte for a length below 128, and one more byte for every 7 bits above. */
static unsigned char *
items_room(const struct heddle_call *call, size_t n)
{
	unsigned char *at = call->out(call->self, n + n / 64 + LEB_MAX);

	if (!at)
		bag_fail(call, "out of memory");
	return at;
}

static int
items_end(const struct heddle_call *call, size_t n)
{
	return call->out(call->self, n) || !n ? 0 : bag_fail(call, "out of memory");
}

int
lines_run(const struct heddle_call *call)
{
	const unsigned char *at = call->in[0].at, *end = at + call->in[0].n, *nl;
	unsigned char *start, *to;
	uint32_t ticks = 0;

	if (at == end)
		return 0;
	to = start = items_room(call, call->in[0].n);
	if (!to)
		return -1;
	for (; at < end; at = nl + 1) {
		if (bag_tick(call, &ticks) < 0)
			return -1;
		nl = memchr(at, '\n', (size_t)(end - at));
		if (!nl)
			nl = end;
		to = leb_put(to, (uint64_t)(nl - at));
		memcpy(to, at, (size_t)(nl - at));
		to += nl - at;
	}
	return items_end(call, (size_t)(to - start));
}

/* What each byte is in a word; 0: it is in none. */
static void
letter_table(unsigned char table[256], const struct words *words)
{
	memset(table, 0, 256);
	for (int c = 'a'; c <= 'z'; c++) {
		table[c] = (unsigned char)c;
		table[c - 'a' + 'A'] = (unsigned char)(words->fold ? c : c - 'a' + 'A');
	}
	for (int c = 0x80; words->all && c <= 0xff; c++)
		table[c] = (unsigned char)c;
}

/* The length goes where one byte was left for it; a long word moves up. */
static unsigned char *
word_end(unsigned char *word, unsigned char *to)
{
	size_t n = (size_t)(to - word - 1);
	unsigned char leb[LEB_MAX], *behind;

	if (n < 0x80) {
		*word = (unsigned char)n;
		return to;
	}
	behind = leb_put(leb, n);
	memmove(word + (behind - leb), word + 1, n);
	memcpy(word, leb, (size_t)(behind - leb));
	return word + (behind - leb) + n;
}

int
words_run(const struct heddle_call *call)
{
	const unsigned char *at = call->in[0].at, *end = at + call->in[0].n;
	unsigned char table[256], *start, *to, *word, c;
	uint32_t ticks = 0;

	if (at == end)
		return 0;
	letter_table(table, call->par.at);
	to = start = items_room(call, call->in[0].n);
	if (!to)
		return -1;
	while (at < end) {
		if (!table[*at]) {
			at++;
			continue;
		}
		if (bag_tick(call, &ticks) < 0)
			return -1;
		word = to++;
		while (at < end && (c = table[*at])) {
			*to++ = c;
			at++;
		}
		to = word_end(word, to);
	}
	return items_end(call, (size_t)(to - start));
}
