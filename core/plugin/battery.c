/* SPDX-License-Identifier: MIT */
/* battery - what every plugin must do, tried on one. */

#include "core/plugin/battery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/child.h"
#include "core/base/err.h"
#include "core/plugin/battery_check.h"

enum { LIMIT_MS = 10000 };

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
run_checks(struct trying *t, const struct check *c,
	   void (*tell)(void *, const struct finding *), void *user)
{
	enum level limit = NONE_ABOVE, after;
	int nfailed = 0;

	for (; c->what; c++) {
		struct finding f = { .what = c->what, .said = t->said };

		if (c->level >= limit) {
			f.state = FINDING_SKIPPED;
			f.said = "not tried after that";
		} else {
			t->said[0] = '\0';
			t->check = c->check;
			after = judge(t, c, &f);
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
		return run_checks(&t, battery_op, tell, user);
	if (option_parse(&v, p->scheduler->options, given, ngiven, NULL, NULL, &err) < 0) {
		options.state = FINDING_FAILED;
		options.said = err.text;
		tell(user, &options);
		return 1;
	}
	tell(user, &options);
	t.arg = v.arg;
	nfailed = run_checks(&t, battery_order, tell, user);
	option_fini(&v);
	return nfailed;
}
