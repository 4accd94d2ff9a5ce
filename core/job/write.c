/* SPDX-License-Identifier: MIT */
/* write - a job as an INI text that reads back to the same job. */

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/job/job.h"

enum { LINE_MOST = 4096 };

const char *
job_at(const struct job_place *at, char buf[256])
{
	if (at->line)
		snprintf(buf, 256, "%s:%u", at->file, at->line);
	else
		snprintf(buf, 256, "%s", at->file);
	return buf;
}

/* Is some line behind the first at the margin?  Then the reader takes no
 * indentation away but what is put before all of them here. */
static int
has_margin(const char *value)
{
	const char *s = value;

	while ((s = strchr(s, '\n')))
		if (!strchr(" \t\n", *++s))
			return 1;
	return !strchr(value, '\n');
}

static void
write_key(struct text *t, const char *key, const char *value)
{
	size_t n = strcspn(value, "\n");

	if (!has_margin(value) || strlen(key) + n + 1 > LINE_MOST)
		text_addf(t, "%s =\n\t", key);
	else if (strlen(key) + n + 3 > LINE_MOST)
		text_addf(t, "%s=", key);
	else
		text_addf(t, "%s =%s", key, *value ? " " : "");
	for (;; value += n + 1) {
		n = strcspn(value, "\n");
		text_addn(t, value, n);
		text_addc(t, '\n');
		if (!value[n])
			return;
		text_addc(t, '\t');
	}
}

void
job_write(const struct job *job, struct text *t)
{
	const char *section = "";

	for (size_t i = 0; i < job->nsettings; i++) {
		const struct job_setting *s = &job->setting[i];

		if (strcmp(s->section, section)) {
			text_addf(t, "%s[%s]\n", *section ? "\n" : "", s->section);
			section = s->section;
		}
		write_key(t, s->key, s->value ? s->value : "");
	}
	for (size_t i = 0; i < job->nnodes; i++) {
		const struct job_node *n = &job->node[i];

		text_addf(t, "\n[%s.%s %s]\n", n->plugin, n->op, n->name);
		for (size_t k = 0; k < n->nkeys; k++)
			write_key(t, n->key[k].name, n->key[k].value);
	}
}
