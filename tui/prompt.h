/* SPDX-License-Identifier: MIT */
/* prompt - a line being typed in the row of keys: a command, a search, an answer. */

#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include <stddef.h>
#include <stdint.h>

struct surface;

enum { PROMPT_MAX = 480, PROMPT_HISTORY = 16, PROMPT_CHOICES = 512 };

struct prompt {
	char mark;			/* ':' '/' '\\' '?'; 0: closed */
	char text[PROMPT_MAX];
	size_t n, at;			/* bytes; where the next one goes */
	char choices[PROMPT_CHOICES];	/* what Tab could make of it; "" */
	char past[PROMPT_HISTORY][PROMPT_MAX];	/* of ':', newest first */
	int past_at;			/* -1: the line itself */
};

enum prompt_result { PROMPT_GOES_ON, PROMPT_DONE, PROMPT_LEFT, PROMPT_TAB };

void prompt_open(struct prompt *, char mark, const char *text);
/* One key.  DONE: text is what was typed; the prompt is closed.  Keys pasted
 * (is_pasted) are text and nothing else. */
enum prompt_result prompt_key(struct prompt *, int32_t key, int is_pasted);
/* Replace the line by a longer one that begins as it does. */
void prompt_set(struct prompt *, const char *text);
/* Draw into one row; -> the column of the cursor. */
int prompt_draw(struct surface *, int row, const struct prompt *);

#endif
