/* SPDX-License-Identifier: MIT */
/* thread - the executors: one thread a worker, and the run thread beside them. */

/*
 * The run thread owns timers, back-off, requests, flushing and the sampling of
 * CPU clocks; it sleeps in poll.  With `threads` the workers are threads of
 * their own; with `sync` the run thread is worker 0 and serves between tasks.
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/membarrier.h>

#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"
#include "core/run/engine.h"

enum {
	FLUSH_NS = 50000000,		/* rows reach the record at least so often */
	SAMPLE_NS = 100000000,		/* CPU clocks are read so often */
	SHORT_NS = 1000			/* after a longer task the next start is read anew */
};

/* A worker is paid for from here on; until its thread runs it is overhead.
 * Those of the start begin at 1 ns, the run's first instant. */
static void
begin(struct worker *w, uint64_t now)
{
	atomic_store(&w->live->class, CLASS_OVH);
	atomic_store(&w->live->since, now);
	atomic_store_explicit(&w->live->start, now, memory_order_release);
	w->is_started = 1;
}

/* ---- a worker --------------------------------------------------------------- */

static void
set_up(struct worker *w)
{
	pthread_getcpuclockid(pthread_self(), &w->clock);
	atomic_store(&w->cpu_mark, clock_thread_cpu());
	atomic_store_explicit(&w->live->tid, (uint32_t)gettid(), memory_order_release);
}

static void
tear_down(struct worker *w)
{
	uint64_t mark = atomic_load(&w->cpu_mark);

	if (mark)
		atomic_fetch_add(&w->cpu_sum, clock_thread_cpu() - mark);
	atomic_store(&w->cpu_mark, 0);
	atomic_store(&w->live->cpu, atomic_load(&w->cpu_sum));
	atomic_store(&w->live->tid, 0);
	w->left_at = run_now(w->run);
	atomic_store(&w->live->since, w->left_at);
	atomic_store(&w->live->class, CLASS_END);
}

/* Take, run, end, until the run needs it no more.  between is called before
 * each take (NULL: nothing to do). */
static void
work(struct worker *w, void (*between)(struct run *))
{
	struct run *run = w->run;
	struct run_result r = { .end = run_now(run) };
	enum run_class why;
	heddle_task t;
	uint64_t start;
	int over = 0, was_idle = 1;

	while (!over) {
		if (between)
			between(run);
		t = run_take(run, w->id, r.end, &why, &over);
		if (t == HEDDLE_NONE && !over) {
			t = idle_park(w, why, &over);
			was_idle = 1;
		}
		if (t == HEDDLE_NONE)
			continue;
		/* alone, back-to-back short tasks share one reading of the clock;
		 * beside others that would start some before their inputs' end */
		start = was_idle || run->nworkers > 1 || r.end - r.start > SHORT_NS ?
			run_now(run) : r.end;
		was_idle = 0;
		task_run(w, t, start, &r);
		run_end(run, w->id, t, &r);
	}
}

static void
finish(struct run *run)
{
	/* the first to see the end tells the others */
	pthread_mutex_lock(&run->lock);
	if (!(atomic_load(&run->gate) & GATE_STOP)) {
		run_gate(run, GATE_STOP);
		idle_wake_all(run);
	}
	pthread_mutex_unlock(&run->lock);
}

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	struct run *run = w->run;

	set_up(w);
	work(w, NULL);
	finish(run);
	tear_down(w);
	atomic_fetch_add(&run->nleft, 1);
	run_poke(run);
	return NULL;
}

void
thread_stop_task(struct worker *w, heddle_task t, int is_hard)
{
	if (t == HEDDLE_NONE)
		return;
	ask_to_stop(w, t, STOP_ASKED);
	if (atomic_load(&w->live->task) == t)
		command_signal(w, is_hard ? SIGKILL : SIGTERM);
}

int
thread_more(struct run *run)
{
	if (run->set->executor == EXECUTOR_SYNC)
		return 0;
	for (uint32_t i = 0; i < run->wanted; i++) {
		struct worker *w = &run->worker[i];

		if (w->is_started)
			continue;
		begin(w, run->is_started ? run_now(run) : 1);
		w->is_off = 0;
		errno = pthread_create(&w->thread, NULL, worker_main, w);
		if (errno) {
			atomic_store(&w->live->start, 0);
			w->is_started = 0;
			return -1;
		}
	}
	return 0;
}

/* ---- the run thread ------------------------------------------------------------ */

/* CPU time in tasks: what was closed at the last idle, and the busy stretch
 * that goes on.  Read again where the worker changed it meanwhile. */
static void
sample(struct run *run)
{
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];
		uint64_t mark, sum, cpu;
		struct timespec now;

		if (!atomic_load_explicit(&w->live->tid, memory_order_acquire))
			continue;
		mark = atomic_load(&w->cpu_mark);
		sum = atomic_load(&w->cpu_sum);
		if (mark && !clock_gettime(w->clock, &now)) {
			cpu = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
			if (cpu > mark)
				sum += cpu - mark;
		}
		if (mark == atomic_load(&w->cpu_mark) && sum > atomic_load(&w->live->cpu))
			atomic_store(&w->live->cpu, sum);
	}
}

static void
flush(struct run *run)
{
	if (run->sink.flush)
		run->sink.flush(run->sink.self, run->log, run->nworkers);
}

static void
check_time(struct run *run, uint64_t now)
{
	char why[96], most[WRITE_MAX];

	if (!run->set->max_time || now < run->set->max_time || run->is_stop_now)
		return;
	snprintf(why, sizeof(why), "over its time: [job] max_time is %s",
		 write_time(most, run->set->max_time));
	run_fault(run, RUN_STOPPED, EXIT_TIMEOUT, why);
	run_halt(run, 1);
}

void
thread_serve(struct run *run, int wait)
{
	uint64_t now = run_now(run), due = now + FLUSH_NS, sink;
	struct pollfd fd[1 + WATCHERS_POLL] = { { run->poke_fd, POLLIN, 0 } };
	int nwatch;

	if (wait) {
		pthread_mutex_lock(&run->lock);
		if (fate_next(run) < due)
			due = fate_next(run);
		if (command_next(run) < due)
			due = command_next(run);
		pthread_mutex_unlock(&run->lock);
		nwatch = watchers_poll(run->watchers, now, fd + 1, &due);
		poll(fd, 1 + (nfds_t)nwatch, due > now ? (int)((due - now) / 1000000 + 1) : 0);
		now = run_now(run);
	}
	if (read(run->poke_fd, &sink, sizeof(sink)) < 0 && errno != EAGAIN)
		return;
	request_serve(run);
	watchers_serve(run, now);
	pthread_mutex_lock(&run->lock);
	fate_due(run, now);
	command_timeouts(run, now);
	check_time(run, now);
	pthread_mutex_unlock(&run->lock);
	if (now - run->flushed >= FLUSH_NS) {
		run->flushed = now;
		flush(run);
		idle_cover(run);
	}
	if (now - run->sampled >= SAMPLE_NS) {
		run->sampled = now;
		sample(run);
	}
}

void
thread_between(struct run *run)
{
	if (atomic_load_explicit(&run->nasked, memory_order_relaxed) || run->nretry ||
	    run_now(run) - run->flushed >= FLUSH_NS)
		thread_serve(run, 0);
}

/* ---- the end ------------------------------------------------------------------- */

static void
settle(struct run *run)
{
	struct live_head *h = run->live;
	struct live_sum *sum = xcalloc(run->graph->ngroups + 1u, sizeof(*sum)), all = { 0 };

	live_sums(h, run->graph, sum);
	for (uint32_t i = 0; i < run->graph->ngroups; i++) {
		all.done += sum[i].done;
		all.failed += sum[i].failed;
		all.skipped += sum[i].skipped;
		all.stopped += sum[i].stopped;
	}
	free(sum);
	atomic_store(&h->done, all.done);
	atomic_store(&h->failed, all.failed);
	atomic_store(&h->skipped, all.skipped);
	atomic_store(&h->stopped, all.stopped);
	if (run->verdict == RUN_PLANNED) {
		run->verdict = all.done == run->graph->csr.ntasks ? RUN_OK :
			       all.failed ? RUN_FAILED : RUN_STOPPED;
		run->exit = all.done == run->graph->csr.ntasks ? EXIT_DONE : EXIT_FAILED;
	}
	if (all.done == run->graph->csr.ntasks && run->verdict == RUN_STOPPED) {
		run->verdict = RUN_OK;	/* the stop came after the last task */
		run->exit = EXIT_DONE;
	}
}

/* The run ends when the last worker has left; the others waited for nothing
 * that could have needed them. */
static uint64_t
close_logs(struct run *run)
{
	uint64_t end = 1;

	for (uint32_t i = 0; i < run->nworkers; i++)
		if (run->worker[i].left_at > end)
			end = run->worker[i].left_at;
	for (uint32_t i = 0; i < run->nworkers; i++) {
		struct worker *w = &run->worker[i];

		if (!w->is_started)
			continue;
		if (w->left_at < end) {
			log_add(w->log, w->left_at, end, (uint64_t)CLASS_END << 8, HEDDLE_NONE);
			atomic_fetch_add(&w->live->ns[CLASS_END], end - w->left_at);
		}
		atomic_store(&w->live->since, end);
		atomic_store(&w->live->end, end);
	}
	return end;
}

static void
close_run(struct run *run)
{
	uint64_t end = close_logs(run);

	pthread_mutex_lock(&run->lock);
	settle(run);
	run->is_settled = 1;
	atomic_store(&run->live->exit, (uint32_t)run->exit);
	run_event(run, EVENT_END, HEDDLE_NONE, HEDDLE_NONE, run->exit, 0,
		  run_status_names[run->verdict]);
	pthread_mutex_unlock(&run->lock);
	flush(run);
	atomic_store(&run->live->end, end);
	atomic_store(&run->live->status, run->verdict);
}

static void *
run_main(void *arg)
{
	struct run *run = arg;
	uint64_t one = 1;
	uint32_t started = 0;

	if (run->set->executor == EXECUTOR_SYNC) {
		struct worker *w = &run->worker[0];

		begin(w, 1);
		set_up(w);
		work(w, thread_between);
		finish(run);
		tear_down(w);
	} else {
		for (;;) {
			started = 0;
			pthread_mutex_lock(&run->lock);
			for (uint32_t i = 0; i < run->nworkers; i++)
				started += (uint32_t)run->worker[i].is_started;
			pthread_mutex_unlock(&run->lock);
			if (atomic_load(&run->nleft) == started)
				break;
			thread_serve(run, 1);
		}
		for (uint32_t i = 0; i < run->nworkers; i++)
			if (run->worker[i].is_started)
				pthread_join(run->worker[i].thread, NULL);
	}
	close_run(run);
	request_serve(run);	/* late ones are refused in words */
	atomic_store(&run->is_over, 1);
	request_serve(run);
	watchers_free(run->watchers);
	run->watchers = NULL;
	if (write(run->over_fd, &one, sizeof(one)) < 0)
		return NULL;	/* an eventfd at 0 takes one */
	return NULL;
}

int
run_start(struct run *run, struct err *err)
{
	int rc, number;

	/* for idle_quiesce; a kernel without it: enter() pays for the fence */
	run->has_membarrier = !syscall(SYS_membarrier,
		MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
	run->clock_start = clock_now() - 1;	/* the first instant is 1, 0 is never */
	run->live->clock_start = run->clock_start;
	run->live->wall_start = clock_wall();
	pthread_mutex_lock(&run->lock);
	atomic_store(&run->live->status,
		     atomic_load(&run->gate) & GATE_STOP ? RUN_STOPPING :
		     atomic_load(&run->gate) & GATE_PAUSE ? RUN_PAUSED : RUN_RUNNING);
	run_event(run, EVENT_START, HEDDLE_NONE, HEDDLE_NONE, 0, run->wanted, "");
	rc = thread_more(run);
	if (!rc && (errno = pthread_create(&run->thread, NULL, run_main, run)))
		rc = -1;
	number = errno;
	if (rc < 0) {
		run_gate(run, GATE_STOP);
		idle_wake_all(run);
	}
	run->is_started = !rc;
	pthread_mutex_unlock(&run->lock);
	if (rc < 0) {
		for (uint32_t i = 0; i < run->nworkers; i++)
			if (run->worker[i].is_started)
				pthread_join(run->worker[i].thread, NULL);
		return err_set(err, EXIT_ENV, "cannot start a thread: %s", strerror(number));
	}
	return 0;
}

int
run_join(struct run *run)
{
	if (run->is_started && !run->is_joined) {
		pthread_join(run->thread, NULL);
		run->is_joined = 1;
	}
	return run->exit;
}
