#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# chaosctl -b, colours, abbreviations and -s with the kernel.
#
#	alpha eth0 (401) ------- eth0 (402) beta
#
# shellcheck source-path=SCRIPTDIR source=lib.sh source=ctl.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"
need_root
need ip chaosctl chaos

# gives DESCRIPTION EXPECTED HOST WORDS...: exactly this is printed, complaints
# too; the last line of it is the exit status.  Input is from $scratch/batch.
gives()
{
	local description=$1 expected=$2 output
	shift 2
	output=$(ctl "$@" <"$scratch/batch" 2>&1; echo "status $?")
	check_equal "$description" "$expected" "$output"
}

topo_pair alpha beta || tap_skip_all "cannot make network namespaces"
make_scratch

# ----------------------------------------------------------------- batch

cat >"$scratch/batch" <<'END'
# All that is needed.
link add eth0 cost 7

addr add 401 \
	dev eth0	# our address
link show 'eth0'
END
gives "a batch" "eth0: ether addr 401 cost 7 up
status 0" alpha -b "$scratch/batch"
gives "once more: it stops" "$scratch/batch:2: the device carries Chaosnet already
status 2" alpha --batch "$scratch/batch"
gives "once more, by force, from the input" "-:2: the device carries Chaosnet already
-:4: the link has this address already
eth0: ether addr 401 cost 7 up
status 2" alpha -f -b -
printf 'show name\nlink set eth0 cost 8\nrule\n' >"$scratch/batch"
gives "JSON is one list" '[[{"name":"'"$(ctl alpha show name | cut -c6-)"'"}],[]]
status 0' alpha -j -b -
printf 'link set eth0 cost 9\nlink set eth0 cost 0\nlink set eth0 cost 10\n' >"$scratch/batch"
check_fails "a mistake in a line" "-:2: '0' is not a cost: it is 0" \
	eval "ctl alpha -b - <'$scratch/batch'"
check_equal "the lines before it count" "eth0: ether addr 401 cost 9 up" \
	"$(ctl alpha link show eth0)"

# The results of a line are there before the next one is read.
mkfifo "$scratch/questions" "$scratch/answers"
exec 8<>"$scratch/questions" 9<>"$scratch/answers"
background alpha chaosctl -b - <&8 >&9
batch=$!
echo "link show eth0" >&8
read -r -t 30 line <&9
check_equal "a batch through a pipe answers at once" "eth0: ether addr 401 cost 9 up" "$line"
kill $batch
exec 8>&- 9<&-

# ----------------------------------------------------------- abbreviations

ctl beta addr add 402 dev eth0
check "abbreviations" ctl alpha r a s 6 v 402
check_equal "are understood" "subnet 6 via 402 cost 20 fixed" "$(ctl alpha r s f)"
check_fails "unless they could be something else" \
	"'s' is ambiguous: it could be 'show' or 'set'" ctl alpha link s

# -------------------------------------------------------------- statistics

check "there is traffic" wait_for 30 on alpha chaos status 402
for object in link neigh rule conn; do
	check "$object -s" ctl alpha -s $object
	check "$object -s, JSON" ctl alpha -s -j $object
done
ctl alpha rule add contact NOSUCH drop
check "a rule has a counter" eval "ctl alpha -s rule | grep -q ' 0$'"

# ------------------------------------------------------------------- flush

# neighbours: addresses of alpha's, in one line.
neighbours()
{
	ctl alpha neigh | cut -d' ' -f1 | sort | tr '\n' ' '
}

# Who is silent is not found again.
ctl beta addr del 402 dev eth0
ctl alpha neigh add 410 lladdr 02:00:00:00:00:01 dev eth0
ctl alpha neigh add proxy 411 dev eth0
check_equal "neighbours of all kinds" "402 410 411 " "$(neighbours)"
check "neigh flush" ctl alpha neigh flush
check_equal "takes what ARP has found" "410 411 " "$(neighbours)"
check "neigh flush all" ctl alpha neigh flush all
check_equal "takes all" "" "$(neighbours)"
check "addr flush" ctl alpha addr flush
check_equal "takes all, too" "" "$(ctl alpha addr)"
ctl alpha addr add 401 dev eth0

# ----------------------------------------------------------------- colours

escape=$(printf '\033')
check "colours if asked for" eval "ctl alpha -c addr | grep -q '$escape'"
check_fails "none in a pipe" "" eval "ctl alpha addr | grep '$escape'"
check_fails "none in JSON" "" eval "ctl alpha -c -j addr | grep '$escape'"
if type script >/dev/null 2>&1; then
	terminal="TERM=xterm script -qec 'chaosctl -n ${ns_prefix}alpha addr' /dev/null"
	check "colours on a terminal" eval "$terminal | grep -q '$escape'"
	check_fails "unless the user wants none" "" eval "NO_COLOR=1 $terminal | grep '$escape'"
else
	tap_skip "colours on a terminal" "no script here"
fi

tap_done
