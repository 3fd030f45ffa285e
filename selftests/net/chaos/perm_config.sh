#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who may do what: configuring needs CAP_NET_ADMIN in the user namespace of the
# network namespace, looking and using need nothing, and a module in use stays.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
need ip chaosctl chaos setpriv unshare

mac=02:00:00:00:00:01

# ctl HOST WORDS...: with chaosctl's own -n, which is quicker than ip's exec.
ctl()
{
	local host=$1
	shift
	chaosctl -n "$ns_prefix$host" "$@"
}

# plain HOST COMMAND...: as root who may do nothing special.
plain()
{
	local host=$1
	shift
	on "$host" setpriv --bounding-set=-all --inh-caps=-all "$@"
}

# ordinary_user COMMAND...
ordinary_user()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
}

# each_word_list: run chaosctl with the words of each line; for each, print its
# exit status and the first line that it printed.
each_word_list()
{
	while read -r words; do
		# shellcheck disable=SC2086
		output=$(chaosctl $words 2>&1)
		echo "$? ${output%%$'\n'*}"
	done
}
export -f each_word_list

# settings HOST: all that is configured.
settings()
{
	local object

	for object in link addr route net; do
		ctl "$1" $object show
	done
	ctl "$1" neigh show | grep -E 'permanent|proxy'
}

address_is_valid()
{
	ctl alpha addr show | grep -q valid
}

echo_is_served()
{
	ctl beta conn show | grep -q ECHO
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
chaos_host alpha 401 ALPHA
chaos_host beta 402 BETA
ctl alpha route add subnet 7 via 402
ctl alpha neigh add 404 lladdr $mac dev eth0
ctl alpha neigh add proxy 406 dev eth0
ip -n "${ns_prefix}alpha" link add eth1 type dummy
check "the address is valid" wait_for 30 address_is_valid

# -------------------------------------------------- without CAP_NET_ADMIN

changes="link add eth1
link set eth0 cost 20
link delete eth0
addr add 403 dev eth1
addr delete 401 dev eth0
route add subnet 10 via 402
route replace subnet 7 via 402 cost 30
route delete subnet 7
neigh add 405 lladdr $mac dev eth0
neigh replace 404 lladdr $mac dev eth0
neigh delete 404 dev eth0
neigh add proxy 407 dev eth0
neigh delete proxy 406 dev eth0
set name OTHER"

before=$(settings alpha)
mapfile -t results <<<"$(plain alpha bash -c each_word_list <<<"$changes")"
i=0
while read -r words; do
	check_equal "unprivileged: $words" "2 chaosctl: Operation not permitted" "${results[i++]}"
done <<<"$changes"
check_equal "unprivileged: nothing has changed" "$before" "$(settings alpha)"

queries="link show
addr show
route show
route get 402
neigh show
conn show
stat show
net show"

mapfile -t results <<<"$(plain alpha bash -c each_word_list <<<"$queries")"
i=0
while read -r words; do
	check_equal "unprivileged: $words" 0 "${results[i++]%% *}"
done <<<"$queries"
check "unprivileged: ask a host" plain alpha chaos status 402
background beta setpriv --bounding-set=-all --inh-caps=-all chaos listen ECHO --exec cat
wait_for 30 echo_is_served
check_equal "unprivileged: serve and use a stream" "hello" \
	"$(echo hello | plain alpha timeout 100 chaos call 402 ECHO)"

# ------------------------------------------------------- user namespaces

# The tree may be where an ordinary user cannot read.
make_scratch
chmod 755 "$scratch"
cp "$(command -v chaosctl)" "$(command -v chaos)" "$scratch/"
cat >"$scratch/own" <<END
set -e
PATH=$scratch:\$PATH
ip link set lo up
ip link add eth0 type dummy
ip link set eth0 up
chaosctl addr add 3401 dev eth0
chaosctl set name MINE
chaosctl route add subnet 10 via 3402
chaosctl neigh add 3403 lladdr $mac dev eth0
chaosctl neigh add proxy 3404 dev eth0
chaosctl link set eth0 cost 30
chaos status 3401 | grep MINE
chaosctl route delete subnet 10
chaosctl neigh delete 3403 dev eth0
chaosctl addr delete 3401 dev eth0
chaosctl link delete eth0
END

if ordinary_user unshare -Urn true 2>/dev/null; then
	check "a user's own namespaces: configure and use" \
		ordinary_user unshare -Urn sh "$scratch/own"
	check_fails "a user's own namespace, another's network" "not permitted" \
		on alpha setpriv --reuid=65534 --regid=65534 --clear-groups \
		unshare -Ur "$scratch/chaosctl" set name MINE
	check_equal "which has not changed" "$before" "$(settings alpha)"
else
	tap_skip "user namespaces" "an ordinary user cannot make them here"
fi

# ------------------------------------------------------------- the module

check_fails "the module stays while sockets are open" "in use" rmmod chaos
check "and works on" on alpha chaos time 402

tap_done
