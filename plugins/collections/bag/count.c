/* SPDX-License-Identifier: MIT */
/* count - how often each item occurs: a table a chunk, merged; the top of it. */

#include <stdio.h>
#include <stdlib.h>

#include "bag.h"

enum { MERGE };
enum { N };

const struct heddle_option count_options[] = {
	{ .size = sizeof(count_options[0]), .type = HEDDLE_TEXT, .name = "merge",
	  .fallback = "tree 8",
	  .about = "tree N: a task merges N tables, level by level; flat: one merges all" },
	{ .size = sizeof(count_options[0]) }
};

const struct heddle_option top_options[] = {
	{ .size = sizeof(top_options[0]), .type = HEDDLE_COUNT, .name = "n", .fallback = "20",
	  .min = 1, .max = 0x1p53, .about = "so many" },
	{ .size = sizeof(top_options[0]) }
};

static int
parse_merge(const struct heddle_plan *plan, uint32_t *fan_in)
{
	const char *text = plan->arg[MERGE].v->s;
	unsigned n = 8;
	int at = 0;

	if (!strcmp(text, "flat")) {
		*fan_in = 0;
		return 0;
	}
	if (!strcmp(text, "tree") ||
	    (sscanf(text, "tree %9u%n", &n, &at) == 1 && !text[at] && n >= 2 &&
	     !strpbrk(text, "+-"))) {
		*fan_in = n;
		return 0;
	}
	return bag_refuse(plan, "merge: '%s': expected tree N, N from 2, or flat", text);
}

/* One level: runs of fan_in tasks of part become one each; a last one that
 * would be alone goes up as it is. */
static int
level(const struct heddle_plan *plan, heddle_task *part, uint32_t *nparts, uint32_t fan_in)
{
	uint32_t n, made = 0;

	for (uint32_t i = 0; i < *nparts; i += n, made++) {
		n = *nparts - i < fan_in ? *nparts - i : fan_in;
		part[made] = n == 1 ? part[i] :
			plan->emit(plan->self, "merge", (struct heddle_bytes){ NULL, 0 },
				   part + i, n);
		if (part[made] == HEDDLE_NONE)
			return -1;
	}
	*nparts = made;
	return 0;
}

int
count_plan(const struct heddle_plan *plan)
{
	const struct heddle_node *in = &plan->in[0];
	uint32_t fan_in = 0, n = in->nparts;
	heddle_task *part;
	char name[24];
	int rc = -1;

	if (parse_merge(plan, &fan_in) < 0)
		return -1;
	part = malloc((n + 1) * sizeof(*part));
	if (!part)
		return bag_refuse(plan, "out of memory");
	for (uint32_t i = 0; i < n; i++) {
		part[i] = plan->emit(plan->self, "count", (struct heddle_bytes){ NULL, 0 },
				     &in->part[i], 1);
		if (part[i] == HEDDLE_NONE)
			goto fail;
	}
	for (int k = 1; n > 1; k++) {
		snprintf(name, sizeof(name), fan_in ? "merge%d" : "merge", k);
		if (plan->group(plan->self, name) < 0 ||
		    level(plan, part, &n, fan_in ? fan_in : n) < 0)
			goto fail;
	}
	if (!plan->give(plan->self, "bag.pairs", part, n))
		rc = bag_meta(plan);
fail:
	free(part);
	return rc;
}

int
count_run(const struct heddle_call *call)
{
	const unsigned char *at = call->in[0].at, *end = at + call->in[0].n;
	struct rows rows = { 0 };
	struct item item;
	uint32_t ticks = 0;
	int rc = -1;

	while (at < end) {
		if (item_get(&at, end, &item) < 0) {
			bag_fail(call, "the input is no bag.items: it is cut short");
			goto fail;
		}
		if (rows_add(&rows, item, 1) < 0) {
			bag_fail(call, "out of memory");
			goto fail;
		}
		if (bag_tick(call, &ticks) < 0)
			goto fail;
	}
	rc = rows_out(call, rows.row, rows.n);
fail:
	rows_fini(&rows);
	return rc;
}

/* Rows of all inputs, in their order. */
static int
gather(const struct heddle_call *call, struct rows *rows)
{
	int is_broken;

	for (uint32_t i = 0; i < call->nin; i++)
		if (rows_add_pairs(rows, call->in[i], &is_broken) < 0)
			return is_broken ?
				bag_fail(call, "input %u is no bag.pairs: it is cut short", i) :
				bag_fail(call, "out of memory");
	return 0;
}

int
merge_run(const struct heddle_call *call)
{
	struct rows rows = { 0 };
	int rc = gather(call, &rows);

	if (!rc)
		rc = rows_out(call, rows.row, rows.n);
	rows_fini(&rows);
	return rc;
}

int
top_plan(const struct heddle_plan *plan)
{
	const struct heddle_node *in = &plan->in[0];
	struct heddle_bytes par = { &plan->arg[N].v->i, sizeof(plan->arg[N].v->i) };
	heddle_task top = plan->emit(plan->self, "top", par, in->part, in->nparts);

	if (top == HEDDLE_NONE || plan->give(plan->self, "bag.pairs", &top, 1) < 0)
		return -1;
	return bag_meta(plan);
}

int
top_run(const struct heddle_call *call)
{
	struct rows rows = { 0 };
	int64_t most;
	size_t n;
	int rc = gather(call, &rows);

	memcpy(&most, call->par.at, sizeof(most));
	if (!rc) {
		n = (uint64_t)most < rows.n ? (size_t)most : rows.n;
		rows_best(rows.row, rows.n, n);
		rc = rows_out(call, rows.row, n);
	}
	rows_fini(&rows);
	return rc;
}
