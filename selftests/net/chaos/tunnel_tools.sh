#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A link of type "chaos" is a network device as others are: tcpdump, tc, ip, nft see it.
#
#	alpha 401 chaos0 --- chaos-udp --- eth0 ------- eth0 --- chaos-udp --- chaos0 402 beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
udp=$tree/userspace/udp/chaos-udp
need ip chaosctl chaos tcpdump "$udp"

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch
on alpha ip addr add 192.0.2.1/24 dev eth0
on beta ip addr add 192.0.2.2/24 dev eth0
background alpha "$udp" link chaos0 401 peer 402 192.0.2.2 user nobody 2>"$scratch/alpha"
alpha=$!
background beta "$udp" link chaos0 402 peer 401 192.0.2.1 user nobody 2>"$scratch/beta"

reached()
{
	on alpha chaos status 402
}
check "alpha reaches beta" wait_for 30 reached

# packets N: how many packets the device has sent.
sent()
{
	on alpha cat /sys/class/net/chaos0/statistics/tx_packets
}

# -------------------------------------------------------------------- tcpdump

background alpha tcpdump -n -e -c 2 -i chaos0 >"$scratch/packets" 2>"$scratch/tcpdump"
tcpdump=$!
wait_for 30 file_has "$scratch/tcpdump" "listening on chaos0" ||
	tap_fail "tcpdump starts" "$(cat "$scratch/tcpdump")"
on alpha chaos uptime 402 >/dev/null
wait_for 30 eval "! kill -0 $tcpdump 2>/dev/null"
check "tcpdump sees the request" grep -q \
	"02:43:48:00:01:01 > 02:43:48:00:01:02, ethertype Unknown (0x0804)" "$scratch/packets"
check "and the answer" grep -q \
	"02:43:48:00:01:02 > 02:43:48:00:01:01, ethertype Unknown (0x0804)" "$scratch/packets"
check "with the contact name" grep -q "5550 5449 4d45" "$scratch/packets"

# ------------------------------------------------------------------ ip and tc

check "ip knows the kind" eval \
	"on alpha ip -d link show chaos0 | grep -qw chaos && on alpha ip link show type chaos |
	grep -q chaos0"
before=$(sent)
on alpha chaos time 402 >/dev/null
check_equal "packets are counted" 1 "$(($(sent) - before))"

check "tc takes netem" on alpha tc qdisc add dev chaos0 root netem loss 100%
check_fails "which loses packets" "" timeout 3 ip netns exec "${ns_prefix}alpha" chaos time 402
check "until it is gone" on alpha tc qdisc del dev chaos0 root
check "then they get through" reached

on alpha nft "add table netdev t
	add chain netdev t c { type filter hook ingress device chaos0 priority 0; }
	add rule netdev t c ether type 0x0804 counter" 2>"$scratch/nft" ||
	tap_fail "nft" "$(cat "$scratch/nft")"
reached >/dev/null
check "nft counts packets" eval "on alpha nft list ruleset | grep -q 'packets [1-9]'"

# ------------------------------------------------------------------ the link

check "chaosctl tells who feeds it" eval \
	"on alpha chaosctl link show chaos0 | grep -q 'fed by chaos-udp($alpha)'"
check "it has a carrier" on alpha ip link show chaos0 up
check_equal "which is 1" 1 "$(on alpha cat /sys/class/net/chaos0/carrier)"
kill "$alpha"
wait "$alpha"
check_equal "the daemon ends well" 0 $?
check_equal "then there is none" 0 "$(on alpha cat /sys/class/net/chaos0/carrier)"
check_fails "and packets go nowhere" "chaos:" on alpha chaos time 402
check "the link can be deleted" on alpha ip link del chaos0

tap_done
