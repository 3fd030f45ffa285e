#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl ping: answers, losses, refusals, statistics, exit statuses, JSON.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch
chaos_host alpha 401 ALPHA || tap_skip_all "no Chaosnet here"
chaos_host beta 402 BETA

time='[0-9]+\.[0-9]{3}'
times="402: round trip min $time avg $time max $time ms"

# ---------------------------------------------------------------- answers

looks "three answers" 0 alpha ping -c 3 -i 0.1 -W 20 402 <<END
402 \(BETA\): seq 1 time $time ms
402 \(BETA\): seq 2 time $time ms
402 \(BETA\): seq 3 time $time ms
402: 3 sent, 3 answered, 0% lost
$times
END
looks "quietly; options may stand behind the host" 0 alpha ping 402 -qc2 -i.1 -W20 <<END
402: 2 sent, 2 answered, 0% lost
$times
END
looks "ourselves" 0 alpha ping -c 1 -W 20 401 <<END
401 \(ALPHA\): seq 1 time $time ms
401: 1 sent, 1 answered, 0% lost
401: round trip min $time avg $time max $time ms
END

printf '402\tbeta ab\n' >"$scratch/hosts"
export CHAOS_HOSTS=$scratch/hosts
looks "by name" 0 alpha ping -q -c 1 -W 20 AB <<END
402: 1 sent, 1 answered, 0% lost
$times
END

# Shorter than any answer takes that is not lost: many are under way at once.
looks "fifty in a second" 0 alpha ping -q -c 50 -i 0.02 -W 20 402 <<END
402: 50 sent, 50 answered, 0% lost
$times
END

# --------------------------------------------------------------- failures

# dropped: how many requests beta has dropped by a rule.
dropped()
{
	ctl beta -a stat | awk '$1 == "drop_filter" { print $2 }'
}

check "beta says nothing to STATUS" ctl beta rule add contact STATUS drop
before=$(dropped)
looks "no answers, status 1" 1 alpha ping -c 3 -i 0.1 -W 1 402 <<END
402: seq 1: no answer
402: seq 2: no answer
402: seq 3: no answer
402: 3 sent, 0 answered, 100% lost
END
check_equal "nothing was sent twice" "$((before + 3))" "$(dropped)"
check "beta refuses STATUS" ctl beta rule replace number 1 contact STATUS reject reason private
looks "refused" 1 alpha ping -c 1 -W 20 402 <<END
402: seq 1: private
402: 1 sent, 0 answered, 100% lost
END
check "beta answers again" ctl beta rule flush
looks "nobody there" 1 alpha ping -c 1 -W 30 403 <<END
403: seq 1: .*next host on the way does not answer
403: 1 sent, 0 answered, 100% lost
END
looks "no way there" 1 alpha ping -c 2 -i 0.1 3143 <<END
3143: seq 1: Network is unreachable
3143: seq 2: Network is unreachable
3143: 2 sent, 0 answered, 100% lost
END
looks "unknown name" 2 alpha ping nosuch <<END
chaosctl: nosuch: no such host in $scratch/hosts
END
looks "no host" 2 alpha ping -c 1 <<END
chaosctl: ping: missing 'HOST'
usage: chaosctl ping .*
END

# ------------------------------------------------------------ interrupted

# The signal comes while it waits for an hour.
background alpha chaosctl ping -i 3600 -W 20 402 >"$scratch/out" 2>&1
pinger=$!
check "one answer" wait_for 20 file_has "$scratch/out" "seq 1 time"
kill -INT "$pinger"
wait "$pinger"
check_equal "interrupted: status 0" 0 $?
check "interrupted: statistics" file_has "$scratch/out" "402: 1 sent, 1 answered, 0% lost"

# ------------------------------------------------------------------- JSON

ctl alpha -j ping -c 2 -i 0.1 -W 20 402 >"$scratch/json"
ctl alpha ping -jc1 3143 >>"$scratch/json"
ctl alpha ping -p -c 1 -W 20 402 >"$scratch/pretty"
check "JSON: answers" grep -Eqx '\[\{"addr":"402","probes":\[\{"name":"BETA","seq":1,"time_us":[0-9]+\},\{"name":"BETA","seq":2,"time_us":[0-9]+\}\],"sent":2,"answered":2,"lost":0,"min_us":[0-9]+,"avg_us":[0-9]+,"max_us":[0-9]+\}\]' "$scratch/json"
check "JSON: no answer" grep -Fqx '[{"addr":"3143","probes":[{"seq":1,"error":"Network is unreachable"}],"sent":1,"answered":0,"lost":1}]' "$scratch/json"
if type python3 >/dev/null 2>&1; then
	check "JSON is valid" python3 -m json.tool --json-lines "$scratch/json" /dev/null
	check "JSON in many lines is valid" python3 -m json.tool "$scratch/pretty" /dev/null
else
	tap_skip "JSON is valid" "no python3 here"
fi

tap_done
