#!/usr/bin/env bats
# examples - what a stranger would do: install, build by the line in the file, use.

bats_require_minimum_version 1.5.0

# Install the header and heddle.pc beside, and go where nothing of ours is.
setup_file() {
	export HEDDLE_PLUGIN_PATH= XDG_DATA_HOME="$BATS_FILE_TMPDIR/data"
	export root="$BATS_FILE_TMPDIR/root" away="$BATS_FILE_TMPDIR/away"
	env -u MAKEFLAGS -u MAKELEVEL make -s -C "$HEDDLE_BUILD" DESTDIR="$root" \
		install-includeHEADERS install-nodist_pkgconfigDATA
	PKG_CONFIG_PATH=$(dirname "$(find "$root" -name heddle.pc)")
	export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
	mkdir "$away"
	cp "$HEDDLE_SRC"/examples/* "$away"
}

setup() {
	cd "$away"
}

# build NAME: run the line that stands behind "Build:" in NAME.c, as it stands
build() {
	local line
	line=$(sed -n 's/^.*Build: *//p' "$1.c")
	[[ "$line" == cc\ * ]]
	eval "$line"
}

# lines FILE N: fewer than N
fewer() {
	[ "$(wc -l < "$1")" -lt "$2" ]
}

@test "pkg-config tells where the header and the plugins are" {
	[ -f "$(pkg-config --variable=includedir heddle)/heddle.h" ] ||
		[ -f "$root$(pkg-config --variable=includedir heddle)/heddle.h" ]
	[[ "$(pkg-config --variable=plugindir heddle)" == */heddle ]]
}

@test "a scheduler of under 60 lines builds, exports one symbol and passes its tests" {
	fewer longest.c 60
	build longest
	[ "$(nm -D --defined-only longest.so | sed 's/.* //' | grep -v '^_')" = heddle_plugin ]
	run -0 "$HEDDLE" plugins check ./longest.so
	! grep -v '^ok   \|^skip ' <<< "$output"
}

@test "a collection of under 120 lines builds, exports one symbol and passes its tests" {
	fewer pi.c 120
	build pi
	[ "$(nm -D --defined-only pi.so | sed 's/.* //' | grep -v '^_')" = heddle_plugin ]
	run -0 "$HEDDLE" plugins check ./pi.so
	! grep -v '^ok   \|^skip ' <<< "$output"
}

@test "the scheduler orders a job of the collection, and pi is near" {
	build longest
	build pi
	run -0 --separate-stderr "$HEDDLE" batch pi.ini -s ./longest.so
	[[ "$output" =~ ^3\.141[0-9]+$ || "$output" =~ ^3\.142[0-9]+$ ]]
	first=$output
	run -0 --separate-stderr "$HEDDLE" batch pi.ini -s fifo -j 1 -o points.chunk=3M
	[ "$output" = "$first" ]
}
