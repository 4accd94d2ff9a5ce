/* SPDX-License-Identifier: MIT */
/* panels - a view made by hand goes in, the picture that belongs to it comes out. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/die.h"
#include "core/base/err.h"
#include "core/base/text.h"
#include "core/graph/build.h"
#include "core/graph/graph.h"
#include "tui/layout.h"
#include "tui/page.h"
#include "tui/page_graph.h"
#include "tui/page_log.h"
#include "tui/page_time.h"
#include "tui/panel.h"
#include "tui/prompt.h"

/* ---- a view -------------------------------------------------------------- */

static const struct heddle_kernel kernel = { .size = sizeof(kernel), .name = "nothing" };

/* list 1 -> count 64 -> merge1 8 -> merge2 1 -> top 1 */
static struct graph *
tree(void)
{
	static const struct { const char *name; uint32_t n, fan_in; } row[] = {
		{ "list", 1, 0 }, { "count", 64, 1 }, { "count.merge1", 8, 8 },
		{ "count.merge2", 1, 8 }, { "top", 1, 1 },
	};
	const struct graph_attr attr = { .cores = 1 };
	struct build *b = build_new();
	uint32_t k = build_kernel(b, "fake", &kernel), first = 0, before = 0, at = 0, i, n, in;
	heddle_task preds[8];
	struct graph *g;
	struct err err;

	for (i = 0; i < 5; i++) {
		build_group(b, build_node(b, row[i].name, "fake", "nothing", "a.ini", i, &attr), row[i].name);
		first = at;
		for (n = 0; n < row[i].n; n++, at++) {
			for (in = 0; in < row[i].fan_in; in++)
				preds[in] = row[i].fan_in == 1 ? before : before + n * 8 + in;
			if (build_task(b, k, (struct heddle_bytes){ NULL, 0 }, preds, row[i].fan_in,
				       &err) == HEDDLE_NONE)
				die("%s", err.text);
		}
		before = first;
	}
	if (build_seal(b, 0, &g, &err) < 0)
		die("%s", err.text);
	build_free(b);
	return g;
}

struct scene {
	struct graph *graph;
	struct view view;
	struct ui ui;
	struct view_worker worker[64];
	struct view_group group[8];
};

/* 40 of 64 counted; three workers at it, one has nothing to do. */
static struct scene *
scene(int ascii)
{
	static const struct live_sum sums[] = {
		{ .done = 1 }, { .done = 40, .running = 3, .ready = 20, .failed = 1 },
		{ .done = 3, .blocked = 5 }, { .blocked = 1 }, { .blocked = 1 },
	};
	struct scene *s = calloc(1, sizeof(*s));
	struct view *v = &s->view;
	uint32_t i;

	v->graph = s->graph = tree();
	snprintf(v->job, sizeof(v->job), "words");
	snprintf(v->scheduler, sizeof(v->scheduler), "flow");
	v->number = 142;
	v->status = RUN_RUNNING;
	v->now = 21300000000;
	v->finish = 23300000000;
	v->nworkers = v->workers = 4;
	v->ntasks = 75;
	v->nedges = 137;
	v->worker = s->worker;
	v->group = s->group;
	for (i = 0; i < 4; i++) {
		s->worker[i] = (struct view_worker){ .task = 41 + i, .class = CLASS_RUN_CPU,
			.busy = 1, .since = 1200000000, .progress = -1, .account.total = 1 };
		snprintf(s->worker[i].name, VIEW_NAME, "count/%u", 40 + i);
	}
	s->worker[3] = (struct view_worker){ .task = HEDDLE_NONE, .class = CLASS_DEP, .busy = 0.25,
		.since = 500000000, .account.total = 1 };
	for (i = 0; i < 5; i++) {
		s->group[i] = (struct view_group){ .group = i, .sum = sums[i], .is_left_known = i < 4,
			.mean = i < 2 ? 75000000 : 0, .left = i == 1 ? 1800000000 : 0 };
		v->sum.done += sums[i].done;
		v->sum.running += sums[i].running;
		v->sum.ready += sums[i].ready;
		v->sum.blocked += sums[i].blocked;
		v->sum.failed += sums[i].failed;
	}
	v->speedup = 3.5;
	v->account = (struct account){ .total = 85200000000, .work = 74550000000 };
	v->account.ns[CLASS_RUN_CPU] = 74550000000;
	v->account.ns[CLASS_DEP] = 10000000000;
	v->account.ns[CLASS_OVH] = 650000000;
	v->held = 32;
	v->held_bytes = 3 << 20;
	v->held_peak = 40;
	v->held_bytes_peak = 4 << 20;
	snprintf(v->why[0], VIEW_LINE, "worker 3: nothing is ready; the next to open is count.merge1/3, "
		 "which waits for count/40 and 2 more");
	v->nwhy = 1;
	ui_init(&s->ui, v, ascii);
	return s;
}

static void
end(struct scene *s)
{
	ui_fini(&s->ui);
	graph_free(s->graph);
	free(s);
}

static void
draws(struct scene *s, enum page_id page, int rows, int cols, const char *picture)
{
	struct surface out;
	struct text got = { 0 };

	surface_init(&out, rows, cols, s->ui.ascii);
	s->ui.page = page;
	page_draw(&out, &s->ui);
	surface_text(&out, &got);
	if (getenv("SHOW"))
		fputs(got.at, stderr);
	assert_string_equal(got.at, picture);
	text_fini(&got);
	surface_fini(&out);
}

/* ---- pictures ------------------------------------------------------------- */

static void
the_overview_tells_workers_why_idle_and_groups(void **state)
{
	struct scene *s = scene(1);

	(void)state;
	draws(s, PAGE_OVERVIEW, 24, 80,
" heddle  words  run 0142  RUNNING  00:21.3  finish ~00:23.3  flow\n"
"[##############################################>>>ooooooooooooooooooooo.......x]\n"
" done 44  run 3  ready 20  blocked 7  failed 1  75 tasks  60.0%\n"
" speedup 3.5x of 4  busy 88%  idle 10.7 core-s: dep 10.0s ovh 650ms\n"
" 0[||||||||| 100%] count/40              2[||||||||| 100%] count/42\n"
" 1[||||||||| 100%] count/41              3[|| dddddd  25%] idle dep\n"
"-WHY IDLE-----------------------------------------------------------------------\n"
" worker 3: nothing is ready; the next to open is count.merge1/3, which waits for\n"
"   count/40 and 2 more\n"
"-GROUP------------done/total---run---rdy---blk--fail----mean----left-state------\n"
" list                    1/1     0     0     0     0    75ms      0s [########]\n"
" count                 40/64     3    20     0     1    75ms    1.8s [###>ooox]\n"
" count.merge1            3/8     0     0     5     0              0s [###.....]\n"
" count.merge2            0/1     0     0     1     0              0s [........]\n"
" top                     0/1     0     0     1     0               ? [........]\n"
" held values: 32 now, 3.0M  most 40, 4.0M\n"
"-OVER TIME----------------------------------------------------------------------\n"
" running    0\n"
" ready      0\n"
" held       0\n"
" done/s     0\n"
"\n"
" Tab pane  Enter inspect  r run  p pause  S scheduler  + - workers\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log                 /find ?help :command q)uit\n");
	end(s);
}

static void
a_small_screen_keeps_the_bar_the_counts_why_and_the_footer(void **state)
{
	struct scene *s = scene(1);

	(void)state;
	draws(s, PAGE_OVERVIEW, 10, 40,
" heddle  words  run 0142  RUNNING\n"
"[######################>>oooooooooo...x]\n"
" done 44  run 3  ready 20  blocked 7\n"
" failed 1  75 tasks  60.0%\n"
" speedup 3.5x of 4  busy 88%\n"
" 0[||||||||| 100%] count/40      3 more\n"
"-WHY IDLE-------------------------------\n"
" worker 3: nothing is ready; the next t~\n"
" Tab pane  Enter inspect  r run  p pause\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log\n");
	draws(s, PAGE_OVERVIEW, 4, 40,
"[######################>>oooooooooo...x]\n"
" done 44  run 3  ready 20  blocked 7\n"
" worker 3: nothing is ready; the next t~\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log\n");
	draws(s, PAGE_OVERVIEW, 1, 20,
"[#########>ooooo..x]\n");
	end(s);
}

static void
the_graph_has_a_box_a_group_and_tells_fan_in_at_its_edges(void **state)
{
	struct scene *s = scene(1);

	(void)state;
	draws(s, PAGE_GRAPH, 16, 100,
" GRAPH  words  run 0142  RUNNING  00:21.3  finish ~00:23.3  flow\n"
"\n"
"\n"
"\n"
"  +--------+       +----------+       +----------------+       +----------------+       +-------+\n"
"  | list 1 |       | count 64 |       | count.merge1 8 |       | count.merge2 1 |       | top 1 |\n"
"  | ###### |-1:64->| ###>ooox |--8:1->| #####......... |--8:1->| .............. |--1:1->| ..... |\n"
"  +--------+       +----------+       +----------------+       +----------------+       +-------+\n"
"\n"
"\n"
"\n"
"-SELECTED list--------------------------------------------------------------------------------------\n"
" 1 task  1 done  0 running  0 ready  0 blocked  mean 75ms\n"
"\n"
" Tab pane  Enter inspect  r run  p pause  S scheduler  + - zoom  = 0 fit  H L page  T retry  K stop\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log                                     /find ?help :command q)uit\n");
	end(s);
}

static void
a_graph_wider_than_the_screen_goes_on_below(void **state)
{
	struct scene *s = scene(0);

	(void)state;
	draws(s, PAGE_GRAPH, 24, 60,
" GRAPH  words  run 0142  RUNNING  00:21.3  finish ~00:23.3\n"
"\n"
"         ┌────────┐       ┌──────────┐\n"
"         │ list 1 │       │ count 64 │\n"
"         │ ###### │─1:64─►│ ###>ooox │┐\n"
"         └────────┘       └──────────┘│\n"
"     ┌────────────────────────────────┘\n"
"     │   ┌────────────────┐       ┌────────────────┐\n"
"     │   │ count.merge1 8 │       │ count.merge2 1 │\n"
"     └──►│ #####......... │──8:1─►│ .............. │┐\n"
"         └────────────────┘       └────────────────┘│\n"
"     ┌──────────────────────────────────────────────┘\n"
"     │   ┌───────┐\n"
"     │   │ top 1 │\n"
"     └──►│ ..... │\n"
"         └───────┘\n"
"\n"
"─SELECTED list──────────────────────────────────────────────\n"
" 1 task  1 done  0 running  0 ready  0 blocked  mean 75ms\n"
"\n"
" feeds  count 1:64 (64 edges)\n"
"\n"
" Tab pane  Enter inspect  r run  p pause  S scheduler\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log                   ?help\n");
	end(s);
}

static void
queues_tell_rank_wait_and_why_a_task_is_held(void **state)
{
	struct scene *s = scene(1);
	struct view *v = &s->view;

	(void)state;
	v->nrunning_list = v->nready_list = v->nheld_list = v->nwaits = 1;
	v->running[0] = (struct view_task){ .task = 41, .worker = 0, .since = 1200000000,
		.expect = 75000000, .rank = NAN, .name = "count/40" };
	v->ready[0] = (struct view_task){ .task = 44, .worker = HEDDLE_NONE, .since = 900000000,
		.rank = 2.5, .name = "count/43" };
	v->held_list[0] = (struct view_task){ .task = 45, .worker = HEDDLE_NONE, .since = UINT64_MAX,
		.rank = NAN, .name = "count/44", .note = "pool net 2/2" };
	v->sum.held = 1;
	v->nready_more = 18;
	v->waits[0] = (struct view_wait){ .on = 1, .count = 5, .group = 2, .on_name = "count",
		.group_name = "count.merge1", .sum = s->group[1].sum };
	draws(s, PAGE_QUEUES, 18, 80,
" QUEUES  words  run 0142  RUNNING  00:21.3  finish ~00:23.3  flow\n"
"-RUNNING 3--------for-------of- -READY 20----------------------rank----wait--on-\n"
" 0 count/40      1.2s    ~75ms   count/43                       2.5   900ms\n"
"\n"
"-HELD 1-----------------------------------------------------------------held by-\n"
" count/44                               pool net 2/2\n"
"-BLOCKED 7, by what they wait for-----------------------------------------------\n"
"       5 count.merge1      wait for count             3 run 20 rdy 0 blk\n"
"-WHY IDLE-----------------------------------------------------------------------\n"
" worker 3: nothing is ready; the next to open is count.merge1/3, which waits for\n"
"   count/40 and 2 more\n"
"\n"
"\n"
"\n"
"\n"
"\n"
" Tab pane  Enter inspect  r run  p pause  S scheduler  T retry  K stop  x hold\n"
"1Over 2Graph 3Time 4Queue 8Plug 9Log                 /find ?help :command q)uit\n");
	end(s);
}

static void
a_timeline_names_long_tasks_and_gives_idleness_its_letter(void **state)
{
	struct view_cell cell[20];
	struct scene *s = scene(1);
	struct surface out;
	struct text got = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		cell[i] = (struct view_cell){ .task = i < 10 ? 5u : i == 12 ? 6u : HEDDLE_NONE,
			.group = 1, .class = i < 14 ? CLASS_DEP : i < 17 ? CLASS_END : CLASS_N };
	cell[9].is_end = cell[0].is_start = 1;
	surface_init(&out, 1, 20, 1);
	panel_cells(&out, 0, 0, cell, 20, s->graph, s->ui.letters);
	surface_text(&out, &got);
	assert_string_equal(got.at, "[count/4-]ddCdeee\n");
	text_fini(&got);
	surface_fini(&out);
	end(s);
}

static void
help_lists_every_key_of_the_table(void **state)
{
	struct scene *s = scene(1);
	const struct key_row *row;
	struct surface out;
	struct text got = { 0 };

	(void)state;
	surface_init(&out, 200, 100, 1);
	s->ui.page = PAGE_HELP;
	page_draw(&out, &s->ui);
	surface_text(&out, &got);
	for (row = key_rows; row->action; row++)
		if (row->about && !strstr(got.at, row->about))
			fail_msg("help does not tell '%s'", row->about);
	text_fini(&got);
	surface_fini(&out);
	end(s);
}

static void
the_manual_tells_every_key_of_the_table(void **state)
{
	const char *src = getenv("HEDDLE_SRC");
	const struct key_row *row;
	char path[4096];
	struct text man = { 0 };
	FILE *f;
	int c;

	(void)state;
	snprintf(path, sizeof(path), "%s/doc/heddle.1", src ? src : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		text_addc(&man, (char)c);
	fclose(f);
	for (row = key_rows; row->action; row++)
		if (row->about && !strstr(man.at, row->about))
			fail_msg("heddle.1 does not tell '%s'", row->about);
	text_fini(&man);
}

/* ---- what holds for all of them --------------------------------------------- */

static void
hostile(struct scene *s)
{
	struct view *v = &s->view;
	uint32_t i;

	snprintf(v->job, sizeof(v->job), "\033[2J\xe2\x80\xae\xff\n");
	for (i = 0; i < 4; i++)
		snprintf(s->worker[i].name, VIEW_NAME, "\033]52;c;eA==\007\xe6\xbc\xa2%0*u", 60, i);
	for (i = 0; i < VIEW_WHY; i++)
		snprintf(v->why[i], VIEW_LINE, "%0*u\033[31m", 180, i);
	v->nwhy = VIEW_WHY;
	v->nready_list = v->nrunning_list = v->nheld_list = v->nwaits = VIEW_LIST;
	v->nseries = VIEW_OVER_TIME;
	v->nevents = VIEW_EVENTS;
	for (i = 0; i < VIEW_LIST; i++) {
		v->ready[i] = (struct view_task){ .task = i, .since = UINT64_MAX, .rank = NAN };
		memset(v->ready[i].name, 0x9b, VIEW_NAME - 1);
		v->running[i] = v->held_list[i] = v->ready[i];
		memset(v->waits[i].on_name, 27, VIEW_NAME - 1);
		memset(v->events[i].text, 7, VIEW_LINE - 1);
		v->events[i].kind = (int)(i % EVENT_KINDS);
	}
	for (i = 0; i < VIEW_OVER_TIME; i++)
		v->series[i] = (struct view_sample){
			.at = i, .running = i % 7, .ready = 1e300, .blocked = -1e300, .held = -5, .done = NAN
		};
	v->account.ns[CLASS_RES] = UINT64_MAX / 2;
}

static void
every_page_at_every_size_stays_within_its_cells(void **state)
{
	static const int sizes[] = { 1, 2, 3, 5, 9, 10, 11, 16, 24, 39, 40, 41, 66, 80, 120, 160, 300 };
	const size_t n = sizeof(sizes) / sizeof(*sizes);
	struct scene *s;
	struct surface out;
	size_t r, c;
	int page, ascii, i;

	(void)state;
	for (ascii = 0; ascii < 2; ascii++) {
		s = scene(ascii);
		hostile(s);
		for (r = 0; r < n; r++)
			for (c = 0; c < n; c++) {
				surface_init(&out, sizes[r], sizes[c], ascii);
				for (page = 0; page < PAGES; page++) {
					s->ui.page = (enum page_id)page;
					page_draw(&out, &s->ui);
					for (i = 0; i < sizes[r] * sizes[c]; i++) {
						int32_t ch = out.cell[i].ch;

						if ((ch && ch < 0x20) || (ch >= 0x7f && ch < 0xa0) ||
						    ch == 0x202e || (ascii && ch > 0x7e) ||
						    out.cell[i].style >= STYLES)
							fail_msg("page %d at %dx%d: cell %d is U+%04x", page,
								 sizes[r], sizes[c], i, (unsigned)ch);
					}
				}
				surface_fini(&out);
			}
		end(s);
	}
}

static void
every_key_on_every_page_leaves_it_drawable(void **state)
{
	struct scene *s = scene(1);
	const struct key_row *row;
	struct surface out;
	int page, again;

	(void)state;
	surface_init(&out, 24, 80, 1);
	for (again = 0; again < 4; again++)
		for (page = 0; page < PAGES; page++)
			for (row = key_rows; row->action; row++) {
				s->ui.page = (enum page_id)page;
				if (row->pages & pages[page]->on)
					pages[page]->act(&s->ui, row);
				page_draw(&out, &s->ui);
			}
	surface_fini(&out);
	end(s);
}

static void
a_key_may_come_before_the_first_frame_of_its_page(void **state)
{
	const struct key_row *row;
	struct scene *s;
	int page;

	(void)state;
	for (page = 0; page < PAGES; page++)
		for (row = key_rows; row->action; row++) {
			s = scene(1);
			s->ui.page = (enum page_id)page;
			if (row->pages & pages[page]->on &&
			    pages[page]->act(&s->ui, row) && row->action == ACT_PAGE)
				fail_msg("%s keeps the keys of pages to itself", pages[page]->title);
			end(s);
		}
}

static void
to_select_another_group_leaves_the_one_zoomed_into(void **state)
{
	struct scene *s = scene(1);

	(void)state;
	s->ui.page = PAGE_GRAPH;
	s->ui.group.at = 1;
	page_graph.act(&s->ui, keys_find('+', ON_GRAPH));
	assert_int_equal(s->ui.graph->zoom, ZOOM_TASKS);
	s->ui.graph->task.at = 63;
	s->ui.group.at = 3;
	page_graph.act(&s->ui, keys_find('j', ON_GRAPH));
	assert_int_equal(s->ui.graph->zoom, ZOOM_GROUPS);
	end(s);
}

static void
rows_go_to_those_of_low_rank_first(void **state)
{
	struct slot slot[] = {
		{ .rank = 1, .min = 2, .want = 9 }, { .rank = 0, .min = 1, .want = 1 },
		{ .rank = 2, .min = 3, .want = 3, .is_late = 1 },
	};

	(void)state;
	layout_rows(slot, 3, 8);
	assert_int_equal(slot[0].rows, 7);
	assert_int_equal(slot[1].rows, 1);
	assert_int_equal(slot[2].rows, 0);
	layout_rows(slot, 3, 13);
	assert_int_equal(slot[0].rows, 9);
	assert_int_equal(slot[2].at, 10);
	assert_int_equal(slot[2].rows, 3);
	layout_rows(slot, 3, 1);
	assert_int_equal(slot[0].rows, 0);
	assert_int_equal(slot[1].rows, 1);
}

static void
boxes_of_a_layout_never_overlap(void **state)
{
	static const struct layout_size sizes[] = { { 4, 20, 9, 0 }, { 4, 14, 5, 60 }, { 3, 9, 3, 0 } };
	struct scene *s = scene(1);
	struct layout l;
	int text[8] = { 6, 8, 14, 14, 5 };
	size_t i;
	int a, b;

	(void)state;
	for (i = 0; i < 3; i++) {
		layout_make(&l, s->graph, text, &sizes[i]);
		for (a = 0; a < 5; a++)
			for (b = 0; b < a; b++) {
				const struct layout_box *x = &l.box[a], *y = &l.box[b];

				assert_true(x->row + x->rows <= y->row || y->row + y->rows <= x->row ||
					    x->col + x->cols <= y->col || y->col + y->cols <= x->col);
			}
		for (a = 0; a < 5; a++) {
			assert_true(l.box[a].row >= 0 && l.box[a].row + l.box[a].rows <= l.rows);
			assert_true(l.box[a].col >= 0 && l.box[a].col + l.box[a].cols <= l.cols);
		}
		layout_fini(&l);
	}
	end(s);
}

static void
pasted_text_is_typed_and_never_done(void **state)
{
	struct prompt p = { 0 };

	(void)state;
	prompt_open(&p, ':', "");
	assert_int_equal(prompt_key(&p, 'a', 1), PROMPT_GOES_ON);
	assert_int_equal(prompt_key(&p, KEY_RETURN, 1), PROMPT_GOES_ON);
	assert_int_equal(prompt_key(&p, KEY_ESC, 1), PROMPT_GOES_ON);
	assert_int_equal(prompt_key(&p, 0xe9, 1), PROMPT_GOES_ON);
	assert_string_equal(p.text, "a \xc3\xa9");
	assert_int_equal(prompt_key(&p, KEY_BACK, 0), PROMPT_GOES_ON);
	assert_string_equal(p.text, "a ");
	assert_int_equal(prompt_key(&p, KEY_RETURN, 0), PROMPT_DONE);
	assert_int_equal(p.mark, 0);
}

static void
a_line_takes_no_more_than_it_holds(void **state)
{
	struct prompt p = { 0 };
	int i;

	(void)state;
	prompt_open(&p, '/', "");
	for (i = 0; i < 5000; i++)
		prompt_key(&p, 0x6f22, 0);
	assert_true(p.n < PROMPT_MAX);
	assert_int_equal(p.n % 3, 0);
	assert_int_equal(strlen(p.text), p.n);
}

static void
a_cursor_stays_in_its_list_and_on_its_screen(void **state)
{
	struct cursor c = { 0 };
	uint32_t n;
	int rows, i;

	(void)state;
	for (n = 0; n < 12; n++)
		for (rows = 0; rows < 8; rows++)
			for (i = 0; i < 40; i++) {
				cursor_act(&c, (enum action)(ACT_UP + i % (ACT_LAST - ACT_UP + 1)), n, rows);
				cursor_settle(&c, n, rows);
				assert_true(c.at < n || (!n && !c.at));
				assert_true(c.top <= c.at && c.at - c.top < (uint32_t)(rows > 0 ? rows : 1));
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_overview_tells_workers_why_idle_and_groups),
		cmocka_unit_test(a_small_screen_keeps_the_bar_the_counts_why_and_the_footer),
		cmocka_unit_test(the_graph_has_a_box_a_group_and_tells_fan_in_at_its_edges),
		cmocka_unit_test(a_graph_wider_than_the_screen_goes_on_below),
		cmocka_unit_test(queues_tell_rank_wait_and_why_a_task_is_held),
		cmocka_unit_test(a_timeline_names_long_tasks_and_gives_idleness_its_letter),
		cmocka_unit_test(help_lists_every_key_of_the_table),
		cmocka_unit_test(the_manual_tells_every_key_of_the_table),
		cmocka_unit_test(every_page_at_every_size_stays_within_its_cells),
		cmocka_unit_test(every_key_on_every_page_leaves_it_drawable),
		cmocka_unit_test(a_key_may_come_before_the_first_frame_of_its_page),
		cmocka_unit_test(to_select_another_group_leaves_the_one_zoomed_into),
		cmocka_unit_test(rows_go_to_those_of_low_rank_first),
		cmocka_unit_test(boxes_of_a_layout_never_overlap),
		cmocka_unit_test(pasted_text_is_typed_and_never_done),
		cmocka_unit_test(a_line_takes_no_more_than_it_holds),
		cmocka_unit_test(a_cursor_stays_in_its_list_and_on_its_screen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
