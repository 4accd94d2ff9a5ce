/* SPDX-License-Identifier: MIT */
/* job - a job file is read as it was meant, or refused with its place. */

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/job/cores.h"
#include "core/job/job.h"

#define LEN(table) (sizeof(table) / sizeof(*(table)))

static char top[PATH_MAX];	/* a folder of our own; the tests run in it */

static void
put(const char *name, const char *content)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static struct job *
read_with(const char *path, const char *profile, const struct job_override *o, size_t n)
{
	struct err err = { 0 };
	struct job *job = NULL;

	if (job_read(&job, path, profile, o, n, &err) < 0)
		fail_msg("%s", err.text);
	return job;
}

static struct job *
read_text(const char *content)
{
	put("a.ini", content);
	return read_with("a.ini", NULL, NULL, 0);
}

static void
refused(const char *path, const char *profile, const struct job_override *o, size_t n,
	const char *want, int code)
{
	struct err err = { 0 };
	struct job *job = NULL;

	if (!job_read(&job, path, profile, o, n, &err))
		fail_msg("was read; not refused: %s", want);
	assert_string_equal(err.text, want);
	assert_int_equal(err.code, code);
}

static const struct job_setting *
find(const struct job *job, const char *section, const char *key)
{
	for (size_t i = 0; i < job->nsettings; i++)
		if (!strcmp(job->setting[i].section, section) && !strcmp(job->setting[i].key, key))
			return &job->setting[i];
	return NULL;
}

static void
check_origin(const struct job *job, const char *section, const char *key, const char *want)
{
	const struct job_setting *s = find(job, section, key);
	char buf[256], got[512];

	assert_non_null(s);
	snprintf(got, sizeof(got), "%s (%s)", s->value ? s->value : "", job_at(&s->origin, buf));
	assert_string_equal(got, want);
}

static void
a_job_is_its_nodes_and_settings(void **state)
{
	struct job *job = read_text(
		"; a comment\n[job]\nname = words\ngoal = top\noptimise = none\nmax_time = 2m\n"
		"[bag.read text]\npath = a b\n  c\nchunk = 1M\n[bag.top top]\nof = text\ncores = 2\n"
		"[task t]\ncmd = echo ;x # y\n[map m]\neach = 1..3\n"
		"[executor]\nkind = sync\nworkers = 3\n[scheduler]\nkind = random\nseed = 7\n"
		"[resources]\npool.net = 2\n[output]\ntop = out.txt\n[history]\nstore = none\nlog = 1M\n"
		"[assert]\nmax_idle = 0.25\n[ui]\nfps = 20\nat_end = leave\n");
	char real[PATH_MAX + 8], buf[256];

	(void)state;
	snprintf(real, sizeof(real), "%s/a.ini", top);
	assert_string_equal(job->path, real);
	assert_string_equal(job->shown, "a.ini");
	assert_int_equal(job->nnodes, 4);
	assert_string_equal(job->node[0].name, "text");
	assert_string_equal(job->node[0].plugin, "bag");
	assert_string_equal(job->node[0].op, "read");
	assert_int_equal(job->node[0].at.line, 7);
	assert_string_equal(job_node_key(&job->node[0], "path")->value, "a b\nc");
	assert_string_equal(job_at(&job_node_key(&job->node[0], "chunk")->at, buf), "a.ini:10");
	assert_null(job_node_key(&job->node[0], "of"));
	assert_string_equal(job->node[2].plugin, "command");
	assert_string_equal(job->node[2].op, "task");
	assert_string_equal(job_node_key(&job->node[2], "cmd")->value, "echo ;x # y");
	assert_string_equal(job->node[3].op, "map");
	assert_string_equal(job->set.name, "words");
	assert_string_equal(job->set.goal[0], "top");
	assert_null(job->set.goal[1]);
	assert_int_equal(job->set.optimise, 0);
	assert_true(job->set.max_time == 120000000000);
	assert_int_equal(job->set.executor, EXECUTOR_SYNC);
	assert_int_equal(job->set.workers, 3);
	assert_string_equal(job->set.scheduler, "random");
	assert_int_equal(job->nscheduler_keys, 1);
	assert_string_equal(job->scheduler_key[0].name, "seed");
	assert_string_equal(job_at(&job->scheduler_key[0].at, buf), "a.ini:23");
	assert_int_equal(job->set.npools, 1);
	assert_string_equal(job->set.pool[0].name, "net");
	assert_int_equal(job->set.pool[0].tokens, 2);
	assert_int_equal(job->noutputs, 1);
	assert_string_equal(job->output[0].value, "out.txt");
	assert_null(job->set.store);
	assert_true(job->set.log_most == 1 << 20);
	assert_true(job->set.assert_max_idle == 0.25);
	assert_int_equal(job->set.fps, 20);
	assert_int_equal(job->set.at_end, END_LEAVE);
	job_free(job);
}

static void
what_is_not_said_has_its_default(void **state)
{
	struct job *job = read_text("");
	char *store = job_default_store();

	(void)state;
	assert_string_equal(job->set.name, "a");
	assert_null(job->set.goal[0]);
	assert_string_equal(job->set.dir, top);
	assert_null(job->set.plugins[0]);
	assert_int_equal(job->set.optimise, JOB_CULL | JOB_SHARE);
	assert_int_equal(job->set.on_fail, FAIL_FINISH_RUNNING);
	assert_true(job->set.seed == 0);
	assert_true(job->set.max_time == 0);
	assert_int_equal(job->set.executor, EXECUTOR_THREADS);
	assert_int_equal(job->set.workers, cores_at_hand(""));
	assert_string_equal(job->set.scheduler, "flow");
	assert_int_equal(job->set.fallback, 0);
	assert_int_equal(job->set.npools, 0);
	assert_string_equal(job->set.store, store);
	assert_true(job->set.log_most == 64 << 20);
	assert_true(job->set.assert_max_time == 0);
	assert_true(job->set.assert_max_idle < 0);
	assert_true(job->set.assert_max_held == 0);
	assert_int_equal(job->set.at_end, END_STAY);
	assert_int_equal(job->set.on_hangup, HANGUP_STOP);
	assert_int_equal(job->set.fps, 10);
	assert_int_equal(job->set.unicode, UNICODE_AUTO);
	assert_int_equal(job->nnodes, 0);
	job_free(job);
	job = read_with(NULL, NULL, NULL, 0);
	assert_null(job->path);
	assert_string_equal(job->set.name, "heddle");
	job_free(job);
	free(store);
}

static void
the_last_layer_wins_and_is_named(void **state)
{
	const struct job_override o[] = {
		{ "executor.workers", "5", "-j" }, { "text.chunk", "2M", "-o" },
		{ "text.fold", " case ", "-o" }, { "resources.pool.net", "9", "-o" },
		{ "executor.workers", "6", "-j" },
	};
	struct job *job;

	(void)state;
	mkdir("heddle", 0700);
	put("heddle/settings.ini", "[executor]\nworkers = 1\n[ui]\nfps = 5\n[resources]\npool.a = 1\n");
	put("a.ini", "[executor]\nworkers = 2\n[job]\nseed = 1\n[bag.read text]\nchunk = 1M\n"
	    "[profile big]\ntext.chunk = 8M\njob.seed = 2\nexecutor.workers = 3\n"
	    "[profile other]\njob.seed = 3\n[resources]\npool.net = 2\n");
	job = read_with("a.ini", NULL, NULL, 0);
	check_origin(job, "executor", "workers", "2 (a.ini:2)");
	check_origin(job, "job", "seed", "1 (a.ini:4)");
	check_origin(job, "scheduler", "kind", "flow (built in)");
	check_origin(job, "ui", "unicode", "auto (built in)");
	assert_int_equal(job->set.fps, 5);
	assert_int_equal(find(job, "ui", "fps")->origin.line, 4);
	assert_non_null(strstr(find(job, "ui", "fps")->origin.file, "heddle/settings.ini"));
	job_free(job);
	setenv("HEDDLE_JOBS", "4", 1);
	setenv("HEDDLE_SCHEDULER", "lifo", 1);
	job = read_with("a.ini", "big", NULL, 0);
	check_origin(job, "executor", "workers", "4 ($HEDDLE_JOBS)");
	check_origin(job, "scheduler", "kind", "lifo ($HEDDLE_SCHEDULER)");
	check_origin(job, "job", "seed", "2 (a.ini:9)");
	assert_string_equal(job->node[0].key[0].value, "8M");
	job_free(job);
	job = read_with("a.ini", "big", o, LEN(o));
	check_origin(job, "executor", "workers", "6 (-j)");
	check_origin(job, "resources", "pool.net", "9 (-o)");
	assert_string_equal(find(job, "resources", "pool.a")->value, "1");
	assert_int_equal(job->set.workers, 6);
	assert_int_equal(job->set.npools, 2);
	assert_int_equal(job->node[0].nkeys, 2);
	assert_string_equal(job->node[0].key[0].value, "2M");
	assert_string_equal(job->node[0].key[1].value, "case");
	job_free(job);
	unsetenv("HEDDLE_JOBS");
	unsetenv("HEDDLE_SCHEDULER");
	unlink("heddle/settings.ini");
}

static void
options_of_a_scheduler_go_with_it(void **state)
{
	const struct job_override other[] = { { "scheduler.depth", "2", "-o" },
					      { "scheduler.kind", "fifo", "-s" } };
	const struct job_override same[] = { { "scheduler.kind", "random", "-s" } };
	struct job *job;

	(void)state;
	put("a.ini", "[scheduler]\nseed = 7\nkind = random\nfallback = yes\n");
	job = read_with("a.ini", NULL, same, 1);
	assert_int_equal(job->nscheduler_keys, 1);
	job_free(job);
	job = read_with("a.ini", NULL, other, 2);
	assert_int_equal(job->nscheduler_keys, 1);
	assert_string_equal(job->scheduler_key[0].name, "depth");
	assert_int_equal(job->set.fallback, 1);
	job_free(job);
}

static void
what_a_file_says_wrongly_is_refused_with_its_place(void **state)
{
	static const struct { const char *in, *want; } rows[] = {
		{ "[jab]\n", "a.ini:1: unknown section [jab]; did you mean [job]?" },
		{ "[cost]\nprice = 1\n", "a.ini:1: unknown section [cost]; "
		  "expected a setting, or [plugin.operation name]" },
		{ "[job]\ngoals = x\n", "a.ini:2: [job]: unknown key 'goals'; did you mean 'goal'?" },
		{ "[assert]\nno_slower = x\n", "a.ini:2: [assert]: unknown key 'no_slower'; "
		  "expected max_time, max_idle, max_held" },
		{ "[history]\nkeep = 90d\n", "a.ini:2: [history]: unknown key 'keep'; expected store, log" },
		{ "[executor]\nworkers = many\n", "a.ini:2: [executor]: workers = many; expected auto, "
		  "a number of workers, or a part of auto such as 50%" },
		{ "[executor]\nworkers = 0\n", "a.ini:2: [executor]: workers = 0; expected 1 to 4096 workers" },
		{ "[executor]\nworkers = 0%\n", "a.ini:2: [executor]: workers = 0%; expected auto, "
		  "a number of workers, or a part of auto such as 50%" },
		{ "[executor]\nkind = thread\n", "a.ini:2: [executor]: kind = thread; "
		  "expected threads|sync; did you mean 'threads'?" },
		{ "[executor]\nkind =\n", "a.ini:2: [executor]: kind is empty; expected threads|sync" },
		{ "[job]\noptimise = none cull\n", "a.ini:2: [job]: optimise = none cull; "
		  "expected none, or any of cull share" },
		{ "[job]\nseed = -1\n", "a.ini:2: [job]: seed = -1; expected at least 0" },
		{ "[job]\nmax_time = 0\n", "a.ini:2: [job]: max_time = 0; expected at least 1ns" },
		{ "[job]\ndir = nowhere\n", "a.ini:2: [job]: dir = nowhere; expected a folder" },
		{ "[job]\nplugins = no/*.so\n", "a.ini:2: [job]: plugins = no/*.so: no file matches" },
		{ "[assert]\nmax_idle = 2\n", "a.ini:2: [assert]: max_idle = 2; expected 0 to 1" },
		{ "[resources]\npool.net = 0\n", "a.ini:2: [resources]: pool.net = 0; expected 1 to 4294967295" },
		{ "[resources]\npool.1 = 1\n", "a.ini:2: [resources]: '1' cannot be the name of a pool; "
		  "expected letters, digits, _ . -" },
		{ "[resources]\nmem = 1G\n", "a.ini:2: [resources]: unknown key 'mem'; expected pool.NAME" },
		{ "[job]\ngoal = tpo\n[bag.top top]\n", "a.ini:2: [job]: goal: no node is called 'tpo'; "
		  "did you mean 'top'?" },
		{ "[output]\ntpo = none\n[bag.top top]\n", "a.ini:2: [output]: no node is called 'tpo'; "
		  "did you mean 'top'?" },
		{ "[output]\ntop =\n[bag.top top]\n", "a.ini:2: [output]: top is empty; "
		  "expected stdout, a file or none" },
		{ "[tsk x]\n", "a.ini:1: [tsk x]: 'tsk' is no operation; expected plugin.operation; "
		  "did you mean 'task'?" },
		{ "[bag. x]\n", "a.ini:1: [bag. x]: 'bag.' is no operation; expected plugin.operation" },
		{ "[bag.read]\n", "a.ini:1: [bag.read]: its name is missing; expected [bag.read NAME]" },
		{ "[task]\n", "a.ini:1: [task]: its name is missing; expected [task NAME]" },
		{ "[bag.read a b]\n", "a.ini:1: [bag.read a b]: expected one or two words" },
		{ "[bag.read 1a]\n", "a.ini:1: [bag.read 1a]: '1a' cannot be a name; "
		  "expected a letter or _, then letters, digits, _ . -" },
		{ "[bag.read a/b]\n", "a.ini:1: [bag.read a/b]: 'a/b' cannot be a name; "
		  "expected a letter or _, then letters, digits, _ . -" },
		{ "[bag.read output]\n", "a.ini:1: [bag.read output]: 'output' is the name of a section; "
		  "expected another name" },
		{ "[bag.read a]\n\n[bag.top a]\n", "a.ini:3: [bag.top a]: there is a 'a' already, at a.ini:1; "
		  "expected another name" },
		{ "[task a]\ncmd = x\n  after = b\n", "a.ini:2: [task a]: cmd goes on with 'after = ...', "
		  "which is indented; expected it to start like cmd" },
		{ "[job]\nname = x\n  goal = a\n", "a.ini:2: [job]: name goes on with 'goal = ...', "
		  "which is indented; expected it to start like name" },
		{ "[job]\nplugins =\n  a.so\n  goal = a\n", "a.ini:2: [job]: plugins goes on with 'goal = ...', "
		  "which is indented; expected it to start like plugins" },
		{ "[include l]\n", "a.ini:1: [include l]: file is missing; expected file = PATH" },
		{ "[include l]\nfile =\n", "a.ini:2: [include l]: file is empty; expected a path" },
		{ "[include l]\nfiel = x\n", "a.ini:2: [include l]: unknown key 'fiel'; expected file" },
		{ "[include l]\nfile = no.ini\n[job]\n", "a.ini:1: [include l]: no.ini: no such file" },
		{ "[include l]\nfile = a.ini\n", "a.ini:1: [include l]: a.ini includes itself" },
		{ "[include ui]\nfile = a.ini\n", "a.ini:1: [include ui]: 'ui' is the name of a section; "
		  "expected another name" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(rows); i++) {
		put("a.ini", rows[i].in);
		refused("a.ini", NULL, NULL, 0, rows[i].want, EXIT_CONFIG);
	}
	refused("none.ini", NULL, NULL, 0, "none.ini: no such file", EXIT_CONFIG);
	refused(".", NULL, NULL, 0, ".: is a folder; expected an INI file", EXIT_CONFIG);
}

static void
what_is_typed_wrongly_is_a_matter_of_usage(void **state)
{
	static const struct { const char *key, *value, *want; } rows[] = {
		{ "workers", "4", "-o: workers: expected section.key" },
		{ ".workers", "4", "-o: .workers: expected section.key" },
		{ "executor.", "4", "-o: executor.: expected section.key" },
		{ "exectuor.workers", "4", "-o: exectuor.workers: no section and no node is called "
		  "'exectuor'; did you mean 'executor'?" },
		{ "tex.path", "4", "-o: tex.path: no section and no node is called 'tex'; "
		  "did you mean 'text'?" },
		{ "zzzzzz.path", "4", "-o: zzzzzz.path: no section and no node is called 'zzzzzz'; "
		  "expected a node or one of job executor scheduler resources history output assert ui" },
		{ "executor.worker", "4", "-o: [executor]: unknown key 'worker'; did you mean 'workers'?" },
		{ "executor.workers", "x", "-o: [executor]: workers = x; expected auto, "
		  "a number of workers, or a part of auto such as 50%" },
		{ "job.goal", "tex", "-o: [job]: goal: no node is called 'tex'; did you mean 'text'?" },
		{ "text.cmd", "a\nof = b", "-o: [text]: cmd goes on with 'of = ...', which is indented; "
		  "expected it to start like cmd" },
		{ "text.cmd", "a\n# b", "-o: text.cmd: a line of its value starts as a comment" },
	};

	(void)state;
	put("a.ini", "[bag.read text]\n");
	for (size_t i = 0; i < LEN(rows); i++) {
		const struct job_override o = { rows[i].key, rows[i].value, "-o" };

		refused("a.ini", NULL, &o, 1, rows[i].want, EXIT_USAGE);
	}
	refused(NULL, "x", NULL, 0, "--profile: there is no job, so there is no [profile x]", EXIT_USAGE);
	refused("a.ini", "x", NULL, 0, "--profile: a.ini has no [profile x]", EXIT_USAGE);
	for (size_t n = 4001; n < 70000; n += 60000) {
		struct text t = { 0 };
		struct job_override o = { "text.path", NULL, "-o" };

		while (t.n < n)
			text_add(&t, n > 4001 ? "abcdefgh\n" : "a");
		o.value = t.at;
		refused("a.ini", NULL, &o, 1, n > 4001 ? "-o: text.path: its value has over 60000 bytes" :
			"-o: text.path: a line of its value has over 4000 bytes", EXIT_USAGE);
		text_fini(&t);
	}
	put("a.ini", "[profile fast]\n");
	refused("a.ini", "fsat", NULL, 0,
		"--profile: a.ini has no [profile fsat]; did you mean 'fast'?", EXIT_USAGE);
	put("a.ini", "[profile fast]\njob.seeed = 1\n");
	refused("a.ini", "fast", NULL, 0,
		"a.ini:2: [job]: unknown key 'seeed'; did you mean 'seed'?", EXIT_CONFIG);
	setenv("HEDDLE_JOBS", "x", 1);
	refused("a.ini", NULL, NULL, 0, "$HEDDLE_JOBS: [executor]: workers = x; expected auto, "
		"a number of workers, or a part of auto such as 50%", EXIT_CONFIG);
	unsetenv("HEDDLE_JOBS");
}

/* Whatever is typed for a number, it is taken as it stands or refused. */
static void
numbers_are_exact_or_refused(void **state)
{
	static const char *const odd[] = {
		"", "-", "+", ".", "-1", "-0", "+1", "0", "1", "00", "007", "1.5", "1.", ".5", "1e", "1e3",
		"1e308", "NaN", "nan", "inf", "-inf", "0x10", "0b1", "1_000", "1,000", "1 000", "1K", "1k",
		"1KK", "1Ki", "1KiB", "1Q", "65", "4095", "4096", "4097", "2147483647", "2147483648",
		"4294967295", "4294967296", "9007199254740993", "9223372036854775807",
		"9223372036854775808", "18446744073709551615", "18446744073709551616",
		"99999999999999999999999999999999999999999", "1ns", "1s", "1m40s", "1d", "106751d",
		"106752d", "50%", "%", "100000%", "\xd9\xa3", "1\xc2\xa0", "one",
	};
	static const char *const keys[] = {
		"job.seed", "job.max_time", "executor.workers", "history.log", "resources.pool.a",
		"assert.max_time", "assert.max_idle", "assert.max_held", "ui.fps",
	};
	struct err err;
	struct job *job;
	int ntaken = 0;

	(void)state;
	put("a.ini", "");
	for (size_t k = 0; k < LEN(keys); k++)
		for (size_t i = 0; i < LEN(odd); i++) {
			const struct job_override o = { keys[k], odd[i], "-o" };
			char again[32];
			double v;

			err = (struct err){ 0 };
			if (job_read(&job, "a.ini", NULL, &o, 1, &err) < 0) {
				assert_int_equal(err.code, EXIT_USAGE);
				assert_int_equal(strncmp(err.text, "-o: [", 5), 0);
				continue;
			}
			ntaken++;
			v = k == 6 ? job->set.assert_max_idle : (double)job->set.seed;
			snprintf(again, sizeof(again), "%llu", (unsigned long long)job->set.seed);
			if (k == 0 && strcmp(again, odd[i]) && !strchr("-+0", odd[i][0]))
				fail_msg("seed = %s is %s", odd[i], again);
			if ((k == 6 && v > 1) || !job->set.workers || job->set.workers > WORKERS_MOST ||
			    job->set.fps < 1 || job->set.fps > 60 || job->set.log_most < 4096)
				fail_msg("%s = %s was taken", keys[k], odd[i]);
			job_free(job);
		}
	assert_in_range(ntaken, 50, 250);
}

static void
an_include_brings_nodes_under_its_name(void **state)
{
	struct text t = { 0 };
	struct job *job;
	char buf[PATH_MAX + 128];

	(void)state;
	mkdir("lib", 0700);
	put("lib/inner.ini", "[task x]\nout = x.o\n");
	put("lib/l.ini", "[bag.read text]\npath = a\n[include in]\nfile = inner.ini\n"
	    "[map m]\nof = text outer\nafter = text\n\tin.x\neach = text\nin = {text.out*} {in.x.out}\n"
	    "cmd = {{text.out} {text.out} {in.x.out} {outer.out} {item} ${text.out} {\n"
	    "[map n]\neach = text text\n[job]\nplugins = p.so\n");
	put("a.ini", "[task outer]\n[include lib]\nfile = lib/l.ini\n[task b]\nafter = lib.m\n"
	    "[output]\nlib.m = none\n[job]\nplugins = q.so\n");
	job = read_with("a.ini", NULL, (const struct job_override[]){ { "lib.in.x.out", "y", "-o" } }, 1);
	assert_int_equal(job->nnodes, 6);
	assert_string_equal(job->node[0].name, "outer");
	assert_string_equal(job->node[1].name, "lib.text");
	assert_string_equal(job->node[2].name, "lib.in.x");
	assert_string_equal(job->node[2].at.file, "lib/inner.ini");
	assert_string_equal(job->node[3].name, "lib.m");
	assert_string_equal(job->node[5].name, "b");
	assert_string_equal(job_node_key(&job->node[2], "out")->value, "y");
	assert_string_equal(job_node_key(&job->node[3], "of")->value, "lib.text outer");
	assert_string_equal(job_node_key(&job->node[3], "after")->value, "lib.text\nlib.in.x");
	assert_string_equal(job_node_key(&job->node[3], "each")->value, "lib.text");
	assert_string_equal(job_node_key(&job->node[3], "in")->value, "{lib.text.out*} {lib.in.x.out}");
	assert_string_equal(job_node_key(&job->node[3], "cmd")->value,
			    "{{text.out} {lib.text.out} {lib.in.x.out} {outer.out} {item} ${text.out} {");
	assert_string_equal(job_node_key(&job->node[4], "each")->value, "text text");
	snprintf(buf, sizeof(buf), "%s/q.so", top);
	assert_string_equal(job->set.plugins[0], buf);
	snprintf(buf, sizeof(buf), "%s/lib/p.so", top);
	assert_string_equal(job->set.plugins[1], buf);
	assert_null(job->set.plugins[2]);
	job_free(job);
	put("a.ini", "[include l]\nfile = lib/l.ini\n[include lib]\nfile = lib/l.ini\n");
	job = read_with("a.ini", NULL, NULL, 0);
	assert_string_equal(job->set.plugins[0], buf);
	assert_string_equal(job->set.plugins[1], buf);
	assert_null(job->set.plugins[2]);
	job_free(job);
	put("lib/b.ini", "[profile p]\njob.plugins = r.so\n");
	job = read_with("lib/b.ini", "p", NULL, 0);
	snprintf(buf, sizeof(buf), "%s/lib/r.so", top);
	assert_string_equal(job->set.plugins[0], buf);
	job_free(job);
	job = read_with("lib/b.ini", NULL, (const struct job_override[]){ { "job.plugins", "r.so", "-o" } }, 1);
	snprintf(buf, sizeof(buf), "%s/r.so", top);
	assert_string_equal(job->set.plugins[0], buf);
	job_free(job);
	unlink("lib/b.ini");
	put("lib/l.ini", "[executor]\nworkers = 1\n");
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:2: [executor]: workers: a setting belongs to "
		"the job's own file", EXIT_CONFIG);
	put("lib/l.ini", "[profile p]\n");
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:1: [profile p]: a profile belongs to the job's "
		"own file", EXIT_CONFIG);
	put("lib/l.ini", "[task a]\n[include up]\nfile = ../a.ini\n");
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:2: [include up]: lib/../a.ini includes itself",
		EXIT_CONFIG);
	text_addf(&t, "[task aa]\n[task x]\nafter = b%04081d aa aa\n", 0);
	put("lib/l.ini", t.at);
	text_fini(&t);
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:3: after: a line of its value has over 4095 bytes "
		"with the include's names", EXIT_CONFIG);
	text_add(&t, "");
	for (int i = 0; i < 101; i++)
		text_addf(&t, "[include i%d]\nfile = inner.ini\n", i);
	put("lib/l.ini", t.at);
	text_fini(&t);
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:199: [include i99]: a job has at most 100 includes",
		EXIT_CONFIG);
	put("lib/l.ini", "[bag.read a234567890123456789012345678901234567]\n");
	refused("a.ini", NULL, NULL, 0, "lib/l.ini:1: [bag.read a234567890123456789012345678901234567]: "
		"[bag.read lib.a234567890123456789012345678901234567] has over 48 bytes; "
		"expected a shorter name", EXIT_CONFIG);
	put("heddle/settings.ini", "[task a]\n");
	put("a.ini", "");
	snprintf(buf, sizeof(buf), "%s/heddle/settings.ini:1: [task a]: a file of settings has no nodes",
		 top);
	refused("a.ini", NULL, NULL, 0, buf, EXIT_CONFIG);
	unlink("heddle/settings.ini");
	unlink("lib/l.ini");
	unlink("lib/inner.ini");
	rmdir("lib");
}

static void
folders_are_where_they_are_meant(void **state)
{
	char buf[PATH_MAX + 128], *store;
	struct job *job;

	(void)state;
	mkdir("sub", 0700);
	put("b.ini", "[job]\ndir = sub\n[history]\nstore = .heddle\n");
	job = read_with("b.ini", NULL, NULL, 0);
	snprintf(buf, sizeof(buf), "%s/sub/.heddle", top);
	assert_string_equal(job->set.store, buf);
	job_free(job);
	assert_int_equal(chdir("sub"), 0);
	put("../b.ini", "");
	job = read_with("../b.ini", NULL, NULL, 0);
	snprintf(buf, sizeof(buf), "%s/sub", top);
	assert_string_equal(job->set.dir, buf);
	assert_string_equal(job->set.name, "b");
	job_free(job);
	assert_int_equal(chdir(".."), 0);
	put("sub/c.ini", "");
	assert_int_equal(mkdir("sub/gone", 0700) || chdir("sub/gone") || rmdir("../gone"), 0);
	snprintf(buf, sizeof(buf), "%s/sub/c.ini", top);
	refused(buf, NULL, NULL, 0, "built in: [job]: dir = .: the folder heddle was started in: "
		"No such file or directory", EXIT_CONFIG);
	assert_int_equal(chdir(top), 0);
	unlink("sub/c.ini");
	setenv("HEDDLE_RUNS", "/r", 1);
	store = job_default_store();
	assert_string_equal(store, "/r");
	free(store);
	unsetenv("HEDDLE_RUNS");
	setenv("XDG_STATE_HOME", "/s", 1);
	store = job_default_store();
	assert_string_equal(store, "/s/heddle/runs");
	free(store);
	setenv("XDG_STATE_HOME", "relative/does/not/count", 1);
	setenv("HOME", "/h", 1);
	store = job_default_store();
	assert_string_equal(store, "/h/.local/state/heddle/runs");
	free(store);
	unsetenv("XDG_STATE_HOME");
	unlink("b.ini");
	rmdir("sub");
}

/* ---- a job that is written reads back ----------------------------------- */

static void
check_same(const struct job *a, const struct job *b, const char *text)
{
	assert_int_equal(a->nsettings, b->nsettings);
	for (size_t i = 0; i < a->nsettings; i++) {
		const char *x = a->setting[i].value, *y = b->setting[i].value;

		assert_string_equal(a->setting[i].key, b->setting[i].key);
		if (strcmp(x ? x : "", y ? y : ""))
			fail_msg("%s: '%s' became '%s' in\n%s", a->setting[i].key, x, y, text);
	}
	assert_int_equal(a->nnodes, b->nnodes);
	for (size_t i = 0; i < a->nnodes; i++) {
		const struct job_node *x = &a->node[i], *y = &b->node[i];

		assert_string_equal(x->name, y->name);
		assert_string_equal(x->plugin, y->plugin);
		assert_string_equal(x->op, y->op);
		assert_int_equal(x->nkeys, y->nkeys);
		for (size_t k = 0; k < x->nkeys; k++) {
			assert_string_equal(x->key[k].name, y->key[k].name);
			if (strcmp(x->key[k].value, y->key[k].value))
				fail_msg("'%s' became '%s' in\n%s", x->key[k].value,
					 y->key[k].value, text);
		}
	}
	assert_int_equal(a->set.workers, b->set.workers);
	assert_int_equal(a->set.optimise, b->set.optimise);
	assert_string_equal(a->set.dir, b->set.dir);
	assert_string_equal(a->set.name, b->set.name);
	for (size_t i = 0; a->set.plugins[i] || b->set.plugins[i]; i++)
		assert_string_equal(a->set.plugins[i], b->set.plugins[i]);
}

static void
check_write(const struct job *job)
{
	struct text t = { 0 };
	struct job *again;

	job_write(job, &t);
	put("again.ini", t.at);
	again = read_with("again.ini", NULL, NULL, 0);
	check_same(job, again, t.at);
	job_free(again);
	text_fini(&t);
}

static void
a_written_job_reads_back_as_the_same(void **state)
{
	static const char bits[] = "ab  \t\n\n=;#[]{}\"\\:$'.,*%-";
	uint64_t seed = 88172645463325252u;
	struct job *job;
	int nread = 0;

	(void)state;
	job = read_text("[job]\nplugins = \"a b.so\" c.so \"d\\\"e\"\n[bag.read text]\npath = a\n  b\n"
			"cmd =\n\tfor x\n\t  do y\n\n\tdone\n"
			"first = # not a comment\n  b\nempty =\n"
			"[resources]\npool.net = 3\n[output]\ntext = none\n[executor]\nworkers = 50%\n"
			"[scheduler]\nkind = x\nopt = ;y\n[job]\ngoal = text\n");
	check_write(job);
	job_free(job);
	for (int i = 0; i < 3000; i++) {
		char value[40] = "";
		struct job_override o = { "text.cmd", value, "-o" };
		struct err err = { 0 };

		for (size_t k = 0; k < sizeof(value) - 1; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			value[k] = bits[seed % (sizeof(bits) - 1)];
		}
		if (job_read(&job, "a.ini", NULL, &o, 1, &err) < 0)
			continue;
		nread++;
		check_write(job);
		job_free(job);
	}
	assert_true(nread > 300);
	unlink("again.ini");
}

static void
a_line_of_4_kib_is_written_to_be_read(void **state)
{
	struct text t = { 0 };
	struct job *job;

	(void)state;
	text_addf(&t, "[bag.read text]\nk=#%04093d\nl=%04094d\nm =\n %04095d\n", 0, 0, 0);
	job = read_text(t.at);
	check_write(job);
	job_free(job);
	text_fini(&t);
}

/* ---- cores ----------------------------------------------------------------- */

static void
make_dirs(const char *path)
{
	char buf[PATH_MAX];

	snprintf(buf, sizeof(buf), "%s", path);
	for (char *s = strchr(buf, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(buf, 0700);
		*s = '/';
	}
	mkdir(buf, 0700);
}

static void
quotas_of_all_groups_above_count(void **state)
{
	uint32_t all = cores_at_hand("no/such/root"), n;
	const char *why;

	(void)state;
	make_dirs("r/proc/self");
	make_dirs("r/sys/fs/cgroup/a/b");
	put("r/proc/self/cgroup", "0::/a/b\n");
	assert_int_equal(cores_at_hand("r"), all);
	put("r/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	assert_int_equal(cores_at_hand("r"), all);
	put("r/sys/fs/cgroup/a/cpu.max", "50000 100000\n");
	assert_int_equal(cores_at_hand("r"), 1);
	put("r/sys/fs/cgroup/a/cpu.max", "100000000 100000\n");
	assert_int_equal(cores_at_hand("r"), all);
	if (all > 1) {
		put("r/sys/fs/cgroup/a/cpu.max", "110000 100000\n");
		assert_int_equal(cores_at_hand("r"), 2);
	}
	unlink("r/sys/fs/cgroup/a/cpu.max");
	put("r/proc/self/cgroup", "5:memory:/x\n4:cpuacct,cpu:/v1\n");
	make_dirs("r/sys/fs/cgroup/cpu/v1");
	put("r/sys/fs/cgroup/cpu/v1/cpu.cfs_quota_us", "-1\n");
	put("r/sys/fs/cgroup/cpu/v1/cpu.cfs_period_us", "100000\n");
	assert_int_equal(cores_at_hand("r"), all);
	put("r/sys/fs/cgroup/cpu/v1/cpu.cfs_quota_us", "20000\n");
	assert_int_equal(cores_at_hand("r"), 1);
	setenv("SLURM_CPUS_ON_NODE", "1", 1);
	assert_int_equal(cores_at_hand(""), 1);
	assert_int_equal(workers_read("auto", &n, &why), 0);
	assert_int_equal(n, 1);
	assert_int_equal(workers_read("300%", &n, &why), 0);
	assert_int_equal(n, 3);
	assert_int_equal(workers_read("10%", &n, &why), 0);
	assert_int_equal(n, 1);
	unsetenv("SLURM_CPUS_ON_NODE");
	assert_int_equal(system("rm -r r"), 0);
}

static int
set_up(void **state)
{
	char dir[] = "/tmp/heddle-job-XXXXXX";
	static const char *const names[] = { "HEDDLE_CONFIG", "HEDDLE_JOBS", "HEDDLE_SCHEDULER",
					     "HEDDLE_RUNS", "SLURM_CPUS_ON_NODE", "XDG_STATE_HOME" };

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0 || !getcwd(top, sizeof(top)))
		return -1;
	for (size_t i = 0; i < LEN(names); i++)
		unsetenv(names[i]);
	return setenv("XDG_CONFIG_HOME", top, 1);
}

static int
tear_down(void **state)
{
	(void)state;
	unlink("a.ini");
	unlink("again.ini");
	rmdir("heddle");
	return chdir("/") || rmdir(top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_its_nodes_and_settings),
		cmocka_unit_test(what_is_not_said_has_its_default),
		cmocka_unit_test(the_last_layer_wins_and_is_named),
		cmocka_unit_test(options_of_a_scheduler_go_with_it),
		cmocka_unit_test(what_a_file_says_wrongly_is_refused_with_its_place),
		cmocka_unit_test(what_is_typed_wrongly_is_a_matter_of_usage),
		cmocka_unit_test(numbers_are_exact_or_refused),
		cmocka_unit_test(an_include_brings_nodes_under_its_name),
		cmocka_unit_test(folders_are_where_they_are_meant),
		cmocka_unit_test(a_written_job_reads_back_as_the_same),
		cmocka_unit_test(a_line_of_4_kib_is_written_to_be_read),
		cmocka_unit_test(quotas_of_all_groups_above_count),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
