/* SPDX-License-Identifier: MIT */
/* words - a value as a list of words, with quotes as in sh. */

#include "core/graph/words.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"

static int
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* One word from *s on. */
static int
read_word(const char **at, struct text *out, int *is_quoted, struct err *err)
{
	const char *s = *at;
	char quote = '\0';

	for (; *s && (quote || !is_space(*s)); s++) {
		if (*s == '\\' && s[1] && (!quote || (quote == '"' && strchr("\"\\$`", s[1])))) {
			text_addc(out, *++s);
			*is_quoted = 1;
		} else if (*s == quote) {
			quote = '\0';
		} else if (!quote && (*s == '\'' || *s == '"')) {
			quote = *s;
			*is_quoted = 1;
		} else {
			text_addc(out, *s);
		}
	}
	*at = s;
	if (quote)
		return err_set(err, EXIT_CONFIG, "a %c is not closed; expected another one", quote);
	return 0;
}

int
words_split(struct words *w, const char *text, struct err *err)
{
	const char *s = text;

	memset(w, 0, sizeof(*w));
	for (;;) {
		struct text out = { NULL, 0, 0 };
		struct word *word;
		int is_quoted = 0;

		while (is_space(*s))
			s++;
		if (!*s)
			return 0;
		if (read_word(&s, &out, &is_quoted, err) < 0) {
			text_fini(&out);
			words_fini(w);
			return -1;
		}
		word = XADD(&w->at, &w->n, &w->cap);
		word->at = text_take(&out);
		word->is_quoted = is_quoted;
	}
}

void
words_fini(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->at[i].at);
	free(w->at);
	memset(w, 0, sizeof(*w));
}
