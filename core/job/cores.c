/* SPDX-License-Identifier: MIT */
/* cores - how many cores are at hand, and so how many workers `auto` and `50%` are. */

#include "core/job/cores.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"

static uint32_t
by_affinity(void)
{
	size_t most = 1024, size;
	cpu_set_t *set;
	long n;

	/* a set too small for the machine is EINVAL */
	for (; most <= 1 << 20; most *= 2) {
		set = CPU_ALLOC(most);
		size = CPU_ALLOC_SIZE(most);
		if (set && !sched_getaffinity(0, size, set)) {
			n = CPU_COUNT_S(size, set);
			CPU_FREE(set);
			return (uint32_t)n;
		}
		CPU_FREE(set);
	}
	n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (uint32_t)n : 1;
}

static uint32_t
by_slurm(void)
{
	const char *s = getenv("SLURM_CPUS_ON_NODE");
	int64_t n;

	return s && !read_int(s, &n, NULL) && n > 0 && n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* The first line of a file; 0 or -1. */
static int
read_first(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "re");
	int is = f && fgets(line, size, f);

	if (f)
		fclose(f);
	return is ? 0 : -1;
}

static uint32_t
quota(double us, double period)
{
	double n = us / period;

	if (us <= 0 || period <= 0 || n >= UINT32_MAX)
		return UINT32_MAX;
	return (uint32_t)n + ((uint32_t)n < n);
}

/* Version 2: cpu.max is "50000 100000" or "max 100000". */
static uint32_t
quota_in_2(const char *dir)
{
	char line[64], *path = xasprintf("%s/cpu.max", dir), *end;
	int bad = read_first(path, line, sizeof(line));
	double us;

	free(path);
	if (bad)
		return UINT32_MAX;
	us = strtod(line, &end);
	return end == line ? UINT32_MAX : quota(us, strtod(end, NULL));
}

/* Version 1: cpu.cfs_quota_us is -1 for none. */
static uint32_t
quota_in_1(const char *dir)
{
	char us[64], period[64];
	char *a = xasprintf("%s/cpu.cfs_quota_us", dir), *b = xasprintf("%s/cpu.cfs_period_us", dir);
	int bad = read_first(a, us, sizeof(us)) || read_first(b, period, sizeof(period));

	free(a);
	free(b);
	return bad ? UINT32_MAX : quota(strtod(us, NULL), strtod(period, NULL));
}

/* The least quota of a group and all above it, up to `base`. */
static uint32_t
least_above(const char *base, const char *group, uint32_t (*in)(const char *dir))
{
	char *dir = xasprintf("%s%s", base, group), *slash;
	uint32_t least = UINT32_MAX;

	for (;;) {
		uint32_t n = in(dir);

		if (n < least)
			least = n;
		slash = strrchr(dir, '/');
		if (!slash || strlen(dir) <= strlen(base))
			break;
		*slash = '\0';
	}
	free(dir);
	return least;
}

/* Is `word` one of a list with commas of n bytes? */
static int
is_listed(const char *list, size_t n, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= n; i++)
		if ((!i || list[i - 1] == ',') && (i + len == n || list[i + len] == ',') &&
		    !memcmp(list + i, word, len))
			return 1;
	return 0;
}

/* Lines of /proc/self/cgroup: "0::/group", "4:cpu,cpuacct:/group". */
static uint32_t
by_quota(const char *root)
{
	char *path = xasprintf("%s/proc/self/cgroup", root), *line = NULL;
	FILE *f = fopen(path, "re");
	uint32_t least = UINT32_MAX;
	size_t cap = 0;
	ssize_t n;

	free(path);
	while (f && (n = getline(&line, &cap, f)) > 0) {
		char *names = strchr(line, ':'), *group = names ? strchr(names + 1, ':') : NULL;
		char *base = NULL;
		uint32_t found;

		line[n - (line[n - 1] == '\n')] = '\0';
		if (!group)
			continue;
		if (group == names + 1)
			base = xasprintf("%s/sys/fs/cgroup", root);
		else if (is_listed(names + 1, (size_t)(group - names - 1), "cpu"))
			base = xasprintf("%s/sys/fs/cgroup/cpu", root);
		if (!base)
			continue;
		found = least_above(base, group + 1, group == names + 1 ? quota_in_2 : quota_in_1);
		if (found < least)
			least = found;
		free(base);
	}
	if (f)
		fclose(f);
	free(line);
	return least;
}

uint32_t
cores_at_hand(const char *root)
{
	const uint32_t n[] = { by_affinity(), by_slurm(), by_quota(root) };
	uint32_t least = n[0];

	for (int i = 1; i < 3; i++)
		if (n[i] < least)
			least = n[i];
	return least ? least : 1;
}

static int
read_part(const char *text, uint32_t *n, const char **why)
{
	char *number = xstrndup(text, strlen(text) - 1);
	double percent;
	int bad = read_real(number, &percent, NULL) || percent <= 0 || percent > 1000;

	free(number);
	if (bad) {
		*why = "auto, a number of workers, or a part of auto such as 50%";
		return -1;
	}
	percent = cores_at_hand("") * percent / 100 + 0.5;
	*n = percent < 1 ? 1 : percent > WORKERS_MOST ? WORKERS_MOST : (uint32_t)percent;
	return 0;
}

int
workers_read(const char *text, uint32_t *n, const char **why)
{
	int64_t count;

	if (!strcmp(text, "auto"))
		text = "100%";
	if (strchr(text, '%') && text[strlen(text) - 1] == '%')
		return read_part(text, n, why);
	if (read_int(text, &count, NULL) < 0) {
		*why = "auto, a number of workers, or a part of auto such as 50%";
		return -1;
	}
	if (count < 1 || count > WORKERS_MOST) {
		*why = "1 to 4096 workers";
		return -1;
	}
	*n = (uint32_t)count;
	return 0;
}
