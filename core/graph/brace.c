/* SPDX-License-Identifier: MIT */
/* brace - texts with {braces}: which are heddle's, and how what stands for them is put in. */

#include "core/graph/brace.h"

#include <ctype.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/text.h"

static const struct {
	const char *name;
	enum brace kind;
} known[] = {
	{ "item", BRACE_ITEM }, { "i", BRACE_I }, { "in", BRACE_IN }, { "out", BRACE_OUT },
	{ "name", BRACE_NAME }, { "stem", BRACE_STEM }, { "cores", BRACE_CORES },
	{ "attempt", BRACE_REFUSED }, { "mem", BRACE_REFUSED }, { "tmp", BRACE_REFUSED },
};

static int
is_name(int c)
{
	return isalnum(c) || c == '_' || c == '-' || c == '.';
}

/* {i:04} */
static int
read_width(struct brace_piece *p, const char *in, size_t n)
{
	if (n < 4 || n > 5 || strncmp(in, "i:0", 3))
		return 0;
	for (size_t i = 3; i < n; i++) {
		if (!isdigit((unsigned char)in[i]))
			return 0;
		p->width = 10 * p->width + (unsigned)(in[i] - '0');
	}
	p->kind = BRACE_I;
	return 1;
}

static int
read_node(struct brace_piece *p, const char *in, size_t n)
{
	size_t star = n && in[n - 1] == '*', name = n - star;

	if (name < 5 || strncmp(in + name - 4, ".out", 4))
		return 0;
	name -= 4;
	for (size_t i = 0; i < name; i++)
		if (!is_name((unsigned char)in[i]))
			return 0;
	p->kind = star ? BRACE_NODE_OUTS : BRACE_NODE_OUT;
	p->node = in;
	p->nnode = name;
	return 1;
}

/* Is what stands at s one of ours? */
static int
read_brace(const char *s, struct brace_piece *p)
{
	const char *end = strchr(s, '}'), *in = s + 1;
	size_t n = end ? (size_t)(end - in) : 0;

	memset(p, 0, sizeof(*p));
	if (!end)
		return 0;
	p->at = s;
	p->n = n + 2;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strlen(known[i].name) == n && !strncmp(known[i].name, in, n)) {
			p->kind = known[i].kind;
			return 1;
		}
	return read_width(p, in, n) || read_node(p, in, n);
}

int
brace_next(const char **at, struct brace_piece *p)
{
	const char *s = *at;
	struct brace_piece brace;

	if (!*s)
		return 0;
	if (s[0] == '{' && s[1] == '{') {
		*p = (struct brace_piece){ .kind = BRACE_TEXT, .at = s, .n = 1 };
		*at = s + 2;
		return 1;
	}
	if (*s == '{' && read_brace(s, p)) {
		*at = s + p->n;
		return 1;
	}
	for (s++; *s; s++)
		if (*s == '{' && s[-1] != '$' && (s[1] == '{' || read_brace(s, &brace)))
			break;
	*p = (struct brace_piece){ .kind = BRACE_TEXT, .at = *at, .n = (size_t)(s - *at) };
	*at = s;
	return 1;
}

/* ---- sh -------------------------------------------------------------------- */

int
brace_is_plain(const char *word)
{
	for (const char *s = word; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_@%+=:,./-", *s))
			return 0;
	return *word != '\0';
}

/* Inside '..' of the text, or of our own. */
static void
add_single(struct text *out, const char *word)
{
	for (; *word; word++)
		if (*word == '\'')
			text_add(out, "'\\''");
		else
			text_addc(out, *word);
}

static void
add_double(struct text *out, const char *word)
{
	for (; *word; word++) {
		if (strchr("\"\\$`", *word))
			text_addc(out, '\\');
		text_addc(out, *word);
	}
}

void
brace_quote(struct text *out, const char *word)
{
	if (brace_is_plain(word)) {
		text_add(out, word);
		return;
	}
	text_addc(out, '\'');
	add_single(out, word);
	text_addc(out, '\'');
}

/* Which quote is open behind a text, given the one before it. */
static char
quote_behind(char quote, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && quote != '\'')
			i++;
		else if (quote == s[i])
			quote = '\0';
		else if (!quote && (s[i] == '\'' || s[i] == '"'))
			quote = s[i];
	}
	return quote;
}

/* ---- replacing ---------------------------------------------------------------- */

struct expand {
	struct text out;
	size_t nwords;			/* of this brace */
	char quote;			/* that is open here, SHELL */
	enum brace_how how;
};

static void
add_word(void *to, const char *word)
{
	struct expand *e = to;

	if (e->nwords++)
		text_addc(&e->out, ' ');
	if (e->how == BRACE_WORD)
		text_add(&e->out, word);
	else if (e->quote == '\'')
		add_single(&e->out, word);
	else if (e->quote == '"')
		add_double(&e->out, word);
	else
		brace_quote(&e->out, word);
}

static int
refuse(const struct brace_piece *p, struct err *err)
{
	if (!strncmp(p->at, "{attempt}", p->n))
		return err_set(err, EXIT_CONFIG, "{attempt} is known only when it runs; expected $HEDDLE_ATTEMPT, in a command with a shell");
	return err_set(err, EXIT_CONFIG, "%.*s means nothing yet; expected {%.*s, if it is to stay",
		       (int)p->n, p->at, (int)p->n, p->at);
}

static int
add_piece(struct expand *e, const struct brace_piece *p, brace_value *value, void *user,
	  struct err *err)
{
	if (p->kind == BRACE_TEXT) {
		text_addn(&e->out, p->at, p->n);
		if (e->how == BRACE_SHELL)
			e->quote = quote_behind(e->quote, p->at, p->n);
		return 0;
	}
	if (p->kind == BRACE_REFUSED)
		return refuse(p, err);
	e->nwords = 0;
	if (value(user, p, add_word, e, err) < 0)
		return -1;
	if (e->how == BRACE_WORD && e->nwords > 1)
		return err_set(err, EXIT_CONFIG, "%.*s stands for %zu files here; several go as a word of their own",
			       (int)p->n, p->at, e->nwords);
	return 0;
}

int
brace_expand(enum brace_how how, const char *text, brace_value *value, void *user,
	     brace_put *put, void *to, struct err *err)
{
	struct expand e = { .how = how };
	struct brace_piece p;
	const char *s = text;
	int rc = 0;

	if (how == BRACE_WORD && brace_next(&s, &p) && !*s &&
	    p.kind != BRACE_TEXT && p.kind != BRACE_REFUSED)
		return value(user, &p, put, to, err);
	s = text;
	while (rc == 0 && brace_next(&s, &p))
		rc = add_piece(&e, &p, value, user, err);
	if (rc == 0)
		put(to, e.out.at ? e.out.at : "");
	text_fini(&e.out);
	return rc;
}
