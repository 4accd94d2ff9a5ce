/* SPDX-License-Identifier: MIT */
/* bag - text is cut, split, filtered and counted as any other way of counting says. */

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "t/host.h"

/* ---- a folder for files, a host for a test -------------------------------- */

struct place {
	char dir[64];
	int nfiles;
	struct text paths;	/* of all files, as path = says them */
	struct host *host;
};

static int
setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/heddle-bag-XXXXXX");
	*state = p;
	p->host = host_open("bag");
	return mkdtemp(p->dir) && p->host ? 0 : -1;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	char *path;

	for (int i = 0; i < p->nfiles; i++) {
		path = xasprintf("%s/%d", p->dir, i);
		unlink(path);
		free(path);
	}
	rmdir(p->dir);
	host_free(p->host);
	text_fini(&p->paths);
	free(p);
	return 0;
}

static char *
path_of(const struct place *p, int i)
{
	return xasprintf("%s/%d", p->dir, i);
}

static void
add_file(struct place *p, const void *at, size_t n)
{
	char *path = path_of(p, p->nfiles++);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fwrite(at, 1, n, f) == n);
	assert_int_equal(fclose(f), 0);
	if (p->paths.n)
		text_addc(&p->paths, ' ');
	text_add(&p->paths, path);
	free(path);
}

static void
add_text(struct place *p, const char *s)
{
	add_file(p, s, strlen(s));
}

/* Operations by short calls. */
static struct host_node *
reads(struct place *p, const char *chunk, const char *key, const char *value)
{
	const char *options[] = { "path", p->paths.at, "chunk", chunk, key, value, NULL };

	return host_plan(p->host, "text", "read", options, NULL, 0);
}

static struct host_node *
does(struct place *p, const char *op, struct host_node *in, const char *key, const char *value)
{
	const char *options[] = { key, value, NULL };
	struct host_node *node = in ? host_plan(p->host, op, op, options, &in, 1) : NULL;

	if (!node)
		print_error("%s: %s\n", op, host_why(p->host));
	assert_non_null(node);
	return node;
}

static struct host_node *
words_of(struct place *p, const char *chunk)
{
	return does(p, "words", reads(p, chunk, NULL, NULL), "fold", "case");
}

/* What a node shows as JSON once all has run. */
static char *
json_of(struct host_node *node)
{
	char *s;

	if (host_run(node->host) < 0)
		print_error("%s\n", host_why(node->host));
	assert_string_equal(host_why(node->host), "");
	s = host_show(node, 1, 0);
	assert_non_null(s);
	return s;
}

static void
assert_json(struct host_node *node, const char *want)
{
	char *s = json_of(node);

	assert_string_equal(s, want);
	free(s);
}

static void
assert_fails(struct place *p, const char *why)
{
	assert_int_equal(host_run(p->host), -1);
	if (!strstr(host_why(p->host), why))
		print_error("'%s' does not say '%s'\n", host_why(p->host), why);
	assert_non_null(strstr(host_why(p->host), why));
}

static void
assert_refused(struct place *p, const struct host_node *node, const char *why)
{
	assert_null(node);
	if (!strstr(host_why(p->host), why))
		print_error("'%s' does not say '%s'\n", host_why(p->host), why);
	assert_non_null(strstr(host_why(p->host), why));
}

/* ---- the outside oracle ---------------------------------------------------- */

static const char best8[] = "[[\"the\", 722], [\"of\", 489], [\"shall\", 306], [\"and\", 261], "
	"[\"to\", 202], [\"be\", 180], [\"or\", 160], [\"in\", 142]]";

static char *
constitution(void)
{
	const char *data = getenv("HEDDLE_DATA"), *src = getenv("HEDDLE_SRC");
	char *path = data ? xasprintf("%s/text/us-constitution.txt", data) :
		xasprintf("%s/../shared/data/text/us-constitution.txt", src ? src : ".");

	if (!access(path, R_OK))
		return path;
	free(path);
	return NULL;
}

static void
count_constitution(struct place *p, const char *chunk, const char *merge)
{
	struct host_node *words, *count, *all;
	unsigned long total = 0, distinct = 0, n;
	char *s, *at;

	words = words_of(p, chunk);
	count = does(p, "count", words, "merge", merge);
	assert_json(does(p, "top", count, "n", "8"), best8);
	all = does(p, "top", count, "n", "1M");
	s = json_of(all);
	for (at = s; (at = strstr(at, "\", ")); at += 3) {
		n = strtoul(at + 3, NULL, 10);
		total += n;
		distinct++;
	}
	free(s);
	assert_int_equal(total, 7573);
	assert_int_equal(distinct, 1095);
}

static void
the_words_of_the_constitution_are_the_published_ones(void **state)
{
	static const char *const chunk[] = { "1K", "1M", "777", "64K" };
	static const char *const merge[] = { "tree 8", "flat", "tree 2", "tree 100" };
	struct place *p = *state;
	char *path = constitution();

	if (!path)
		return;		/* main says so */
	text_add(&p->paths, path);
	free(path);
	for (size_t i = 0; i < 4; i++)
		count_constitution(p, chunk[i], merge[i]);
}

/* ---- against a naive counter ------------------------------------------------ */

/* Items and counts as bag.pairs lays them out, found by looking through all
 * earlier ones; text is cut into items by is_in. */
struct naive {
	struct { char *at; size_t n; uint64_t count; } *row;
	size_t n, cap;
};

static void
naive_add(struct naive *c, const char *at, size_t n)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->row[i].n == n && !memcmp(c->row[i].at, at, n))
			break;
	if (i == c->n) {
		XADD(&c->row, &c->n, &c->cap);
		c->row[i].at = xmalloc(n + 1);
		memcpy(c->row[i].at, at, n);
		c->row[i].n = n;
	}
	c->row[i].count++;
}

static int
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
naive_words(struct naive *c, const char *at, size_t n)
{
	for (size_t i = 0, k; i < n; i = k + 1) {
		for (k = i; k < n && is_letter(at[k]); k++)
			;
		if (k > i)
			naive_add(c, at + i, k - i);
	}
}

static void
naive_lines(struct naive *c, const char *at, size_t n)
{
	for (size_t i = 0, k; i < n; i = k + 1) {
		for (k = i; k < n && at[k] != '\n'; k++)
			;
		naive_add(c, at + i, k - i);
	}
}

static void
naive_leb(struct text *t, uint64_t v)
{
	for (; v > 127; v /= 128)
		text_addc(t, (char)(128 + v % 128));
	text_addc(t, (char)v);
}

static void
naive_free(struct naive *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->row[i].at);
	free(c->row);
	memset(c, 0, sizeof(*c));
}

static void
assert_counts(struct host_node *count, const struct naive *c)
{
	struct text want = { 0 };
	struct heddle_bytes got;

	for (size_t i = 0; i < c->n; i++) {
		naive_leb(&want, c->row[i].count);
		naive_leb(&want, c->row[i].n);
		text_addn(&want, c->row[i].at, c->row[i].n);
	}
	assert_int_equal(count->is.nparts, 1);
	got = host_value(count->host, count->is.part[0]);
	assert_int_equal(got.n, want.n);
	if (got.n)
		assert_memory_equal(got.at, want.at, got.n);
	text_fini(&want);
}

static uint64_t
draw(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x * 0x2545f4914f6cdd1d >> 32;
}

/* A file of one of four sorts: any bytes, few words, long lines, none. */
static size_t
draw_file(uint64_t *x, char *at, size_t most)
{
	static const char few[] = "ab \n", prose[] = "the of to and shall be \n\t.,AbC\0\xff\xc3\xa9";
	size_t n = draw(x) % most;
	unsigned sort = draw(x) % 5;

	for (size_t i = 0; i < n; i++)
		at[i] = sort == 0 ? (char)draw(x) :
			sort == 1 ? few[draw(x) % 4] :
			sort == 2 ? (draw(x) % 400 ? 'x' : '\n') :
			prose[draw(x) % (sizeof(prose) - 1)];
	return sort == 4 && draw(x) % 2 ? 0 : n;
}

static void
compare(struct place *p, const char *chunk, const char *merge,
	const struct naive *words, const struct naive *lines)
{
	struct host_node *text = reads(p, chunk, NULL, NULL), *w, *l;

	w = does(p, "count", does(p, "words", text, NULL, NULL), "merge", merge);
	l = does(p, "count", does(p, "lines", text, NULL, NULL), "merge", merge);
	host_run(p->host);
	assert_string_equal(host_why(p->host), "");
	assert_counts(w, words);
	assert_counts(l, lines);
}

static void
any_bytes_in_any_chunks_are_counted_as_by_a_naive_counter(void **state)
{
	static const char *const chunk[] = { "1", "2", "3", "7", "64", "500", "1M" };
	static const char *const merge[] = { "tree 2", "tree 3", "tree 8", "flat" };
	struct naive words = { 0 }, lines = { 0 };
	uint64_t x = 88172645463325252;
	char file[600];
	size_t n;

	for (int round = 0; round < 40; round++) {
		struct place *p;
		void *fresh;

		assert_int_equal(setup(&fresh), 0);
		p = fresh;
		for (int i = 1 + (int)(draw(&x) % 6); i > 0; i--) {
			n = draw_file(&x, file, sizeof(file));
			add_file(p, file, n);
			naive_words(&words, file, n);
			naive_lines(&lines, file, n);
		}
		for (int i = 0; i < 7; i++)
			compare(p, chunk[i], merge[draw(&x) % 4], &words, &lines);
		naive_free(&words);
		naive_free(&lines);
		teardown(&fresh);
	}
	(void)state;
}

/* ---- read ------------------------------------------------------------------- */

static void
every_line_is_read_once_though_it_is_longer_than_chunks(void **state)
{
	struct place *p = *state;
	char *s = xmalloc(100003);

	memset(s, 'y', 100003);
	memcpy(s, "a\n", 2);
	s[70000] = '\n';
	add_file(p, s, 100003);
	free(s);
	does(p, "count", does(p, "lines", reads(p, "1000", NULL, NULL), NULL, NULL), NULL, NULL);
	host_run(p->host);
	assert_string_equal(host_why(p->host), "");
	for (uint32_t i = 0, n = 0; i < 101; i++) {
		n += host_value(p->host, i).n > 0;
		assert_int_equal(host_value(p->host, i).n, i == 0 ? 70001 : i == 70 ? 30003 : 0);
		assert_true(n <= 2);
	}
}

static void
small_files_share_a_task_and_keep_their_last_lines(void **state)
{
	struct place *p = *state;
	struct host_node *text;

	for (int i = 0; i < 25; i++)
		add_text(p, i % 2 ? "one two" : "one two\n");
	text = reads(p, "80", NULL, NULL);
	assert_int_equal(text->is.nparts, 3);
	assert_json(does(p, "count", does(p, "words", text, NULL, NULL), NULL, NULL),
		    "[[\"one\", 25], [\"two\", 25]]");
}

static void
the_tail_of_a_large_file_shares_a_task_with_the_next(void **state)
{
	struct place *p = *state;

	add_text(p, "aaaa\nbbbb\ncccc\nd\n");
	add_text(p, "ee\n");
	assert_int_equal(reads(p, "5", NULL, NULL)->is.nparts, 4);
}

static void
every_count_is_exactly_so_many_times_as_the_input_is_repeated(void **state)
{
	struct place *p = *state;
	struct host_node *text, *count;

	add_text(p, "to be or not to be\n");
	add_text(p, "be");
	text = reads(p, "10", "repeat", "1K");
	count = does(p, "count", does(p, "words", text, NULL, NULL), NULL, NULL);
	assert_json(count, "[[\"be\", 3000], [\"to\", 2000], [\"not\", 1000], [\"or\", 1000]]");
	assert_string_equal(host_meta(text, "repeat"), "1000");
	assert_string_equal(host_meta(text, "files"), "2");
	assert_string_equal(host_meta(text, "bytes"), "21");
	assert_string_equal(host_meta(count, "repeat"), "1000");
}

static void
a_file_that_grew_since_it_was_planned_fails_its_task(void **state)
{
	struct place *p = *state;
	char *path = path_of(p, 0);
	struct timespec time[2];
	struct stat st;
	FILE *f;

	add_text(p, "before\n");
	assert_non_null(reads(p, "1M", NULL, NULL));
	assert_int_equal(stat(path, &st), 0);
	f = fopen(path, "a");
	fputs("after\n", f);
	fclose(f);
	time[0] = time[1] = st.st_mtim;	/* its time alone does not tell */
	assert_int_equal(utimensat(AT_FDCWD, path, time, 0), 0);
	assert_fails(p, "/0 changed since it was planned");
	free(path);
}

static void
a_file_of_another_time_fails_its_task(void **state)
{
	struct timespec time[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	struct place *p = *state;
	char *path = path_of(p, 0);

	add_text(p, "before\n");
	assert_non_null(reads(p, "1M", NULL, NULL));
	assert_int_equal(utimensat(AT_FDCWD, path, time, 0), 0);
	assert_fails(p, "/0 changed since it was planned");
	free(path);
}

static void
a_file_that_went_away_fails_its_task_by_name(void **state)
{
	struct place *p = *state;
	char *path = path_of(p, 0);

	add_text(p, "before\n");
	assert_non_null(reads(p, "1M", NULL, NULL));
	unlink(path);
	assert_fails(p, "/0: No such file or directory");
	free(path);
}

static void
a_file_that_hides_its_size_is_refused(void **state)
{
	struct place *p = *state;

	text_add(&p->paths, "/proc/self/status");
	assert_non_null(reads(p, "1M", NULL, NULL));
	assert_fails(p, "says it has 0 bytes, but has some");
}

static void
a_path_that_cannot_be_read_is_refused_by_name(void **state)
{
	struct place *p = *state;

	text_add(&p->paths, "/dev/null");
	assert_refused(p, reads(p, "1M", NULL, NULL), "path: /dev/null: is no regular file");
	text_clear(&p->paths);
	text_add(&p->paths, p->dir);
	assert_refused(p, reads(p, "1M", NULL, NULL), "is a folder; expected a file");
}

static void
what_cannot_be_read_is_left_out_where_the_job_says_so(void **state)
{
	struct place *p = *state;

	add_text(p, "word\n");
	text_add(&p->paths, " /dev/null ");
	text_add(&p->paths, p->dir);
	assert_json(reads(p, "1M", "unreadable", "skip"), "[\"word\"]");
	text_clear(&p->paths);
	text_add(&p->paths, "/dev/null");
	assert_refused(p, reads(p, "1M", "unreadable", "skip"), "none of 1 can be read");
}

static void
empty_files_alone_are_one_task_without_lines(void **state)
{
	struct place *p = *state;
	struct host_node *text;

	add_text(p, "");
	add_text(p, "");
	text = reads(p, "1", NULL, NULL);
	assert_int_equal(text->is.nparts, 1);
	assert_json(does(p, "top", does(p, "count", does(p, "words", text, NULL, NULL),
					NULL, NULL), NULL, NULL), "[]");
}

static void
more_chunks_than_a_graph_holds_are_refused_at_once(void **state)
{
	struct place *p = *state;

	add_text(p, "twelve bytes");
	assert_refused(p, reads(p, "1", "repeat", "1G"), "chunks are more than a graph can hold");
}

static void
a_task_asked_to_stop_stops(void **state)
{
	static const char *const op[][3] = {
		{ "lines" }, { "words" }, { "filter", "match", "w" }, { "filter", "regex", "w" }
	};
	struct place *p = *state;
	struct text t = { 0 };
	struct host_node *text, *items;

	for (int i = 0; i < 70000; i++)
		text_add(&t, "w\n");
	add_file(p, t.at, t.n);
	text_fini(&t);
	text = reads(p, "1M", NULL, NULL);
	items = does(p, "words", text, NULL, NULL);
	assert_int_equal(host_run(p->host), 0);
	host_stop(p->host);
	reads(p, "1M", NULL, NULL);
	assert_fails(p, "stopped");
	for (int i = 0; i < 4; i++) {
		does(p, op[i][0], text, op[i][1], op[i][2]);
		assert_fails(p, "stopped");
	}
	does(p, "filter", items, "match", "w");
	assert_fails(p, "stopped");
	does(p, "count", items, NULL, NULL);
	assert_fails(p, "stopped");
}

/* ---- words, lines, filter ----------------------------------------------------- */

static void
a_word_is_a_run_of_ascii_letters_unless_all_are_asked_for(void **state)
{
	struct place *p = *state;
	struct host_node *text;

	add_text(p, "Don't caf\xc3\xa9 CAF\xc3\xa9 x2y \x80\xff\n");
	text = reads(p, "1M", NULL, NULL);
	assert_json(does(p, "words", text, NULL, NULL),
		    "[\"Don\", \"t\", \"caf\", \"CAF\", \"x\", \"y\"]");
	assert_json(does(p, "words", text, "letters", "all"),
		    "[\"Don\", \"t\", \"caf\xc3\xa9\", \"CAF\xc3\xa9\", \"x\", \"y\", \""
		    "\xef\xbf\xbd\xef\xbf\xbd\"]");
	assert_json(does(p, "words", text, "fold", "case"),
		    "[\"don\", \"t\", \"caf\", \"caf\", \"x\", \"y\"]");
}

static void
words_of_any_length_stay_whole(void **state)
{
	static const size_t length[] = { 1, 126, 127, 128, 129, 16383, 16384, 70000 };
	struct place *p = *state;
	struct text file = { 0 }, want = { 0 };
	struct host_node *words;

	for (size_t i = 0; i < 8; i++) {
		for (size_t k = 0; k < length[i]; k++)
			text_addc(&file, (char)('a' + k % 26));
		text_addc(&file, i % 2 ? ' ' : '\n');
	}
	add_file(p, file.at, file.n);
	text_add(&want, "[\"");
	for (size_t i = 0; i + 1 < file.n; i++)
		if (is_letter(file.at[i]))
			text_addc(&want, file.at[i]);
		else
			text_add(&want, "\", \"");
	text_add(&want, "\"]");
	words = words_of(p, "1M");
	assert_json(words, want.at);
	text_fini(&file);
	text_fini(&want);
}

static void
a_filter_keeps_what_matches_or_what_does_not(void **state)
{
	struct place *p = *state;
	struct host_node *text, *words;
	struct host_node *kept;

	add_file(p, "gnu is\nnot\nunix\0gnu\n\nGNU", 24);
	text = reads(p, "1M", NULL, NULL);
	kept = does(p, "filter", text, "match", "gnu");
	assert_string_equal(kept->is.kind, "text");
	assert_json(kept, "[\"gnu is\", \"unix\\u0000gnu\"]");
	assert_json(does(p, "filter", text, "regex", "^(not|GNU)?$"), "[\"not\", \"\", \"GNU\"]");
	words = does(p, "words", text, NULL, NULL);
	kept = does(p, "filter", words, "regex", "^.{3}$");
	assert_string_equal(kept->is.kind, "bag.items");
	assert_json(kept, "[\"gnu\", \"not\", \"gnu\", \"GNU\"]");
}

static void
an_inverted_filter_keeps_the_rest(void **state)
{
	const char *options[] = { "match", "n", "invert", "yes", NULL };
	struct place *p = *state;
	struct host_node *text;

	add_text(p, "one\ntwo\nthree\n");
	text = reads(p, "4", NULL, NULL);
	assert_json(host_plan(p->host, "f", "filter", options, &text, 1), "[\"two\", \"three\"]");
}

static void
a_filter_wants_one_pattern_that_compiles(void **state)
{
	const char *both[] = { "match", "a", "regex", "a", NULL }, *bad[] = { "regex", "(a", NULL };
	struct place *p = *state;
	struct host_node *text;

	add_text(p, "a\n");
	text = reads(p, "1M", NULL, NULL);
	assert_refused(p, host_plan(p->host, "f", "filter", both, &text, 1),
		       "expected either match or regex");
	assert_refused(p, host_plan(p->host, "f", "filter", NULL, &text, 1),
		       "expected either match or regex");
	assert_refused(p, host_plan(p->host, "f", "filter", bad, &text, 1), "regex: '(a': ");
}

/* ---- count, top ---------------------------------------------------------------- */

static unsigned
tasks_of(const struct place *p, const char *group)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < host_ntasks(p->host); i++)
		n += !strcmp(host_group(p->host, i), group);
	return n;
}

static void
a_tree_merges_so_many_at_once_level_by_level(void **state)
{
	struct place *p = *state;
	struct text t = { 0 };

	for (int i = 0; i < 65; i++)
		text_add(&t, "w\n");
	add_file(p, t.at, t.n);
	text_fini(&t);
	assert_json(does(p, "count", words_of(p, "2"), "merge", "tree 8"), "[[\"w\", 65]]");
	assert_int_equal(tasks_of(p, "count"), 65);
	assert_int_equal(tasks_of(p, "count.merge1"), 8);	/* the 65th goes up alone */
	assert_int_equal(tasks_of(p, "count.merge2"), 1);
	assert_int_equal(tasks_of(p, "count.merge3"), 1);
	assert_int_equal(tasks_of(p, "count.merge4"), 0);
}

static void
a_merge_that_is_no_tree_is_refused(void **state)
{
	static const char *const bad[] = { "tree 1", "tree x", "tree 8 9", "trees", "tree -2" };
	struct place *p = *state;
	struct host_node *words;

	add_text(p, "a\n");
	words = words_of(p, "1M");
	for (size_t i = 0; i < 5; i++) {
		const char *options[] = { "merge", bad[i], NULL };

		assert_refused(p, host_plan(p->host, "c", "count", options, &words, 1),
			       "expected tree N, N from 2, or flat");
	}
}

static void
long_items_that_differ_in_one_byte_are_counted_apart(void **state)
{
	struct place *p = *state;
	struct text t = { 0 };
	struct naive lines = { 0 };
	struct host_node *count;

	for (size_t n = 0; n < 70; n++)
		for (size_t odd = 0; odd <= n; odd++) {
			for (size_t i = 0; i < n; i++)
				text_addc(&t, i == odd ? 'b' : 'a');
			text_addc(&t, '\n');
		}
	add_file(p, t.at, t.n);
	naive_lines(&lines, t.at, t.n);
	text_fini(&t);
	count = does(p, "count", does(p, "lines", reads(p, "100", NULL, NULL), NULL, NULL),
		     NULL, NULL);
	assert_int_equal(host_run(p->host), 0);
	assert_counts(count, &lines);
	naive_free(&lines);
}

static void
the_top_is_by_count_then_by_bytes_then_by_length(void **state)
{
	struct place *p = *state;
	struct host_node *count;

	add_text(p, "b\nB\nab\na\nc c\nabc\n\xc3\xa9\nb\nc c\nc c\n");
	count = does(p, "count", does(p, "lines", reads(p, "1M", NULL, NULL), NULL, NULL),
		     NULL, NULL);
	assert_json(does(p, "top", count, "n", "5"),
		    "[[\"c c\", 3], [\"b\", 2], [\"B\", 1], [\"a\", 1], [\"ab\", 1]]");
	assert_json(does(p, "top", count, "n", "1"), "[[\"c c\", 3]]");
	assert_json(does(p, "top", count, NULL, NULL),
		    "[[\"c c\", 3], [\"b\", 2], [\"B\", 1], [\"a\", 1], [\"ab\", 1], "
		    "[\"abc\", 1], [\"\xc3\xa9\", 1]]");
}

static int
by_rank(const void *one, const void *other)
{
	const char *x = *(const char *const *)one, *y = *(const char *const *)other;
	int rc = atoi(y + 4) - atoi(x + 4);

	return rc ? rc : memcmp(x, y, 3);
}

static void
any_top_is_the_front_of_the_whole_order(void **state)
{
	static const char *const top[] = { "1", "2", "3", "10", "50", "99", "100", "101" };
	struct place *p = *state;
	struct text t = { 0 }, want = { 0 };
	struct host_node *count;
	char *row[100];
	uint64_t x = 1;

	for (unsigned i = 0; i < 100; i++) {	/* i * 37: each once, in no order */
		row[i] = xasprintf("%c%c%c %d", 'a' + i * 37 % 100 / 10, 'a' + i * 37 % 10, 'a',
				   (int)(1 + draw(&x) % 5));
		for (int k = atoi(row[i] + 4); k > 0; k--)
			text_addf(&t, "%.3s\n", row[i]);
	}
	add_file(p, t.at, t.n);
	text_fini(&t);
	qsort(row, 100, sizeof(*row), by_rank);
	count = does(p, "count", words_of(p, "100"), NULL, NULL);
	for (int k = 0; k < 8; k++) {
		text_clear(&want);
		text_add(&want, "[");
		for (int i = 0; i < atoi(top[k]) && i < 100; i++)
			text_addf(&want, "%s[\"%.3s\", %s]", i ? ", " : "", row[i], row[i] + 4);
		text_add(&want, "]");
		assert_json(does(p, "top", count, "n", top[k]), want.at);
	}
	text_fini(&want);
	for (int i = 0; i < 100; i++)
		free(row[i]);
}

/* ---- values and how they read ---------------------------------------------------- */

static void
a_value_that_is_cut_short_is_refused_and_not_read_on(void **state)
{
	static const struct heddle_bytes items[] = {
		{ "\x05" "abcd", 5 }, { "\x01" "a\x80", 3 },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" "a", 11 },
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11 },
	};
	static const struct heddle_bytes pairs[] = {
		{ "\x01\x02" "a", 3 }, { "\x01", 1 }, { "\x80", 1 }, { "\x01\x01" "a\x07", 4 },
	};
	struct place *p = *state;

	for (size_t i = 0; i < 4; i++) {
		does(p, "count", host_give(p->host, "x", "bag.items", &items[i], 1), NULL, NULL);
		assert_fails(p, "is no bag.items");
		does(p, "top", host_give(p->host, "x", "bag.pairs", &pairs[i], 1), NULL, NULL);
		assert_fails(p, "is no bag.pairs");
		assert_null(host_show(host_give(p->host, "x", "bag.items", &items[i], 1), 1, 0));
		assert_null(host_show(host_give(p->host, "x", "bag.pairs", &pairs[i], 1), 1, 0));
	}
}

/* One line as text and as JSON; bytes as the Unicode Standard, 3.9, and
 * Python's errors="replace" read them. */
#define BAD "\xef\xbf\xbd"
static const struct {
	const char *bytes, *text, *json;
} readings[] = {
	{ "plain\n", "plain\n", "[\"plain\"]" },
	{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa7\xb5\n", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa7\xb5\n",
	  "[\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\xa7\xb5\"]" },
	{ "\xe0\xa0\x80 \xed\x80\xbf \xf0\x90\x80\x80 \xf4\x80\xbf\xbf\n",
	  "\xe0\xa0\x80 \xed\x80\xbf \xf0\x90\x80\x80 \xf4\x80\xbf\xbf\n",
	  "[\"\xe0\xa0\x80 \xed\x80\xbf \xf0\x90\x80\x80 \xf4\x80\xbf\xbf\"]" },
	{ "a\xff" "b\n", "a" BAD "b\n", "[\"a" BAD "b\"]" },
	{ "\xc0\xaf\n", BAD BAD "\n", "[\"" BAD BAD "\"]" },
	{ "\xe0\x80\x80\n", BAD BAD BAD "\n", "[\"" BAD BAD BAD "\"]" },
	{ "\xed\xa0\x80\n", BAD BAD BAD "\n", "[\"" BAD BAD BAD "\"]" },
	{ "\xf4\x90\x80\x80\n", BAD BAD BAD BAD "\n", "[\"" BAD BAD BAD BAD "\"]" },
	{ "\xf0\x9f\xa7\n", BAD "\n", "[\"" BAD "\"]" },
	{ "\xe2\x82" "x\xf1\x80\x80\xe1\x80\xc2\n", BAD "x" BAD BAD BAD "\n",
	  "[\"" BAD "x" BAD BAD BAD "\"]" },
	{ "q\" b\\ t\t e\x1b[31m d\x7f c\xc2\x9b\n", "q\" b\\ t\t e" BAD "[31m d" BAD " c" BAD "\n",
	  "[\"q\\\" b\\\\ t\\u0009 e\\u001b[31m d\x7f c\xc2\x9b\"]" },
};

static void
bytes_that_are_no_utf8_read_as_the_replacement_character(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(readings) / sizeof(*readings); i++) {
		struct heddle_bytes part = { readings[i].bytes, strlen(readings[i].bytes) };
		struct host_node *node = host_give(p->host, "x", "text", &part, 1);
		char *s = host_show(node, 0, 0);

		assert_string_equal(s, readings[i].text);
		free(s);
		assert_json(node, readings[i].json);
	}
}

static void
pairs_read_as_a_table_and_say_what_is_left_out(void **state)
{
	static const struct heddle_bytes part[] = {
		{ "\x02\x02of" "\xd2\x05\x03the", 10 }, { "\x01\x02of" "\x01\x01x", 7 }
	};
	struct place *p = *state;
	struct host_node *node = host_give(p->host, "x", "bag.pairs", part, 2);
	char *s = host_show(node, 0, 2);

	assert_string_equal(s, "722  the\n  3  of\n... and 1 more\n");
	free(s);
	s = host_show(node, 1, 2);
	assert_string_equal(s, "[[\"the\", 722], [\"of\", 3]]");
	free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	struct CMUnitTest tests[] = {
		TEST(the_words_of_the_constitution_are_the_published_ones),
		cmocka_unit_test(any_bytes_in_any_chunks_are_counted_as_by_a_naive_counter),
		TEST(every_line_is_read_once_though_it_is_longer_than_chunks),
		TEST(small_files_share_a_task_and_keep_their_last_lines),
		TEST(the_tail_of_a_large_file_shares_a_task_with_the_next),
		TEST(every_count_is_exactly_so_many_times_as_the_input_is_repeated),
		TEST(a_file_that_grew_since_it_was_planned_fails_its_task),
		TEST(a_file_of_another_time_fails_its_task),
		TEST(a_file_that_went_away_fails_its_task_by_name),
		TEST(a_file_that_hides_its_size_is_refused),
		TEST(a_path_that_cannot_be_read_is_refused_by_name),
		TEST(what_cannot_be_read_is_left_out_where_the_job_says_so),
		TEST(empty_files_alone_are_one_task_without_lines),
		TEST(more_chunks_than_a_graph_holds_are_refused_at_once),
		TEST(a_task_asked_to_stop_stops),
		TEST(a_word_is_a_run_of_ascii_letters_unless_all_are_asked_for),
		TEST(words_of_any_length_stay_whole),
		TEST(a_filter_keeps_what_matches_or_what_does_not),
		TEST(an_inverted_filter_keeps_the_rest),
		TEST(a_filter_wants_one_pattern_that_compiles),
		TEST(a_tree_merges_so_many_at_once_level_by_level),
		TEST(a_merge_that_is_no_tree_is_refused),
		TEST(long_items_that_differ_in_one_byte_are_counted_apart),
		TEST(the_top_is_by_count_then_by_bytes_then_by_length),
		TEST(any_top_is_the_front_of_the_whole_order),
		TEST(a_value_that_is_cut_short_is_refused_and_not_read_on),
		TEST(bytes_that_are_no_utf8_read_as_the_replacement_character),
		TEST(pairs_read_as_a_table_and_say_what_is_left_out),
	};

	char *path = constitution();

	/* cmocka's own skip() says "not ok", which automake takes at its word */
	if (!path)
		tests[0].name = "the_words_of_the_constitution # SKIP no us-constitution.txt";
	free(path);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
