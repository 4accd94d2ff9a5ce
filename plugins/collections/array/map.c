/* SPDX-License-Identifier: MIT */
/* map - each element by itself, with a number, or with that of another array. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

enum { OP, BY };
enum { ADD, SUB, MUL, DIV, POW, EXP, LOG, SQRT, ABS, NEG };

#define WORDS "add|sub|mul|div|pow|exp|log|sqrt|abs|neg"

const struct heddle_option map_options[] = {
	{ .size = sizeof(map_options[0]), .type = HEDDLE_CHOICE, .flags = HEDDLE_REQUIRED,
	  .name = "op", .words = WORDS,
	  .about = "what to do; add to pow want a number (by) or a second array" },
	{ .size = sizeof(map_options[0]), .type = HEDDLE_REAL, .name = "by",
	  .about = "the number to add, subtract, ..." },
	{ .size = sizeof(map_options[0]) }
};

struct map {
	uint64_t op;
	double by;		/* of one array and a number */
};

/* The word of an op, for sentences. */
static const char *
op_name(uint64_t op, char buf[8])
{
	const char *at = WORDS;

	for (; op; op--)
		at = strchr(at, '|') + 1;
	memcpy(buf, at, strcspn(at, "|"));
	buf[strcspn(at, "|")] = '\0';
	return buf;
}

static int
check_operands(const struct heddle_plan *plan, uint64_t op)
{
	int is_binary = op <= POW, has_by = plan->arg[BY].n > 0;
	char name[8];

	op_name(op, name);
	if (!is_binary && has_by)
		return array_refuse(plan, "by: %s has no use for a number", name);
	if (!is_binary && plan->nin != 1)
		return array_refuse(plan, "of: %s takes one array, not %u", name, plan->nin);
	if (is_binary && plan->nin > 2)
		return array_refuse(plan, "of: %s takes two arrays, not %u", name, plan->nin);
	if (is_binary && (plan->nin == 2) == has_by)
		return array_refuse(plan, "%s wants a number (by) or a second array (of); expected %s",
				    name, has_by ? "one, not both" : "one of them");
	return 0;
}

/* Both arrays must be cut alike. */
static int
check_shapes(const struct heddle_plan *plan, struct shape *s)
{
	char one[SHAPE_TEXT], two[SHAPE_TEXT];
	struct shape other;

	for (uint32_t i = 0; i < plan->nin; i++)
		if (shape_read(&plan->in[i], i ? &other : s) < 0)
			return array_refuse(plan, "'%s' does not say a shape and chunk that fit its parts",
					    plan->in[i].name);
	if (plan->nin < 2)
		return 0;
	if (s->ndims != other.ndims || memcmp(s->n, other.n, s->ndims * sizeof(s->n[0])))
		return array_refuse(plan, "'%s' is %s and '%s' is %s; expected equal shapes",
				    plan->in[0].name, shape_text(one, s->ndims, s->n),
				    plan->in[1].name, shape_text(two, other.ndims, other.n));
	if (memcmp(s->chunk, other.chunk, s->ndims * sizeof(s->chunk[0])))
		return array_refuse(plan, "'%s' has chunks of %s and '%s' of %s; expected equal chunks",
				    plan->in[0].name, shape_text(one, s->ndims, s->chunk),
				    plan->in[1].name, shape_text(two, other.ndims, other.chunk));
	return 0;
}

int
map_plan(const struct heddle_plan *plan)
{
	struct map map = { .op = (uint64_t)plan->arg[OP].v->i };
	heddle_task *part, in[2];
	struct shape s;
	int rc = -1;

	if (check_operands(plan, map.op) < 0 || check_shapes(plan, &s) < 0)
		return -1;
	if (plan->arg[BY].n)
		map.by = plan->arg[BY].v->d;
	part = malloc((plan->in[0].nparts + 1) * sizeof(*part));
	if (!part)
		return array_refuse(plan, "out of memory");
	for (uint32_t i = 0; i < plan->in[0].nparts; i++) {
		for (uint32_t k = 0; k < plan->nin; k++)
			in[k] = plan->in[k].part[i];
		part[i] = plan->emit(plan->self, "map", (struct heddle_bytes){ &map, sizeof(map) },
				     in, plan->nin);
		if (part[i] == HEDDLE_NONE)
			goto fail;
	}
	rc = array_give(plan, &s, part);
fail:
	free(part);
	return rc;
}

/* y is walked beside x, or stands still on one number. */
static void
each(double *restrict to, const double *restrict x, const double *restrict y, size_t step,
     size_t n, uint64_t op)
{
#define EACH(e)	for (size_t i = 0; i < n; i++, y += step) to[i] = (e)
	switch (op) {
	case ADD: EACH(x[i] + *y); break;
	case SUB: EACH(x[i] - *y); break;
	case MUL: EACH(x[i] * *y); break;
	case DIV: EACH(x[i] / *y); break;
	case POW: EACH(pow(x[i], *y)); break;
	case EXP: EACH(exp(x[i])); break;
	case LOG: EACH(log(x[i])); break;
	case SQRT: EACH(sqrt(x[i])); break;
	case ABS: EACH(fabs(x[i])); break;
	case NEG: EACH(-x[i]); break;
	}
#undef EACH
}

int
map_run(const struct heddle_call *call)
{
	const double *x, *y;
	size_t n, ny, many, step = call->nin == 2;
	struct map map;
	double *to;

	memcpy(&map, call->par.at, sizeof(map));
	y = &map.by;
	if (array_in(call, 0, &x, &n) < 0 || (step && array_in(call, 1, &y, &ny) < 0))
		return -1;
	if (step && n != ny)
		return array_fail(call, "chunks of %zu and %zu elements; expected equal ones", n, ny);
	to = array_out(call, n);
	if (!to)
		return -1;
	for (size_t i = 0; i < n; i += many) {
		many = n - i < STEP ? n - i : STEP;
		each(to + i, x + i, y + step * i, step, many, map.op);
		if (many == STEP && array_step(call, i + many, n) < 0)
			return -1;
	}
	return 0;
}
