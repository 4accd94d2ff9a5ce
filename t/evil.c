/* SPDX-License-Identifier: MIT */
/* evil - schedulers that answer wrongly: the run ends with their name, or goes on by fifo. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/plugin/load.h"
#include "t/graphs.h"

static const struct {
	const char *plugin;
	int exit;
	const char *says;		/* in the sentence */
} evil[] = {
	{ "twice", EXIT_PLUGIN, "scheduler 'twice' gave t/" },
	{ "invents", EXIT_PLUGIN, "scheduler 'invents' gave task" },
	{ "early", EXIT_PLUGIN, "scheduler 'early' gave t/" },
	{ "loses", EXIT_STUCK, "scheduler 'loses' keeps" },
	{ "never", EXIT_STUCK, "scheduler 'never' keeps" },
	{ "last", EXIT_STUCK, "scheduler 'last' keeps 1 task and" },
};
enum { NEVIL = sizeof(evil) / sizeof(*evil) };

static char *
path_of(const char *plugin)
{
	const char *build = getenv("HEDDLE_BUILD");

	return xasprintf("%s/t/bad/%s.so", build ? build : ".", plugin);
}

static struct run *
run_evil(const struct graph *g, const struct settings *set, const char *plugin)
{
	char *path = path_of(plugin);
	struct run *run = run_of(g, set, path);
	struct err err = { 0 };

	free(path);
	assert_int_equal(run_start(run, &err), 0);
	run_join(run);
	return run;
}

static void
each_is_named_and_the_program_lives(void **state)
{
	(void)state;
	for (int i = 0; i < NEVIL; i++)
		for (uint32_t workers = 1; workers <= 3; workers++) {
			struct graph *g = graph_random(400, 20, 5, ' ');
			struct settings set;
			struct run *run;

			settings_of(&set, workers);
			run = run_evil(g, &set, evil[i].plugin);
			if (run_live(run)->exit != (uint32_t)evil[i].exit ||
			    !strstr(run_why(run), evil[i].says))
				fail_msg("%s, %u workers: exit %u: %s", evil[i].plugin, workers,
					 run_live(run)->exit, run_why(run));
			run_free(run);
			graph_free(g);
		}
}

static void
with_a_fallback_fifo_finishes(void **state)
{
	const char *build = getenv("HEDDLE_BUILD");
	char *fifo = xasprintf("%s/plugins/fifo.so", build ? build : ".");
	struct err err = { 0 };

	(void)state;
	assert_non_null(shelf_get(test_shelf(), fifo, NULL, &err));
	free(fifo);
	for (int i = 0; i < NEVIL; i++) {
		struct graph *g = graph_random(400, 20, 5, ' ');
		struct settings set;
		struct run *run;
		const char *why;

		settings_of(&set, 2);
		set.fallback = 1;
		run = run_evil(g, &set, evil[i].plugin);
		why = check_run(run);
		if (run_live(run)->exit != EXIT_DONE || why)
			fail_msg("%s: exit %u: %s", evil[i].plugin, run_live(run)->exit,
				 why ? why : run_why(run));
		assert_string_equal(run_live(run)->scheduler, "fifo");
		run_free(run);
		graph_free(g);
	}
}

static void
one_that_refuses_to_open_is_told_in_its_words(void **state)
{
	struct graph *g = graph_of("1", NULL);
	char *path = path_of("refuses");
	struct run_setup s = { .graph = g };
	struct settings set;
	struct run *run = NULL;
	struct err err = { 0 };

	(void)state;
	settings_of(&set, 1);
	s.set = &set;
	s.scheduler = shelf_get(test_shelf(), path, NULL, &err);
	assert_non_null(s.scheduler);
	assert_int_equal(run_new(&run, &s, &err), -1);
	assert_int_equal(err.code, EXIT_PLUGIN);
	assert_non_null(strstr(err.text, "scheduler 'refuses': "));
	free(path);
	graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_named_and_the_program_lives),
		cmocka_unit_test(with_a_fallback_fifo_finishes),
		cmocka_unit_test(one_that_refuses_to_open_is_told_in_its_words),
	};

	clock_init();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
