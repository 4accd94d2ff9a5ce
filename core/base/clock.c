/* SPDX-License-Identifier: MIT */
/* clock - one monotonic time in nanoseconds, the same in every thread. */

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <x86intrin.h>
#endif

static uint64_t
gettime(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * ns = base_ns + (tsc - base_tsc) * mult / 2^32.  The pair is taken as the
 * closest of a few readings, twice, some milliseconds apart; an error of 50 ns
 * over 4 ms makes 12 us a second at most, the same in all threads.
 */
static struct {
	int tsc;
	uint64_t base_tsc, base_ns, mult;
} from;

#if defined(__x86_64__)
static int
has_invariant_tsc(void)
{
	unsigned a, b, c, d;
	char line[64] = "";
	FILE *f;

	if (!__get_cpuid(0x80000007, &a, &b, &c, &d) || !(d & (1u << 8)))
		return 0;
	/* the kernel has watched it against other clocks: believe the kernel */
	f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return !strncmp(line, "tsc", 3) || !strncmp(line, "kvm-clock", 9);
}

static void
read_pair(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 16; i++) {
		uint64_t a = __rdtsc(), t = gettime(CLOCK_MONOTONIC), b = __rdtsc();

		if (b - a < best) {
			best = b - a;
			*tsc = a + (b - a) / 2;
			*ns = t;
		}
	}
}
#endif

void
clock_init(void)
{
#if defined(__x86_64__)
	uint64_t tsc = 0, ns = 0;

	if (from.tsc || !has_invariant_tsc())
		return;
	read_pair(&from.base_tsc, &from.base_ns);
	do
		read_pair(&tsc, &ns);
	while (ns - from.base_ns < 4000000);
	from.mult = (uint64_t)(((unsigned __int128)(ns - from.base_ns) << 32) /
			       (tsc - from.base_tsc));
	from.tsc = 1;
#endif
}

uint64_t
clock_now(void)
{
#if defined(__x86_64__)
	if (from.tsc)
		return from.base_ns + (uint64_t)(((unsigned __int128)
			(__rdtsc() - from.base_tsc) * from.mult) >> 32);
#endif
	return gettime(CLOCK_MONOTONIC);
}

uint64_t
clock_thread_cpu(void)
{
	return gettime(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t
clock_wall(void)
{
	return gettime(CLOCK_REALTIME);
}

const char *
clock_source(void)
{
	return from.tsc ? "tsc" : "monotonic";
}
