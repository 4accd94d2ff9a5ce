/* SPDX-License-Identifier: MIT */
/* read - numbers as people type them: counts, sizes, times. */

#include "core/base/text.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
refuse(const char **why, const char *expected)
{
	if (why)
		*why = expected;
	return -1;
}

/*
 * A number with decimals as it stands, exact: whole + part / 10^digits.  More
 * than 18 decimals, or a whole above 2^63, is no number a person means.
 */
struct decimal {
	uint64_t whole, part;
	int digits;
};

/* -> behind the number, or NULL. */
static const char *
read_decimal(const char *s, struct decimal *d)
{
	*d = (struct decimal){ 0 };
	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (d->whole > (INT64_MAX - digit) / 10)
			return NULL;
		d->whole = d->whole * 10 + digit;
	}
	if (*s != '.')
		return s;
	for (s++; isdigit((unsigned char)*s); s++) {
		if (++d->digits > 18)
			return NULL;
		d->part = d->part * 10 + (uint64_t)(*s - '0');
	}
	return d->digits ? s : NULL;
}

struct unit {
	const char *name;	/* "" is for a bare number; names in any case */
	uint64_t times;
};

/* *out += d units; -1 if that is over INT64_MAX, or no whole number where one
 * is asked for. */
static int
add_units(int64_t *out, const struct decimal *d, uint64_t times, int is_whole)
{
	unsigned __int128 scale = 1, part, sum;

	for (int i = 0; i < d->digits; i++)
		scale *= 10;
	part = (unsigned __int128)d->part * times;
	if (is_whole && part % scale)
		return -1;
	sum = (unsigned __int128)d->whole * times + part / scale + (unsigned __int128)*out;
	if (sum > INT64_MAX)
		return -1;
	*out = (int64_t)sum;
	return 0;
}

static const struct unit *
find_unit(const struct unit *units, const char *name, size_t n)
{
	for (; units->name; units++)
		if (strlen(units->name) == n && !strncasecmp(units->name, name, n))
			return units;
	return NULL;
}

static int
read_one(const char *s, const struct unit *units, int is_whole, int64_t *out)
{
	struct decimal d;
	const struct unit *u;
	int64_t sum = 0;

	s = read_decimal(s, &d);
	if (!s)
		return -1;
	u = find_unit(units, s, strlen(s));
	if (!u || add_units(&sum, &d, u->times, is_whole) < 0)
		return -1;
	*out = sum;
	return 0;
}

int
read_int(const char *s, int64_t *out, const char **why)
{
	static const char *const expected = "a whole number such as 12 or -3";
	int is_negative = *s == '-';
	uint64_t n = 0, most = (uint64_t)INT64_MAX + (uint64_t)is_negative;

	s += *s == '-' || *s == '+';
	if (!*s)
		return refuse(why, expected);
	for (; *s; s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (!isdigit((unsigned char)*s) || n > (most - digit) / 10)
			return refuse(why, expected);
		n = n * 10 + digit;
	}
	*out = is_negative ? (int64_t)-n : (int64_t)n;
	return 0;
}

int
read_real(const char *s, double *out, const char **why)
{
	static const char *const expected = "a number such as 0.5, 12 or 1e-3";
	locale_t c;
	char *end;
	double d;

	/* strtod takes blanks, hexadecimal, inf and nan too */
	if (!*s || s[strspn(s, "0123456789+-.eE")])
		return refuse(why, expected);
	c = newlocale(LC_ALL_MASK, "C", NULL);	/* a point is a point in any locale */
	d = strtod_l(s, &end, c);
	freelocale(c);
	if (*end || !isfinite(d))
		return refuse(why, expected);
	*out = d;
	return 0;
}

int
read_count(const char *s, int64_t *out, const char **why)
{
	static const struct unit units[] = {
		{ "", 1 }, { "K", 1000 }, { "M", 1000000 }, { "G", 1000000000 },
		{ "T", 1000000000000 }, { 0 }
	};

	if (read_one(s, units, 1, out) < 0)
		return refuse(why, "a count such as 12, 64K or 10M");
	return 0;
}

int
read_size(const char *s, int64_t *out, const char **why)
{
	static const struct unit units[] = {
		{ "", 1 }, { "B", 1 },
		{ "K", 1024 }, { "KB", 1024 }, { "KiB", 1024 },
		{ "M", 1 << 20 }, { "MB", 1 << 20 }, { "MiB", 1 << 20 },
		{ "G", 1 << 30 }, { "GB", 1 << 30 }, { "GiB", 1 << 30 },
		{ "T", 1ull << 40 }, { "TB", 1ull << 40 }, { "TiB", 1ull << 40 },
		{ 0 }
	};

	if (read_one(s, units, 0, out) < 0)
		return refuse(why, "a size such as 4096, 64K or 1.5G");
	return 0;
}

static const struct unit time_units[] = {
	{ "d", 86400000000000 }, { "h", 3600000000000 }, { "m", 60000000000 },
	{ "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 }, { 0 }
};

/* Several, the larger first: 1m40s, 2h05m. */
static int
read_times(const char *s, int64_t *out)
{
	const struct unit *last = NULL;
	int64_t sum = 0;

	do {
		struct decimal d;
		const struct unit *u;
		size_t n;

		s = read_decimal(s, &d);
		if (!s)
			return -1;
		for (n = 0; isalpha((unsigned char)s[n]); n++)
			;
		u = n || last ? find_unit(time_units, s, n) : find_unit(time_units, "s", 1);
		if (!u || (last && u <= last) || add_units(&sum, &d, u->times, 0) < 0)
			return -1;
		last = u;
		s += n;
	} while (*s);
	*out = sum;
	return 0;
}

int
read_time(const char *s, int64_t *out, const char **why)
{
	if (read_times(s, out) < 0)
		return refuse(why, "a time such as 10s, 5ms, 1m40s or 2h");
	return 0;
}

int
read_bool(const char *s, int *out, const char **why)
{
	static const struct { const char *word; int is; } words[] = {
		{ "yes", 1 }, { "no", 0 }, { "true", 1 }, { "false", 0 },
		{ "on", 1 }, { "off", 0 }, { "1", 1 }, { "0", 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(s, words[i].word)) {
			*out = words[i].is;
			return 0;
		}
	return refuse(why, "yes or no");
}
