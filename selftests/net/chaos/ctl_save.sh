#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl save and restore: what is restored is what was saved, byte by byte, in
# an empty namespace and in one that had another configuration.
#
#	alpha eth0 (401) ------- eth0 (402) beta	gamma, delta: eth0 and eth1
#	      eth1 (3040, dummy)			that lead nowhere
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl chaos cmp

# same DESCRIPTION FILE HOST: the host saves exactly what is in the file.
same()
{
	local differences

	ctl "$3" save >"$scratch/now"
	if differences=$(diff "$2" "$scratch/now" 2>&1); then
		tap_pass "$1"
	else
		tap_fail "$1" "$differences"
	fi
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
ns_add gamma delta
on alpha ip link add eth1 up type dummy
for host in gamma delta; do
	on "$host" ip link add eth0 up type dummy
	on "$host" ip link add eth1 up type dummy
done
make_scratch

# What a namespace begins with.
ctl gamma save >"$scratch/empty"
check_equal "an empty configuration" "net set private 376 forwarding off" \
	"$(grep -v -e '^net set name ' -e '^link set dev lo ' "$scratch/empty")"
check "it can be restored" ctl gamma -b "$scratch/empty"
same "and is the same" "$scratch/empty" gamma

# Everything there is, in no good order.
cat >"$scratch/mixed" <<'END'
link add eth1 cost 40 poison on proxy_arp all
addr add 3040 dev eth1
link add eth0 rut listen proxy_arp off
addr add 401 dev eth0
link set lo cost 30
net set name "ALPHA'S" forwarding on private 6,375
rule add number 30 contact FILE from subnet 1,6 to self reject reason "no # \"files\" \
here \\"
rule add number 4 hook forward from host 3041,401 drop
rule add number 200 contact NAME forward 402 contact "OTHER"
rule add allow
neigh add 3042 lladdr 02:00:00:00:00:01 dev eth1
neigh add proxy 3050 dev eth1
neigh add 477 lladdr 02:00:00:00:00:02 dev eth0
route add default via 402
route add host 7001 dev eth0 cost 7
route add subnet 77 via 7001 cost 100
route add subnet 100 via 402 cost 3
route add subnet 10 via 402
route add host 10001 via 402
route add host 1001 via 402
END
check "a batch with everything" ctl alpha -b "$scratch/mixed"
cat >"$scratch/expected" <<'END'
net set name ALPHA'S
rule add number 4 hook forward from host 3041,401 drop
rule add number 30 contact FILE from subnet 1,6 to self reject reason "no # \"files\" here \\"
rule add number 200 contact NAME forward 402 contact OTHER
rule add number 210 allow
link add dev eth0 cost 11 rut listen poison off proxy_arp off
link add dev eth1 cost 40 rut on poison on proxy_arp all
link set dev lo cost 30 rut on poison off proxy_arp hosts
addr add 401 dev eth0
addr add 3040 dev eth1
route add host 7001 dev eth0 cost 7
route add default via 402 cost 20
route add host 1001 via 402 cost 20
route add host 10001 via 402 cost 20
route add subnet 10 via 402 cost 20
route add subnet 77 via 7001 cost 100
route add subnet 100 via 402 cost 3
neigh add 477 lladdr 02:00:00:00:00:02 dev eth0
neigh add 3042 lladdr 02:00:00:00:00:01 dev eth1
neigh add proxy 3050 dev eth1
net set private 6,375,376 forwarding on
END
sed -i "s/^net set name ALPHA'S/net set name \"ALPHA'S\"/" "$scratch/expected"
same "it is saved in order" "$scratch/expected" alpha

# Learned and resolved things are nobody's configuration.
ctl beta addr add 402 dev eth0
check "there is traffic" wait_for 30 on beta chaos status 401
check "whose neighbour is not saved" sh -c "! grep -q 'neigh add 402' '$scratch/now'"

ctl alpha save >"$scratch/saved"
check "restored in an empty namespace" ctl gamma -b "$scratch/saved"
same "it is the same there" "$scratch/saved" gamma
check_fails "not twice" "$scratch/saved:2: " ctl gamma -b "$scratch/saved"

printf '%s\n' "link add eth1 cost 3" "addr add 401 dev eth1" "route add default via 444" \
	"rule add drop" "neigh add 445 lladdr 02:00:00:00:00:01 dev eth1" \
	"neigh add proxy 446 dev eth1" "route add host 5001 dev eth1" \
	"net set private 5 forwarding on" | ctl delta -b -
check "restored in place of another configuration" ctl delta restore "$scratch/saved"
same "it is the same there, too" "$scratch/saved" delta
check "restored on itself, from the input" eval "ctl alpha restore - <'$scratch/saved'"
same "it is the same as before" "$scratch/saved" alpha
check "and there is traffic again" wait_for 30 on beta chaos status 401

# What cannot be done is not done by halves.
printf '%s\n' "link add eth0" "addr add 400 dev eth0" >"$scratch/wrong"
check_fails "a file that is wrong" "$scratch/wrong:2: '400' is not a host address" \
	ctl alpha restore "$scratch/wrong"
same "changes nothing" "$scratch/saved" alpha
printf '%s\n' "link add eth0" "link add nosuch" >"$scratch/wrong"
check_fails "a file that the kernel refuses" "$scratch/wrong:2: no such device" \
	ctl alpha restore "$scratch/wrong"
same "is undone" "$scratch/saved" alpha
check_fails "unless by force" "$scratch/wrong:2: no such device" \
	ctl delta -f restore "$scratch/wrong"
ctl delta save >"$scratch/now"
check_equal "which leaves what was possible" "link add dev eth0 cost 11 rut on poison off proxy_arp hosts" \
	"$(grep '^link add' "$scratch/now")"
check "an empty file takes all away" ctl delta restore /dev/null
check_equal "indeed" "" "$(ctl delta save | grep add)"

# A route that the kernel keeps although its bridge cannot be reached any more.
ctl gamma addr del 401 dev eth0
ctl gamma save >"$scratch/saved"
check "routes through a bridge out of reach are remarks" \
	grep -qx '# out of reach: route add subnet 100 via 402 cost 3' "$scratch/saved"
check "with which the rest can be restored" ctl delta restore "$scratch/saved"
grep -v '^#' "$scratch/saved" >"$scratch/rest"
same "and is the same" "$scratch/rest" delta

# As many routes as there may be anywhere.
{
	echo "addr add 401 dev eth0"
	for i in {1..2000}; do
		printf "route add host %o via 402 cost %d\n" $((0x4000 + 256 * (i / 255) + i % 255 + 1)) \
			$((i % 500 + 1))
	done
} >"$scratch/many"
check "many routes" ctl delta restore "$scratch/many"
ctl delta save >"$scratch/saved"
check_equal "they are all saved" 2000 "$(grep -c '^route add host' "$scratch/saved")"
check "and restored" ctl gamma restore "$scratch/saved"
same "the same" "$scratch/saved" gamma

tap_done
