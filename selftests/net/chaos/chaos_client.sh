#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program chaos, from one host to another:
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# CHAOS_CLIENT_MIB (2) is the size of what is big.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
need ip chaosctl chaos sha256sum

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
chaos_host alpha 401 ALPHA
chaos_host beta 402 BETA
make_scratch
export CHAOS_HOSTS=$scratch/hosts
printf '401 alpha\n402 beta second\n477 nobody\n' >"$CHAOS_HOSTS"

# says DESCRIPTION STATUS TEXT COMMAND...: exactly this output on alpha, errors
# included, and this exit status.
says()
{
	local description=$1 expected="$3
(exit status $2)"
	shift 3
	check_equal "$description" "$expected" "$(on alpha "$@" </dev/null 2>&1; echo "(exit status $?)")"
}

# like DESCRIPTION REGEX COMMAND...: success, and a line of the output on alpha is this.
like()
{
	local description=$1 regex=$2 output
	shift 2
	if output=$(on alpha "$@" 2>&1) && grep -Eqx "$regex" <<<"$output"; then
		tap_pass "$description"
	else
		tap_fail "$description" "\$ $*" "$output" "should have said: $regex"
	fi
}

# serve OPTIONS... CONTACT: a service on beta; $! is its pid.
serve()
{
	background beta chaos listen -v "$@" 2>"$scratch/listen"
	wait_for 30 file_has "$scratch/listen" "listening for" ||
		tap_fail "chaos listen $* starts" "$(cat "$scratch/listen")"
}

# stop PID: end a service.
stop()
{
	kill "$1"
	wait "$1"
}

# -------------------------------------------------------- what hosts answer

like "status: name" "402 \(beta\): BETA" chaos status 402
like "status: counters" "     1( +[0-9]+){8}" chaos status beta
like "status of ourselves, by octal address" "401 \(alpha\): ALPHA" chaos status 00401
like "status as JSON" \
	'\{"address":"402","name":"BETA","subnets":\[\{"subnet":"1","received":[0-9]+,.*\]\}' \
	chaos status -j second
like "time" "402 \(beta\): 20[0-9-]+ [0-9:]+ UTC, like our clock" env TZ=UTC chaos time 402
like "time as JSON" '\{"address":"402","time":[0-9]+,"offset":0\}' chaos time -j 402
like "uptime" "402 \(beta\): up 00:0[0-9]:[0-9]{2}" chaos uptime 402
like "uptime as JSON" '\{"address":"402","seconds":[0-9]+\}' chaos uptime -j 402
like "routes" "402 \(beta\): routes to 1 subnet" chaos routes 402
like "routes: by a link" "     1     11  link [0-9]+" chaos routes 402
like "routes as JSON" \
	'\{"address":"402","routes":\[\{"subnet":"1","link":[0-9]+,"cost":11\}\]\}' \
	chaos routes -j 402
like "lastcn" "402 \(beta\): 1 host heard lately" chaos lastcn 402
like "lastcn: a neighbour" " +[0-9]+ +[0-9]+ +0 +401  401 \(alpha\)" chaos lastcn 402
like "lastcn as JSON" \
	'\{"address":"402","hosts":\[\{"host":"401","packets":[0-9]+,"last_hop":"401",.*\}\]\}' \
	chaos lastcn -j 402
says "status: nobody there" 2 "chaos: nobody: STATUS: the next host on the way does not answer" \
	chaos status nobody
says "status: no way there" 2 "chaos: 3401: STATUS: no route to its subnet" \
	chaos status 3401
says "status: no such host" 1 "chaos: zorn: no such host in $CHAOS_HOSTS" chaos status zorn

# ----------------------------------------------------------------- refusals

says "call: nobody serves it" 2 \
	"chaos: 402: LUNCH refused: No server for contact name LUNCH" chaos call 402 LUNCH
says "call: sent in upper case" 2 \
	"chaos: beta: lunch refused: No server for contact name LUNCH" chaos call beta lunch
check_equal "call: a simple service is asked again" 4 "$(on alpha chaos call 402 TIME | wc -c)"
says "listen: the kernel's own contact" 3 \
	"chaos: STATUS: something listens for this contact already" chaos listen STATUS
says "listen: impossible contact" 1 "chaos: A B: a contact name has no space in it
Usage: chaos listen [-1lv] [-w PACKETS] [-e COMMAND] CONTACT" chaos listen "A B"

# ----------------------------------------------------------- listen, by hand

background beta chaos listen -v HAND </dev/null >"$scratch/heard" 2>"$scratch/listen"
hand=$!
check "listen: says when it does" wait_for 30 file_has "$scratch/listen" "listening for HAND"
check_fails "listen: twice" "HAND: something listens for this contact already" \
	on beta chaos listen HAND
check_equal "call: nothing comes back" "" "$(echo hello | on alpha chaos call 402 HAND a b)"
wait $hand
check_equal "listen: ends with the connection" 0 $?
check_equal "listen: what came" "hello" "$(cat "$scratch/heard")"
check "listen: who wants what" file_has "$scratch/listen" "401: HAND a b"

# ------------------------------------------------------------ listen --exec

# shellcheck disable=SC2016
serve -e 'echo "$CHAOS_PEER|$CHAOS_CONTACT|$CHAOS_ARGS"' WHO
says "exec: what the command is told" 0 "401|WHO|two  words" chaos call 402 WHO "two  words"
says "exec: again, and no arguments" 0 "401|WHO|" chaos call 402 WHO
stop $!

serve -e 'wc -c; echo done' COUNT
check_equal "half close: an answer after our EOF" "6
done" "$(echo hello | on alpha chaos call 402 COUNT)"
check_equal "half close: after nothing but EOF" "0
done" "$(on alpha chaos call 402 COUNT </dev/null)"
stop $!

serve -1 -e 'exit 7' FAIL
on alpha chaos call 402 FAIL </dev/null >/dev/null 2>&1
wait $!
check_equal "exec: --once tells that the command failed" 3 $?

serve -1 -e 'cat' ONCE
once=$!
check_equal "exec: --once serves one" "hello" "$(echo hello | on alpha chaos call 402 ONCE)"
wait $once
check_equal "exec: and ends" 0 $?
says "exec: not two" 2 "chaos: 402: ONCE refused: No server for contact name ONCE" \
	chaos call 402 ONCE

serve -e 'od -An -c' OD
check_equal "Lisp Machine characters are sent" '   a 211   b 215' \
	"$(printf 'a\tb\n' | on alpha chaos call -l 402 OD | tr -d '\215\n')"
stop $!

# ------------------------------------------------------------------ much

big=$scratch/big
head -c $((${CHAOS_CLIENT_MIB:-2} << 20)) /dev/urandom >"$big"
sum=$(sha256sum <"$big")

serve -e sha256sum SHA256
check_equal "much: arrives as it was" "$sum" "$(on alpha chaos call 402 SHA256 <"$big")"
stop $!

serve -e "cat $big" BIG
check_equal "much: comes as it is" "$sum" "$(on alpha chaos call 402 BIG </dev/null | sha256sum)"
stop $!

serve -e cat ECHO
echo_server=$!
check_equal "much: there and back" "$sum" "$(on alpha chaos call 402 ECHO <"$big" | sha256sum)"
small=$(head -c 20000 "$big" | sha256sum)
check_equal "window of one packet" "$small" \
	"$(head -c 20000 "$big" | on alpha chaos call -w 1 402 ECHO | sha256sum)"
callers=()
for i in 1 2 3 4 5 6 7 8; do
	on alpha chaos call 402 ECHO <<<"caller $i" >"$scratch/$i" &
	callers+=($!)
done
wait "${callers[@]}"
check_equal "eight callers at once" "$(seq -f 'caller %g' 8)" \
	"$(cat "$scratch"/[1-8])"
stop $echo_server

# ------------------------------------------------------------ broken off

serve -1 -e 'head -c 1000 >/dev/null' HEAD
hangs_up=$!
timeout 100 ip netns exec "${ns_prefix}alpha" chaos call 402 HEAD <"$big" >"$scratch/caller" 2>&1
check_equal "the server hangs up in the midst of it" "2 chaos: 402: HEAD: closed by the \
peer before it took all the input: Connection closed" \
	"$? $(cat "$scratch/caller")"
wait $hangs_up

serve -1 -e "echo \$\$ >$scratch/pid; exec sleep 100" SILENT
background alpha chaos call 402 SILENT <"$big"
caller=$!
on_hold()
{
	on alpha chaosctl conn info | grep -q 'unacked:[1-9]'
}
check "a transfer runs" wait_for 30 on_hold
on beta ip link set eth0 down
kill $caller
wait $caller
check "the caller is killed, its connection goes on" \
	eval "on alpha chaosctl conn | grep -q '^open  *- '"
on beta ip link set eth0 up
kill "$(cat "$scratch/pid")"
check "and ends with the server" wait_for 30 eval "! on alpha chaosctl conn | grep -q open"

tap_done
