/* SPDX-License-Identifier: MIT */
/* brace - texts with {braces}: which are heddle's, and how what stands for them is put in. */

#ifndef CORE_GRAPH_BRACE_H
#define CORE_GRAPH_BRACE_H

#include <stddef.h>

struct err;

/*
 * Known are {item} {i} {i:04} {in} {out} {name} {stem} {cores} {NODE.out}
 * {NODE.out*}.  {attempt} is refused, since only the environment can tell it;
 * {mem} and {tmp}, since they are to mean something one day.
 * "{{" is a brace, and "${" the shell's.  Anything else in braces stays.
 */
enum brace {
	BRACE_TEXT,		/* as it stands */
	BRACE_ITEM, BRACE_I, BRACE_IN, BRACE_OUT, BRACE_NAME, BRACE_STEM, BRACE_CORES,
	BRACE_NODE_OUT,		/* of the matching task */
	BRACE_NODE_OUTS,	/* of all */
	BRACE_REFUSED
};

struct brace_piece {
	enum brace kind;
	const char *at;		/* the text; the brace as written, with its braces */
	size_t n;
	const char *node;	/* of NODE_OUT, NODE_OUTS: the name; not ended by NUL */
	size_t nnode;
	unsigned width;		/* of I: digits, with zeroes in front; 0: as many as it takes */
};

/* The next piece of *s, which moves behind it; 0 at the end. */
int brace_next(const char **s, struct brace_piece *);

/* What a brace stands for: calls put once a word.  0, or -1 and err. */
typedef void brace_put(void *to, const char *word);
typedef int brace_value(void *user, const struct brace_piece *, brace_put *, void *to,
			struct err *);

enum brace_how {
	BRACE_WORD,		/* text is one word; a brace alone may be several */
	BRACE_SHELL		/* text is for sh: words are quoted as their place in it asks */
};

/* Replace; calls put once a word (SHELL: once).  0, or -1 and err. */
int brace_expand(enum brace_how, const char *text, brace_value *, void *user,
		 brace_put *, void *to, struct err *) __attribute__((warn_unused_result));

/* Does sh read it as one word, the same bytes? */
int brace_is_plain(const char *word);

struct text;
/* Append the word so that sh reads it as one. */
void brace_quote(struct text *, const char *word);

#endif
