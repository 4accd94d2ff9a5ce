/* SPDX-License-Identifier: MIT */
/* attach - a run looked on at through its socket: by watchers, and by who means it ill. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/graph/graph.h"
#include "core/insight/view.h"
#include "core/record/record.h"
#include "core/run/run.h"
#include "core/session/session.h"

/* ---- a run to look on at ------------------------------------------------------ */

static char dir[] = "/tmp/heddle-attach-XXXXXX";

static int
set_up(void **state)
{
	static const char job[] =
		"[job]\nname = a\n"
		"[synth.trivial nap]\nwidth = 1000\nsteps = 1000\n"
		"kernel = sleep\ncost = 1ms\n"
		"[executor]\nworkers = 2\n"
		"[history]\nstore = runs\n";
	char path[4096];
	FILE *f;

	(void)state;
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/plugins", getenv("HEDDLE_BUILD"));
	setenv("HEDDLE_PLUGIN_PATH", path, 1);
	setenv("XDG_CONFIG_HOME", dir, 1);
	setenv("XDG_RUNTIME_DIR", dir, 1);
	f = fopen("a.ini", "w");
	if (!f)
		return -1;
	fputs(job, f);
	fclose(f);
	clock_init();
	return 0;
}

static int
tear_down(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return chdir("/") < 0 || system(command) != 0 ? -1 : 0;
}

static struct session *
begin(void)
{
	struct session_setup setup = { .path = "a.ini" };
	struct session *s;
	struct err err = { 0 };

	assert_int_equal(chdir(dir), 0);
	if (session_open(&s, &setup, &err) < 0 || session_run(s, &err) < 0)
		fail_msg("%s", err.text);
	return s;
}

static struct session *
look_on(const struct session *at)
{
	struct session *s;
	struct err err = { 0 };

	if (session_open_run(&s, session_number(at), "runs", NULL, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(session_is_watch(s));
	return s;
}

static int
ask(struct session *s, const char *line, char answer[512])
{
	return session_ask(s, line, answer, 512);
}

/* A view of it is refused with this sentence, made with its number. */
static void __attribute__((format(printf, 2, 3)))
is_refused(const struct session *at, const char *fmt, ...)
{
	struct session *w;
	struct err err = { 0 };
	char said[ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
	assert_int_equal(session_open_run(&w, session_number(at), "runs", NULL, &err), -1);
	assert_int_equal(err.code, EXIT_ENV);
	assert_string_equal(err.text, said);
}

/* A bare connection, greeted. */
static int
dial(const struct session *at)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct timeval most = { 20, 0 };
	char hello[4200];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/heddle/%04u.sock", dir, session_number(at));
	assert_int_equal(connect(fd, (const void *)&a, sizeof(a)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	assert_true(recv(fd, hello, sizeof(hello), 0) > 0);
	return fd;
}

/* Until the other side has left. */
static void
is_dropped(int fd)
{
	char buf[4096];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0)
		;
	assert_true(n == 0 || errno == ECONNRESET);
	close(fd);
}

static void
goes_on(struct session *s)
{
	char a[512];

	assert_true(session_is_going(s));
	assert_int_equal(ask(s, "go", a), 0);
}

/* ---- the tests ------------------------------------------------------------------ */

static void
a_watcher_sees_and_asks_what_the_run_s_own_front_end_does(void **state)
{
	struct session *s = begin(), *w = look_on(s);
	struct view v = { 0 };
	char a[512];

	(void)state;
	assert_int_equal(session_number(w), session_number(s));
	assert_string_equal(session_dir(w), session_dir(s));
	assert_int_equal(ask(w, "pause", a), 0);
	assert_int_equal(atomic_load(&run_live(session_current(s))->status), RUN_PAUSED);
	assert_int_equal(atomic_load(&session_live(w)->status), RUN_PAUSED);
	view_fill(&v, session_view(w), VIEW_READY | VIEW_EVENTS_TOO | VIEW_SERIES, VIEW_NOW, 0);
	assert_int_equal(v.ntasks, 1000000);
	assert_int_equal(v.status, RUN_PAUSED);
	assert_int_equal(v.sum.ready + v.sum.running + v.sum.done, 1000000);
	assert_int_equal(ask(w, "paws", a), -1);
	assert_string_equal(a, "'paws': no such request; did you mean 'pause'?");
	assert_int_equal(ask(w, "workers 1", a), 0);
	assert_int_equal(session_scheduler(w, "lifo", a, sizeof(a)), 0);
	assert_int_equal(ask(w, "go\npause", a), 0);
	view_fini(&v);
	session_free(w);
	goes_on(s);
	session_free(s);
}

static void
rows_and_events_of_a_watcher_are_the_run_s(void **state)
{
	struct session *s = begin(), *w = look_on(s);
	struct run_event ours[8], theirs[8];
	uint32_t n;
	char a[512];

	(void)state;
	assert_int_equal(ask(w, "workers 1", a), 0);
	assert_int_equal(ask(w, "pause", a), 0);
	n = run_nevents(session_current(s));
	assert_true(n >= 3 && n <= 8);
	while (session_nevents(w) < n)
		assert_int_equal(session_look(w), 0);
	run_events(session_current(s), 0, ours, 8);
	assert_int_equal(session_events(w, 0, theirs, 8), n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(ours[i].kind, theirs[i].kind);
		assert_string_equal(ours[i].text, theirs[i].text);
		assert_true(ours[i].at == theirs[i].at);
	}
	session_free(w);
	session_free(s);
}

static void
a_run_that_ends_becomes_a_finished_one_for_its_watcher(void **state)
{
	struct session *s = begin(), *w = look_on(s);
	struct view v = { 0 };
	struct err err = { 0 };
	char a[512];

	(void)state;
	assert_int_equal(ask(w, "stop now", a), 0);
	session_finish(s, &err);
	while (!session_look(w))
		;
	assert_false(session_is_watch(w));
	assert_true(session_is_over(w));
	assert_non_null(session_past(w));
	assert_false(session_past(w)->was_cut);
	view_fill(&v, session_view(w), VIEW_READY, VIEW_NOW, 0);
	assert_int_equal(v.status, RUN_STOPPED);
	assert_int_equal(v.sum.done, session_live(s)->done);
	assert_int_equal(session_look(w), 0);
	assert_int_equal(ask(w, "go", a), -1);
	view_fini(&v);
	session_free(w);
	session_free(s);
}

static void
who_floods_or_babbles_is_dropped_and_the_run_goes_on(void **state)
{
	struct session *s = begin();
	static char junk[4096];
	int fd;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	fd = dial(s);			/* a line without end */
	send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
	is_dropped(fd);
	fd = dial(s);			/* bytes that are no text */
	send(fd, "pa\0use\n", 7, MSG_NOSIGNAL);
	is_dropped(fd);
	fd = dial(s);			/* half a line, and gone */
	send(fd, "stop", 4, MSG_NOSIGNAL);
	close(fd);
	fd = dial(s);			/* more than is ever read, and no answer taken */
	for (int i = 0; i < 4096; i += 2)
		memcpy(junk + i, "a\n", 2);
	for (int i = 0; i < 100 && send(fd, junk, sizeof(junk), MSG_NOSIGNAL | MSG_DONTWAIT) > 0; i++)
		;
	goes_on(s);
	close(fd);
	goes_on(s);
	session_free(s);
}

static void
sixteen_look_on_and_the_next_is_told_so(void **state)
{
	struct session *s = begin(), *w;
	struct err err = { 0 };
	int fd[16];

	(void)state;
	for (int i = 0; i < 16; i++)
		fd[i] = dial(s);
	is_refused(s, "run %04u lets nobody look on: %s", session_number(s),
		   "as many look on as may: 16");
	for (int i = 0; i < 16; i++)
		close(fd[i]);
	do				/* until the run has seen that they left */
		memset(&err, 0, sizeof(err));
	while (session_open_run(&w, session_number(s), "runs", NULL, &err) < 0);
	session_free(w);
	session_free(s);
}

static void
a_run_without_a_socket_is_told_in_a_sentence(void **state)
{
	struct session *s;
	char path[128];

	(void)state;
	unsetenv("XDG_RUNTIME_DIR");
	s = begin();
	is_refused(s, "run %04u goes on; without XDG_RUNTIME_DIR there is no socket to look on at; "
		   "heddle show %u tells of it so far", session_number(s), session_number(s));
	setenv("XDG_RUNTIME_DIR", dir, 1);
	is_refused(s, "run %04u goes on, but has no socket in %s/heddle; "
		   "heddle show %u tells of it so far", session_number(s), dir, session_number(s));
	goes_on(s);
	session_free(s);

	/* others may look into the folder: nothing is put there */
	snprintf(path, sizeof(path), "%s/heddle", dir);
	assert_int_equal(chmod(path, 0755), 0);
	s = begin();
	is_refused(s, "run %04u goes on, but has no socket in %s/heddle; "
		   "heddle show %u tells of it so far", session_number(s), dir, session_number(s));
	session_free(s);
	assert_int_equal(chmod(path, 0700), 0);
}

/* Somebody else at the run's address. */
static int
squat(const struct session *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/heddle/%04u.sock", dir, session_number(s));
	assert_int_equal(bind(fd, (const void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static struct session *
begin_unheard(void)
{
	struct session *s;

	unsetenv("XDG_RUNTIME_DIR");
	s = begin();
	setenv("XDG_RUNTIME_DIR", dir, 1);
	return s;
}

static void
a_run_that_does_not_answer_is_not_waited_for_for_ever(void **state)
{
	struct session *s = begin_unheard();
	int fd = squat(s);

	(void)state;
	is_refused(s, "run %04u goes on, but has not answered for 5s; with one thread it answers "
		   "between its tasks", session_number(s));
	close(fd);
	session_free(s);
}

struct fraud { int fd; const char *dir; };

/* The run's words, and a descriptor that is no live block. */
static void *
greet_falsely(void *arg)
{
	struct fraud *f = arg;
	char hello[512];
	union { char at[CMSG_SPACE(sizeof(int))]; struct cmsghdr align; } room = { { 0 } };
	struct iovec text = { hello, (size_t)snprintf(hello, sizeof(hello), "heddle 1 %s\n", f->dir) };
	struct msghdr msg = {
		.msg_iov = &text, .msg_iovlen = 1,
		.msg_control = room.at, .msg_controllen = sizeof(room.at),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int junk = open("a.ini", O_RDONLY | O_CLOEXEC), fd = accept(f->fd, NULL, NULL);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &junk, sizeof(int));
	sendmsg(fd, &msg, MSG_NOSIGNAL);
	close(fd);
	close(junk);
	return NULL;
}

static void
a_block_of_another_make_is_refused(void **state)
{
	struct session *s = begin_unheard();
	struct fraud f = { squat(s), session_dir(s) };
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, greet_falsely, &f), 0);
	is_refused(s, "run %04u: its heddle is of another version", session_number(s));
	pthread_join(thread, NULL);
	close(f.fd);
	session_free(s);
}

static void
a_watched_run_cannot_be_run_again_from_there(void **state)
{
	struct session *s = begin(), *w = look_on(s);
	struct err err = { 0 };
	char said[64];

	(void)state;
	assert_int_equal(session_run(w, &err), -1);
	snprintf(said, sizeof(said), "run %04u goes on, in another heddle", session_number(w));
	assert_string_equal(err.text, said);
	session_free(s);
	session_free(w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watcher_sees_and_asks_what_the_run_s_own_front_end_does),
		cmocka_unit_test(rows_and_events_of_a_watcher_are_the_run_s),
		cmocka_unit_test(a_run_that_ends_becomes_a_finished_one_for_its_watcher),
		cmocka_unit_test(who_floods_or_babbles_is_dropped_and_the_run_goes_on),
		cmocka_unit_test(sixteen_look_on_and_the_next_is_told_so),
		cmocka_unit_test(a_run_without_a_socket_is_told_in_a_sentence),
		cmocka_unit_test(a_run_that_does_not_answer_is_not_waited_for_for_ever),
		cmocka_unit_test(a_block_of_another_make_is_refused),
		cmocka_unit_test(a_watched_run_cannot_be_run_again_from_there),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
