#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module comes when it is first wanted, by whomever, and can be removed when
# nobody needs it.
#
# shellcheck source-path=SCRIPTDIR source=lib.sh disable=SC2317

. "$(dirname "$0")/lib.sh"
need_root
need ip chaosctl chaos modprobe setpriv python3

loaded()
{
	grep -q '^chaos ' /proc/modules
}

# A socket that was just closed still holds it for a moment.
unloaded()
{
	! loaded || modprobe -r chaos
}

# loads DESCRIPTION COMMAND...: with the command, and not before, the module comes.
loads()
{
	wait_for 30 unloaded || { tap_fail "$1" "cannot unload the module before"; return; }
	check "$@" && check "$1: loads the module" loaded
}

# Whoever uses Chaosnet on this machine wants to go on.
modprobe -n chaos 2>/dev/null || tap_skip_all "no module to load"
[ -z "$(chaosctl addr)" ] || tap_skip_all "this machine itself has Chaosnet addresses"
wait_for 30 unloaded || tap_skip_all "the module is in use"

for type in STREAM SEQPACKET DGRAM; do
	loads "socket(AF_CHAOS, SOCK_$type)" \
		python3 -c "import socket; socket.socket(18, socket.SOCK_$type)"
done
loads "an ordinary user's socket" setpriv --reuid=65534 --regid=65534 --clear-groups \
	python3 -c "import socket; socket.socket(18, socket.SOCK_STREAM)"
loads "chaosctl" chaosctl link
loads "an ordinary user's chaosctl" setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$(command -v chaosctl)" link
wait_for 30 unloaded
check_fails "chaos, though without an address of ours it gets nowhere" "" chaos time 402
check "chaos loads the module" loaded

# In namespaces that are there before the module.
wait_for 30 unloaded
ns_add alpha
check "a namespace older than the module has lo" \
	eval "on alpha chaosctl link | grep -qx 'lo: loopback cost 11 up'"
check "and can be configured" on alpha chaosctl addr add 401 dev lo
check "and can talk to itself" on alpha chaos status 401
check "the module can go while it is configured" wait_for 30 unloaded
check_equal "nothing comes back with it" "" "$(on alpha chaosctl addr)"

# Where it cannot come.
modprobe=$(cat /proc/sys/kernel/modprobe)
restore()
{
	echo "$modprobe" >/proc/sys/kernel/modprobe
	cleanup
}
trap restore EXIT
wait_for 30 unloaded
echo /bin/false >/proc/sys/kernel/modprobe
check_fails "chaosctl without module" \
	"chaosctl: Chaosnet is not available: is the chaos module installed?" chaosctl addr
check_fails "chaos without module" "is the chaos module installed?" chaos time 402
echo "$modprobe" >/proc/sys/kernel/modprobe

tap_done
