#!/usr/bin/env bats
# past - what ls, show and log tell of runs that ended, failed, go on or were killed.

bats_require_minimum_version 1.5.0

setup() {
	export HEDDLE_RUNS="$BATS_TEST_TMPDIR/runs" XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/none"
	cd "$BATS_TEST_TMPDIR"
	cat >job.ini <<-'END'
	[job]
	name = say
	on_fail = finish-others
	[map say]
	each = 1..4
	cmd = printf 'hello {i}\n\033[31mred\n'; test {i} != 3
	shell = yes
	[task end]
	after = say
	cmd = true
	[executor]
	workers = 2
	END
}

field() {
	sed "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/"
}

@test "a run is listed with its figures" {
	run -1 "$HEDDLE" batch job.ini
	run -0 "$HEDDLE" ls
	[[ ${lines[0]} == run*when*job*sched*N*finish*idle*fail*status ]]
	[[ ${lines[1]} =~ ^0001\ .*\ say\ .*\ 2\ .*\ 1\ +failed$ ]]
	run -0 "$HEDDLE" ls --json
	[ "$(field status <<<"$output")" = failed ]
	[ "$(field tasks <<<"$output")" = 5 ]
	[ "$(field done <<<"$output")" = 3 ]
	[ "$(field skipped <<<"$output")" = 1 ]
}

@test "a run of one thread had one worker, whatever the machine has" {
	run -1 "$HEDDLE" batch -x sync -j 3 job.ini
	run -0 "$HEDDLE" show 1
	[[ ${lines[0]} == "run 0001  say  failed  "*"  1 worker, sync" ]]
	[[ $output != *"cut short"* ]]
	run -0 "$HEDDLE" ls --json
	[ "$(field workers <<<"$output")" = 1 ]
	run -0 "$HEDDLE" plan -x sync -j 3 job.ini -o say.expect=1s -o end.expect=1s
	[[ $output == *"with 1 worker"* ]]
}

@test "newest runs come first, and an empty store lists none" {
	run -0 "$HEDDLE" ls --json
	[ -z "$output" ]
	"$HEDDLE" batch job.ini || true
	"$HEDDLE" batch job.ini || true
	run -0 "$HEDDLE" ls --json
	[ "$(field run <<<"${lines[0]}")" = 2 ]
	[ "$(field run <<<"${lines[1]}")" = 1 ]
}

@test "show tells states, account, groups and what went wrong" {
	"$HEDDLE" batch job.ini || true
	run -0 "$HEDDLE" show 1
	[[ ${lines[0]} == "run 0001  say  failed  "*"  2 workers, threads" ]]
	[[ ${lines[1]} == "5 tasks, 4 edges: done 3  failed 1  skipped 1  stopped 0"* ]]
	grep -q '^all  *[0-9]*  *.*100.0%$' <<<"$output"
	grep -q '^say  *4  *3  *1  *0  *0 ' <<<"$output"
	grep -q ' fail  *say/2  *exit 1$' <<<"$output"
	grep -qx 'first to fail: say/2: exit 1' <<<"$output"
	sum=0
	while read -r class ns rest; do
		case $class in
		run_cpu | run_wait | ovh | off | res | hold | end | dep) sum=$((sum + ns)) ;;
		all) [ "$sum" = "$ns" ]; seen=1 ;;
		esac
	done <<<"$output"
	[ "$seen" = 1 ]
}

@test "show --json is the result object of the run" {
	"$HEDDLE" batch job.ini --json >result || true
	run -0 "$HEDDLE" show 1 --json
	[ "$output" = "$(cat result)" ]
	run -0 "$HEDDLE" show ./runs/0001 --json
	[ "$output" = "$(cat result)" ]
}

@test "log gives a task's bytes as they are" {
	"$HEDDLE" batch job.ini || true
	"$HEDDLE" log 1 say/1 >out
	printf 'hello 2\n\033[31mred\n' | cmp - out
}

@test "what is not there is told in a sentence" {
	"$HEDDLE" batch job.ini || true
	run -2 "$HEDDLE" log 1 sya/2
	[ "$output" = "heddle: log: run 1 has no task 'sya/2'; did you mean 'say/2'?" ]
	run -2 "$HEDDLE" log 1 say/9
	[ "$output" = "heddle: log: run 1 has no task 'say/9'; its group has 4, as say/0" ]
	run -2 "$HEDDLE" log 1 end
	[ "$output" = "heddle: log: task 'end' left none: it is no command, or never started" ]
	run -2 "$HEDDLE" show 77
	[ "$output" = "heddle: run 77: no such run in $HEDDLE_RUNS" ]
	run -2 "$HEDDLE" show seven
	[ "$output" = "heddle: show 'seven': expected the number of a run (heddle ls) or its folder" ]
	run -2 "$HEDDLE" ls 1
	[ "$output" = "heddle: ls: takes no arguments, '1' is one" ]
}

@test "a killed run keeps what was done, and says that it was lost" {
	mkfifo here there
	cat >kill.ini <<-'END'
	[job]
	name = kill
	[task a]
	cmd = true
	[task b]
	cmd = true
	after = a
	[task c]
	cmd = echo c > here; cat there
	shell = yes
	after = b
	[executor]
	workers = 2
	END
	"$HEDDLE" batch kill.ini 3>&- &
	pid=$!
	read -r word <here
	[ "$word" = c ]
	run -0 "$HEDDLE" ls --json
	[ "$(field status <<<"$output")" = running ]
	kill -9 "$pid"
	wait "$pid" || true
	run -0 "$HEDDLE" ls --json
	[ "$(field status <<<"$output")" = lost ]
	run -0 "$HEDDLE" show 1
	[[ ${lines[0]} == "run 0001  kill  lost  "* ]]
	[[ ${lines[1]} == "3 tasks, 2 edges: done 2  failed 0  skipped 0  stopped 0  blocked 0  ready 1"* ]]
	[ "${lines[3]}" = "it was cut short: told from the rows that were written" ]
	run -0 "$HEDDLE" show 1 --json
	[ "$(field status <<<"$output")" = lost ]
	[ "$(field done <<<"$output")" = 2 ]
	run -0 "$HEDDLE" log 1 c
	[ -z "$output" ]
}

@test "a damaged record is told, not shown" {
	"$HEDDLE" batch job.ini || true
	printf x | dd of=runs/0001/graph.bin bs=1 seek=200 conv=notrunc 2>/dev/null
	run -7 "$HEDDLE" show 1
	[[ $output == "heddle: "*"/runs/0001/graph.bin: damaged, or not the graph of this record" ]]
}

@test "runs that a folder's job keeps beside it are found there, and told by their folder" {
	mkdir -p proj/deep
	cp job.ini proj/heddle.ini
	printf '[history]\nstore = .heddle\n' >>proj/heddle.ini
	cd proj/deep
	run -1 --separate-stderr "$HEDDLE" batch
	[[ $stderr == *"log: heddle log $BATS_TEST_TMPDIR/proj/.heddle/0001 say/2"* ]]
	run -0 "$HEDDLE" ls --json
	[ "$(field run <<<"$output")" = 1 ]
	run -0 "$HEDDLE" log 1 say/2
	[[ $output == "hello 3"* ]]
	run -0 "$HEDDLE" log "$BATS_TEST_TMPDIR/proj/.heddle/0001" say/2
	[[ $output == "hello 3"* ]]
	run -0 "$HEDDLE" show 1
	[[ ${lines[0]} == "run 0001  say  failed "* ]]
	[ ! -e "$HEDDLE_RUNS" ]
	cd "$BATS_TEST_TMPDIR"
	run -0 "$HEDDLE" ls --json
	[ -z "$output" ]
	run -1 --separate-stderr "$HEDDLE" batch job.ini
	[[ $stderr == *"log: heddle log 1 say/2"* ]]
}
