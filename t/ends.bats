#!/usr/bin/env bats
# ends - what a command leaves behind when it is ended, and time that runs out.

setup() {
	export HEDDLE_RUNS=$BATS_TEST_TMPDIR/runs
	cd "$BATS_TEST_TMPDIR" || exit 1
}

job() {	# job SECONDS-KEYS: a shell that leaves a deaf child behind
	cat >job.ini <<-E
	[task t]
	cmd     = sh -c 'trap "" TERM; sleep 1000 & echo \$! >child; trap - TERM; wait'
	timeout = 0.3s
	grace   = 0.2s
	E
}

gone() {	# gone PID: within ten seconds it is no more, or a zombie
	for _ in $(seq 1000); do
		case $(sed -n 's/^State:[ \t]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) in
		""|Z) return 0 ;;
		esac
		read -r -t 0.01 <>"$BATS_TEST_TMPDIR/never" || :
	done
	return 1
}

@test "a child that is deaf to TERM goes with the command that timed out" {
	mkfifo never
	job
	for x in threads sync; do
		rm -f child
		run "$HEDDLE" batch job.ini -x $x
		[ "$status" = 1 ]
		[[ "$output" == *"timed out"* ]]
		gone "$(cat child)"
	done
}

@test "max_time ends a job, whoever runs it" {
	for x in threads sync; do
		printf '[job]\nmax_time = 0.3s\n[task t]\ncmd = sleep 1000\n' >long.ini
		run "$HEDDLE" batch long.ini -x $x
		[ "$status" = 124 ]
		[[ "$output" == *"over its time"* ]]
	done
}

@test "a kernel of sync that asks is told that its time is over" {
	printf '[job]\nmax_time = 0.2s\n[synth.task t]\ntime = 100\n' >long.ini
	run "$HEDDLE" batch long.ini -x sync
	[ "$status" = 124 ]
}

@test "what the job says of the environment stands once" {
	printf '[task t]\nenv = OMP_NUM_THREADS=7\ncmd = env\n' >env.ini
	run env -u OMP_NUM_THREADS "$HEDDLE" batch env.ini --json
	[ "$status" = 0 ]
	[ "$("$HEDDLE" log 1 t | grep -c '^OMP_NUM_THREADS=')" = 1 ]
	"$HEDDLE" log 1 t | grep -qx OMP_NUM_THREADS=7
}
