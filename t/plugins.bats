#!/usr/bin/env bats
# plugins - what heddle plugins lists and tells, and what its tests find.

bats_require_minimum_version 1.5.0

setup() {
	export HEDDLE_PLUGIN_PATH= XDG_DATA_HOME="$BATS_TEST_TMPDIR/data"
	bad=$HEDDLE_BUILD/t/bad
}

# finds NAME LINE..: checking t/bad/NAME.so exits 4 and prints each line
finds() {
	local name=$1 line
	shift
	run -4 "$HEDDLE" plugins check "$bad/$name.so"
	for line; do
		grep -qxF -- "$line" <<< "$output" || { echo "$output"; false; }
	done
}

@test "every shipped scheduler passes its tests" {
	for name in fifo lifo random prio hlf flow steal; do
		run -0 "$HEDDLE" plugins check $name
		! grep -v '^ok   \|^skip ' <<< "$output"
		[ "$(grep -c '^ok  ' <<< "$output")" -ge 11 ]
		grep -q '^ok    orders a million tasks: [0-9]* ns a task$' <<< "$output"
	done
}

@test "every shipped collection passes its tests" {
	for name in array bag command synth; do
		run -0 "$HEDDLE" plugins check $name
		! grep -v '^ok   \|^skip ' <<< "$output"
	done
}

@test "options are handed to the scheduler that is tested" {
	run -0 "$HEDDLE" plugins check hlf ties=random
	run -4 "$HEDDLE" plugins check hlf ties=best
	[ "${lines[1]}" = "FAIL  takes its options: ties = best; expected fifo|succ|random" ]
}

@test "a task that is given twice is found" {
	finds twice "FAIL  gives each task once: one task, 1 worker: gave task 0 a second time"
}

@test "a task that does not exist is found" {
	finds invents "FAIL  invents none: a chain, 1 worker: gave task 107 of 100"
}

@test "a task that is given too early is found" {
	finds early "FAIL  gives none before it is ready: a chain, 3 workers: gave task 1 before its inputs were done"
}

@test "a task that is lost is found" {
	finds loses "FAIL  loses none: a chain, 1 worker: keeps task 9 and gives none"
	finds never "FAIL  loses none: one task, 1 worker: keeps task 0 and gives none"
	finds last "FAIL  loses none: one task, 1 worker: keeps task 0 and gives none"
}

@test "a task that came back and is lost is found" {
	finds alone "ok    loses none" \
		"FAIL  takes tasks that come back: one task, 1 worker: keeps task 0 and gives none"
}

@test "a scheduler that does not open is told with its reason" {
	finds refuses "FAIL  opens and closes: one task, 1 worker: open gave nothing: the moon is not full"
	finds silent "FAIL  opens and closes: one task, 1 worker: open gave nothing, and did not say why" \
		"skip  loses none: not tried after that"
}

@test "an order that is another each time is found" {
	finds moody "FAIL  orders alike each time: a fan, 1 worker: a second run had another order"
}

@test "a writable global is found" {
	finds shares "FAIL  may be open twice at once: layers, 3 workers: gave task 30 a second time"
}

@test "a false claim of being callable by all at once is found" {
	run -4 "$HEDDLE" plugins check "$bad/liar.so"
	grep -q '^FAIL  may be called by all at once: ' <<< "$output"
}

@test "a rank that is no number is found" {
	finds unranked "FAIL  ranks and places as it may: layers, 3 workers: task 0 has no number for its rank"
}

@test "a place that is no worker is found" {
	finds astray "FAIL  ranks and places as it may: layers, 3 workers: task 1 is placed on worker 3"
}

@test "a disturbed process is found" {
	finds meddles "FAIL  disturbs nothing around it: changed the current folder"
}

@test "a scheduler that kills its process is found, and heddle lives" {
	finds leaves "FAIL  gives each task once: it ended the process with code 0" \
		"skip  orders a million tasks: not tried after that"
	run -4 "$HEDDLE" plugins check "$bad/stomps.so"
	grep -q '^FAIL  gives each task once: it ' <<< "$output"
}

@test "a scheduler that hangs is found after ten seconds" {
	finds stalls "FAIL  gives each task once: it took over 10 s" \
		"skip  loses none: not tried after that"
}

@test "a kernel that is not as pure as it says is found" {
	finds impure "FAIL  plans its operations alike each time, and is as pure as it says: kernel 'now' is PURE, yet gave other bytes the second time"
}

@test "a plan that is another each time is found" {
	finds wavers "FAIL  plans its operations alike each time, and is as pure as it says: operation 'work': planned 1 tasks, a second time 2"
}

@test "a file that is refused fails its first test" {
	finds abi-newer "FAIL  loads: $bad/abi-newer.so: abi 2, this heddle wants 1"
}

@test "the tests can be told as JSON" {
	run -4 "$HEDDLE" plugins check --json "$bad/never.so"
	python3 - "$output" <<- 'END' || skip "no python3"
		import json, sys
		j = json.loads(sys.argv[1])
		assert j["ok"] is False
		assert [c["state"] for c in j["checks"]].count("FAIL") == 1
	END
}

@test "the list tells what is there, what was refused and why, and where it looked" {
	mkdir -p "$BATS_TEST_TMPDIR/mine"
	cp "$bad/abi-newer.so" "$bad/newer.so" "$BATS_TEST_TMPDIR/mine"
	HEDDLE_PLUGIN_PATH=$BATS_TEST_TMPDIR/mine run -0 "$HEDDLE" plugins list
	grep -q '^scheduler *fifo *[0-9.]* *ok ' <<< "$output"
	grep -q '^scheduler *newer .* ok ' <<< "$output"
	grep -q '^- *abi-newer *- *refused ' <<< "$output"
	grep -qxF "$BATS_TEST_TMPDIR/mine/abi-newer.so: abi 2, this heddle wants 1" <<< "$output"
	[[ "${lines[-1]}" == "searched: $BATS_TEST_TMPDIR/mine "* ]]
}

@test "a plugin's options are told with types and defaults" {
	run -0 "$HEDDLE" plugins info hlf
	grep -q '^  ties  *fifo  *fifo|succ|random  ' <<< "$output"
	run -0 "$HEDDLE" plugins info bag
	grep -q '^operation bag.read: ' <<< "$output"
	grep -q '^  path  *(required)  *paths  ' <<< "$output"
}

@test "an unknown plugin is told with the nearest" {
	run -4 --separate-stderr "$HEDDLE" plugins info fifa
	[ "$stderr" = "heddle: no plugin 'fifa'; did you mean 'fifo'?" ]
}

@test "a file of this folder needs no path to be looked at, and to be used is told its path" {
	cd "$BATS_TEST_TMPDIR"
	cp "$HEDDLE_BUILD/plugins/fifo.so" .
	run -0 "$HEDDLE" plugins info fifo.so
	[[ "$output" == *"file    $PWD/fifo.so"* ]]
	run -0 "$HEDDLE" plugins check fifo.so
	[ "${lines[0]}" = "ok    loads" ]
	printf '[task a]\ncmd = true\n' > job.ini
	run -4 --separate-stderr "$HEDDLE" plan job.ini -s fifo.so
	[ "$stderr" = "heddle: -s: no plugin 'fifo.so'; did you mean './fifo.so'?" ]
}

@test "a wrong use is refused" {
	run -2 --separate-stderr "$HEDDLE" plugins lost
	[ "$stderr" = "heddle: plugins lost: expected list, info NAME or check FILE; did you mean 'list'?" ]
	run -2 --separate-stderr "$HEDDLE" plugins info
	[ "$stderr" = "heddle: plugins info: expected info NAME" ]
	run -2 --separate-stderr "$HEDDLE" plugins check fifo ties
	[ "$stderr" = "heddle: plugins check ties: expected KEY=VALUE" ]
}

@test "the manual tells every kind and every type" {
	page=$HEDDLE_SRC/doc/heddle-plugin.7
	for name in array bag command synth; do
		run -0 "$HEDDLE" plugins info $name
		for kind in $(sed -n 's/^kind \([^:]*\):.*/\1/p' <<< "$output"); do
			grep -qx ".It Li $kind" "$page" || { echo "$kind"; false; }
		done
	done
	types=$(sed -n '/^enum heddle_type/,/^}/s/^\t\(HEDDLE_[A-Z]*\).*/\1/p' \
		"$HEDDLE_SRC/plugins/heddle.h")
	[ "$(wc -w <<< "$types")" -eq 9 ]
	for type in $types; do
		grep -q "^.It Dv $type Ta " "$page" || { echo "$type"; false; }
	done
}
