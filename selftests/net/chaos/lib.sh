# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the test scripts share: TAP output, hosts made of network namespaces,
# waiting for conditions.  A test script looks like this:
#
#	. "$(dirname "$0")/lib.sh"
#	need_root
#	topo_pair alpha beta
#	chaos_host alpha 401 ALPHA
#	chaos_host beta 402 BETA
#	check "beta answers STATUS" on alpha chaos status 402
#	tap_done
#
# Everything made here is removed when the script ends, however it ends.

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
PATH=$tree/tools/chaosctl:$tree/tools/chaos:$PATH

# ---------------------------------------------------------------- results

tap_count=0
tap_failures=0
tap_planned=

# tap_plan N: announce N results; without it tap_done prints the plan.
tap_plan()
{
	tap_planned=$1
	echo "1..$1"
}

tap_pass()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1"
}

# tap_fail DESCRIPTION [LINE...]: the lines say what went wrong.
tap_fail()
{
	tap_count=$((tap_count + 1))
	tap_failures=$((tap_failures + 1))
	echo "not ok $tap_count - $1"
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

# tap_skip DESCRIPTION REASON
tap_skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

# tap_skip_all REASON: leave, because nothing can be tested here.
tap_skip_all()
{
	echo "1..0 # SKIP $1"
	exit 4
}

# tap_done: end of the script, which fails if a test did.
tap_done()
{
	[ -n "$tap_planned" ] || echo "1..$tap_count"
	if [ -n "$tap_planned" ] && [ "$tap_count" -ne "$tap_planned" ]; then
		echo "# planned $tap_planned results, got $tap_count"
		exit 1
	fi
	[ "$tap_failures" -eq 0 ]
	exit
}

# check DESCRIPTION COMMAND...: passes if the command succeeds; its output is
# shown only if it does not.
check()
{
	local description=$1 output status
	shift
	output=$("$@" 2>&1) && { tap_pass "$description"; return 0; }
	status=$?
	tap_fail "$description" "\$ $*" "$output" "exit status $status"
	return 1
}

# check_fails DESCRIPTION TEXT COMMAND...: passes if the command fails and says
# TEXT (which may be empty).
check_fails()
{
	local description=$1 text=$2 output
	shift 2
	if output=$("$@" 2>&1); then
		tap_fail "$description" "\$ $*" "$output" "succeeded, should have failed"
	elif [[ $output != *"$text"* ]]; then
		tap_fail "$description" "\$ $*" "$output" "should have said: $text"
	else
		tap_pass "$description"
		return 0
	fi
	return 1
}

# check_equal DESCRIPTION EXPECTED ACTUAL
check_equal()
{
	if [ "$2" = "$3" ]; then
		tap_pass "$1"
	else
		tap_fail "$1" "expected: $2" "actual:   $3"
	fi
}

# --------------------------------------------------------------- requisites

need_root()
{
	[ "$(id -u)" -eq 0 ] || tap_skip_all "must be root"
}

# need COMMAND...: skip the whole script unless all commands exist.
need()
{
	local command

	for command; do
		type "$command" >/dev/null 2>&1 || tap_skip_all "no $command here"
	done
}

# ------------------------------------------------------------------- waiting

# wait_for SECONDS COMMAND...: until the command succeeds; fails after SECONDS.
# The deadline is counted in time, not in rounds: a round may be slow.
wait_for()
{
	local deadline=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# file_has FILE TEXT: a condition for wait_for.
file_has()
{
	grep -qsF -- "$2" "$1"
}

# ------------------------------------------------------- hosts (namespaces)

ns_prefix=chaos-$$-
ns_list=()
bg_pids=()
scratch=

cleanup()
{
	local status=$? pid ns

	trap - EXIT
	set +e
	for pid in "${bg_pids[@]}"; do
		kill "$pid" 2>/dev/null
	done
	for pid in "${bg_pids[@]}"; do
		wait "$pid" 2>/dev/null
	done
	for ns in "${ns_list[@]}"; do
		ip netns del "$ns_prefix$ns" 2>/dev/null
	done
	[ -z "$scratch" ] || rm -rf "$scratch"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# make_scratch: sets $scratch to a directory that is removed at the end.
make_scratch()
{
	[ -n "$scratch" ] || scratch=$(mktemp -d)
}

# on HOST COMMAND...: run a command on a host.
on()
{
	local ns=$1
	shift
	ip netns exec "$ns_prefix$ns" "$@"
}

# background HOST COMMAND...: start a command on a host; $! is its pid.  It is
# killed at the end.  Redirections of the call apply to the command.  ip replaces
# itself by the command, so the pid is the command's.
background()
{
	local ns=$1
	shift
	ip netns exec "$ns_prefix$ns" "$@" <&0 &
	bg_pids+=($!)
}

# ns_add HOST...: hosts without any link but lo.  IPv6 is off: its neighbour
# discovery would show up in captures.
ns_add()
{
	local ns

	for ns; do
		ip netns add "$ns_prefix$ns" || return
		ns_list+=("$ns")
		on "$ns" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
				echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
				ip link set lo up' || return
	done
}

ns_del()
{
	local ns kept=()

	ip netns del "$ns_prefix$1" || return
	for ns in "${ns_list[@]}"; do
		[ "$ns" = "$1" ] || kept+=("$ns")
	done
	ns_list=("${kept[@]}")
}

# topo_pair A B: two hosts on one cable.
#
#	A eth0 ------- eth0 B
topo_pair()
{
	ns_add "$1" "$2" &&
	ip link add eth0 netns "$ns_prefix$1" type veth \
		peer name eth0 netns "$ns_prefix$2" &&
	ip -n "$ns_prefix$1" link set eth0 up &&
	ip -n "$ns_prefix$2" link set eth0 up
}

# topo_lan HOST...: hosts on one Ethernet, a bridge in a namespace of its own.
#
#	A eth0 ---- A \
#	B eth0 ---- B  } br0 in "lan"
#	C eth0 ---- C /
topo_lan()
{
	local ns

	ns_add lan "$@" &&
	on lan sh -c 'ip link add br0 type bridge forward_delay 0 mcast_snooping 0 &&
		      ip link set br0 up' || return
	for ns; do
		ip link add eth0 netns "$ns_prefix$ns" type veth \
			peer name "$ns" netns "${ns_prefix}lan" &&
		ip -n "$ns_prefix$ns" link set eth0 up &&
		ip -n "${ns_prefix}lan" link set "$ns" master br0 up || return
	done
}

# chaos_host HOST ADDRESS [NAME]: give the host a Chaosnet address on eth0.
chaos_host()
{
	on "$1" chaosctl link add eth0 &&
	on "$1" chaosctl addr add "$2" dev eth0 &&
	if [ $# -gt 2 ]; then on "$1" chaosctl set name "$3"; fi
}
