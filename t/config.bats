#!/usr/bin/env bats
# config - what is set and where it was said, as text, as a table, as JSON.

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR"
	unset HEDDLE_CONFIG HEDDLE_JOBS HEDDLE_SCHEDULER HEDDLE_RUNS
	export XDG_CONFIG_HOME=$PWD/config XDG_STATE_HOME=$PWD/state
	cat > a.ini <<-'END'
		[job]
		name = a
		[bag.read text]
		path = *.txt
		  b
		[bag.lines line]
		of = text
		[profile big]
		text.repeat = 9
	END
	printf 'one\ntwo\n' > x.txt
	cp x.txt b
}

# refused CODE SENTENCE ARGS..
refused() {
	local code=$1 sentence=$2
	shift 2
	run -"$code" --separate-stderr "$HEDDLE" "$@" < /dev/null
	[ -z "$output" ]
	[ "$stderr" = "heddle: $sentence" ] || { echo "$stderr"; false; }
}

@test "a job is printed as a job that reads back to the same" {
	"$HEDDLE" config a.ini -o executor.workers=3 --profile big > one.ini
	"$HEDDLE" config one.ini > two.ini
	cmp one.ini two.ini
	grep -qx 'workers = 3' one.ini
	grep -qx 'repeat = 9' one.ini
}

@test "the origin of each value is told" {
	mkdir -p config/heddle
	printf '[ui]\nfps = 7\n' > config/heddle/settings.ini
	HEDDLE_SCHEDULER=lifo run -0 "$HEDDLE" config a.ini --origin -j 2 -o text.chunk=1K
	[[ "$output" =~ job\.name\ +a\.ini:2\ +a ]]
	[[ "$output" =~ executor\.workers\ +-j\ +2 ]]
	[[ "$output" =~ scheduler\.kind\ +\$HEDDLE_SCHEDULER\ +lifo ]]
	[[ "$output" =~ ui\.fps\ +"$PWD"/config/heddle/settings\.ini:2\ +7 ]]
	[[ "$output" =~ job\.seed\ +built\ in\ +0 ]]
	[[ "$output" =~ text\.path\ +a\.ini:4\ +"*.txt b" ]]
	[[ "$output" =~ text\.chunk\ +-o\ +1K ]]
}

@test "in JSON it is an object a value" {
	run -0 --separate-stderr "$HEDDLE" config a.ini --json
	while read -r line; do
		[[ "$line" == '{"section":"'*'","key":"'*'","value":'*',"origin":"'*'"}' ]]
	done <<< "$output"
	grep -qxF '{"section":"text","key":"path","value":"*.txt\nb","origin":"a.ini:4"}' <<< "$output"
	grep -qxF '{"section":"job","key":"max_time","value":null,"origin":"built in"}' <<< "$output"
}

@test "without a file it is the settings alone" {
	run -0 "$HEDDLE" config
	[[ "$output" == '[job]'* ]]
	[[ "$output" != *bag* ]]
}

@test "a file that would run is well, and nothing is said" {
	run -0 "$HEDDLE" config check a.ini
	[ -z "$output" ]
	run -0 "$HEDDLE" config check a.ini --json
	[ "$output" = '{"file":"a.ini","ok":true,"why":null}' ]
}

@test "a file that would not run is refused with its place" {
	printf '[job]\ngaol = x\n' > bad.ini
	refused 3 "bad.ini:2: [job]: unknown key 'gaol'; did you mean 'goal'?" config check bad.ini
	printf '[bag.read text]\npath = x.txt\nchnk = 1M\n' > bad.ini
	run -3 --separate-stderr "$HEDDLE" config check bad.ini
	[[ "$stderr" == "heddle: bad.ini:3: "*"'chnk'"*"did you mean 'chunk'?" ]]
	run -3 --separate-stderr "$HEDDLE" config check bad.ini --json
	[[ "$output" == '{"file":"bad.ini","ok":false,"why":"bad.ini:3: '* ]]
	printf '[scheduler]\nkind = hfl\n' > bad.ini
	run -4 --separate-stderr "$HEDDLE" config check bad.ini
	[[ "$stderr" == "heddle: bad.ini:2: "*"did you mean 'hlf'?" ]]
	refused 3 "none.ini: no such file" config check none.ini
	refused 3 ".: is a folder; expected an INI file" config check .
	refused 2 "config check: expected one FILE" config check
	refused 2 "config: 'b.ini': expected one FILE" config a.ini b.ini
}

@test "a word typed wrongly on the command line is a matter of usage" {
	refused 2 "-o: exectuor.workers: no section and no node is called 'exectuor'; did you mean 'executor'?" \
		config a.ini -o exectuor.workers=3
	refused 2 "-s: [scheduler]: kind is empty; expected text" config a.ini -s ''
	refused 2 "--profile: a.ini has no [profile bog]; did you mean 'big'?" config a.ini --profile bog
}

@test "so is a key of a node or an option of a scheduler" {
	printf '[task t]\ncmd = true\n' > task.ini
	refused 2 "-o: [command.task t]: no option 'cmdd'; did you mean 'cmd'?" batch task.ini -o t.cmdd=x
	refused 2 "-o: [command.task t]: shell = maybe; expected yes or no" batch task.ini -o t.shell=maybe
	refused 2 "-o: [command.task t]: retries = x; expected a number of retries, 0 to 1000000" \
		batch task.ini -o t.retries=x
	refused 2 "-o: [command.task t]: gone.txt is not there, and no task makes it" \
		batch task.ini -o t.in=gone.txt
	refused 2 "-o: scheduler 'flow': no option 'foo'; it has none" batch task.ini -o scheduler.foo=1
}

@test "the files that settings are read from are told" {
	HEDDLE_CONFIG=$PWD/mine.ini run -0 "$HEDDLE" config path
	[[ "$output" =~ user\ settings\ +"$PWD"/mine\.ini\ +no ]]
	[[ "$output" =~ runs\ +"$PWD"/state/heddle/runs\ +no ]]
	HEDDLE_CONFIG=$PWD/mine.ini refused 3 "$PWD/mine.ini: no such file" config
	run -0 "$HEDDLE" config path --json
	[[ "$output" == *'{"what":"user settings","path":"'$PWD'/config/heddle/settings.ini","there":false}'* ]]
}

@test "conf/all.ini is a job" {
	[ -e "$HEDDLE_BUILD/plugins/synth.so" ] || skip "no synth plugin"
	run -0 "$HEDDLE" config check "$HEDDLE_SRC/conf/all.ini"
}
