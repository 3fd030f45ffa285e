#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl with the real kernel module, in the test machine:
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=../../selftests/net/chaos/lib.sh

. "$(dirname "$0")/../../selftests/net/chaos/lib.sh"
need_root
need ip setpriv unshare

# ctl HOST WORDS...: with chaosctl's own -n.
ctl()
{
	local host=$1
	shift
	chaosctl -n "$ns_prefix$host" "$@"
}

# shows DESCRIPTION EXPECTED HOST WORDS...: exactly this output, and success.
shows()
{
	local description=$1 expected=$2
	shift 2
	check_equal "$description" "$expected" "$(ctl "$@" 2>&1 || echo "status $?")"
}

# refused DESCRIPTION TEXT HOST WORDS...: the kernel's words, and status 2.
refused()
{
	local description=$1 text=$2
	shift 2
	shows "$description" "chaosctl: $text
status 2" "$@"
}

# has HOST REGEX WORDS...: a condition; a whole line of the output is this.
# shellcheck disable=SC2317
has()
{
	local host=$1 regex=$2
	shift 2
	ctl "$host" "$@" | grep -qx -- "$regex"
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch

# ---------------------------------------------------------------- links

check "the first command loads the module" ctl alpha link
check "lo is a link from the beginning" has alpha 'lo: loopback cost [0-9]* up' link
shows "link add" "" alpha link add eth0 cost 7
refused "link add, twice" "the device carries Chaosnet already" alpha link add eth0
refused "link add, no such device" "no such device" alpha link add nosuch
refused "link set, no link" "the device carries no Chaosnet: add the link first" \
	beta link set eth0 cost 5
refused "link del lo" "the loopback link always stays" alpha link del lo
shows "link show DEV" "eth0: ether cost 7 up" alpha link show eth0
shows "link set" "" alpha link set eth0 cost 12
shows "link show, other cost" "eth0: ether cost 12 up" alpha l sh eth0
refused "link show, no such device" "there is no device 'nosuch'" alpha link show nosuch

# ------------------------------------------------------------- addresses

shows "addr add" "" alpha addr add 401 dev eth0
shows "addr add to a device that is no link" "" beta a a 00402 d eth0
check "the address becomes valid" wait_for 10 has alpha '401 dev eth0 valid' addr
check "the other one too" wait_for 10 has beta '402 dev eth0 valid' addr
refused "addr add, another" "the link has another address: delete it first" \
	alpha addr add 403 dev eth0
refused "addr del, another" "the link has another address" alpha addr del 403 dev eth0

# ---------------------------------------------------------------- routes

shows "route add subnet" "" alpha route add subnet 7 via 402
shows "route add host, with cost" "" alpha route add host 3401 via 402 cost 30
shows "route add default" "" alpha route add default via 402
shows "route add host dev" "" alpha route add host 1001 dev eth0
refused "route add, twice" "there is a configured route already" alpha route add subnet 7 via 402
refused "route add, bridge elsewhere" "the bridge is not on a directly connected subnet" \
	alpha route add subnet 10 via 3401
shows "route replace" "" alpha route replace subnet 7 via 402 cost 33
check_equal "route show" "default via 402 cost 20 fixed
host 1001 dev eth0 cost 12 direct
host 3401 via 402 cost 30 fixed
host 401 dev eth0 cost 0 local
subnet 1 dev eth0 cost 12 direct
subnet 7 via 402 cost 33 fixed" "$(ctl alpha route | LC_ALL=C sort)"
shows "route get, by subnet" "host 3402 via 402 dev eth0 cost 33 fixed" alpha route get 3402
shows "route get, by default" "host 4001 via 402 dev eth0 cost 20 fixed" alpha route get 4001
shows "route del subnet" "" alpha route del subnet 7
shows "route del default" "" alpha route del default
refused "route del, not there" "no such route" alpha route del default
refused "route get, no route" "there is no route to this host" alpha route get 4001

# ------------------------------------------------------------ neighbours

shows "neigh add" "" alpha neigh add 410 lladdr 02:00:00:00:00:01 dev eth0
refused "neigh add, twice" "there is a permanent entry for this host" \
	alpha neigh add 410 lladdr 02:00:00:00:00:02 dev eth0
shows "neigh replace" "" alpha neigh replace 410 lladdr 02:00:00:00:00:03 dev eth0
check "neigh show" has alpha '410 dev eth0 lladdr 02:00:00:00:00:03 permanent' neigh
shows "neigh del" "" alpha neigh del 410 dev eth0
refused "neigh del, not there" "no such neighbour on this link" alpha neigh del 410 dev eth0

# ------------------------------------------------------------------ name

shows "set name" "" alpha set name ALPHA
shows "show name" "name ALPHA" alpha show name
refused "set name, with a space" "the name must be printable ASCII without spaces" \
	alpha set name "A B"

# ----------------------------------------------------------- connections

if type chaos >/dev/null 2>&1; then
	mkfifo "$scratch/hold"
	exec 9<>"$scratch/hold"
	background beta chaos listen SINK >/dev/null 2>&1
	check "conn shows a listener" wait_for 10 has beta \
		'listening  *stream  *0  *[0-9]*  *\*:\*  *\*:\*  *SINK uid:0 ino:[0-9]*' conn
	background alpha chaos call 402 SINK <"$scratch/hold" >/dev/null 2>&1
	check "conn shows the caller" wait_for 10 has alpha \
		'open  *stream .* 401:[0-9a-f]*  *402:[0-9a-f]*  *SINK uid:0 ino:[0-9]*' conn
	check "conn shows the called" wait_for 10 has beta \
		'open  *stream .* 402:[0-9a-f]*  *401:[0-9a-f]*  *SINK uid:0 ino:[0-9]*' conn
	check "conn info shows the inside" has alpha '    sent:[1-9][0-9]*/0B rcvd:[1-9].*' conn info
	check "neigh found the other host" has alpha \
		"402 dev eth0 lladdr $(on beta cat /sys/class/net/eth0/address) reachable age .*s" neigh
	check "link -s counts" has alpha '    rx packets [1-9].*' -s link show eth0
	check "stat counts" has alpha 'delivered  *[1-9].*' stat
else
	tap_skip "connections" "no chaos here"
fi

# ------------------------------------------------------------------ JSON

for words in link "-s link" addr route "route get 402" neigh conn "-i conn" stat "-a stat" net; do
	# shellcheck disable=SC2086
	ctl alpha -j $words || echo "status $?"
done >"$scratch/json"
if type python3 >/dev/null 2>&1; then
	check "JSON is valid" python3 -c \
		'import json, sys; [json.loads(line)[0:] for line in open(sys.argv[1])]' "$scratch/json"
else
	tap_skip "JSON is valid" "no python3 here"
fi

# ------------------------------------------------------------- privilege

nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
check_equal "others cannot change anything" "chaosctl: Operation not permitted
status 2" "$(on alpha "${nobody[@]}" "$(command -v chaosctl)" link del eth0 2>&1 || echo "status $?")"
check "others can look" on alpha "${nobody[@]}" "$(command -v chaosctl)" addr
# shellcheck disable=SC2016
check "anybody can configure a namespace of their own" "${nobody[@]}" unshare -Urn sh -c \
	'ip link add d0 type dummy && ip link set d0 up && "$1" addr add 3040 dev d0 && "$1" addr' \
	sh "$(command -v chaosctl)"

# ---------------------------------------------------------------- the end

shows "addr del" "" beta addr del 402 dev eth0
shows "the same address twice on the cable" "" beta addr add 401 dev eth0
check "the conflict is seen" wait_for 10 has beta \
	"401 dev eth0 conflict with $(on alpha cat /sys/class/net/eth0/address)" addr
shows "link del" "" alpha link del eth0
refused "link del, twice" "the device carries no Chaosnet: add the link first" alpha link del eth0

tap_done
