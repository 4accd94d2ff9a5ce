#!/usr/bin/env bats
# front - one run, handed between the workbench and plain lines, in a terminal.

bats_require_minimum_version 1.5.0

setup() {
	type tmux > /dev/null || skip "no tmux"
	cd "$BATS_TEST_TMPDIR"
	unset HEDDLE_UI HEDDLE_JOBS HEDDLE_SCHEDULER HEDDLE_RUNS TMUX
	export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config HEDDLE
	# curses keeps what it read of a terminal; a leak checker need not say so
	echo leak:libtinfo > known
	export LSAN_OPTIONS=suppressions=$PWD/known:print_suppressions=0
	mkfifo go
	term new-session -d -x 80 -y 24 'exec bash --norc'
	types 'PS1="\$ "; stty -a > before'
}

teardown() { term kill-server 2> /dev/null || true; }

# job MORE: its first task waits for a line in `go`, the second comes after it
job() {
	cat > wait.ini <<-END
		[task first]
		cmd = exec cat go
		shell = yes
		[task second]
		after = first
		cmd = touch second
		$1
	END
}

term() { tmux -L "heddle-$BATS_ROOT_PID-$BATS_TEST_NUMBER" -f /dev/null "$@"; }
types() { term send-keys "$1" Enter; }
key() { term send-keys "$1"; }
screen() { term capture-pane -p; }

# Look until it is so; 20 s at most.
until_so() {
	for _ in $(seq 400); do
		"$@" && return
		sleep 0.05
	done
	screen
	return 1
}
has() { screen | grep -q -- "$1"; }
has_not() { ! has "$1"; }
until_seen() { until_so has "$1"; }
until_gone() { until_so has_not "$1"; }

# After leaving: the exit code, and the terminal as it was.
left_with() {
	until_seen "^code $1\$"
	key C-u			# what was typed and nobody read
	types 'stty -a > after; echo written'
	until_seen "^written"
	diff before after
}

@test "s streams plain lines until a key, and the run goes on" {
	job
	types '"$HEDDLE" run wait.ini; echo code $?'
	until_seen "RUNNING"
	key s
	until_seen "running 1: first"
	has_not "RUNNING"
	key x
	until_seen "RUNNING"
	key s
	until_gone "RUNNING"
	echo > go
	left_with 0
	has "2 of 2\|1 of 1 exit 0"
	[ -e second ]
}

@test "q leaves the view, the run goes on plainly, results and code are its" {
	job
	types '"$HEDDLE" run wait.ini; echo code $?'
	until_seen "RUNNING"
	key q
	until_gone "RUNNING"
	key x
	until_seen "running 1: first"
	echo > go
	left_with 0
	has "run 0001\$"
	[ -e second ]
}

@test "an interrupt in the plain stream stops the run" {
	job
	types '"$HEDDLE" run wait.ini; echo code $?'
	until_seen "RUNNING"
	key q
	until_gone "RUNNING"
	key C-c
	until_seen "1 running is left to end"
	key C-c
	left_with 130
	[ ! -e second ]
}

@test "plain stops with its shell's job control and goes on after" {
	job
	types '"$HEDDLE" batch wait.ini; echo code $?'
	until_seen "running 1: first"
	key C-z
	until_seen "Stopped"
	types "clear; fg"
	until_seen "running 1: first"
	echo > go
	until_so test -e second
}

@test "a terminal that closes ends the run, unless it may go on" {
	job
	types 'exec "$HEDDLE" run wait.ini'
	until_seen "RUNNING"
	pid=$(term display-message -p '#{pane_pid}')
	term kill-server
	until_so eval '! kill -0 $pid 2> /dev/null'
	grep -q '"status":"stopped","exit":129' state/heddle/runs/0001/summary.json
}

@test "with on_hangup = go-on the run ends headless" {
	job $'[ui]\non_hangup = go-on'
	types 'exec "$HEDDLE" run wait.ini'
	until_seen "RUNNING"
	pid=$(term display-message -p '#{pane_pid}')
	term kill-server
	echo > go
	until_so eval '! kill -0 $pid 2> /dev/null'
	[ -e second ]
	grep -q '"status":"ok","exit":0' state/heddle/runs/0001/summary.json
}

@test "a terminal that cannot draw gets plain lines, open a sentence" {
	job
	types 'TERM=dumb "$HEDDLE" open wait.ini; echo code $?'
	left_with 2
	types 'clear; TERM=dumb "$HEDDLE" run wait.ini; echo code $?'
	until_seen "heddle: wait: 2 tasks"
	echo > go
	left_with 0
}
