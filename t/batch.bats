#!/usr/bin/env bats
# batch - jobs run without a screen: exit codes, what is told where, signals.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config
	unset HEDDLE_UI HEDDLE_JOBS HEDDLE_SCHEDULER HEDDLE_RUNS
}

# job NAME: an INI file from standard input
job() { cat > "$1.ini"; }

@test "standard output is the result and nothing else" {
	printf 'a b a\nb c a\n' > text
	job words <<-END
		[bag.read text]
		path = text
		[bag.words word]
		of = text
		[bag.count count]
		of = word
		[bag.top top]
		of = count
	END
	run -0 --separate-stderr "$HEDDLE" batch words.ini
	[[ "${lines[0]}" == *a*3* || "${lines[0]}" == *3*a* ]]
	[ "${#lines[@]}" = 3 ]
	[[ "$stderr" == "heddle: words: "* ]]
	[[ "$stderr" == *"run 0001" ]]
	run -0 --separate-stderr "$HEDDLE" batch words.ini --json -q
	[ -z "$stderr" ]
	[[ "$output" == '{"status":"ok","exit":0,'* ]]
	[[ "$output" == *'"results":{"top":[["a", 3], ["b", 2], ["c", 1]]}'* ]]
	diff <(echo "$output") <(cat state/heddle/runs/0002/summary.json)
}

@test "an event a line, the result object last" {
	job two <<-END
		[task one]
		cmd = true
		[task two]
		after = one
		cmd = true
	END
	run -0 --separate-stderr "$HEDDLE" batch two.ini --ui=json
	for l in "${lines[@]}"; do [[ "$l" == {*} ]]; done
	[ "$(grep -c '^{"event":"task",.*"status":"done"' <<< "$output")" = 2 ]
	[[ "${lines[-1]}" == '{"status":"ok"'* ]]
}

@test "the first cause of a failure comes first, with the end of its log" {
	job bad <<-END
		[task good]
		cmd = true
		[task bad]
		after = good
		cmd = echo out; echo why it failed >&2; exit 3
		shell = yes
		[task needs]
		after = bad
		cmd = true
	END
	run -1 --separate-stderr "$HEDDLE" batch bad.ini
	[[ "$stderr" == *"heddle: FAILED 1 of 3.  First cause: bad: "*", log: heddle log 1 bad"* ]]
	[[ "$stderr" == *$'\n  | out\n  | why it failed\n'* ]]
	[[ "$stderr" == *"heddle: 1 task not started because of it: needs"* ]]
	run -1 --separate-stderr "$HEDDLE" batch bad.ini --json
	[[ "$output" == *'"status":"failed","exit":1,'*'"done":1,"failed":1,"skipped":1,'* ]]
	[[ "$output" == *'"failures":[{"task":"bad","exit":3,'* ]]
	run -1 --separate-stderr "$HEDDLE" batch bad.ini -q
	[[ "$stderr" == *"bad"* ]]
	[[ "$stderr" != *"ok  "* ]]
}

@test "no escape leaves for what is no terminal, whatever a log says" {
	job esc <<-END
		[task bad]
		cmd = printf '\\033]52;c;x\\007\\033[2J\\n'; exit 1
		shell = yes
	END
	run -1 --separate-stderr "$HEDDLE" batch esc.ini
	[[ "$stderr" == *'\x1b]52;c;x\x07\x1b[2J'* ]]
	[[ "$stderr" != *$'\e'* ]]
}

@test "an assert that does not hold ends with 6, once all is made" {
	job assert <<-END
		[task one]
		cmd = touch made
		[assert]
		max_time = 1ns
	END
	run -6 --separate-stderr "$HEDDLE" batch assert.ini
	[ -e made ]
	[[ "$stderr" == *"heddle: [assert] max_time 1ns: the run took "* ]]
}

@test "each way to be wrong has its exit code" {
	run -2 "$HEDDLE" batch
	[ "$output" = "heddle: batch: expected a job; there is no heddle.ini here or above" ]
	job key <<-END
		[job]
		nmae = x
	END
	run -3 "$HEDDLE" batch key.ini
	[[ "$output" == "heddle: key.ini:2: "*"name"* ]]
	run -3 "$HEDDLE" batch not-there.ini
	job plugin <<-END
		[nosuch.op x]
	END
	run -4 "$HEDDLE" batch plugin.ini
	[[ "$output" == "heddle: plugin.ini:1: "* ]]
	job cycle <<-END
		[task a]
		after = b
		cmd = true
		[task b]
		after = a
		cmd = true
	END
	run -5 "$HEDDLE" batch cycle.ini
	[[ "$output" == *"a -> b -> a"* || "$output" == *"b -> a -> b"* ]]
	job long <<-END
		[task long]
		cmd = sleep 60
	END
	run -124 "$HEDDLE" batch long.ini --timeout 100ms
}

@test "a file made by a command has the user's umask, the record is the user's alone" {
	job touch <<-END
		[task one]
		cmd = touch made
	END
	umask 022
	run -0 "$HEDDLE" batch touch.ini
	[ "$(stat -c %a made)" = 644 ]
	[ "$(stat -c %a state/heddle/runs/0001)" = 700 ]
}

@test "the workbench is refused where there is no terminal" {
	job one <<-END
		[task one]
		cmd = true
	END
	run -2 --separate-stderr "$HEDDLE" open one.ini < /dev/null
	[ "$stderr" = "heddle: open one.ini: the workbench needs a terminal; heddle batch runs a job without one, heddle show tells of a run" ]
	run -2 --separate-stderr "$HEDDLE" one.ini < /dev/null
	[[ "$stderr" == "heddle: open one.ini: "* ]]
	run -2 --separate-stderr "$HEDDLE" run one.ini --ui=full < /dev/null
	run -2 --separate-stderr "$HEDDLE" batch one.ini --ui=full < /dev/null
	HEDDLE_UI=full run -0 "$HEDDLE" batch one.ini
	cp one.ini heddle.ini
	mkdir -p deep/er
	cd deep/er
	run -2 --separate-stderr "$HEDDLE" < /dev/null
	[[ "$stderr" == *"/heddle.ini: the workbench needs a terminal"* ]]
}

@test "a heddle.ini is found upwards and meant where it lies" {
	job heddle <<-END
		[task one]
		cmd = touch made
	END
	mkdir -p deep/er
	cd deep/er
	run -0 "$HEDDLE" batch
	[ -e ../../made ]
}

@test "a full standard output ends with 7, one that is closed with 141" {
	printf 'a\n' > text
	job words <<-END
		[bag.read text]
		path = text
		[bag.words word]
		of = text
	END
	run -7 sh -c '"$HEDDLE" batch words.ini -q > /dev/full'
	[ "$output" = "heddle: standard output: No space left on device" ]
	mkfifo gone
	run -141 bash -c 'exec 3<> gone 4> gone 3>&-; exec "$HEDDLE" batch words.ini -q >&4'
	[ -z "$output" ]
}

# A job whose first task says so and waits; a second one after it.
waiting() {
	mkfifo up go said
	job wait <<-END
		[task first]
		cmd = echo up > up; exec cat go
		shell = yes
		[task second]
		after = first
		cmd = touch second
		$1
	END
	env --default-signal=INT,HUP "$HEDDLE" batch wait.ini 2> said 3>&- &
	pid=$!
	exec 4< said 5<> up
	read -r -t 20 _ <&5
}

# Lines of stderr until one has this in it.
until_said() {
	while read -r -t 20 line <&4; do
		[[ "$line" == *"$1"* ]] && return
	done
	return 1
}

@test "an interrupt starts nothing more and lets run what runs" {
	waiting
	kill -INT $pid
	until_said "1 running is left to end"
	echo > go
	code=0; wait $pid || code=$?
	[ $code = 130 ]
	[ ! -e second ]
	[[ "$(cat state/heddle/runs/0001/summary.json)" == '{"status":"stopped","exit":130,'*'"done":1,'* ]]
}

@test "a second interrupt stops what runs" {
	waiting
	kill -INT $pid
	until_said "left to end"
	kill -INT $pid
	until_said "stopping what runs"
	code=0; wait $pid || code=$?
	[ $code = 130 ]
	[ ! -e second ]
}

@test "to terminate stops what runs at once" {
	waiting
	kill -TERM $pid
	code=0; wait $pid || code=$?
	[ $code = 143 ]
	[ ! -e second ]
}

@test "a closed terminal stops the job, unless it may go on" {
	waiting
	kill -HUP $pid
	code=0; wait $pid || code=$?
	[ $code = 129 ]
	rm up go said
	waiting $'[ui]\non_hangup = go-on'
	kill -HUP $pid
	kill -HUP $pid
	echo > go
	wait $pid
	[ -e second ]
}

@test "each line counts the tasks that have ended" {
	job three <<-END
		[task a]
		cmd = true
		[task b]
		after = a
		cmd = test \$HEDDLE_ATTEMPT = 2
		shell = yes
		retries = 1
		backoff = 1ms
		[task c]
		after = b
		cmd = true
	END
	run -0 --separate-stderr "$HEDDLE" batch three.ini
	[[ "${stderr_lines[1]}" == "[1/3 33%"*"] ok    a "* ]]
	[[ "${stderr_lines[2]}" == "[1/3 33%"*"] retry b "*" exit 1, attempt 2 of 2 in 1.0ms" ]]
	[[ "${stderr_lines[3]}" == "[2/3 66%"*"] ok    b "* ]]
	[[ "${stderr_lines[4]}" == "[3/3 100%"*"] ok    c "* ]]
	[[ "${stderr_lines[5]}" == "heddle: "*"  run 0001" ]]
}

@test "a demo is a job that comes with heddle" {
	run -2 --separate-stderr "$HEDDLE" demo lectuer
	[[ "$stderr" == "heddle: demo 'lectuer': no such job in "*"/conf; did you mean 'lecture'?" ]]
	run -2 --separate-stderr "$HEDDLE" demo qqqqqqqqqqqq
	[[ "$stderr" == *"/conf; there are "*" stats "*" words" ]]
	run -2 "$HEDDLE" demo ../conf/words
	run -0 "$HEDDLE" demo stats -o x.size=10K -q
	[[ "$output" == *.* ]]
}

@test "a flood of failures is told up to a hundred, and counted" {
	job flood <<-END
		[job]
		on_fail = finish-others
		[map many]
		each = 1..120
		cmd = false
	END
	run -1 --separate-stderr "$HEDDLE" batch flood.ini -q
	[ "$(grep -c 'FAIL ' <<< "$stderr")" = 100 ]
	[[ "$stderr" == *"heddle: 100 failures are told; further ones are counted alone"* ]]
	[[ "$stderr" == *"heddle: FAILED 120 of 120.  First cause: many/"* ]]
}

@test "a file whose name looks like an option is a file" {
	mkdir dir && cd dir
	echo one > -rf.txt
	echo two > 'two words.txt'
	job ../dash <<-END
		[map each]
		each = *.txt
		cmd = cat {item}
		[task all]
		in = *.txt
		cmd = cat {in}
	END
	"$HEDDLE" batch ../dash.ini
	run -0 "$HEDDLE" log 1 all
	[ "$output" = $'one\ntwo' ]
	run -0 "$HEDDLE" log 1 each/0
	[ "$output" = one ]
	run -0 "$HEDDLE" plan ../dash.ini --cmd
	[ "${lines[0]}" = "cat ./-rf.txt" ]
}

@test "a command gets the environment that the manual tells, and no input" {
	job env <<-END
		[map say]
		each = 7..8
		cores = 2
		cmd = env; cat
		shell = yes
	END
	env -u OMP_NUM_THREADS "$HEDDLE" batch env.ini -j 2
	run -0 "$HEDDLE" log 1 say/1
	while read -r name; do
		grep -q "^$name=." <<<"$output" || { echo "no $name"; false; }
	done < <(sed -n '/^.Ss Environment/,/^.Ss Includes/s/^.Ev \([A-Z_]*\).*/\1/p' \
		"$HEDDLE_SRC/doc/heddle.ini.5")
	for line in HEDDLE_RUN=0001 HEDDLE_TASK=say/1 HEDDLE_GROUP=say HEDDLE_INDEX=1 \
		HEDDLE_ATTEMPT=1 HEDDLE_CORES=2 OMP_NUM_THREADS=2; do
		grep -qx "$line" <<<"$output" || { echo "no $line"; false; }
	done
	OMP_NUM_THREADS=5 "$HEDDLE" batch env.ini -j 2
	run -0 "$HEDDLE" log 2 say/1
	grep -qx OMP_NUM_THREADS=5 <<<"$output"
}
