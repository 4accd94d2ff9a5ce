/* SPDX-License-Identifier: MIT */
/* request - what a person asks of a run: one line, one parser, one sentence back. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/plugin/load.h"
#include "core/plugin/shelf.h"
#include "core/run/engine.h"

const char *const run_requests[][2] = {
	{ "pause", "start no more tasks; running ones go on" },
	{ "go", "start tasks again" },
	{ "stop", "start no more tasks and end when the running ones have; stop now: end them too" },
	{ "workers", "workers N: use so many workers" },
	{ "scheduler", "scheduler NAME [option=value ..]: order what is left by another policy" },
	{ "hold", "hold TASKS: keep them back" },
	{ "unhold", "unhold TASKS: let them go" },
	{ "kill", "kill TASKS: end running ones" },
	{ "retry", "retry TASKS: run failed ones again, and what was skipped for them" },
	{ "prioritise", "prioritise TASKS [N]: priority N (default 1), for schedulers that look at it" },
	{ "place", "place TASK WORKER: run it there" },
	{ "release", "release [auto|off]: give up workers that nothing can need any more" },
	{ NULL, NULL }
};

struct request {
	struct request *next;
	const char *line, *from;
	char *answer;
	size_t n;
	int rc, is_answered;
};

/* ---- the policy ------------------------------------------------------------------ */

/* Ready tasks that nobody but the scheduler has, while nobody is inside: of
 * those whose word says ready, all but the pending ones and those to be
 * readied.  What a policy lost or gives to nobody is found so too. */
static heddle_task *
ready_tasks(struct run *run, uint32_t *n)
{
	uint32_t ntasks = run->graph->csr.ntasks;
	unsigned char *elsewhere = xcalloc(ntasks, 1);
	heddle_task *ready = xmalloc((ntasks + 1ull) * sizeof(*ready));

	for (uint32_t i = 0; i < run->nworkers; i++)
		for (uint32_t k = 0; k < run->worker[i].npending; k++)
			elsewhere[run->worker[i].pending[k]] = 1;
	for (size_t i = 0; i < run->ntodo; i++)
		elsewhere[run->todo[i].task] = 1;
	*n = 0;
	for (heddle_task t = 0; t < ntasks; t++)
		if (!atomic_load(&run->word[t]) && !elsewhere[t])
			ready[(*n)++] = t;
	free(elsewhere);
	return ready;
}

int
request_switch(struct run *run, const struct plugin *plugin, const struct option_given *option,
	       uint32_t noptions, struct err *err)
{
	struct policy *old = atomic_load(&run->policy), *p;
	heddle_task *ready;
	uint32_t n;

	if (policy_open(&p, run, plugin, option, noptions, run->wanted, err) < 0)
		return -1;
	atomic_store(&run->policy, NULL);
	idle_quiesce(run);
	ready = ready_tasks(run, &n);
	for (uint32_t i = 0; i < run->nworkers; i++) {
		atomic_store(&run->worker[i].given, 0);
		atomic_store(&run->worker[i].readied, 0);
		atomic_store(&run->worker[i].asked, UINT64_MAX);
	}
	policy_give(p, &run->worker[0], ready, n);
	free(ready);
	old->retired = run->retired;
	run->retired = old;
	live_set_scheduler(run->live, plugin->def.name);
	atomic_store(&run->policy, p);
	run_event(run, EVENT_POLICY, HEDDLE_NONE, HEDDLE_NONE, 0, n, plugin->def.name);
	idle_wake_all(run);
	return 0;
}

void
request_options(struct run *run, const struct option_given *from, uint32_t n)
{
	struct option_given *own = xcalloc(n + 1u, sizeof(*own));

	for (uint32_t i = 0; i < n; i++)
		own[i] = (struct option_given){ xstrdup(from[i].name), xstrdup(from[i].text),
						NULL };
	for (uint32_t i = 0; i < run->noptions; i++) {
		free((char *)(uintptr_t)run->option[i].name);
		free((char *)(uintptr_t)run->option[i].text);
	}
	free(run->option);
	run->option = own;
	run->noptions = n;
}

int
request_fallback(struct run *run)
{
	struct err err = { 0 };

	if (!run->fallback || run->is_fallen_back)
		return -1;
	run->is_fallen_back = 1;
	return request_switch(run, run->fallback, NULL, 0, &err);
}

/* The same policy again, so that priorities and the number of workers are
 * looked at anew. */
static int
reopen(struct run *run, struct err *err)
{
	return request_switch(run, atomic_load(&run->policy)->plugin, run->option,
			      run->noptions, err);
}

/* ---- verbs: each answers with a sentence, 0 or -1 ---------------------------------- */

struct asked {
	struct run *run;
	char **word;			/* behind the verb */
	size_t nwords;
	char *answer;
	size_t n;
};

static int answer(struct asked *, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int
answer(struct asked *a, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->answer, a->n, fmt, ap);
	va_end(ap);
	return rc;
}

static int
ask_pause(struct asked *a)
{
	if (atomic_load(&a->run->gate) & GATE_STOP)
		return answer(a, -1, "the run is stopping");
	run_gate(a->run, GATE_PAUSE);
	if (a->run->is_started)
		atomic_store(&a->run->live->status, RUN_PAUSED);
	idle_wake_all(a->run);
	return answer(a, 0, "paused: running tasks go on, none starts");
}

static int
ask_go(struct asked *a)
{
	if (atomic_load(&a->run->gate) & GATE_STOP)
		return answer(a, -1, "the run is stopping");
	atomic_fetch_and(&a->run->gate, ~(unsigned)GATE_PAUSE);
	if (a->run->is_started)
		atomic_store(&a->run->live->status, RUN_RUNNING);
	idle_wake_all(a->run);
	return answer(a, 0, "tasks start again");
}

static int
ask_stop(struct asked *a)
{
	int is_now = a->nwords && !strcmp(a->word[0], "now");

	if (a->run->verdict == RUN_PLANNED) {
		a->run->verdict = RUN_STOPPED;
		a->run->exit = EXIT_SIGNAL + 2;
		free(a->run->why);
		a->run->why = xstrdup("stopped by request");
	}
	run_halt(a->run, is_now);
	return answer(a, 0, is_now ? "stopping: running tasks are ended" :
				     "stopping: no task starts, running ones finish");
}

static int
set_workers(struct run *run, uint32_t n, struct err *err)
{
	run->wanted = n;
	atomic_store(&run->live->workers, run->wanted);
	for (uint32_t i = 0; i < run->nworkers; i++) {
		run->worker[i].is_off = i >= run->wanted;
		run->worker[i].is_released = 0;
		run->worker[i].has_end = 0;	/* who carries it is told anew */
	}
	run_gate(run, GATE_FEWER);
	hold_resize(&run->hold, run->wanted);
	run_admit(run);
	return reopen(run, err);
}

/* Workers start in the order of their numbers. */
static uint32_t
count_started(const struct run *run)
{
	uint32_t n = 0;

	while (n < run->nworkers && run->worker[n].is_started)
		n++;
	return n;
}

static int
ask_workers(struct asked *a)
{
	struct run *run = a->run;
	struct err err = { 0 };
	int64_t n = 0;
	const char *why;

	if (!a->nwords || read_count(a->word[0], &n, &why) < 0 || n < 1 || n > run->nworkers)
		return answer(a, -1, "workers: expected a number from 1 to %u", run->nworkers);
	if (run->set->executor == EXECUTOR_SYNC)
		return answer(a, -1, "the sync executor has one worker");
	if (set_workers(run, (uint32_t)n, &err) < 0)
		return answer(a, -1, "%s", err.text);
	if (run->is_started && thread_more(run) < 0) {
		if (set_workers(run, count_started(run), &err) < 0)
			return answer(a, -1, "%s", err.text);
		return answer(a, -1, "no more than %u workers can be started",
			      run->wanted);
	}
	idle_label(run);
	idle_wake_all(run);
	return answer(a, 0, "%u workers", run->wanted);
}

static int
ask_scheduler(struct asked *a)
{
	struct run *run = a->run;
	const struct plugin *plugin;
	struct option_given option[32];
	struct err err = { 0 };
	uint32_t n = 0;

	if (!a->nwords)
		return answer(a, -1, "scheduler: expected the name of a plugin");
	if (!run->shelf)
		return answer(a, -1, "no plugins are at hand");
	plugin = shelf_get(run->shelf, a->word[0], NULL, &err);
	if (!plugin)
		return answer(a, -1, "%s", err.text);
	if (!plugin->scheduler)
		return answer(a, -1, "'%s' is a collection; expected a scheduler", a->word[0]);
	for (size_t i = 1; i < a->nwords && n < 32; i++) {
		char *eq = strchr(a->word[i], '=');

		if (!eq)
			return answer(a, -1, "'%s': expected option=value", a->word[i]);
		*eq = '\0';
		option[n++] = (struct option_given){ a->word[i], eq + 1, NULL };
	}
	if (request_switch(run, plugin, option, n, &err) < 0)
		return answer(a, -1, "%s", err.text);
	request_options(run, option, n);
	return answer(a, 0, "scheduler %s from now on", plugin->def.name);
}

/* The TASKS of a request; 0, or -1 with the answer given. */
static int
need_tasks(struct asked *a, struct tasks *t)
{
	if (!a->nwords)
		return answer(a, -1, "expected tasks: count/3, count, count/0..99 or state:failed");
	if (tasks_find(a->run, a->word[0], t) < 0)
		return answer(a, -1, "'%s': no task, group or state of that name", a->word[0]);
	return 0;
}

static int
is_waiting(const struct run *run, heddle_task t)
{
	return task_state_of(atomic_load(&run->word[t])) == TASK_HELD;
}

static int
ask_hold(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };

	if (need_tasks(a, &t) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		struct wish *w = run_wish(run, t.at[i], 1);

		w->is_held = 1;
		if (!w->is_caught && is_waiting(run, t.at[i]) && run_withdraw(run, t.at[i])) {
			w->is_caught = 1;
			run->ncaught++;
		}
	}
	run_admit(run);
	free(t.at);
	return answer(a, 0, "%zu tasks are held", t.n);
}

static int
ask_unhold(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };
	size_t n = 0;

	if (need_tasks(a, &t) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		struct wish *w = run_wish(run, t.at[i], 0);

		if (!w || !w->is_held)
			continue;
		w->is_held = 0;
		n++;
		if (w->is_caught) {
			w->is_caught = 0;
			run->ncaught--;
			run_set_held(run, w->task, 0);
			run_again(run, w->task);
		}
	}
	free(t.at);
	idle_wake_all(run);
	return answer(a, 0, "%zu tasks are let go", n);
}

static int
ask_kill(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };
	size_t n = 0;

	if (need_tasks(a, &t) < 0)
		return -1;
	for (uint32_t i = 0; i < run->nworkers; i++) {
		heddle_task on = atomic_load(&run->worker[i].live->task);

		for (size_t k = 0; k < t.n; k++)
			if (t.at[k] == on) {
				struct worker *w = &run->worker[i];

				thread_stop_task(w, on, asked_to_stop(w, on) != STOP_NOT);
				n++;
			}
	}
	free(t.at);
	return answer(a, n ? 0 : -1, n ? "%zu running tasks are asked to end" :
					 "%zu of them run", n);
}

static int
ask_retry(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };
	uint64_t back = 0;
	size_t n = 0;

	if (atomic_load(&run->gate) & GATE_STOP)
		return answer(a, -1, "the run is stopping");
	if (need_tasks(a, &t) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		struct live_rare *r = &run->rare[graph_group_of(run->graph, t.at[i])];
		enum task_state s = task_state_of(atomic_load(&run->word[t.at[i]]));

		if (s != TASK_FAILED && s != TASK_STOPPED)
			continue;
		atomic_fetch_sub(s == TASK_FAILED ? &r->failed : &r->stopped, 1);
		atomic_fetch_add(&r->again, 1);
		atomic_fetch_sub(&run->nsettled, 1);
		atomic_fetch_add(&run->live->retried, 1);
		atomic_fetch_add(&r->retried, 1);
		atomic_store(&run->word[t.at[i]], 0);
		back += fate_unskip(run, t.at[i]);
		run_count_attempt(run, t.at[i]);
		run_again(run, t.at[i]);
		n++;
	}
	free(t.at);
	if (!n)
		return answer(a, -1, "none of them has failed");
	idle_uncover(run);
	return answer(a, 0, "%zu tasks run again, %llu are blocked no longer skipped",
		      n, (unsigned long long)back);
}

static int
ask_prioritise(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };
	struct err err = { 0 };
	int64_t to = 1;
	const char *why;

	if (need_tasks(a, &t) < 0)
		return -1;
	if (a->nwords > 1 && (read_int(a->word[1], &to, &why) < 0 ||
			      to < INT32_MIN || to > INT32_MAX)) {
		free(t.at);
		return answer(a, -1, "'%s': expected a priority such as 5 or -1", a->word[1]);
	}
	if (!run->priority) {
		_Atomic int32_t *own = xcalloc(run->graph->csr.ntasks, sizeof(*own));

		for (heddle_task i = 0; i < run->graph->csr.ntasks; i++)
			atomic_init(&own[i], graph_attr(run->graph, i)->priority);
		run->priority = own;
	}
	for (size_t i = 0; i < t.n; i++)
		run->priority[t.at[i]] = (int32_t)to;
	free(t.at);
	if (reopen(run, &err) < 0)
		return answer(a, -1, "%s", err.text);
	return answer(a, 0, "%zu tasks have priority %d", t.n, (int)to);
}

static int
ask_place(struct asked *a)
{
	struct run *run = a->run;
	struct tasks t = { 0 };
	struct wish *w;
	int64_t on;
	const char *why;

	if (need_tasks(a, &t) < 0)
		return -1;
	if (t.n != 1 || a->nwords < 2 || read_count(a->word[1], &on, &why) < 0 ||
	    on >= run->wanted) {
		free(t.at);
		return answer(a, -1, "place: expected one task and a worker from 0 to %u",
			      run->wanted - 1);
	}
	w = run_wish(run, t.at[0], 1);
	w->worker = (uint32_t)on;
	if (!w->is_held && is_waiting(run, w->task) && run_withdraw(run, w->task)) {
		run_set_held(run, w->task, 0);
		run_again(run, w->task);
		run_admit(run);
	}
	free(t.at);
	return answer(a, 0, "it will run on worker %u, if it has not begun", w->worker);
}

static int
ask_release(struct asked *a)
{
	struct run *run = a->run;
	uint32_t n = 0;

	if (a->nwords && !strcmp(a->word[0], "off")) {
		run->release_auto = 0;
		return answer(a, 0, "workers are kept to the end");
	}
	if (a->nwords && strcmp(a->word[0], "auto") != 0)
		return answer(a, -1, "release: expected nothing, auto or off");
	run->release_auto = !!a->nwords;
	idle_label(run);
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];

		if (!w->has_end || w->is_off)
			continue;
		w->is_off = w->is_released = 1;
		n++;
	}
	run_gate(run, GATE_FEWER);
	idle_wake_all(run);
	return answer(a, 0, a->nwords ? "%u workers released, others as they are needed no more" :
					"%u workers released", n);
}

static const struct {
	const char *verb;
	int (*ask)(struct asked *);
} verbs[] = {
	{ "pause", ask_pause }, { "go", ask_go }, { "stop", ask_stop },
	{ "workers", ask_workers }, { "scheduler", ask_scheduler },
	{ "hold", ask_hold }, { "unhold", ask_unhold }, { "kill", ask_kill },
	{ "retry", ask_retry }, { "prioritise", ask_prioritise },
	{ "place", ask_place }, { "release", ask_release },
};

/* ---- the line -------------------------------------------------------------------- */

enum { WORDS = 40 };

static int
apply(struct run *run, const char *line, char *buf, size_t n)
{
	char *copy = xstrdup(line), *save = NULL, *word[WORDS];
	struct asked a = { .run = run, .word = word + 1, .answer = buf, .n = n };
	size_t nwords = 0;
	int rc = -1;

	for (char *w = strtok_r(copy, " \t", &save); w && nwords < WORDS;
	     w = strtok_r(NULL, " \t", &save))
		word[nwords++] = w;
	if (!nwords) {
		snprintf(buf, n, "nothing was asked");
		goto out;
	}
	a.nwords = nwords - 1;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(word[0], verbs[i].verb)) {
			rc = verbs[i].ask(&a);
			goto out;
		}
	const char *known[sizeof(verbs) / sizeof(*verbs) + 1] = { NULL }, *near;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		known[i] = verbs[i].verb;
	near = nearest(word[0], known);
	answer(&a, -1, "'%s': no such request; %s%s%s", word[0],
	       near ? "did you mean '" : "expected pause, go, stop, workers, scheduler, hold, "
	       "unhold, kill, retry, prioritise, place or release", near ? near : "",
	       near ? "'?" : "");
out:
	free(copy);
	return rc;
}

/* run.lock held. */
static int
apply_and_tell(struct run *run, const char *line, const char *from, char *buf, size_t n)
{
	char said[512];
	int rc;

	if (atomic_load(&run->live->status) >= RUN_OK) {
		snprintf(buf, n, "the run is over");
		return -1;
	}
	rc = apply(run, line, buf, n);
	snprintf(said, sizeof(said), "%s: %s: %s", from, line, buf);
	run_event(run, EVENT_REQUEST, HEDDLE_NONE, HEDDLE_NONE, rc, 0, said);
	return rc;
}

int
request_apply(struct run *run, const char *line, const char *from, char *buf, size_t n)
{
	int rc;

	pthread_mutex_lock(&run->lock);
	rc = apply_and_tell(run, line, from, buf, n);
	pthread_mutex_unlock(&run->lock);
	return rc;
}

void
request_serve(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	for (struct request *r = run->request; r; r = run->request) {
		run->request = r->next;
		atomic_fetch_sub(&run->nasked, 1);
		r->rc = apply_and_tell(run, r->line, r->from, r->answer, r->n);
		r->is_answered = 1;
	}
	pthread_cond_broadcast(&run->answered);
	pthread_mutex_unlock(&run->lock);
}

int
run_ask(struct run *run, const char *line, const char *from, char *buf, size_t n)
{
	struct request r = { .line = line, .from = from, .answer = buf, .n = n };
	struct request **last;

	buf[0] = '\0';
	pthread_mutex_lock(&run->lock);
	if (!run->is_started || atomic_load(&run->is_over)) {
		r.rc = run->is_started ? -1 : apply(run, line, buf, n);
		if (run->is_started)
			snprintf(buf, n, "the run is over");
		pthread_mutex_unlock(&run->lock);
		return r.rc;
	}
	for (last = &run->request; *last; last = &(*last)->next)
		;
	*last = &r;
	atomic_fetch_add(&run->nasked, 1);
	run_poke(run);
	while (!r.is_answered)
		pthread_cond_wait(&run->answered, &run->lock);
	pthread_mutex_unlock(&run->lock);
	return r.rc;
}

void
run_stop(struct run *run, int signal)
{
	pthread_mutex_lock(&run->lock);
	if (run->is_settled) {
		pthread_mutex_unlock(&run->lock);
		return;
	}
	run->nstops++;
	if (run->verdict == RUN_PLANNED) {
		run->verdict = RUN_STOPPED;
		run->exit = EXIT_SIGNAL + (signal ? signal : 2);
		free(run->why);
		run->why = xasprintf("stopped by %s", signal == 15 ? "SIGTERM" :
				     signal == 1 ? "SIGHUP" : "SIGINT");
	}
	run_halt(run, run->nstops > 1 || signal == 15 || signal == 1);
	pthread_mutex_unlock(&run->lock);
	run_poke(run);
}
