/* SPDX-License-Identifier: MIT */
/* shelf - where plugins are looked for, and what two of one name do. */

#include <fcntl.h>
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
#include "core/base/keeper.h"
#include "core/base/xalloc.h"
#include "core/plugin/shelf.h"

static struct keeper *keeper;
static char dir[] = "/tmp/heddle-shelf-XXXXXX";

/* Run a shell line with $D the test's folder and $B the build tree. */
static void
sh(const char *line)
{
	if (system(line))
		fail_msg("%s", line);
}

static char *
in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static int
up(void **state)
{
	char *data;

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	setenv("D", dir, 1);
	setenv("B", getenv("HEDDLE_BUILD") ? getenv("HEDDLE_BUILD") : ".", 1);
	data = in_dir("data");
	setenv("XDG_DATA_HOME", data, 1);
	free(data);
	unsetenv("HEDDLE_PLUGIN_PATH");
	sh("mkdir -p $D/data/heddle/plugins $D/one $D/two $D/bad");
	sh("cp $B/plugins/fifo.so $B/plugins/hlf.so $D/one");
	sh("cp $B/plugins/fifo.so $B/plugins/lifo.so $D/two");
	sh("cp $B/plugins/random.so $D/data/heddle/plugins");
	sh("cp $B/t/bad/abi-newer.so $B/t/bad/marks.so $D/bad");
	return 0;
}

static int
down(void **state)
{
	(void)state;
	sh("rm -rf $D");
	keeper_stop(keeper);
	return 0;
}

static void
path_of_plugins(const char *list)
{
	if (list)
		setenv("HEDDLE_PLUGIN_PATH", list, 1);
	else
		unsetenv("HEDDLE_PLUGIN_PATH");
}

static void
comes_from(struct shelf *s, const char *name, const char *want)
{
	struct err err = { 0 };
	const struct plugin *p = shelf_get(s, name, NULL, &err);
	char *full = in_dir(want);

	if (!p)
		fail_msg("%s", err.text);
	assert_string_equal(p->path, full);
	free(full);
}

static void
is_refused(struct shelf *s, const char *name, const char *want)
{
	struct err err = { 0 };

	assert_null(shelf_get(s, name, NULL, &err));
	assert_string_equal(err.text, want);
	assert_int_equal(err.code, EXIT_PLUGIN);
}

static void
the_first_place_that_has_a_name_wins(void **state)
{
	struct shelf *s;

	(void)state;
	path_of_plugins("one:two");
	s = shelf_new(keeper);
	comes_from(s, "fifo", "one/fifo.so");
	comes_from(s, "lifo", "two/lifo.so");
	comes_from(s, "random", "data/heddle/plugins/random.so");
	shelf_free(s);
	path_of_plugins("two:one:one");
	s = shelf_new(keeper);
	comes_from(s, "fifo", "two/fifo.so");
	assert_string_equal(shelf_places(s)[0] + strlen(dir), "/two");
	assert_string_equal(shelf_places(s)[1] + strlen(dir), "/one");
	assert_string_equal(shelf_places(s)[2] + strlen(dir), "/data/heddle/plugins");
	assert_null(shelf_places(s)[4]);
	shelf_free(s);
}

static void
a_name_is_never_looked_for_here(void **state)
{
	struct shelf *s;

	(void)state;
	path_of_plugins("::");
	sh("cp $B/plugins/prio.so $D");
	s = shelf_new(keeper);
	is_refused(s, "prio", "no plugin 'prio'; `heddle plugins list` shows what there is");
	comes_from(s, "./prio.so", "prio.so");
	comes_from(s, "prio", "prio.so");
	shelf_free(s);
	sh("rm $D/prio.so");
}

static void
an_unknown_name_is_told_with_the_nearest(void **state)
{
	struct shelf *s;

	(void)state;
	path_of_plugins("one");
	s = shelf_new(keeper);
	is_refused(s, "fifa", "no plugin 'fifa'; did you mean 'fifo'?");
	is_refused(s, "../one/fifo",
		   "../one/fifo: expected a file named NAME.so");
	shelf_free(s);
}

static void
one_path_is_loaded_once_however_it_is_written(void **state)
{
	struct shelf *s;
	struct err err = { 0 };
	const struct plugin *p;
	char *full = in_dir("one/hlf.so");
	size_t n;

	(void)state;
	path_of_plugins(NULL);
	s = shelf_new(keeper);
	p = shelf_get(s, "one/../one/./hlf.so", NULL, &err);
	assert_non_null(p);
	assert_ptr_equal(shelf_get(s, full, NULL, &err), p);
	assert_ptr_equal(shelf_get(s, "./hlf.so", "one", &err), p);
	assert_ptr_equal(shelf_get(s, "hlf", NULL, &err), p);
	shelf_rows(s, &n);
	assert_int_equal(n, 1);
	shelf_free(s);
	free(full);
}

static void
a_second_file_of_one_name_is_refused(void **state)
{
	struct shelf *s;
	char *want = xasprintf("%s/two/fifo.so: a plugin 'fifo' is loaded already, from %s/one/fifo.so",
			       dir, dir);

	(void)state;
	path_of_plugins("one:two");
	s = shelf_new(keeper);
	comes_from(s, "./one/fifo.so", "one/fifo.so");
	is_refused(s, "./two/fifo.so", want);
	comes_from(s, "fifo", "one/fifo.so");
	shelf_free(s);
	free(want);
}

static void
a_list_tells_what_is_loaded_and_what_was_refused(void **state)
{
	const struct shelf_row *row;
	struct shelf *s;
	size_t n, nloaded = 0, nrefused = 0;

	(void)state;
	path_of_plugins("one:two:bad:nowhere");
	s = shelf_new(keeper);
	row = shelf_list(s, &n);
	for (size_t i = 0; i < n; i++) {
		if (strncmp(row[i].path, dir, strlen(dir)))
			continue;	/* installed */
		nloaded += row[i].state == SHELF_LOADED;
		nrefused += row[i].state == SHELF_REFUSED;
		assert_int_equal(row[i].state == SHELF_REFUSED, row[i].why != NULL);
		assert_int_equal(row[i].state == SHELF_LOADED, row[i].plugin != NULL);
		if (!strcmp(row[i].name, "abi-newer"))
			assert_non_null(strstr(row[i].why, "abi 2, this heddle wants 1"));
	}
	assert_int_equal(nloaded, 5);		/* fifo hlf lifo random marks */
	assert_int_equal(nrefused, 2);		/* the other fifo, abi-newer */
	sh("rm $D/bad/abi-newer.so");
	row = shelf_list(s, &n);
	for (size_t i = 0; i < n; i++)
		assert_string_not_equal(row[i].name, "abi-newer");
	shelf_free(s);
	sh("cp $B/t/bad/abi-newer.so $D/bad");
}

/* By name alone nothing is loaded: no constructor runs. */
static void
looking_for_a_name_loads_no_other(void **state)
{
	struct shelf *s;
	char *mark = in_dir("mark");

	(void)state;
	path_of_plugins("bad:one");
	setenv("HEDDLE_MARK", mark, 1);
	s = shelf_new(NULL);
	comes_from(s, "fifo", "one/fifo.so");
	is_refused(s, "fofo", "no plugin 'fofo'; did you mean 'fifo'?");
	assert_int_equal(access(mark, F_OK), -1);
	comes_from(s, "marks", "bad/marks.so");
	assert_int_equal(access(mark, F_OK), 0);
	shelf_free(s);
	unsetenv("HEDDLE_MARK");
	unlink(mark);
	free(mark);
}

static void
a_new_file_in_the_place_of_an_old_one_is_loaded_beside_it(void **state)
{
	struct shelf *s;
	struct err err = { 0 };
	const struct plugin *old, *new;

	(void)state;
	path_of_plugins(NULL);
	sh("cp $B/plugins/flow.so $D/flow.so");
	s = shelf_new(keeper);
	old = shelf_get(s, "./flow.so", NULL, &err);
	assert_non_null(old);
	sh("cp $D/flow.so $D/new && mv $D/new $D/flow.so");
	new = shelf_get(s, "./flow.so", NULL, &err);
	assert_non_null(new);
	assert_ptr_not_equal(old, new);
	assert_string_equal(old->def.name, "flow");
	assert_ptr_equal(shelf_get(s, "flow", NULL, &err), new);
	shelf_free(s);
}

static void
a_file_written_over_while_loaded_is_refused(void **state)
{
	struct shelf *s;
	struct err err = { 0 };
	char *want = xasprintf("%s/prio.so: was written over while it was loaded;"
			       " expected a new file in its place (mv)", dir);

	(void)state;
	path_of_plugins(NULL);
	sh("cp $B/plugins/prio.so $D/prio.so");
	s = shelf_new(keeper);
	assert_non_null(shelf_get(s, "./prio.so", NULL, &err));
	sh("touch -d 2001-01-01 $D/prio.so");
	is_refused(s, "./prio.so", want);
	shelf_free(s);
	free(want);
}

static void
what_was_refused_is_tried_again(void **state)
{
	struct shelf *s;
	char *want = xasprintf("%s/steal.so: is no shared object", dir);

	(void)state;
	path_of_plugins(NULL);
	sh("echo no > $D/steal.so");
	s = shelf_new(keeper);
	is_refused(s, "./steal.so", want);
	sh("cp $B/plugins/steal.so $D/new && mv $D/new $D/steal.so");
	comes_from(s, "./steal.so", "steal.so");
	shelf_free(s);
	free(want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_place_that_has_a_name_wins),
		cmocka_unit_test(a_name_is_never_looked_for_here),
		cmocka_unit_test(an_unknown_name_is_told_with_the_nearest),
		cmocka_unit_test(one_path_is_loaded_once_however_it_is_written),
		cmocka_unit_test(a_second_file_of_one_name_is_refused),
		cmocka_unit_test(a_list_tells_what_is_loaded_and_what_was_refused),
		cmocka_unit_test(looking_for_a_name_loads_no_other),
		cmocka_unit_test(a_new_file_in_the_place_of_an_old_one_is_loaded_beside_it),
		cmocka_unit_test(a_file_written_over_while_loaded_is_refused),
		cmocka_unit_test(what_was_refused_is_tried_again),
	};

	if (keeper_start(&keeper, plugin_trial) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("shelf", tests, up, down);
}
