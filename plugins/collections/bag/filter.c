/* SPDX-License-Identifier: MIT */
/* filter - the lines of a text or the items of a bag that match. */

#include <limits.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "bag.h"

enum { MATCH, REGEX, INVERT };
enum { WHY = 128 };			/* bytes of a complaint of regcomp */

const struct heddle_option filter_options[] = {
	{ .size = sizeof(filter_options[0]), .type = HEDDLE_TEXT, .name = "match",
	  .about = "keep what contains these bytes" },
	{ .size = sizeof(filter_options[0]), .type = HEDDLE_TEXT, .name = "regex",
	  .about = "keep what contains a match of this extended regular expression (of bytes)" },
	{ .size = sizeof(filter_options[0]), .type = HEDDLE_BOOL, .name = "invert",
	  .fallback = "no", .about = "keep the others instead" },
	{ .size = sizeof(filter_options[0]) }
};

/* Parameters start with these; the pattern and its NUL follow. */
struct head {
	uint8_t is_regex, invert;
};

struct filter {
	struct head head;
	const char *pattern;
	size_t n;
	uint32_t ticks;
	regex_t regex;
	locale_t c;		/* a regular expression is of bytes, whatever the user's locale */
};

/* 0, or -1 and why it is no regular expression.  Borrows par. */
static int
filter_init(struct filter *f, struct heddle_bytes par, char why[WHY])
{
	locale_t before;
	int rc;

	memcpy(&f->head, par.at, sizeof(f->head));
	f->pattern = (const char *)par.at + sizeof(f->head);
	f->n = par.n - sizeof(f->head) - 1;
	f->ticks = 0;
	f->c = (locale_t)0;
	if (!f->head.is_regex)
		return 0;
	f->c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!f->c) {
		snprintf(why, WHY, "there is no C locale");
		return -1;
	}
	before = uselocale(f->c);
	rc = regcomp(&f->regex, f->pattern, REG_EXTENDED);
	if (rc)
		regerror(rc, &f->regex, why, WHY);
	uselocale(before);
	if (!rc)
		return 0;
	freelocale(f->c);
	return -1;
}

static void
filter_fini(struct filter *f)
{
	if (!f->c)
		return;
	regfree(&f->regex);
	freelocale(f->c);
}

/* 1, 0, or -1 after fail().  re_search, unlike regexec, is told a length: there
 * may be a NUL in a line, and none behind it. */
static int
keeps(const struct heddle_call *call, struct filter *f, const unsigned char *at, size_t n)
{
	int found;

	if (bag_tick(call, &f->ticks) < 0)
		return -1;
	if (!f->head.is_regex)
		return (memmem(at, n, f->pattern, f->n) != NULL) != f->head.invert;
	if (n > INT_MAX)
		return bag_fail(call, "an item of %zu bytes; expected at most %d for a regex",
				n, INT_MAX);
	found = re_search(&f->regex, (const char *)at, (int)n, 0, (int)n, NULL);
	if (found == -2)
		return bag_fail(call, "regex: '%s': out of memory", f->pattern);
	return (found >= 0) != f->head.invert;
}

int
filter_plan(const struct heddle_plan *plan)
{
	const struct heddle_arg *arg = plan->arg;
	int is_regex = arg[REGEX].n > 0, is_text = !strcmp(plan->in[0].kind, "text");
	struct head head = { (uint8_t)is_regex, (uint8_t)(arg[INVERT].v->i != 0) };
	struct heddle_bytes par;
	struct filter f;
	const char *pattern;
	char *at, why[WHY];
	int rc;

	if ((arg[MATCH].n > 0) == is_regex)
		return bag_refuse(plan, "expected either match or regex");
	pattern = is_regex ? arg[REGEX].v->s : arg[MATCH].v->s;
	par.n = sizeof(head) + strlen(pattern) + 1;
	par.at = at = malloc(par.n);
	if (!at)
		return bag_refuse(plan, "out of memory");
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), pattern, par.n - sizeof(head));
	if (filter_init(&f, par, why) < 0) {
		rc = bag_refuse(plan, "regex: '%s': %s", pattern, why);
	} else {
		filter_fini(&f);
		rc = bag_each(plan, is_text ? "filter_text" : "filter_items", par,
			      plan->in[0].kind);
	}
	free(at);
	return rc;
}

/* Room for the value and the filter; NULL after fail(). */
static unsigned char *
filter_start(const struct heddle_call *call, struct filter *f)
{
	unsigned char *to = call->out(call->self, call->in[0].n);
	char why[WHY];

	if (!to) {
		bag_fail(call, "out of memory");
		return NULL;
	}
	if (!filter_init(f, call->par, why))
		return to;
	bag_fail(call, "regex: '%s': %s", f->pattern, why);
	return NULL;
}

/* keep < 0: something failed. */
static int
filter_end(const struct heddle_call *call, struct filter *f, size_t n, int keep)
{
	filter_fini(f);
	if (keep < 0)
		return -1;
	return call->out(call->self, n) || !n ? 0 : bag_fail(call, "out of memory");
}

int
filter_text_run(const struct heddle_call *call)
{
	const unsigned char *at = call->in[0].at, *end = at + call->in[0].n, *nl;
	unsigned char *start, *to;
	struct filter f;
	int keep = 0;
	size_t n;

	if (at == end)
		return 0;
	to = start = filter_start(call, &f);
	if (!to)
		return -1;
	for (; at < end && keep >= 0; at += n) {
		nl = memchr(at, '\n', (size_t)(end - at));
		n = nl ? (size_t)(nl - at) + 1 : (size_t)(end - at);
		keep = keeps(call, &f, at, nl ? n - 1 : n);
		if (keep > 0) {
			memcpy(to, at, n);
			to += n;
		}
	}
	return filter_end(call, &f, (size_t)(to - start), keep);
}

int
filter_items_run(const struct heddle_call *call)
{
	const unsigned char *at = call->in[0].at, *end = at + call->in[0].n, *from;
	unsigned char *start, *to;
	struct filter f;
	struct item item;
	int keep = 0;

	if (at == end)
		return 0;
	to = start = filter_start(call, &f);
	if (!to)
		return -1;
	while (at < end && keep >= 0) {
		from = at;
		if (item_get(&at, end, &item) < 0)
			keep = bag_fail(call, "the input is no bag.items: it is cut short");
		else
			keep = keeps(call, &f, item.at, item.n);
		if (keep > 0) {
			memcpy(to, from, (size_t)(at - from));
			to += at - from;
		}
	}
	return filter_end(call, &f, (size_t)(to - start), keep);
}
