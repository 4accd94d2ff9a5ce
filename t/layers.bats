#!/usr/bin/env bats
# layers - who may include whom, and which symbols a plugin shows.

setup() {
	cd "$HEDDLE_SRC" || exit 1
}

sources() {	# sources FOLDER ..: .c and .h files below
	find "$@" -name '*.[ch]' | sort
}

ours() {	# ours FILE: what it includes of core, tui, cli
	sed -n 's/^#[ \t]*include "\(\(core\|tui\|cli\|plugins\)\/[^"]*\)".*/\1/p' "$1"
}

# rank FOLDER: its place in the flow of data
rank() {
	case $1 in
	base) echo 0 ;; plugin) echo 1 ;; job) echo 2 ;; graph) echo 3 ;;
	run) echo 4 ;; record) echo 5 ;; insight) echo 6 ;; session) echo 7 ;;
	*) echo 99 ;;
	esac
}

@test "a folder of core includes itself, base and those before it in the flow" {
	bad=""
	for f in $(sources core); do
		own=$(echo "$f" | cut -d/ -f2)
		for i in $(ours "$f"); do
			case $i in core/*) ;; *) bad="$bad $f:$i"; continue ;; esac
			other=$(echo "$i" | cut -d/ -f2)
			[ "$(rank "$other")" -le "$(rank "$own")" ] || bad="$bad $f:$i"
		done
	done
	[ -z "$bad" ] || { echo "$bad"; false; }
}

@test "tui and cli do not include each other" {
	! grep -ln '#include "cli/' $(sources tui)
	! grep -ln '#include "tui/' $(sources cli)
}

@test "pages and panels do not see the inside of a run" {
	! grep -ln '#include "core/run/engine.h"' $(sources core tui cli | grep -v '^core/run/')
	! grep -ln '#include "core/run/\(policy\|hold\|cover\|value\).h"' \
		$(sources core tui cli | grep -v '^core/run/')
}

@test "each foreign header has one place" {
	[ "$(grep -l '#include <.*curses.h>' $(sources core tui cli plugins))" = tui/term.c ]
	[ "$(grep -l '#include <dlfcn.h>' $(sources core tui cli plugins))" = core/plugin/load.c ]
	[ "$(grep -l '#include <ini.h>' $(sources core tui cli plugins))" = core/job/ini.c ]
}

@test "plugins include heddle.h and their own files alone" {
	! grep -n '#include "\(core\|tui\|cli\)/' $(sources plugins) $(ls examples/*.c 2>/dev/null)
}

@test "every header compiles alone" {
	for f in $(sources core tui cli); do
		case $f in *.h) ;; *) continue ;; esac
		${CC:-cc} -std=gnu11 -D_GNU_SOURCE -I. -Iplugins -fsyntax-only -x c "$f"
	done
	${CC:-cc} -std=c11 -Wall -Wextra -pedantic -fsyntax-only -x c plugins/heddle.h
}

@test "heddle.h compiles as C++" {
	command -v c++ >/dev/null || skip "no C++ compiler"
	c++ -Wall -Wextra -fsyntax-only -x c++ plugins/heddle.h
}

@test "a plugin shows one symbol" {
	if nm "$HEDDLE" | grep -q '__asan_\|__tsan_'; then
		skip "a sanitizer adds its own"
	fi
	for so in "$HEDDLE_BUILD"/plugins/*.so; do
		[ "$(nm -D --defined-only "$so" | wc -l)" = 1 ] || { echo "$so"; false; }
		nm -D --defined-only "$so" | grep -q ' heddle_plugin$'
	done
}

@test "every file says its licence and what it is" {
	for f in $(sources core tui cli plugins t) $(ls examples/*.c 2>/dev/null) heddle.c; do
		head -n 1 "$f" | grep -q 'SPDX-License-Identifier: MIT' || { echo "$f"; false; }
		head -n 2 "$f" | tail -n 1 | grep -q '^/\* [a-z0-9_.-]* - ' || { echo "$f"; false; }
	done
}
