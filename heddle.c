/* SPDX-License-Identifier: MIT */
/* heddle - argv to a row of the subcommand table. */

#include <config.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"

int
main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("heddle %s\n", PACKAGE_VERSION);
		return EXIT_DONE;
	}
	fputs("heddle: no subcommand\n", stderr);
	return EXIT_USAGE;
}
