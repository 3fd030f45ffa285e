#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl monitor: every kind of event is told as it happens, in the words of the
# object's "show"; with -t and -j; and how the command ends.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl chaos

WAIT=30

# watch FILE WORDS...: run chaosctl monitor on alpha; its pid is in $watcher.
watch()
{
	local file=$1
	shift
	chaosctl -n "${ns_prefix}alpha" "$@" >"$scratch/$file" 2>"$scratch/$file.err" &
	watcher=$!
	bg_pids+=("$watcher")
}

# awake FILE: a condition; the monitor tells what happens now.
awake()
{
	ctl alpha set name AWAKE
	grep -q AWAKE "$scratch/$1"
}

# line TEXT: a condition; an event is told in these words.
line()
{
	grep -Fqx -- "$1" "$scratch/all"
}

# like REGEX: likewise.
like()
{
	grep -Eqx -- "$1" "$scratch/all"
}

# told DESCRIPTION TEXT, told_like DESCRIPTION REGEX
told()
{
	check "$1" wait_for $WAIT line "$2" || sed 's/^/# told: /' "$scratch/all"
}

told_like()
{
	check "$1" wait_for $WAIT like "$2" || sed 's/^/# told: /' "$scratch/all"
}

# shown DESCRIPTION OBJECT REGEX: the line of the object's show that matches is told.
shown()
{
	local text
	# shellcheck disable=SC2086
	text=$(ctl alpha $2 | grep -Ex -- "$3" | head -n 1)
	if [ -z "$text" ]; then
		tap_fail "$1" "nothing in: chaosctl $2" "is like: $3"
	else
		told "$1" "${2%% *} $text"
	fi
}

# before FIRST THEN: a condition; one event is told before another, both as regexes.
before()
{
	local first second
	first=$(grep -Enx -m 1 -- "$1" "$scratch/all" | cut -d: -f1)
	second=$(grep -Enx -m 1 -- "$2" "$scratch/all" | cut -d: -f1)
	[ "${first:-0}" -gt 0 ] && [ "${second:-0}" -gt "$first" ]
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
chaos_host beta 402 BETA
make_scratch

watch all monitor
monitor=$watcher
watch json -j -t monitor all
watch time -t monitor net
watch some monitor addr route
for file in all json time; do
	check "it listens: $file" wait_for $WAIT awake $file || tap_done
done

# --------------------------------------------------------- links, addresses

mac=$(on beta cat /sys/class/net/eth0/address)
ctl alpha link add eth0
told_like "a new link" "link eth0: ether cost 11 up.*"
ctl alpha link set eth0 cost 7
shown "a change of a link" "link" "eth0: ether cost 7 up.*"
ctl alpha addr add 401 dev eth0
told "a new address" "addr 401 dev eth0 tentative"
told "the address is valid" "addr 401 dev eth0 valid"
told_like "the route to its subnet" "route subnet 1 dev eth0 cost 7 direct.*"
on beta ip link set eth0 down
told_like "the carrier goes" "link eth0: ether addr 401 cost 7 down.*"
on beta ip link set eth0 up

# ----------------------------------------------- routes, neighbours, rules

ctl alpha route add subnet 7 via 402
shown "a new route" "route" "subnet 7 via 402 .*"
ctl alpha route replace subnet 7 via 402 cost 33
shown "a changed route" "route" "subnet 7 via 402 .*cost 33.*"
ctl alpha route delete subnet 7
told_like "a route goes" "Deleted route subnet 7 via 402 .*cost 33.*"
ctl alpha neigh add 410 lladdr 02:00:00:00:00:01 dev eth0
shown "a new neighbour" "neigh" "410 dev eth0 lladdr 02:00:00:00:00:01 permanent.*"
ctl alpha neigh delete 410 dev eth0
told_like "a neighbour goes" "Deleted neigh 410 dev eth0 .*"
check "somebody answers" on alpha chaos status -t 20 402
told_like "a neighbour is found" "neigh 402 dev eth0 lladdr $mac reachable.*"
ctl alpha rule add number 1 contact NOSUCH drop
shown "a new rule" "rule" ".*NOSUCH.*drop.*"
ctl alpha rule delete 1
told_like "a rule goes" "Deleted rule .*NOSUCH.*drop.*"

# --------------------------------------------------------------- connections

number='[1-9][0-9]*'
background alpha chaos listen SINK </dev/null >/dev/null 2>&1
listener=$!
told_like "a listener" "conn listening +stream +0 +$number +\*:\* +\*:\* +SINK uid:0 ino:$number"
shown "in the words of conn show" conn "listening .*SINK.*"
mkfifo "$scratch/hold"
background beta chaos call 401 SINK <>"$scratch/hold" >/dev/null 2>&1
caller=$!
ends="401:[0-9a-f]{4} +402:[0-9a-f]{4}"
told_like "a connection from elsewhere, with the socket of accept()" \
	"conn open +stream +0 +[01] +$ends +SINK uid:0 ino:$number"
kill $caller 2>/dev/null
told_like "a connection ends" "Deleted conn [a-z-]+ .* $ends +SINK.*"
check "and opened before" before "conn open .* $ends .*" "Deleted conn [a-z-]+ .* $ends .*"
kill $listener 2>/dev/null
told_like "a listener goes" "Deleted conn listening .* SINK .*"

background beta chaos listen SINK </dev/null >/dev/null 2>&1
wait_for $WAIT eval "ctl beta conn | grep -q '^listening.*SINK'"
background alpha chaos call 402 SINK <>"$scratch/hold" >/dev/null 2>&1
caller=$!
told_like "a connection to elsewhere" \
	"conn open +stream +0 +0 +$ends +SINK uid:0 ino:$number"
check "twice open, in all" wait_for $WAIT eval \
	"[ \$(grep -c '^conn open' '$scratch/all') -eq 2 ]"
kill $caller 2>/dev/null
check "twice ended, in all" wait_for $WAIT eval \
	"[ \$(grep -Ec '^Deleted conn (closed|lost|incomplete)' '$scratch/all') -eq 2 ]"

# ------------------------------------------------------------------ the rest

ctl alpha set name ALPHA
shown "the name" net "name ALPHA .*"
ctl alpha addr delete 401 dev eth0
told_like "an address goes" "Deleted addr 401 dev eth0 .*"
ctl alpha addr add 402 dev eth0
told "a conflict" "addr 402 dev eth0 conflict with $mac"
ctl alpha link delete eth0
told_like "a link goes" "Deleted link eth0: ether cost 7 .*"
check "after its address" before "Deleted addr 402 dev eth0 .*" "Deleted link eth0: .*"

# ------------------------------------------------------------- kinds, -t, -j

check "all of it elsewhere, too" wait_for $WAIT file_has "$scratch/json" '"event":"link-del"'
check "kinds that were asked for" \
	wait_for $WAIT eval "grep -q '^Deleted addr 402 ' '$scratch/some'"
check_equal "and no others" "" "$(grep -Ev '^(Deleted )?(addr|route) ' "$scratch/some")"
stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}'
check "-t: the name, with its time" wait_for $WAIT \
	grep -Eq "^\[$stamp\] net name ALPHA " "$scratch/time"
check_equal "-t: nothing without its time" "" \
	"$(grep -Ev "^\[$stamp\] net " "$scratch/time")"
check_equal "-j: one object in each line, with event and time" "" \
	"$(grep -Ev "^\{\"time\":\"${stamp}[+-][0-9]{2}:[0-9]{2}\",\"event\":\"[a-z]+-(new|del|set)\"[,}].*\}\$" \
		"$scratch/json")"
for event in link-new link-del addr-new addr-del route-new route-del neigh-new neigh-del \
	     rule-new rule-del conn-new conn-del net-set; do
	check "-j: $event" grep -q "\"event\":\"$event\"" "$scratch/json"
done
if type python3 >/dev/null 2>&1; then
	check "-j: JSON lines" python3 -m json.tool --json-lines "$scratch/json" /dev/null
else
	tap_skip "-j: JSON lines" "no python3 here"
fi
check_equal "as many in JSON as in plain form, from the link on" \
	"$(sed -n '/^link eth0/,$p' "$scratch/all" | wc -l)" \
	"$(sed -n '/"link-new".*"dev":"eth0"/,$p' "$scratch/json" | wc -l)"

check_equal "nothing to complain about" "" "$(cat "$scratch"/{all,json,time,some}.err)"

# ------------------------------------------------------------------ overruns

watch slow monitor net
slow=$watcher
check "it listens: slow" wait_for $WAIT awake slow
kill -STOP $slow
yes "set name FAST" | head -n 3000 >"$scratch/batch"
check "3000 events while it sleeps" ctl alpha -b "$scratch/batch"
kill -CONT $slow
check "lost events are told" wait_for $WAIT \
	file_has "$scratch/slow.err" "chaosctl: warning: events came too fast, some are lost"
ctl alpha set name AFTER
check "and it goes on" wait_for $WAIT file_has "$scratch/slow" "net name AFTER "

# ---------------------------------------------------------------- the end

# ends DESCRIPTION SIGNAL PID
ends()
{
	kill -"$2" "$3"
	wait_for $WAIT eval "! kill -0 $3" || kill -KILL "$3"
	wait "$3"
	check_equal "$1" 0 $?
}

ends "SIGINT ends it" INT $monitor
ends "SIGTERM, too" TERM $slow
timeout 60 chaosctl -n "${ns_prefix}alpha" monitor | true
check_equal "it ends when nobody reads" 0 "${PIPESTATUS[0]}"
while sleep 0.2; do ctl alpha set name FULL; done >/dev/null 2>&1 &
bg_pids+=($!)
check_fails "a full disk ends it" "cannot write the output" \
	eval "timeout 60 chaosctl -n ${ns_prefix}alpha monitor >/dev/full"
kill "${bg_pids[-1]}"
check_fails "an unknown kind" "'foo' is not a kind of event" ctl alpha monitor foo

tap_done
