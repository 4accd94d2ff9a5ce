/* SPDX-License-Identifier: MIT */
/* page_task - what the inspector draws from: a task's life, its log, a goal's value. */

#ifndef TUI_PAGE_TASK_H
#define TUI_PAGE_TASK_H

#include "core/base/text.h"
#include "tui/page.h"

struct task_page {
	struct view_inspect in;
	struct text tail;		/* end of its log, or the value of a goal */
	int is_value, has_log, was_cut;
	uint64_t log_bytes;
	uint32_t tail_of;		/* task, and the size and time it was read at */
	int64_t tail_size, tail_time;
	const void *value_of;		/* the run whose value it is */
	uint32_t lines;
	struct cursor cursor;		/* in the lines of the tail */
	int is_stay;
};

#endif
