/* SPDX-License-Identifier: MIT */
/* words - a value as a list of words, with quotes as in sh. */

#ifndef CORE_GRAPH_WORDS_H
#define CORE_GRAPH_WORDS_H

#include <stddef.h>

struct err;

struct word {
	char *at;
	int is_quoted;			/* was any of it? */
};

struct words {
	struct word *at;
	size_t n, cap;
};

/* White space separates; '..' and ".." keep it, and \ the next byte (in ".."
 * only " \ $ and `).  0, or -1 and err for a quote that is not closed. */
int words_split(struct words *, const char *text, struct err *)
	__attribute__((warn_unused_result));
void words_fini(struct words *);

#endif
