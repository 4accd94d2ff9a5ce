/* SPDX-License-Identifier: MIT */
/* kernel - what synthetic tasks do: nothing, sums, a walk through memory, a sleep. */

/*
 * Each kernel exists twice.  The plain one makes no value, so that a graph of
 * them measures the engine alone.  The other takes the numbers of its inputs
 * and gives 1 plus their sum (modulo 2^64): how many ways lead to the task,
 * which no order of running can change and any lost or doubled task would.
 */

#include <stdlib.h>
#include <time.h>

#include "synth.h"

enum {
	LANES = 64,			/* an iteration of compute: 2 operations on each */
	BURST = 64,			/* iterations of compute between two looks at the clock */
	SLICE = 50000000		/* ns of sleep between two looks at stop */
};

static uint64_t
read_clock(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int
add_up(const struct heddle_call *call)
{
	uint64_t sum = 1, *value;
	uint32_t i;

	for (i = 0; i < call->nin; i++)
		sum += *(const uint64_t *)call->in[i].at;
	value = call->out(call->self, sizeof(*value));
	if (!value)
		return call->fail(call->self, "no memory for the value");
	*value = sum;
	return 0;
}

/* -1: asked to stop meanwhile. */
static int
run_sleep(const struct heddle_call *call)
{
	const struct dose *dose = call->par.at;
	uint64_t start = read_clock(CLOCK_MONOTONIC), end = start + dose->wait, now, wake;
	struct timespec until;

	for (now = start; now < end; now = read_clock(CLOCK_MONOTONIC)) {
		if (call->stop(call->self))
			return call->fail(call->self, "stopped");
		call->progress(call->self, (double)(now - start) / (double)dose->wait);
		wake = end - now < SLICE ? end : now + SLICE;
		until.tv_sec = (time_t)(wake / 1000000000);
		until.tv_nsec = (long)(wake % 1000000000);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
	}
	return 0;
}

static int
run_empty(const struct heddle_call *call)
{
	(void)call;
	return 0;
}

static void
compute(double *lane, uint64_t iterations)
{
	uint64_t i;
	int k;

	for (i = 0; i < iterations; i++)
		for (k = 0; k < LANES; k++)
			lane[k] = lane[k] * 0.999999 + 1e-9;
}

/* Is the dose taken?  Counts by done, or by the CPU time since start. */
static int
is_enough(const struct dose *dose, uint64_t done, uint64_t start)
{
	if (dose->ns)
		return read_clock(CLOCK_THREAD_CPUTIME_ID) - start >= dose->ns;
	return done >= dose->iterations;
}

static int
run_compute(const struct heddle_call *call)
{
	const struct dose *dose = call->par.at;
	uint64_t start, done = 0, part = BURST;
	double lane[LANES] = { 1 };

	if (dose->wait && run_sleep(call) < 0)
		return -1;
	start = dose->ns ? read_clock(CLOCK_THREAD_CPUTIME_ID) : 0;
	while (!is_enough(dose, done, start)) {
		if (done && call->stop(call->self))
			return call->fail(call->self, "stopped");
		if (!dose->ns && dose->iterations - done < BURST)
			part = dose->iterations - done;
		compute(lane, part);
		done += part;
	}
	__asm__ volatile("" : : "r"(lane) : "memory");	/* somebody may look at it */
	return 0;
}

static int
run_memory(const struct heddle_call *call)
{
	const struct dose *dose = call->par.at;
	uint64_t start, done, i, *word, n = dose->bytes / sizeof(*word);

	if (dose->wait && run_sleep(call) < 0)
		return -1;
	word = calloc(n, sizeof(*word));
	if (!word)
		return call->fail(call->self, "no memory to walk through");
	start = dose->ns ? read_clock(CLOCK_THREAD_CPUTIME_ID) : 0;
	for (done = 0; !is_enough(dose, done, start); done++) {
		if (done && call->stop(call->self)) {
			free(word);
			return call->fail(call->self, "stopped");
		}
		for (i = 0; i < n; i++)
			word[i] += done;
		__asm__ volatile("" : : "r"(word) : "memory");	/* each walk for itself */
	}
	free(word);
	return 0;
}

#define COUNTED(name) \
static int \
name##_8(const struct heddle_call *call) \
{ \
	return name(call) < 0 ? -1 : add_up(call); \
}

COUNTED(run_empty)
COUNTED(run_compute)
COUNTED(run_memory)
COUNTED(run_sleep)

#define KERNEL(kernel_name, kernel_flags, kernel_run) { \
	.size = sizeof(struct heddle_kernel), .flags = kernel_flags, \
	.name = kernel_name, .run = kernel_run }

const struct heddle_kernel synth_kernels[] = {
	KERNEL("empty", HEDDLE_NOVALUE, run_empty),
	KERNEL("compute", HEDDLE_NOVALUE, run_compute),
	KERNEL("memory", HEDDLE_NOVALUE, run_memory),
	KERNEL("sleep", HEDDLE_NOVALUE, run_sleep),
	KERNEL("empty_8", 0, run_empty_8),
	KERNEL("compute_8", 0, run_compute_8),
	KERNEL("memory_8", 0, run_memory_8),
	KERNEL("sleep_8", 0, run_sleep_8),
	{ .name = NULL },
};
