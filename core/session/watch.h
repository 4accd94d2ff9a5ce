/* SPDX-License-Identifier: MIT */
/* watch - a run that another process of this user is running, looked on at. */

#ifndef CORE_SESSION_WATCH_H
#define CORE_SESSION_WATCH_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct graph;
struct live_head;
struct run_event;
struct view_source;
struct watch;

/* Does the run's process live?  dir: its folder. */
int watch_is_live(const char *dir);

/* 0, or -1 and err (EXIT_ENV). */
int watch_open(struct watch **, uint32_t number, const char *dir, struct err *)
	__attribute__((warn_unused_result));
void watch_free(struct watch *);		/* NULL is fine; the run goes on */

/* Take in what has come since.  -> 1: the run is over and its record closed,
 * or its process is gone. */
int watch_take(struct watch *);

/* As run_ask; -1 too if the run does not answer within two seconds. */
int watch_ask(struct watch *, const char *line, char *answer, size_t n);

const char *watch_dir(const struct watch *);
uint32_t watch_number(const struct watch *);
const struct graph *watch_graph(const struct watch *);
const struct live_head *watch_live(const struct watch *);
uint32_t watch_nevents(const struct watch *);
uint32_t watch_events(const struct watch *, uint32_t from, struct run_event *, uint32_t most);

struct view_source *watch_view(struct watch *);	/* to be freed before it */

#endif
