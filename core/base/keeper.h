/* SPDX-License-Identifier: MIT */
/* keeper - the child forked first, that ends what heddle started and tries strange plugins. */

#ifndef CORE_BASE_KEEPER_H
#define CORE_BASE_KEEPER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The keeper has no threads, so it may fork safely, and a session of its own,
 * so that a kill of heddle's process group does not reach it.  It holds a pipe
 * whose other end is heddle's life: at its end it SIGKILLs every process group
 * in the shared page.
 */
struct keeper;

enum { KEEPER_SLOTS = 4096, KEEPER_SAYS = 512 };

/* Fork it: the first thing in main, before any thread.  trial is what a
 * forked grandchild runs for keeper_try: it returns 0, or -1 with a sentence
 * in why.  On failure -1 with errno set. */
int keeper_start(struct keeper **, int (*trial)(const char *path, char *why, size_t n));

/* End it, and wait; nothing may be starting a child.  Process groups still in
 * the page are ended.  NULL is fine. */
void keeper_stop(struct keeper *);

/* Load path in a process of its own, 2 s at most.  0: it came back well;
 * else -1 and why (KEEPER_SAYS bytes) says what happened ("its constructor
 * died of signal 11").  Any thread, one at a time. */
int keeper_try(struct keeper *, const char *path, char *why);

/* Slot i (a worker's) holds the process group of its child, 0 for none.
 * Written before exec by the child's parent-to-be and cleared after wait.
 * Any thread; NULL keeper: NULL. */
_Atomic int32_t *keeper_slot(struct keeper *, uint32_t i);

#endif
