/* SPDX-License-Identifier: MIT */
/* attach - the socket of a live run in the user's runtime folder. */

#ifndef CORE_SESSION_ATTACH_H
#define CORE_SESSION_ATTACH_H

#include <stdint.h>

struct err;

/*
 * $XDG_RUNTIME_DIR/heddle/NNNN.sock, 0600 in a folder 0700.  Runs of different
 * stores may have one number: those that come later are NNNN.1.sock ..
 * NNNN.7.sock, and the run greets with its folder.
 */

/* Make it and listen, replacing one whose run is gone.  -> descriptor, *path
 * malloc'd; -1: there is none, and the run goes on without. */
int attach_listen(uint32_t number, char **path);
void attach_close(int fd, char *path);		/* removed and freed; -1, NULL: fine */

/* The line a run greets with; malloc'd. */
char *attach_hello(const char *dir);

/* To the run of this folder: -> the socket, and *live_fd, its live block; -1
 * and err (EXIT_ENV). */
int attach_connect(uint32_t number, const char *dir, int *live_fd, struct err *);

#endif
