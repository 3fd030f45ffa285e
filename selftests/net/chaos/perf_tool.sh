#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaos perf, from one host to another:
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
need ip chaosctl chaos python3

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
chaos_host alpha 401 ALPHA
chaos_host beta 402 BETA
make_scratch

# serve OPTIONS...: a server on beta; $server is its pid.
serve()
{
	background beta chaos perf --server -v "$@" 2>"$scratch/server"
	server=$!
	check "server: starts" wait_for 30 file_has "$scratch/server" "serving PERF"
}

# measure: tests from alpha, one a line: a name, and options.  Their JSON goes into files
# of these names.  One process on alpha does all: starting one takes longer than a test.
measure()
{
	# shellcheck disable=SC2016 # what follows the quote is for that process
	on alpha sh -c 'while read -r name options; do
		chaos perf -j $options >"$0/$name.json" || echo "$name: exit status $?"
	done' "$scratch" 2>&1
}

# client OPTIONS...: a test that runs on alpha; $client is its pid.
client()
{
	background alpha chaos perf "$@" >"$scratch/client" 2>&1
	client=$!
	check "client: runs: $*" wait_for 30 file_has "$scratch/client" " s  sent"
}

# ended DESCRIPTION STATUS TEXT: the client ends with this status and words.
ended()
{
	wait "$client"
	check_equal "$1: exit status" "$2" $?
	check "$1: $3" file_has "$scratch/client" "$3"
}

# --------------------------------------------------------------- each mode

serve
check_equal "each mode" "" "$(measure <<'TESTS'
stream -n 300K -i 0.1 402
back -n 100K -R 402
bidir -n 64K -P 3 --bidir -w 20 402
packet -m packet -n 40001 -l 400 -P 2 402
packet_back -m packet -n 20000 -R 402
time -t 0.3 -i 0.1 402
transaction -m transaction -n 60 -P 4 -l 100 402
status -a STATUS -n 40 402
TESTS
)"

# What there must be in each file, and what must agree with what.
problems=$(python3 - "$scratch" <<'PYTHON'
import json, sys

def load(name):
    with open(f"{sys.argv[1]}/{name}.json") as file:
        return json.load(file)

def expect(name, what, got, wanted):
    if got != wanted:
        print(f"{name}: {what}: {got}, not {wanted}")

def direction(name, test, way, amount, ends):
    flow = test[way]
    if amount:
        expect(name, f"{way}, sent", flow["sent"]["bytes"], amount)
    expect(name, f"{way}, arrived", flow["received"]["bytes"], flow["sent"]["bytes"])
    for what, end in zip(("sent", "received"), ends):
        each = [connection[end][what] for connection in test["connections"]]
        for count in ("bytes", "ops", "calls"):
            expect(name, f"{way}, {what}, {count} of all", sum(c[count] for c in each),
                   flow[what][count])
        if flow[what]["calls"] < flow[what]["ops"] or not flow[what]["bits_per_second"] > 0:
            print(f"{name}: {way}: {flow[what]}")
    if test["test"]["mode"] == "packet":
        expect(name, "packets", flow["received"]["ops"], flow["sent"]["ops"])

def streams(name, amount, conns, to_server, from_server):
    test = load(name)
    expect(name, "complete", test["complete"], True)
    expect(name, "connections", len(test["connections"]), conns)
    expect(name, "to server", "to_server" in test, to_server)
    expect(name, "from server", "from_server" in test, from_server)
    if to_server:
        direction(name, test, "to_server", amount, ("client", "server"))
    if from_server:
        direction(name, test, "from_server", amount, ("server", "client"))
    for i, connection in enumerate(test["connections"]):
        for side in connection.values():
            if side["packets"]["sent"] < 1 or side["window"] < 1:
                print(f"{name}: connection {i}: {side}")
    return test

def intervals(name, test):
    expect(name, "intervals, bytes", sum(i["sent"] for i in test["intervals"]),
           test["to_server"]["sent"]["bytes"])
    for before, after in zip(test["intervals"], test["intervals"][1:]):
        expect(name, "intervals, time", after["from"], before["to"])

def transactions(name, amount, size):
    test = load(name)
    expect(name, "complete", test["complete"], True)
    expect(name, "transactions", test["transactions"], amount)
    expect(name, "latency, count", test["latency"]["count"], amount)
    if size:
        expect(name, "bytes", test["bytes"], amount * size)
    keys = ("min_ns", "p50_ns", "p90_ns", "p99_ns", "p99_9_ns", "max_ns")
    times = [test["latency"][key] for key in keys]
    expect(name, "order of latencies", times, sorted(times))
    if not 0 < times[0] <= test["latency"]["mean_ns"] <= times[-1]:
        print(f"{name}: latency: {test['latency']}")

intervals("stream", streams("stream", 300 << 10, 1, True, False))
streams("back", 100 << 10, 1, False, True)
bidir = streams("bidir", 64 << 10, 3, True, True)
for connection in bidir["connections"]:
    expect("bidir", "window", connection["client"]["window"], 20)
    expect("bidir", "window", connection["server"]["window"], 20)
packet = streams("packet", 40001, 2, True, False)
expect("packet", "packets", packet["to_server"]["received"]["ops"], 101)
streams("packet_back", 20000, 1, False, True)
time = streams("time", 0, 1, True, False)
intervals("time", time)
if time["to_server"]["sent"]["seconds"] < 0.1:
    print("time: too short")
transactions("transaction", 60, 100)
transactions("status", 40, 0)
PYTHON
)
check_equal "JSON: what was sent arrived, and all figures agree" "0 " "$? $problems"
on alpha chaos perf -m transaction -n 10 402 >"$scratch/words"
check "transactions in words" grep -q "^ms: min .* p99.9 .* mean " "$scratch/words"

# ----------------------------------------------------------- what goes wrong

test="TEST version=1 conns=1 size=9 send=1"
# shellcheck disable=SC2016 # see above
refusals=$(on alpha sh -c 'chaos perf -c HARP 402
			   chaos perf -t 3601 402
			   chaos call 402 PERF
			   chaos call 402 PERF $(printf %0300d 0)
			   chaos call 402 PERF-PACKET DATA 1234 0
			   chaos call 402 PERF-PACKET $0 ms=9' "$test" 2>&1 </dev/null)
check_equal "what is refused" "chaos: 402: HARP refused: No server for contact name HARP
chaos: 402: PERF refused: at most 3600 seconds
chaos: 402: PERF refused: this is a server of \"chaos perf\"
chaos: 402: PERF refused: this is a server of \"chaos perf\"
chaos: 402: PERF-PACKET refused: no test waits for this connection
chaos: 402: PERF-PACKET refused: tests are not asked for here" "$refusals"
on alpha chaos call -q 0 402 PERF "$test" ms=9 <<<garbage >/dev/null
check "garbage: in the test" wait_for 30 \
	file_has "$scratch/server" "0 of 1 connections: 0 bytes received, 0 sent; the client says"

client -t 60 -i 0.1 -P 2 402
kill -9 "$client"
wait "$client" 2>/dev/null
check "the client vanishes: the server has done with it" \
	wait_for 60 file_has "$scratch/server" "401: stream, 2 of 2 connections: "

client -t 60 -i 0.1 402
kill "$client"
ended "interrupted" 0 "its packets:"
check "in words" grep -q "^  received .* calls$" "$scratch/client"

client -t 60 -i 0.1 -T 1 402
on alpha ip link set eth0 down
ended "no way to the server" 2 "402: PERF: no sign of life for 1 s"
on alpha ip link set eth0 up

client -t 60 -i 0.1 --bidir 402
kill -9 "$server"
wait "$server" 2>/dev/null
ended "the server is killed" 2 "402: PERF: "

serve --once --max-tests 1
client -t 60 -i 0.1 402
check_fails "busy" "PERF refused: busy with other tests" on alpha chaos perf -n 1 402
kill "$server"
ended "the server is stopped" 2 "the server has closed the connection: the server was stopped"
wait "$server"
check_equal "and ends well" 0 $?

serve --once
check "once" on alpha chaos perf -n 1000 402
wait "$server"
check_equal "once: the server ends" 0 $?
check "nothing is left open" wait_for 30 eval "! on beta chaosctl conn | grep -q open"

tap_done
