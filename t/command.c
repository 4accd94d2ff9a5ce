/* SPDX-License-Identifier: MIT */
/* command - what commands a node becomes, and how their ends are told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <heddle.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

/* A heddle that knows {i}, {in} (two names) and {out}, and runs nothing. */
struct bench {
	void *handle;
	const struct heddle_collection *def;
	uint32_t neach, item;
	const char *out[3];		/* the out files of every item */
	struct heddle_bytes par[8];
	uint32_t ntasks, ngiven;
	struct err err;
	struct heddle_exit how;		/* what command() answers */
	struct text told;		/* what command() was asked */
	unsigned char value[64];
	size_t nvalue;
};

static int
bench_fail(void *self, const char *why)
{
	struct bench *b = self;

	return err_set(&b->err, EXIT_CONFIG, "%s", why);
}

static int
item(void *self, uint32_t i)
{
	struct bench *b = self;

	b->item = i;
	return 0;
}

static int
expand(void *self, enum heddle_expand how, const char *s,
       void (*put)(void *, const char *), void *to)
{
	struct bench *b = self;
	struct text t = { 0 };

	if (how == HEDDLE_WORDS && !strcmp(s, "{in}")) {
		put(to, "a b.txt");
		put(to, "c.txt");
		return 0;
	}
	if (strstr(s, "{bad.out}"))
		return bench_fail(self, "no node 'bad'");
	for (; *s; s++)
		if (!strncmp(s, "{i}", 3)) {
			text_addf(&t, "%u", b->item);
			s += 2;
		} else if (!strncmp(s, "{out}", 5)) {
			text_addf(&t, "%s", b->out[0]);
			s += 4;
		} else if (!strncmp(s, "{in}", 4)) {
			text_add(&t, how == HEDDLE_SHELL ? "'a b.txt' c.txt" : "a b.txt c.txt");
			s += 3;
		} else {
			text_addf(&t, "%c", *s);
		}
	put(to, t.at ? t.at : "");
	text_fini(&t);
	return 0;
}

static const char *const *
outs(void *self)
{
	return ((struct bench *)self)->out;
}

static heddle_task
emit(void *self, const char *kernel, struct heddle_bytes par, const heddle_task *in, uint32_t nin)
{
	struct bench *b = self;

	(void)in;
	assert_string_equal(kernel, "run");
	assert_int_equal(nin, 0);
	assert_in_range(b->ntasks, 0, 7);
	b->par[b->ntasks].at = memcpy(xmalloc(par.n), par.at, par.n);
	b->par[b->ntasks].n = par.n;
	return b->ntasks++;
}

static int
give(void *self, const char *kind, const heddle_task *part, uint32_t n)
{
	struct bench *b = self;
	uint32_t i;

	assert_string_equal(kind, "files");
	for (i = 0; i < n; i++)
		assert_int_equal(part[i], i);
	b->ngiven = n;
	return 0;
}

static struct bench *
bench_new(void)
{
	const char *build = getenv("HEDDLE_BUILD");
	char *path = xasprintf("%s/plugins/command.so", build ? build : ".");
	struct bench *b = xcalloc(1, sizeof(*b));
	const struct heddle_plugin *plugin;

	b->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!b->handle)
		die("%s", dlerror());
	plugin = dlsym(b->handle, "heddle_plugin");
	b->def = plugin->collection;
	b->neach = 1;
	b->how.size = sizeof(b->how);
	free(path);
	return b;
}

static void
bench_clear(struct bench *b)
{
	while (b->ntasks)
		free((void *)b->par[--b->ntasks].at);
	text_fini(&b->told);
	b->told = (struct text){ 0 };
	b->err.text[0] = '\0';
	b->nvalue = 0;
}

static void
bench_free(struct bench *b)
{
	bench_clear(b);
	dlclose(b->handle);
	free(b);
}

static int
plan(struct bench *b, const char *cmd, const char *shell, const char *env)
{
	struct option_given given[] = {
		{ .name = "cmd", .text = cmd }, { .name = "shell", .text = shell },
		{ .name = "env", .text = env },
	};
	const struct heddle_op *op = b->def->ops;
	struct option_values values;
	struct heddle_plan p = {
		.size = sizeof(p), .name = "x", .self = b, .emit = emit, .give = give,
		.fail = bench_fail, .neach = b->neach, .item = item, .expand = expand, .outs = outs,
	};
	int rc;

	bench_clear(b);
	if (option_parse(&values, op->options, given, env ? 3 : 2, "x", NULL, &b->err) < 0)
		die("%s", b->err.text);
	p.arg = values.arg;
	rc = op->plan(&p);
	option_fini(&values);
	return rc;
}

static int
command(void *self, const struct heddle_command *c, struct heddle_exit *how)
{
	const char *const *lists[] = { c->argv, c->env, c->make_dirs };
	struct bench *b = self;
	size_t i;

	for (i = 0; i < 3; i++, text_addf(&b->told, "%s", i < 3 ? "; " : ""))
		for (; *lists[i]; lists[i]++)
			text_addf(&b->told, "[%s]", *lists[i]);
	*how = b->how;
	return 0;
}

static int
cannot_start(void *self, const struct heddle_command *c, struct heddle_exit *how)
{
	(void)c;
	(void)how;
	return bench_fail(self, "no such program");
}

static void *
out(void *self, size_t n)
{
	struct bench *b = self;

	assert_in_range(n, 1, sizeof(b->value));
	b->nvalue = n;
	return b->value;
}

static int
run(struct bench *b, uint32_t task)
{
	struct heddle_call call = {
		.size = sizeof(call), .par = b->par[task], .self = b,
		.out = out, .fail = bench_fail, .command = command,
	};

	return b->def->kernels->run(&call);
}

/* argv; env; folders, as command() sees them, or "! why" of the plan. */
static const struct {
	const char *cmd, *shell, *env, *told;
} rows[] = {
	{ "echo hello world", "no", NULL, "[echo][hello][world]; ; [o]" },
	{ "  echo\t hello\n world ", "no", NULL, "[echo][hello][world]; ; [o]" },
	{ "awk '{print $1}' {in}", "no", NULL, "[awk][{print $1}][a b.txt][c.txt]; ; [o]" },
	{ "p 'a b'\"c d\"e", "no", NULL, "[p][a bc de]; ; [o]" },
	{ "p \"q\\\"\\\\\\$\\n\" '\\'", "no", NULL, "[p][q\"\\$\\n][\\]; ; [o]" },
	{ "p a\\ b \\' \\\"", "no", NULL, "[p][a b]['][\"]; ; [o]" },
	{ "p '' \"\" x", "no", NULL, "[p][][][x]; ; [o]" },
	{ "p *.txt $HOME ~ a>b a|b http://x/?a&b", "no", NULL,
	  "[p][*.txt][$HOME][~][a>b][a|b][http://x/?a&b]; ; [o]" },
	{ "p '|' \\> \"&&\" 2 '2>'", "no", NULL, "[p][|][>][&&][2][2>]; ; [o]" },
	{ "cp {i} {out}", "no", NULL, "[cp][0][o/x]; ; [o]" },
	{ "sort {in} | head > {out}", "yes", NULL,
	  "[sh][-c][sort 'a b.txt' c.txt | head > o/x]; ; [o]" },
	{ "env", "no", "A=1 B={i} C=", "[env]; [A=1][B=0][C=]; [o]" },
	{ "env", "no", "IN={in}", "[env]; [IN=a b.txt c.txt]; [o]" },
	{ "env", "yes", "IN={in}", "[sh][-c][env]; [IN=a b.txt c.txt]; [o]" },
	{ "echo 'x", "no", NULL, "! cmd: a ' is never closed" },
	{ "echo \"x", "no", NULL, "! cmd: a \" is never closed" },
	{ "echo \"x\\\"", "no", NULL, "! cmd: a \" is never closed" },
	{ "echo x\\", "no", NULL, "! cmd: the \\ at the end quotes nothing" },
	{ " \t", "no", NULL, "! cmd: is empty; expected a command" },
	{ " \n", "yes", NULL, "! cmd: is empty; expected a command" },
	{ "a | b", "no", NULL, "! cmd: a pipe, redirection or list is for a shell; "
	  "expected shell = yes, or quotes around it" },
	{ "a 2>/dev/null", "no", NULL, "! cmd: a pipe, redirection or list is for a shell; "
	  "expected shell = yes, or quotes around it" },
	{ "a && b", "no", NULL, "! cmd: a pipe, redirection or list is for a shell; "
	  "expected shell = yes, or quotes around it" },
	{ "env", "no", "A", "! env: 'A' names nothing; expected NAME=VALUE" },
	{ "env", "no", "=A", "! env: '=A' names nothing; expected NAME=VALUE" },
	{ "a {bad.out}", "no", NULL, "! no node 'bad'" },
	{ "a {bad.out}", "yes", NULL, "! no node 'bad'" },
};

static void
a_text_becomes_argv_env_and_folders(void **state)
{
	struct bench *b = bench_new();
	char *got, *wanted;
	size_t i;

	(void)state;
	b->out[0] = "o/x";
	b->out[1] = "o/y";
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (plan(b, rows[i].cmd, rows[i].shell, rows[i].env) < 0) {
			got = xasprintf("%s: ! %s", rows[i].cmd, b->err.text);
		} else {
			assert_int_equal(run(b, 0), 0);
			got = xasprintf("%s: %s", rows[i].cmd, b->told.at);
		}
		wanted = xasprintf("%s: %s", rows[i].cmd, rows[i].told);
		assert_string_equal(got, wanted);
		free(got);
		free(wanted);
	}
	bench_free(b);
}

static void
each_item_is_a_task(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	b->neach = 3;
	assert_int_equal(plan(b, "touch {i}", "no", NULL), 0);
	assert_int_equal(b->ntasks, 3);
	assert_int_equal(b->ngiven, 3);
	run(b, 0);
	run(b, 2);
	assert_string_equal(b->told.at, "[touch][0]; ; [touch][2]; ; ");
	bench_free(b);
}

static void
a_word_of_any_length_is_kept(void **state)
{
	struct bench *b = bench_new();
	char *cmd = xmalloc(70001);

	(void)state;
	memset(cmd, 'x', 70000);
	cmd[70000] = '\0';
	cmd[1] = ' ';
	assert_int_equal(plan(b, cmd, "no", NULL), 0);
	run(b, 0);
	assert_int_equal(strlen(b->told.at), 3 + 69998 + 2 + 4);
	free(cmd);
	bench_free(b);
}

static void
folders_are_named_once_and_the_root_never(void **state)
{
	struct bench *b = bench_new();

	(void)state;
	b->out[0] = "a/b/x";
	b->out[1] = "a/b/y";
	plan(b, "p", "no", NULL);
	run(b, 0);
	assert_string_equal(b->told.at, "[p]; ; [a/b]");
	b->out[0] = "x";
	b->out[1] = "/y";
	plan(b, "p", "no", NULL);
	run(b, 0);
	assert_string_equal(b->told.at, "[p]; ; ");
	bench_free(b);
}

static void
an_end_that_is_not_well_fails_with_its_name(void **state)
{
	static const struct { int code, signal; const char *why; } ends[] = {
		{ 1, 0, "exit 1" },
		{ 22, 0, "exit 22" },
		{ 75, 0, "exit 75 (EX_TEMPFAIL)" },
		{ 127, 0, "exit 127 (command not found)" },
		{ 137, SIGKILL, "signal 9 (KILL)" },
		{ 139, SIGSEGV, "signal 11 (SEGV)" },
		{ 128 + 40, 40, "signal 40" },
	};
	struct bench *b = bench_new();
	size_t i;

	(void)state;
	plan(b, "p", "no", NULL);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		b->how.code = ends[i].code;
		b->how.signal = ends[i].signal;
		assert_int_equal(run(b, 0), -1);
		assert_string_equal(b->err.text, ends[i].why);
		assert_int_equal(b->nvalue, 0);
	}
	b->how.timed_out = 1;
	assert_int_equal(run(b, 0), -1);
	assert_ptr_equal(strstr(b->err.text, "timed out after "), b->err.text);
	bench_free(b);
}

static void
what_cannot_be_started_fails_as_heddle_says(void **state)
{
	struct bench *b = bench_new();
	struct heddle_call call;

	(void)state;
	plan(b, "p", "no", NULL);
	call = (struct heddle_call){
		.size = sizeof(call), .par = b->par[0], .self = b,
		.out = out, .fail = bench_fail, .command = cannot_start,
	};
	assert_int_equal(b->def->kernels->run(&call), -1);
	assert_string_equal(b->err.text, "no such program");
	bench_free(b);
}

static void
put_show(void *self, const char *s, size_t n)
{
	text_addn(self, s, n);
}

static void
a_value_says_its_exit(void **state)
{
	struct bench *b = bench_new();
	struct text t = { 0 };
	struct heddle_show to = {
		.size = sizeof(to), .json = 1, .most = 10, .self = &t, .put = put_show,
	};
	struct heddle_node node = { .size = sizeof(node), .name = "x", .kind = "files", .nparts = 1 };
	struct heddle_bytes part[2];

	(void)state;
	plan(b, "p", "no", NULL);
	b->how.cpu = 1500000000;
	b->how.peak = 3 << 20;
	assert_int_equal(run(b, 0), 0);
	assert_true(b->def->kernels->flags & HEDDLE_EFFECT);
	part[0] = part[1] = (struct heddle_bytes){ b->value, b->nvalue };
	assert_int_equal(b->def->kinds->show(&node, part, &to), 0);
	assert_string_equal(t.at, "{\"exit\": 0}");
	text_fini(&t);
	t = (struct text){ 0 };
	to.json = 0;
	node.nparts = 2;
	assert_int_equal(b->def->kinds->show(&node, part, &to), 0);
	assert_string_equal(t.at, "2 of 2 exit 0, cpu 3.000s, peak 3.0M\n");
	text_fini(&t);
	bench_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_becomes_argv_env_and_folders),
		cmocka_unit_test(each_item_is_a_task),
		cmocka_unit_test(a_word_of_any_length_is_kept),
		cmocka_unit_test(folders_are_named_once_and_the_root_never),
		cmocka_unit_test(an_end_that_is_not_well_fails_with_its_name),
		cmocka_unit_test(what_cannot_be_started_fails_as_heddle_says),
		cmocka_unit_test(a_value_says_its_exit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
