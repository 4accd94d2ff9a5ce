/* SPDX-License-Identifier: MIT */
/* trust - who may have written a file. */

#ifndef CORE_PLUGIN_TRUST_H
#define CORE_PLUGIN_TRUST_H

struct err;

/*
 * Is the open file regular, are it and its folder owned by root or me and
 * not writable by others, and are the folders above either not writable by
 * others or sticky?  A group may write where it is its owner's own (gid =
 * uid).  In a trusted place the program's own owner counts as me.  0, or -1
 * and err (EXIT_PLUGIN).
 */
int trust_check(int fd, int is_trusted, struct err *) __attribute__((warn_unused_result));

#endif
