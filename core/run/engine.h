/* SPDX-License-Identifier: MIT */
/* engine - the inside of a run, shared by the files of this folder alone. */

#ifndef CORE_RUN_ENGINE_H
#define CORE_RUN_ENGINE_H

#include <heddle.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/run/cover.h"
#include "core/run/hold.h"
#include "core/run/policy.h"
#include "core/run/run.h"
#include "core/run/value.h"

enum {
	PENDING = 256,			/* ready tasks a worker collects before it hands them over */
	LINE = 128			/* bytes two writers must not share */
};

/*
 * What makes run_take leave its fast path.  Set and cleared under run.lock,
 * read by every take.
 */
enum gate {
	GATE_STOP = 1,			/* nothing starts any more */
	GATE_PAUSE = 2,
	GATE_TODO = 4,			/* tasks wait to be readied by whoever comes */
	GATE_ADMITTED = 8,		/* tasks wait to be run, resources and all */
	GATE_FEWER = 16,		/* some workers are off */
	GATE_PICKY = 32,		/* single tasks are held or placed by request */
	GATE_NOW = 64			/* running ones are to be ended */
};

/* Why a task is asked to end. */
enum stop { STOP_NOT, STOP_ASKED, STOP_TIMEOUT };

/* Parking: 0 awake, 1 asleep (or about to), 2 claimed by a waker. */
enum { AWAKE, ASLEEP, CLAIMED };

struct worker {
	_Alignas(LINE) struct run *run;
	uint32_t id;
	struct log *log;
	struct live_worker *live;
	struct live_count *count;	/* one a group */
	uint32_t npending;
	heddle_task pending[PENDING];	/* ready, not yet the scheduler's */
	heddle_task done;		/* to be told to the scheduler; HEDDLE_NONE */
	uint64_t done_ns;
	struct child *child;		/* of exec_command, while one runs; under run.lock */
	void *scratch;			/* call.in rows */
	uint32_t nscratch;
	char *why;			/* what the kernel's fail() said; owned */
	int code;			/* exit code of its command */
	uint64_t child_cpu;		/* of its commands, ns */
	clockid_t clock;		/* its CPU clock, once tid is set */
	pthread_t thread;
	int is_started;
	_Atomic int is_off;		/* set under run.lock: beyond the wanted number, or released */
	int is_released;		/* under run.lock: by request */
	uint64_t left_at;		/* it needs no more; its own until joined */
	_Atomic int has_end;		/* set under run.lock: carries the label of CLASS_END */
	uint64_t idle_since;		/* under run.lock: 0 while it has a task */

	/* read by others, on a line of its own */
	_Alignas(LINE) _Atomic uint32_t parked;
	_Atomic int is_down;		/* asleep, its last look done; set under run.lock */
	_Atomic uint32_t inside;	/* uses the policy or the cover right now */
	_Atomic uint64_t readied, given;/* tasks given to, and got from, a concurrent policy */
	_Atomic uint64_t nended;	/* tasks it ended, for good */
	_Atomic uint64_t asked;		/* policy's seq when it last got nothing */
	_Atomic uint64_t stop;		/* which task is asked to end, and why: see ask_to_stop */
	_Atomic uint64_t cpu_sum, cpu_mark;	/* CPU ns while busy; mark 0: idle */
};

/* A task on its way outside the scheduler. */
struct outside {
	heddle_task task;
	uint32_t worker;		/* for this one alone; HEDDLE_NONE: any */
};

struct retry {				/* waits for its back-off */
	uint64_t due;
	heddle_task task;
};

/* A task given its own worker or held back by request, or with a priority of
 * its own. */
struct wish {
	heddle_task task;
	uint32_t worker;		/* placed on; HEDDLE_NONE */
	int is_held;			/* not to be run until unheld */
	int is_caught;			/* it is ready and sits here */
};

struct request;
struct watchers;

struct run {
	const struct graph *graph;
	const struct settings *set;
	struct shelf *shelf;
	const struct plugin *fallback;	/* fifo, if the job falls back to it; else NULL */
	int is_fallen_back;		/* under run.lock: it has been used */
	struct keeper *keeper;
	struct option_given *option;	/* of the scheduler; owned */
	uint32_t noptions;
	struct log_sink sink;		/* zero: nothing is written */
	char *name;
	uint64_t clock_start;

	struct live_head *live;
	int live_fd;
	_Atomic uint32_t *word;
	struct live_rare *rare;
	struct value *value;		/* NULL: no kernel makes one */
	struct log *log;		/* one a worker */
	struct worker *worker;
	uint32_t nworkers;		/* rows */

	_Alignas(LINE) _Atomic uint32_t gate;
	_Atomic(struct policy *) policy;/* NULL while it is switched */
	struct policy *retired;		/* former ones, kept for rank() to the end */
	_Atomic(struct cover *) cover;	/* NULL: none yet */

	_Alignas(LINE) _Atomic uint32_t nsleep;
	_Atomic uint32_t nsearch;	/* awake and looking for a task */
	_Atomic uint32_t nleft;		/* workers that have left */
	_Atomic int64_t nsettled;	/* tasks skipped, less those that ended badly and run again */

	_Alignas(LINE) pthread_mutex_t lock;	/* rare things, all below */
	uint32_t wanted;		/* workers */
	uint32_t nlabelled;		/* workers that carry `end` */
	uint64_t cover_tasks;		/* unfinished ones when the cover was made */
	struct hold hold;
	struct outside *todo, *admitted;
	size_t ntodo, captodo, nadmitted, capadmitted;
	struct retry *retry;		/* a heap, soonest first */
	size_t nretry, capretry;
	struct wish *wish;
	uint32_t *wish_of;		/* task -> place in wish + 1; NULL: none yet */
	size_t nwish, capwish;
	_Atomic uint32_t ncaught;	/* wishes that keep a ready task back */
	_Atomic int32_t *_Atomic priority;	/* NULL: the graph's; read by policies */
	_Atomic(uint32_t *) attempt;	/* failed ones so far; NULL: all are at their first */
	int is_stop_now;		/* running ones are to be ended */
	int nstops;			/* signals so far */
	int release_auto;
	enum run_status verdict;	/* of the end, once known; RUN_PLANNED: none yet */
	int exit;
	char *why;
	heddle_task first_failed;
	struct run_event *event;
	size_t nevents, capevents;
	_Atomic uint32_t nevents_seen;
	struct request *request;	/* queue, oldest first */
	_Atomic uint32_t nasked;	/* requests in it */
	pthread_cond_t answered;

	pthread_t thread;		/* the run thread */
	struct watchers *watchers;	/* run thread; NULL: nobody may look on */
	uint64_t flushed, sampled;	/* run thread: when last */
	int has_membarrier;
	int is_started, is_joined;
	int is_settled;			/* under lock: how it ended is written, nobody changes it */
	int poke_fd;			/* wakes the run thread */
	int over_fd;
	_Atomic int is_over;
};

/* ---- inside ----------------------------------------------------------------
 *
 * inside is set while tasks change custody: from asking the policy to the
 * claim, and from the decrement that readies a task to w's pending ones; and
 * while the cover is used.  So a switch can wait until nobody is in between
 * (idle_quiesce), and then knows by the words alone what is ready.  It is a
 * plain store here; who waits pays for the fence with membarrier(2), where the
 * kernel has it.
 */
static inline void
inside_begin(struct run *run, struct worker *w)
{
	atomic_store_explicit(&w->inside, 1, memory_order_relaxed);
	if (run->has_membarrier)
		atomic_signal_fence(memory_order_seq_cst);
	else
		atomic_thread_fence(memory_order_seq_cst);
}

static inline void
inside_leave(struct worker *w)
{
	atomic_store_explicit(&w->inside, 0, memory_order_release);
}

/* The policy for one step of w, which is inside from here on. */
static inline struct policy *
inside_enter(struct run *run, struct worker *w)
{
	struct policy *p;

	for (;;) {
		inside_begin(run, w);
		p = atomic_load_explicit(&run->policy, memory_order_acquire);
		if (p)
			return p;
		inside_leave(w);
		pthread_mutex_lock(&run->lock);		/* until the switch is done */
		pthread_mutex_unlock(&run->lock);
	}
}

/* ---- run.c -------------------------------------------------------------- */
void run_event(struct run *, enum event_kind, heddle_task, uint32_t worker,
	       int code, uint64_t n, const char *text);		/* run.lock held */
/* The same from a row; at and attempt are filled, text is copied. */
void run_tell(struct run *, const struct run_event *);
/* The run cannot go on: verdict, exit code, sentence; the first one stands.
 * run.lock held. */
void run_fault(struct run *, enum run_status, int exit, const char *why);
void run_halt(struct run *, int is_now);			/* run.lock held */
uint64_t run_nended(const struct run *);
/* The word of a task that is ready again goes to whoever comes. lock held. */
void run_again(struct run *, heddle_task);
struct wish *run_wish(struct run *, heddle_task, int make);	/* lock held; or NULL */
unsigned run_attempt(const struct run *, heddle_task);		/* 1 .. */
void run_count_attempt(struct run *, heddle_task);		/* one more; lock held */
void run_gate(struct run *, unsigned on);
void run_poke(struct run *);			/* wake the run thread */
void run_admit(struct run *);			/* who waits for tokens and fits now; lock held */
/* It waits outside the scheduler with tokens or for them: out of there.  lock held */
int run_withdraw(struct run *, heddle_task);
void run_set_held(struct run *, heddle_task, int is_held);	/* word and counters; lock held */

/* ---- fate.c: what a failed task does to itself and others; lock held --------------- */
void fate_skip(struct run *, heddle_task failed);
uint64_t fate_unskip(struct run *, heddle_task failed);	/* -> how many */
/* The attempt failed: is there another?  Takes the lock itself. */
int fate_retry(struct run *, struct worker *, heddle_task, const struct run_result *);
void fate_due(struct run *, uint64_t now);			/* back-offs that are over */
uint64_t fate_next(const struct run *);				/* when; UINT64_MAX */

/* ---- idle.c: classes, labels, parking ------------------------------------ */
enum run_class idle_class(struct run *, struct worker *);
void idle_label(struct run *);					/* lock held */
int idle_wake_one(struct run *, uint32_t from);
void idle_wake(struct run *, struct worker *);
void idle_wake_all(struct run *);
/* Sleep until there may be something; -> as run_take. */
heddle_task idle_park(struct worker *, enum run_class why, int *over);
void idle_cover_small(struct run *);				/* of a run not begun */
void idle_cover(struct run *);					/* make or renew it, if due; run thread */
void idle_uncover(struct run *);	/* more tasks are left than it knows; run thread, lock held */
void idle_fence(void);		/* a full barrier in every running thread, so that workers need none */
void idle_quiesce(struct run *);				/* until nobody is inside */

/* ---- task.c: a worker runs one task -------------------------------------- */
/*
 * The task is named, so that what comes too late for it ends no other one.
 * run.lock held: between two attempts of one task its worker takes it too.
 */
static inline void
ask_to_stop(struct worker *w, heddle_task t, enum stop why)
{
	atomic_store(&w->stop, (uint64_t)t << 8 | why);
}
static inline enum stop
asked_to_stop(struct worker *w, heddle_task t)
{
	uint64_t stop = atomic_load_explicit(&w->stop, memory_order_relaxed);

	return stop >> 8 == t ? (enum stop)(stop & 0xff) : STOP_NOT;
}
void task_run(struct worker *, heddle_task, uint64_t start, struct run_result *);

/* ---- command.c: a child -------------------------------------------------- */
int command_run(struct worker *, heddle_task, const struct heddle_command *,
		struct heddle_exit *, char **why);
void command_signal(struct worker *, int signal);		/* lock held */
void command_timeouts(struct run *, uint64_t now);		/* lock held */
uint64_t command_next(struct run *);				/* lock held */

/* ---- thread.c: executors --------------------------------------------------- */
void thread_stop_task(struct worker *, heddle_task, int is_hard);	/* if it still runs it; lock held */
int thread_more(struct run *);		/* start workers up to run.wanted; lock held */
/* What the run thread does between tasks: requests, timers, flushing; with
 * wait it sleeps in poll until something is due. */
void thread_serve(struct run *, int wait);
void thread_between(struct run *);	/* the same without waiting, if anything is due */

/* ---- tasks.c: which tasks a request means ----------------------------------- */
struct tasks {
	heddle_task *at;
	size_t n, cap;
};
/* Of a spec as typed, into a zeroed list; free(list.at).  -1: nothing is called so. */
int tasks_find(struct run *, const char *spec, struct tasks *);

/* ---- request.c ------------------------------------------------------------- */
void request_serve(struct run *);
/* One line, by the run thread; as run_ask. */
int request_apply(struct run *, const char *line, const char *from, char *answer, size_t n);
int request_switch(struct run *, const struct plugin *, const struct option_given *,
		   uint32_t n, struct err *);			/* lock held */
/* Keep these as the scheduler's options, for when it is opened anew. */
void request_options(struct run *, const struct option_given *, uint32_t n);
int request_fallback(struct run *);		/* to fifo; -1: not possible.  lock held */

/* ---- watchers.c: other processes that look on; run thread -------------------- */
enum { WATCHERS_POLL = 17 };		/* descriptors to wait for: 16 watchers, and the next */
/* NULL: the live block cannot be handed out.  listen_fd is borrowed. */
struct watchers *watchers_new(int listen_fd, int live_fd, const char *hello);
void watchers_free(struct watchers *);	/* NULL is fine */
/* What to wait for into fd, -> how many; *due comes sooner if need be. */
int watchers_poll(const struct watchers *, uint64_t now, struct pollfd *fd, uint64_t *due);
void watchers_serve(struct run *, uint64_t now);

#endif
