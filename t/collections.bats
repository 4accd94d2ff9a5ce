#!/usr/bin/env bats
# collections - whole jobs of text and of numbers, as a person runs them.

bats_require_minimum_version 1.5.0

setup() {
	conf=$HEDDLE_SRC/conf
	text=${HEDDLE_DATA:-$HEDDLE_SRC/../shared/data}/text/us-constitution.txt
	export HEDDLE_RUNS=$BATS_TEST_TMPDIR/runs
}

# results FILE ARGS..: what --json says of a run's results, without blanks
results() {
	"$HEDDLE" batch "$@" --json < /dev/null 2> /dev/null |
		tr -d ' \n' | grep -o '"results":{.*'
}

top8='"results":{"top":[["the",722],["of",489],["shall",306],["and",261],["to",202],["be",180],["or",160],["in",142]]}'

@test "words: the published counts, whatever the scheduler, executor and chunk" {
	[ -r "$text" ] || skip "no us-constitution.txt"
	for s in fifo lifo random prio hlf flow steal; do
		for x in sync threads; do
			for chunk in 1K 1M; do
				run -0 results "$conf/words.ini" -o text.path="$text" -o text.repeat=1 \
					-o top.n=8 -o text.chunk=$chunk -x $x -s $s
				[[ "$output" == "$top8"* ]] || { echo "$s $x $chunk: $output"; false; }
			done
		done
	done
}

@test "words: the text three times is every count three times" {
	[ -r "$text" ] || skip "no us-constitution.txt"
	run -0 results "$conf/words.ini" -o text.path="$text" -o text.repeat=3 -o top.n=2
	[[ "$output" == '"results":{"top":[["the",2166],["of",1467]]}'* ]]
}

@test "words: what was planned and changed fails the run with its file" {
	seq 1000 > "$BATS_TEST_TMPDIR/text"
	cat > "$BATS_TEST_TMPDIR/job.ini" <<-END
	[task change]
	cmd = sh -c 'echo more >> text'
	[bag.read text]
	path = text
	after = change
	END
	run -1 --separate-stderr "$HEDDLE" -C "$BATS_TEST_TMPDIR" batch "$BATS_TEST_TMPDIR/job.ini"
	[[ "$stderr" == *"text changed since it was planned"* ]]
}

@test "normal: the same bits for any scheduler, workers and chunk order" {
	want=$(results "$conf/normal.ini" -x sync -s fifo)
	[[ "$want" == '"results":{"mean":'*[0-9]* ]]
	for s in lifo random hlf flow steal; do
		for j in 1 2 5; do
			run -0 results "$conf/normal.ini" -s $s -j $j --seed $j
			[ "${output%%\}*}" = "${want%%\}*}" ] || { echo "$s $j: $output, $want"; false; }
		done
	done
}

@test "stats: four questions agree with one another and with the distribution" {
	run -0 results "$conf/stats.ini" -o x.size=2M
	echo "$output" | awk -F '[:,}]' '{
		for (i = 1; i < NF; i++) {
			gsub(/[{"]/, "", $i)
			v[$i] = $(i + 1)
		}
		exit !(v["min"] < -4.5 && v["max"] > 4.5 && v["min"] > -8.6 && v["max"] < 8.6 &&
			v["mean"] ^ 2 < 1e-5 && (v["std"] - 1) ^ 2 < 1e-5)
	}'
}

@test "stats: mean and std ask for a chunk's moments once" {
	run -0 --separate-stderr "$HEDDLE" plan "$conf/stats.ini" --json
	[[ "${output// /}" == *'"tasks":284,'* ]]
	run -0 --separate-stderr "$HEDDLE" plan "$conf/stats.ini" --json -o job.optimise=none
	[[ "${output// /}" == *'"tasks":356,'* ]]
}
