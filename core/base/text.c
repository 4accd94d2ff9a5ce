/* SPDX-License-Identifier: MIT */
/* text - strings that grow, figures as people read them, and the word that was meant. */

#include "core/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/xalloc.h"

static void
reserve(struct text *t, size_t more)
{
	size_t need = t->n + more + 1, cap = t->cap ? t->cap : 64;

	if (need <= t->cap)
		return;
	while (cap < need)
		cap *= 2;
	t->at = xrealloc(t->at, cap);
	t->cap = cap;
}

void
text_fini(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

void
text_clear(struct text *t)
{
	t->n = 0;
	if (t->at)
		t->at[0] = '\0';
}

void
text_addn(struct text *t, const char *s, size_t n)
{
	reserve(t, n);
	if (n)
		memcpy(t->at + t->n, s, n);
	t->n += n;
	t->at[t->n] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void
text_addc(struct text *t, char c)
{
	text_addn(t, &c, 1);
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		reserve(t, (size_t)n);
		vsnprintf(t->at + t->n, (size_t)n + 1, fmt, again);
		t->n += (size_t)n;
	}
	va_end(again);
}

char *
text_take(struct text *t)
{
	char *s = t->at ? t->at : xstrdup("");

	*t = (struct text){ 0 };
	return s;
}

/* A unit is used for what reads below `most` of it, with one decimal below
 * `tenths`; the last of a table takes all. */
struct unit {
	const char *name;
	uint64_t unit, tenths, most;
};

/* v in a unit, rounded half up; 0 if the next one says it better. */
static int
write_in(char *buf, uint64_t v, const struct unit *u)
{
	uint64_t whole = v / u->unit, rest = v % u->unit;
	uint64_t part = (rest * 10 + u->unit / 2) / u->unit;

	if (u->unit > 1 && whole + part / 10 < u->tenths) {
		snprintf(buf, WRITE_MAX, "%u.%u%s", (unsigned)(whole + part / 10),
			 (unsigned)(part % 10), u->name);
		return 1;
	}
	whole += rest && rest >= u->unit - rest;
	snprintf(buf, WRITE_MAX, "%llu%s", (unsigned long long)whole, u->name);
	return whole < u->most;
}

static char *
write_units(char *buf, uint64_t v, const struct unit *u)
{
	while (!write_in(buf, v, u) && u[1].name)
		u++;
	return buf;
}

static const uint64_t SECOND = 1000000000;

char *
write_time(char buf[WRITE_MAX], uint64_t ns)
{
	static const struct unit units[] = {
		{ "ns", 1, 0, 1000 }, { "us", 1000, 10, 1000 }, { "ms", 1000000, 10, 1000 },
		{ "s", 1000000000, 60, 60 }, { 0 }
	};
	unsigned long long s = ns / SECOND + (ns % SECOND >= SECOND / 2);
	unsigned long long m = (s + 30) / 60, h = (s + 1800) / 3600;

	if (!ns)
		return strcpy(buf, "0s");
	if (s < 60)
		return write_units(buf, ns, units);
	if (s < 3600)
		snprintf(buf, WRITE_MAX, "%llum%02llus", s / 60, s % 60);
	else if (m < 24 * 60)
		snprintf(buf, WRITE_MAX, "%lluh%02llum", m / 60, m % 60);
	else
		snprintf(buf, WRITE_MAX, "%llud%02lluh", h / 24, h % 24);
	return buf;
}

char *
write_size(char buf[WRITE_MAX], uint64_t bytes)
{
	static const struct unit units[] = {
		{ "B", 1, 0, 1000 }, { "K", 1ull << 10, 100, 1000 },
		{ "M", 1ull << 20, 100, 1000 }, { "G", 1ull << 30, 100, 1000 },
		{ "T", 1ull << 40, 100, 1000 }, { "P", 1ull << 50, 100, UINT64_MAX }, { 0 }
	};

	return write_units(buf, bytes, units);
}

char *
write_count(char buf[WRITE_MAX], uint64_t n)
{
	static const struct unit units[] = {
		{ "", 1, 0, 100000 }, { "K", 1000, 0, 1000 },
		{ "M", 1000000, 100, 1000 }, { "G", 1000000000, 100, 1000 },
		{ "T", 1000000000000, 100, UINT64_MAX }, { 0 }
	};

	return write_units(buf, n, units);
}

char *
write_clock(char buf[WRITE_MAX], uint64_t ns)
{
	unsigned long long s = ns / SECOND, tenth = ns % SECOND / (SECOND / 10);

	if (s < 3600)
		snprintf(buf, WRITE_MAX, "%02llu:%02llu.%llu", s / 60, s % 60, tenth);
	else
		snprintf(buf, WRITE_MAX, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

enum { WORD_MAX = 64 };

/* Letters of either case, and - and _, are the same to a person. */
static int
fold(char c)
{
	return c == '_' ? '-' : tolower((unsigned char)c);
}

/* Edits from a to b: one letter more, less, other, or two neighbours swapped. */
static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[3][WORD_MAX + 1], *before = row[0], *last = row[1], *now = row[2];

	for (size_t j = 0; j <= m; j++)
		last[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int is_same = fold(a[i - 1]) == fold(b[j - 1]);
			size_t best = last[j - 1] + !is_same;

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
			    fold(a[i - 2]) == fold(b[j - 1]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			now[j] = best;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

const char *
nearest(const char *word, const char *const *names)
{
	size_t n = strlen(word), best = SIZE_MAX;
	const char *found = NULL;

	if (!n || n > WORD_MAX)
		return NULL;
	for (; *names; names++) {
		size_t m = strlen(*names), far, most = ((n > m ? n : m) + 2) / 3;

		if (m > WORD_MAX)
			continue;
		far = distance(word, n, *names, m);
		if (far < best && far <= most && far < n && far < m) {
			best = far;
			found = *names;
		}
	}
	return found;
}

int
has_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}
