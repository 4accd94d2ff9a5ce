/* SPDX-License-Identifier: MIT */
/* why - the sentence says the reason that the account gives, in words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/insight/source.h"
#include "t/fake.h"

/* in/0 .. in/3 -> merge (takes all four) -> top */
static const struct fake_group funnel[] = { { "in", 4, 0 }, { "merge", 1, 0 }, { "top", 1, 0 } };

struct scene {
	struct graph *graph;
	struct fake fake;
	struct view_source *source;
	struct view view;
};

static uint64_t
now(void *self)
{
	return ((struct scene *)self)->fake.now;
}

static const char *
held_by(void *self, heddle_task t, char *buf, size_t n)
{
	(void)self;
	snprintf(buf, n, t % 2 ? "pool net 2/2" : "cores 4 > 2 free");
	return buf;
}

static void
set(struct scene *s, uint32_t worker, enum run_class class, uint32_t task)
{
	struct live_worker *w =
		(struct live_worker *)(uintptr_t)live_workers(s->fake.live) + worker;

	w->class = class;
	w->task = task;
	w->since = 100;
	if (task != HEDDLE_NONE)
		((_Atomic uint32_t *)(uintptr_t)live_words(s->fake.live))[task] =
			(uint32_t)WORD_RUNNING << WORD_SHIFT;
}

static struct scene *
begin(const struct fake_group *group, uint32_t n, uint32_t nworkers)
{
	static const struct source_ops ops = { .now = now, .held_by = held_by };
	struct scene *s = calloc(1, sizeof(*s));

	s->graph = fake_graph(group, n, 1);
	fake_init(&s->fake, s->graph, nworkers, 1);
	s->fake.now = 2000000000;
	s->source = source_new(s->graph, s->fake.live, s->fake.log, 0, &ops, s);
	return s;
}

static void
end(struct scene *s)
{
	view_source_free(s->source);
	view_fini(&s->view);
	fake_fini(&s->fake);
	graph_free(s->graph);
	free(s);
}

static void
says(struct scene *s, uint32_t i, const char *line)
{
	view_fill(&s->view, s->source, 0, VIEW_NOW, 0);
	if (i >= s->view.nwhy)
		fail_msg("no sentence %u; first is: %s", i, s->view.why[0]);
	assert_string_equal(s->view.why[i], line);
}

static void
where_all_work_nothing_is_idle(void **state)
{
	struct scene *s = begin(funnel, 3, 3);

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		set(s, i, CLASS_RUN_CPU, i);
	says(s, 0, "nothing is idle: 3 of 3 workers are in a task");
	set(s, 2, CLASS_OVH, HEDDLE_NONE);
	says(s, 0, "nothing is idle: 2 of 3 workers are in a task, 1 between two");
	end(s);
}

static void
a_blocked_rest_names_what_opens_next(void **state)
{
	static const struct fake_group fan[] = { { "a", 1, 0 }, { "b", 3, 1 }, { "c", 1, 1 } };
	struct scene *s = begin(fan, 3, 4);

	(void)state;
	set(s, 0, CLASS_RUN_CPU, 0);
	for (uint32_t i = 1; i < 4; i++)
		set(s, i, CLASS_DEP, HEDDLE_NONE);
	s->fake.live->status = RUN_RUNNING;
	((struct live_count *)(uintptr_t)live_counts(s->fake.live, 0))[0].readied = 1;
	says(s, 0, "workers 1-3: nothing is ready; the 4 tasks left to start are blocked");
	says(s, 1, "next to open: b/0, waits for a (running)");
	/* once tasks like it have ended, when is known, too */
	log_add(&s->fake.log[1], 0, 3000000000, 1, 0);
	s->fake.now = 1000000100;
	says(s, 1, "next to open: b/0 in ~2.0s, waits for a (running)");
	end(s);
}

static void
a_resource_is_named_once(void **state)
{
	static const struct fake_group four[] = { { "ocr", 4, 0 } };
	struct scene *s = begin(four, 1, 3);
	_Atomic uint32_t *word = (_Atomic uint32_t *)(uintptr_t)live_words(s->fake.live);

	(void)state;
	set(s, 0, CLASS_RUN_CPU, 0);
	set(s, 1, CLASS_RES, HEDDLE_NONE);
	set(s, 2, CLASS_RES, HEDDLE_NONE);
	for (int i = 1; i < 4; i++)
		word[i] = (uint32_t)WORD_HELD << WORD_SHIFT;
	((struct live_rare *)(uintptr_t)live_rare(s->fake.live))->held = 3;
	says(s, 0, "workers 1 2: 3 ready tasks are held by what they need: ocr/1 waits for "
	     "pool net 2/2, ocr/2 waits for cores 4 > 2 free");
	end(s);
}

static void
each_class_has_its_own_sentence(void **state)
{
	struct scene *s = begin(funnel, 3, 4);

	(void)state;
	set(s, 0, CLASS_RUN_CPU, 0);
	set(s, 1, CLASS_HOLD, HEDDLE_NONE);
	set(s, 2, CLASS_END, HEDDLE_NONE);
	set(s, 3, CLASS_OFF, HEDDLE_NONE);
	s->fake.live->cover = 2;
	s->fake.live->workers = 3;
	says(s, 0, "worker 1: the scheduler list keeps 5 ready tasks for other workers");
	says(s, 1, "worker 2: from here at most 2 tasks can run at once: idle to the end");
	says(s, 2, "worker 3: released; 3 workers are wanted");
	s->fake.live->status = RUN_PAUSED;
	says(s, 2, "worker 3: the run is paused; nothing starts until it goes on");
	end(s);
}

static void
the_end_tells_what_was_lost(void **state)
{
	struct scene *s = begin(funnel, 3, 1);

	(void)state;
	fake_run(&s->fake, UINT64_MAX);
	view_fill(&s->view, s->source, 0, VIEW_NOW, 0);
	assert_int_equal(s->view.nwhy, 1);
	assert_int_equal(strncmp(s->view.why[0], "the run is over: ", 17), 0);
	end(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_all_work_nothing_is_idle),
		cmocka_unit_test(a_blocked_rest_names_what_opens_next),
		cmocka_unit_test(a_resource_is_named_once),
		cmocka_unit_test(each_class_has_its_own_sentence),
		cmocka_unit_test(the_end_tells_what_was_lost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
