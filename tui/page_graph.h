/* SPDX-License-Identifier: MIT */
/* page_graph - what the graph page draws from: groups, then ranges of one, then its tasks. */

#ifndef TUI_PAGE_GRAPH_H
#define TUI_PAGE_GRAPH_H

#include "tui/layout.h"
#include "tui/page.h"

enum graph_zoom { ZOOM_GROUPS, ZOOM_RANGES, ZOOM_TASKS };

enum { GRAPH_RANGES = 16, GRAPH_SIDE = 8, GRAPH_ROWS = 128, GRAPH_DEPTH = 10 };

/* Tasks from .. from + n - 1 of the group, by place, cut in steps. */
struct graph_cut { uint32_t from, n, step; struct cursor cursor; };

/* What a range or a task needs, or feeds: one line at the side. */
struct graph_side {
	uint32_t task;			/* HEDDLE_NONE: a range */
	uint32_t group, from, to;	/* places, to included */
	uint64_t edges;
	enum task_state state;		/* of the task */
};

struct graph_page {
	enum graph_zoom zoom;
	uint32_t group;			/* zoomed into; another one selected: back to groups */
	/* groups */
	struct layout layout;
	struct layout_size size;
	int *text_cols;
	int is_made, made_rows, made_cols;
	int pan_row, pan_col;
	int is_list;			/* too many groups for a picture */
	/* ranges */
	struct graph_cut cut[GRAPH_DEPTH];
	int depth;
	struct live_sum sum[GRAPH_RANGES + 1];
	uint32_t next_sum;		/* range to count next */
	int has_sums;
	/* tasks: the window on the screen */
	struct cursor task;
	enum task_state state[GRAPH_ROWS];
	uint32_t nstates;
	/* of what is selected */
	uint32_t side_of[2];		/* group, or first and last task: to notice a change */
	struct graph_side need[GRAPH_SIDE], feed[GRAPH_SIDE];
	uint32_t nneed, nfeed;
	uint64_t nneed_all, nfeed_all;	/* tasks, or groups */
	int seek;			/* to the failed task before, after */
};

/* Choose the largest boxes that fit, or the smallest, and lay out. */
void graph_fit(struct graph_page *, const struct graph *, int rows, int cols);
struct graph_page *graph_page_of(struct ui *);
/* The page on one task. */
void graph_goto(struct ui *, uint32_t task);
uint32_t graph_nranges(const struct graph_cut *);

/* Drawing: panel_graph.c */
/* Rows the picture of all groups takes, if it fits into so much; else 0. */
int panel_graph_rows(struct ui *, int rows, int cols);
void panel_graph_boxes(struct surface *, struct ui *);
void panel_graph_groups(struct surface *, struct ui *);
void panel_graph_ranges(struct surface *, struct ui *);
void panel_graph_tasks(struct surface *, struct ui *);
void panel_graph_selected(struct surface *, const struct ui *);

#endif
