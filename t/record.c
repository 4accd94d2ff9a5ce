/* SPDX-License-Identifier: MIT */
/* record - a run is kept while it runs, and reads back as far as it is whole. */

#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/text.h"
#include "core/base/xalloc.h"
#include "core/record/crc32c.h"
#include "core/record/events.h"
#include "core/record/layout.h"
#include "core/record/prefix.h"
#include "core/record/record.h"
#include "core/record/replay.h"
#include "t/fake.h"

static const struct fake_group groups[] = {
	{ "list", 40, 0 }, { "count", 200, 2 }, { "chain", 9, -1 }, { "top", 25, 3 },
};
static const struct fake_group loose[] = { { "a", 300, 0 } };

struct bench {
	char store[64];
	struct graph *graph;
	struct fake fake;
	struct record *record;
	struct past *past;
	struct err err;
};

static int
drop(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static struct bench *
begin(const struct fake_group *group, uint32_t ngroups, uint32_t nworkers, uint64_t seed)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	strcpy(b->store, "/tmp/heddle-record-XXXXXX");
	if (!mkdtemp(b->store))
		fail_msg("no folder to be had");
	b->graph = fake_graph(group, ngroups, seed);
	fake_init(&b->fake, b->graph, nworkers, seed);
	if (record_new(&b->record, b->store, NULL, b->graph, nworkers, 1 << 20, &b->err) < 0)
		fail_msg("%s", b->err.text);
	return b;
}

static void
end(struct bench *b)
{
	past_free(b->past);
	record_free(b->record);
	fake_fini(&b->fake);
	graph_free(b->graph);
	nftw(b->store, drop, 16, FTW_DEPTH | FTW_PHYS);
	free(b);
}

static void
flush(struct bench *b)
{
	const struct log_sink *sink = record_sink(b->record);

	sink->flush(sink->self, b->fake.log, b->fake.nworkers);
}

static int
finish(struct bench *b)
{
	flush(b);
	return record_close(b->record, b->fake.live, "{}", 2, &b->err);
}

static void
read_back(struct bench *b)
{
	past_free(b->past);
	b->past = NULL;
	if (past_open(&b->past, b->store, 1, &b->err) < 0)
		fail_msg("%s", b->err.text);
}

static char *
path_of(const struct bench *b, const char *name)
{
	return xasprintf("%s/0001/%s", b->store, name);
}

static struct text
slurp(const struct bench *b, const char *name)
{
	struct text t = { 0 };
	char *path = path_of(b, name), buf[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	while (f && (n = fread(buf, 1, sizeof(buf), f)))
		text_addn(&t, buf, n);
	if (f)
		fclose(f);
	free(path);
	return t;
}

static void
spill(const struct bench *b, const char *name, const void *at, size_t n)
{
	char *path = path_of(b, name);
	FILE *f = fopen(path, "we");

	if (!f || fwrite(at, 1, n, f) != n || fclose(f))
		fail_msg("%s cannot be written", path);
	free(path);
}

static size_t
size_of(const struct bench *b, const char *name)
{
	char *path = path_of(b, name);
	struct stat st;
	size_t n = stat(path, &st) < 0 ? 0 : (size_t)st.st_size;

	free(path);
	return n;
}

static int
is_row(const struct log_row *a, const struct log_row *b)
{
	return !memcmp(a, b, offsetof(struct log_row, crc));
}

/* ---- whole runs --------------------------------------------------------- */

static void
a_run_reads_back_as_it_was(void **state)
{
	struct bench *b = begin(groups, 4, 3, 5);
	const struct log_sink *sink = record_sink(b->record);
	struct run_event e = {
		.at = 1234567890123u, .kind = EVENT_RETRY, .task = 41, .worker = 2, .code = -3,
		.attempt = 2, .n = 77, .peak = 99, .text = "a \"line\"\nof\ttwo \\ \x01 caf\xc3\xa9",
	};

	(void)state;
	b->fake.retry_per_mille = 40;
	for (uint64_t t = 1000; !fake_run(&b->fake, t); t += 1000)
		flush(b);
	sink->event(sink->self, &e);
	assert_int_equal(finish(b), 0);
	read_back(b);
	assert_int_equal(b->past->number, 1);
	assert_false(b->past->was_cut);
	assert_true(b->past->ndropped == 0);
	assert_memory_equal(b->past->live, b->fake.live, b->fake.live->size);
	for (uint32_t w = 0; w < 3; w++) {
		struct log_walk walk = { 0 };
		const struct log_row *r;
		uint64_t n = 0;

		for (; (r = log_next(&b->fake.log[w], &walk)); n++)
			assert_true(n < b->past->nrows[w] && is_row(r, &b->past->rows[w][n]));
		assert_true(n == b->past->nrows[w]);
	}
	assert_int_equal(b->past->nevents, 1);
	assert_true(b->past->event[0].at == e.at && b->past->event[0].kind == e.kind);
	assert_true(b->past->event[0].task == 41 && b->past->event[0].worker == 2);
	assert_true(b->past->event[0].code == -3 && b->past->event[0].n == 77);
	assert_string_equal(b->past->event[0].text, e.text);
	assert_int_equal(b->past->graph->csr.ntasks, b->graph->csr.ntasks);
	end(b);
}

static void
without_a_store_nothing_is_kept_and_nothing_fails(void **state)
{
	struct record *r = (void *)1;

	(void)state;
	assert_int_equal(record_new(&r, NULL, NULL, NULL, 1, 0, NULL), 0);
	assert_null(r);
	assert_null(record_sink(r));
	assert_null(record_dir(r));
	assert_int_equal(record_number(r), 0);
	assert_int_equal(record_close(r, NULL, NULL, 0, NULL), 0);
	record_free(r);
}

static int
check_mode(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)ftw;
	if ((st->st_mode & 0777) != (kind == FTW_D || kind == FTW_DP ? 0700 : 0600))
		fail_msg("%s has mode %o", path, (unsigned)st->st_mode & 0777);
	return 0;
}

static void
all_files_are_for_their_owner_alone(void **state)
{
	struct bench *b = begin(groups, 4, 2, 5);
	const struct log_sink *sink = record_sink(b->record);
	mode_t mask = umask(0);

	(void)state;
	close(sink->open_log(sink->self, 3, 1));
	fake_run(&b->fake, UINT64_MAX);
	assert_int_equal(finish(b), 0);
	nftw(record_dir(b->record), check_mode, 16, FTW_PHYS);
	umask(mask);
	end(b);
}

static void
runs_are_numbered_and_listed_newest_first(void **state)
{
	struct bench *b = begin(loose, 1, 2, 5);
	struct record *cut, *going;
	struct past_row *row;
	size_t n;

	(void)state;
	fake_run(&b->fake, UINT64_MAX);
	b->fake.live->done = 300;
	b->fake.live->held_peak = 12;
	assert_int_equal(finish(b), 0);
	assert_int_equal(record_new(&cut, b->store, NULL, b->graph, 2, 0, &b->err), 0);
	assert_int_equal(record_number(cut), 2);
	record_free(cut);
	assert_int_equal(record_new(&going, b->store, NULL, b->graph, 4, 0, &b->err), 0);
	row = past_list(b->store, &n);
	assert_int_equal(n, 3);
	assert_true(row[0].number == 3 && row[0].status == RUN_RUNNING && row[0].workers == 4);
	assert_true(row[1].number == 2 && row[1].status == RUN_PLANNED && row[1].ntasks == 300);
	assert_true(row[2].number == 1 && row[2].status == RUN_OK && row[2].done == 300);
	assert_string_equal(row[2].job, "fake");
	assert_true(row[2].held_peak == 12 && row[2].wall_ns == b->fake.now);
	assert_true(row[2].run_ns + row[2].idle_ns == 2 * b->fake.now - 7);
	free(row);
	record_free(going);
	assert_null(past_list("/nowhere/at/all", &n));
	assert_int_equal(n, 0);
	end(b);
}

static void
a_run_that_is_not_there_is_told(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);

	(void)state;
	assert_int_equal(past_open(&b->past, b->store, 99, &b->err), -1);
	assert_int_equal(b->err.code, EXIT_USAGE);
	assert_non_null(strstr(b->err.text, "run 99: no such run in "));
	end(b);
}

/* ---- runs that were cut ------------------------------------------------- */

static void
a_run_cut_short_has_the_state_its_rows_say(void **state)
{
	struct bench *b = begin(groups, 4, 3, 9);
	struct live_sum want[4], got[4];
	struct replay_rows rows[3];
	struct replay *r;

	(void)state;
	b->fake.fail_per_mille = 20;
	assert_false(fake_run(&b->fake, 30000));
	flush(b);
	for (int i = 0; i < 3; i++)
		rows[i] = (struct replay_rows){ &b->fake.log[i], NULL, 0 };
	r = replay_new(b->graph, rows, 3);
	/* what ran when it was cut has no row: all ends, no open starts */
	replay_seek(r, UINT64_MAX);
	replay_sums(r, want);
	read_back(b);
	assert_true(b->past->was_cut && b->past->live->end > 0);
	live_sums(b->past->live, b->past->graph, got);
	for (int k = 0; k < 4; k++) {
		assert_int_equal(got[k].done, want[k].done);
		assert_int_equal(got[k].failed, want[k].failed);
		assert_int_equal(got[k].ready, want[k].ready);
		assert_int_equal(got[k].blocked, want[k].blocked);
		assert_int_equal(got[k].running, 0);
	}
	for (heddle_task t = 0; t < b->graph->csr.ntasks; t++)
		assert_int_equal(task_state_of(live_words(b->past->live)[t]), replay_state(r, t));
	replay_free(r);
	end(b);
}

/* The 500 rows of a run's only worker as a file, and how its head must be. */
static struct text
journal(struct bench *b, struct record_head *head)
{
	struct text whole;

	for (int i = 0; i < 500; i++)
		log_add(&b->fake.log[0], (uint64_t)i * 10, (uint64_t)i * 10 + 7, 1,
			(heddle_task)i % 300);
	flush(b);
	whole = slurp(b, "record/0");
	assert_int_equal(whole.n, 64 + 500 * 32);
	memcpy(head, whole.at, sizeof(*head));
	return whole;
}

static void
cut_at_every_byte_the_longest_prefix_is_kept(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	int dir = open(record_dir(b->record), O_RDONLY | O_DIRECTORY);
	char *path = path_of(b, "record/0");
	struct record_head head;
	struct text whole = journal(b, &head);

	(void)state;
	for (size_t n = whole.n + 1; n--;) {
		uint64_t rows = n < 64 ? 0 : (n - 64) / 32, dropped;
		struct prefix p;

		assert_int_equal(truncate(path, (off_t)n), 0);
		dropped = prefix_open(&p, dir, &head, 300);
		if (p.n != rows || dropped != (n > 64 && (n - 64) % 32 != 0))
			fail_msg("%zu bytes: %llu rows kept, %llu dropped", n,
				 (unsigned long long)p.n, (unsigned long long)dropped);
		if (rows && memcmp(p.row, whole.at + 64, rows * 32))
			fail_msg("%zu bytes: other rows", n);
		prefix_fini(&p);
		if (n % 1999)
			continue;
		read_back(b);
		assert_true(b->past->nrows[0] == rows && b->past->was_cut);
	}
	text_fini(&whole);
	free(path);
	close(dir);
	end(b);
}

static void
a_flipped_bit_ends_the_prefix_and_invents_nothing(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	int dir = open(record_dir(b->record), O_RDONLY | O_DIRECTORY);
	char *path = path_of(b, "record/0");
	struct record_head head;
	struct text whole = journal(b, &head);
	int fd = open(path, O_WRONLY);
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t bit = fake_random(&seed) % (whole.n * 8), at = bit / 8;
		uint64_t rows = at < 64 ? 0 : (at - 64) / 32;
		char flipped = (char)(whole.at[at] ^ 1 << bit % 8);
		struct prefix p;

		assert_int_equal(pwrite(fd, &flipped, 1, (off_t)at), 1);
		prefix_open(&p, dir, &head, 300);
		if (p.n != rows || (rows && memcmp(p.row, whole.at + 64, rows * 32)))
			fail_msg("bit %llu: %llu rows", (unsigned long long)bit,
				 (unsigned long long)p.n);
		prefix_fini(&p);
		assert_int_equal(pwrite(fd, whole.at + at, 1, (off_t)at), 1);
	}
	text_fini(&whole);
	free(path);
	close(fd);
	close(dir);
	end(b);
}

static void
rows_that_lost_a_predecessor_are_dropped(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct bench *b = begin(groups, 4, 3, (uint64_t)i);
		uint8_t done[274] = { 0 };
		struct text whole;
		uint64_t kept = 0, had = 0;
		char name[16];

		fake_run(&b->fake, UINT64_MAX);
		flush(b);
		for (uint32_t w = 0; w < 3; w++)
			had += (size_of(b, (sprintf(name, "record/%u", w), name)) - 64) / 32;
		sprintf(name, "record/%d", i % 3);
		whole = slurp(b, name);
		spill(b, name, whole.at, fake_random(&seed) % whole.n);
		text_fini(&whole);
		read_back(b);
		for (uint32_t w = 0; w < 3; w++)
			for (uint64_t k = 0; k < b->past->nrows[w]; k++, kept++)
				if (b->past->rows[w][k].task != HEDDLE_NONE)
					done[b->past->rows[w][k].task] = 1;
		for (heddle_task t = 0; t < 274; t++)
			for (uint64_t e = b->graph->csr.pred_at[t];
			     done[t] && e < b->graph->csr.pred_at[t + 1]; e++)
				if (!done[b->graph->csr.pred[e]])
					fail_msg("task %u is kept without its predecessor", t);
		assert_true(kept < had && b->past->ndropped > 0);
		end(b);
	}
}

static void
rows_that_cannot_be_are_not_believed(void **state)
{
	static const struct log_row bad[] = {
		{ 10, 20, 1, 300, 0 },				/* no such task */
		{ 20, 10, 1, 1, 0 },				/* ends before it starts */
		{ 4, 20, 1, 1, 0 },				/* before the row before */
		{ 10, 20, 99 << 8 | 1, 1, 0 },			/* no such status */
		{ 10, 20, (uint64_t)CLASS_N << 8, HEDDLE_NONE, 0 },
		{ 10, 20, (uint64_t)CLASS_RUN_CPU << 8, HEDDLE_NONE, 0 },
	};
	struct bench *b = begin(loose, 1, 1, 5);
	struct text whole;

	(void)state;
	log_add(&b->fake.log[0], 0, 5, 1, 0);
	log_add(&b->fake.log[0], 5, 6, 1, 1);
	flush(b);
	whole = slurp(b, "record/0");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct log_row row = bad[i];

		row.crc = crc32c(0, &row, offsetof(struct log_row, crc));
		memcpy(whole.at + 64 + 32, &row, sizeof(row));
		spill(b, "record/0", whole.at, whole.n);
		read_back(b);
		if (b->past->nrows[0] != 1)
			fail_msg("row %zu was believed", i);
	}
	text_fini(&whole);
	end(b);
}

static void
a_damaged_block_is_rebuilt_from_the_rows(void **state)
{
	struct bench *b = begin(groups, 4, 2, 5);
	struct live_sum sum[4];
	struct text live;

	(void)state;
	fake_run(&b->fake, UINT64_MAX);
	assert_int_equal(finish(b), 0);
	live = slurp(b, "live.bin");
	live.at[live.n / 2] ^= 4;
	spill(b, "live.bin", live.at, live.n);
	text_fini(&live);
	read_back(b);
	assert_true(b->past->was_cut);
	live_sums(b->past->live, b->past->graph, sum);
	assert_int_equal(sum[1].done, 200);
	end(b);
}

static void
a_damaged_graph_or_beginning_is_refused_in_words(void **state)
{
	static const char *const name[] = { "graph.bin", "begin.bin" };
	struct bench *b = begin(groups, 4, 2, 5);

	(void)state;
	fake_run(&b->fake, UINT64_MAX);
	assert_int_equal(finish(b), 0);
	for (int i = 0; i < 2; i++) {
		struct text whole = slurp(b, name[i]);

		whole.at[whole.n / 3] ^= 1;
		spill(b, name[i], whole.at, whole.n);
		assert_int_equal(past_open(&b->past, b->store, 1, &b->err), -1);
		assert_int_equal(b->err.code, EXIT_ENV);
		assert_non_null(strstr(b->err.text, name[i]));
		whole.at[whole.n / 3] ^= 1;
		spill(b, name[i], whole.at, whole.n);
		text_fini(&whole);
	}
	end(b);
}

/* ---- while it is written ------------------------------------------------ */

static void
a_worker_syncs_its_rows_at_once(void **state)
{
	struct bench *b = begin(loose, 1, 2, 5);
	const struct log_sink *sink = record_sink(b->record);

	(void)state;
	log_add(&b->fake.log[1], 0, 5, 1, 0);
	sink->sync(sink->self, &b->fake.log[1], 1);
	assert_int_equal(size_of(b, "record/1"), 64 + 32);
	assert_int_equal(size_of(b, "record/0"), 0);
	log_add(&b->fake.log[1], 5, 9, 1, 1);
	sink->sync(sink->self, &b->fake.log[1], 1);
	flush(b);
	assert_int_equal(size_of(b, "record/1"), 64 + 64);
	end(b);
}

/* A run has rows of workers to spare, and uses them when it is asked to. */
static void
workers_that_come_later_are_kept_too(void **state)
{
	struct bench *b = begin(groups, 4, 4, 5);
	struct record *r;

	(void)state;
	assert_int_equal(record_new(&r, b->store, NULL, b->graph, 1, 0, &b->err), 0);
	record_free(b->record);
	b->record = r;			/* begun with one, run with four */
	fake_run(&b->fake, UINT64_MAX);
	flush(b);
	assert_int_equal(past_open(&b->past, b->store, 2, &b->err), 0);
	assert_true(b->past->was_cut && b->past->nworkers == 4 && b->past->ndropped == 0);
	assert_int_equal(b->past->live->done, b->graph->csr.ntasks);
	past_free(b->past);
	b->past = NULL;
	assert_int_equal(finish(b), 0);
	assert_int_equal(past_open(&b->past, b->store, 2, &b->err), 0);
	assert_true(!b->past->was_cut && b->past->nworkers == 4);
	assert_memory_equal(b->past->live, b->fake.live, b->fake.live->size);
	end(b);
}

static void
many_workers_need_few_descriptors(void **state)
{
	struct bench *b = begin(loose, 1, 100, 5);
	struct rlimit was, few;

	(void)state;
	getrlimit(RLIMIT_NOFILE, &was);
	few = (struct rlimit){ 40, was.rlim_max };
	setrlimit(RLIMIT_NOFILE, &few);
	assert_false(fake_run(&b->fake, 500));
	flush(b);
	fake_run(&b->fake, UINT64_MAX);
	assert_int_equal(finish(b), 0);
	setrlimit(RLIMIT_NOFILE, &was);
	read_back(b);
	assert_true(b->past->ndropped == 0 && !b->past->was_cut);
	end(b);
}

struct syncer { struct bench *b; uint32_t worker; };

static void *
sync_rows(void *arg)
{
	const struct syncer *s = arg;
	const struct log_sink *sink = record_sink(s->b->record);
	struct log *log = &s->b->fake.log[s->worker];

	for (uint64_t i = 0; i < 5000; i++) {
		log_add(log, i * 10, i * 10 + 5, 1, (heddle_task)(i % 300));
		if (i % 3 == 0)
			sink->sync(sink->self, log, s->worker);
	}
	return NULL;
}

static void
workers_sync_while_the_run_flushes(void **state)
{
	struct bench *b = begin(loose, 1, 3, 5);
	struct syncer s[3];
	pthread_t thread[3];

	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		s[i] = (struct syncer){ b, i };
		assert_int_equal(pthread_create(&thread[i], NULL, sync_rows, &s[i]), 0);
	}
	for (int i = 0; i < 200; i++)
		flush(b);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	flush(b);
	read_back(b);
	assert_true(b->past->ndropped == 0);
	for (int i = 0; i < 3; i++) {
		assert_true(b->past->nrows[i] == 5000);
		for (uint64_t k = 0; k < 5000; k++)
			assert_true(b->past->rows[i][k].start == k * 10);
	}
	end(b);
}

static void
a_full_disk_is_told_once_and_what_was_written_stands(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	struct rlimit was, small;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){ 64 + 32 * 100 + 7, was.rlim_max };
	setrlimit(RLIMIT_FSIZE, &small);
	fake_run(&b->fake, UINT64_MAX);
	flush(b);
	flush(b);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(finish(b), -1);
	assert_int_equal(b->err.code, EXIT_ENV);
	assert_non_null(strstr(b->err.text, "/0001/record/0: cannot be written: "));
	read_back(b);
	assert_true(b->past->nrows[0] == 100);
	end(b);
}

static void
a_log_over_its_limit_keeps_its_beginning_and_its_end(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	const struct log_sink *sink = record_sink(b->record);
	int fd = sink->open_log(sink->self, 7, 2);
	char block[4096], *path;
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	for (int i = 0; i < 4096; i++) {
		memset(block, 'a' + i % 26, sizeof(block));
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
		if (i % 100 == 0)
			flush(b);
	}
	flush(b);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4096 * 4096);
	if ((uint64_t)st.st_blocks * 512 > (1 << 20) + 8192)
		fail_msg("%llu bytes on the disk", (unsigned long long)st.st_blocks * 512);
	path = past_log_path(record_dir(b->record), b->graph, 7, 0);
	assert_non_null(path);
	close(fd);
	fd = open(path, O_RDONLY);
	assert_int_equal(pread(fd, block, 1, 4096), 1);
	assert_int_equal(block[0], 'b');
	assert_int_equal(pread(fd, block, 1, 4095 * 4096), 1);
	assert_int_equal(block[0], 'a' + 4095 % 26);
	close(fd);
	free(path);
	assert_null(past_log_path(record_dir(b->record), b->graph, 8, 0));
	assert_null(past_log_path(record_dir(b->record), b->graph, 7, 1));
	end(b);
}

static void
each_attempt_has_a_log_of_its_own(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	const struct log_sink *sink = record_sink(b->record);
	int one = sink->open_log(sink->self, 7, 1), two = sink->open_log(sink->self, 7, 2);
	int again = sink->open_log(sink->self, 7, 2);
	char *path;

	(void)state;
	assert_true(one >= 0 && two >= 0 && again >= 0);
	assert_int_equal(write(two, "ab", 2), 2);
	assert_int_equal(write(again, "cd", 2), 2);
	assert_int_equal(size_of(b, "logs/7.2"), 4);
	assert_int_equal(size_of(b, "logs/7.1"), 0);
	path = past_log_path(record_dir(b->record), b->graph, 7, 0);
	assert_non_null(strstr(path, "/logs/7.2"));
	free(path);
	close(one);
	close(two);
	close(again);
	end(b);
}

/* ---- small parts -------------------------------------------------------- */

static void
crc32c_is_the_one_of_the_standard(void **state)
{
	unsigned char zero[32] = { 0 }, up[32], odd[1000];
	uint64_t seed = 4;

	(void)state;
	for (int i = 0; i < 32; i++)
		up[i] = (unsigned char)i;
	/* RFC 3720, B.4 */
	assert_true(crc32c(0, zero, 32) == 0x8a9136aa);
	assert_true(crc32c(0, up, 32) == 0x46dd794e);
	assert_true(crc32c(0, "123456789", 9) == 0xe3069283);
	assert_true(crc32c(crc32c(0, "1234", 4), "56789", 5) == 0xe3069283);
	for (int i = 0; i < 1000; i++)
		odd[i] = (unsigned char)fake_random(&seed);
	for (size_t n = 0; n < 1000; n += 7)
		assert_true(crc32c(0, odd, n) == crc32c_table(0, odd, n));
}

static void
any_line_of_events_reads_or_is_refused(void **state)
{
	static const struct { const char *line; int rc; } rows[] = {
		{ "{\"at_s\":1.5,\"kind\":\"fail\",\"text\":\"\\u00e9\\n\"}", 0 },
		{ "{\"kind\":\"note\",\"new\":\"key\",\"and\":12}", 0 },
		{ "{\"at_s\":1.5,\"kind\":\"what\"}", -1 },
		{ "{\"at_s\":1.5}", -1 },
		{ "", -1 }, { "{", -1 }, { "{}", -1 }, { "{\"kind\":\"note\"", -1 },
		{ "{\"kind\":\"no", -1 }, { "{\"kind\":\"note\",\"text\":\"\\u12\"}", -1 },
		{ "{\"kind\":\"note\",\"n\":}", -1 }, { "{\"\":1,\"kind\":\"note\"}", 0 },
		{ "{\"kind\":\"note\",\"n\":99999999999999999999999}", -1 },
		{ "[1]", -1 }, { "{\"kind\":[]}", -1 },
	};
	struct run_event e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int rc = event_read(&e, rows[i].line, strlen(rows[i].line));

		if (rc != rows[i].rc)
			fail_msg("%s: %d", rows[i].line, rc);
		if (!rc && e.kind == EVENT_FAIL) {
			assert_true(e.at == 1500000000 && e.task == HEDDLE_NONE);
			assert_string_equal(e.text, "\xc3\xa9\n");
		}
		if (!rc)
			free(e.text);
	}
}

static void
a_torn_last_event_is_left_out(void **state)
{
	struct bench *b = begin(loose, 1, 1, 5);
	const struct log_sink *sink = record_sink(b->record);
	struct run_event e = { .kind = EVENT_NOTE, .task = HEDDLE_NONE, .worker = HEDDLE_NONE,
			       .text = "said" };
	struct text whole;

	(void)state;
	for (int i = 0; i < 3; i++)
		sink->event(sink->self, &e);
	whole = slurp(b, "events.log");
	for (size_t n = 0; n <= whole.n; n++) {
		spill(b, "events.log", whole.at, n);
		read_back(b);
		assert_int_equal(b->past->nevents, n * 3 / whole.n);
	}
	text_fini(&whole);
	end(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_reads_back_as_it_was),
		cmocka_unit_test(without_a_store_nothing_is_kept_and_nothing_fails),
		cmocka_unit_test(all_files_are_for_their_owner_alone),
		cmocka_unit_test(runs_are_numbered_and_listed_newest_first),
		cmocka_unit_test(a_run_that_is_not_there_is_told),
		cmocka_unit_test(a_run_cut_short_has_the_state_its_rows_say),
		cmocka_unit_test(cut_at_every_byte_the_longest_prefix_is_kept),
		cmocka_unit_test(a_flipped_bit_ends_the_prefix_and_invents_nothing),
		cmocka_unit_test(rows_that_lost_a_predecessor_are_dropped),
		cmocka_unit_test(rows_that_cannot_be_are_not_believed),
		cmocka_unit_test(a_damaged_block_is_rebuilt_from_the_rows),
		cmocka_unit_test(a_damaged_graph_or_beginning_is_refused_in_words),
		cmocka_unit_test(a_worker_syncs_its_rows_at_once),
		cmocka_unit_test(workers_that_come_later_are_kept_too),
		cmocka_unit_test(many_workers_need_few_descriptors),
		cmocka_unit_test(workers_sync_while_the_run_flushes),
		cmocka_unit_test(a_full_disk_is_told_once_and_what_was_written_stands),
		cmocka_unit_test(a_log_over_its_limit_keeps_its_beginning_and_its_end),
		cmocka_unit_test(each_attempt_has_a_log_of_its_own),
		cmocka_unit_test(crc32c_is_the_one_of_the_standard),
		cmocka_unit_test(any_line_of_events_reads_or_is_refused),
		cmocka_unit_test(a_torn_last_event_is_left_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
