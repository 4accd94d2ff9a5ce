/* SPDX-License-Identifier: MIT */
/* write - a graph as lines of text, equal for equal graphs. */

#include "core/base/text.h"
#include "core/graph/graph.h"

static void
write_task(const struct graph *g, heddle_task t, struct text *out)
{
	const struct graph_kernel *k = &g->kernel[g->kernel_of[t]];
	uint32_t nin = graph_nin(g, t), n = graph_npred(g, t);
	char name[GRAPH_NAME];

	text_addf(out, "%s %s.%s", graph_name(g, t, name), graph_text(g, k->plugin),
		  graph_text(g, k->name));
	for (uint32_t i = 0; i < n; i++) {
		if (i == nin)
			text_add(out, " |");
		text_addf(out, " %s", graph_name(g, g->csr.pred[g->csr.pred_at[t] + i], name));
	}
	text_addc(out, '\n');
}

void
graph_write(const struct graph *g, struct text *out)
{
	for (heddle_task t = 0; t < g->csr.ntasks; t++)
		write_task(g, t, out);
}
