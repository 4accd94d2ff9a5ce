/* SPDX-License-Identifier: MIT */
/* battery - what every plugin must do, tried on one. */

#include "core/plugin/battery.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/child.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/plugin/battery_op.h"
#include "core/plugin/rig.h"
#include "core/plugin/sample.h"

enum { LIMIT_MS = 10000, MANY = 1000000 };

/* What a check sees, in the child; what it says goes back whole. */
struct trying {
	const struct plugin *plugin;
	const struct heddle_scheduler *def;
	const struct heddle_arg *arg;
	int (*check)(struct trying *);	/* 0, -1, or 1: there is nothing to try */
	int state;
	char said[400];
};

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

/* Who fails on a level is not tried on those above; who dies or hangs, on
 * none. */
enum level { OPENS, GIVES, ALL, NONE_ABOVE };

struct check {
	const char *what, *skipped;
	int (*check)(struct trying *);
	enum level level;
};

static const struct check scheduler_checks[] = {
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
};

static int
try_op(struct trying *t)
{
	return battery_op(t->plugin, t->said, sizeof(t->said));
}

static const struct check collection_checks[] = {
	{ "plans what needs no input", "every operation needs something", try_op, ALL },
};

/* ---- one after the other ---------------------------------------------- */

static void
be_tried(void *user, void *answer)
{
	struct trying *t = answer;

	(void)user;
	t->state = t->check(t);
}

/* -> the level from which on there is no sense in trying. */
static enum level
judge(struct trying *t, const struct check *c, struct finding *f)
{
	int status;

	switch (child_run(be_tried, NULL, t, sizeof(*t), LIMIT_MS, -1, &status)) {
	case CHILD_ANSWERED:
		f->state = t->state < 0 ? FINDING_FAILED : t->state ? FINDING_SKIPPED : FINDING_OK;
		if (t->state > 0)
			snprintf(t->said, sizeof(t->said), "%s", c->skipped);
		return t->state < 0 ? c->level + 1 : NONE_ABOVE;
	case CHILD_DIED:
		child_died(status, "it", t->said, sizeof(t->said));
		break;
	case CHILD_LATE:
		snprintf(t->said, sizeof(t->said), "it took over %d s", LIMIT_MS / 1000);
		break;
	case CHILD_NONE:
		snprintf(t->said, sizeof(t->said), "no process to try it in: %s", strerror(errno));
	}
	f->state = FINDING_FAILED;
	return OPENS;
}

static int
run_checks(struct trying *t, const struct check *c, size_t n,
	   void (*tell)(void *, const struct finding *), void *user)
{
	enum level limit = NONE_ABOVE, after;
	int nfailed = 0;

	for (size_t i = 0; i < n; i++) {
		struct finding f = { .what = c[i].what, .said = t->said };

		if (c[i].level >= limit) {
			f.state = FINDING_SKIPPED;
			f.said = "not tried after that";
		} else {
			t->said[0] = '\0';
			t->check = c[i].check;
			after = judge(t, &c[i], &f);
			limit = after < limit ? after : limit;
		}
		tell(user, &f);
		nfailed += f.state == FINDING_FAILED;
	}
	return nfailed;
}

int
battery_run(const struct plugin *p, const struct option_given *given, uint32_t ngiven,
	    void (*tell)(void *, const struct finding *), void *user)
{
	struct finding options = { .what = "takes its options", .said = "" };
	struct trying t = { .plugin = p, .def = p->scheduler };
	struct option_values v = { 0 };
	struct err err = { 0 };
	int nfailed;

	if (!p->scheduler)
		return run_checks(&t, collection_checks,
				  sizeof(collection_checks) / sizeof(*collection_checks), tell, user);
	if (option_parse(&v, p->scheduler->options, given, ngiven, NULL, NULL, &err) < 0) {
		options.state = FINDING_FAILED;
		options.said = err.text;
		tell(user, &options);
		return 1;
	}
	tell(user, &options);
	t.arg = v.arg;
	nfailed = run_checks(&t, scheduler_checks,
			     sizeof(scheduler_checks) / sizeof(*scheduler_checks), tell, user);
	option_fini(&v);
	return nfailed;
}
