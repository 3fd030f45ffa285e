#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl with links of type ip: what it shows, what the kernel refuses and why, what
# monitor tells, and that all of it is saved and restored.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl
ns_add alpha || tap_skip_all "cannot make network namespaces"
make_scratch

# denied DESCRIPTION REASON WORDS...: chaosctl fails, and says why.
denied()
{
	local description=$1 reason=$2 output
	shift 2
	if output=$(ctl alpha "$@" 2>&1) || [[ $output != *"$reason"* ]]; then
		tap_fail "$description" "$output"
	else
		tap_pass "$description"
	fi
}

background alpha chaosctl monitor map >"$scratch/events" 2>&1
check "a link is made" ctl alpha link add chip0 type ip addr 3002 local 192.0.2.1 \
	local6 2001:db8::1 ttl 9 learn 5 age 2m
check_equal "it is shown" \
	"chip0: ip addr 3002 cost 11 down local 192.0.2.1 local6 2001:db8::1 ttl 9 learn 5 age 120" \
	"$(ctl alpha link show chip0)"
denied "no second one of this name" "there is a device of this name" link add chip0 type ip
denied "it has no peer" "not for links of this type" link set chip0 peer 3001
denied "lo has no mappings" "only links of type ip have mappings" map add lo 3040 192.0.2.7

check "a host is mapped" ctl alpha link map chip0 3040 192.0.2.7
check "another to IPv6" ctl alpha link map chip0 3041 2001:db8::7
check "a subnet" ctl alpha link map chip0 subnet 2 10.11.12.0/24
check "a subnet to IPv6" ctl alpha map add chip0 subnet 3 fd00::ff00/120
check_equal "they are shown" "subnet 2 10.11.12.0/24 dev chip0 static
subnet 3 fd00::ff00/120 dev chip0 static
3040 192.0.2.7 dev chip0 static
3041 2001:db8::7 dev chip0 static" "$(ctl alpha link map show chip0)"
check_equal "the link can send" up "$(ctl alpha link show chip0 | grep -ow up)"

denied "mapped once" "there is a mapping of this host or subnet already" \
	map add chip0 3040 192.0.2.8
denied "one host at an address" "another host or subnet of the link is mapped there" \
	map add chip0 3042 192.0.2.7
denied "host 0377 at an address of all" "broadcast address" map add chip0 3377 10.1.1.255
denied "no group" "a group's address" map add chip0 3042 224.0.0.1
denied "no group of IPv6" "a group's address" map add chip0 3042 ff02::1
denied "no link-local address" "link-local" map add chip0 3042 fe80::1
denied "not ourselves" "this is an address of ours" map add chip0 3002 192.0.2.9
check "another address" ctl alpha map replace chip0 3040 192.0.2.8

ctl alpha save >"$scratch/saved"
check "all is restored" ctl alpha restore "$scratch/saved"
check_equal "and is as it was" "$(cat "$scratch/saved")" "$(ctl alpha save)"

check "a mapping is removed" ctl alpha link unmap chip0 3040
denied "which is not there then" "no such mapping" map delete chip0 3040
check "all are" ctl alpha map flush all
check_equal "nothing is left" "" "$(ctl alpha map show)"
check_equal "the link cannot send" down "$(ctl alpha link show chip0 | grep -ow down)"
check "ip link makes such a link, too" on alpha ip link add chip1 type chip
check "and deletes it" on alpha ip link del chip1
check "chaosctl as well" ctl alpha link delete chip0

wait_for 20 grep -q 'Deleted map subnet 3' "$scratch/events"
check "monitor told of a mapping" grep -q '^map 3040 192.0.2.7 dev chip0' "$scratch/events"
check "and that it went" grep -q '^Deleted map 3040 192.0.2.8 dev chip0' "$scratch/events"
tap_done
