/* SPDX-License-Identifier: MIT */
/* bag - the tables of bag.so: text and what is counted in it. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bag.h"

static const struct heddle_op ops[] = {
	{ .size = sizeof(ops[0]), .name = "read", .about = "text of files, in chunks of whole lines",
	  .options = read_options, .plan = read_plan },
	{ .size = sizeof(ops[0]), .name = "lines", .about = "every line is an item",
	  .takes = "text", .plan = lines_plan },
	{ .size = sizeof(ops[0]), .name = "words", .about = "every run of letters is an item",
	  .takes = "text", .options = words_options, .plan = words_plan },
	{ .size = sizeof(ops[0]), .name = "filter", .about = "the lines or items that match",
	  .takes = "text|bag.items", .options = filter_options, .plan = filter_plan },
	{ .size = sizeof(ops[0]), .name = "count", .about = "how often each item occurs",
	  .takes = "bag.items", .options = count_options, .plan = count_plan },
	{ .size = sizeof(ops[0]), .name = "top", .about = "the most frequent, equal counts by bytes",
	  .takes = "bag.pairs", .options = top_options, .plan = top_plan },
	{ .size = sizeof(ops[0]) }
};

static const struct heddle_kernel kernels[] = {
	{ sizeof(kernels[0]), 0, "read", read_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "lines", lines_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "words", words_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "filter_text", filter_text_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "filter_items", filter_items_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "count", count_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "merge", merge_run },
	{ sizeof(kernels[0]), HEDDLE_PURE, "top", top_run },
	{ .size = sizeof(kernels[0]) }
};

static const struct heddle_kind kinds[] = {
	{ sizeof(kinds[0]), 0, "text", "whole lines of bytes", text_show },
	{ sizeof(kinds[0]), 0, "bag.items", "byte strings", items_show },
	{ sizeof(kinds[0]), 0, "bag.pairs", "byte strings, each with its count", pairs_show },
	{ .size = sizeof(kinds[0]) }
};

static const struct heddle_collection bag = {
	.size = sizeof(bag),
	.ops = ops,
	.kernels = kernels,
	.kinds = kinds,
};

const struct heddle_plugin heddle_plugin = {
	.abi = HEDDLE_ABI,
	.size = sizeof(heddle_plugin),
	.name = "bag",
	.version = "1.0",
	.about = "Text and bags of items: read, split, filter, count.",
	.collection = &bag,
};

static char *sentence(const char *fmt, va_list) __attribute__((format(printf, 1, 0)));

/* A sentence of any length, to be freed; NULL: out of memory. */
static char *
sentence(const char *fmt, va_list ap)
{
	char *s;

	return vasprintf(&s, fmt, ap) < 0 ? NULL : s;
}

int
bag_fail(const struct heddle_call *call, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = sentence(fmt, ap);
	va_end(ap);
	call->fail(call->self, s ? s : "out of memory");
	free(s);
	return -1;
}

int
bag_refuse(const struct heddle_plan *plan, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = sentence(fmt, ap);
	va_end(ap);
	plan->fail(plan->self, s ? s : "out of memory");
	free(s);
	return -1;
}

int
bag_meta(const struct heddle_plan *plan)
{
	const char *repeat = plan->in[0].meta(plan->in[0].self, "repeat");

	return repeat ? plan->meta(plan->self, "repeat", repeat) : 0;
}

int
bag_each(const struct heddle_plan *plan, const char *kernel, struct heddle_bytes par,
	 const char *kind)
{
	const struct heddle_node *in = &plan->in[0];
	heddle_task *part = malloc((in->nparts + 1) * sizeof(*part));
	int rc = -1;

	if (!part)
		return bag_refuse(plan, "out of memory");
	for (uint32_t i = 0; i < in->nparts; i++) {
		part[i] = plan->emit(plan->self, kernel, par, &in->part[i], 1);
		if (part[i] == HEDDLE_NONE)
			goto fail;
	}
	rc = plan->give(plan->self, kind, part, in->nparts);
	if (!rc)
		rc = bag_meta(plan);
fail:
	free(part);
	return rc;
}
