#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# attach - a live run looked on at, and asked things of, from another terminal.

bats_require_minimum_version 1.5.0

setup() {
	command -v tmux >/dev/null || skip "no tmux"
	export HEDDLE_RUNS=$BATS_TEST_TMPDIR/runs LC_ALL=C.UTF-8
	export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR/run TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset NO_COLOR TMUX HEDDLE_SCHEDULER HEDDLE_JOBS HEDDLE_UI
	mkdir -m 0700 "$XDG_RUNTIME_DIR"
	cd "$BATS_TEST_TMPDIR"
	# as many tasks as it takes: the tests end it
	cat >job.ini <<-'END_OF_JOB'
		[job]
		name = looked
		[synth.trivial nap]
		width  = 1000
		steps  = 1000
		kernel = sleep
		cost   = 2ms
		[executor]
		workers = 2
	END_OF_JOB
	socket=$XDG_RUNTIME_DIR/heddle/0001.sock
	T="tmux -L attach -f /dev/null"
	$T new-session -d -x 80 -y 24 "bash --norc --noprofile"
	$T set -g status off
	$T send-keys "PS1='READY> '; clear" Enter
	shows '^READY>'
}

teardown() {
	if [ -n "$T" ]; then
		$T kill-server 2>/dev/null || true
	fi
	if [ -n "$job" ]; then
		kill -9 "$job" 2>/dev/null || true
	fi
}

screen() {
	$T capture-pane -p "$@"
}

pause_a_little() {
	read -rt 0.05 <> <(:) || :
}

# Until a command succeeds.
until_it() {
	for i in $(seq 400); do
		if "$@" >/dev/null 2>&1; then
			return 0
		fi
		pause_a_little
	done
	echo "never: $*"
	return 1
}

has_line() {
	screen | grep -q -e "$1"
}

shows() {
	until_it has_line "$1" || {
		screen
		return 1
	}
}

types() {
	$T send-keys "$@"
}

begin_job() {
	touch mark
	"$HEDDLE" batch "$@" job.ini >out 2>said 3>&- &
	job=$!
	until_it test "$socket" -nt mark
}

look_on() {
	types "cd $BATS_TEST_TMPDIR; clear; $HEDDLE open 1; echo left \$?" Enter
	shows 'looked .*RUNNING'
}

ended() {
	! kill -0 "$job" 2>/dev/null
}

@test "a live run is shown, paused, let go and stopped from another terminal" {
	begin_job
	look_on
	shows ' run *2 '
	types ':pause' Enter
	shows 'looked .*PAUSED'
	# what runs ends; then nothing is written any more
	shows ' run *0 '
	until_it grep -q 'watcher: pause' runs/0001/events.log
	types 9
	shows 'watcher: pause'
	types 1 ':go' Enter
	shows 'looked .*RUNNING'
	types 3
	shows 'TIMELINE'
	types 4
	shows 'QUEUES\|READY'
	types 2
	shows 'nap'
	types ':workers 0' Enter
	shows 'workers'
	types 1 ':stop now' Enter
	shows 'run 0001 is over'
	shows 'STOPPED'
	until_it ended
	types q
	shows 'left 0'
	[ ! -e "$socket" ]
}

@test "a paused run of a watcher makes no progress until it is let go" {
	begin_job
	look_on
	types ':pause' Enter
	shows ' run *0 '
	until_it grep -q 'watcher: pause' runs/0001/events.log
	shows 'PAUSED'
	before=$(screen | grep -o 'done *[0-9]*' | head -1)
	for i in 1 2 3 4 5 6 7 8; do pause_a_little; done
	[ "$(screen | grep -o 'done *[0-9]*' | head -1)" = "$before" ]
	types ':go' Enter
	shows 'RUNNING'
	types q
	shows 'left 0'
	kill -0 "$job"
}

@test "who leaves, is interrupted or is killed leaves the run alone" {
	begin_job
	look_on
	types q
	shows 'left 0'
	kill -0 "$job"
	look_on
	types C-c
	shows 'left 130'
	kill -0 "$job"
	look_on
	pid=$(pgrep -f -x "$HEDDLE open 1" | head -1)
	kill -9 "$pid"
	shows 'left 137'
	types 'reset' Enter
	kill -0 "$job"
	look_on
	types ':stop now' Enter
	shows 'run 0001 is over'
}

@test "a run whose heddle is killed is one that was cut short" {
	begin_job
	look_on
	kill -9 "$job"
	shows 'run 0001 was cut short'
	[ -e "$socket" ]
	types q
	shows 'left 0'
	# and the next run of this number takes the place of its socket
	rm -r runs
	begin_job
	look_on
}

@test "the socket is for its user alone" {
	begin_job
	[ "$(stat -c %a "$socket")" = 600 ]
	[ "$(stat -c %a "$XDG_RUNTIME_DIR/heddle")" = 700 ]
}

@test "two runs of one number are told apart by their stores" {
	begin_job
	first=$job
	HEDDLE_RUNS=$BATS_TEST_TMPDIR/other "$HEDDLE" batch job.ini -o job.name=second >/dev/null 2>&1 3>&- &
	job=$!
	until_it test -S "$XDG_RUNTIME_DIR/heddle/0001.1.sock"
	types "cd $BATS_TEST_TMPDIR; HEDDLE_RUNS=$BATS_TEST_TMPDIR/other $HEDDLE open 1; echo left \$?" Enter
	shows 'second .*RUNNING'
	types q
	shows 'left 0'
	look_on
	kill -9 "$first"
}

@test "without a runtime folder the run goes on and a sentence says so" {
	export XDG_RUNTIME_DIR=
	"$HEDDLE" batch job.ini >out 2>said 3>&- &
	job=$!
	until_it test -s runs/0001/begin.bin
	types "cd $BATS_TEST_TMPDIR; clear; XDG_RUNTIME_DIR= $HEDDLE open 1; echo left \$?" Enter
	shows 'run 0001 goes on; without XDG_RUNTIME_DIR'
	shows 'left 7'
	kill -0 "$job"
}
