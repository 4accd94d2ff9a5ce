/* SPDX-License-Identifier: MIT */
/* battery_order - what every scheduler must do, on sample graphs. */

#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/plugin/battery_check.h"
#include "core/plugin/rig.h"
#include "core/plugin/sample.h"

enum { MANY = 1000000 };

/* ---- the sweep -------------------------------------------------------- */

static const struct { enum sample_shape shape; uint32_t ntasks; } graphs[] = {
	{ SAMPLE_ONE, 1 }, { SAMPLE_CHAIN, 100 }, { SAMPLE_APART, 300 },
	{ SAMPLE_FAN, 120 }, { SAMPLE_DIAMONDS, 301 }, { SAMPLE_LAYERS, 1500 },
};
static const uint32_t widths[] = { 1, 3, 8 };
enum { NGRAPHS = sizeof(graphs) / sizeof(*graphs), NSEEDS = 2 };
enum { NCASES = NGRAPHS * 3 * NSEEDS * 2 };

static void
make_case(struct sample *s, int i)
{
	int g = i % NGRAPHS, w = i / NGRAPHS % 3, seed = i / NGRAPHS / 3 % NSEEDS;
	unsigned flags = i / NGRAPHS / 3 / NSEEDS ? SAMPLE_EXPECT : 0;

	sample_make(s, graphs[g].shape, graphs[g].ntasks, widths[w], (uint64_t)seed + 1, flags);
}

static int
say(struct trying *t, const struct sample *s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "layers, 3 workers: ...".  -1. */
static int
say(struct trying *t, const struct sample *s, const char *fmt, ...)
{
	int n = snprintf(t->said, sizeof(t->said), "%s, %u worker%s: ", s->name,
			 s->graph->nworkers, s->graph->nworkers == 1 ? "" : "s");
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->said + n, sizeof(t->said) - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

static int
open_rig(struct trying *t, struct rig *r, const struct sample *s, const struct rig *before)
{
	if (!rig_open(r, t->def, t->arg, s, 42, before))
		return 0;
	return say(t, s, "open gave nothing%s%s", *r->said ? ": " : ", and did not say why",
		   r->said);
}

static int
say_fault(struct trying *t, const struct rig *r, enum rig_fault f)
{
	heddle_task first = r->first[f];

	switch (f) {
	case RIG_TWICE:
		return say(t, r->sample, "gave task %u a second time", first);
	case RIG_EARLY:
		return say(t, r->sample, "gave task %u before its inputs were done", first);
	case RIG_INVENTED:
		return say(t, r->sample, "gave task %u of %u", first, r->sample->graph->ntasks);
	default:
		return say(t, r->sample, "keeps task %u and gives none", first);
	}
}

static int
any_fault(struct trying *t, const struct rig *r)
{
	for (int f = 0; f < RIG_FAULTS; f++)
		if (r->fault[f])
			return say_fault(t, r, (enum rig_fault)f);
	return 0;
}

/* Run one case; with back, some tasks come back; -1 for the fault that is
 * asked for (RIG_FAULTS: any). */
static int
run_case(struct trying *t, int i, uint32_t back, enum rig_fault f)
{
	struct sample s;
	struct rig r;
	int bad;

	make_case(&s, i);
	bad = open_rig(t, &r, &s, NULL);
	if (!bad) {
		r.back = back;
		while (rig_step(&r))
			;
		bad = f == RIG_FAULTS ? any_fault(t, &r) :
		      r.fault[f] ? say_fault(t, &r, f) : 0;
	}
	rig_close(&r);
	sample_fini(&s);
	return bad;
}

static int
sweep(struct trying *t, uint32_t back, enum rig_fault f)
{
	int bad = 0;

	for (int i = 0; i < NCASES && !bad; i++)
		bad = run_case(t, i, back, f);
	return bad;
}

/* ---- the checks of a scheduler ---------------------------------------- */

static int
opens(struct trying *t)
{
	for (int i = 0; i < NCASES; i++) {
		struct sample s;
		struct rig r;
		int bad;

		make_case(&s, i);
		bad = open_rig(t, &r, &s, NULL);
		rig_close(&r);
		sample_fini(&s);
		if (bad)
			return -1;
	}
	return 0;
}

static int
each_once(struct trying *t)
{
	return sweep(t, 0, RIG_TWICE);
}

static int
none_early(struct trying *t)
{
	return sweep(t, 0, RIG_EARLY);
}

static int
none_invented(struct trying *t)
{
	return sweep(t, 0, RIG_INVENTED);
}

static int
none_lost(struct trying *t)
{
	return sweep(t, 0, RIG_LOST);
}

static int
come_back(struct trying *t)
{
	return sweep(t, 3, RIG_FAULTS);
}

static int
joins(struct trying *t)
{
	int bad = 0;

	for (int i = 0; i < NCASES && !bad; i++) {
		struct sample s;
		struct rig first, second;

		make_case(&s, i);
		bad = open_rig(t, &first, &s, NULL);
		if (!bad) {
			while (first.nended < s.graph->ntasks / 2 && rig_step(&first))
				;
			bad = any_fault(t, &first) || open_rig(t, &second, &s, &first);
			if (!bad) {
				while (rig_step(&second))
					;
				bad = any_fault(t, &second);
			}
			rig_close(&second);
		}
		rig_close(&first);
		sample_fini(&s);
	}
	return bad;
}

static int
same_twice(struct trying *t)
{
	int bad = 0;

	for (int i = 0; i < NCASES && !bad; i++) {
		uint64_t order[2];
		struct sample s;

		make_case(&s, i);
		for (int k = 0; k < 2 && !bad; k++) {
			struct rig r;

			bad = open_rig(t, &r, &s, NULL);
			while (!bad && rig_step(&r))
				;
			order[k] = r.order;
			rig_close(&r);
		}
		if (!bad && order[0] != order[1])
			bad = say(t, &s, "a second run had another order");
		sample_fini(&s);
	}
	return bad;
}

/* Two at once, each on a graph of its own, step by step; then each alone. */
static int
two_at_once(struct trying *t)
{
	static const uint64_t seeds[2] = { 1, 2 };
	struct sample s[2];
	struct rig r[2];
	uint64_t order[2];
	int bad = 0, more = 1;

	for (int i = 0; i < 2; i++)
		sample_make(&s[i], SAMPLE_LAYERS, 700 + 400 * (uint32_t)i, 3, seeds[i],
			    SAMPLE_EXPECT);
	memset(r, 0, sizeof(r));
	bad = open_rig(t, &r[0], &s[0], NULL) < 0 || open_rig(t, &r[1], &s[1], NULL) < 0;
	while (!bad && more) {
		more = rig_step(&r[0]);
		more |= rig_step(&r[1]);
	}
	for (int i = 0; i < 2; i++) {
		bad = bad || any_fault(t, &r[i]);
		order[i] = r[i].order;
		rig_close(&r[i]);
	}
	for (int i = 0; i < 2 && !bad; i++) {
		bad = open_rig(t, &r[i], &s[i], NULL);
		while (!bad && rig_step(&r[i]))
			;
		if (!bad && r[i].order != order[i])
			bad = say(t, &s[i], "alone the order was another");
		rig_close(&r[i]);
	}
	sample_fini(&s[0]);
	sample_fini(&s[1]);
	return bad ? -1 : 0;
}

/* rank and where, asked in the middle of a run. */
static int
ranks(struct trying *t)
{
	struct sample s;
	struct rig r;
	int bad;

	if (!t->def->rank && !t->def->where)
		return 1;
	sample_make(&s, SAMPLE_LAYERS, 500, 3, 7, SAMPLE_EXPECT);
	bad = open_rig(t, &r, &s, NULL);
	for (int i = 0; i < 200 && !bad && rig_step(&r); i++)
		;
	for (heddle_task k = 0; k < s.graph->ntasks && !bad; k++) {
		uint32_t w = t->def->where ? t->def->where(r.self, k) : HEDDLE_NONE;

		if (w != HEDDLE_NONE && w >= s.graph->nworkers)
			bad = say(t, &s, "task %u is placed on worker %u", k, w);
		else if (t->def->rank && isnan(t->def->rank(r.self, k)))
			bad = say(t, &s, "task %u has no number for its rank", k);
	}
	rig_close(&r);
	sample_fini(&s);
	return bad;
}

/* What of the process a scheduler could disturb. */
struct surroundings {
	char dir[PATH_MAX];
	char locale[64];
	sigset_t mask;
	mode_t umask;
	int fd[3];
};

static void
look_around(struct surroundings *a)
{
	const char *locale = setlocale(LC_ALL, NULL);

	memset(a, 0, sizeof(*a));
	if (!getcwd(a->dir, sizeof(a->dir)))
		a->dir[0] = '\0';
	snprintf(a->locale, sizeof(a->locale), "%s", locale ? locale : "");
	sigprocmask(SIG_SETMASK, NULL, &a->mask);
	a->umask = umask(0);
	umask(a->umask);
	for (int i = 0; i < 3; i++)
		a->fd[i] = fcntl(i, F_GETFD) >= 0;
}

static int
disturbs_nothing(struct trying *t)
{
	struct surroundings before, after;
	const char *what = NULL;
	int bad;

	look_around(&before);
	bad = run_case(t, NGRAPHS - 1, 0, RIG_FAULTS);
	look_around(&after);
	if (strcmp(before.dir, after.dir))
		what = "the current folder";
	else if (strcmp(before.locale, after.locale))
		what = "the locale";
	else if (memcmp(&before.mask, &after.mask, sizeof(before.mask)))
		what = "the signal mask";
	else if (before.umask != after.umask)
		what = "the umask";
	else if (memcmp(before.fd, after.fd, sizeof(before.fd)))
		what = "standard input, output or error";
	if (what)
		snprintf(t->said, sizeof(t->said), "changed %s", what);
	return what ? -1 : bad;
}

static int
all_at_once(struct trying *t)
{
	int bad = 0;

	if (!(t->def->flags & HEDDLE_CONCURRENT))
		return 1;
	for (int i = 0; i < 8 && !bad; i++) {
		struct sample s;
		struct rig r;

		sample_make(&s, i % 2 ? SAMPLE_LAYERS : SAMPLE_APART, 20000, 4,
			    (uint64_t)i, SAMPLE_EXPECT);
		bad = open_rig(t, &r, &s, NULL);
		if (!bad) {
			rig_threads(&r);
			bad = any_fault(t, &r);
		}
		rig_close(&r);
		sample_fini(&s);
	}
	return bad;
}

/* What two readings of the clock take, ns. */
static double
clock_cost(void)
{
	enum { N = 100000 };
	uint64_t from = clock_now(), sum = 0;

	for (int i = 0; i < N; i++)
		sum += clock_now();
	return sum ? (double)(clock_now() - from) / N : 0;
}

static int
a_million(struct trying *t)
{
	struct sample s;
	struct rig r;
	double ns;
	int bad;

	sample_make(&s, SAMPLE_LAYERS, MANY, 8, 1, SAMPLE_EXPECT);
	bad = open_rig(t, &r, &s, NULL);
	while (!bad && rig_step(&r))
		;
	bad = bad || any_fault(t, &r);
	if (!bad) {
		ns = ((double)r.spent - clock_cost() * (double)r.ncalls) / MANY;
		snprintf(t->said, sizeof(t->said), "%.0f ns a task", ns > 0 ? ns : 0);
	}
	rig_close(&r);
	sample_fini(&s);
	return bad ? -1 : 0;
}

const struct check battery_order[] = {
	{ "opens and closes", "", opens, OPENS },
	{ "gives each task once", "", each_once, GIVES },
	{ "gives none before it is ready", "", none_early, GIVES },
	{ "invents none", "", none_invented, GIVES },
	{ "loses none", "", none_lost, GIVES },
	{ "takes tasks that come back", "", come_back, ALL },
	{ "joins in the middle of a run", "", joins, ALL },
	{ "orders alike each time", "", same_twice, ALL },
	{ "may be open twice at once", "", two_at_once, ALL },
	{ "ranks and places as it may", "it does neither", ranks, ALL },
	{ "disturbs nothing around it", "", disturbs_nothing, ALL },
	{ "may be called by all at once", "it does not say so", all_at_once, ALL },
	{ "orders a million tasks", "", a_million, ALL },
	{ 0 }
};
