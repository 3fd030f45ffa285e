#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole daemon, in a directory of its own, with a socketpair as the kernel.

usage: daemon_test.py PROGRAM
"""

import os
import re
import signal
import socket
import struct
import sys
import time

from client import Client
from whole import (PATIENCE, TRAILER, Daemon, Framed, Kernel, free_port, here, number_of,
                   packet, run)

# RFC "TIME" from 401 to 402, as an independent program sent it.
CAPTURED = bytes.fromhex("00010400020100000101 3f4ead870000 54494d45 000101016996")


class Hub(Daemon):
    """A daemon that has members."""

    def joined(self, where, times=None):
        """A client that is a member for sure."""
        before = self.log().count(": joined ")
        client = Client(where)
        self.says(": joined ", times or before + 1)
        return client


def serving(*words, **options):
    """A daemon that is ready."""
    daemon = Hub(*words, **options)
    daemon.ready()
    return daemon


def a_hub():
    """Captured bytes go to all others, unchanged, and not back."""
    daemon = serving("listen", "unix", here())
    members = [daemon.joined("server") for _ in range(3)]
    members[0].send(CAPTURED)
    members[1].send(packet(1, 0o402), tail=b"\xee\xff")
    assert members[2].receive() == CAPTURED
    assert members[2].receive() == packet(1, 0o402)
    assert members[1].receive() == CAPTURED
    assert members[0].receive() == packet(1, 0o402)
    raw = Client("server")
    daemon.says(": joined ", 4)
    members[0].send(CAPTURED)
    assert raw.socket.recv(100) == b"\x00\x1a\x01\x00" + CAPTURED
    daemon.end()
    assert not os.path.exists("server")


def the_kernel():
    """The kernel is one member; what is for neighbours is not for it."""
    kernel = Kernel()
    daemon = serving("link", "chaos0", "address", "403", "listen", "unix", here(), kernel=kernel)
    client, other = daemon.joined("server"), daemon.joined("server")
    from_kernel = packet(1, 0o403, 0o401, 0o401)
    kernel.send(from_kernel, CAPTURED[:-4] + b"\x03\x01\x00\x00")
    assert client.receive() == from_kernel
    assert number_of(client.receive()) == 0x87ad
    assert other.receive() == from_kernel
    for number, (to, hop, aimed) in enumerate([
            (0o403, 0, 0), (0o402, 0, 0o402), (0o402, 0o400, 0o402), (0, 0, 0),
            (0o403, 0o400, 0o400), (0o3040, 0, 0), (0o402, 0o403, 0o403)]):
        client.send(packet(number, 0o401, to, hop))
        got = kernel.receive()
        assert number_of(got) == number
        assert TRAILER.unpack(got[-6:])[:2] == (aimed, 0o401), (to, hop, got.hex())
    # A packet that is shorter than it says is no packet for the kernel.
    client.send(packet(70)[:2] + b"\x64\x00" + packet(70)[4:])
    client.send(packet(71, to=0o403))
    assert number_of(kernel.receive()) == 71
    daemon.end()


def any_pieces():
    """Frames in pieces of every size, and several at once."""
    daemon = serving("listen", "unix", here())
    sender, receiver = daemon.joined("server"), daemon.joined("server")
    frames = b"".join(struct.pack(">H", len(p)) + b"\1\0" + p
                      for p in (packet(n, size=2 * n) for n in range(20)))
    for step in (1, 3, 7, 29, 100, len(frames)):
        for at in range(0, len(frames), step):
            sender.socket.sendall(frames[at:at + step])
        for number in range(20):
            assert receiver.receive() == packet(number, size=2 * number)
    daemon.end()


def absurd_lengths():
    """A member that cannot be followed is closed, and the others are not."""
    daemon = serving("listen", "unix", here())
    one, two = daemon.joined("server"), daemon.joined("server")
    for length, why in ((0, "short"), (21, "short"), (23, "odd"), (512, "long"),
                        (0xffff, "long")):
        bad = Client("server")
        bad.send(packet(1))
        bad.socket.sendall(struct.pack(">H", length) + b"\1\0" + bytes(600))
        assert number_of(one.receive()) == 1
        assert number_of(two.receive()) == 1
        daemon.says(f"left the ether: it announced a packet of {length} bytes, "
                    f"which is (too )?{why}")
        try:
            assert not bad.socket.recv(1)
        except ConnectionResetError:
            pass
    one.send(packet(2))
    assert number_of(two.receive()) == 2
    daemon.end()


def death():
    """Members that die, at each point of a frame."""
    daemon = serving("listen", "unix", here())
    one, two = daemon.joined("server"), daemon.joined("server")
    frame = b"\x00\x1a\x01\x00" + CAPTURED
    for count in range(len(frame)):
        dying = Client("server")
        dying.socket.sendall(frame[:count])
        dying.close()
    daemon.says("left the ether: it closed in the middle of a packet", len(frame) - 1)
    # One that dies while much is sent to it.
    dying = daemon.joined("server")
    for number in range(300):
        one.send(packet(number, size=488))
    dying.close()
    for number in range(300):
        assert number_of(two.receive()) == number
    daemon.says("left the ether", len(frame) + 1)
    daemon.end()


def stalled():
    """One that does not read holds up nobody, and is thrown out in the end."""
    daemon = serving("queue", "16", "stall", "1", "listen", "unix", here())
    sender, receiver = daemon.joined("server"), daemon.joined("server")
    idle = daemon.joined("server")
    number, end = 0, time.monotonic() + PATIENCE
    while "it took no packet for" not in daemon.log():
        assert time.monotonic() < end, daemon.log()
        for _ in range(100):
            sender.send(packet(number & 0xffff, size=488))
            assert number_of(receiver.receive()) == number & 0xffff
            number += 1
    # It has what it had been given, whole and in order.
    try:
        got = 0
        while True:
            assert number_of(idle.receive()) == got
            got += 1
    except (EOFError, ConnectionResetError):
        assert got
    daemon.end()


def one_server():
    """A server that lives keeps its name; that of a dead one is taken."""
    daemon = serving("listen", "unix", here())
    second = Daemon("listen", "unix", here())
    second.process.wait(PATIENCE)
    second.end(1)
    assert "a server is there already" in second.log()
    member = daemon.joined("server")
    member.close()
    daemon.signal(signal.SIGKILL)
    daemon.process.wait(PATIENCE)
    assert os.path.exists("server")
    third = serving("listen", "unix", here())
    third.says("replaced")
    third.joined("server")
    third.end()


def members_limit():
    """No more members than are allowed."""
    daemon = serving("members", "2", "listen", "unix", here())
    one, two = daemon.joined("server"), daemon.joined("server")
    third = Client("server")
    assert not third.socket.recv(1)
    daemon.says("refused, there are 2 members")
    one.close()
    daemon.says(": left ")
    daemon.joined("server").send(packet(5))
    assert number_of(two.receive()) == 5
    daemon.end()


def descriptors_run_out():
    """Then those who want to connect wait."""
    daemon = serving("listen", "unix", here(), files=24)
    waiting = [Client("server") for _ in range(30)]
    daemon.says("cannot accept")
    joined = daemon.log().count(": joined ")
    assert 0 < joined < 24
    for client in waiting[:joined]:
        client.close()
    daemon.says(": joined ", joined + 5)
    daemon.end()


def report():
    """SIGUSR1: ethers, members, counters."""
    kernel = Kernel()
    daemon = serving("link", "chaos0", "address", "177001", "listen", "unix", here(),
                     kernel=kernel)
    client = daemon.joined("server")
    client.send(packet(1, 0o177040, 0o177001))
    kernel.receive()
    daemon.reports(r"ether 376: 1 of 64 members",
                   rf"process {os.getpid()} of user {os.getuid()}: 177040",
                   r"packets 1 from, 0 to it, 0 waiting, 0 dropped",
                   r"link chaos0: attached, sent 0, received 1, lost 0, malformed 0",
                   r"listen unix .*: 1 accepted, 0 refused")
    # The same address from two processes.
    second = daemon.joined("server")
    for number in range(5):
        second.send(packet(number, 0o177040, 0o177001))
        client.send(packet(number, 0o177040, 0o177001))
        kernel.receive()
        kernel.receive()
    assert daemon.log().count("both send from address 177040") == 1
    daemon.end()


def write_config(text):
    """A configuration file."""
    with open("chaosd.conf", "w", encoding="ascii") as config:
        config.write(text)


def reload():
    """SIGHUP: what is not changed goes on."""
    ports = [free_port(), free_port()]
    first = f"ether 6\nlisten tcp 127.0.0.1:{ports[0]}\nlisten unix {here('six')}\n"
    second = f"ether 7\nlisten tcp 127.0.0.1:{ports[1]}\n"
    write_config(first)
    daemon = serving("-c", "chaosd.conf")
    one, two = daemon.joined(("127.0.0.1", ports[0])), daemon.joined("six")

    def alive(number):
        one.send(packet(number))
        assert number_of(two.receive()) == number

    write_config(second + first)
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew")
    alive(1)
    seven = daemon.joined(("127.0.0.1", ports[1]))
    write_config("pear\n")
    daemon.signal(signal.SIGHUP)
    daemon.says("the configuration stays as it was")
    assert "chaosd.conf:1: 'pear'" in daemon.log()
    alive(2)
    # One part cannot be opened: none is.
    write_config(first + "listen unix /nowhere/x")
    daemon.signal(signal.SIGHUP)
    daemon.says("the configuration stays as it was", 2)
    alive(3)
    seven.send(packet(1))
    write_config(first)
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew", 2)
    assert not seven.socket.recv(1)
    alive(4)
    # Another mode, and another subnet: then members have to go.
    write_config(first.replace(here("six"), here("six") + " mode 0600"))
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew", 3)
    assert os.lstat("six").st_mode & 0o777 == 0o600
    alive(5)
    write_config(first.replace("ether 6", "ether 10"))
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew", 4)
    assert not two.socket.recv(1)
    daemon.joined("six")
    daemon.end()


def reload_link():
    """A link cannot be another one under the same name; another name will do."""
    kernel = Kernel()
    text = f"ether 6\nlisten unix {here()}\nlink chaos0 address "
    write_config(text + "3001\n")
    daemon = serving("-c", "chaosd.conf", kernel=kernel)
    client = daemon.joined("server")
    write_config(text + "3002\n")
    daemon.signal(signal.SIGHUP)
    daemon.says("link chaos0 address 3002: another address, or 'persist', needs a restart")
    client.send(packet(1, 0o3003, 0o3001))
    assert number_of(kernel.receive()) == 1
    write_config(text.replace("chaos0", "chaos1") + "3002\n")
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew")
    client.send(packet(2, 0o3003, 0o3001))
    got = kernel.receive()
    assert number_of(got) == 2
    assert TRAILER.unpack(got[-6:])[0] == 0o3001
    kernel.send(packet(3, 0o3002))
    assert number_of(client.receive()) == 3
    write_config(f"ether 6\nlisten unix {here()}\n")
    daemon.signal(signal.SIGHUP)
    daemon.says("was read anew", 2)
    client.send(packet(4, 0o3003, 0o3001))
    daemon.reports("packets 4 from|packets 3 from")
    assert "link" not in daemon.log().rsplit("was read anew", 1)[1]
    daemon.end()


def subnets():
    """Several ethers, each at a port of its own."""
    ports = [free_port(), free_port()]
    daemon = serving("ether", "6", "listen", "tcp", f"127.0.0.1:{ports[0]}",
                     "ether", "7", "listen", "tcp", f"127.0.0.1:{ports[1]}")
    six = [daemon.joined(("127.0.0.1", ports[0])) for _ in range(2)]
    seven = [daemon.joined(("127.0.0.1", ports[1])) for _ in range(2)]
    six[0].send(packet(6))
    seven[0].send(packet(7))
    assert number_of(six[1].receive()) == 6
    assert number_of(seven[1].receive()) == 7
    for client in six[0], seven[0]:
        client.socket.setblocking(False)
        try:
            client.socket.recv(1)
            raise AssertionError("more than there should be")
        except BlockingIOError:
            pass
    daemon.end()


def joining():
    """Two daemons are one ether; the one that joins survives the other."""
    hub = serving("listen", "unix", here("hub"))
    leaf = serving("connect", "unix", here("hub"), "listen", "unix", here("leaf"))
    hub.says("process .* joined")
    assert os.path.exists(f"chaosd_{leaf.process.pid:05}")
    one, two = hub.joined("hub"), leaf.joined("leaf")
    one.send(packet(1, 0o401))
    assert number_of(two.receive()) == 1
    two.send(packet(2, 0o402))
    assert number_of(one.receive()) == 2
    hub.signal(signal.SIGKILL)
    hub.process.wait(PATIENCE)
    leaf.says("connect unix .*: left the ether")
    hub = serving("listen", "unix", here("hub"))
    leaf.says("connect unix .*: joined the ether", 2)
    one = hub.joined("hub")
    two.send(packet(3, 0o402))
    assert number_of(one.receive()) == 3
    leaf.end()
    assert not [name for name in os.listdir(".") if name.startswith("chaosd_")]
    hub.end()


def echoes():
    """A hub that sends us our own packets; and one that refuses us first."""
    kernel = Kernel()
    daemon = serving("link", "chaos0", "address", "401", "connect", "unix", here("hub"),
                     "listen", "unix", here(), kernel=kernel)
    daemon.says("connect unix .*; trying again")
    listener = socket.socket(socket.AF_UNIX)
    listener.settimeout(PATIENCE)
    listener.bind("hub")
    listener.listen()
    connection, name = listener.accept()
    assert os.path.basename(name) == f"chaosd_{daemon.process.pid:05}"
    daemon.says("connect unix .*: joined")
    hub = Framed(connection, b"\1\0")
    local = daemon.joined("server")
    kernel.send(packet(1, 0o401))
    local.receive()
    local.send(packet(2, 0o402))
    kernel.receive()
    for _ in range(2):
        hub.send(hub.receive())
    hub.send(packet(3, 0o403))
    assert number_of(kernel.receive()) == 3
    assert number_of(local.receive()) == 3
    daemon.reports("2 echoes")
    daemon.end()


def joining_by_name():
    """The same over TCP, by the name of the host."""
    port = free_port()
    hub = serving("listen", "tcp", f"127.0.0.1:{port}")
    leaf = serving("connect", "tcp", f"localhost:{port}", "listen", "unix", here())
    hub.says(": joined ")
    one, two = hub.joined(("127.0.0.1", port)), leaf.joined("server")
    one.send(packet(1, 0o401))
    assert number_of(two.receive()) == 1
    two.send(packet(2, 0o402))
    assert number_of(one.receive()) == 2
    leaf.end()
    hub.end()


def many_connections():
    """Several connections of one process have names of their own."""
    hubs = []
    words = []
    for n in range(3):
        hubs.append(serving("listen", "unix", here(f"hub{n}")))
        words += ["ether", str(n + 1), "connect", "unix", here(f"hub{n}")]
    leaf = Daemon(*words)
    for hub in hubs:
        hub.says(": joined ")
    names = sorted(name for name in os.listdir(".") if name.startswith("chaosd_"))
    assert len(names) == 3, names
    leaf.end()
    for hub in hubs:
        hub.end()


def link_lost():
    """The link is deleted under us: the others go on."""
    kernel = Kernel()
    daemon = serving("link", "chaos0", "address", "403", "listen", "unix", here(), kernel=kernel)
    kernel.theirs.close()
    one, two = daemon.joined("server"), daemon.joined("server")
    kernel.ours.close()
    daemon.says("chaos0: the link was deleted")
    one.send(packet(1))
    assert number_of(two.receive()) == 1
    daemon.reports("link chaos0: deleted, sent 0, received 0, lost 1")
    daemon.end()


def check_config():
    """--check-config looks, and does nothing."""
    write_config(f"listen unix {here()}\n")
    daemon = Daemon("--check-config", "-c", "chaosd.conf")
    daemon.process.wait(PATIENCE)
    daemon.end()
    assert not os.path.exists("server")
    write_config(f"listen unix {here()} mode 9\n")
    daemon = Daemon("--check-config", "-c", "chaosd.conf")
    daemon.process.wait(PATIENCE)
    daemon.end(2)
    assert daemon.log().startswith("chaosd.conf:1: '9'"), daemon.log()


TESTS = [a_hub, the_kernel, any_pieces, absurd_lengths, death, stalled, one_server,
         members_limit, descriptors_run_out, report, reload, reload_link, subnets, joining, echoes,
         joining_by_name, many_connections, link_lost, check_config]


if __name__ == "__main__":
    sys.exit(run(TESTS))
