/* SPDX-License-Identifier: MIT */
/* synth - graphs of known shape, whose tasks do a stated amount of nothing useful. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "synth.h"

enum { KERNEL_EMPTY, KERNEL_COMPUTE, KERNEL_MEMORY, KERNEL_SLEEP, KERNEL_IMBALANCE };

/* Places in the option tables below. */
enum {
	OPT_KERNEL, OPT_COST, OPT_ITERATIONS, OPT_WAIT, OPT_BYTES, OPT_IMBALANCE, OPT_VALUE,
	OPT_SEED, OPT_WIDTH, OPT_STEPS, OPT_RADIX, OPT_WAY
};

static const char *const kernel_names[][2] = {	/* without a value, with one */
	[KERNEL_EMPTY] = { "empty", "empty_8" },
	[KERNEL_COMPUTE] = { "compute", "compute_8" },
	[KERNEL_MEMORY] = { "memory", "memory_8" },
	[KERNEL_SLEEP] = { "sleep", "sleep_8" },
	[KERNEL_IMBALANCE] = { "compute", "compute_8" },
};

/* A graph in the making. */
struct make {
	const struct heddle_plan *plan;
	const char *kernel;
	int is_empty;
	struct dose dose;
	double imbalance;		/* 0: all tasks are alike */
	uint64_t seed, value;		/* bytes of one */
	heddle_task *task;		/* number in the shape -> id */
	unsigned char *has_succ;	/* does another task wait for it? */
	heddle_task *in;
	uint32_t n;
};

static int64_t
number(const struct heddle_plan *plan, int option)
{
	return plan->arg[option].n ? plan->arg[option].v[0].i : 0;
}

/* How much each task does; -1 where the options contradict each other. */
static int
read_dose(struct make *m)
{
	const struct heddle_plan *plan = m->plan;
	int kernel = (int)number(plan, OPT_KERNEL);
	int has_cost = plan->arg[OPT_COST].n > 0, has_iterations = plan->arg[OPT_ITERATIONS].n > 0;

	m->dose.wait = (uint64_t)number(plan, OPT_WAIT);
	*(kernel == KERNEL_SLEEP ? &m->dose.wait : &m->dose.ns) += (uint64_t)number(plan, OPT_COST);
	m->dose.iterations = (uint64_t)number(plan, OPT_ITERATIONS);
	m->dose.bytes = kernel == KERNEL_MEMORY ? (uint64_t)number(plan, OPT_BYTES) : 0;
	m->value = number(plan, OPT_VALUE) ? 8 : 0;
	m->kernel = kernel_names[kernel][m->value > 0];
	m->is_empty = kernel == KERNEL_EMPTY;
	m->imbalance = kernel == KERNEL_IMBALANCE ? plan->arg[OPT_IMBALANCE].v[0].d : 0;
	m->seed = (uint64_t)number(plan, OPT_SEED);
	if (m->is_empty && (has_cost || m->dose.wait))
		return plan->fail(plan->self, "cost, wait: kernel empty takes no time; "
				  "expected kernel = compute, memory, sleep or imbalance");
	if ((m->is_empty || kernel == KERNEL_SLEEP) && has_iterations)
		return plan->fail(plan->self, "iterations: this kernel does not count; "
				  "expected kernel = compute, memory or imbalance");
	if (has_cost && has_iterations)
		return plan->fail(plan->self, "cost: iterations are said too; "
				  "expected one of them");
	if (kernel == KERNEL_SLEEP && !has_cost)
		return plan->fail(plan->self, "cost: is not said; "
				  "expected a time, for kernel = sleep");
	if (!m->is_empty && !has_cost && !has_iterations)
		return plan->fail(plan->self, "cost: is not said; "
				  "expected a time, or iterations, for this kernel");
	return 0;
}

/* The next task, its predecessors by number in the shape. */
static int
emit(struct make *m, const uint32_t *pred, uint32_t npred)
{
	const struct heddle_plan *plan = m->plan;
	struct dose dose = m->dose;
	struct heddle_bytes par = { &dose, sizeof(dose) };
	double factor;
	heddle_task id;
	uint32_t i;

	if (m->is_empty)
		par = (struct heddle_bytes){ NULL, 0 };
	if (m->imbalance > 0) {
		factor = 1 + m->imbalance * ((double)(synth_draw(m->seed, ~(uint64_t)m->n) >> 11) *
					     0x1p-53 - 0.5);
		dose.ns = (uint64_t)((double)dose.ns * factor + 0.5);
		dose.iterations = (uint64_t)((double)dose.iterations * factor + 0.5);
	}
	for (i = 0; i < npred; i++) {
		m->in[i] = m->task[pred[i]];
		m->has_succ[pred[i]] = 1;
	}
	id = plan->emit(plan->self, m->kernel, par, m->in, npred);
	if (id == HEDDLE_NONE)
		return -1;
	m->task[m->n++] = id;
	/* How long iterations take is not known. */
	return plan->expect(plan->self, id, dose.iterations ? 0 : dose.wait + dose.ns, m->value);
}

/* Room for ntasks tasks of at most `most` predecessors each. */
static int
make_init(struct make *m, const struct heddle_plan *plan, uint64_t ntasks, uint64_t most)
{
	char why[128];

	*m = (struct make){ .plan = plan };
	if (ntasks >= HEDDLE_NONE) {
		snprintf(why, sizeof(why), "width: that would be %" PRIu64 " tasks; "
			 "expected less than %u", ntasks, HEDDLE_NONE);
		return plan->fail(plan->self, why);
	}
	if (read_dose(m) < 0)
		return -1;
	m->task = malloc(ntasks * sizeof(*m->task) + 1);
	m->has_succ = calloc(ntasks + 1, 1);
	m->in = malloc(most * sizeof(*m->in) + 1);
	if (!m->task || !m->has_succ || !m->in)
		return plan->fail(plan->self, "no memory for so many tasks");
	return 0;
}

/* Give what no other task of the node waits for. */
static int
make_give(struct make *m)
{
	uint32_t i, n = 0;

	for (i = 0; i < m->n; i++)
		if (!m->has_succ[i])
			m->task[n++] = m->task[i];
	return m->plan->give(m->plan->self, "synth", m->task, n);
}

static void
make_fini(struct make *m)
{
	free(m->task);
	free(m->has_succ);
	free(m->in);
}

/* ---- operations -------------------------------------------------------- */

static int
plan_task(const struct heddle_plan *plan)
{
	uint64_t time = (uint64_t)number(plan, 0);
	int does_burn = number(plan, 1) != 0;
	struct dose dose = { .wait = does_burn ? 0 : time, .ns = does_burn ? time : 0 };
	heddle_task id = plan->emit(plan->self, does_burn ? "compute" : "sleep",
				    (struct heddle_bytes){ &dose, sizeof(dose) }, NULL, 0);

	if (id == HEDDLE_NONE || plan->expect(plan->self, id, time, 0) < 0)
		return -1;
	return plan->give(plan->self, "synth", &id, 1);
}

static int
plan_rows(const struct heddle_plan *plan, struct shape *s, const char *op)
{
	const struct pattern *p = synth_pattern(op);
	uint32_t *pred = NULL, rows, i;
	uint64_t ntasks = 0;
	struct make m = { 0 };
	int rc = -1;

	s->width = (uint32_t)number(plan, OPT_WIDTH);
	s->steps = (uint32_t)number(plan, OPT_STEPS);
	s->seed = (uint64_t)number(plan, OPT_SEED);
	if (p->refuses && p->refuses(s))
		return plan->fail(plan->self, p->refuses(s));
	rows = p->rows(s);
	for (s->t = 0; s->t < rows; s->t++)
		ntasks += p->row(s, s->t);
	if (make_init(&m, plan, ntasks, p->most(s)) < 0)
		goto out;
	pred = malloc(p->most(s) * sizeof(*pred) + 1);
	if (!pred) {
		plan->fail(plan->self, "no memory for so many tasks");
		goto out;
	}
	for (s->t = 0; s->t < rows; s->t++, s->before = s->first, s->nbefore = s->n) {
		s->first = m.n;
		s->n = p->row(s, s->t);
		for (i = 0; i < s->n; i++)
			if (emit(&m, pred, p->preds(s, i, pred)) < 0)
				goto out;
	}
	rc = make_give(&m);
out:
	make_fini(&m);
	free(pred);
	return rc;
}

#define ROWS(op) \
static int \
plan_##op(const struct heddle_plan *plan) \
{ \
	struct shape s = { .radix = 0 }; \
\
	return plan_rows(plan, &s, #op); \
}

#define ROWS_RADIX(op) \
static int \
plan_##op(const struct heddle_plan *plan) \
{ \
	struct shape s = { .radix = (uint32_t)number(plan, OPT_RADIX) }; \
\
	return plan_rows(plan, &s, #op); \
}

ROWS(trivial)
ROWS(chain)
ROWS(fork_join)
ROWS(stencil_1d)
ROWS(fft)
ROWS(random)
ROWS(sweep)
ROWS_RADIX(nearest)
ROWS_RADIX(spread)

static int
plan_tree(const struct heddle_plan *plan)
{
	struct shape s = {
		.radix = (uint32_t)number(plan, OPT_RADIX),
		.is_in = (int)number(plan, OPT_WAY),
	};

	return plan_rows(plan, &s, "tree");
}

/*
 * Cholesky by tiles, right-looking, on the lower half of width x width tiles:
 * for each k potrf(k), then a trsm for each tile below, then syrk and gemm on
 * what is left.  A tile's last writer comes before its next one.
 */
static int
plan_cholesky(const struct heddle_plan *plan)
{
	uint64_t n = (uint64_t)number(plan, OPT_WIDTH), i, j, k;
	uint32_t *tile = NULL, pred[3], npred;
	struct make m = { 0 };
	int rc = -1;

	if (make_init(&m, plan, n * (n + 1) * (n + 2) / 6, 3) < 0)
		goto out;
	tile = malloc(n * n * sizeof(*tile));	/* its last writer */
	if (!tile) {
		plan->fail(plan->self, "no memory for so many tiles");
		goto out;
	}
	for (k = 0; k < n; k++)
		for (j = k; j < n; j++)
			for (i = j; i < n; i++) {
				/* j == k: potrf, trsm; else the update of tile i, j */
				npred = 0;
				if (j > k) {
					pred[npred++] = tile[i * n + k];
					if (i > j)
						pred[npred++] = tile[j * n + k];
				} else if (i > k) {
					pred[npred++] = tile[k * n + k];
				}
				if (k > 0)
					pred[npred++] = tile[i * n + j];
				tile[i * n + j] = m.n;
				if (emit(&m, pred, npred) < 0)
					goto out;
			}
	rc = make_give(&m);
out:
	make_fini(&m);
	free(tile);
	return rc;
}

/* ---- show -------------------------------------------------------------- */

/* The sum of what the parts counted; where they make no value, how many there are. */
static int
show(const struct heddle_node *node, const struct heddle_bytes *part,
     const struct heddle_show *to)
{
	uint64_t sum = 0;
	char text[64];
	uint32_t i, n = 0;

	for (i = 0; i < node->nparts; i++)
		if (part[i].n == sizeof(sum)) {
			sum += *(const uint64_t *)part[i].at;
			n++;
		}
	if (n)
		snprintf(text, sizeof(text), to->json ? "%" PRIu64 : "%" PRIu64 "\n", sum);
	else if (to->json)
		snprintf(text, sizeof(text), "{\"tasks\": %" PRIu32 "}", node->nparts);
	else
		snprintf(text, sizeof(text), "%" PRIu32 " %s, no value\n", node->nparts,
			 node->nparts == 1 ? "task" : "tasks");
	to->put(to->self, text, strlen(text));
	return 0;
}

/* ---- tables ------------------------------------------------------------ */

#define OPTION(option_type, option_flags, option_name, option_fallback, option_words, \
	       option_min, option_max, option_about) { \
	.size = sizeof(struct heddle_option), .type = option_type, .flags = option_flags, \
	.name = option_name, .fallback = option_fallback, .words = option_words, \
	.min = option_min, .max = option_max, .about = option_about }

#define NO_OPTION { .name = NULL }

#define WORK_OPTIONS \
	OPTION(HEDDLE_CHOICE, 0, "kernel", "empty", "empty|compute|memory|sleep|imbalance", 0, 0, \
	       "what a task does; imbalance is compute by uneven amounts"), \
	OPTION(HEDDLE_TIME, 0, "cost", NULL, NULL, 0, 0, \
	       "what a task takes: of CPU time for compute, memory and imbalance"), \
	OPTION(HEDDLE_COUNT, 0, "iterations", NULL, NULL, 1, 1e18, \
	       "instead of cost: so many times 128 operations, or walks through bytes"), \
	OPTION(HEDDLE_TIME, 0, "wait", "0", NULL, 0, 0, \
	       "a task first sleeps so long, as one that waits for a disk or a network"), \
	OPTION(HEDDLE_SIZE, 0, "bytes", "64K", NULL, 8, 1e12, \
	       "memory: what a task walks through"), \
	OPTION(HEDDLE_REAL, 0, "imbalance", "1", NULL, 0, 2, \
	       "imbalance: amounts lie evenly within 1 - half of it and 1 + half of it"), \
	OPTION(HEDDLE_CHOICE, 0, "value", "0", "0|8", 0, 0, \
	       "bytes a task makes: none, or a number, 1 plus the sum of its inputs"), \
	OPTION(HEDDLE_INT, 0, "seed", "0", NULL, 0, 0, \
	       "of imbalance and of the pattern random")
#define WIDTH_OPTION(about) \
	OPTION(HEDDLE_COUNT, 0, "width", "16", NULL, 1, 4e9, about)
#define STEPS_OPTION(about) \
	OPTION(HEDDLE_COUNT, 0, "steps", "16", NULL, 1, 2e9, about)
#define RADIX_OPTION(fallback, about) \
	OPTION(HEDDLE_COUNT, 0, "radix", fallback, NULL, 1, 1e6, about)

static const struct heddle_option task_options[] = {
	OPTION(HEDDLE_TIME, HEDDLE_REQUIRED, "time", NULL, NULL, 0, 0, "what the task takes"),
	OPTION(HEDDLE_CHOICE, 0, "how", "sleep", "sleep|burn", 0, 0,
	       "sleep: the time passes; burn: so much of its own CPU time is used"),
	NO_OPTION,
};

static const struct heddle_option row_options[] = {
	WORK_OPTIONS,
	WIDTH_OPTION("tasks in a row"),
	STEPS_OPTION("rows"),
	NO_OPTION,
};

static const struct heddle_option fork_options[] = {
	WORK_OPTIONS,
	WIDTH_OPTION("tasks between a fork and a join"),
	STEPS_OPTION("how often it forks; a join is the next fork"),
	NO_OPTION,
};

static const struct heddle_option radix_options[] = {
	WORK_OPTIONS,
	WIDTH_OPTION("tasks in a row"),
	STEPS_OPTION("rows"),
	RADIX_OPTION("3", "predecessors of a task"),
	NO_OPTION,
};

static const struct heddle_option tree_options[] = {
	WORK_OPTIONS,
	WIDTH_OPTION("tasks in the widest row"),
	STEPS_OPTION("rows"),
	RADIX_OPTION("2", "how much wider each row is than the one before"),
	OPTION(HEDDLE_CHOICE, 0, "way", "out", "out|in", 0, 0,
	       "out: from one task to many; in: the same from many to one"),
	NO_OPTION,
};

static const struct heddle_option tile_options[] = {
	WORK_OPTIONS,
	WIDTH_OPTION("tiles on a side"),
	NO_OPTION,
};

#define OP(op_name, op_options, op_about) { \
	.size = sizeof(struct heddle_op), .name = #op_name, .about = op_about, \
	.options = op_options, .plan = plan_##op_name }

static const struct heddle_op ops[] = {
	OP(task, task_options, "one task of a stated time"),
	OP(trivial, row_options, "tasks that wait for nothing"),
	OP(chain, row_options, "each task waits for the one before it: width chains"),
	OP(tree, tree_options, "rows that widen from one task, or merge into one"),
	OP(fork_join, fork_options, "one task, a row, one task, a row .."),
	OP(stencil_1d, row_options, "a task waits for itself and its two neighbours, a row before"),
	OP(fft, row_options, "a task waits for itself and two at distance 1, 2, 4 .., a row before"),
	OP(nearest, radix_options, "a task waits for the radix nearest, a row before"),
	OP(spread, radix_options, "a task waits for radix tasks far apart, a row before"),
	OP(random, row_options, "a task waits for 1 to 5 tasks, mean 3, a row before"),
	OP(cholesky, tile_options, "Cholesky's factorisation by tiles"),
	OP(sweep, row_options, "a grid: a task waits for the one above and the one to the left"),
	{ .name = NULL },
};

static const struct heddle_kind kinds[] = {
	{
		.size = sizeof(kinds[0]),
		.name = "synth",
		.about = "a number: how many ways lead to the last tasks",
		.show = show,
	},
	{ .name = NULL },
};

static const struct heddle_collection synth = {
	.size = sizeof(synth),
	.ops = ops,
	.kernels = synth_kernels,
	.kinds = kinds,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "synth",
	.version = "1",
	.about = "graphs of known shape, whose tasks do a stated amount of nothing useful",
	.collection = &synth,
};
