/* SPDX-License-Identifier: MIT */
/* elf - is a file a whole shared object of this machine? */

#include "core/plugin/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"
#include "core/base/xalloc.h"

#if UINTPTR_MAX == UINT64_MAX
typedef Elf64_Ehdr ehdr;
typedef Elf64_Phdr phdr;
typedef Elf64_Dyn dyn;
#else
typedef Elf32_Ehdr ehdr;
typedef Elf32_Phdr phdr;
typedef Elf32_Dyn dyn;
#endif

/* This program's own header, by the linker: it says what a plugin's must. */
extern const ehdr __ehdr_start __attribute__((visibility("hidden")));

struct elf {
	int fd;
	uint64_t size;			/* of the file */
	ehdr head;
	phdr *seg;			/* head.e_phnum of them */
	struct err *err;
};

static int
refuse(struct elf *e, const char *why)
{
	return err_set(e->err, EXIT_PLUGIN, "%s", why);
}

/* Do n bytes from at lie in 0 .. size? */
static int
is_within(uint64_t at, uint64_t n, uint64_t size)
{
	return at <= size && n <= size - at;
}

static const char cut_off[] = "is cut off: its tables lie beyond the end of the file";

static int
read_at(struct elf *e, void *to, size_t n, uint64_t at)
{
	ssize_t got;

	if (!is_within(at, n, e->size))
		return refuse(e, cut_off);
	do
		got = pread(e->fd, to, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(e->err, EXIT_PLUGIN, "cannot be read: %s", strerror(errno));
	return (size_t)got == n ? 0 : refuse(e, cut_off);
}

static int
check_head(struct elf *e)
{
	unsigned char magic[EI_NIDENT];
	const ehdr *own = &__ehdr_start;

	if (e->size < sizeof(magic) || read_at(e, magic, sizeof(magic), 0) < 0 ||
	    memcmp(magic, ELFMAG, SELFMAG))
		return refuse(e, "is no shared object");
	if (magic[EI_CLASS] != own->e_ident[EI_CLASS])
		return err_set(e->err, EXIT_PLUGIN, "has %s bits, this heddle %s",
			       magic[EI_CLASS] == ELFCLASS32 ? "32" : "64",
			       own->e_ident[EI_CLASS] == ELFCLASS32 ? "32" : "64");
	if (magic[EI_DATA] != own->e_ident[EI_DATA])
		return refuse(e, "has the other byte order");
	if (read_at(e, &e->head, sizeof(e->head), 0) < 0)
		return -1;
	if (e->head.e_machine != own->e_machine)
		return err_set(e->err, EXIT_PLUGIN, "is for machine %u, this heddle for %u",
			       e->head.e_machine, own->e_machine);
	if (e->head.e_type != ET_DYN)
		return refuse(e, "is no shared object (not linked with -shared)");
	return 0;
}

static int
check_segment(struct elf *e, const phdr *p)
{
	if (p->p_type == PT_NULL || p->p_type == PT_GNU_STACK)
		return 0;
	if (!is_within(p->p_offset, p->p_filesz, e->size))
		return refuse(e, "is cut off: a segment lies beyond the end of the file");
	if (p->p_type != PT_LOAD)
		return 0;
	if (p->p_filesz > p->p_memsz || !is_within(p->p_vaddr, p->p_memsz, UINTPTR_MAX) ||
	    (p->p_align > 1 && (p->p_vaddr - p->p_offset) % p->p_align))
		return refuse(e, "is damaged: a segment does not fit its place");
	return 0;
}

static int
check_segments(struct elf *e)
{
	if (!e->head.e_phnum || e->head.e_phentsize != sizeof(phdr))
		return refuse(e, "is damaged: it has no program headers of this machine");
	e->seg = xcalloc(e->head.e_phnum, sizeof(*e->seg));
	if (read_at(e, e->seg, e->head.e_phnum * sizeof(*e->seg), e->head.e_phoff) < 0)
		return -1;
	for (int i = 0; i < e->head.e_phnum; i++)
		if (check_segment(e, &e->seg[i]) < 0)
			return -1;
	return 0;
}

/* Is address at, and n bytes from it, in what a segment loads? */
static int
is_loaded(const struct elf *e, uint64_t at, uint64_t n)
{
	for (int i = 0; i < e->head.e_phnum; i++) {
		const phdr *p = &e->seg[i];

		if (p->p_type == PT_LOAD && at >= p->p_vaddr &&
		    is_within(at - p->p_vaddr, n, p->p_memsz))
			return 1;
	}
	return 0;
}

/* A table of the dynamic section: where it lies, how long it is. */
static const struct { int64_t at, size; } tables[] = {
	{ DT_STRTAB, DT_STRSZ }, { DT_SYMTAB, 0 }, { DT_HASH, 0 }, { DT_GNU_HASH, 0 },
	{ DT_RELA, DT_RELASZ }, { DT_REL, DT_RELSZ }, { DT_JMPREL, DT_PLTRELSZ },
	{ DT_INIT, 0 }, { DT_FINI, 0 }, { DT_VERSYM, 0 }, { DT_VERNEED, 0 }, { DT_VERDEF, 0 },
	{ DT_INIT_ARRAY, DT_INIT_ARRAYSZ }, { DT_FINI_ARRAY, DT_FINI_ARRAYSZ },
};

static const dyn *
find(const dyn *d, int64_t tag)
{
	for (; d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return d;
	return NULL;
}

static int
check_tables(struct elf *e, const dyn *d)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const dyn *at = find(d, tables[i].at);
		const dyn *n = tables[i].size ? find(d, tables[i].size) : NULL;

		if (at && !is_loaded(e, at->d_un.d_ptr, n ? n->d_un.d_val : 1))
			return refuse(e, "is damaged: a table of its dynamic section lies nowhere");
	}
	if (!find(d, DT_STRTAB) || !find(d, DT_SYMTAB))
		return refuse(e, "is damaged: its dynamic section names no symbols");
	return 0;
}

static int
check_dynamic(struct elf *e)
{
	const phdr *p = NULL;
	size_t n;
	dyn *d;
	int bad;

	for (int i = 0; i < e->head.e_phnum; i++)
		if (e->seg[i].p_type == PT_DYNAMIC)
			p = &e->seg[i];
	if (!p || !is_loaded(e, p->p_vaddr, p->p_filesz))
		return refuse(e, "is damaged: it has no dynamic section");
	n = p->p_filesz / sizeof(*d);
	d = xcalloc(n + 1, sizeof(*d));
	bad = read_at(e, d, n * sizeof(*d), p->p_offset);
	if (!bad && (!n || d[n - 1].d_tag != DT_NULL))
		bad = refuse(e, "is damaged: its dynamic section has no end");
	if (!bad)
		bad = check_tables(e, d);
	free(d);
	return bad;
}

int
elf_check(int fd, struct err *err)
{
	struct elf e = { .fd = fd, .err = err };
	struct stat st;
	int bad;

	if (fstat(fd, &st) < 0)
		return err_set(err, EXIT_PLUGIN, "cannot be read: %s", strerror(errno));
	e.size = (uint64_t)st.st_size;
	bad = check_head(&e) < 0 || check_segments(&e) < 0 || check_dynamic(&e) < 0;
	free(e.seg);
	return bad ? -1 : 0;
}
