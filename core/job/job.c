/* SPDX-License-Identifier: MIT */
/* job - the file a person wrote, read and checked: nodes and settings, each with its place. */

#include "core/job/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/job/draft.h"

/* ---- layers ------------------------------------------------------------------ */

static void
set_built_in(struct draft *d)
{
	size_t n = 0;

	while (settings[n].section)
		n++;
	d->setting = value_keep(d->keep, xcalloc(n, sizeof(*d->setting)));
	for (size_t i = 0; i < n; i++)
		d->setting[i] = (struct job_setting){
			settings[i].section, settings[i].option.name, settings[i].option.fallback,
			{ "built in", 0 },
		};
}

/* A file of settings that need not be there. */
static int
read_settings(struct draft *d, enum layer layer, char *path, int is_asked)
{
	int is_there = !access(path, F_OK);

	d->layer = layer;
	draft_keep(d, path);
	return is_there || is_asked ? draft_read_settings(d, path) : 0;
}

static int
read_profile(struct draft *d, const char *name)
{
	const struct job_place at = { "--profile", 0 };
	const char *near;
	size_t is = 0;

	d->layer = LAYER_PROFILE;
	if (!d->profile)
		return 0;
	for (size_t i = 0; i < d->nprofile_names; i++)
		is |= !strcmp(d->profile_name[i], d->profile);
	*XADD(&d->profile_name, &d->nprofile_names, &d->capprofile_names) = NULL;
	if (!name)
		return draft_fail(d, &at, "there is no job, so there is no [profile %s]", d->profile);
	if (!is) {
		near = nearest(d->profile, d->profile_name);
		draft_fail(d, &at, "%s has no [profile %s]", name, d->profile);
		return near ? err_add(d->err, "; did you mean '%s'?", near) : -1;
	}
	for (size_t i = 0; i < d->nprofile_keys; i++)
		if (draft_set_dotted(d, &d->profile_key[i]) < 0)
			return -1;
	return 0;
}

static int
read_environment(struct draft *d)
{
	static const struct { const char *name, *from, *section, *key; } rows[] = {
		{ "HEDDLE_JOBS", "$HEDDLE_JOBS", "executor", "workers" },
		{ "HEDDLE_SCHEDULER", "$HEDDLE_SCHEDULER", "scheduler", "kind" },
	};

	d->layer = LAYER_ENVIRONMENT;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *value = draft_env(rows[i].name);
		struct job_key k = { .name = rows[i].key, .at = { rows[i].from, 0 } };

		if (!value)
			continue;
		k.value = draft_keep(d, xstrdup(value));
		if (draft_set(d, rows[i].section, &k) < 0)
			return -1;
	}
	return 0;
}

/* A value without blanks at its ends and at the ends of its lines, as a file
 * has it. */
static char *
trimmed(const char *s)
{
	struct text t = { 0 };

	text_add(&t, "");
	for (s += strspn(s, " \t\r\n"); *s; s += !!*s) {
		size_t n = strcspn(s, "\n");

		text_addn(&t, s, n);
		while (t.n && strchr(" \t\r", t.at[t.n - 1]))
			t.n--;
		s += n;
		text_addc(&t, '\n');
	}
	while (t.n && t.at[t.n - 1] == '\n')
		t.n--;
	t.at[t.n] = '\0';
	return text_take(&t);
}

/* A value that is typed must fit the record of the job, which is a file. */
static const char *
check_typed(struct draft *d, const struct job_key *k)
{
	const char *value = draft_keep(d, trimmed(k->value));
	int is_long = strchr(value, '\n') != NULL;

	if (strlen(value) > 60000)
		return draft_fail(d, &k->at, "%s: its value has over 60000 bytes", k->name), NULL;
	for (const char *line = value; line; line = strchr(line, '\n')) {
		char first;

		line += *line == '\n';
		first = line[strspn(line, " \t")];
		if (strcspn(line, "\n") > 4000)
			return draft_fail(d, &k->at, "%s: a line of its value has over 4000 bytes",
					  k->name), NULL;
		if (is_long && (first == ';' || first == '#'))
			return draft_fail(d, &k->at, "%s: a line of its value starts as a comment",
					  k->name), NULL;
	}
	return value;
}

static int
read_overrides(struct draft *d, const struct job_override *o, size_t n)
{
	d->layer = LAYER_COMMAND;
	for (size_t i = 0; i < n; i++) {
		struct job_key k = { .value = o[i].value };

		k.name = draft_keep(d, xstrdup(o[i].key));
		k.at.file = draft_keep(d, xstrdup(o[i].from));
		k.value = check_typed(d, &k);
		if (!k.value || draft_set_dotted(d, &k) < 0)
			return -1;
	}
	return 0;
}

/* ---- what all layers together say -------------------------------------------- */

static struct job_setting *
find_setting(struct draft *d, const char *section, const char *key)
{
	return &d->setting[setting_find(section, key) - settings];
}

static int
put_settings(struct draft *d, struct job *job)
{
	for (size_t i = 0; settings[i].section; i++) {
		const struct setting *s = &settings[i];
		struct value v = { .row = &s->option, .keep = d->keep, .err = d->err };
		struct heddle_arg arg;
		const char *text = d->setting[i].value;
		int is_said = text && (*text || s->option.fallback);

		if (setting_is_any(s))
			continue;
		if (is_said && value_read(&v, text) < 0) {
			free(v.item);
			return draft_fail_in(d, &d->setting[i].origin, s->section);
		}
		arg = (struct heddle_arg){ (uint32_t)v.n, v.item };
		s->put((char *)&job->set + s->field, &arg, d->keep);
		free(v.item);
	}
	return 0;
}

static int
set_folders(struct draft *d, struct job *job)
{
	struct job_setting *dir = find_setting(d, "job", "dir");
	const struct job_setting *store = find_setting(d, "history", "store");
	char *here = getcwd(NULL, 0);
	struct stat st;

	if (!here && *job->set.dir != '/')
		return draft_fail(d, &dir->origin, "[job]: dir = %s: the folder heddle was "
				  "started in: %s", dir->value, strerror(errno));
	if (!strcmp(job->set.dir, "."))
		job->set.dir = draft_keep(d, xstrdup(here));
	else if (*job->set.dir != '/')
		job->set.dir = draft_keep(d, xasprintf("%s/%s", here, job->set.dir));
	free(here);
	if (stat(job->set.dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return draft_fail(d, &dir->origin, "[job]: dir = %s; expected a folder", dir->value);
	dir->value = job->set.dir;
	if (!strcmp(store->value, "none"))
		job->set.store = NULL;
	else if (!strcmp(store->value, "default"))
		job->set.store = draft_keep(d, job_default_store());
	if (job->set.store && *job->set.store != '/')
		job->set.store = draft_keep(d, xasprintf("%s/%s", job->set.dir, job->set.store));
	return 0;
}

static void
set_name(struct draft *d, struct job *job)
{
	struct job_setting *name = find_setting(d, "job", "name");
	const char *slash, *dot;

	if (job->set.name)
		return;
	slash = job->shown ? strrchr(job->shown, '/') : NULL;
	slash = slash ? slash + 1 : job->shown ? job->shown : "heddle";
	dot = strrchr(slash, '.');
	name->value = draft_keep(d, dot && dot > slash ? xstrndup(slash, (size_t)(dot - slash)) :
				 xstrdup(slash));
	if (job->shown)
		name->origin.file = job->shown;
	job->set.name = name->value;
}

static int
check_node_name(struct draft *d, const struct job_place *at, const char *what, const char *name)
{
	const char **names = NULL, *near;
	size_t n = 0, cap = 0;

	if (draft_find(d, name))
		return 0;
	for (size_t i = 0; i < d->nnodes; i++)
		*XADD(&names, &n, &cap) = d->node[i].node.name;
	*XADD(&names, &n, &cap) = NULL;
	near = nearest(name, names);
	draft_fail(d, at, "%s: no node is called '%s'", what, name);
	if (near)
		err_add(d->err, "; did you mean '%s'?", near);
	free(names);
	return -1;
}

/* Nodes that settings name. */
static int
check_nodes(struct draft *d, const struct job *job)
{
	if (!job->path)
		return 0;
	for (const char *const *goal = job->set.goal; *goal; goal++)
		if (check_node_name(d, &find_setting(d, "job", "goal")->origin, "[job]: goal", *goal) < 0)
			return -1;
	for (size_t i = 0; i < d->nany; i++)
		if (d->any[i].row && !strcmp(d->any[i].row->section, "output") &&
		    check_node_name(d, &d->any[i].key.at, "[output]", d->any[i].key.name) < 0)
			return -1;
	return 0;
}

static void
put_pool(struct job_pool *to, const struct job_key *k)
{
	int64_t n = 1;

	if (read_count(k->value, &n, NULL) < 0)
		n = 1;		/* it was checked */
	*to = (struct job_pool){ k->name + strlen("pool."), (uint32_t)n, k->at };
}

/* Keys of rows for any name go to lists of their own. */
static void
put_any(struct draft *d, struct job *job)
{
	struct job_pool *pool = value_keep(d->keep, xcalloc(d->nany, sizeof(*pool)));
	struct job_key *key = value_keep(d->keep, xcalloc(d->nany, sizeof(*key)));
	struct job_key *out = value_keep(d->keep, xcalloc(d->nany, sizeof(*out)));

	for (size_t i = 0; i < d->nany; i++) {
		const struct job_key *k = &d->any[i].key;

		if (!d->any[i].row)
			continue;
		if (!strcmp(d->any[i].row->section, "resources"))
			put_pool(&pool[job->set.npools++], k);
		else if (!strcmp(d->any[i].row->section, "scheduler"))
			key[job->nscheduler_keys++] = *k;
		else
			out[job->noutputs++] = *k;
	}
	job->set.pool = pool;
	job->scheduler_key = key;
	job->output = out;
}

static void
put_nodes(struct draft *d, struct job *job)
{
	struct job_node *node = value_keep(d->keep, xcalloc(d->nnodes, sizeof(*node)));

	for (size_t i = 0; i < d->nnodes; i++) {
		node[i] = d->node[i].node;
		node[i].key = d->node[i].key ? value_keep(d->keep, d->node[i].key) : NULL;
		d->node[i].key = NULL;
	}
	job->node = node;
	job->nnodes = d->nnodes;
}

static void
put_list(struct draft *d, struct job *job)
{
	struct job_setting *list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; settings[i].section; i++) {
		if (!setting_is_any(&settings[i])) {
			*XADD(&list, &n, &cap) = d->setting[i];
			continue;
		}
		for (size_t k = 0; k < d->nany; k++)
			if (d->any[k].row == &settings[i])
				*XADD(&list, &n, &cap) = (struct job_setting){
					settings[i].section, d->any[k].key.name,
					d->any[k].key.value, d->any[k].key.at,
				};
	}
	job->setting = value_keep(d->keep, list);
	job->nsettings = n;
}

static int
finish(struct draft *d, struct job *job)
{
	draft_add_needed(d);
	if (put_settings(d, job) < 0 || set_folders(d, job) < 0)
		return -1;
	set_name(d, job);
	if (check_nodes(d, job) < 0)
		return -1;
	put_any(d, job);
	put_list(d, job);
	put_nodes(d, job);
	return 0;
}

/* ---- a job --------------------------------------------------------------------- */

static int
read_layers(struct draft *d, struct job *job, const char *path,
	    const struct job_override *override, size_t noverrides)
{
	set_built_in(d);
	if (read_settings(d, LAYER_SYSTEM, job_system_settings(), 0) < 0 ||
	    read_settings(d, LAYER_USER, job_user_settings(), !!draft_env("HEDDLE_CONFIG")) < 0)
		return -1;
	d->layer = LAYER_FILE;
	if (path) {
		if (draft_read_job(d, path, job->shown) < 0)
			return -1;
		job->path = realpath(path, NULL);
	}
	if (read_profile(d, job->shown) < 0 || read_environment(d) < 0 ||
	    read_overrides(d, override, noverrides) < 0)
		return -1;
	return finish(d, job);
}

int
job_read(struct job **out, const char *path, const char *profile,
	 const struct job_override *override, size_t noverrides, struct err *err)
{
	struct job *job = xcalloc(1, sizeof(*job));
	struct err unseen = { 0 };
	struct draft d = { .err = err ? err : &unseen, .profile = profile };
	int bad;

	job->keep = d.keep = xcalloc(1, sizeof(*d.keep));
	job->shown = path ? xstrdup(path) : NULL;
	bad = read_layers(&d, job, path, override, noverrides);
	for (size_t i = 0; i < d.nnodes; i++)
		free(d.node[i].key);
	draft_index_fini(&d);
	free(d.node);
	free(d.any);
	free(d.profile_key);
	free(d.profile_name);
	if (bad)
		job_free(job);
	else
		*out = job;
	return bad;
}

uint32_t
job_workers(const struct settings *set)
{
	return set->executor == EXECUTOR_SYNC ? 1 : set->workers;
}

void
job_free(struct job *job)
{
	if (!job)
		return;
	value_keep_fini(job->keep);
	free(job->keep);
	free(job->path);
	free(job->shown);
	free(job);
}

const struct job_key *
job_node_key(const struct job_node *node, const char *name)
{
	for (size_t i = 0; i < node->nkeys; i++)
		if (!strcmp(node->key[i].name, name))
			return &node->key[i];
	return NULL;
}
