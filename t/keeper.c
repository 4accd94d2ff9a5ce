/* SPDX-License-Identifier: MIT */
/* keeper - it ends what heddle started, and tries what may kill. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/keeper.h"
#include "core/base/xalloc.h"

enum { PATIENCE_MS = 20000 };

/* What the trial does is in the path. */
static int
trial(const char *path, char *why, size_t n)
{
	const char *what = strrchr(path, '/') + 1;

	if (!strcmp(what, "good"))
		return 0;
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "exit"))
		_exit(7);
	if (!strcmp(what, "hang"))
		for (;;)
			pause();
	if (!strcmp(what, "hide")) {
		for (int fd = 0; fd < 1024; fd++)
			close(fd);
		for (;;)
			pause();
	}
	if (!strcmp(what, "orphan"))
		kill(getppid(), SIGKILL);
	if (!strcmp(what, "loud"))
		return printf("heard\n") < 0 || fflush(stdout) != 0;
	snprintf(why, n, "not to my taste: %s", path);
	return -1;
}

static void
tried(struct keeper *k, const char *path, int code, const char *want)
{
	char why[KEEPER_SAYS] = "";

	assert_int_equal(keeper_try(k, path, why), code);
	assert_string_equal(why, want);
}

static void
a_trial_answers_and_the_keeper_lives_on(void **state)
{
	struct keeper *k;

	(void)state;
	assert_int_equal(keeper_start(&k, trial), 0);
	tried(k, "/good", 0, "");
	tried(k, "/bad", -1, "not to my taste: /bad");
	tried(k, "/abort", -1, "loading it died of signal 6 (Aborted)");
	tried(k, "/exit", -1, "loading it ended the process with code 7");
	tried(k, "/hang", -1, "loading it took over 2 s");
	tried(k, "/hide", -1, "loading it took over 2 s");
	tried(k, "/loud", 0, "");
	tried(k, "/good", 0, "");
	keeper_stop(k);
}

static void
an_empty_path_is_refused(void **state)
{
	struct keeper *k;
	char why[KEEPER_SAYS];

	(void)state;
	assert_int_equal(keeper_start(&k, trial), 0);
	assert_int_equal(keeper_try(k, "", why), -1);
	assert_string_equal(why, "cannot be tried: File name too long");
	tried(k, "/good", 0, "");
	keeper_stop(k);
}

static void
a_keeper_that_is_gone_is_told(void **state)
{
	struct keeper *k;

	(void)state;
	assert_int_equal(keeper_start(&k, trial), 0);
	tried(k, "/orphan", -1, "cannot be tried: the keeper is gone");
	keeper_stop(k);
}

static void
slots_are_as_many_as_said(void **state)
{
	struct keeper *k;

	(void)state;
	assert_int_equal(keeper_start(&k, trial), 0);
	for (uint32_t i = 0; i < KEEPER_SLOTS; i++)
		assert_int_equal(*keeper_slot(k, i), 0);
	assert_null(keeper_slot(k, KEEPER_SLOTS));
	assert_null(keeper_slot(NULL, 0));
	keeper_stop(k);
	keeper_stop(NULL);
}

static int
watch(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Does the process behind the pidfd end before our patience does? */
static int
ends(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* A process as heddle is: a keeper, and in slot 3 the group of a shell with a
 * pipeline, whose two sides say their pids before they wait for ever. */
static _Noreturn void
be_heddle(int out)
{
	struct keeper *k;
	_Atomic int32_t *slot;

	if (keeper_start(&k, trial) < 0)
		_exit(1);
	slot = keeper_slot(k, 3);
	if (!fork()) {
		setpgid(0, 0);
		*slot = (int32_t)getpid();
		dup2(out, 1);
		execl("/bin/sh", "sh", "-c",
		      "exec 3>&1; sh -c 'echo $$ >&3; exec sleep 1000' |"
		      " sh -c 'echo $$ >&3; exec sleep 1000'", NULL);
		_exit(127);
	}
	close(out);
	for (;;)
		pause();
}

/* Read two numbers, a line each: both sides write in turn. */
static void
read_pids(int fd, pid_t pid[2])
{
	FILE *f = fdopen(fd, "r");

	assert_non_null(f);
	for (int i = 0; i < 2; i++)
		assert_int_equal(fscanf(f, "%d", &pid[i]), 1);
	fclose(f);
}

static void
a_kill_of_heddle_ends_both_sides_of_a_pipeline(void **state)
{
	int pipes[2], fd[2];
	pid_t heddle, pid[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	heddle = fork();
	if (!heddle) {
		close(pipes[0]);
		be_heddle(pipes[1]);
	}
	close(pipes[1]);
	read_pids(pipes[0], pid);
	for (int i = 0; i < 2; i++) {
		fd[i] = watch(pid[i]);
		assert_true(fd[i] >= 0);
	}
	assert_int_equal(kill(heddle, SIGKILL), 0);
	assert_int_equal(waitpid(heddle, NULL, 0), heddle);
	for (int i = 0; i < 2; i++) {
		assert_true(ends(fd[i]));
		close(fd[i]);
	}
}

static void
stopping_the_keeper_ends_what_is_in_the_page(void **state)
{
	struct keeper *k;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(keeper_start(&k, trial), 0);
	child = fork();
	if (!child) {
		setpgid(0, 0);
		*keeper_slot(k, 0) = (int32_t)getpid();
		for (;;)
			pause();
	}
	while (!*keeper_slot(k, 0))
		sched_yield();
	keeper_stop(k);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* A group that a signal at the terminal reaches: heddle and all its threads,
 * but not the keeper. */
static void
a_signal_to_heddles_group_does_not_reach_the_keeper(void **state)
{
	int pipes[2], status;
	pid_t heddle;
	char c = 0;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	heddle = fork();
	if (!heddle) {
		struct keeper *k;
		char why[KEEPER_SAYS];

		setpgid(0, 0);
		signal(SIGTERM, SIG_IGN);
		signal(SIGINT, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		if (keeper_start(&k, trial) < 0)
			_exit(1);
		kill(0, SIGTERM);
		kill(0, SIGINT);
		kill(0, SIGHUP);
		c = keeper_try(k, "/good", why) == 0 ? 'y' : 'n';
		if (write(pipes[1], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(heddle, &status, 0), heddle);
	assert_int_equal(status, 0);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	close(pipes[0]);
	close(pipes[1]);
}

/* Whoever reads heddle's output sees its end though the keeper still lives. */
static void
the_keeper_holds_no_descriptor_of_heddles(void **state)
{
	int pipes[2];
	struct keeper *k;
	char c;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(keeper_start(&k, trial), 0);
	tried(k, "/good", 0, "");
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &c, 1), 0);
	close(pipes[0]);
	keeper_stop(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trial_answers_and_the_keeper_lives_on),
		cmocka_unit_test(an_empty_path_is_refused),
		cmocka_unit_test(a_keeper_that_is_gone_is_told),
		cmocka_unit_test(slots_are_as_many_as_said),
		cmocka_unit_test(a_kill_of_heddle_ends_both_sides_of_a_pipeline),
		cmocka_unit_test(stopping_the_keeper_ends_what_is_in_the_page),
		cmocka_unit_test(a_signal_to_heddles_group_does_not_reach_the_keeper),
		cmocka_unit_test(the_keeper_holds_no_descriptor_of_heddles),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("keeper", tests, NULL, NULL);
}
