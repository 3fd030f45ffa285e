#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl and links that programs feed: made, changed, shown, saved, deleted.
#
#	alpha chaos0 (401, persistent)		beta eth0 (dummy)
#	      chaos1 (1001, a program's own)
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh source=feed.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
. "$(dirname "$0")/feed.sh"
need_root
need ip chaosctl chaos python3 setpriv

nobody=4000000000	# a user, and a group, without a name

dropped_queue()
{
	ctl alpha stat | grep -q '^drop_queue '
}

# Nobody answers; requests are repeated, one a second at the least.
fills_queue()
{
	on alpha chaos time -t 1 402
	dropped_queue
}

ns_add alpha beta || tap_skip_all "cannot make network namespaces"
on beta ip link add eth0 up type dummy

check "add" ctl alpha link add chaos0 type chaos peer 402 user $nobody group root cost 20
shows "shown" \
	"chaos0: chaos cost 20 down peer 402 user $nobody group root persistent fed by nobody" \
	alpha link show chaos0
check "ip knows its kind" \
	bash -c "ip -n ${ns_prefix}alpha -d link show chaos0 | grep -qw chaos"
refused "add again" "there is a device of this name" alpha link add chaos0 type chaos
check "set" ctl alpha link set chaos0 peer 403 user root cost 30
shows "is set" \
	"chaos0: chaos cost 30 down peer 403 user root group root persistent fed by nobody" \
	alpha link show chaos0
check "no peer" ctl alpha link set chaos0 peer none group $nobody
shows "has none" \
	"chaos0: chaos cost 30 down user root group $nobody persistent fed by nobody" \
	alpha link show chaos0
check "with an address" ctl alpha addr add 401 dev chaos0
refused "not itself" "the peer is the link itself" alpha link set chaos0 peer 401

check "an Ethernet" ctl beta link add eth0
refused "has no peer" "not for links of this type" beta link set eth0 peer 401
refused "nor an owner" "not for links of this type" beta link set eth0 user 1
refused "and is not made" "there is a device of this name" beta link add eth0 type chaos

# A member of the group, without privileges, feeds it.
feed alpha chaos0 0 0 setpriv --reuid 12345 --regid $nobody --clear-groups
feeder=$!
check "fed by a group's member" fed
check "up" ip -n "${ns_prefix}alpha" link set chaos0 up
shows "shows by whom" \
	"chaos0: chaos addr 401 cost 30 up user root group $nobody persistent fed by python3($feeder)" \
	alpha link show chaos0
check_equal "in JSON" \
	'"uid":0,"gid":4000000000,"persistent":true,"feeder":"python3","feeder_pid":'"$feeder}" \
	"$(ctl alpha -j link show chaos0 | grep -o '"uid":.*}' | sed 's/]$//')"
check "a short queue" ip -n "${ns_prefix}alpha" link set chaos0 txqueuelen 1
check "overflows" wait_for 60 fills_queue

# One that a program makes for itself is no part of the configuration.
feed alpha chaos1 0 1001
own=$!
check "another makes its own" fed
check_equal "which does not persist" \
	"chaos1: chaos addr 1001 cost 11 up fed by python3($own)" "$(ctl alpha link show chaos1)"
ctl alpha save >"$scratch/saved"
check_equal "save" \
	"link add dev chaos0 type chaos user root group $nobody cost 30 rut on poison off proxy_arp hosts
addr add 401 dev chaos0" \
	"$(grep -e chaos "$scratch/saved")"
check "restore it elsewhere" ctl beta restore "$scratch/saved"
ctl beta save >"$scratch/beta"
check_equal "it is the same" "$(sort "$scratch/saved")" "$(sort "$scratch/beta")"
check "restore it where it was" ctl alpha restore "$scratch/saved"
shows "who fed it does no more" \
	"chaos0: chaos addr 401 cost 30 down user root group $nobody persistent fed by nobody" \
	alpha link show chaos0
check_equal "the program's own stays" \
	"chaos1: chaos addr 1001 cost 11 up fed by python3($own)" "$(ctl alpha link show chaos1)"

check "delete" ctl alpha link delete chaos0
check_fails "the device has gone" "" ip -n "${ns_prefix}alpha" link show chaos0
kill "$own"
check "the other goes with its program" \
	wait_for 20 bash -c "! ip -n ${ns_prefix}alpha link show chaos1"
tap_done
