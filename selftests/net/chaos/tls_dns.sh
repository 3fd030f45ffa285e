#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who is certified has the Chaosnet addresses that DNS says, in class CH: BIND serves it.
# And what "chaos-tls --check" has to say about all that.
#
#	hub 401 chaos0 --- chaos-tls --- eth0 ------- eth0 --- chaos-tls --- chaos0 402 leaf
#	named, 192.0.2.1
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
PATH=$PATH:/usr/sbin
tls=$tree/userspace/tls/chaos-tls
need ip chaosctl chaos named openssl "$tls"
topo_pair hub leaf || tap_skip_all "cannot make network namespaces"
make_scratch
chmod 755 "$scratch"
cd "$scratch" || exit
on hub ip addr add 192.0.2.1/24 dev eth0
on leaf ip addr add 192.0.2.2/24 dev eth0

"$tree/userspace/tls/test/make-ca" . hub.test leaf.test liar.test nobody.test gone.test=revoked || tap_skip_all "no certificates can be made"
chown nobody ./*.key

# ----------------------------------------------------------------------- BIND

cat >named.conf <<END
options {
	directory "$scratch"; managed-keys-directory "$scratch"; session-keyfile none;
	pid-file none; recursion no; listen-on { 192.0.2.1; }; listen-on-v6 { none; };
};
controls { };
view "chaos" chaos {
	zone "test" chaos { type primary; file "$scratch/test.zone"; };
	zone "ch-addr.net" chaos { type primary; file "$scratch/addr.zone"; };
};
END

serial=1

# zone NAME RECORD...
zone()
{
	local name=$1
	shift
	printf '%s\n' "\$TTL 1" "@ CH SOA ns.test. root.test. $serial 60 60 600 1" '@ CH NS ns.test.' \
		"$@" >"$name.zone"
}

zone test "hub CH A CH-ADDR.NET. 401" "leaf CH A CH-ADDR.NET. 402" \
	"liar CH A CH-ADDR.NET. 402" "gone CH A CH-ADDR.NET. 403"
zone addr "401 CH PTR hub.test." "402 CH PTR leaf.test." "403 CH PTR gone.test."

background hub named -g -n 1 -c named.conf -u root 2>named.log
check "BIND serves class CH" wait_for 60 file_has named.log "running"

# --------------------------------------------------------------- chaos-tls

# statements NAME: who is at an end.
statements()
{
	printf '%s\n' "key $1.key" "certificate $1.pem" "chain chain.pem" "ca ca.pem" \
		"crl crl-revoked.pem" "dns 192.0.2.1" "user nobody"
}

# server NAME, client NAME [CONNECT]: configurations of the two ends.
server()
{
	statements "$1"
	printf '%s\n' "listen 192.0.2.1" "link chaos0 address 401" "accept"
}

client()
{
	statements "$1"
	printf '%s\n' "link chaos0 address 402" "connect ${2:-192.0.2.1 name hub.test}"
}

server hub.test >hub.conf
client leaf.test >leaf.conf

# ---------------------------------------------------------------------- check

# checks DESCRIPTION STATUS TEXT HOST FILE: what --check has to say.
checks()
{
	local output status

	output=$(on "$4" "$tls" --check -c "$5" 2>&1)
	status=$?
	if [ $status -eq "$2" ] && grep -Eqi -- "$3" <<<"$output"; then
		tap_pass "--check: $1"
	else
		tap_fail "--check: $1" "$output" "exit status $status" "should have said: $3"
	fi
	[ -z "${show-}" ] || printf '# %s\n' "${output//$'\n'/$'\n# '}"
}

background hub "$tls" -v -c hub.conf 2>hub.log
hub=$!
check "the server starts" wait_for 60 eval "on hub ip link show chaos0 | grep -q LOWER_UP"
show=1
checks "all is well" 0 "hub.test.*401" leaf leaf.conf
show=
client leaf.test "192.0.2.1:9 name hub.test" >broken.conf
checks "nobody listens there" 1 "refused" leaf broken.conf
client leaf.test "192.0.2.1 name leaf.test" >broken.conf
checks "the server has another name" 1 "leaf.test" leaf broken.conf
client nobody.test >broken.conf
checks "we have no address" 1 "nobody.test.*no" leaf broken.conf
client liar.test >broken.conf
checks "our address is another's" 1 "leaf.test" leaf broken.conf
client leaf.test | sed 's/^dns.*/dns 192.0.2.77/' >broken.conf
checks "there is no DNS server" 1 "192.0.2.77|DNS|no answer" leaf broken.conf

# ------------------------------------------------------------------- identity

# joins NAME: a client with this certificate, which does not know whether it was revoked.
joins()
{
	client "$1" | grep -v ^crl >client.conf
	background leaf "$tls" -v -c client.conf 2>leaf.log
	leaf=$!
}

leaves()
{
	kill "$leaf"
	wait "$leaf"
	on leaf ip link del chaos0 2>/dev/null
}

reached()
{
	on leaf chaos status 401
}

joins leaf.test
check "a client that DNS knows gets in" wait_for 60 reached
check "the server knows who it is" file_has hub.log "leaf.test"
leaves
joins nobody.test
check "one without an address does not" wait_for 60 grep -q "nobody.test.*address" hub.log
leaves
joins liar.test
check "nor one whose address is another's" wait_for 60 grep -q "liar.test.*\(leaf.test\|402\)" hub.log
leaves
joins gone.test
check "nor one whose certificate was revoked" wait_for 60 file_has hub.log "revoked"
leaves

# DNS gets to know the name; failures are not remembered for long.
serial=2
zone test "hub CH A CH-ADDR.NET. 401" "nobody CH A CH-ADDR.NET. 402"
zone addr "401 CH PTR hub.test." "402 CH PTR nobody.test."
kill -HUP "${bg_pids[0]}"
joins nobody.test
check "but when DNS knows it" wait_for 60 reached
leaves

kill "$hub"
wait "$hub"
check_equal "the server ends well" 0 $?
sed 's/^/# hub: /' hub.log
tap_done
