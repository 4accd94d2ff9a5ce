/* SPDX-License-Identifier: MIT */
/* json - write JSON into a text, one value after the other. */

#include "core/base/json.h"

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What `more` holds of a level. */
enum { HAS_VALUE = 1, IS_ARRAY = 2, AFTER_KEY = 4 };

/* Before a value or a key: the comma, unless it is the first or a key's. */
static void
separate(struct json *j)
{
	unsigned char *level;

	if (!j->depth)
		return;
	level = &j->more[j->depth - 1];
	if (*level & HAS_VALUE && !(*level & AFTER_KEY))
		text_addc(j->out, ',');
	*level = (unsigned char)((*level | HAS_VALUE) & ~AFTER_KEY);
}

static void
start(struct json *j, char bracket, unsigned char level)
{
	assert(j->depth < JSON_DEEP);
	separate(j);
	text_addc(j->out, bracket);
	j->more[j->depth++] = level;
}

void
json_object(struct json *j)
{
	start(j, '{', 0);
}

void
json_array(struct json *j)
{
	start(j, '[', IS_ARRAY);
}

void
json_end(struct json *j)
{
	assert(j->depth > 0);
	text_addc(j->out, j->more[--j->depth] & IS_ARRAY ? ']' : '}');
}

static void
quote(struct text *out, const char *s, size_t n)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	size_t len;
	int32_t cp;

	text_addc(out, '"');
	for (; (len = utf8_next(s, n, &cp)); s += len, n -= len) {
		const char *p = cp > 0 && cp < 0x80 ? strchr(plain, cp) : NULL;

		if (cp < 0)
			text_add(out, "\xef\xbf\xbd");
		else if (p)
			text_addf(out, "\\%c", letter[p - plain]);
		else if (cp < 0x20)
			text_addf(out, "\\u%04x", (unsigned)cp);
		else
			text_addn(out, s, len);
	}
	text_addc(out, '"');
}

void
json_key(struct json *j, const char *key)
{
	separate(j);
	quote(j->out, key, strlen(key));
	text_addc(j->out, ':');
	assert(j->depth > 0 && j->depth <= JSON_DEEP);
	j->more[j->depth - 1] |= AFTER_KEY;
}

void
json_raw(struct json *j, const char *s, size_t n)
{
	separate(j);
	text_addn(j->out, s, n);
}

void
json_string(struct json *j, const char *s, size_t n)
{
	separate(j);
	quote(j->out, s, n);
}

void
json_text(struct json *j, const char *s)
{
	if (s)
		json_string(j, s, strlen(s));
	else
		json_null(j);
}

void
json_int(struct json *j, int64_t v)
{
	separate(j);
	text_addf(j->out, "%lld", (long long)v);
}

void
json_uint(struct json *j, uint64_t v)
{
	separate(j);
	text_addf(j->out, "%llu", (unsigned long long)v);
}

/* The fewest digits that read back as the same number, in the C locale. */
void
json_real(struct json *j, double v)
{
	locale_t c, was;
	char buf[32];

	if (!isfinite(v)) {
		json_null(j);
		return;
	}
	c = newlocale(LC_ALL_MASK, "C", NULL);
	was = uselocale(c);
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	uselocale(was);
	freelocale(c);
	json_raw(j, buf, strlen(buf));
}

void
json_bool(struct json *j, int is)
{
	json_raw(j, is ? "true" : "false", is ? 4 : 5);
}

void
json_null(struct json *j)
{
	json_raw(j, "null", 4);
}

void
json_kint(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_int(j, v);
}

void
json_kuint(struct json *j, const char *key, uint64_t v)
{
	json_key(j, key);
	json_uint(j, v);
}

void
json_kreal(struct json *j, const char *key, double v)
{
	json_key(j, key);
	json_real(j, v);
}

void
json_ktext(struct json *j, const char *key, const char *s)
{
	json_key(j, key);
	json_text(j, s);
}

void
json_kbool(struct json *j, const char *key, int is)
{
	json_key(j, key);
	json_bool(j, is);
}

void
json_kseconds(struct json *j, const char *key, uint64_t ns)
{
	json_key(j, key);
	separate(j);
	text_addf(j->out, "%llu.%09llu", (unsigned long long)(ns / 1000000000),
		  (unsigned long long)(ns % 1000000000));
}
