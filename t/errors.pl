#!/usr/bin/perl
# errors - each row of errors.tsv gives its exit code and sentence, and each
# sentence of core and cli has a row.
#
# A row: COMMAND <tab> EXIT <tab> SENTENCE.  COMMAND is run by sh in an empty
# folder of its own, `heddle` being the program.  SENTENCE stands in what it
# says on stderr, where the trees of sources and build, the folder and the one
# above it read $SRC, $BUILD, $PWD and $HOME.  Where no command line reaches a
# sentence, COMMAND is `in t/NAME.c` and EXIT is -: a test of that file expects
# it, word for word.  Formats of one word are not looked for.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use POSIX qw(_exit);

my $src = abs_path($ENV{HEDDLE_SRC} // '.');
my $build = abs_path($ENV{HEDDLE_BUILD} // "$src/build");
my $heddle = abs_path($ENV{HEDDLE} // "$build/heddle");
my $top = abs_path(tempdir(CLEANUP => 1));
my ($n, @said) = (0);

sub ok { my ($ok, $what, @why) = @_;
	$n++;
	$what =~ s/#/\\#/g;
	print $ok ? "ok $n - $what\n" : "not ok $n - $what\n";
	unless ($ok) { for (@why) { print "# $_\n" for split /\n/ } }
}

mkdir "$top/bin";
symlink $heddle, "$top/bin/heddle";
$ENV{PATH} = "$top/bin:$ENV{PATH}";
$ENV{HOME} = $ENV{XDG_STATE_HOME} = $ENV{XDG_CONFIG_HOME} = $ENV{XDG_DATA_HOME} = $top;
$ENV{SRC} = $src;
$ENV{BUILD} = $build;
$ENV{LC_ALL} = 'C.UTF-8';
delete @ENV{grep { /^HEDDLE_/ } keys %ENV};

# Leaves "exit\nwhat it said" in $top/$i.done.
sub run_row { my ($i, $command) = @_;
	my $at = "$top/$i";
	mkdir $at;
	chdir $at;
	open my $f, '>', "$at.sh" or die;
	print $f $command, "\n";
	close $f;
	# none but 0, 1 and 2, so that ulimit -n counts from there
	my $close = join ' ', map { "$_>&-" } 3 .. 9;
	my $status = system("timeout 60 sh $at.sh >$at.out 2>$at.err </dev/null $close");
	chdir $top;
	my $said = slurp("$at.err");
	$said =~ s/\Q$$_[0]\E/$$_[1]/g
		for [$build, '$BUILD'], [$src, '$SRC'], [$at, '$PWD'], [$top, '$HOME'];
	open my $done, '>', "$at.done" or die;
	print $done $status >> 8, "\n", $said;
	close $done;
}

# Some at once: most of them wait for a process to end.
sub run_rows { my ($atonce, @row) = @_;
	for my $k (0 .. $atonce - 1) {
		my $pid = fork // die "fork: $!";
		next if $pid;
		for (my $i = $k; $i < @row; $i += $atonce) {
			run_row($i, $row[$i][0]) unless $row[$i][0] =~ /^in t\//;
		}
		_exit(0);
	}
	1 while wait > 0;
}

sub slurp { my ($path) = @_;
	open my $f, '<', $path or die "$path: $!";
	local $/;
	return <$f> // '';
}

# The text of a C file, its strings whole.
sub strings_of { my ($file) = @_;
	my $text = slurp("$src/$file");
	$text =~ s/"\s*\n\s*"//g;
	$text =~ s/\\"/"/g;
	return $text;
}

my @row = map { [split /\t/] } grep { !/^#|^$/ } split /\n/, slurp("$src/t/errors.tsv");
for (@row) { die "t/errors.tsv: @$_: expected three columns\n" if @$_ != 3 || $$_[2] eq '' }
run_rows(3, @row);
for my $i (0 .. $#row) {
	my ($command, $exit, $sentence) = @{$row[$i]};
	if ($command =~ /^in (t\/\w+\.c)$/) {
		ok(index(strings_of($1), $sentence) >= 0, "$1 expects: $sentence", 'it does not');
		push @said, $sentence;
		next;
	}
	my ($got, $said) = split /\n/, slurp("$top/$i.done"), 2;
	ok($got == $exit && index($said, $sentence) >= 0, $sentence,
		"command: $command", "exit $got, expected $exit", "said: $said");
	push @said, $said;
}

# What neither a command line nor a test can bring about here, and why.
my %exempt = (
	'cannot take signals: %s' =>
		'signalfd wants one descriptor, to load a plugin before it took two',
	'its folder cannot be told from /proc/self/fd' =>
		'no /proc: the keeper and the threads want one before it',
);

# Formats as they stand in the sources, told as patterns of what they print.
my $tells = qr/\b(?:err_set|err_vset|err_add|err_in|refuse|draft_fail|plan_bad|wrong|(?:\w+_)?blame|say(?=\(t,)|answer(?=\(a, -1)|snprintf(?=\((?:why|said)))\s*\(/;
my $string = qr/"(?:[^"\\]|\\.)*"/;
my $spec = qr/%[-+ #0]*[\d.*]*(?:hh|h|ll|l|z|j)?[a-zA-Z]/;

sub pattern { my ($format) = @_;
	my $pattern = join '.*?', map { quotemeta } split $spec, $format, -1;
	$pattern =~ s/\\%\\%/%/g;
	return qr/$pattern/s;
}

for my $file (sort split /\n/, `find $src/core $src/cli -name '*.c'`) {
	my $text = slurp($file);
	(my $short = $file) =~ s/^\Q$src\E\///;
	$text =~ s/\/\*.*?\*\///gs;
	while ($text =~ /$tells((?:[^;"]|$string)*);/g) {
		my $call = $1;
		while ($call =~ /((?:$string\s*)+)/g) {
			my $format = join '', $1 =~ /"((?:[^"\\]|\\.)*)"/g;
			$format =~ s/\\(["\\])/$1/g;
			(my $words = $format) =~ s/$spec/ /g;
			next if (() = $words =~ /[a-z]{2,}/g) < 2;
			next if delete $exempt{$format};
			my $pattern = pattern($format);
			ok((grep { /$pattern/ } @said) > 0, "$short: $format", 'no row produces it');
		}
	}
}
ok(0, "exempt: $_", 'nobody says it') for sort keys %exempt;
print "1..$n\n";
chdir '/';
