#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl: what links, the namespace and routes have to do with forwarding, and
# every refusal of it.
#
#	alpha eth0 (401) --------- (402) eth0 beta
#	      eth1 (1001) ------- (1002) eth1
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip tc chaosctl

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
ip link add eth1 netns "${ns_prefix}alpha" type veth peer name eth1 netns "${ns_prefix}beta"
on alpha ip link set eth1 up
on beta ip link set eth1 up
make_scratch

# json_has HOST WORDS TEXT: a condition; this text is in the JSON.
json_has()
{
	# shellcheck disable=SC2086 # they are words
	ctl "$1" -j $2 | grep -qF -- "$3"
}

# silence: what beta sends on eth0 is lost from now on, without anybody knowing.
silence()
{
	on beta tc qdisc add dev eth0 root netem loss 100%
}

# ------------------------------------------------------------------ links

shows "link add, with everything" "" \
	alpha link add eth0 cost 7 rut listen poison on proxy_arp all
shows "link show, what is unusual" "eth0: ether cost 7 up rut listen poison on proxy_arp all" \
	alpha link show eth0
shows "link set" "" alpha link set eth0 rut off poison off proxy_arp off
shows "link show" "eth0: ether cost 7 up rut off proxy_arp off" alpha link show eth0
shows "link set, as it is usual" "" alpha link set eth0 rut on proxy_arp hosts cost 11
shows "link show, nothing unusual" "eth0: ether cost 11 up" alpha link show eth0
check "JSON has it all" json_has alpha "link show eth0" \
	'"rut":"on","poison":false,"proxy_arp":"hosts"'
shows "link set, abbreviated" "" alpha l se eth0 r l po on pr a
shows "link show, again" "eth0: ether cost 11 up rut listen poison on proxy_arp all" \
	alpha link show eth0
shows "link set, back" "" alpha link set eth0 rut off poison off proxy_arp hosts
wrong "link set, nothing" "link set: missing 'cost N' or 'rut off|listen|on' or 'poison on|off' or \
'proxy_arp off|hosts|all' or 'peer ADDRESS|none' or 'user USER' or 'group GROUP' or 'local IP' or \
'local6 IP' or 'ttl N' or 'learn N' or 'age DURATION'" alpha link set eth0
wrong "link set, bad rut" "'passive' is not 'off', 'listen' or 'on'" alpha link set eth0 rut passive
wrong "link set, bad poison" "'1' is not 'on' or 'off'" alpha link set eth0 poison 1
wrong "link set, bad proxy_arp" "'on' is not 'off', 'hosts' or 'all'" \
	alpha link set eth0 proxy_arp on
wrong "link set, no value" "'rut' needs a value: rut off|listen|on" alpha link set eth0 rut
refused "link set, no link" "the device carries no Chaosnet: add the link first" \
	alpha link set eth1 rut off

ctl alpha link add eth1 rut off
ctl alpha addr add 401 dev eth0
ctl alpha addr add 1001 dev eth1
ctl beta addr add 402 dev eth0
ctl beta addr add 1002 dev eth1
ctl beta link set eth0 rut off
ctl beta link set eth1 rut off

# ---------------------------------------------------------- the namespace

ctl alpha net set name ALPHA
check "net show" has alpha net \
	'name ALPHA forwarding off private 376 halfopen 0 orphans 0 mem [0-9]+'
shows "net set" "" alpha net set forwarding on private 375,12,377
check "net show, what was set" has alpha net 'name ALPHA forwarding on private 12,375,376,377 .*'
check_equal "the sysctl is the same switch" 1 \
	"$(on alpha cat /proc/sys/net/chaos/forwarding)"
check "JSON" json_has alpha net '"forwarding":true,"private":["12","375","376","377"]'
shows "net set, private none" "" alpha net set private none
check "376 is always private" has alpha net 'name ALPHA forwarding on private 376 .*'
shows "net set, several at once" "" alpha net set name A forwarding off private 7
check "net show, all of them" has alpha net 'name A forwarding off private 7,376 .*'
shows "the name alone" "name A" alpha show name
wrong "net set, nothing" "net set: missing 'name NAME' or 'forwarding on|off' or 'private SUBNETS'" \
	alpha net set
wrong "net set, bad switch" "'1' is not 'on' or 'off'" alpha net set forwarding 1
wrong "net set, bad subnet" "'0' is not a subnet number: it is 0" alpha net set private 1,0
wrong "net set, empty subnet" "'' is not an octal subnet number: it is empty" \
	alpha net set private 1,
refused "nothing is set when one is wrong" "the name must be printable ASCII without spaces" \
	alpha net set forwarding on name "A B"
check "nothing was set" has alpha net 'name A forwarding off private 7,376 .*'
ctl alpha net set name ALPHA private none

# ----------------------------------------------------------------- routes

shows "route add via, with the link" "" alpha route add subnet 6 via 402 dev eth0
shows "route show, fixed" "subnet 6 via 402 cost 20 fixed" alpha route show fixed
refused "route add, on another link" "the bridge is on another link" \
	alpha route add subnet 10 via 402 dev eth1
refused "route add, no such link" "no such device" alpha route add subnet 10 via 402 dev nosuch
refused "route replace, on another link" "the bridge is on another link" \
	alpha route replace subnet 6 via 402 dev eth1
refused "route add, private subnet" "the subnet is private: no bridge leads there" \
	alpha route add subnet 376 via 402
refused "route add, host of a private subnet" "the subnet is private: no bridge leads there" \
	alpha route add host 177001 via 402
shows "route add host" "" alpha route add host 3143 via 1002 cost 30
shows "route add host dev" "" alpha route add host 3144 dev eth1
shows "route replace, another kind" "" alpha route replace host 3144 via 402
shows "route replace, and back" "" alpha route replace host 3144 dev eth1
shows "route add default" "" alpha route add default via 1002
wrong "route add, nowhere" "route add: missing 'dev DEV' or 'via ADDRESS'" \
	alpha route add subnet 10
wrong "route add, twice somewhere" "route add: 'subnet N' and 'host ADDRESS' exclude each other" \
	alpha route add subnet 10 host 3145 via 402
check_equal "route show" "default via 1002 cost 20 fixed
host 1001 dev eth1 cost 0 local
host 3143 via 1002 cost 30 fixed
host 3144 dev eth1 cost 11 direct
host 401 dev eth0 cost 0 local
subnet 1 dev eth0 cost 11 direct
subnet 2 dev eth1 cost 11 direct
subnet 6 via 402 cost 20 fixed" "$(ctl alpha route | LC_ALL=C sort)"
shows "route show local" "host 401 dev eth0 cost 0 local
host 1001 dev eth1 cost 0 local" alpha route show local
shows "route show type direct" "subnet 1 dev eth0 cost 11 direct
subnet 2 dev eth1 cost 11 direct
host 3144 dev eth1 cost 11 direct" alpha route show type direct
shows "route show learned, none" "" alpha route show learned
wrong "route show, no type" "'static' is not a type of route" alpha route show static

# --------------------------------------------------------------- route get

shows "route get, by subnet" "3142 via 402 dev eth0 src 401 cost 20 by subnet 6 fixed" \
	alpha route get 3142
shows "route get, by host" "3143 via 1002 dev eth1 src 1001 cost 30 by host fixed" \
	alpha route get 3143
shows "route get, a host on a link" "3144 dev eth1 src 1001 cost 11 by host direct" \
	alpha route get 3144
shows "route get, direct" "1002 dev eth1 src 1001 cost 11 by subnet 2 direct" alpha route get 1002
shows "route get, by default" "4001 via 1002 dev eth1 src 1001 cost 20 by default fixed" \
	alpha route get 4001
shows "route get, own" "401 dev lo src 401 cost 0 by host local" alpha route get 401
shows "route get, own, from the other" "401 from 1001 dev lo cost 0 by host local" \
	alpha route get 401 from 1001
refused "route get from, not forwarding" "forwarding is off" alpha route get 1002 from 402
ctl alpha net set forwarding on
shows "route get from" "1002 from 402 dev eth1 cost 11 by subnet 2 direct" \
	alpha route get 1002 from 402
shows "route get from, to ourselves" "1001 from 402 dev lo cost 0 by host local" \
	alpha route get 1001 from 402
refused "route get from a private subnet" "a private subnet: its packets do not leave it" \
	alpha route get 1002 from 177001
refused "route get, private" "there is no route to this host" alpha route get 177001
wrong "route get from, no host" "'400' is not a host address: its host number is 0" \
	alpha route get 402 from 400
check "JSON" json_has alpha "route get 3142" \
	'"src":"401","cost":20,"by":"subnet","by_subnet":"6","type":"fixed"'
on alpha ip link set eth1 down
refused "route get, link down" "the link is down" alpha route get 3143
on alpha ip link set eth1 up
ctl alpha addr del 1001 dev eth1
refused "route get, the bridge's subnet has gone" "the bridge is on no subnet of ours" \
	alpha route get 4001
ctl alpha addr add 1001 dev eth1

# ----------------------------------------------------------------- learned

# What beta tells alpha on eth0: subnet 2 at its cost, and what it has fixed.
ctl beta route add subnet 50 via 1001 cost 40
ctl beta route add subnet 6 via 1001 cost 5
ctl alpha link set eth0 rut listen
ctl beta link set eth0 rut on
ctl beta net set forwarding on
check "a route is learned" wait_for 30 has alpha "route show learned" \
	'subnet 50 via 402 cost [0-9]+ bridge age [0-9]+\.[0-9]s'
check "a fixed one hides what is learned" has alpha "route get 3142" '.* by subnet 6 fixed'
check "which is there as well" wait_for 30 has alpha "route show learned" 'subnet 6 via 402 cost .*'
check "route get, learned" has alpha "route get 24001" \
	'24001 via 402 dev eth0 src 401 cost [0-9]+ by subnet 50 bridge age [0-9.]+s'
check "JSON: the age" json_has alpha "route show learned" '"type":"bridge","age_ms":'
check "beta falls silent" silence
refused "route del, none such" "no such route" alpha route del subnet 50 type fixed
shows "route del, learned" "" alpha route del subnet 50
refused "route del, again" "no such route" alpha route del subnet 50
shows "route del, not the fixed one" "" alpha route del subnet 6 type learned
refused "route del, only that" "no such route" alpha route del subnet 6 type learned
shows "the fixed one is still there" "3142 via 402 dev eth0 src 401 cost 20 by subnet 6 fixed" \
	alpha route get 3142
check "beta speaks again" on beta tc qdisc del dev eth0 root
ctl beta route replace subnet 50 via 1001 cost 41
check "they are learned again" wait_for 30 has alpha "route show learned" 'subnet 6 via 402 .*'
check "both of them" wait_for 30 has alpha "route show learned" 'subnet 50 via 402 .*'
check "beta falls silent again" silence

# ------------------------------------------------------------------- flush

shows "route flush learned" "" alpha route flush learned
shows "route show learned, none now" "" alpha route show learned
shows "fixed ones stay" "subnet 6 via 402 cost 20 fixed
host 3143 via 1002 cost 30 fixed
default via 1002 cost 20 fixed" alpha route show fixed
shows "route flush type direct" "" alpha route flush type direct
shows "only what we made" "subnet 1 dev eth0 cost 11 direct
subnet 2 dev eth1 cost 11 direct" alpha route show direct
shows "route flush local" "" alpha route flush local
shows "addresses have theirs" "host 401 dev eth0 cost 0 local
host 1001 dev eth1 cost 0 local" alpha route show local
shows "route flush" "" alpha route flush
shows "route show fixed, none" "" alpha route show fixed
shows "route flush, nothing to do" "" alpha route flush

tap_done
