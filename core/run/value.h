/* SPDX-License-Identifier: MIT */
/* value - what tasks made: bytes kept until the last task that wants them has ended. */

#ifndef CORE_RUN_VALUE_H
#define CORE_RUN_VALUE_H

#include <heddle.h>
#include <stdatomic.h>
#include <stdint.h>

#include "core/run/live.h"

struct graph;

/*
 * A slot a task, 16 bytes.  A value of up to 8 bytes lives in its slot and is
 * neither counted nor freed before the end; a larger one is a block of its own.
 * refs: unfinished tasks that take it, one more for a goal.
 */
struct value {
	union { uint64_t word; void *block; };
	uint32_t n;			/* <= 8: in the slot; VALUE_BLOCK: see the block */
	_Atomic uint32_t refs;
};
_Static_assert(sizeof(struct value) == 16, "a value's slot");
enum { VALUE_BLOCK = UINT32_MAX };

/* Slots for all tasks with their refs; NULL where no kernel makes a value. */
struct value *values_new(const struct graph *);
void values_free(struct value *, const struct graph *);

struct heddle_bytes value_bytes(const struct value *);

/* The output of a task being made: n bytes, again with another n moves it. */
void *value_out(struct value *, size_t n);
void value_drop(struct value *);		/* a failed attempt's output */

/* The task is done: count what is kept; free at once what nobody wants. */
void value_made(struct value *, struct live_head *);
/* One task fewer wants it. */
void value_release(struct value *, struct live_head *);

#endif
