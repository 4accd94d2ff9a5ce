/* SPDX-License-Identifier: MIT */
/* events - rare happenings as lines of JSON, written and read back. */

#include "core/record/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"

void
event_write(const struct run_event *e, const struct graph *g, struct text *out)
{
	struct json j = { .out = out };
	char name[GRAPH_NAME];

	json_object(&j);
	json_kseconds(&j, "at_s", e->at);
	json_ktext(&j, "kind", event_names[e->kind]);
	if (e->task < g->csr.ntasks) {
		json_ktext(&j, "task", graph_name(g, e->task, name));
		json_kuint(&j, "id", e->task);
	}
	if (e->worker != HEDDLE_NONE)
		json_kuint(&j, "worker", e->worker);
	if (e->code)
		json_kint(&j, "code", e->code);
	if (e->attempt)
		json_kuint(&j, "attempt", e->attempt);
	if (e->n)
		json_kuint(&j, "n", e->n);
	if (e->peak)
		json_kuint(&j, "peak", e->peak);
	if (e->text && *e->text)
		json_ktext(&j, "text", e->text);
	json_end(&j);
	text_addc(out, '\n');
}

/* ---- reading: flat objects of strings and numbers ------------------------ */

struct scan { const char *at, *end; };

static int
eat(struct scan *s, char c)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t'))
		s->at++;
	if (s->at == s->end || *s->at != c)
		return 0;
	s->at++;
	return 1;
}

static int
hex4(struct scan *s, uint32_t *cp)
{
	*cp = 0;
	if (s->end - s->at < 4)
		return 0;
	for (int i = 0; i < 4; i++, s->at++) {
		const char *digits = "0123456789abcdef", *d = strchr(digits, *s->at | 0x20);

		if (!*s->at || !d)
			return 0;
		*cp = *cp * 16 + (uint32_t)(d - digits);
	}
	return 1;
}

static void
add_utf8(struct text *t, uint32_t cp)
{
	if (cp < 0x80) {
		text_addc(t, (char)cp);
	} else if (cp < 0x800) {
		text_addc(t, (char)(0xc0 | cp >> 6));
		text_addc(t, (char)(0x80 | (cp & 63)));
	} else {
		text_addc(t, (char)(0xe0 | cp >> 12));
		text_addc(t, (char)(0x80 | (cp >> 6 & 63)));
		text_addc(t, (char)(0x80 | (cp & 63)));
	}
}

static int
scan_escape(struct scan *s, struct text *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *which;
	uint32_t cp;

	if (s->at == s->end)
		return 0;
	if (*s->at == 'u') {
		s->at++;
		if (!hex4(s, &cp))
			return 0;
		add_utf8(out, cp ? cp : 0xfffd);
		return 1;
	}
	which = *s->at ? strchr(from, *s->at) : NULL;
	if (!which)
		return 0;
	s->at++;
	text_addc(out, to[which - from]);
	return 1;
}

static int
scan_string(struct scan *s, struct text *out)
{
	text_clear(out);
	text_add(out, "");		/* at is not NULL from here on */
	if (!eat(s, '"'))
		return 0;
	while (s->at < s->end && *s->at != '"') {
		char c = *s->at++;

		if (c == '\\') {
			if (!scan_escape(s, out))
				return 0;
		} else if (!c) {
			return 0;
		} else {
			text_addc(out, c);
		}
	}
	return eat(s, '"');
}

/* A whole number, or with nine decimals as ns ("1.234567890"). */
static int
scan_number(struct scan *s, int64_t *out, uint64_t *ns)
{
	uint64_t whole = 0, part = 0, unit = 1000000000;
	const char *from;
	int minus = eat(s, '-');

	for (from = s->at; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, (uint64_t)(*s->at - '0'), &whole))
			return 0;
	if (s->at == from)
		return 0;
	if (s->at < s->end && *s->at == '.')
		for (s->at++; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++)
			part += (uint64_t)(*s->at - '0') * (unit /= 10);
	*out = minus ? -(int64_t)whole : (int64_t)whole;
	if (__builtin_mul_overflow(whole, 1000000000u, ns) ||
	    __builtin_add_overflow(*ns, part, ns))
		*ns = UINT64_MAX;
	return 1;
}

static int
find_kind(const char *name)
{
	for (int i = 0; i < EVENT_KINDS; i++)
		if (!strcmp(event_names[i], name))
			return i;
	return -1;
}

/* One key and its value into e.  kind is -1 until it is known. */
static int
scan_pair(struct scan *s, struct run_event *e, int *kind, struct text *key, struct text *value)
{
	int64_t i = 0;
	uint64_t ns = 0;

	if (!scan_string(s, key) || !eat(s, ':'))
		return 0;
	text_clear(value);
	if (eat(s, '"')) {
		s->at--;
		if (!scan_string(s, value))
			return 0;
	} else if (!scan_number(s, &i, &ns)) {
		return 0;
	}
	if (!strcmp(key->at, "at_s"))
		e->at = ns;
	else if (!strcmp(key->at, "kind"))
		*kind = value->n ? find_kind(value->at) : -1;
	else if (!strcmp(key->at, "id"))
		e->task = (uint32_t)i;
	else if (!strcmp(key->at, "worker"))
		e->worker = (uint32_t)i;
	else if (!strcmp(key->at, "code"))
		e->code = (int32_t)i;
	else if (!strcmp(key->at, "attempt"))
		e->attempt = (uint32_t)i;
	else if (!strcmp(key->at, "n"))
		e->n = (uint64_t)i;
	else if (!strcmp(key->at, "peak"))
		e->peak = (uint64_t)i;
	else if (!strcmp(key->at, "text")) {
		free(e->text);
		e->text = text_take(value);
	}
	return 1;
}

int
event_read(struct run_event *out, const char *line, size_t n)
{
	struct run_event e = { .task = HEDDLE_NONE, .worker = HEDDLE_NONE };
	struct scan s = { line, line + n };
	struct text key = { 0 }, value = { 0 };
	int kind = -1, ok = eat(&s, '{');

	while (ok && (ok = scan_pair(&s, &e, &kind, &key, &value)) && eat(&s, ','))
		;
	ok = ok && eat(&s, '}') && kind >= 0;
	text_fini(&key);
	text_fini(&value);
	if (!ok) {
		free(e.text);
		return -1;
	}
	if (!e.text)
		e.text = xstrdup("");
	e.kind = (enum event_kind)kind;
	*out = e;
	return 0;
}
