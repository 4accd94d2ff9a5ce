#!/usr/bin/env bats
# cli - the command line: what is taken, what is refused, and how it is said.

# refused CODE SENTENCE ARGS..: the exit code, one sentence on stderr, nothing on stdout
refused() {
	local code=$1 sentence=$2
	shift 2
	run -"$code" --separate-stderr "$HEDDLE" "$@" < /dev/null
	[ -z "$output" ]
	[ "$stderr" = "heddle: $sentence" ] || { echo "$stderr"; false; }
}

bats_require_minimum_version 1.5.0

@test "the version is told, whatever else is asked" {
	run -0 "$HEDDLE" --version
	[[ "$output" =~ ^heddle\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "an unknown command is refused with the nearest one" {
	refused 2 "hepl: no such command, and no such file; did you mean 'heddle help'?" hepl
}

@test "an unknown option is refused with the nearest one" {
	refused 2 "--seeed: no such option; did you mean '--seed'?" --seeed=1 help
	refused 2 "--frobnicate: no such option" --frobnicate help
	refused 2 "-Z: no such option; see heddle help" -Z help
}

@test "an option without its value is refused" {
	refused 2 "-j: expected N" help -j
	refused 2 "--profile: expected NAME" help --profile
}

@test "a value for an option that takes none is refused" {
	refused 2 "--json: takes no value" help --json=yes
}

@test "a word that is none of an option's is refused with all of them" {
	refused 2 "--ui 'ful': expected one of auto, full, plain, json, quiet; did you mean 'full'?" --ui=ful help
	refused 2 "--color 'red': expected one of auto, always, never" help --color red
}

@test "an override without section, key and value is refused" {
	for bad in x x=1 .x=1 x.=1 x.y; do
		refused 2 "-o $bad: not an override; expected SECTION.KEY=VALUE" help -o "$bad"
	done
}

@test "an option of another command is refused" {
	refused 2 "-j: heddle help does not take it; see heddle help help" help -j 4
	refused 2 "--origin: heddle help does not take it; see heddle help help" --origin help
}

@test "a folder that is none is refused" {
	refused 2 "-C /nowhere/at/all: No such file or directory" -C /nowhere/at/all help
	refused 2 "-C /dev/null: not a folder" -C /dev/null help
}

@test "help tells every command, and each one's options" {
	run -0 "$HEDDLE" help
	commands=$(sed -n 's/^  \([a-z]\+\) .*/\1/p' <<< "$output")
	[[ "$commands" == *help* ]]
	for c in $commands; do
		run -0 "$HEDDLE" help "$c"
		[[ "${lines[0]}" == "usage: heddle $c"* ]]
		[[ "$output" == *"-h, --help"* ]]
		by_option=$("$HEDDLE" "$c" --help)
		[ "$output" = "$by_option" ]
	done
	refused 2 "help me: no such command" help me
}

@test "control characters of an argument do not reach the terminal" {
	run -2 --separate-stderr "$HEDDLE" $'\e]52;c;x\a'
	[[ "$stderr" != *$'\e'* ]] && [[ "$stderr" != *$'\a'* ]]
}

@test "a full standard output is an error, a closed one is none to shout about" {
	run -7 --separate-stderr sh -c '"$HEDDLE" help > /dev/full'
	[ "$stderr" = "heddle: standard output: No space left on device" ]
	run -0 --separate-stderr sh -c '"$HEDDLE" help | true'
	[ -z "$stderr" ]
}

@test "closed standard descriptors do no harm" {
	run -0 sh -c '"$HEDDLE" --version <&- 2>&-'
	[[ "$output" == heddle\ * ]]
}

@test "the manual has every command and every option that help has" {
	page=$HEDDLE_SRC/doc/heddle.1
	for c in $("$HEDDLE" help | sed -n 's/^  \([a-z]\+\) .*/\1/p'); do
		grep -q "^\.It Cm $c\b" "$page" || { echo "$c is not in heddle.1"; false; }
		while read -r flag; do
			name=${flag#-}
			grep -q "^\.It.* Fl $name\b\|^\.It Fl . , $name\b" "$page" ||
				{ echo "$flag of $c is not in heddle.1"; false; }
		done < <("$HEDDLE" help "$c" | grep -o '^  .\{18\}' | grep -o -- '-\(-[a-z-]\+\|[a-zA-Z]\b\)')
	done
}

@test "the manuals are well formed" {
	type mandoc > /dev/null || skip "no mandoc"
	for page in heddle.1 heddle.ini.5 heddle-plugin.7; do
		run -0 mandoc -T lint -W warning "$HEDDLE_SRC/doc/$page"
	done
}
