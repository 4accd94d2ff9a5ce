/* SPDX-License-Identifier: MIT */
/* log - what a task of a past run said. */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/past.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/graph/graph.h"

/* The middle of a long log was given back: a hole, passed over. */
static uint64_t
skip_hole(int fd, off_t *at)
{
	off_t data = lseek(fd, *at, SEEK_DATA), from = *at;

	if (data < 0 || data == *at) {
		lseek(fd, *at, SEEK_SET);
		return 0;
	}
	*at = data;
	return (uint64_t)(data - from);
}

/* On a terminal line by line, cleaned; the last one as far as it goes. */
static void
put_clean(struct text *rest, const char *at, size_t n)
{
	struct text out = { 0 };
	const char *from;
	char *end;

	text_addn(rest, at, n);
	from = rest->at;
	while ((end = memchr(from, '\n', rest->n - (size_t)(from - rest->at)))) {
		text_add_clean(&out, from, (size_t)(end - from), 0);
		text_addc(&out, '\n');
		from = end + 1;
	}
	if (!n || rest->n > 1 << 20) {	/* the end, or a line without one */
		text_add_clean(&out, from, rest->n - (size_t)(from - rest->at), 0);
		from = rest->at + rest->n;
	}
	if (out.n)
		fwrite(out.at, 1, out.n, stdout);
	text_fini(&out);
	n = rest->n - (size_t)(from - rest->at);
	memmove(rest->at, from, n);
	rest->n = n;
}

static int
copy(int fd, const char *path, struct err *err)
{
	int is_terminal = isatty(STDOUT_FILENO);
	struct text rest = { 0 };
	uint64_t given_back = 0;
	char buf[64 << 10], size[WRITE_MAX];
	off_t at = 0;
	ssize_t n;

	for (;;) {
		given_back += skip_hole(fd, &at);
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		at += n;
		if (is_terminal)
			put_clean(&rest, buf, (size_t)n);
		else if (fwrite(buf, 1, (size_t)n, stdout) != (size_t)n)
			break;
	}
	if (is_terminal)
		put_clean(&rest, "", 0);
	text_fini(&rest);
	if (n < 0)
		return err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno));
	if (given_back)
		fprintf(stderr, "heddle: log: %s of its middle were given back ([history] log)\n",
			write_size(size, given_back));
	return 0;
}

/* "did you mean" among the groups. */
static int
no_task(const struct graph *g, const char *what, const char *run, struct err *err)
{
	const char **names = xcalloc(g->ngroups + 1, sizeof(*names)), *near;
	char *head = xstrdup(what);

	head[strcspn(head, "/")] = '\0';
	for (uint32_t k = 0; k < g->ngroups; k++)
		names[k] = graph_text(g, g->group[k].name);
	err_set(err, EXIT_USAGE, "log: run %s has no task '%s'", run, what);
	near = nearest(head, names);
	if (near && strcmp(near, head))
		err_add(err, "; did you mean '%s%s'?", near, what + strlen(head));
	else if (near && graph_find_group(g, head) != GRAPH_NONE)
		err_add(err, "; its group has %u, as %s/0", g->group[graph_find_group(g, head)].n,
			near);
	free(head);
	free(names);
	return -1;
}

static int
tell(const struct past *p, const struct cli *cli, struct err *err)
{
	heddle_task t = graph_find(p->graph, cli->arg[1]);
	char *path;
	int fd, rc;

	if (t == GRAPH_NONE)
		return no_task(p->graph, cli->arg[1], cli->arg[0], err);
	path = past_log_path(p->dir, p->graph, t, 0);
	if (!path)
		return err_set(err, EXIT_USAGE, "log: task '%s' left none: it is no command, or never started",
			       cli->arg[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	rc = fd < 0 ? err_set(err, EXIT_ENV, "%s: %s", path, strerror(errno)) : copy(fd, path, err);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

int
cli_log(const struct cli *cli)
{
	struct past *p = NULL;
	struct err err = { 0 };

	if (cli->nargs != 2)
		err_set(&err, EXIT_USAGE, "log: expected a run and a task, as in log 12 ocr/4");
	else if (cli_past(&p, cli, cli->arg[0], &err) == 0)
		tell(p, cli, &err);
	past_free(p);
	return err.code ? cli_complain(&err) : EXIT_DONE;
}
