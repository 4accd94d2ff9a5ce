/* SPDX-License-Identifier: MIT */
/* elf - is a file a whole shared object of this machine? */

#ifndef CORE_PLUGIN_ELF_H
#define CORE_PLUGIN_ELF_H

struct err;

/*
 * What the dynamic linker would trust without looking: header, program
 * headers, every segment and the dynamic section lie within the file, class,
 * byte order and machine are those of this program.  0, or -1 and err
 * (EXIT_PLUGIN; "is cut off: ...").
 */
int elf_check(int fd, struct err *) __attribute__((warn_unused_result));

#endif
