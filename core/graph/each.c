/* SPDX-License-Identifier: MIT */
/* each - the items a node makes a task of. */

#include "core/graph/each.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/plugin/glob.h"

enum { MOST_ITEMS = 16000000, MOST_LIST = 256 << 20 };

void
each_add(struct each *e, const char *item, int64_t number)
{
	size_t n = e->n;

	*XADD(&e->item, &e->n, &e->cap) = xstrdup(item);
	*XADD(&e->number, &n, &e->capnumbers) = number;
}

void
each_fini(struct each *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->item[i]);
	free(e->item);
	free(e->number);
	memset(e, 0, sizeof(*e));
}

/* "1..12": 1 and *from, *to. */
static int
is_range(const char *word, int64_t *from, int64_t *to)
{
	const char *dots = strstr(word, ".."), *why;
	char *left;
	int is_so;

	if (!dots || dots == word)
		return 0;
	left = xstrndup(word, (size_t)(dots - word));
	is_so = read_int(left, from, &why) == 0 && read_int(dots + 2, to, &why) == 0;
	free(left);
	return is_so;
}

static int
check_count(const struct each *e, uint64_t more, const char *word, struct err *err)
{
	if (more > MOST_ITEMS - e->n)
		return err_set(err, EXIT_CONFIG, "each = %s makes too many items; at most %d",
			       word, MOST_ITEMS);
	return 0;
}

static int
add_range(struct each *e, const char *word, int64_t from, int64_t to, int is_alone,
	  struct err *err)
{
	char item[24];

	if (from > to)
		return err_set(err, EXIT_CONFIG, "each = %s is empty; a range goes from the smaller number to the larger",
			       word);
	if (check_count(e, (uint64_t)to - (uint64_t)from, word, err) < 0)
		return -1;
	for (int64_t i = from; i <= to; i++) {
		snprintf(item, sizeof(item), "%" PRId64, i);
		each_add(e, item, is_alone ? i : (int64_t)e->n);
	}
	return 0;
}

static int
add_files(struct each *e, const char *word, const char *dir, struct err *err)
{
	struct glob_files files = { NULL, 0, 0 };
	int rc;

	glob_expand(&files, dir, word);
	rc = files.n ? check_count(e, files.n, word, err) :
		err_set(err, EXIT_CONFIG, "each = %s matches no file in %s", word, dir ? dir : ".");
	for (size_t i = 0; rc == 0 && i < files.n; i++)
		each_add(e, files.at[i], (int64_t)e->n);
	glob_fini(&files);
	return rc;
}

static char *
read_list(const char *name, const char *dir, size_t *n, struct err *err)
{
	char *path = *name == '/' || !dir ? xstrdup(name) : xasprintf("%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *bytes = NULL;
	ssize_t got = 1;
	struct stat st;

	free(path);
	*n = 0;
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, EXIT_CONFIG, "each = @%s: %s", name, strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > MOST_LIST) {
		err_set(err, EXIT_CONFIG, "each = @%s: expected a file of lines, of at most 256M", name);
	} else {
		bytes = xmalloc((size_t)st.st_size + 1);
		while (*n < (size_t)st.st_size && got > 0) {
			got = read(fd, bytes + *n, (size_t)st.st_size - *n);
			*n += got > 0 ? (size_t)got : 0;
		}
		bytes[*n] = '\0';
	}
	if (fd >= 0)
		close(fd);
	return bytes;
}

static int
add_lines(struct each *e, const char *name, const char *dir, struct err *err)
{
	size_t n, length;
	char *bytes = read_list(name, dir, &n, err);
	int rc = 0;

	if (!bytes)
		return -1;
	if (memchr(bytes, '\0', n))
		rc = err_set(err, EXIT_CONFIG, "each = @%s: has a NUL byte; expected lines of text", name);
	for (char *s = bytes; rc == 0 && s < bytes + n; s += length + 1) {
		length = strcspn(s, "\n");
		s[length] = '\0';
		if (!length)
			continue;
		rc = check_count(e, 1, name, err);
		each_add(e, s, (int64_t)e->n);
	}
	free(bytes);
	return rc;
}

int
each_read(struct each *e, const struct words *words, const char *dir, struct err *err)
{
	int64_t from, to;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < words->n; i++) {
		const char *word = words->at[i].at;

		if (words->at[i].is_quoted)
			each_add(e, word, (int64_t)e->n);
		else if (is_range(word, &from, &to))
			rc = add_range(e, word, from, to, words->n == 1, err);
		else if (*word == '@')
			rc = add_lines(e, word + 1, dir, err);
		else if (has_glob(word))
			rc = add_files(e, word, dir, err);
		else
			each_add(e, word, (int64_t)e->n);
	}
	if (rc == 0 && !e->n)
		rc = err_set(err, EXIT_CONFIG, "each names no item; expected such as 1..12, *.txt, a list of words or a node");
	if (rc < 0)
		each_fini(e);
	return rc;
}
