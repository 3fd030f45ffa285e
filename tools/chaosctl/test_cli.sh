#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The command line as a whole, without Chaosnet in the kernel.  Prints TAP.
#
# usage: test_cli.sh CHAOSCTL

chaosctl=${1:?usage: test_cli.sh CHAOSCTL}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
count=0
failed=0

# result NAME: the last command's status tells whether the test passed.
result() {
	passed=$?
	count=$((count + 1))
	if [ "$passed" = 0 ]; then
		echo "ok $count - $1"
	else
		failed=$((failed + 1))
		echo "not ok $count - $1"
		sed 's/^/# /' "$dir/out" "$dir/err"
	fi
}

# run WORDS...: keeps output, complaints and status.
run() {
	"$chaosctl" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}

# says TEXT: the first complaint is exactly this.
says() {
	[ "$(head -n 1 "$dir/err")" = "chaosctl: $1" ]
}

run -V
[ "$status" = 0 ] && grep -q '^chaosctl [0-9]' "$dir/out" && [ ! -s "$dir/err" ]
result "version"

run help
[ "$status" = 0 ] && grep -q '^usage: chaosctl' "$dir/out" && [ ! -s "$dir/err" ]
result "help"

run
[ "$status" = 1 ] && grep -q '^usage: chaosctl' "$dir/err" && [ ! -s "$dir/out" ]
result "no words at all"

run help addr
cp "$dir/out" "$dir/first"
run a h
[ "$status" = 0 ] && cmp -s "$dir/first" "$dir/out" && grep -q 'addr add ADDRESS dev DEV' "$dir/out"
result "help of an object, both ways"

run route add help
[ "$status" = 0 ] && grep -q '^chaosctl route add .*via ADDRESS' "$dir/out"
result "help of a command"

run help r
cp "$dir/out" "$dir/first"
run route help
[ "$status" = 0 ] && cmp -s "$dir/first" "$dir/out"
result "of several objects that begin alike the first is meant"

run link s
[ "$status" = 1 ] && says "'s' is ambiguous: it could be 'show' or 'set'"
result "ambiguous command"

run route replace d 401 v 402
[ "$status" = 1 ] && says "'d' is ambiguous: it could be 'dev' or 'default'"
result "ambiguous word"

run frob
[ "$status" = 1 ] && says "'frob' is not an object"
result "unknown object"

run addr add 3090 dev lo
[ "$status" = 1 ] && says "'3090' is not an octal address: digit 9" && [ ! -s "$dir/out" ]
result "bad address"

run set name
[ "$status" = 1 ] && says "'name' needs a value: name NAME"
result "set name without a name"

run show foo
[ "$status" = 1 ] && says "'foo' is not a word known here"
result "show of something unknown"

run -j ping -i 2 -qc3
[ "$status" = 2 ] && says "ping: missing 'HOST'" && grep -q '^usage: chaosctl ping' "$dir/err"
result "ping has options of its own"

run tr -j 2009
[ "$status" = 2 ] && says "2009: an address is octal, only digits 0 to 7"
result "trace to a bad address"

run help trace
cp "$dir/out" "$dir/first"
run trace help
[ "$status" = 0 ] && cmp -s "$dir/first" "$dir/out" && grep -q '^chaosctl trace .*HOST' "$dir/out"
result "help of a command without an object, both ways"

run addr -j --no-such-option
[ "$status" = 1 ] && [ -s "$dir/err" ]
result "unknown option"

run -n no-such-namespace addr
[ "$status" = 2 ] && says "cannot open network namespace 'no-such-namespace': No such file or directory"
result "unknown namespace"

run -n ../net addr
[ "$status" = 1 ] && says "'../net' is not a name of a network namespace"
result "namespace outside of its directory"

"$chaosctl" help >/dev/full 2>"$dir/err"
status=$?
[ "$status" = 2 ] && says "cannot write the output: No space left on device"
result "full disk"

"$chaosctl" help >&- 2>"$dir/err"
status=$?
[ "$status" = 2 ] && says "cannot write the output: Bad file descriptor"
result "closed output"

{ sleep 0.3; "$chaosctl" help 2>"$dir/err"; echo $? >"$dir/status"; } | true
[ "$(cat "$dir/status")" != 0 ]
result "closed pipe"

printf 'link help\n\nlink \\\n add\naddr help\n' >"$dir/file"
run -b "$dir/file"
[ "$status" = 1 ] && [ "$(head -n 1 "$dir/err")" = "$dir/file:3: link add: missing 'dev DEV'" ] &&
	grep -q '^link:' "$dir/out" && ! grep -q '^addr:' "$dir/out"
result "batch, stops at a line that is wrong"

run -f --batch "$dir/file"
[ "$status" = 1 ] && [ "$(head -n 1 "$dir/err")" = "$dir/file:3: link add: missing 'dev DEV'" ] &&
	grep -q '^addr:' "$dir/out"
result "batch, goes on"

echo "help # first
'link' 'he''lp'" >"$dir/file"
run -b - <"$dir/file"
[ "$status" = 0 ] && [ ! -s "$dir/err" ] && grep -q '^usage:' "$dir/out" && grep -q '^link:' "$dir/out"
result "batch from the input"

run -b /nonexistent/file
[ "$status" = 2 ] && says "cannot open '/nonexistent/file': No such file or directory"
result "batch that is not there"

run -b "$dir/file" link
[ "$status" = 1 ] && says "'link' is too much: with -b the commands are in a file"
result "batch and a command"

echo "monitor" >"$dir/file"
run -b "$dir/file"
[ "$status" = 1 ] && [ "$(cat "$dir/err")" = "$dir/file:1: 'monitor' cannot stand in a file of commands" ]
result "batch with a command that does not end"

run -j -b /dev/null
[ "$status" = 0 ] && [ "$(cat "$dir/out")" = "[]" ]
result "batch, JSON"

run restore
[ "$status" = 1 ] && says "config restore: missing 'FILE'"
result "restore without a file"

run -j save
[ "$status" = 1 ] && says "the configuration is saved as commands, not in JSON"
result "save in JSON"

run -c=sometimes help
[ "$status" = 1 ] && says "'sometimes' is not a time for colours: always, auto or never"
result "colours at a wrong time"

run -c help
[ "$status" = 0 ] && ! grep -q "$(printf '\033')" "$dir/out"
result "no colours in a file"

name="not available"
if grep -qs '^chaos ' /proc/modules; then
	count=$((count + 1))
	echo "ok $count - $name # SKIP it is"
else
	run addr
	if [ "$status" = 0 ]; then
		count=$((count + 1))
		echo "ok $count - $name # SKIP it is, now"
	else
		[ "$status" = 2 ] && [ ! -s "$dir/out" ] &&
			says "Chaosnet is not available: is the chaos module installed?"
		result "$name"
	fi
fi

echo "1..$count"
[ "$failed" = 0 ]
