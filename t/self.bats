#!/usr/bin/env bats
# self - conf/self.ini builds heddle as make does: equal objects, a program that answers.

setup() {
	[ "$(sed -n 's/^srcdir = //p' "$HEDDLE_BUILD/Makefile")" = .. ] ||
		skip "configured from elsewhere than .."
	command -v objcopy >/dev/null || skip "no objcopy"
	case $(sed -n 's/^CC = //p' "$HEDDLE_BUILD/Makefile") in
	gcc*|cc*) ;;
	*) skip "make compiles with another compiler than cc" ;;
	esac
	if nm "$HEDDLE" | grep -q '__asan_\|__tsan_'; then
		skip "done without the sanitizers"
	fi
	export HEDDLE_RUNS=$BATS_TEST_TMPDIR/runs
	cd "$HEDDLE_SRC" || exit 1
}

# pairs FOLDER LIBRARY: objects of make / of the job, one pair a line
pairs() {
	for o in "$HEDDLE_BUILD"/"$1"/*.o; do
		stem=${o##*/}
		stem=${stem#"$2"-}
		echo "$o $HEDDLE_BUILD/self/${1#core/}/$stem"
	done
}

@test "the job builds what make builds" {
	rm -rf "$HEDDLE_BUILD/self"
	"$HEDDLE" batch conf/self.ini -o "job.dir=$HEDDLE_BUILD" 2>"$BATS_TEST_TMPDIR/said" ||
		{ tail -n 20 "$BATS_TEST_TMPDIR/said"; false; }
	for f in base plugin job graph run record insight session; do
		pairs core/$f libcore_a
	done >"$BATS_TEST_TMPDIR/pairs"
	pairs tui libtui_a >>"$BATS_TEST_TMPDIR/pairs"
	pairs cli libcli_a >>"$BATS_TEST_TMPDIR/pairs"
	echo "$HEDDLE_BUILD/heddle-heddle.o $HEDDLE_BUILD/self/heddle.o" >>"$BATS_TEST_TMPDIR/pairs"
	n=0
	while read -r theirs ours; do
		objcopy --strip-debug "$theirs" "$BATS_TEST_TMPDIR/a.o"
		objcopy --strip-debug "$ours" "$BATS_TEST_TMPDIR/b.o"
		cmp "$BATS_TEST_TMPDIR/a.o" "$BATS_TEST_TMPDIR/b.o"
		n=$((n + 1))
	done <"$BATS_TEST_TMPDIR/pairs"
	[ "$n" -gt 90 ]
	[ "$("$HEDDLE_BUILD/self/heddle" --version)" = "$("$HEDDLE" --version)" ]
}
