#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl and the kernel: every object and command, what the kernel says when it
# refuses, exit statuses, JSON.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#	      eth1 ------------- eth1
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl chaos

# counter HOST DEV KEY: a number of the link.
counter()
{
	ctl "$1" -s link show "$2" | tr -s ' \n' '  ' | grep -o " $3 [0-9]*" | grep -o '[0-9]*$'
}

mac=02:00:00:00:00:0

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
ip link add eth1 netns "${ns_prefix}alpha" type veth peer name eth1 netns "${ns_prefix}beta"
make_scratch

# ---------------------------------------------------------------- links

shows "lo is a link from the beginning" "lo: loopback cost 11 up" alpha link
shows "link add" "" alpha link add eth0 cost 7
refused "link add, twice" "the device carries Chaosnet already" alpha link add eth0
shows "link show" "lo: loopback cost 11 up
eth0: ether cost 7 up" alpha link show
shows "link show, one" "eth0: ether cost 7 up" alpha link show eth0
shows "link set" "" alpha link set eth0 cost 512
shows "link set, as abbreviated" "" alpha l se eth0 c 12
shows "link show, other cost" "eth0: ether cost 12 up" alpha link show eth0
wrong "link set, cost too low" "'0' is not a cost: it is 0" alpha link set eth0 cost 0
wrong "link set, cost too high" "'513' is not a decimal cost: it is above 512" \
	alpha link set eth0 cost 513
refused "link set, no link" "the device carries no Chaosnet: add the link first" \
	alpha link set eth1 cost 5
refused "link add, no such device" "no such device" alpha link add nosuch
refused "link show, no such device" "there is no device 'nosuch'" alpha link show nosuch
refused "link del, no link" "the device carries no Chaosnet: add the link first" \
	alpha link del eth1
refused "link del lo" "the loopback link always stays" alpha link del lo
wrong "link add without device" "link add: missing 'dev DEV'" alpha link add
shows "link add, device down" "" alpha link add eth1
shows "link show, device down" "eth1: ether cost 11 down" alpha link show eth1

on alpha ip link add br0 type bridge
on alpha ip link add small0 type veth peer name port0
on alpha ip link set small0 mtu 500
on alpha ip link set port0 master br0
refused "link add, MTU too small" "the device's MTU is below 504" alpha link add small0
refused "link add, port of a bridge" \
	"the device is a port of another, which takes its packets: attach that one" \
	alpha link add port0
shows "link add, the bridge" "" alpha link add br0
shows "link del" "" alpha link del br0
on alpha ip link del br0
on alpha ip link del small0

# ------------------------------------------------------------- addresses

shows "addr show, none" "" alpha addr
wrong "addr add, no host" "'400' is not a host address: its host number is 0" \
	alpha addr add 400 dev eth0
wrong "addr add, no subnet" "'377' is not a host address: its subnet is 0" \
	alpha addr add 377 dev eth0
wrong "addr add, not octal" "'408' is not an octal address: digit 8" alpha addr add 408 dev eth0
wrong "addr add, too large" "'200001' is not an octal address: it is above 177777" \
	alpha addr add 200001 dev eth0
wrong "addr add without device" "addr add: missing 'dev DEV'" alpha addr add 401
refused "addr add, no such device" "no such device" alpha addr add 401 dev nosuch
refused "addr del, none there" "the link has no address" alpha addr del 401 dev eth0
shows "addr add" "" alpha addr add 401 dev eth0
shows "addr add to a device that is no link" "" beta a a 00402 d eth0
refused "addr add, twice" "the link has this address already" alpha addr add 401 dev eth0
refused "addr add, a second one" "the link has another address: delete it first" \
	alpha addr add 403 dev eth0
refused "addr add, another link's" "another link of this host has this address" \
	alpha addr add 401 dev eth1
refused "addr del, another" "the link has another address" alpha addr del 403 dev eth0
check "the address becomes valid" wait_for 30 has alpha addr '401 dev eth0 valid'
check "the other one too" wait_for 30 has beta addr '402 dev eth0 valid'
shows "addr add, highest" "" alpha addr add 177777 dev eth1
shows "addr show, one device" "177777 dev eth1 tentative" alpha addr show dev eth1
shows "addr del" "" alpha addr del 177777 dev eth1
shows "addr show" "401 dev eth0 valid" alpha addr
shows "link show with address" "eth0: ether addr 401 cost 12 up" alpha link show eth0

# ---------------------------------------------------------------- routes

shows "route show, by address only" "subnet 1 dev eth0 cost 12 direct
host 401 dev eth0 cost 0 local" alpha route
shows "route add subnet" "" alpha route add subnet 7 via 402
shows "route add subnet, highest" "" alpha route add subnet 377 via 402 cost 511
shows "route add host" "" alpha route add host 3401 via 402 cost 30
shows "route add host dev" "" alpha route add host 1001 dev eth0
shows "route add default" "" alpha route add default via 402
refused "route add, twice" "there is a configured route already" \
	alpha route add subnet 7 via 402
refused "route add, direct subnet" "there is a direct route already" \
	alpha route add subnet 1 via 402
refused "route add, own address" "this is an address of ours" alpha route add host 401 via 402
refused "route add, bridge elsewhere" "the bridge is not on a directly connected subnet" \
	alpha route add subnet 10 via 3401
refused "route add, bridge is ourselves" "the bridge's address is our own" \
	alpha route add subnet 10 via 401
wrong "route add, bridge is no host" "'400' is not a host address: its host number is 0" \
	alpha route add subnet 10 via 400
refused "route add, bridge to itself" "a host cannot be the bridge to itself" \
	alpha route add host 405 via 405
wrong "route add host, no host" "'3400' is not a host address: its host number is 0" \
	alpha route add host 3400 via 402
refused "route add subnet dev" \
	"the route needs a bridge: direct routes to subnets follow our addresses" \
	alpha route add subnet 10 dev eth0
refused "route add host dev lo" "there are no other hosts on the loopback link" \
	alpha route add host 1002 dev lo
refused "route add host dev, no address" "we have no address on that link" \
	alpha route add host 1002 dev eth1
refused "route add, via and dev that do not agree" "the bridge is on another link" \
	alpha route add host 1002 dev eth1 via 402
wrong "route add, nowhere" "route add: missing 'dev DEV' or 'via ADDRESS'" \
	alpha route add host 1002
wrong "route add, bad subnet" "'400' is not an octal subnet number: it is above 377" \
	alpha route add subnet 400 via 402
shows "route replace" "" alpha route replace subnet 7 via 403 cost 33
check_equal "route show" "default via 402 cost 20 fixed
host 1001 dev eth0 cost 12 direct
host 3401 via 402 cost 30 fixed
host 401 dev eth0 cost 0 local
subnet 1 dev eth0 cost 12 direct
subnet 377 via 402 cost 511 fixed
subnet 7 via 403 cost 33 fixed" "$(ctl alpha route | LC_ALL=C sort)"
shows "route get, own" "401 dev lo src 401 cost 0 by host local" alpha route get 401
shows "route get, direct" "402 dev eth0 src 401 cost 12 by subnet 1 direct" alpha route get 402
shows "route get, host" "3401 via 402 dev eth0 src 401 cost 30 by host fixed" alpha route get 3401
shows "route get, host on a link" "1001 dev eth0 src 401 cost 12 by host direct" \
	alpha route get 1001
shows "route get, subnet" "3402 via 403 dev eth0 src 401 cost 33 by subnet 7 fixed" alpha route get 3402
shows "route get, default" "4001 via 402 dev eth0 src 401 cost 20 by default fixed" alpha route get 4001
refused "route del, of an address" "the route belongs to an address of ours: delete that" \
	alpha route del subnet 1
shows "route del subnet" "" alpha route del subnet 7
shows "route del host" "" alpha route del host 3401
shows "route del host dev" "" alpha route del host 1001
shows "route del default" "" alpha route del default
refused "route del, not there" "no such route" alpha route del default
refused "route get, no route" "there is no route to this host" alpha route get 4001
on alpha ip link set eth0 down
refused "route get, link down" "the link is down" alpha route get 402
on alpha ip link set eth0 up

# ------------------------------------------------------------ neighbours

beta_mac=$(on beta cat /sys/class/net/eth0/address)

shows "neigh show, none" "" alpha neigh
shows "neigh add" "" alpha neigh add 402 lladdr ${mac}1 dev eth0
shows "neigh show" "402 dev eth0 lladdr ${mac}1 permanent" alpha neigh
refused "neigh add, twice" "there is a permanent entry for this host" \
	alpha neigh add 402 lladdr ${mac}2 dev eth0
check_fails "a wrong hardware address is used" "" on alpha chaos status -t 1 402
shows "neigh replace" "" alpha neigh replace 402 lladdr "$beta_mac" dev eth0
check "the right one, too" on alpha chaos status 402
shows "neigh show, one device" "402 dev eth0 lladdr $beta_mac permanent" \
	alpha neigh show dev eth0
refused "neigh add, group address" "the hardware address is zero or a group's" \
	alpha neigh add 410 lladdr 01:00:00:00:00:00 dev eth0
refused "neigh add, zero" "the hardware address is zero or a group's" \
	alpha neigh add 410 lladdr 00:00:00:00:00:00 dev eth0
refused "neigh add, own address" "this is an address of ours" \
	alpha neigh add 401 lladdr ${mac}2 dev eth0
wrong "neigh add, no hardware address" \
	"'1:2:3' is not a hardware address: it should look like 52:54:00:12:34:56" \
	alpha neigh add 410 lladdr 1:2:3 dev eth0
refused "neigh add, lo" "there are no neighbours on this kind of link" \
	alpha neigh add 410 lladdr ${mac}2 dev lo
shows "neigh del" "" alpha neigh del 402 dev eth0
refused "neigh del, not there" "no such neighbour on this link" alpha neigh del 402 dev eth0
check_fails "nobody there" "next host on the way does not answer" on alpha chaos status 477
check "neigh show, failed" has alpha neigh '477 dev eth0 failed'
check "somebody there" on alpha chaos status 402
check "neigh show, found by ARP" has alpha neigh \
	"402 dev eth0 lladdr $beta_mac reachable age [0-9.]*s"

# -------------------------------------------------------------- counters

# Conditions for wait_for: on a machine that stalls a question is sent again, and both
# count.

one_packet()
{
	local rx tx

	rx=$(counter beta eth0 "rx packets") tx=$(counter beta eth0 "tx packets")
	on alpha chaos time 402 &&
		[ "$(counter beta eth0 "rx packets")" -eq $((rx + 1)) ] &&
		[ "$(counter beta eth0 "tx packets")" -eq $((tx + 1)) ]
}

# value NAME: of a counter of beta.
value()
{
	ctl beta stat show all | sed -En "s/^$1 +([0-9]+) .*/\1/p"
}

# one_more NAME COMMAND...: the command succeeds, and the counter goes up by one.
one_more()
{
	local name=$1 before

	shift
	before=$(value "$name")
	"$@" && [ "$(value "$name")" -eq $((before + 1)) ]
}

not_served()
{
	! on alpha chaos call 402 NOSUCH
}

check "link -s: a question is one packet more in each direction" wait_for 30 one_packet
check_fails "a question that nobody answers" "No server for contact name NOSUCH" \
	on alpha chaos call 402 NOSUCH
check "stat: refused" has beta stat 'drop_no_listener +[1-9][0-9]* .*'
check "stat: refused, one more" wait_for 30 one_more drop_no_listener not_served
check "stat: the refusal, one more" wait_for 30 one_more cls_tx not_served
check "stat: answers, one more" wait_for 30 one_more ans_tx on alpha chaos time 402
check "stat without zeros" has alpha stat 'rx +[0-9]+ .*'
check_fails "stat without zeros, really" "" has alpha stat 'drop_short .*'
check "stat show all" has alpha "stat show all" 'drop_short +0 .*'

# ------------------------------------------------------------------ name

shows "set name" "" alpha set name ALPHA
shows "show name" "name ALPHA" alpha show name
check_equal "others see it" "401: ALPHA" "$(on beta chaos status 401 | head -n 1)"
shows "set name, longest" "" alpha set name 12345678901234567890123456789012
wrong "set name, longer" \
	"'123456789012345678901234567890123' is not a host name: it is longer than 32 characters" \
	alpha set name 123456789012345678901234567890123
refused "set name, with a space" "the name must be printable ASCII without spaces" \
	alpha set name "A B"
shows "set name, as it was" "" alpha net set name ALPHA

# ----------------------------------------------------------- connections

heading="State          Type      Recv-Q Send-Q Local       Peer        Contact"
shows "conn show, none" "$heading" alpha conn
mkfifo "$scratch/hold"
background beta chaos listen -w 13 -e "echo \$\$ >$scratch/reader; exec sleep 100" SINK
listener=$!
check "conn show, a listener" wait_for 30 \
	has beta conn "listening +stream +0 +[0-9]+ +\*:\* +\*:\* +SINK uid:0 ino:[0-9]+"
background alpha chaos call 402 SINK arguments <>"$scratch/hold"
exec 9>"$scratch/hold"
check "conn show, who calls" wait_for 30 \
	has alpha conn "open +stream +0 +0 +401:[0-9a-f]{4} +402:[0-9a-f]{4} +SINK uid:0 ino:[0-9]+"
check "conn show, who is called" wait_for 30 \
	has beta conn "open +stream +0 +0 +402:[0-9a-f]{4} +401:[0-9a-f]{4} +SINK uid:0 ino:[0-9]+"
check_equal "the indices are the same on both sides" \
	"$(ctl alpha conn | grep -o '40[12]:[0-9a-f]*' | sort)" \
	"$(ctl beta conn | grep -o '40[12]:[0-9a-f]*' | sort)"
head -c 10000 /dev/zero >&9
check "conn info, of who sends" wait_for 30 has alpha "conn info" \
	'    rcvwin:128 sndwin:13 cwnd:13 unacked:13 unreceipted:0 queued:[0-9]+ unread:0 ooo:0'
check "conn info, times" has alpha "conn info" \
	'    (rtt:[0-9.]+/[0-9.]+ms )?rto:[0-9.]+ms lastsnd:[0-9]+ms lastrcv:[0-9]+ms'
check "conn info, counts" has beta "conn show info" \
	'    sent:[0-9]+/0B rcvd:[0-9]+/6344B retrans:[0-9]+ dups:[0-9]+ early:0 gaps:0 beyond:0'
check "conn show, unread" has beta conn "open +stream +13 +0 .*"
kill $listener
check "conn show, the listener has gone" wait_for 30 eval "! has beta conn 'listening .*'"

# ------------------------------------------------------------------ JSON

ctl alpha route add subnet 7 via 402
ctl alpha neigh add 410 lladdr ${mac}1 dev eth0
for words in link "-s link" addr route "route get 402" neigh conn "-i conn" stat "-a stat" net; do
	# shellcheck disable=SC2086
	ctl alpha -j $words || echo "status $?"
done >"$scratch/json"
check_equal "JSON: one line each" 11 "$(wc -l <"$scratch/json")"
if type python3 >/dev/null 2>&1; then
	check "JSON is valid" python3 -m json.tool --json-lines "$scratch/json" /dev/null
	check "JSON in many lines is valid" eval "ctl alpha -p -i conn | python3 -m json.tool"
else
	tap_skip "JSON is valid" "no python3 here"
fi
check "JSON: addresses are octal strings" grep -qF '"addr":"401"' "$scratch/json"
check "JSON: costs are numbers" grep -qF '"subnet":"7","via":"402","cost":20,"type":"fixed"' \
	"$scratch/json"

# ---------------------------------------------------------------- the end

exec 9>&-
kill "$(cat "$scratch/reader")"
check_equal "the same address twice on the cable" "" "$(ctl beta addr del 402 dev eth0
	ctl beta addr add 401 dev eth0)"
check "the conflict is seen" wait_for 30 has beta addr \
	"401 dev eth0 conflict with $(on alpha cat /sys/class/net/eth0/address)"
# Who has had it first is told when the other uses it: ARP for somebody.
on beta chaos status -t 1 477 >/dev/null 2>&1
check "by the other, too" wait_for 30 has alpha addr "401 dev eth0 conflict with $beta_mac"
shows "link del takes all along" "" alpha link del eth0
shows "no address is left" "" alpha addr
shows "configured routes stay" "subnet 7 via 402 cost 20 fixed
subnet 377 via 402 cost 511 fixed" alpha route
refused "and lead nowhere" "the bridge is on no subnet of ours" alpha route get 3401
shows "no neighbour is left" "" alpha neigh
refused "no namespace" "cannot open network namespace '${ns_prefix}nosuch': No such file or directory" \
	nosuch link

tap_done
