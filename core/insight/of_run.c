/* SPDX-License-Identifier: MIT */
/* of_run - a run of this process as a source of views. */

#include "core/insight/source.h"
#include "core/run/run.h"

static uint64_t
now(void *run)
{
	return run_now(run);
}

static int
rank(void *run, heddle_task t, double *r, uint32_t *worker)
{
	return run_rank(run, t, r, worker);
}

static const char *
held_by(void *run, heddle_task t, char *buf, size_t n)
{
	return run_held_by(run, t, buf, n);
}

static uint32_t
nevents(void *run)
{
	return run_nevents(run);
}

static uint32_t
events(void *run, uint32_t from, struct run_event *out, uint32_t most)
{
	return run_events(run, from, out, most);
}

static int32_t
priority(void *run, heddle_task t)
{
	return run_priority(run, t);
}

struct view_source *
view_of_run(struct run *run, uint32_t number)
{
	static const struct source_ops ops = { now, rank, held_by, nevents, events, priority };

	return source_new(run_graph(run), run_live(run), run_logs(run), number, &ops, run);
}
