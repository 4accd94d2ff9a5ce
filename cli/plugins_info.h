/* SPDX-License-Identifier: MIT */
/* plugins_info - a plugin's tables, for people and as JSON. */

#ifndef CLI_PLUGINS_INFO_H
#define CLI_PLUGINS_INFO_H

#include "core/plugin/load.h"

/* "scheduler", "collection"; "" for NULL. */
const char *plugin_kind_name(const struct plugin *);

/* All of it, on stdout. */
void plugin_print(const struct plugin *, int json);

#endif
