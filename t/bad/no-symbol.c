/* SPDX-License-Identifier: MIT */
/* no-symbol - exports something, but no heddle_plugin. */

__attribute__((visibility("default"))) const int heddle_plugins = 1;
