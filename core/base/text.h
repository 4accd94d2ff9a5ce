/* SPDX-License-Identifier: MIT */
/* text - strings that grow, and what people type and read: sizes, times, names. */

#ifndef CORE_BASE_TEXT_H
#define CORE_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* A string that grows.  Zero-initialise; `at` is NULL or ends in NUL. */
struct text {
	char *at;
	size_t n, cap;
};
void text_fini(struct text *);
void text_clear(struct text *);
void text_add(struct text *, const char *);
void text_addn(struct text *, const char *, size_t n);
void text_addc(struct text *, char);
void text_addf(struct text *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *text_take(struct text *);		/* never NULL; the text is empty again; free() it */

/* Read a number as typed.  0, or -1 and *why says what was expected
 * ("a count such as 12, 64K or 10M").  Whole text or nothing; no sign unless
 * said; overflow is refused. */
int read_int(const char *, int64_t *out, const char **why);	/* sign allowed */
int read_real(const char *, double *out, const char **why);	/* sign allowed; finite, decimal point */
int read_count(const char *, int64_t *out, const char **why);	/* K M G T of 1000; 1.5K */
int read_size(const char *, int64_t *out, const char **why);	/* K M G T of 1024; B, iB allowed */
int read_time(const char *, int64_t *out, const char **why);	/* bare seconds; ns us ms s m h d, 1m40s; ns out */
int read_bool(const char *, int *out, const char **why);	/* yes no true false on off 1 0 */

/* Write for people, in at most 16 bytes with the NUL; return buf.
 * time: 40ms 9.2s 1m40s 2h05m; size: 12.1M; count: 1.2M or 2343 as it is. */
enum { WRITE_MAX = 24 };
char *write_time(char buf[WRITE_MAX], uint64_t ns);
char *write_size(char buf[WRITE_MAX], uint64_t bytes);
char *write_count(char buf[WRITE_MAX], uint64_t n);
char *write_clock(char buf[WRITE_MAX], uint64_t ns);	/* 00:21.3, 1:02:03 */

/* The word nearest to `word` by edit distance, near enough that a person may
 * have meant it; NULL if none.  names is NULL-terminated. */
const char *nearest(const char *word, const char *const *names);

/* A byte sequence as UTF-8 that is safe on a terminal: C0, DEL, C1, invalid
 * UTF-8, bidi and zero-width controls become visible marks (\xNN, U+NNNN
 * told as ?).  With ascii, all that is not ASCII too.  Appends. */
void text_add_clean(struct text *, const char *, size_t n, int ascii);

/* The next code point of s (n bytes left): its length 1..4, 0 at the end;
 * *cp is the code point, or -1 for an invalid byte (length 1). */
size_t utf8_next(const char *s, size_t n, int32_t *cp);

/* How many cells a code point takes on a terminal: 0, 1 or 2; -1 if it must
 * not be drawn. */
int utf8_width(int32_t cp);

/* Does the pattern (shell: * ? [..]) match?  fnmatch without FNM_PATHNAME. */
int has_glob(const char *);

#endif
