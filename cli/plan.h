/* SPDX-License-Identifier: MIT */
/* plan - lists that `heddle plan` prints of a graph. */

#ifndef CLI_PLAN_H
#define CLI_PLAN_H

struct graph;

/* Each prints to stdout and returns an exit code. */
int plan_print_tasks(const struct graph *, int json);		/* a line a task */
int plan_print_commands(const struct graph *, int json);	/* a line a command, as sh would take it */
int plan_print_dot(const struct graph *, const char *name);	/* by task; by group beyond 1,000 */
void plan_print_groups(const struct graph *);			/* a table */

#endif
