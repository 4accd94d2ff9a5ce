#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# plan - what `heddle plan` prints: figures, tasks, commands, a picture; nothing runs.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	export XDG_STATE_HOME=$PWD/state XDG_CONFIG_HOME=$PWD/config
	cat > job.ini <<-'END'
		[job]
		name = parts
		[map cc]
		each = a 'b c'
		out = obj/{item}.o
		cmd = cc -DN={i} -o {out} '{item}'
		expect = 2s
		[task link]
		in = {cc.out*}
		out = prog
		cmd = cat {in} > {out}
		shell = yes
		expect = 1s
		env = LANG=C
	END
}

@test "figures are told for people" {
	run -0 "$HEDDLE" plan -j 2 job.ini
	[ "${lines[0]}" = "parts: 3 tasks in 2 groups, 2 edges" ]
	[ "${lines[1]}" = "  levels       2, the widest of 2 tasks" ]
	[ "${lines[2]}" = "  width        2 tasks at most can run at once" ]
	[ "${lines[3]}" = "  work         5.0s, span 3.0s, average parallelism 1.67" ]
	[ "${lines[4]}" = "  estimate     3.0s to 5.5s with 2 workers" ]
	[[ ${lines[7]} == "link "*"command.task"*"cc" ]]
	[ ! -e obj ] && [ ! -e prog ] && [ ! -e state ]
}

@test "figures are told for programs" {
	run -0 "$HEDDLE" plan --json job.ini
	[ "$output" = '{"tasks":3,"edges":2,"groups":2,"levels":2,"level_width":2,"width":2,"width_low":2,"width_exact":true,"work_s":5.000000000,"span_s":3.000000000,"avg_parallelism":1.6666666666666667,"unknown":0,"before":{"tasks":3,"edges":2}}' ]
}

@test "a resource bounds the estimate" {
	run -0 "$HEDDLE" plan -j 2 job.ini -o cc.pool=net -o resources.pool.net=1
	[ "${lines[4]}" = "  estimate     at least 4.0s with 2 workers" ]
}

@test "tasks are listed a line each" {
	run -0 "$HEDDLE" plan --tasks job.ini
	[ "${#lines[@]}" = 3 ]
	[ "${lines[0]}" = "0 cc/0 cc - 2" ]
	[ "${lines[2]}" = "2 link link 0,1 1" ]
	run -0 "$HEDDLE" plan --tasks --json job.ini
	[ "${lines[2]}" = '{"id":2,"name":"link","group":"link","preds":[0,1],"estimate_s":1.000000000}' ]
}

@test "commands are printed as the shell takes them" {
	run -0 "$HEDDLE" plan --cmd job.ini
	[ "${lines[0]}" = "cc -DN=0 -o obj/a.o a" ]
	[ "${lines[1]}" = "cc -DN=1 -o 'obj/b c.o' 'b c'" ]
	mkdir obj && echo 1 > obj/a.o && echo 2 > "obj/b c.o"
	eval "${lines[2]}"
	[ "$(cat prog)" = "$(printf '1\n2')" ]
}

@test "a picture names tasks and edges" {
	run -0 "$HEDDLE" plan --dot job.ini
	[ "${lines[0]}" = 'digraph "parts" {' ]
	[[ $output == *'"cc/1" -> "link" [style=dashed]'* ]]
	if command -v dot; then
		"$HEDDLE" plan --dot job.ini | dot -Tplain > plain
		[ "$(grep -c '^edge' plain)" = 2 ]
	fi
	run -0 "$HEDDLE" plan --dot job.ini -o cc.each=1..1500
	[[ $output == *'"cc" -> "link" [label="1500"]'* ]]
}

@test "what was shared and dropped is explained" {
	cat > sums.ini <<-'END'
		[array.normal x]
		size = 100
		[array.normal y]
		size = 100
		[array.sum s]
		of = y
		[array.sum t]
		of = x
		[array.mean lost]
		of = x
	END
	run -0 "$HEDDLE" plan --explain sums.ini s t
	[[ $output == *"share: 2 tasks dropped, each for an equal one that stands for it"* ]]
	[[ $output == *"y has no task left"* ]]
	[[ $output == *"lost has no task left"* ]]
	run -0 "$HEDDLE" plan --explain sums.ini -o job.optimise=none
	[[ $output == *"optimise = none: all tasks as they were made"* ]]
}

@test "a goal that is no node, and options that do not go together, are refused" {
	run -2 "$HEDDLE" plan job.ini lonk
	[ "$output" = "heddle: goal: no node is called 'lonk'; did you mean 'link'?" ]
	run -2 "$HEDDLE" plan job.ini --tasks --dot
	[ "$output" = "heddle: plan: expected one of --tasks, --cmd, --dot, --explain" ]
	run -2 "$HEDDLE" plan job.ini --json --dot
	[ "$output" = "heddle: plan --json goes with --tasks or --cmd, not with --dot" ]
	run -3 "$HEDDLE" plan none.ini
}
