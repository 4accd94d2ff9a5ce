#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# tui - the whole workbench in a terminal: opened, run, walked, resized, left.

setup() {
	command -v tmux >/dev/null || skip "no tmux"
	export HEDDLE_RUNS=$BATS_TEST_TMPDIR/runs LC_ALL=C.UTF-8
	unset NO_COLOR TMUX HEDDLE_SCHEDULER HEDDLE_JOBS HEDDLE_UI
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	cat >"$BATS_TEST_TMPDIR/job.ini" <<-'END'
		[job]
		name = bats
		[synth.tree up]
		width  = 64
		steps  = 7
		kernel = sleep
		cost   = 2ms
		[executor]
		workers = 2
	END
	cat >"$BATS_TEST_TMPDIR/long.ini" <<-'END'
		[job]
		name = long
		[synth.task first]
		time = 100
		[synth.task second]
		time  = 1
		after = first
		[executor]
		workers = 2
	END
	T="tmux -L heddle -f /dev/null"
	$T new-session -d -x 80 -y 24 "bash --norc --noprofile"
	$T set -g status off
	$T send-keys "PS1='READY> '; clear" Enter
	shows '^READY>'
}

teardown() {
	if [ -n "$T" ]; then
		$T kill-server 2>/dev/null || true
	fi
}

screen() {
	$T capture-pane -p "$@"
}

# Wait until the screen has a line that matches; a screen that never does is
# the failure, and is printed.
shows() {
	for i in $(seq 400); do
		if screen | grep -q -e "$1"; then
			return 0
		fi
		read -rt 0.05 <> <(:) || :
	done
	echo "never showed '$1':"
	screen
	return 1
}

# The same of the last line of the screen.
ends_in() {
	for i in $(seq 400); do
		if screen | tail -n 1 | grep -q -e "$1"; then
			return 0
		fi
		read -rt 0.05 <> <(:) || :
	done
	echo "never ended in '$1':"
	screen
	return 1
}

types() {
	$T send-keys "$@"
}

begin() {
	types "clear; stty -a >before; $HEDDLE $*" Enter
}

# Left, and the terminal as it was.
left() {
	shows '^READY>'
	types "stty -a >after; cmp before after && echo as before" Enter
	shows '^as before'
}

@test "opening a job plans it, shows the graph and runs nothing" {
	cd "$BATS_TEST_TMPDIR"
	types "cd $BATS_TEST_TMPDIR" Enter
	begin open job.ini
	shows 'GRAPH  bats  PLANNED'
	screen | grep -q 'SELECTED'
	types 1
	shows 'nothing runs yet'
	types q
	left
	[ ! -e runs ]
}

@test "a run goes to its end with states that sum to the tasks" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin run job.ini
	shows 'RUNNING\|DONE'
	for i in 1 2 3; do
		screen | awk '/ done [0-9]/ {
			for (i = 1; i < NF; i++) {
				if ($i ~ /^(done|run|ready|held|blocked|failed|skipped|stopped)$/) sum += $(i + 1)
				if ($(i + 1) == "tasks") all = $i
			}
			seen = 1; if (sum != all) { print; exit 1 }
		} END { exit !seen }'
	done
	shows 'DONE'
	shows '100%'
	types q
	left
}

@test "every page is drawn and has its footer" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin run job.ini
	shows 'DONE'
	for page in 2:GRAPH 3:TIMELINE 4:QUEUES 8:PLUGINS 9:LOG '?:HELP'; do
		types "${page%%:*}"
		shows "^ ${page##*:}"
		screen | grep -q '1Over 2Graph 3Time 4Queue 8Plug 9Log'
	done
	types Escape
	shows '^ LOG'
	types 3
	for line in run rdy blk; do
		shows "^ $line "
	done
	types 2
	shows '^ GRAPH'
	types '+'
	shows 'TASKS of\|RANGES of'
	types /
	types 'up/3' Enter
	shows 'up/3'
	types Q
	left
}

@test "it fits any size, at once" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin open job.ini
	shows 'GRAPH'
	types 1
	for size in 40x10 160x50 300x100 20x5 1x1 80x24; do
		$T resize-window -x "${size%x*}" -y "${size#*x}"
		case $size in
		1x1) ;;
		20x5) shows 'done 0' ;;
		*) ends_in '^1Over' ;;
		esac
	done
	types q
	left
}

@test "a plugin is loaded by path, a scheduler chosen, a broken one refused" {
	types "cd $BATS_TEST_TMPDIR" Enter
	echo 'no shared object' >"$BATS_TEST_TMPDIR/bad.so"
	begin open job.ini
	shows 'GRAPH'
	types ":plugin $HEDDLE_BUILD/plugins/hlf.so" Enter
	shows 'scheduler hlf is loaded'
	types ":scheduler hlf" Enter
	shows 'the next run uses hlf'
	types ":plugin ./bad.so" Enter
	shows 'bad.so: '
	types 8
	shows '^ PLUGINS'
	shows 'in use'
	types ":no-such" Enter
	shows "no such command"
	types ':quit now' Enter
	shows "quit: takes nothing more; found 'now'"
	types q
	shows '^ heddle'
	types q
	left
}

@test "without UTF-8 it draws ASCII, without colour it sends none" {
	types "cd $BATS_TEST_TMPDIR; export LC_ALL=C NO_COLOR=1" Enter
	begin run job.ini
	shows 'DONE'
	for page in 1 2 3 4 8 9; do
		types "$page"
		shows '^1Over'
		! screen | LC_ALL=C grep -q '[^ -~]'
		! screen -e | grep -q $'\033''\[[0-9;]*[34][0-9]m'
	done
	types Q
	left
}

@test "^C stops starting tasks, again it stops them, and the exit code says so" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin run long.ini '; echo code $?'
	shows 'RUNNING'
	types C-c
	shows 'STOPPING'
	types C-c
	shows 'STOPPED'
	types q
	shows '^code 130'
}

@test "q leaves the view and the job goes on; Q asks and stops it" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin run long.ini '; echo code $?'
	shows 'RUNNING'
	types Q
	shows 'stop the job and leave?'
	types n
	shows 'RUNNING'
	types Q y
	shows '^code 130'
}

@test "^Z gives the terminal back, fg takes it again" {
	types "cd $BATS_TEST_TMPDIR" Enter
	begin run long.ini
	shows 'RUNNING'
	types C-z
	shows 'Stopped'
	types "stty -a >after; cmp before after && echo as before" Enter
	shows '^as before'
	types fg Enter
	shows 'RUNNING'
	types Q y
	left
}

@test "a terminal that is closed ends it" {
	types "cd $BATS_TEST_TMPDIR" Enter
	types "echo \$\$ >shell; exec $HEDDLE run long.ini" Enter
	shows 'RUNNING'
	pid=$(cat "$BATS_TEST_TMPDIR/shell")
	$T kill-server
	for i in $(seq 200); do
		if ! kill -0 "$pid" 2>/dev/null; then
			return 0
		fi
		read -rt 0.05 <> <(:) || :
	done
	echo "$pid is still there"
	return 1
}

@test "a terminal that can show no screen is told so in one line" {
	types "cd $BATS_TEST_TMPDIR" Enter
	types "TERM=dumb $HEDDLE open job.ini; echo code \$?" Enter
	shows '^code 2'
	screen | grep -q 'heddle batch'
}
