/* SPDX-License-Identifier: MIT */
/* command - a child: argv to exec, its log, its process group, its end. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/keeper.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

extern char **environ;

enum { SERVE_MS = 20 };
#define DEFAULT_GRACE 5000000000ull	/* between TERM and KILL, ns */

/*
 * One a worker, while its child runs.  The group is cleared under run.lock
 * before the child is reaped, so that a signal never goes to a process group
 * whose number has been given away again.
 */
struct child {
	pid_t group;			/* 0: none */
	uint64_t deadline;		/* ns of the run's clock; UINT64_MAX: none */
	uint64_t kill_at;		/* KILL follows TERM then; UINT64_MAX: not yet */
	uint64_t grace;
	int is_timed_out;
};

/* ---- what the child gets ----------------------------------------------------- */

struct env {
	char **at;
	size_t n, cap;
	size_t nown;			/* the first ones are ours to free */
};

static void
add_env(struct env *e, char *text)
{
	*XADD(&e->at, &e->n, &e->cap) = text;
}

static int
is_named(const char *entry, const char *as)
{
	size_t n = strcspn(as, "=");

	return !strncmp(entry, as, n) && entry[n] == '=';
}

static int
names(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (is_named(*list, name))
			return 1;
	return 0;
}

/* The environment with HEDDLE_* and what the command adds. */
static void
make_env(struct env *e, struct run *run, const struct worker *w, heddle_task t,
	 const char *const *add)
{
	const struct graph *g = run->graph;
	uint32_t cores = graph_attr(g, t)->cores;
	char name[GRAPH_NAME];

	add_env(e, xasprintf("HEDDLE_RUN=%s", run->name));
	add_env(e, xasprintf("HEDDLE_TASK=%s", graph_name(g, t, name)));
	add_env(e, xasprintf("HEDDLE_GROUP=%s",
			     graph_text(g, g->group[graph_group_of(g, t)].name)));
	add_env(e, xasprintf("HEDDLE_INDEX=%u", graph_index(g, t)));
	add_env(e, xasprintf("HEDDLE_ATTEMPT=%u", run_attempt(run, t)));
	add_env(e, xasprintf("HEDDLE_WORKER=%u", w->id));
	add_env(e, xasprintf("HEDDLE_CORES=%u", cores));
	if (!getenv("OMP_NUM_THREADS") && !names(add, "OMP_NUM_THREADS"))
		add_env(e, xasprintf("OMP_NUM_THREADS=%u", cores));
	for (; add && *add; add++)
		add_env(e, xstrdup(*add));
	e->nown = e->n;
	for (char **old = environ; *old; old++) {
		size_t i;

		for (i = 0; i < e->nown && !is_named(*old, e->at[i]); i++)
			;
		if (i == e->nown)
			add_env(e, *old);
	}
	add_env(e, NULL);
}

static void
free_env(struct env *e)
{
	for (size_t i = 0; i < e->nown; i++)
		free(e->at[i]);
	free(e->at);
}

/* A folder and those above it; one that is there is fine. */
static int
make_dirs(const char *path)
{
	char *p = xstrdup(path);
	int rc = 0;

	for (char *s = p + 1; *s && !rc; s++)
		if (*s == '/') {
			*s = '\0';
			rc = mkdir(p, 0777) < 0 && errno != EEXIST && errno != EISDIR ? -1 : 0;
			*s = '/';
		}
	if (!rc && mkdir(p, 0777) < 0 && errno != EEXIST)
		rc = -1;
	free(p);
	return rc;
}

/* ---- the child ---------------------------------------------------------------- */

struct start {
	char *const *argv, *const *env;
	int log, null;
	_Atomic int32_t *slot;		/* the keeper's; NULL: none */
	volatile int error;		/* written by the child, behind the compiler's back: vfork */
};

/* In the child, which borrows our memory until exec: system calls alone. */
static _Noreturn void
exec_child(struct start *s)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	setpgid(0, 0);
	if (s->slot)
		atomic_store(s->slot, (int32_t)getpid());
	sigaction(SIGPIPE, &plain, NULL);
	sigaction(SIGXFSZ, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(s->null, 0) < 0 || dup2(s->log, 1) < 0 || dup2(s->log, 2) < 0) {
		s->error = errno;
		_exit(127);
	}
	execvpe(s->argv[0], s->argv, s->env);
	s->error = errno;
	_exit(127);
}

static pid_t
spawn(struct start *s)
{
	pid_t pid = vfork();

	if (pid == 0)
		exec_child(s);
	return pid;
}

/* ---- its end -------------------------------------------------------------------- */

static uint64_t
ns_of(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

/* The child has ended, and is there still to be reaped.  With `sync` this is
 * the run thread: it serves the run meanwhile, or no timeout would come. */
static void
await_end(struct run *run, pid_t pid)
{
	struct pollfd end = { -1, POLLIN, 0 };
	siginfo_t info;

	if (run->set->executor == EXECUTOR_SYNC) {
		end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
		while (end.fd >= 0 && poll(&end, 1, SERVE_MS) == 0)
			thread_serve(run, 0);
		if (end.fd >= 0)
			close(end.fd);
	}
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
}

static void
reap(struct worker *w, struct child *c, pid_t pid, _Atomic int32_t *kept,
     struct heddle_exit *how)
{
	struct rusage ru;
	int status = 0;

	await_end(w->run, pid);
	pthread_mutex_lock(&w->run->lock);
	if (c->kill_at != UINT64_MAX)	/* asked to end: so are those it left behind */
		kill(-c->group, SIGKILL);
	c->group = 0;
	w->child = NULL;
	pthread_mutex_unlock(&w->run->lock);
	if (kept)
		atomic_store(kept, 0);
	while (wait4(pid, &status, 0, &ru) < 0 && errno == EINTR)
		;
	how->size = sizeof(*how);
	how->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	how->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	how->timed_out = (uint32_t)c->is_timed_out;
	how->cpu = ns_of(ru.ru_utime) + ns_of(ru.ru_stime);
	how->peak = (uint64_t)ru.ru_maxrss * 1024u;
}

static void
note_end(struct worker *w, heddle_task t, const struct heddle_command *c,
	 const struct heddle_exit *how)
{
	struct text line = { 0 };

	for (const char *const *a = c->argv; *a; a++) {
		text_add(&line, a == c->argv ? "" : " ");
		text_add(&line, *a);
	}
	pthread_mutex_lock(&w->run->lock);
	run_tell(w->run, &(struct run_event){
		.kind = EVENT_COMMAND, .task = t, .worker = w->id, .code = how->code,
		.n = how->cpu, .peak = how->peak, .text = line.at,
	});
	pthread_mutex_unlock(&w->run->lock);
	text_fini(&line);
}

int
command_run(struct worker *w, heddle_task t, const struct heddle_command *c,
	    struct heddle_exit *how, char **why)
{
	struct run *run = w->run;
	const struct graph_attr *a = graph_attr(run->graph, t);
	struct child child = { .deadline = UINT64_MAX, .kill_at = UINT64_MAX };
	struct env env = { 0 };
	struct start s = { .log = -1, .null = -1 };
	pid_t pid = -1;
	int rc = -1;

	if (!c->argv || !c->argv[0]) {
		*why = xstrdup("an empty command");
		return -1;
	}
	for (const char *const *d = c->make_dirs; d && *d; d++)
		if (make_dirs(*d) < 0) {
			*why = xasprintf("cannot make folder %s: %s", *d, strerror(errno));
			return -1;
		}
	make_env(&env, run, w, t, c->env);
	s.argv = (char *const *)(uintptr_t)c->argv;
	s.env = env.at;
	s.slot = keeper_slot(run->keeper, w->id);
	s.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (run->sink.open_log)
		s.log = run->sink.open_log(run->sink.self, t, run_attempt(run, t));
	if (s.log < 0 && s.null >= 0)
		s.log = fcntl(s.null, F_DUPFD_CLOEXEC, 0);
	if (s.log < 0) {
		*why = xasprintf("cannot start %s: no file to be had: %s", c->argv[0],
				 strerror(errno));
		goto out;
	}
	pid = spawn(&s);
	if (pid < 0) {
		*why = xasprintf("cannot start %s: %s", c->argv[0], strerror(errno));
		goto out;
	}
	child.group = pid;
	child.grace = a->grace ? a->grace : DEFAULT_GRACE;
	if (a->timeout)
		child.deadline = run_now(run) + a->timeout;
	pthread_mutex_lock(&run->lock);
	w->child = &child;
	if (asked_to_stop(w, t))	/* asked before there was a child */
		command_signal(w, SIGTERM);
	pthread_mutex_unlock(&run->lock);
	if (a->timeout)
		run_poke(run);
	reap(w, &child, pid, s.slot, how);
	if (s.error) {
		*why = xasprintf("cannot run %s: %s", c->argv[0], strerror(s.error));
		goto out;
	}
	note_end(w, t, c, how);
	rc = 0;

out:
	if (s.log >= 0)
		close(s.log);
	if (s.null >= 0)
		close(s.null);
	free_env(&env);
	return rc;
}

/* ---- from the run thread, under the lock ------------------------------------------ */

void
command_signal(struct worker *w, int signal)
{
	struct child *c = w->child;

	if (!c || !c->group)
		return;
	kill(-c->group, signal);
	if (signal == SIGTERM && c->kill_at == UINT64_MAX)
		c->kill_at = run_now(w->run) + c->grace;
}

/* A kernel over its time is asked to stop: more cannot be done to a thread. */
static void
kernel_timeout(struct worker *w, uint64_t now)
{
	heddle_task t = atomic_load(&w->live->task);
	const struct graph_attr *a;

	if (t == HEDDLE_NONE)
		return;
	a = graph_attr(w->run->graph, t);
	if (a->timeout && now > atomic_load(&w->live->since) + a->timeout &&
	    !asked_to_stop(w, t))
		ask_to_stop(w, t, STOP_TIMEOUT);
}

void
command_timeouts(struct run *run, uint64_t now)
{
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];
		struct child *c = w->child;

		if (!c) {
			kernel_timeout(w, now);
			continue;
		}
		if (c->deadline <= now) {
			c->deadline = UINT64_MAX;
			c->is_timed_out = 1;
			command_signal(w, SIGTERM);
		}
		if (c->kill_at <= now) {
			c->kill_at = UINT64_MAX - 1;
			command_signal(w, SIGKILL);
		}
	}
}

uint64_t
command_next(struct run *run)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < run->nworkers; i++) {
		const struct child *c = run->worker[i].child;

		if (c && c->deadline < next)
			next = c->deadline;
		if (c && c->kill_at < next)
			next = c->kill_at;
	}
	return next;
}
