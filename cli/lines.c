/* SPDX-License-Identifier: MIT */
/* lines - what the plain front end says, as text. */

#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "cli/front.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/graph/graph.h"
#include "core/insight/view.h"

enum { NAME_WIDE = 16, NAMES_SHOWN = 4, TAIL_BYTES = 4096 };

static int
is_ascii_only(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

void
line_name(struct text *t, const char *name)
{
	text_add_clean(t, name, strlen(name), is_ascii_only());
}

static void
add_padded(struct text *t, const char *name)
{
	size_t before = t->n;

	line_name(t, name);
	while (t->n - before < NAME_WIDE)
		text_addc(t, ' ');
}

uint64_t
view_ended(const struct view *v)
{
	return (uint64_t)v->sum.done + v->sum.failed + v->sum.stopped + v->sum.skipped;
}

/* ---- before ---------------------------------------------------------------- */

void
line_head(struct text *t, const struct view *v, const char *job)
{
	char buf[WRITE_MAX];

	text_add(t, "heddle: ");
	line_name(t, job);
	text_addf(t, ": %llu task%s in %u group%s", (unsigned long long)v->ntasks,
		  v->ntasks == 1 ? "" : "s", v->graph->ngroups, v->graph->ngroups == 1 ? "" : "s");
	if (v->work_total)
		text_addf(t, ", work ~%s", write_time(buf, v->work_total));
	if (v->span_total)
		text_addf(t, ", span %s", write_time(buf, v->span_total));
	text_addf(t, ", %u worker%s", v->workers, v->workers == 1 ? "" : "s");
	if (v->finish)
		text_addf(t, ", finish ~%s", write_time(buf, v->finish));
	text_addc(t, '\n');
}

/* ---- while it runs --------------------------------------------------------- */

void
line_count(struct text *t, const struct view *v, uint64_t ended)
{
	char buf[WRITE_MAX];

	text_addf(t, "[%llu/%llu %llu%%", (unsigned long long)ended, (unsigned long long)v->ntasks,
		  v->ntasks ? (unsigned long long)(100 * ended / v->ntasks) : 100ull);
	if (v->finish > v->now)
		text_addf(t, " ~%s", write_time(buf, v->finish - v->now));
	text_add(t, "] ");
}

static void
add_running(struct text *t, const struct view *v)
{
	char buf[WRITE_MAX];
	uint32_t n = v->nrunning_list < NAMES_SHOWN ? v->nrunning_list : NAMES_SHOWN;

	text_addf(t, "running %u", v->sum.running);
	for (uint32_t i = 0; i < n; i++) {
		text_add(t, i ? ", " : ": ");
		line_name(t, v->running[i].name);
		text_addf(t, " %s", write_time(buf, v->running[i].since));
	}
	if (v->sum.running > n && n)
		text_add(t, " ..");
}

void
line_sign(struct text *t, const struct view *v)
{
	line_count(t, v, view_ended(v));
	if (v->status == RUN_PAUSED || v->status == RUN_STOPPING)
		text_addf(t, "%s, ", run_status_names[v->status]);
	add_running(t, v);
	text_addf(t, "; ready %u", v->sum.ready);
	if (v->sum.held) {
		text_addf(t, ", held %u", v->sum.held);
		if (v->nheld_list && *v->held_list[0].note) {
			text_add(t, ": ");
			line_name(t, v->held_list[0].note);
		}
	}
	if (v->sum.failed)
		text_addf(t, ", failed %u", v->sum.failed);
}

static const struct { const char *plain, *json; } row_words[] = {
	[ROW_DONE] = { "ok", "done" },
	[ROW_FAILED] = { "FAIL", "failed" },
	[ROW_STOPPED] = { "stop", "stopped" },
	[ROW_RETRY] = { "retry", "retry" },
};

void
line_row(struct text *t, const struct graph *g, const struct log_row *r)
{
	char name[GRAPH_NAME], buf[WRITE_MAX];

	text_addf(t, "%-5s ", row_words[row_status(r)].plain);
	add_padded(t, graph_name(g, r->task, name));
	text_addf(t, " %s\n", write_time(buf, r->end - r->start));
}

static void
add_task(struct text *t, const struct graph *g, const struct run_event *e)
{
	char name[GRAPH_NAME];

	add_padded(t, e->task < g->csr.ntasks ? graph_name(g, e->task, name) : "");
	text_addc(t, ' ');
}

/* Texts of events are other people's: cleaned, one line. */
void
line_event(struct text *t, const struct graph *g, const struct run_event *e, int color)
{
	char buf[WRITE_MAX];

	switch (e->kind) {
	case EVENT_FAIL:
		text_add(t, color ? "\033[1;31mFAIL\033[0m  " : "FAIL  ");
		add_task(t, g, e);
		line_name(t, e->text);
		break;
	case EVENT_RETRY:
		text_add(t, "retry ");
		add_task(t, g, e);
		line_name(t, e->text);
		text_addf(t, ", attempt %u of %u in %s", e->attempt + 1,
			  e->task < g->csr.ntasks ? graph_attr(g, e->task)->retries + 1 : 0,
			  write_time(buf, e->n));
		break;
	default:
		line_name(t, e->text);
	}
	text_addc(t, '\n');
}

/* ---- after ----------------------------------------------------------------- */

void
line_totals(struct text *t, const struct view *v)
{
	struct text idle = { 0 };
	char buf[WRITE_MAX];

	account_idle_line(&v->account, &idle);
	text_addf(t, "heddle: %s", write_time(buf, v->account.wall));
	text_addf(t, "  work %s", write_time(buf, v->account.work));
	text_addf(t, "  idle %s", idle.n ? idle.at : "0s");
	text_fini(&idle);
	text_addf(t, "  speedup %.2f of %u", v->speedup, v->workers);
	if (v->held_peak)
		text_addf(t, "  held peak %llu, %s", (unsigned long long)v->held_peak,
			  write_size(buf, v->held_bytes_peak));
	if (v->number)
		text_addf(t, "  run %04u", v->number);
	text_addc(t, '\n');
}

void
line_log_tail(struct text *t, const char *path, int most)
{
	char buf[TAIL_BYTES + 1], *at, *line[64];
	FILE *f = fopen(path, "re");
	size_t n;
	int nlines = 0, from;

	if (!f)
		return;
	from = fseek(f, -TAIL_BYTES, SEEK_END) == 0;
	if (!from)
		rewind(f);
	n = fread(buf, 1, TAIL_BYTES, f);
	fclose(f);
	buf[n] = '\0';
	at = buf;
	if (from && (at = memchr(buf, '\n', n)))
		at++;
	if (!at)
		at = buf;
	for (char *end = buf + n; at < end; nlines++) {
		char *nl = memchr(at, '\n', (size_t)(end - at));

		line[nlines % 64] = at;
		at = nl ? nl + 1 : end;
		if (nl)
			*nl = '\0';
	}
	most = most < 64 ? most : 64;
	for (int i = nlines > most ? nlines - most : 0; i < nlines; i++) {
		size_t len = strcspn(line[i % 64], "\r\n");

		text_add(t, "  | ");
		text_add_clean(t, line[i % 64], len, is_ascii_only());
		text_addc(t, '\n');
	}
}

/* ---- for programs ---------------------------------------------------------- */

void
json_row(struct text *t, const struct graph *g, const struct log_row *r, uint32_t worker)
{
	struct json j = { .out = t };
	char name[GRAPH_NAME];

	json_object(&j);
	json_ktext(&j, "event", "task");
	json_ktext(&j, "task", graph_name(g, r->task, name));
	json_ktext(&j, "status", row_words[row_status(r)].json);
	json_kuint(&j, "worker", worker);
	json_kuint(&j, "attempt", row_attempt(r));
	json_kseconds(&j, "start_s", r->start);
	json_kseconds(&j, "end_s", r->end);
	json_kuint(&j, "bytes", row_bytes(r));
	json_end(&j);
	text_addc(t, '\n');
}

void
json_event(struct text *t, const struct graph *g, const struct run_event *e)
{
	struct json j = { .out = t };
	char name[GRAPH_NAME];

	json_object(&j);
	json_ktext(&j, "event", event_names[e->kind]);
	json_kseconds(&j, "at_s", e->at);
	if (e->task < g->csr.ntasks)
		json_ktext(&j, "task", graph_name(g, e->task, name));
	if (e->worker != HEDDLE_NONE)
		json_kuint(&j, "worker", e->worker);
	if (e->attempt)
		json_kuint(&j, "attempt", e->attempt);
	json_kint(&j, "code", e->code);
	json_kuint(&j, "n", e->n);
	if (e->peak)
		json_kuint(&j, "peak", e->peak);
	if (e->text && *e->text)
		json_ktext(&j, "text", e->text);
	json_end(&j);
	text_addc(t, '\n');
}
