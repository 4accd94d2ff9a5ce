/* SPDX-License-Identifier: MIT */
/* why - why workers are idle, as sentences for people. */

#ifndef CORE_INSIGHT_WHY_H
#define CORE_INSIGHT_WHY_H

struct view;
struct source_at;

/* Fill v->why from the rest of v, and from the states of tasks at that
 * instant for what opens next. */
void why_idle(struct view *v, const struct source_at *);

#endif
