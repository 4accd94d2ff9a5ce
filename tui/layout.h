/* SPDX-License-Identifier: MIT */
/* layout - where boxes and lines of a graph of groups lie, in cells, level by level. */

#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdint.h>

struct graph;

/* How large boxes and the room between levels may be. */
struct layout_size {
	int box_rows, box_cols;		/* box_cols: at most; a box is as wide as its text */
	int gap;			/* columns between levels, at least */
	int fold;			/* columns of the screen: levels go on below; 0: never */
};

struct layout_box {
	int layer, row, col, rows, cols;
};

/* A piece of an edge between neighbouring levels: from (row, col) to the
 * right, at turn up or down, and on to (to_row, to_col). */
struct layout_edge {
	uint32_t link;			/* of the graph */
	int row, col, turn, to_row, to_col;
	int is_first, is_last;		/* does it leave a box; does it reach one? */
	/* to the next fold: right to turn, down (up) to this row, left to
	 * back_col, down to to_row, right; 0: it does not go there */
	int back_row, back_col;
};

struct layout {
	struct layout_box *box;		/* one a group */
	struct layout_edge *edge;
	uint32_t nedges;
	int rows, cols;			/* of the whole picture */
	int nlayers, nfolds;
};

/* More than this is a list, no picture. */
enum { LAYOUT_GROUPS = 300, LAYOUT_LINKS = 2000 };

/* Groups left to right by the longest chain of links before them; order in a
 * level by barycentres.  width of a group's text: text_cols[group].  Links
 * that run backwards (groups that interleave) are left out. */
void layout_make(struct layout *, const struct graph *, const int *text_cols,
		 const struct layout_size *);
void layout_fini(struct layout *);

#endif
