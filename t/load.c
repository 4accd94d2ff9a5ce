/* SPDX-License-Identifier: MIT */
/* load - each refusal in its words, and damaged files that take nobody down. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/base/err.h"
#include "core/base/keeper.h"
#include "core/base/sha256.h"
#include "core/base/xalloc.h"
#include "core/plugin/def.h"
#include "core/plugin/load.h"
#include "core/plugin/trust.h"

/* A fork is fifty times as slow with its shadow. */
#ifdef __SANITIZE_ADDRESS__
enum { CUTS = 100, FLIPS = 200 };
#else
enum { CUTS = 400, FLIPS = 2000 };
#endif

static struct keeper *keeper;
static char dir[] = "/tmp/heddle-load-XXXXXX";

static char *
built(const char *name)
{
	const char *build = getenv("HEDDLE_BUILD");

	return xasprintf("%s/%s", build ? build : ".", name);
}

static char *
in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static unsigned char *
slurp(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	unsigned char *at;
	struct stat st;

	if (!f || fstat(fileno(f), &st) < 0)
		fail_msg("%s: %s", path, strerror(errno));
	*n = (size_t)st.st_size;
	at = xmalloc(*n);
	assert_int_equal(fread(at, 1, *n, f), *n);
	fclose(f);
	return at;
}

/* A new file each time: what may be mapped is never written over. */
static void
spit(const char *path, const void *at, size_t n)
{
	FILE *f;

	unlink(path);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(at, 1, n, f), n);
	fclose(f);
}

static void
copy(const char *from, const char *to)
{
	size_t n;
	unsigned char *at = slurp(from, &n);

	spit(to, at, n);
	free(at);
}

static int
up(void **state)
{
	(void)state;
	return !mkdtemp(dir);
}

static int
down(void **state)
{
	char *cmd = xasprintf("rm -rf '%s'", dir);
	int bad = system(cmd);

	(void)state;
	free(cmd);
	keeper_stop(keeper);
	return bad;
}

/* Load path, which must be refused; what was said behind the path. */
static const char *
said(const char *path, struct err *err)
{
	struct plugin *p = NULL;

	memset(err, 0, sizeof(*err));
	assert_int_equal(plugin_load(&p, path, 0, keeper, err), -1);
	assert_null(p);
	assert_int_equal(err->code, EXIT_PLUGIN);
	if (strncmp(err->text, path, strlen(path)) || strncmp(err->text + strlen(path), ": ", 2))
		fail_msg("'%s' does not start with its path %s", err->text, path);
	return err->text + strlen(path) + 2;
}

static struct plugin *
must_load(const char *path, int is_trusted, struct keeper *k)
{
	struct err err = { 0 };
	struct plugin *p = NULL;

	if (plugin_load(&p, path, is_trusted, k, &err) < 0)
		fail_msg("%s", err.text);
	return p;
}

static void
a_good_plugin_loads_with_its_tables(void **state)
{
	char *path = built("plugins/fifo.so");
	struct plugin *p = must_load(path, 0, keeper);
	unsigned char want[SHA256_SIZE];
	int fd = open(path, O_RDONLY);

	(void)state;
	assert_string_equal(p->def.name, "fifo");
	assert_string_equal(p->path, path);
	assert_non_null(p->scheduler);
	assert_null(p->collection);
	assert_ptr_equal(p->scheduler, p->def.scheduler);
	assert_int_equal(sha256_fd(fd, want), 0);
	assert_memory_equal(p->sha256, want, sizeof(want));
	assert_null(plugin_op(p, "read"));
	close(fd);
	plugin_free(p);
	free(path);
}

static void
sha256_is_that_of_the_standard(void **state)
{
	static const struct { const char *text; size_t times; const char *want; } rows[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sha256 c;
		unsigned char d[SHA256_SIZE];
		char hex[2 * SHA256_SIZE + 1];

		sha256_init(&c);
		for (size_t k = 0; k < rows[i].times; k++)
			sha256_add(&c, rows[i].text, strlen(rows[i].text));
		sha256_end(&c, d);
		for (int k = 0; k < SHA256_SIZE; k++)
			sprintf(hex + 2 * k, "%02x", d[k]);
		assert_string_equal(hex, rows[i].want);
	}
}

static const struct { const char *name, *want; } wrong[] = {
	{ "abi-newer", "abi 2, this heddle wants 1" },
	{ "abi-older", "abi 0, this heddle wants 1" },
	{ "other-name", "calls itself 'another'; expected 'other-name', as the file is named" },
	{ "no-symbol", "exports no heddle_plugin" },
	{ "unresolved", "undefined symbol: heddle_nobody_has_this" },
	{ "newer-used", "uses a field of scheduler (byte 72), which this heddle does not know" },
	{ "aborts", "loading it died of signal 6 (Aborted)" },
	{ "hangs", "loading it took over 2 s" },
	{ "hides", "loading it took over 2 s" },
};

static void
each_wrong_plugin_is_refused_in_its_words(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char *name = xasprintf("t/bad/%s.so", wrong[i].name), *path = built(name);

		assert_string_equal(said(path, &err), wrong[i].want);
		free(name);
		free(path);
	}
}

/* A sanitizer has its own way of ending: the words differ in their tail. */
static void
a_constructor_that_ends_its_process_is_refused(void **state)
{
	static const struct { const char *file, *start; } rows[] = {
		{ "t/bad/crashes.so", "loading it " },
		{ "t/bad/exits.so", "loading it ended the process with code " },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *path = built(rows[i].file);

		if (strncmp(said(path, &err), rows[i].start, strlen(rows[i].start)))
			fail_msg("%s", err.text);
		free(path);
	}
}

static void
newer_fields_left_zero_are_no_harm(void **state)
{
	char *path = built("t/bad/newer.so");
	struct plugin *p = must_load(path, 0, keeper);

	(void)state;
	assert_int_equal(p->def.size, sizeof(struct heddle_plugin) + 8);
	assert_non_null(p->scheduler->next);
	plugin_free(p);
	free(path);
}

/* ---- files that are no plugins ---------------------------------------- */

static void
what_is_no_shared_object_is_refused(void **state)
{
	char *good = built("plugins/fifo.so"), *x = in_dir("x.so"), *none = in_dir("none.so");
	struct err err;
	char *want;
	unsigned char *at;
	size_t n;

	(void)state;
	at = slurp(good, &n);
	spit(x, "", 0);
	assert_string_equal(said(x, &err), "is no shared object");
	spit(x, "int main(void) { return 0; }", 28);
	assert_string_equal(said(x, &err), "is no shared object");
	spit(x, at, 40);
	assert_string_equal(said(x, &err),
			    "is cut off: its tables lie beyond the end of the file");
	spit(x, at, n / 2);
	assert_string_equal(said(x, &err),
			    "is cut off: a segment lies beyond the end of the file");
	at[18] ^= 0xff;
	spit(x, at, n);
	want = xasprintf("is for machine %u, this heddle for %u", at[18] | at[19] << 8,
			 (at[18] ^ 0xff) | at[19] << 8);
	assert_string_equal(said(x, &err), want);
	free(want);
	at[18] ^= 0xff;
	at[4] = at[4] == 1 ? 2 : 1;
	spit(x, at, n);
	want = xasprintf("has %d bits, this heddle %d", at[4] == 1 ? 32 : 64, at[4] == 1 ? 64 : 32);
	assert_string_equal(said(x, &err), want);
	free(want);
	unlink(x);
	assert_int_equal(mkdir(x, 0700), 0);
	assert_string_equal(said(x, &err), "is no regular file");
	assert_int_equal(rmdir(x), 0);
	assert_int_equal(mkfifo(x, 0600), 0);
	assert_string_equal(said(x, &err), "is no regular file");
	unlink(x);
	assert_string_equal(said(x, &err), "No such file or directory");
	assert_int_equal(symlink(none, x), 0);
	assert_string_equal(said(x, &err), "No such file or directory");
	unlink(x);
	assert_string_equal(said("/etc/passwd", &err), "expected a file named NAME.so");
	assert_string_equal(said("/.so", &err), "expected a file named NAME.so");
	free(at);
	free(good);
	free(x);
	free(none);
}

/* Bytes of a plugin, its headers and dynamic section found. */
struct image {
	unsigned char *at;
	size_t n;
	ElfW(Ehdr) *head;
	ElfW(Phdr) *load, *dynamic;
	ElfW(Dyn) *dyn;
};

static void
image_init(struct image *m, const char *path)
{
	ElfW(Phdr) *p;

	m->at = slurp(path, &m->n);
	m->head = (void *)m->at;
	m->load = m->dynamic = NULL;
	p = (void *)(m->at + m->head->e_phoff);
	for (int i = m->head->e_phnum - 1; i >= 0; i--)
		if (p[i].p_type == PT_LOAD)
			m->load = &p[i];
		else if (p[i].p_type == PT_DYNAMIC)
			m->dynamic = &p[i];
	assert_non_null(m->load);
	assert_non_null(m->dynamic);
	m->dyn = (void *)(m->at + m->dynamic->p_offset);
}

static void
find_and_rename(struct image *m, ElfW(Sxword) tag)
{
	ElfW(Dyn) *d = m->dyn;

	while (d->d_tag != tag)
		d++;
	d->d_tag = DT_DEBUG;
}

static void other_order(struct image *m) { m->head->e_ident[EI_DATA] ^= 3; }
static void an_object(struct image *m) { m->head->e_type = ET_REL; }
static void no_headers(struct image *m) { m->head->e_phentsize = 0; }
static void too_full(struct image *m) { m->load->p_filesz = m->load->p_memsz + 1; }
static void no_dynamic(struct image *m) { m->dynamic->p_type = PT_NULL; }
static void endless(struct image *m) { m->dynamic->p_filesz = sizeof(*m->dyn); }
static void no_symbols(struct image *m) { find_and_rename(m, DT_SYMTAB); }

static void
astray(struct image *m)
{
	ElfW(Dyn) *d = m->dyn;

	while (d->d_tag != DT_STRTAB)
		d++;
	d->d_un.d_ptr = (ElfW(Addr))-8;
}

static void
each_damage_to_its_headers_is_told(void **state)
{
	static const struct { void (*harm)(struct image *); const char *said; } rows[] = {
		{ other_order, "has the other byte order" },
		{ an_object, "is no shared object (not linked with -shared)" },
		{ no_headers, "is damaged: it has no program headers of this machine" },
		{ too_full, "is damaged: a segment does not fit its place" },
		{ no_dynamic, "is damaged: it has no dynamic section" },
		{ endless, "is damaged: its dynamic section has no end" },
		{ astray, "is damaged: a table of its dynamic section lies nowhere" },
		{ no_symbols, "is damaged: its dynamic section names no symbols" },
	};
	char *good = built("plugins/fifo.so"), *x = in_dir("harmed.so");
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct image m;

		image_init(&m, good);
		rows[i].harm(&m);
		spit(x, m.at, m.n);
		assert_string_equal(said(x, &err), rows[i].said);
		free(m.at);
	}
	free(good);
	free(x);
}

/* ---- who may write it -------------------------------------------------- */

static void
what_others_may_write_is_refused(void **state)
{
	char *good = built("plugins/fifo.so"), *sub = in_dir("sub"), *deep = in_dir("sub/deep");
	char *x = in_dir("sub/deep/fifo.so"), *link = in_dir("fifo.so"), *want;
	struct err err;

	(void)state;
	assert_int_equal(mkdir(sub, 0700), 0);
	assert_int_equal(mkdir(deep, 0700), 0);
	copy(good, x);
	assert_int_equal(symlink(x, link), 0);
	chmod(x, 0646);
	assert_string_equal(said(x, &err), "may be written by everyone");
	assert_string_equal(said(link, &err), "may be written by everyone");
	chmod(x, 0644);
	chmod(deep, 0707);
	want = xasprintf("its folder %s may be written by everyone", deep);
	assert_string_equal(said(x, &err), want);
	assert_string_equal(said(link, &err), want);
	chmod(deep, 0700);
	chmod(sub, 0707);
	free(want);
	want = xasprintf("folder %s above it may be written by everyone", sub);
	assert_string_equal(said(x, &err), want);
	chmod(sub, 01707);
	plugin_free(must_load(x, 0, keeper));
	chmod(sub, 0700);
	plugin_free(must_load(link, 0, keeper));
	free(want);
	free(good);
	free(sub);
	free(deep);
	free(x);
	free(link);
}

static void
what_belongs_to_another_is_refused(void **state)
{
	char *good = built("plugins/fifo.so"), *sub = in_dir("theirs");
	char *x = in_dir("theirs/fifo.so"), *want;
	struct err err;

	(void)state;
	if (geteuid())
		return;			/* its name says so, in main */
	assert_int_equal(mkdir(sub, 0755), 0);
	copy(good, x);
	assert_int_equal(chown(x, 65534, 65534), 0);
	assert_string_equal(said(x, &err), "belongs to user 65534; expected root or you");
	assert_int_equal(chown(x, 0, 50), 0);
	chmod(x, 0664);
	assert_string_equal(said(x, &err), "may be written by group 50");
	assert_int_equal(chown(x, 0, 0), 0);
	plugin_free(must_load(x, 0, keeper));
	assert_int_equal(chown(sub, 65534, 65534), 0);
	want = xasprintf("its folder %s belongs to user 65534; expected root or you", sub);
	assert_string_equal(said(x, &err), want);
	free(want);
	free(good);
	free(sub);
	free(x);
}

/* ---- the linker's memory ---------------------------------------------- */

static void
two_plugins_are_two_though_their_descriptors_are_one(void **state)
{
	char *fifo = built("plugins/fifo.so"), *lifo = built("plugins/lifo.so");
	char *stays = built("t/bad/stays.so");
	struct plugin *a, *b;

	(void)state;
	a = must_load(fifo, 0, NULL);
	b = must_load(lifo, 0, NULL);
	assert_string_equal(a->def.name, "fifo");
	assert_string_equal(b->def.name, "lifo");
	plugin_free(a);
	plugin_free(b);
	b = must_load(lifo, 0, NULL);
	assert_string_equal(b->def.name, "lifo");
	plugin_free(b);
	plugin_free(must_load(stays, 0, NULL));
	a = must_load(fifo, 0, NULL);
	assert_string_equal(a->def.name, "fifo");
	b = must_load(fifo, 0, NULL);
	assert_ptr_equal(a->def.name, b->def.name);
	plugin_free(a);
	assert_string_equal(b->def.name, "fifo");
	plugin_free(b);
	free(fifo);
	free(lifo);
	free(stays);
}

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void
loading_often_leaves_nothing_open(void **state)
{
	char *fifo = built("plugins/fifo.so"), *bad = built("t/bad/abi-newer.so");
	int before = count_fds();
	struct err err;

	(void)state;
	for (int i = 0; i < 300; i++) {
		plugin_free(must_load(fifo, 1, keeper));
		said(bad, &err);
	}
	assert_int_equal(count_fds(), before);
	free(fifo);
	free(bad);
}

/* Two files change places under one name: what is told of the file must be of
 * the one that was loaded. */
static void
a_file_that_is_swapped_is_never_the_wrong_one(void **state)
{
	char *x = in_dir("fifo.so"), *y = in_dir("other.so");
	char *fifo = built("plugins/fifo.so"), *evil = built("t/bad/other-name.so");
	unsigned char sum[SHA256_SIZE];
	int fd, nloaded = 0, nrefused = 0;
	pid_t swapper;

	(void)state;
	unlink(x);
	copy(fifo, x);
	copy(evil, y);
	fd = open(x, O_RDONLY);
	assert_int_equal(sha256_fd(fd, sum), 0);
	close(fd);
	swapper = fork();
	if (!swapper)
		for (;;)
			if (renameat2(AT_FDCWD, x, AT_FDCWD, y, RENAME_EXCHANGE) < 0)
				_exit(1);
	for (int i = 0; i < 500; i++) {
		struct err err = { 0 };
		struct plugin *p = NULL;

		if (plugin_load(&p, x, 0, keeper, &err) < 0) {
			if (!strstr(err.text, "calls itself 'another'"))
				fail_msg("%s", err.text);
			nrefused++;
			continue;
		}
		assert_memory_equal(p->sha256, sum, sizeof(sum));
		assert_string_equal(p->def.name, "fifo");
		plugin_free(p);
		nloaded++;
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	assert_true(nloaded > 0 && nrefused > 0);
	unlink(x);
	unlink(y);
	free(x);
	free(y);
	free(fifo);
	free(evil);
}

/* ---- damage ----------------------------------------------------------- */

/* Load a damaged file, well or not: what counts is that we are still here. */
static int
survives(const char *path, const unsigned char *at, size_t n)
{
	struct err err = { 0 };
	struct plugin *p = NULL;
	int bad;

	spit(path, at, n);
	bad = plugin_load(&p, path, 0, keeper, &err);
	if (bad)
		assert_int_equal(err.code, EXIT_PLUGIN);
	plugin_free(p);
	return !bad;
}

static void
a_file_cut_at_any_length_takes_nobody_down(void **state)
{
	char *fifo = built("plugins/fifo.so"), *x = in_dir("fifo.so");
	size_t n;
	unsigned char *at = slurp(fifo, &n);
	int nloaded = 0;

	(void)state;
	for (size_t i = 0; i < CUTS; i++)
		nloaded += survives(x, at, n * i / CUTS);
	print_message("# %d of %d loaded\n", nloaded, CUTS);
	assert_true(nloaded < CUTS);
	assert_true(survives(x, at, n));
	free(at);
	free(fifo);
	free(x);
}

static uint64_t
random_next(uint64_t *s)
{
	uint64_t z = *s += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static void
a_file_with_one_bit_flipped_takes_nobody_down(void **state)
{
	const char *more = getenv("HEDDLE_FLIPS");
	char *fifo = built("plugins/fifo.so"), *x = in_dir("fifo.so");
	int nflips = more ? atoi(more) : FLIPS, nloaded = 0;
	uint64_t seed = 49;
	size_t n;
	unsigned char *at = slurp(fifo, &n);

	(void)state;
	for (int i = 0; i < nflips; i++) {
		size_t bit = random_next(&seed) % (8 * n);

		at[bit / 8] ^= (unsigned char)(1 << bit % 8);
		nloaded += survives(x, at, n);
		at[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	print_message("# %d of %d loaded\n", nloaded, nflips);
	assert_true(survives(x, at, n));
	free(at);
	free(fifo);
	free(x);
}

/* ---- tables that are wrong -------------------------------------------- */

static int
plan(const struct heddle_plan *p)
{
	return (p->fail)(p->self, "no");
}

static int
run(const struct heddle_call *c)
{
	return (c->fail)(c->self, "no");
}

static void *
open_it(const struct heddle_host *h, const struct heddle_graph *g, const struct heddle_arg *a)
{
	(void)h;
	(void)g;
	(void)a;
	return NULL;
}

static void
close_it(void *self)
{
	(void)self;
}

static void
ready_it(void *self, uint32_t w, const heddle_task *t, uint32_t n)
{
	(void)self;
	(void)w;
	(void)t;
	(void)n;
}

static heddle_task
next_it(void *self, uint32_t w)
{
	(void)self;
	(void)w;
	return HEDDLE_NONE;
}

#define SIZED(type) .size = sizeof(struct heddle_##type)
#define CALLS .open = open_it, .close = close_it, .ready = ready_it, .next = next_it

static void
def_said(const struct heddle_plugin *p, const char *want)
{
	struct err err = { 0 };
	struct def def;
	int bad = def_read(&def, p, "x", &err);

	assert_string_equal(err.text, want);
	assert_int_equal(bad, *want ? -1 : 0);
	if (bad)
		assert_int_equal(err.code, EXIT_PLUGIN);
	def_fini(&def);
}

static void
each_wrong_scheduler_table_is_refused(void **state)
{
	static const struct heddle_option kind[] = {
		{ SIZED(option), .name = "kind", .type = HEDDLE_INT }, { 0 },
	};
	static const struct heddle_option small[] = {
		{ .size = 16, .name = "a", .type = HEDDLE_INT }, { 0 },
	};
	static const struct { struct heddle_scheduler s; const char *want; } rows[] = {
		{ { SIZED(scheduler), CALLS }, "" },
		{ { SIZED(scheduler) }, "scheduler without open" },
		{ { SIZED(scheduler), .open = open_it }, "scheduler without close" },
		{ { SIZED(scheduler), .open = open_it, .close = close_it },
		  "scheduler without ready" },
		{ { SIZED(scheduler), .open = open_it, .close = close_it, .ready = ready_it },
		  "scheduler without next" },
		{ { .size = 8, CALLS }, "scheduler of 8 bytes; expected at least 72" },
		{ { .size = 73, CALLS },
		  "scheduler of 73 bytes; expected a multiple of 8 up to 4096" },
		{ { .size = 1 << 20, CALLS },
		  "scheduler of 1048576 bytes; expected a multiple of 8 up to 4096" },
		{ { SIZED(scheduler), CALLS, .flags = 2 },
		  "scheduler has flags 0x2, which this heddle does not know" },
		{ { SIZED(scheduler), CALLS, .options = kind },
		  "option 'kind' has a name that every [scheduler] has" },
		{ { SIZED(scheduler), CALLS, .options = small },
		  "option of 16 bytes; expected at least 56" },
	};
	static const struct heddle_scheduler good = { SIZED(scheduler), CALLS };
	static const struct heddle_collection none = { SIZED(collection) };
	struct heddle_plugin p = { .abi = HEDDLE_ABI, SIZED(plugin), .name = "x" };

	(void)state;
	def_said(&p, "is neither a collection nor a scheduler");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		p.scheduler = &rows[i].s;
		def_said(&p, rows[i].want);
	}
	p.scheduler = &good;
	p.collection = &none;
	def_said(&p, "is a collection and a scheduler; expected one");
	p.collection = NULL;
	p.name = NULL;
	def_said(&p, "plugin '': bad name; expected a-z, then a-z 0-9 _ . -");
	p.name = "X";
	def_said(&p, "plugin 'X': bad name; expected a-z, then a-z 0-9 _ . -");
	p.name = "x";
	p.size -= 8;
	def_said(&p, "plugin of 40 bytes; expected at least 48");
}

static void
each_wrong_collection_table_is_refused(void **state)
{
	static const struct heddle_option bad[] = {
		{ SIZED(option), .name = "n", .type = HEDDLE_CHOICE, .words = "a|b", .fallback = "c" },
		{ 0 },
	};
	static const struct heddle_op good[] = { { SIZED(op), .name = "a", .plan = plan }, { 0 } };
	static const struct { struct heddle_op op[3]; const char *want; } ops[] = {
		{ { { SIZED(op), .name = "a", .plan = plan, .takes = "text array*" } }, "" },
		{ { { SIZED(op), .name = "a" } }, "operation 'a' without plan" },
		{ { { SIZED(op), .name = "A", .plan = plan } },
		  "operation 'A': bad name; expected a-z, then a-z 0-9 _ . -" },
		{ { { SIZED(op), .name = "a", .plan = plan }, { SIZED(op), .name = "a", .plan = plan } },
		  "operation 'a' is there twice" },
		{ { { SIZED(op), .name = "a", .plan = plan, .flags = 4 } },
		  "operation 'a' has flags 0x4, which this heddle does not know" },
		{ { { SIZED(op), .name = "a", .plan = plan, .takes = "a* b" } },
		  "operation 'a' takes 'a* b'; expected kinds such as \"text\","
		  " \"array array\", \"text|bag.items\" or \"array*\"" },
		{ { { SIZED(op), .name = "a", .plan = plan, .takes = "a|b c" } }, "" },
		{ { { SIZED(op), .name = "a", .plan = plan, .options = bad } },
		  "operation 'a': default of option: n = c; expected a|b" },
		{ { { .size = 0 } }, "collection without operations" },
	};
	static const struct { struct heddle_kernel k[2]; const char *want; } kernels[] = {
		{ { { SIZED(kernel), .name = "k", .run = run, .flags = HEDDLE_PURE } }, "" },
		{ { { SIZED(kernel), .name = "k" } }, "kernel 'k' without run" },
		{ { { SIZED(kernel), .name = "k", .run = run, .flags = 16 } },
		  "kernel 'k' has flags 0x10, which this heddle does not know" },
		{ { { SIZED(kernel), .name = "k", .run = run,
		      .flags = HEDDLE_PURE | HEDDLE_EFFECT } },
		  "kernel 'k' says both PURE and EFFECT" },
	};
	struct heddle_collection c = { SIZED(collection) };
	struct heddle_plugin p = { .abi = HEDDLE_ABI, SIZED(plugin), .name = "x", .collection = &c };

	(void)state;
	def_said(&p, "collection without operations");
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		c.ops = ops[i].op;
		def_said(&p, ops[i].want);
	}
	c.ops = good;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		c.kernels = kernels[i].k;
		def_said(&p, kernels[i].want);
	}
}

static void
a_table_without_an_end_is_refused(void **state)
{
	static char names[1100][16];
	static struct heddle_kernel k[1100];
	static const struct heddle_op ops[] = { { SIZED(op), .name = "a", .plan = plan }, { 0 } };
	struct heddle_collection c = { SIZED(collection), .ops = ops, .kernels = k };
	struct heddle_plugin p = { .abi = HEDDLE_ABI, SIZED(plugin), .name = "x", .collection = &c };

	(void)state;
	for (int i = 0; i < 1100; i++) {
		snprintf(names[i], sizeof(names[i]), "k%d", i);
		k[i] = (struct heddle_kernel){ SIZED(kernel), .name = names[i], .run = run };
	}
	def_said(&p, "table of kernels has no end:"
		 " expected a row without a name within 1000");
}

/* A plugin of a later release: longer rows, the new part zero or not. */
static void
rows_are_copied_by_their_stride(void **state)
{
	struct later { struct heddle_kernel now; uint64_t more; } k[3] = {
		{ { .size = sizeof(k[0]), .name = "one", .run = run }, 0 },
		{ { .size = sizeof(k[0]), .name = "two", .run = run, .flags = 4 }, 0 },
	};
	static const struct heddle_op ops[] = { { SIZED(op), .name = "a", .plan = plan }, { 0 } };
	struct heddle_collection c = { SIZED(collection), .ops = ops, .kernels = &k[0].now };
	struct heddle_plugin p = { .abi = HEDDLE_ABI, SIZED(plugin), .name = "x", .collection = &c };
	struct def def;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(def_read(&def, &p, "x", &err), 0);
	assert_string_equal(def.collection.kernels[1].name, "two");
	assert_int_equal(def.collection.kernels[1].flags, 4);
	assert_null(def.collection.kernels[2].name);
	def_fini(&def);
	k[1].more = 1;
	def_said(&p, "uses a field of kernel 'two' (byte 24), which this heddle does not know");
}

int
main(void)
{
	struct CMUnitTest tests[] = {
		cmocka_unit_test(what_belongs_to_another_is_refused),
		cmocka_unit_test(sha256_is_that_of_the_standard),
		cmocka_unit_test(a_good_plugin_loads_with_its_tables),
		cmocka_unit_test(each_wrong_plugin_is_refused_in_its_words),
		cmocka_unit_test(a_constructor_that_ends_its_process_is_refused),
		cmocka_unit_test(newer_fields_left_zero_are_no_harm),
		cmocka_unit_test(what_is_no_shared_object_is_refused),
		cmocka_unit_test(each_damage_to_its_headers_is_told),
		cmocka_unit_test(what_others_may_write_is_refused),
		cmocka_unit_test(two_plugins_are_two_though_their_descriptors_are_one),
		cmocka_unit_test(loading_often_leaves_nothing_open),
		cmocka_unit_test(a_file_that_is_swapped_is_never_the_wrong_one),
		cmocka_unit_test(a_file_cut_at_any_length_takes_nobody_down),
		cmocka_unit_test(a_file_with_one_bit_flipped_takes_nobody_down),
		cmocka_unit_test(each_wrong_scheduler_table_is_refused),
		cmocka_unit_test(each_wrong_collection_table_is_refused),
		cmocka_unit_test(a_table_without_an_end_is_refused),
		cmocka_unit_test(rows_are_copied_by_their_stride),
	};

	/* cmocka's own skip() says "not ok", which automake takes at its word */
	if (geteuid())
		tests[0].name = "what_belongs_to_another_is_refused # SKIP only root gives away";
	if (keeper_start(&keeper, plugin_trial) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("load", tests, up, down);
}
