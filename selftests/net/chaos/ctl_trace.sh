#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl trace along a line of four subnets:
#
#	alpha 401 --- 402 b1 1001 --- 1002 b2 1401 --- 1402 b3 2001 --- 2002 omega
#
# All routes are fixed.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl

# cable HOST ADDRESS HOST ADDRESS: the device is called by the subnet.
cable()
{
	local dev=net$((8#$2 >> 8))

	ip link add "$dev" netns "$ns_prefix$1" type veth peer name "$dev" netns "$ns_prefix$3" &&
	on "$1" ip link set "$dev" up &&
	on "$3" ip link set "$dev" up &&
	ctl "$1" link add "$dev" rut off &&
	ctl "$3" link add "$dev" rut off &&
	ctl "$1" addr add "$2" dev "$dev" &&
	ctl "$3" addr add "$4" dev "$dev"
}

# routes HOST WORDS: "3 1002" is subnet 3 via 1002, several of these.
routes()
{
	local host=$1
	shift
	while [ $# -gt 0 ]; do
		ctl "$host" route add subnet "$1" via "$2" || return
		shift 2
	done
}

ns_add alpha b1 b2 b3 omega || tap_skip_all "cannot make network namespaces"
cable alpha 401 b1 402 || tap_skip_all "no Chaosnet here"
cable b1 1001 b2 1002
cable b2 1401 b3 1402
cable b3 2001 omega 2002
for host in alpha b1 b2 b3 omega; do
	ctl "$host" net set name "${host^^}"
done
for host in b1 b2 b3; do
	ctl "$host" net set forwarding on
done
ctl alpha route add default via 402 cost 31
routes b1 3 1002 4 1002
routes b2 1 1001 4 1402
routes b3 1 1401 2 1401
ctl omega route add default via 2001
make_scratch

t='[0-9]+\.[0-9]{3} ms'

# ------------------------------------------------------------- the way there

looks "four hops" 0 alpha trace -W 20 2002 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
3  1402   B3               $t cost 20
4  2002   OMEGA            $t cost 11
END
looks "the way back" 0 omega trace -W 20 401 <<END
1  2001   B3               $t cost 20
2  1401   B2               $t cost 20
3  1001   B1               $t cost 20
4  401    ALPHA            $t cost 11
END
looks "a bridge by its other address" 0 alpha trace -W 20 1401 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
3  1401   B2               $t cost 11
END
looks "a neighbour" 0 alpha trace -W 20 402 <<END
1  402    B1               $t cost 11
END
looks "ourselves" 0 alpha trace -W 20 401 <<END
1  401    ALPHA            $t cost 0
END
printf '2002 omega\n' >"$scratch/hosts"
CHAOS_HOSTS=$scratch/hosts looks "by name, from the middle" 0 b2 trace omega -W 20 <<END
1  1402   B3               $t cost 20
2  2002   OMEGA            $t cost 11
END

# ------------------------------------------------------------ and no further

looks "a bridge without a route" 1 alpha trace -W 20 3143 <<END
1  402    B1               $t cost 31
chaosctl: the way ends at 402: it has no route to the subnet
END
looks "a subnet that the answer has no room for" 1 alpha trace -W 20 75001 <<END
1  402    B1               $t cost 31
chaosctl: the way ends at 402: its answer has no room for subnets above 171
END
ctl b1 route add subnet 171 via 1002 cost 99
looks "the last one that it has room for" 1 alpha trace -W 20 74401 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 99
chaosctl: the way ends at 1002: it has no route to the subnet
END
routes b1 5 1002
routes b2 5 1001
looks "a circle" 1 alpha trace -W 20 2401 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
3  1001   B1               $t cost 20
chaosctl: the way is a circle: 1001 sends packets for 2401 to 1002 again
END
looks "nobody there" 1 alpha trace -W 8 2003 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
3  1402   B3               $t cost 20
4  2003   \* cost 11
chaosctl: 2003 does not answer STATUS: .*
END
ctl b2 rule add contact DUMP-ROUTING-TABLE reject reason "none of your business"
looks "a bridge that does not tell" 1 alpha trace -W 20 2002 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
chaosctl: 1002 does not tell its routes: none of your business
END
ctl b2 rule flush
ctl b2 net set forwarding off
looks "a bridge that does not forward" 1 alpha trace -W 8 2002 <<END
1  402    B1               $t cost 31
2  1002   B2               $t cost 20
3  1402   \* cost 20
chaosctl: 1402 does not answer STATUS: .*
END
ctl b2 net set forwarding on
on b2 ip link set net2 down
looks "a bridge that is silent" 1 alpha trace -W 8 2002 <<END
1  402    B1               $t cost 31
2  1002   \* cost 20
chaosctl: 1002 does not answer STATUS: .*
END
on b2 ip link set net2 up
ctl alpha route del default
looks "no route here: status 2" 2 alpha trace 2002 <<END
chaosctl: there is no route to this host
END
looks "no host" 2 alpha trace <<END
chaosctl: trace: missing 'HOST'
usage: chaosctl trace .*
END
looks "not octal" 2 alpha trace 2009 <<END
chaosctl: 2009: an address is octal, only digits 0 to 7
END

# ------------------------------------------------------------------- JSON

check "JSON: hops" eval "ctl alpha -j trace -W 20 402 | grep -Eqx \
	'\[\{\"hop\":1,\"addr\":\"402\",\"name\":\"B1\",\"time_us\":[0-9]+,\"cost\":11\}\]'"
ctl alpha trace -j -W 30 477 2>"$scratch/err" >"$scratch/json"
check "JSON: who does not answer" grep -Eqx \
	'\[\{"hop":1,"addr":"477","error":"[^"]+","cost":11\}\]' "$scratch/json"
check "JSON: the complaint, too" grep -Eqx "chaosctl: 477 does not answer STATUS: .+" "$scratch/err"

tap_done
