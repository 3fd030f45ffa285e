# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A program that feeds a link through /dev/chaos, and reads nothing from it; after lib.sh.
#
# shellcheck disable=SC2154 # scratch is of lib.sh

# feed HOST LINK FLAGS ADDRESS [COMMAND...]: in the background, started by the command;
# $! is its pid, and fed tells when it is ready.  Flags and address as of chaos(4).
feed()
{
	local host=$1 link=$2 flags=$3 address=$4
	shift 4

	make_scratch
	rm -f "$scratch/fed"
	background "$host" "$@" python3 -c '
import fcntl, struct, sys, time

link, flags, address = sys.argv[1].encode(), int(sys.argv[2]), int(sys.argv[3], 8)
attach = struct.pack("=16sIHH16s", link, flags, address, 0, b"")
file = open("/dev/chaos", "r+b", buffering=0)
fcntl.ioctl(file, 0xc028bc01, attach)
print("ready", flush=True)
time.sleep(1000)
' "$link" "$flags" "$address" >"$scratch/fed" 2>&1
}

# fed: waits for it.
fed()
{
	wait_for 30 file_has "$scratch/fed" ready
}
