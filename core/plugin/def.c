/* SPDX-License-Identifier: MIT */
/* def - a plugin's tables, checked and copied into ours. */

#include "core/plugin/def.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"
#include "core/plugin/option.h"

enum {
	SIZE_MOST = 4096,		/* bytes of a struct that anyone may mean */
	ROWS_MOST = 1000		/* rows of a table */
};

/* A struct as this heddle knows it.  least is its size in the first release of
 * ABI 1: it stays when the struct grows. */
struct shape {
	const char *what;
	uint32_t ours, least;
	size_t size_at, name_at;
};

#define UPTO(type, last) (uint32_t)(offsetof(struct type, last) + sizeof(((struct type *)0)->last))
#define SHAPE(what, type, last, name) { what, sizeof(struct type), UPTO(type, last), \
	offsetof(struct type, size), offsetof(struct type, name) }

static const struct shape plugin_shape = SHAPE("plugin", heddle_plugin, scheduler, name);
static const struct shape scheduler_shape = SHAPE("scheduler", heddle_scheduler, where, size);
static const struct shape collection_shape = SHAPE("collection", heddle_collection, kinds, size);
static const struct shape option_shape = SHAPE("option", heddle_option, about, name);
static const struct shape op_shape = SHAPE("operation", heddle_op, plan, name);
static const struct shape kernel_shape = SHAPE("kernel", heddle_kernel, run, name);
static const struct shape kind_shape = SHAPE("kind", heddle_kind, show, name);

/* ---- copies ----------------------------------------------------------- */

static uint32_t
size_of(const struct shape *s, const void *theirs)
{
	return *(const uint32_t *)((const char *)theirs + s->size_at);
}

static const char *
name_of(const struct shape *s, const void *row)
{
	const char *name;

	memcpy(&name, (const char *)row + s->name_at, sizeof(name));
	return name;
}

static int
check_size(const struct shape *s, uint32_t size, struct err *err)
{
	if (size < s->least)
		return err_set(err, EXIT_PLUGIN, "%s of %u bytes; expected at least %u",
			       s->what, size, s->least);
	if (size > SIZE_MOST || size % sizeof(void *))
		return err_set(err, EXIT_PLUGIN, "%s of %u bytes; expected a multiple of %zu up to %d",
			       s->what, size, sizeof(void *), SIZE_MOST);
	return 0;
}

/* What is beyond our struct must not be used; the rest of ours is zero. */
static int
copy(void *ours, const struct shape *s, const void *theirs, uint32_t size,
     const char *name, struct err *err)
{
	const char *more = theirs;

	for (uint32_t i = s->ours; i < size; i++)
		if (more[i])
			return err_set(err, EXIT_PLUGIN,
				       "uses a field of %s%s%s%s (byte %u), which this heddle does not know",
				       s->what, *name ? " '" : "", name, *name ? "'" : "", i);
	memset(ours, 0, s->ours);
	memcpy(ours, theirs, size < s->ours ? size : s->ours);
	return 0;
}

/* *to becomes a table of ours, ended by a nameless row; NULL for NULL.  The
 * last row of theirs is looked at for its name alone. */
static int
copy_table(struct def *def, const struct shape *s, const void *theirs,
	   void *to, struct err *err)
{
	const char *row = theirs;
	uint32_t size = theirs ? size_of(s, theirs) : 0;
	size_t n = 0;
	char *rows;

	if (!theirs)
		return 0;
	if (name_of(s, row) && check_size(s, size, err) < 0)
		return -1;
	while (name_of(s, row + n * size))
		if (++n > ROWS_MOST)
			return err_set(err, EXIT_PLUGIN,
				       "table of %ss has no end: expected a row without a name within %d",
				       s->what, ROWS_MOST);
	rows = xcalloc(n + 1, s->ours);
	*XADD(&def->block, &def->n, &def->cap) = rows;
	for (size_t i = 0; i < n; i++) {
		const char *name = name_of(s, row + i * size);

		if (!option_is_name(name))
			return err_set(err, EXIT_PLUGIN,
				       "%s '%s': bad name; expected a-z, then a-z 0-9 _ . -",
				       s->what, name);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(name_of(s, row + k * size), name))
				return err_set(err, EXIT_PLUGIN, "%s '%s' is there twice",
					       s->what, name);
		if (copy(rows + i * s->ours, s, row + i * size, size, name, err) < 0)
			return -1;
	}
	memcpy(to, &rows, sizeof(rows));
	return 0;
}

static int
check_flags(const char *what, const char *name, unsigned flags, unsigned known, struct err *err)
{
	if (!(flags & ~known))
		return 0;
	return err_set(err, EXIT_PLUGIN, "%s%s%s%s has flags %#x, which this heddle does not know",
		       what, *name ? " '" : "", name, *name ? "'" : "", flags & ~known);
}

static int
copy_options(struct def *def, const struct heddle_option **options, struct err *err)
{
	if (copy_table(def, &option_shape, *options, options, err) < 0)
		return -1;
	return option_table_check(*options, err);
}

/* ---- a scheduler ------------------------------------------------------ */

/* What every scheduler is asked beside its own options. */
static int
check_scheduler_options(const struct heddle_option *o, struct err *err)
{
	static const char *const keys[] = { "kind", "fallback" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (option_find(o, keys[i]))
			return err_set(err, EXIT_PLUGIN,
				       "option '%s' has a name that every [scheduler] has", keys[i]);
	return 0;
}

static int
read_scheduler(struct def *def, struct err *err)
{
	const struct heddle_scheduler *theirs = def->plugin.scheduler;
	struct heddle_scheduler *s = &def->scheduler;
	uint32_t size = size_of(&scheduler_shape, theirs);

	if (check_size(&scheduler_shape, size, err) < 0 ||
	    copy(s, &scheduler_shape, theirs, size, "", err) < 0 ||
	    check_flags("scheduler", "", s->flags, HEDDLE_CONCURRENT, err) < 0)
		return -1;
	def->plugin.scheduler = s;
	if (!s->open || !s->close || !s->ready || !s->next)
		return err_set(err, EXIT_PLUGIN, "scheduler without %s",
			       !s->open ? "open" : !s->close ? "close" :
			       !s->ready ? "ready" : "next");
	if (copy_options(def, &s->options, err) < 0)
		return -1;
	return check_scheduler_options(s->options, err);
}

/* ---- a collection ----------------------------------------------------- */

/* Kinds by place: "text", "array array", "text|bag.items", "array*"; the
 * star, which takes one or more, comes last. */
static int
check_takes(const struct heddle_op *op, struct err *err)
{
	for (const char *s = op->takes; s && *s; s++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_.-|* ", *s) ||
		    (*s == '*' && s[1]))
			return err_set(err, EXIT_PLUGIN,
				       "operation '%s' takes '%s'; expected kinds such as \"text\", \"array array\", \"text|bag.items\" or \"array*\"",
				       op->name, op->takes);
	return 0;
}

static int
read_ops(struct def *def, struct err *err)
{
	struct heddle_op *op = (struct heddle_op *)def->collection.ops;	/* our copy */

	if (!op || !op->name)
		return err_set(err, EXIT_PLUGIN, "collection without operations");
	for (; op->name; op++) {
		if (!op->plan)
			return err_set(err, EXIT_PLUGIN, "operation '%s' without plan", op->name);
		if (check_flags("operation", op->name, op->flags,
				HEDDLE_EACH | HEDDLE_EACH_MUST, err) < 0 ||
		    check_takes(op, err) < 0)
			return -1;
		if (copy_options(def, &op->options, err) < 0)
			return err_in(err, "operation '%s'", op->name);
	}
	return 0;
}

static int
check_kernels(const struct heddle_kernel *k, struct err *err)
{
	for (; k && k->name; k++) {
		if (!k->run)
			return err_set(err, EXIT_PLUGIN, "kernel '%s' without run", k->name);
		if (check_flags("kernel", k->name, k->flags,
				HEDDLE_PURE | HEDDLE_EFFECT | HEDDLE_NOVALUE, err) < 0)
			return -1;
		if ((k->flags & HEDDLE_PURE) && (k->flags & HEDDLE_EFFECT))
			return err_set(err, EXIT_PLUGIN,
				       "kernel '%s' says both PURE and EFFECT", k->name);
	}
	return 0;
}

static int
check_kinds(const struct heddle_kind *k, struct err *err)
{
	for (; k && k->name; k++)
		if (check_flags("kind", k->name, k->flags, 0, err) < 0)
			return -1;
	return 0;
}

static int
read_collection(struct def *def, struct err *err)
{
	const struct heddle_collection *theirs = def->plugin.collection;
	struct heddle_collection *c = &def->collection;
	uint32_t size = size_of(&collection_shape, theirs);

	if (check_size(&collection_shape, size, err) < 0 ||
	    copy(c, &collection_shape, theirs, size, "", err) < 0)
		return -1;
	def->plugin.collection = c;
	if (copy_table(def, &op_shape, c->ops, &c->ops, err) < 0 ||
	    copy_table(def, &kernel_shape, c->kernels, &c->kernels, err) < 0 ||
	    copy_table(def, &kind_shape, c->kinds, &c->kinds, err) < 0 ||
	    read_ops(def, err) < 0 || check_kernels(c->kernels, err) < 0)
		return -1;
	return check_kinds(c->kinds, err);
}

/* ---- the plugin ------------------------------------------------------- */

static int
check_name(const struct heddle_plugin *p, const char *name, struct err *err)
{
	if (!p->name || !option_is_name(p->name))
		return err_set(err, EXIT_PLUGIN,
			       "plugin '%s': bad name; expected a-z, then a-z 0-9 _ . -",
			       p->name ? p->name : "");
	if (name && strcmp(p->name, name))
		return err_set(err, EXIT_PLUGIN,
			       "calls itself '%s'; expected '%s', as the file is named",
			       p->name, name);
	return 0;
}

int
def_read(struct def *def, const struct heddle_plugin *theirs, const char *name,
	 struct err *err)
{
	struct heddle_plugin *p = &def->plugin;

	memset(def, 0, sizeof(*def));
	if (theirs->abi != HEDDLE_ABI)
		return err_set(err, EXIT_PLUGIN, "abi %u, this heddle wants %d",
			       theirs->abi, HEDDLE_ABI);
	if (check_size(&plugin_shape, theirs->size, err) < 0 ||
	    copy(p, &plugin_shape, theirs, theirs->size, "", err) < 0)
		return -1;
	if (!p->collection == !p->scheduler)
		return err_set(err, EXIT_PLUGIN, p->scheduler ?
			       "is a collection and a scheduler; expected one" :
			       "is neither a collection nor a scheduler");
	if (check_name(p, name, err) < 0)
		return -1;
	return p->scheduler ? read_scheduler(def, err) : read_collection(def, err);
}

void
def_fini(struct def *def)
{
	for (size_t i = 0; i < def->n; i++)
		free(def->block[i]);
	free(def->block);
	memset(def, 0, sizeof(*def));
}
