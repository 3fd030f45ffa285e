#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Links that daemons feed: deleted under them, or belong to an ordinary user.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
need setpriv
make_scratch
chmod 755 "$scratch"
log=$scratch/log

udp=$tree/userspace/udp/chaos-udp
chaosd=$tree/userspace/chaosd/chaosd
need "$udp" "$chaosd"

# make_link ADDRESS: by the administrator, for the user nobody.
make_link()
{
	on alpha chaosctl link add chaos0 type chaos user nobody &&
	on alpha chaosctl addr add "$1" dev chaos0 &&
	on alpha ip link set chaos0 up
}

# is_fed: a program is attached to the link, which therefore has a carrier.
is_fed()
{
	on alpha ip -o link show chaos0 | grep -q LOWER_UP
}

is_not_fed()
{
	! is_fed
}

# fed_by_user NAME WORD...: the daemon finds a link of its user.
fed_by_user()
{
	local name=$1
	shift
	check "$name: a link for a user" make_link 401
	background alpha setpriv --reuid=nobody --regid=nogroup --clear-groups "$@" 2>"$log"
	pid=$!
	check "$name: the user feeds it without privileges" wait_for 60 is_fed
	kill "$pid"
	wait "$pid"
	check_equal "$name: ends well" 0 $?
	check "$name: the link stays, without carrier" is_not_fed
	ip -n "${ns_prefix}alpha" link del chaos0
}

# refused NAME WORD...: the link has another address, or is down, and may not be changed.
refused()
{
	local name=$1
	shift
	check "$name: a link with another address" make_link 402
	check_fails "$name: the user must not change it" \
		"the address of the link is 402, not 401" \
		on alpha setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
	ip -n "${ns_prefix}alpha" link del chaos0
	check "$name: a link that is down" make_link 401
	on alpha ip link set chaos0 down
	check_fails "$name: nor bring it up" "the link is down" \
		on alpha setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
	ip -n "${ns_prefix}alpha" link del chaos0
}

has_ended()
{
	! kill -0 "$pid"
}

# loses_link NAME WORD...: root starts the daemon, which gives up privileges, and deletes the
# link that it made, so that it cannot make it again.
loses_link()
{
	local name=$1
	shift
	background alpha "$@" --user nobody "${words[@]}" 2>"$log"
	pid=$!
	check "$name: makes the link that it feeds" wait_for 60 is_fed
	check "$name: the link is deleted" on alpha ip link del chaos0
}

# feeds_again NAME WHAT: there is a link again; WHAT says how.
feeds_again()
{
	check "$1: $2" wait_for 60 is_fed
	kill "$pid"
	wait "$pid"
	check_equal "$1: ends well" 0 $?
	on alpha ip link del chaos0 2>/dev/null
}

# is_deleted NAME WORD...: the daemon ends, and can be started again.
is_deleted()
{
	local name=$1
	loses_link "$@"
	shift
	check "$name: and the daemon ends" wait_for 60 has_ended
	wait "$pid"
	check_equal "$name: as one that failed" 1 $?
	check_equal "$name: it tells that the link was deleted" 1 \
		"$(grep -c "chaos0: the link was deleted" "$log")"
	check_equal "$name: and why it ends" 1 \
		"$(grep -c "cannot be had back: chaos0: attaching needs CAP_NET_ADMIN" "$log")"
	background alpha "$@" --user nobody "${words[@]}" 2>"$log"
	pid=$!
	feeds_again "$name" "started again, it makes the link again"
}

says_why()
{
	grep -q "chaos0: the link is not back: .*CAP_NET_ADMIN" "$log"
}

# goes_on NAME WORD...: the daemon has others to serve than the kernel.
goes_on()
{
	local name=$1
	loses_link "$@"
	check "$name: and is not back" wait_for 60 says_why
	check "$name: which is no reason to end" kill -0 "$pid"
	check "$name: a link for its user is made" make_link 401
	feeds_again "$name" "which it finds"
}

ns_add alpha

words=(link chaos0 401)
fed_by_user chaos-udp "$udp" "${words[@]}"
refused chaos-udp "$udp" "${words[@]}"
is_deleted chaos-udp "$udp"

words=(listen tcp 127.0.0.1:4201 link chaos0 address 401)
fed_by_user chaosd "$chaosd" "${words[@]}"
refused chaosd "$chaosd" "${words[@]}"
goes_on chaosd "$chaosd"

tap_done
