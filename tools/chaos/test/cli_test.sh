#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Command lines of chaos, as far as no Chaosnet is needed.  Prints TAP.
#
# Usage: cli_test.sh PROGRAM

chaos=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
printf '402\toz\n400\tbad\n' > "$dir/hosts"
export CHAOS_HOSTS="$dir/hosts" TZ=UTC
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
for cmd in status time uptime routes lastcn call listen perf; do
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

row "dump --help" 0 '^Usage: chaos dump ' dump --help
row "dump, unknown option" 1 "^chaos: invalid option -- 'q'" dump -q
row "dump, count 0" 1 'count of packets is a number from 1' dump -c 0
row "dump -ttttt" 1 'at most 4 times' dump -ttttt
row "dump, subnet 0" 1 'subnet is an octal number from 1 to 377' dump 0
row "dump, subnet 400" 1 'subnet is an octal number from 1 to 377' dump 400
row "dump, subnet 8" 1 '^chaos: 8: a subnet is an octal' dump subnet 8
row "dump, long link" 1 'no name of a link' dump "$long"
row "dump, empty link" 1 'no name of a link' dump ''
row "dump, link and subnet" 1 'a subnet or links, not both' dump eth0 subnet 6
row "dump, link and file" 1 'a file has no links' dump -r "$dir/x" eth0
row "dump, unknown word" 1 '^chaos: foo: not "dev"' dump 6 foo 7
row "dump, word without value" 1 '"host" needs a value' dump host
row "dump, unknown host" 1 'mc: no such host' dump host mc
row "dump, three hosts" 1 'no more than two hosts' dump host 401 host oz host 403
row "dump, opcode" 1 'opcodes are names' dump op RFC,FOO
row "dump, contact" 1 'no space' dump contact 'A B'
row "dump -w - --print" 1 'for --print or for -w' dump -w - --print
row "dump, no such file" 3 "^chaos: $dir/x: No such file" dump -r "$dir/x"
row "dump, not a capture" 3 "^chaos: $dir/hosts: unknown file format" dump -r "$dir/hosts"
row "dump, no such link" 3 '^chaos: nosuchlink:' dump nosuchlink

# A frame with an RFC and one with something else, as tcpdump writes them.
{
	printf '\324\303\262\241\002\000\004\000\000\000\000\000\000\000\000\000'
	printf '\000\000\004\000\001\000\000\000'
	printf '\001\000\000\000\002\000\000\000\044\000\000\000\044\000\000\000'
	printf '\256\043\170\354\311\226\202\342\347\222\002\323\010\004'
	printf '\000\001\006\000\002\001\000\000\001\001\034\341\356\232\000\000STATUS'
	printf '\001\000\000\000\003\000\000\000\020\000\000\000\020\000\000\000'
	printf '\256\043\170\354\311\226\202\342\347\222\002\323\010\010\001\002'
} > "$dir/pcap"
rfc='401:e11c > 402(oz):0000 RFC 9aee/0000 "STATUS"'
row "dump -r" 0 "^1.000002 $rfc\$" dump -tt -r "$dir/pcap"
row "dump -r, UTC" 0 "^00:00:01.000002 401" dump -r "$dir/pcap"
row "dump -r, no names" 0 '^401:e11c > 402:0000 RFC' dump -tn -r "$dir/pcap"
row "dump -r -x" 0 '0x0010:  5354 4154 5553  *STATUS$' dump -x -r "$dir/pcap"
row "dump -r -j" 0 '^{"time":1.000002,"op":"RFC",.*"contact":"STATUS"}$' dump -j -r "$dir/pcap"
row "dump -r, other host" 0 '^$' dump -r "$dir/pcap" host 403
row "dump -r, opcode" 0 RFC dump -r "$dir/pcap" op opn,rfc host oz contact status
row "dump -w" 0 '^$' dump -r "$dir/pcap" -w "$dir/pcapng"
row "dump -w, read back" 0 "^1.000002 $rfc\$" dump -tt -r "$dir/pcapng"
row "dump -w, no directory" 3 "^chaos: $dir/no/file: No such file" dump -r "$dir/pcap" -w "$dir/no/file"
row "dump -w, full" 3 '^chaos: /dev/full: cannot write: No space' dump -r "$dir/pcap" -w /dev/full
head -c 60 "$dir/pcap" > "$dir/cut"
row "dump -r, cut short" 3 "^chaos: $dir/cut: truncated dump file" dump -r "$dir/cut"

# Where the kernel has no Chaosnet, and the module cannot be loaded.
if [ ! -e /sys/module/chaos ] && ! modprobe -n -q net-pf-18; then
	for args in 'status 402' 'time oz' 'uptime 402' 'routes 402' 'lastcn 402' 'call 402 NAME' 'listen NAME'; do
		# shellcheck disable=SC2086
		row "$args, no module" 3 'not available: is the chaos module installed?$' $args
	done
	row "dump, no module" 3 'not available: is the chaos module installed?$' dump
	row "dump of a subnet, no module" 3 'not available: is the chaos module' dump 6
fi

echo "1..$n"
exit $failed
