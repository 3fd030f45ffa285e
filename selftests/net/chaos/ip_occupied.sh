#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IP protocol 16 belongs to another module: links of type ip are refused, and the reason is
# told; when it goes they can be made.  While there are some, nobody else gets it.
#
# The other module is occupy/, which only "make check" builds and lets modprobe find.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl modprobe

# occupy PARAMETER...: the other module comes.
occupy()
{
	modprobe chaos_occupy "$@"
}

vacate()
{
	modprobe -r chaos_occupy
}

# occupied WHICH PARAMETER...: while it has this, links are refused; afterwards they are not.
occupied()
{
	local which=$1
	shift
	check "$which: the other module comes" occupy "$@"
	refused "$which: a link is refused" "IP protocol 16 is taken by another module" \
		alpha link add chip0 type ip
	check_fails "$which: ip link is refused, too" "IP protocol 16 is taken by another module" \
		on alpha ip link add chip0 type chip
	check_fails "$which: no link is there" "" ctl alpha link show chip0
	check "$which: it goes" vacate
}

modprobe -n chaos_occupy 2>/dev/null || tap_skip_all "no module chaos_occupy for this kernel"
ns_add alpha || tap_skip_all "cannot make network namespaces"
ctl alpha link show >/dev/null || tap_skip_all "no Chaosnet here"

occupied "IPv6" ipv4=0
# What the refused link had of IPv4 was given back, or this could not come.
occupied "IPv4" ipv6=0
occupied "both"
check "a link is made" ctl alpha link add chip0 type ip
check_fails "nobody else gets the protocol" "busy" occupy
check "the link is deleted" ctl alpha link del chip0
check "then it can be had" occupy
check "and given back" vacate
tap_done
