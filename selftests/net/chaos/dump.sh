#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaos dump: packets as they pass, on an Ethernet, on lo and on a virtual link.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#	      chaos1 (1001), which a program feeds
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=feed.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/feed.sh"
need_root
need ip chaosctl chaos setpriv python3 tcpdump

# start DESCRIPTION NAME HOST WORDS...: begin to dump, into files of this name.
start()
{
	local description=$1 name=$2 host=$3
	shift 3
	background "$host" chaos dump "$@" >"$scratch/$name" 2>"$scratch/$name.err"
	dump=$!
	check "$description" wait_for 30 file_has "$scratch/$name.err" "capturing on"
}

gone()
{
	! kill -0 "$dump" 2>/dev/null
}

# ended DESCRIPTION STATUS: what was started last ends, with this status.
ended()
{
	local status="does not end"

	if wait_for 60 gone; then
		wait "$dump"
		status=$?
	fi
	check_equal "$1" "$2" "$status"
}

# prints DESCRIPTION NAME PATTERN...: the lines, one for each pattern, in order.
prints()
{
	local description=$1 name=$2 n=0 line
	shift 2
	while read -r line; do
		[[ $line =~ ^$1$ ]] || break
		n=$((n + 1))
		shift
	done <"$scratch/$name"
	if [ $# -eq 0 ] && [ "$n" -eq "$(wc -l <"$scratch/$name")" ]; then
		tap_pass "$description"
	else
		tap_fail "$description" "line $((n + 1)) is not: ${1-the end}" \
			"$(<"$scratch/$name")" "$(<"$scratch/$name.err")"
	fi
}

# ask COMMAND HOST: until it answers.
ask()
{
	wait_for 30 on alpha chaos "$@"
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch
check "alpha" chaos_host alpha 401 ALPHA
check "beta" chaos_host beta 402 BETA
printf '402\tbeta\n' >"$scratch/hosts"
export CHAOS_HOSTS=$scratch/hosts

numbers='[0-9a-f]{4}/0000'
request="401:[0-9a-f]{4} > 402\(beta\):0000 RFC $numbers \"STATUS\""
answer="402\(beta\):0000 > 401:[0-9a-f]{4} ANS $numbers len [0-9]+ [0-9a-f]+\.\.\."

# A request comes after ARP has found the way.
start "dump of a link" ether alpha -t eth0
on alpha chaosctl neigh flush dev eth0
check "STATUS" ask status 402
check "is seen" wait_for 30 file_has "$scratch/ether" ANS
kill "$dump"
ended "SIGTERM ends it" 0
check "both ways" grep -qE "^$request\$" "$scratch/ether"
check "and the answer" grep -qE "^$answer\$" "$scratch/ether"
check "ARP, too" grep -q '^ARP who has 402(beta), tell 401$' "$scratch/ether"
check "which is answered" \
	grep -qE '^ARP 402\(beta\) is at ([0-9a-f]{2}:){5}[0-9a-f]{2}$' "$scratch/ether"
check "the count is told" grep -qE '^chaos: [0-9]+ packets captured, 0 lost' "$scratch/ether.err"

start "dump of a subnet" subnet beta -c 1 -t -w "$scratch/pcapng" --print 1 op OPN,ANS host 401
check "STATUS" ask status 402
ended "one packet ends it" 0
prints "the answer" subnet "$answer"
check_equal "on the link that is on it" "chaos: capturing on eth0" \
	"$(head -n 1 "$scratch/subnet.err")"
check "the file" chaos dump -t -r "$scratch/pcapng"
check_equal "says the same" "$(<"$scratch/subnet")" "$(chaos dump -t -r "$scratch/pcapng")"
check_equal "tcpdump reads it" 1 \
	"$(tcpdump -er "$scratch/pcapng" 2>/dev/null | grep -c 'ethertype.*0x0804')"

start "dump of all links" all alpha contact STATUS
check "STATUS of ourselves" ask status 401
check "STATUS of the other" ask status 402
stamp='[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}'
check "one is on lo" wait_for 30 grep -qE "^$stamp lo 401:[0-9a-f]{4} > 401:" "$scratch/all"
check "the other on eth0" wait_for 30 grep -qE "^$stamp eth0 $request" "$scratch/all"
kill "$dump"
ended "SIGTERM ends it" 0

# A virtual link knows the next hop.
feed alpha chaos1 0 1001
check "a program feeds a link" fed
start "dump of it" virtual alpha -c 1 -tej chaos1
check_fails "nobody answers there" "" on alpha chaos time -t 1 1002
ended "one packet ends it" 0
prints "with the next hop" virtual \
	'.*"link_src":"1001","link_dst":"1002","op":"RFC",.*"contact":"TIME"}'

check_fails "no such subnet" "no link has an address on subnet 77" on alpha chaos dump 77
check_fails "no such link" "nolink: no such network device" on alpha chaos dump nolink
check_fails "not everybody may" "CAP_NET_RAW" \
	on alpha setpriv --reuid 12345 --clear-groups --bounding-set -net_raw chaos dump eth0
start "dump of a link that goes" gone beta eth0
check "it goes" on beta ip link del eth0
ended "which ends it" 3
check "and is told" grep -q '^chaos: eth0: ' "$scratch/gone.err"
tap_done
