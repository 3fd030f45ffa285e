#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines of chaos, as far as no Chaosnet is needed.  Prints TAP.
#
# Usage: cli_test.sh PROGRAM

chaos=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
printf '402\toz\n400\tbad\n' > "$dir/hosts"
export CHAOS_HOSTS="$dir/hosts"
n=0
failed=0

# row NAME STATUS PATTERN ARGUMENT...: run it; PATTERN must match its output.
row() {
	name=$1 want=$2 pattern=$3
	shift 3
	n=$((n + 1))
	output=$("$chaos" "$@" 2>&1 < /dev/null)
	got=$?
	if [ "$got" = "$want" ] && printf '%s\n' "$output" | grep -q -e "$pattern"; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# status $got, not $want, or no \"$pattern\" in: $output" | tr '\n' ' '
		echo
		failed=1
	fi
}

long=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
long=$long$long$long

row "no command" 1 '^Usage: chaos COMMAND'
row "help" 0 '^  status ' --help
row "help as a command" 0 '^  status ' help
row "version" 0 '^chaos [0-9]' --version
row "unknown command" 1 'frob: no such command' frob
for cmd in status time uptime routes lastcn call listen; do
	row "$cmd --help" 0 "^Usage: chaos $cmd " $cmd --help
	row "$cmd, unknown option" 1 "^chaos: unrecognized option '--frob'" $cmd --frob
	row "$cmd without operands" 1 "^Usage: chaos $cmd " $cmd
done
row "two hosts" 1 'one host is needed' time 401 402
row "not octal" 1 '^chaos: 408: an address is octal' time 408
row "subnet 0" 1 '^chaos: 7: subnet 0' time 7
row "unknown name" 1 '^chaos: mc: no such host in .*/hosts (and line 2: host 0' time mc
row "timeout 0" 1 'timeout in seconds is a number from 1 to 3600' time -t 0 402
row "timeout with a unit" 1 'timeout in seconds is a number' time -t 5s 402
row "call, timeout empty" 1 'timeout in seconds is a number' call -t '' 402 A
row "call, window too large" 1 'window is a number from 1 to 1024' call -w 1025 402 A
row "call, window 0" 1 'window is a number from 1 to 1024' call -w 0 402 A
row "call without contact" 1 'a host and a contact name' call 402
row "call, empty contact" 1 'contact name is empty' call 402 ''
row "call, space in contact" 1 'no space' call 402 'A B'
row "call, control character" 1 'printing ASCII' call 402 "$(printf 'A\001')"
row "call, contact of 121" 1 'at most 120' call 402 "A$long"
row "call, long arguments" 1 'longer than 488' call 402 A $long $long $long $long $long
row "listen, two contacts" 1 'one contact name' listen A B
row "listen, window" 1 'window is a number' listen -w x A
row "listen -l --exec" 1 'a command has the connection' listen A -l --exec true

# Where the kernel has no Chaosnet, and the module cannot be loaded.
if [ ! -e /sys/module/chaos ] && ! modprobe -n -q net-pf-18; then
	for args in 'status 402' 'time oz' 'uptime 402' 'routes 402' 'lastcn 402' 'call 402 NAME' 'listen NAME'; do
		# shellcheck disable=SC2086
		row "$args, no module" 3 'not available: is the chaos module installed?$' $args
	done
fi

echo "1..$n"
exit $failed
