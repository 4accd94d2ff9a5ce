/* SPDX-License-Identifier: MIT */
/* nodes - the sections of a file: settings, nodes, profiles, and the files it includes. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/job/draft.h"
#include "core/job/ini.h"

enum { INCLUDES_MOST = 100, NAME_MOST = 48, LINE_MOST = 4096 };

enum section { SECTION_NONE, SECTION_SETTING, SECTION_NODE, SECTION_PROFILE, SECTION_INCLUDE };
enum file_kind { FILE_SETTINGS, FILE_JOB, FILE_INCLUDE };

/* A file that is being read; an include has the file that names it above. */
struct file {
	struct draft *d;
	const char *path, *name;	/* to open it; as people know it */
	const char *folder;		/* it lies in, absolute */
	const char *prefix;		/* "", "lib.", "lib.inner." */
	enum file_kind kind;
	const struct file *up;
	dev_t dev;
	ino_t ino;
	/* the section that is being read */
	enum section section;
	int is_wanted;			/* SECTION_PROFILE: the one that was asked for */
	const char *include, *target;	/* SECTION_INCLUDE: its name; the file it names */
	struct job_place include_at, at;	/* of the include, of any section */
};

static int read_file(struct file *);

/* ---- nodes ----------------------------------------------------------------- */

struct draft_node *
draft_find(const struct draft *d, const char *name)
{
	const size_t *i = draft_index(d, "", name);

	return i ? &d->node[*i] : NULL;
}

void
draft_set_node(struct draft *d, struct draft_node *n, const struct job_key *k)
{
	const size_t *i = draft_index(d, n->node.name, k->name);

	if (i) {
		n->key[*i] = *k;
		return;
	}
	draft_index_put(d, n->node.name, k->name, n->node.nkeys);
	*XADD(&n->key, &n->node.nkeys, &n->capkeys) = *k;
}

int
draft_is_name(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	return *s && strchr(letters, *s) &&
	       !s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.-")];
}

/* A name of a node or an include: also no section's, since -o tells them apart. */
static int
check_name(struct file *f, const char *section, const char *name)
{
	char *first = xstrndup(name, strcspn(name, "."));
	int is_section = setting_is_section(first);

	free(first);
	if (!draft_is_name(name))
		return draft_fail(f->d, &f->at, "[%s]: '%s' cannot be a name; expected a letter or _, "
				  "then letters, digits, _ . -", section, name);
	if (is_section)
		return draft_fail(f->d, &f->at, "[%s]: '%s' is the name of a section; "
				  "expected another name", section, name);
	return 0;
}

static int
unknown_operation(struct file *f, const char *section, const char *op)
{
	static const char *const shorts[] = { "task", "map", "profile", "include", NULL };
	const char *near = nearest(op, shorts);

	draft_fail(f->d, &f->at, "[%s]: '%s' is no operation; expected plugin.operation", section, op);
	if (near)
		err_add(f->d->err, "; did you mean '%s'?", near);
	return -1;
}

static int
start_node(struct file *f, const char *section, const char *op, const char *name)
{
	struct draft *d = f->d;
	const char *full = draft_keep(d, xasprintf("%s%s", f->prefix, name));
	const char *dot = strchr(op, '.');
	const struct draft_node *other;
	struct draft_node *n;
	char buf[256];

	if (!strcmp(op, "task") || !strcmp(op, "map")) {
		op = draft_keep(d, xasprintf("command.%s", op));
		dot = strchr(op, '.');
	}
	if (!dot || dot == op || !dot[1])
		return unknown_operation(f, section, op);
	if (check_name(f, section, name) < 0)
		return -1;
	if (strlen(op) + 1 + strlen(full) > NAME_MOST)
		return draft_fail(d, &f->at, "[%s]: [%s %s] has over %d bytes; expected a shorter name",
				  section, op, full, NAME_MOST);
	other = draft_find(d, full);
	if (other)
		return draft_fail(d, &f->at, "[%s]: there is a '%s' already, at %s; expected another name",
				  section, full, job_at(&other->node.at, buf));
	draft_index_put(d, "", full, d->nnodes);
	n = XADD(&d->node, &d->nnodes, &d->capnodes);
	n->prefix = f->prefix;
	n->node = (struct job_node){
		.name = full, .at = f->at, .op = dot + 1,
		.plugin = draft_keep(d, xstrndup(op, (size_t)(dot - op))),
	};
	f->section = SECTION_NODE;
	return 0;
}

static int
set_node(struct file *f, const char *section, const struct job_key *k)
{
	if (draft_check_lines(f->d, section, job_node_keys, k) < 0)
		return -1;
	draft_set_node(f->d, &f->d->node[f->d->nnodes - 1], k);
	return 0;
}

/* ---- names within an include ------------------------------------------------ */

static int
is_own(const struct draft *d, const char *prefix, const char *name, size_t n)
{
	char *full = xasprintf("%s%.*s", prefix, (int)n, name);
	int is = draft_find(d, full) != NULL;

	free(full);
	return is;
}

/* A list of names: those of the file's own nodes get its prefix. */
static void
prefix_words(const struct draft *d, const char *prefix, const char *s, struct text *out)
{
	while (*s) {
		size_t blank = strspn(s, " \t\n"), n = strcspn(s + blank, " \t\n");

		text_addn(out, s, blank);
		if (n && is_own(d, prefix, s + blank, n))
			text_add(out, prefix);
		text_addn(out, s + blank, n);
		s += blank + n;
	}
}

/* {NODE.out} and {NODE.out*} in any text; {{ is a brace, ${ the shell's. */
static void
prefix_braces(const struct draft *d, const char *prefix, const char *s, struct text *out)
{
	for (char last = 0; *s; last = *s++) {
		size_t n = strcspn(s + (*s == '{'), "{} \t\n"), name = n;

		text_addc(out, *s);
		if (*s != '{' || last == '$')
			continue;
		if (s[1] == '{') {
			text_addc(out, *++s);
			continue;
		}
		if (s[1 + n] != '}')
			continue;
		name -= name && s[name] == '*';
		if (name > 4 && !memcmp(s + 1 + name - 4, ".out", 4) &&
		    is_own(d, prefix, s + 1, name - 4))
			text_add(out, prefix);
	}
}

static const char *
prefixed(struct draft *d, const char *prefix, const struct job_key *k)
{
	struct text t = { 0 };
	int is_names = !strcmp(k->name, "of") || !strcmp(k->name, "after");

	text_add(&t, "");
	/* each = NODE is one word; several are items */
	if (is_names || (!strcmp(k->name, "each") && !k->value[strcspn(k->value, " \t\n")]))
		prefix_words(d, prefix, k->value, &t);
	else
		prefix_braces(d, prefix, k->value, &t);
	return draft_keep(d, text_take(&t));
}

/* Could the record of the job, which is a file, hold it? */
static int
has_long_line(const char *s)
{
	for (size_t n; *s; s += n + !!s[n])
		if ((n = strcspn(s, "\n")) >= LINE_MOST)
			return 1;
	return 0;
}

static int
prefix_names(struct draft *d, const char *prefix)
{
	for (size_t i = 0; i < d->nnodes; i++) {
		struct draft_node *n = &d->node[i];

		if (n->prefix != prefix)
			continue;
		for (struct job_key *k = n->key; k < n->key + n->node.nkeys; k++) {
			k->value = prefixed(d, prefix, k);
			if (has_long_line(k->value))
				return draft_fail(d, &k->at, "%s: a line of its value has over %d bytes "
						  "with the include's names", k->name, LINE_MOST - 1);
		}
	}
	return 0;
}

/* ---- includes --------------------------------------------------------------- */

/* A path beside that of a file: "conf/a.ini" and "lib.ini" is "conf/lib.ini". */
static char *
beside(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (*name == '/' || !slash)
		return xstrdup(name);
	return xasprintf("%.*s%s", (int)(slash - path + 1), path, name);
}

/* The include whose section is over. */
static int
read_include(struct file *f)
{
	struct draft *d = f->d;
	struct file in = { .d = d, .kind = FILE_INCLUDE, .up = f };
	struct stat st;

	if (f->section != SECTION_INCLUDE)
		return 0;
	f->section = SECTION_NONE;
	if (!f->target)
		return draft_fail(d, &f->include_at, "[include %s]: file is missing; expected file = PATH",
				  f->include);
	in.path = draft_keep(d, beside(f->path, f->target));
	in.name = draft_keep(d, beside(f->name, f->target));
	in.prefix = draft_keep(d, xasprintf("%s%s.", f->prefix, f->include));
	if (stat(in.path, &st) < 0)
		return draft_fail(d, &f->include_at, "[include %s]: %s: %s", f->include, in.name,
				  errno == ENOENT ? "no such file" : strerror(errno));
	for (const struct file *up = f; up; up = up->up)
		if (up->dev == st.st_dev && up->ino == st.st_ino)
			return draft_fail(d, &f->include_at, "[include %s]: %s includes itself",
					  f->include, in.name);
	if (++d->nincludes > INCLUDES_MOST)
		return draft_fail(d, &f->include_at, "[include %s]: a job has at most %d includes",
				  f->include, INCLUDES_MOST);
	if (read_file(&in) < 0)
		return -1;
	return prefix_names(d, in.prefix);
}

static int
set_include(struct file *f, const struct job_key *k)
{
	if (strcmp(k->name, "file"))
		return draft_fail(f->d, &k->at, "[include %s]: unknown key '%s'; expected file",
				  f->include, k->name);
	if (!*k->value)
		return draft_fail(f->d, &k->at, "[include %s]: file is empty; expected a path", f->include);
	f->target = k->value;
	return 0;
}

/* ---- sections ---------------------------------------------------------------- */

static int
start_profile(struct file *f, const char *name)
{
	struct draft *d = f->d;

	if (f->kind == FILE_INCLUDE)
		return draft_fail(d, &f->at, "[profile %s]: a profile belongs to the job's own file", name);
	f->section = SECTION_PROFILE;
	f->is_wanted = d->profile && !strcmp(d->profile, name);
	*XADD(&d->profile_name, &d->nprofile_names, &d->capprofile_names) =
		draft_keep(d, xstrdup(name));
	return 0;
}

static int
start_setting(struct file *f, const char *section)
{
	const char **names;
	const char *near;

	f->section = SECTION_SETTING;
	if (setting_is_section(section))
		return 0;
	if (strchr(section, '.') || !strcmp(section, "task") || !strcmp(section, "map") ||
	    !strcmp(section, "profile") || !strcmp(section, "include"))
		return draft_fail(f->d, &f->at, "[%s]: its name is missing; expected [%s NAME]",
				  section, section);
	names = setting_names(NULL);
	near = nearest(section, names);
	free(names);
	draft_fail(f->d, &f->at, "unknown section [%s]", section);
	if (near)
		err_add(f->d->err, "; did you mean [%s]?", near);
	else
		err_add(f->d->err, "; expected a setting, or [plugin.operation name]");
	return -1;
}

static int
start_section(struct file *f, const char *section)
{
	const char *blank = strchr(section, ' ');
	const char *word;

	if (read_include(f) < 0)
		return -1;
	if (!blank)
		return start_setting(f, section);
	if (strchr(blank + 1, ' '))
		return draft_fail(f->d, &f->at, "[%s]: expected one or two words", section);
	if (f->kind == FILE_SETTINGS)
		return draft_fail(f->d, &f->at, "[%s]: a file of settings has no nodes", section);
	word = draft_keep(f->d, xstrndup(section, (size_t)(blank - section)));
	if (!strcmp(word, "profile"))
		return start_profile(f, blank + 1);
	if (strcmp(word, "include"))
		return start_node(f, section, word, blank + 1);
	if (check_name(f, section, blank + 1) < 0)
		return -1;
	f->section = SECTION_INCLUDE;
	f->include = draft_keep(f->d, xstrdup(blank + 1));
	f->include_at = f->at;
	f->target = NULL;
	return 0;
}

static int
set_setting(struct file *f, const char *section, const struct job_key *k)
{
	if (!strcmp(section, "job") && !strcmp(k->name, "plugins"))
		return draft_set_plugins(f->d, k, f->folder, f->kind == FILE_INCLUDE);
	if (f->kind == FILE_INCLUDE)
		return draft_fail(f->d, &k->at, "[%s]: %s: a setting belongs to the job's own file",
				  section, k->name);
	return draft_set(f->d, section, k);
}

static int
take_line(void *user, const char *section, const char *key, const char *value, uint32_t line,
	  struct err *err)
{
	struct file *f = user;
	struct draft *d = f->d;
	struct job_key k;

	(void)err;	/* = d->err */
	if (!key) {
		f->at = (struct job_place){ f->name, line };
		return start_section(f, section);
	}
	k = (struct job_key){
		.name = draft_keep(d, xstrdup(key)), .value = draft_keep(d, xstrdup(value)),
		.at = { f->name, line },
	};
	if (f->section == SECTION_NODE)
		return set_node(f, section, &k);
	if (f->section == SECTION_INCLUDE)
		return set_include(f, &k);
	if (f->section == SECTION_SETTING)
		return set_setting(f, section, &k);
	if (f->is_wanted)
		*XADD(&d->profile_key, &d->nprofile_keys, &d->capprofile_keys) = k;
	return 0;
}

static int
read_file(struct file *f)
{
	char *real = realpath(f->path, NULL);
	struct stat st;

	if (real && !stat(real, &st)) {
		f->dev = st.st_dev;
		f->ino = st.st_ino;
	}
	if (real)
		strrchr(real, '/')[strrchr(real, '/') == real] = '\0';
	f->folder = real ? draft_keep(f->d, real) : ".";
	if (ini_read(f->path, f->name, take_line, f, f->d->err) < 0)
		return -1;
	return read_include(f);
}

int
draft_read_settings(struct draft *d, const char *path)
{
	struct file f = { .d = d, .path = path, .name = path, .prefix = "", .kind = FILE_SETTINGS };

	return read_file(&f);
}

int
draft_read_job(struct draft *d, const char *path, const char *name)
{
	struct file f = { .d = d, .path = path, .name = name, .prefix = "", .kind = FILE_JOB };
	int bad = read_file(&f);

	d->folder = f.folder;
	return bad;
}
