/* SPDX-License-Identifier: MIT */
/* ls - the runs that are kept, newest first. */

#include <stdlib.h>
#include <time.h>

#include "cli/cli.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/record/record.h"

/* A run that was cut short has no end to tell of. */
static const char *
status_of(const struct past_row *r)
{
	return r->status == RUN_PLANNED ? "lost" : run_status_names[r->status];
}

static int
has_ended(const struct past_row *r)
{
	return r->wall_ns > 0;
}

static double
idle_of(const struct past_row *r)
{
	uint64_t total = r->idle_ns + r->run_ns;

	return total ? (double)r->idle_ns / (double)total : 0;
}

static void
print_json(const struct past_row *r)
{
	struct text t = { 0 };
	struct json j = { .out = &t };

	json_object(&j);
	json_kuint(&j, "run", r->number);
	json_kseconds(&j, "when_s", r->wall_start);
	json_ktext(&j, "job", r->job);
	json_ktext(&j, "status", status_of(r));
	json_ktext(&j, "scheduler", r->scheduler);
	json_ktext(&j, "executor", r->executor);
	json_kuint(&j, "workers", r->workers);
	json_kuint(&j, "tasks", r->ntasks);
	if (has_ended(r)) {
		json_kint(&j, "exit", r->exit);
		json_kuint(&j, "done", r->done);
		json_kuint(&j, "failed", r->failed);
		json_kuint(&j, "skipped", r->skipped);
		json_kseconds(&j, "wall_s", r->wall_ns);
		json_kseconds(&j, "work_s", r->run_ns);
		json_kseconds(&j, "idle_s", r->idle_ns);
		json_kuint(&j, "held_peak", r->held_peak);
	}
	json_end(&j);
	printf("%s\n", t.at);
	text_fini(&t);
}

static void
add_row(struct cli_table *t, const struct past_row *r)
{
	time_t start = (time_t)(r->wall_start / 1000000000);
	char when[32] = "", buf[WRITE_MAX];
	struct tm tm;

	if (localtime_r(&start, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	cli_table_cell(t, "%04u", r->number);
	cli_table_cell(t, "%s", when);
	cli_table_cell(t, "%s", r->job);
	cli_table_cell(t, "%s", r->scheduler);
	cli_table_cell(t, "%u", r->workers);
	cli_table_cell(t, "%s", has_ended(r) ? write_clock(buf, r->wall_ns) : "-");
	if (has_ended(r)) {
		cli_table_cell(t, "%.0f%%", 100 * idle_of(r));
		cli_table_cell(t, "%u", r->failed);
	} else {
		cli_table_cell(t, "-");
		cli_table_cell(t, "-");
	}
	cli_table_cell(t, "%s", status_of(r));
}

int
cli_ls(const struct cli *cli)
{
	static const char *const columns[] = {
		"run", "when", "job", "sched", "N>", "finish>", "idle>", "fail>", "status", NULL
	};
	struct cli own = *cli;
	struct cli_table *table;
	struct past_row *row;
	struct err err = { 0 };
	size_t n;

	if (cli->nargs)
		err_set(&err, EXIT_USAGE, "ls: takes no arguments, '%s' is one", cli->arg[0]);
	if (err.code || cli_find_store(&own, &err) < 0)
		return cli_complain(&err);
	row = past_list(own.store, &n);
	if (cli->json) {
		for (size_t i = 0; i < n; i++)
			print_json(&row[i]);
	} else {
		table = cli_table_new(columns);
		for (size_t i = 0; i < n; i++)
			add_row(table, &row[i]);
		cli_table_print(table, stdout);
	}
	free(row);
	return EXIT_DONE;
}
