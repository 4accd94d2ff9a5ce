/* SPDX-License-Identifier: MIT */
/* plan - a job becomes the graph it says, or is refused with file, line and node. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/plan.h"
#include "core/job/job.h"
#include "core/plugin/shelf.h"

/* ---- in a folder of its own ------------------------------------------------------ */

static char *folder;

static int
enter(void **state)
{
	const char *build = getenv("HEDDLE_BUILD");
	char *here = build ? xstrdup(build) : realpath(".", NULL), *path;

	(void)state;
	path = xasprintf("%s/plugins:%s/t", here, here);
	setenv("HEDDLE_PLUGIN_PATH", path, 1);
	free(path);
	free(here);
	folder = xasprintf("%s/heddle-plan-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(folder) || chdir(folder) < 0 || mkdir("src", 0755) < 0)
		return -1;
	return 0;
}

static int
leave(void **state)
{
	char *command = xasprintf("rm -rf '%s'", folder);
	int rc = chdir("/") < 0 || system(command);

	(void)state;
	free(command);
	free(folder);
	return rc;
}

static void
file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
plan(const char *ini, const char *const *goal, struct graph **g, struct err *err)
{
	static const struct job_override workers = { "executor.workers", "4", "-j" };
	struct shelf *shelf = shelf_new(NULL);
	struct job *job;
	int rc;

	file("j.ini", ini);
	memset(err, 0, sizeof(*err));
	rc = job_read(&job, "j.ini", NULL, &workers, 1, err);
	if (rc == 0) {
		rc = plan_job(g, job, shelf, goal, err);
		for (uint32_t i = 0; rc == 0 && i < (*g)->nkernels; i++)
			(*g)->kernel[i].def = NULL;	/* the plugins go */
		job_free(job);
	}
	shelf_free(shelf);
	return rc;
}

/* The graph of a job reads so. */
static void
makes(const char *ini, const char *expected)
{
	struct text text = { NULL, 0, 0 };
	struct graph *g;
	struct err err;

	if (plan(ini, NULL, &g, &err) < 0)
		fail_msg("%s", err.text);
	graph_write(g, &text);
	assert_string_equal(text.at ? text.at : "", expected);
	text_fini(&text);
	graph_free(g);
}

static void
refused(const char *ini, int code, const char *expected)
{
	struct graph *g;
	struct err err;

	if (plan(ini, NULL, &g, &err) == 0)
		fail_msg("was planned; expected: %s", expected);
	assert_string_equal(err.text, expected);
	assert_int_equal(err.code, code);
}

#define JOB "[job]\noptimise = none\n"

/* ---- items ------------------------------------------------------------------------- */

static void
each_makes_a_task_an_item(void **state)
{
	(void)state;
	makes(JOB "[map m]\neach = 1..3\ncmd = echo {i}\n[task one]\ncmd = true\n",
	      "m/0 command.run\nm/1 command.run\nm/2 command.run\none command.run\n");
}

static void
each_of_a_node_goes_with_it_task_by_task(void **state)
{
	(void)state;
	makes(JOB "[map b]\neach = a\ncmd = echo {item} {i}\n[map a]\neach = x y\ncmd = echo {item}\n",
	      "a/0 command.run\na/1 command.run\n"
	      "b/0 command.run | a/0\nb/1 command.run | a/1\n");
	makes(JOB "[map b]\neach = t\ncmd = echo {item}\n[odd.turns t]\n",
	      "t.a/0 odd.k\nt.a/1 odd.k\nt/0 odd.k t.a/0\nt/1 odd.k t.a/1\n"
	      "b/0 command.run | t.a/0\nb/1 command.run | t/0\n"
	      "b/2 command.run | t.a/1\nb/3 command.run | t/1\n");
}

static void
several_tasks_an_item_are_joined_end_to_start(void **state)
{
	(void)state;
	makes(JOB "[odd.pairs a]\neach = 1..2\n[odd.back b]\neach = a\n",
	      "a/0 odd.k\na/1 odd.k a/0\na/2 odd.k\na/3 odd.k a/2\n"
	      "b/0 odd.k | a/3\nb/1 odd.k b/0\nb/2 odd.k | a/1\nb/3 odd.k b/2\n");
	makes(JOB "[odd.pairs a]\neach = 1..2\n[odd.pairs b]\nafter = a\neach = 1\n",
	      "a/0 odd.k\na/1 odd.k a/0\na/2 odd.k\na/3 odd.k a/2\n"
	      "b/0 odd.k | a/1 a/3\nb/1 odd.k b/0\n");
}

static void
files_make_the_order_whoever_wrote_them_first(void **state)
{
	(void)state;
	file("src/a.txt", "");
	makes(JOB "[task use]\nin = ./mid/../mid/a.o\nout = end\ncmd = true\n"
	      "[task make]\nin = src/a.txt\nout = mid/a.o\ncmd = true\n",
	      "make command.run\nuse command.run | make\n");
	makes(JOB "[map step]\neach = 1..3\nin = f{item}\nout = g{item}\ncmd = true\n"
	      "[map pre]\neach = 1..3\nout = f{item}\ncmd = true\n",
	      "pre/0 command.run\npre/1 command.run\npre/2 command.run\n"
	      "step/0 command.run | pre/0\nstep/1 command.run | pre/1\nstep/2 command.run | pre/2\n");
}

static void
out_of_a_node_makes_the_order_anywhere(void **state)
{
	(void)state;
	makes(JOB "[map a]\neach = 1..2\nout = a{i}\ncmd = true\n"
	      "[map b]\neach = 1..2\ncmd = cat {a.out}\n"
	      "[task c]\ncmd = cat {a.out*}\n[task d]\nin = {a.out*}\ncmd = cat {in}\n",
	      "a/0 command.run\na/1 command.run\nb/0 command.run | a/0\nb/1 command.run | a/1\n"
	      "c command.run | a/0 a/1\nd command.run | a/0 a/1\n");
}

static void
within_one_node_files_may_go_against_the_order_of_items(void **state)
{
	(void)state;
	file("f3", "");
	makes(JOB "[map m]\neach = 1 2\nin = f{item}x\nout = f{item}\ncmd = true\n"
	      "[task t]\nin = f3\nout = f1x\ncmd = true\n[task u]\nin = f1\nout = f2x\ncmd = true\n",
	      "t command.run\nm/0 command.run | t\nu command.run | m/0\nm/1 command.run | u\n");
}

/* ---- goals ---------------------------------------------------------------------------- */

static void
goals_are_what_nothing_else_uses_or_what_is_asked_for(void **state)
{
	static const char ini[] = "[task a]\ncmd = true\n[task b]\nafter = a\ncmd = true\n"
		"[task c]\ncmd = true\nout = x\n[task d]\nin = x\ncmd = true\n";
	static const char *const goal[] = { "a", "c", NULL }, *const wrong[] = { "e", NULL };
	struct graph *g;
	struct err err;

	(void)state;
	assert_int_equal(plan(ini, NULL, &g, &err), 0);
	assert_int_equal(g->csr.ntasks, 4);
	assert_int_equal(g->node[graph_find_node(g, "a")].goal, 0);
	assert_int_equal(g->node[graph_find_node(g, "b")].goal, 1);
	assert_int_equal(g->node[graph_find_node(g, "c")].goal, 0);
	assert_int_equal(g->node[graph_find_node(g, "d")].goal, 1);
	graph_free(g);
	assert_int_equal(plan(ini, goal, &g, &err), 0);
	assert_int_equal(g->csr.ntasks, 2);
	assert_int_equal(g->before_tasks, 4);
	graph_free(g);
	assert_int_equal(plan(ini, wrong, &g, &err), -1);
	assert_string_equal(err.text, "goal: no node is called 'e'");
	refused("[job]\ngoal = b\nname = x\n[task a]\ncmd = true\n", EXIT_CONFIG,
		"j.ini:2: [job]: goal: no node is called 'b'");
}

static void
keys_reach_the_graph(void **state)
{
	const struct graph_attr *a;
	struct graph *g;
	struct err err;

	(void)state;
	assert_int_equal(plan("[resources]\npool.net = 3\n[task a]\ncmd = true\ncores = 2\npool = net:3\n"
			      "priority = -4\nexpect = 2s\nretries = 3\nbackoff = 1s 4s 16s\n"
			      "timeout = 1m\ngrace = 100ms\n[task b]\ncmd = true\n", NULL, &g, &err), 0);
	a = graph_attr(g, 0);
	assert_int_equal(a->cores, 2);
	assert_string_equal(graph_text(g, a->pool), "net");
	assert_int_equal(a->tokens, 3);
	assert_int_equal(a->priority, -4);
	assert_int_equal(a->retries, 3);
	assert_int_equal(a->nbackoff, 3);
	assert_int_equal(a->backoff[1], 4000000000);
	assert_int_equal(a->timeout, 60000000000);
	assert_int_equal(a->grace, 100000000);
	assert_int_equal(graph_expect(g, 0), 2000000000);
	assert_true(g->has_resources);
	a = graph_attr(g, 1);
	assert_int_equal(a->cores, 1);
	assert_int_equal(a->pool, 0);
	assert_int_equal(a->nbackoff, 1);
	assert_int_equal(a->backoff[0], 1000000000);
	assert_int_equal(a->grace, 5000000000);
	assert_int_equal(graph_expect(g, 1), 0);
	graph_free(g);
}

static void
values_and_kinds_are_checked_by_place(void **state)
{
	(void)state;
	makes(JOB "[odd.many m]\nof = t u\n[odd.turns t]\n[odd.many u]\nof = t\n",
	      "t.a/0 odd.k\nt.a/1 odd.k\nt/0 odd.k t.a/0\nt/1 odd.k t.a/1\n"
	      "u odd.k t.a/1 t/1\nm/0 odd.k t.a/1 t/1\nm/1 odd.k u\n");
	refused("[odd.many m]\nof = p\n[odd.pairs p]\n", EXIT_GRAPH,
		"j.ini:2: [odd.many m]: takes turns|many, 'p' gives no value");
	refused("[odd.many m]\nof = x\n[array.normal x]\nsize = 10\n", EXIT_GRAPH,
		"j.ini:2: [odd.many m]: takes turns|many, 'x' is array");
	refused("[odd.many m]\n", EXIT_GRAPH,
		"j.ini:1: [odd.many m]: takes turns|many*, 'of' names 0");
	refused("[odd.turns t]\nof = u\n[odd.turns u]\n", EXIT_GRAPH,
		"j.ini:2: [odd.turns t]: takes no values, 'of' names 1; 'after' is order alone");
}

/* ---- what is refused -------------------------------------------------------------------- */

static void
what_a_person_got_wrong_is_told_in_its_place(void **state)
{
	static const struct { const char *ini; int code; const char *text; } rows[] = {
		{ "[task a]\ncmd = x\nafter = fetsh\n[task fetch]\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:3: [command.task a]: no node is called 'fetsh'; did you mean 'fetch'?" },
		{ "[command.tusk a]\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:1: [command.tusk a]: plugin 'command' has no operation 'tusk'; did you mean 'task'?" },
		{ "[fifo.task a]\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:1: [fifo.task a]: 'fifo' is a scheduler and makes no tasks" },
		{ "[task a]\ncmdd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: no option 'cmdd'; did you mean 'cmd'?" },
		{ "[task a]\n", EXIT_CONFIG, "j.ini:1: [command.task a]: cmd is missing; expected text" },
		{ "[task a]\ncmd = x\nafter = b\n[task b]\ncmd = x\nafter = a\n", EXIT_GRAPH,
		  "the nodes have a cycle: a -> b -> a (j.ini:1, j.ini:4)" },
		{ "[task a]\ncmd = x\nafter = a\n", EXIT_GRAPH,
		  "the nodes have a cycle: a -> a (j.ini:1)" },
		{ "[task a]\ncmd = x\nin = f\nout = g\n[task b]\ncmd = x\nin = g\nout = f\n", EXIT_GRAPH,
		  "the graph has a cycle: a -> b -> a (j.ini:1, j.ini:5)" },
		{ "[task a]\ncmd = x\nin = f\nout = ./f\n", EXIT_GRAPH,
		  "j.ini:3: [command.task a]: a would have to run before itself" },
		{ "[task a]\ncmd = x\nout = f\n[map b]\neach = 1 2\ncmd = x\nout = ./f\n", EXIT_GRAPH,
		  "j.ini:7: [command.map b]: b/0 and a (j.ini:3) would both make ./f" },
		{ "[task a]\ncmd = x\nin = nowhere\n", EXIT_CONFIG,
		  "j.ini:3: [command.task a]: nowhere is not there, and no task makes it" },
		{ "[task a]\ncmd = x\nin = j.ini *.none\n", EXIT_CONFIG,
		  "j.ini:3: [command.task a]: *.none matches no file in %s" },
		{ "[map a]\neach = *.none\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.map a]: each = *.none matches no file in %s" },
		{ "[map a]\neach = 3..1\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.map a]: each = 3..1 is empty; a range goes from the smaller number to the larger" },
		{ "[map a]\neach = @list\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.map a]: each = @list: No such file or directory" },
		{ "[map a]\neach = 'x\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.map a]: a ' is not closed; expected another one" },
		{ "[odd.turns t]\neach = 1..2\n", EXIT_CONFIG,
		  "j.ini:2: [odd.turns t]: odd.turns makes its tasks by itself; it takes no 'each'" },
		{ "[task a]\ncmd = echo {item}\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {item}: the node has no 'each'" },
		{ "[task a]\ncmd = echo {out}\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {out}: the node has no 'out'" },
		{ "[task a]\ncmd = echo {mem}\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {mem} means nothing yet; "
		  "expected {{mem}, if it is to stay" },
		{ "[task a]\ncmd = echo {b.out}\n[task b]\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {b.out}: that node has no 'out'" },
		{ "[task a]\ncmd = echo {fetsh.out}\n[task fetch]\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {fetsh.out}: no node is called 'fetsh'; did you mean 'fetch'?" },
		{ "[map a]\neach = 1..3\ncmd = echo {b.out}\n[map b]\neach = 1..2\nout = {i}\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:3: [command.map a]: {b.out}: 'b' has 2 tasks, so none matches number 2; {b.out*} is all of them" },
		{ "[task a]\ncmd = echo x{b.out*}\n[map b]\neach = 1..2\nout = {i}\ncmd = x\n", EXIT_CONFIG,
		  "j.ini:2: [command.task a]: {b.out*} stands for 2 files here; several go as a word of their own" },
		{ "[task a]\ncmd = x\ncores = 5\n", EXIT_GRAPH,
		  "j.ini:3: [command.task a]: cores = 5, but there are 4 workers; such a task would never run" },
		{ "[task a]\ncmd = x\npool = nut\n[resources]\npool.net = 2\n", EXIT_GRAPH,
		  "j.ini:3: [command.task a]: no pool is called 'nut'; did you mean 'net'?" },
		{ "[task a]\ncmd = x\npool = net\n", EXIT_GRAPH,
		  "j.ini:3: [command.task a]: no pool is called 'net'; expected pool.net = N under [resources]" },
		{ "[task a]\ncmd = x\npool = net:3\n[resources]\npool.net = 2\n", EXIT_GRAPH,
		  "j.ini:3: [command.task a]: pool = net:3, but pool.net has 2; such a task would never run" },
		{ "[task a]\ncmd = x\npool = net:0\n[resources]\npool.net = 2\n", EXIT_CONFIG,
		  "j.ini:3: [command.task a]: pool = net:0; expected a number of tokens, 1 or more, behind the colon" },
		{ "[task a]\ncmd = x\nbackoff = 1 2 3 4 5\n", EXIT_CONFIG,
		  "j.ini:3: [command.task a]: backoff = 1 2 3 4 5; expected 1 to 4 times, such as 1s 4s 16s" },
		{ "[map a]\neach = 1..2000\ncmd = x\n[map b]\neach = 1..2000\nafter = a\ncmd = x\n", EXIT_GRAPH,
		  "j.ini:4: [command.map b]: waiting for 'a' takes 4000000 order edges, at most 1000000; put one task between" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *real = realpath(".", NULL), *text = NULL;
		const char *percent = strstr(rows[i].text, "%s");

		if (percent)
			text = xasprintf("%.*s%s", (int)(percent - rows[i].text), rows[i].text, real);
		refused(rows[i].ini, rows[i].code, text ? text : rows[i].text);
		free(text);
		free(real);
	}
}

static void
what_a_plugin_answers_wrongly_is_told_with_its_name(void **state)
{
	static const struct { const char *op, *text; int code; } rows[] = {
		{ "stranger", "emits a task of kernel 'stranger', which its plugin does not have", EXIT_PLUGIN },
		{ "future", "x/1: input 5 is not a task yet; a task's inputs are made before it", EXIT_PLUGIN },
		{ "twice", "gives twice: 'a' and 'b'", EXIT_PLUGIN },
		{ "ghost", "gives task 7, which is not there", EXIT_PLUGIN },
		{ "kindless", "gives something without a kind", EXIT_PLUGIN },
		{ "echoes", "says its meta 'shape' twice", EXIT_PLUGIN },
		{ "scribble", "names a group 'a b'; expected letters, digits, _ - and dots", EXIT_PLUGIN },
		{ "boast", "says what task 99 takes, which is none of its own", EXIT_PLUGIN },
		{ "mute", "its plan failed and did not say why", EXIT_PLUGIN },
		{ "liar", "the first reason", EXIT_CONFIG },
		{ "beyond", "chooses item 1 of 1", EXIT_PLUGIN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *ini = xasprintf("[odd.%s x]\n", rows[i].op);
		char *text = xasprintf("j.ini:1: [odd.%s x]: %s", rows[i].op, rows[i].text);

		refused(ini, rows[i].code, text);
		free(ini);
		free(text);
	}
	refused("[odd.eager x]\neach = 1..2\n", EXIT_PLUGIN,
		"j.ini:1: [odd.eager x]: emits a task before it chose an item");
}

static void
an_include_keeps_its_names_apart(void **state)
{
	(void)state;
	file("lib.ini", "[map a]\neach = 1 2\nout = lib{i}\ncmd = true\n[task b]\nafter = a\ncmd = cat {a.out*}\n");
	makes(JOB "[include lib]\nfile = lib.ini\n[task a]\nafter = lib.b\ncmd = true\n",
	      "lib.a/0 command.run\nlib.a/1 command.run\nlib.b command.run | lib.a/0 lib.a/1\n"
	      "a command.run | lib.b\n");
	file("lib.ini", "[task b]\ncmd = true\n");
	refused("[odd.clash lib]\n[include lib]\nfile = lib.ini\n", EXIT_PLUGIN,
		"j.ini:1: [odd.clash lib]: has a group 'lib.b', which is another node's name; expected two names");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_makes_a_task_an_item),
		cmocka_unit_test(each_of_a_node_goes_with_it_task_by_task),
		cmocka_unit_test(several_tasks_an_item_are_joined_end_to_start),
		cmocka_unit_test(files_make_the_order_whoever_wrote_them_first),
		cmocka_unit_test(out_of_a_node_makes_the_order_anywhere),
		cmocka_unit_test(within_one_node_files_may_go_against_the_order_of_items),
		cmocka_unit_test(goals_are_what_nothing_else_uses_or_what_is_asked_for),
		cmocka_unit_test(keys_reach_the_graph),
		cmocka_unit_test(values_and_kinds_are_checked_by_place),
		cmocka_unit_test(what_a_person_got_wrong_is_told_in_its_place),
		cmocka_unit_test(what_a_plugin_answers_wrongly_is_told_with_its_name),
		cmocka_unit_test(an_include_keeps_its_names_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter, leave);
}
