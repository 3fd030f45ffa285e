#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""The whole daemon, with a socketpair as the kernel, and Python's TLS as the other side.

usage: daemon_test.py PROGRAM [TEST...]

RECONNECTS=N is how often clients connect anew; usually that is not many.
"""

import os
import shutil
import signal
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

from peer import (HOSTS, LOCALHOST, NEW, NEW_ADDRESS, SNS, Authority, Client, Server,
                  link_addresses, processes_files, sns, tcp, trailed)
from whole import PATIENCE, Daemon, Kernel, free_port, here, number_of, packet, run, wait

AUTHORITY = Authority()
RECONNECTS = int(os.environ.get("RECONNECTS", 50))

# STATUS, asked by 402 of 401, and the answer as an independent program sent it: the first
# bytes, and how many there were.
REQUEST = trailed(bytes.fromhex("0001 0600 0101 0000 0201 3412 0000 0000 535441545553"),
                  0o401, 0o402)
ANSWER = trailed(bytes.fromhex("0005 4400 0201 3412 0101 0000 0000 0000 484f5354") + bytes(28)
                 + struct.pack("<2H", 0o401, 16) + bytes(32), 0o402, 0o401)
ANSWER_BEGINS = bytes.fromhex("005a 0005 4400 0201 3412 0101 0000 0000 0000 484f")


class Tls(Daemon):
    """A daemon with its configuration, and usually one link."""

    def __init__(self, config, name="hub.test", crl=None, **options):
        self.file = here(f"config.{time.monotonic_ns()}")
        self.name, self.crl = name, crl
        self.kernel = options.setdefault("kernel", Kernel())
        self.write(config)
        super().__init__("-c", self.file, **options)

    def write(self, config):
        """Another configuration."""
        with open(self.file, "w", encoding="ascii") as file:
            file.write(AUTHORITY.statements(self.name, self.crl) + config)

    def reload(self, config):
        """Have it read another configuration."""
        times = self.log().count("was read anew")
        self.write(config)
        self.signal(signal.SIGHUP)
        self.says("was read anew", times + 1)


class Hub(Tls):
    """A daemon that is a server, at 401."""

    def __init__(self, *more, before="", **options):
        self.port = options.pop("port", None) or free_port()
        super().__init__(self.config(*more, before=before), **options)
        self.ready()

    def config(self, *more, before=""):
        """Its configuration with more statements, of the link and before that."""
        below = "".join(f"{line}\n" for line in more)
        return f"{before}\nlisten {LOCALHOST}:{self.port}\nlink chaos0 address 401\naccept\n{below}"

    def joined(self, name="alpha.test", address=None, **options):
        """A client that is known."""
        client = Client(AUTHORITY, self.port, name, **options)
        address = address or HOSTS[name][0]
        client.tell(address)
        self.takes(client, address)
        return client

    def takes(self, client, address, number=0o7777):
        """What the client sends gets to the kernel."""
        client.send(packet(number, address, 0o401, 0o407))
        got = self.kernel.receive()
        assert number_of(got) == number, got.hex()
        assert link_addresses(got)[0] == 0o401, got.hex()

    def gives(self, client, address, number=0o7776):
        """What the kernel sends to an address gets to the client."""
        sent = packet(number, 0o401, address, address)
        self.kernel.send(sent)
        assert client.receive() == sent

    def serves(self, client, address=0o402):
        """Both ways."""
        self.takes(client, address)
        self.gives(client, address)


class Leaf(Tls):
    """A daemon that is a client, at 402."""

    def __init__(self, *servers, name="alpha.test", more="", **options):
        super().__init__(self.config(*servers, more=more), name, **options)
        self.ready()

    @staticmethod
    def config(*servers, more=""):
        """Its configuration: servers, more statements of the link."""
        connect = "".join(f"connect {LOCALHOST}:{port} name {name}\n" for port, name in servers)
        return f"link chaos0 address 402\n{connect}{more}"

    def serves(self, server, number=0o7775):
        """What the kernel sends gets to the server, and back."""
        self.kernel.send(packet(number, 0o402, 0o401, 0o401))
        assert number_of(server.receive()) == number
        server.send(packet(number + 1, 0o401, 0o402, 0o402))
        assert number_of(self.kernel.receive()) == number + 1


# ------------------------------------------------------------------- as a server

def captured():
    """The captured exchange, byte for byte."""
    hub = Hub()
    client = Client(AUTHORITY, hub.port).tell(0o402, 0o401)
    client.send(REQUEST)
    got = hub.kernel.receive()
    assert got[:-6] == REQUEST[:-6], got.hex()
    assert link_addresses(got) == (0o401, 0o402)
    hub.kernel.send(ANSWER)
    got = client.exactly(2 + len(ANSWER))
    while got[3] == SNS:
        got = got[24:] + client.exactly(24)
    assert got == struct.pack(">H", len(ANSWER)) + ANSWER
    assert got.startswith(ANSWER_BEGINS)
    hub.end()


def refused(hub, why, name="alpha.test", first=None, **options):
    """A client is refused, for this reason, and nothing of it gets to the kernel."""
    try:
        client = Client(AUTHORITY, hub.port, name, **options)
        address, _ = HOSTS.get(name, (0o404, None))
        client.send(*(first or [sns(address)]), packet(1, address, 0o401))
        assert client.is_closed()
    except OSError:
        pass
    hub.says(why)
    for kernel in hub.kernel.values() if isinstance(hub.kernel, dict) else [hub.kernel]:
        kernel.ours.setblocking(False)
        try:
            raise AssertionError(f"the kernel got {kernel.ours.recv(65536).hex()}")
        except BlockingIOError:
            kernel.ours.settimeout(PATIENCE)


def only_tls_1_1(context):
    """As old programs are."""
    warnings.simplefilter("ignore", DeprecationWarning)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")


def refused_certificates():
    """Clients whose certificates are not good are refused; the reason is told."""
    hub = Hub()
    refused(hub, "unable to get local issuer certificate|self-signed", "stranger.test")
    refused(hub, "certificate has expired", "late.test")
    refused(hub, "certificate is not yet valid", "early.test")
    refused(hub, "certificate revoked", "gone.test")
    hub.end()
    hub = Hub()
    refused(hub, "unsuitable certificate purpose|unsupported certificate purpose",
            "program.test")
    refused(hub, "unsuitable certificate purpose|unsupported certificate purpose",
            "server.test")
    refused(hub, "presented no certificate", None)
    refused(hub, "TLS is older than 1.2", adjust=only_tls_1_1)
    hub.serves(hub.joined("client.test"), 0o406)
    hub.end()


def refused_packets():
    """Clients that begin with anything but their own addresses, or send what is no packet."""
    hub = Hub()
    refused(hub, "it says it is 403, but is certified as alpha.test", first=[sns(0o403)])
    refused(hub, "it says it is 401, which we are", first=[sns(0o401)])
    refused(hub, "first packet has opcode 1,", first=[REQUEST])
    refused(hub, "it says it is 1001, on a subnet", "far.test")
    rut = trailed(struct.pack("<8H2H", 0o10 << 8, 4, 0, 0, 0o407, 0, 0, 0, 2, 10), 0, 0o407)
    refused(hub, "it says it is 407, but", first=[rut])
    hub.end()
    hub = Hub()
    refused(hub, "address of unknown.test", "unknown.test")
    for length, why in ((0, "short"), (23, "odd"), (512, "long"), (0xffff, "long")):
        client = Client(AUTHORITY, hub.port).tell(0o402)
        client.socket.sendall(struct.pack(">H", length) + bytes(600))
        assert client.is_closed()
        hub.says(f"{length} bytes.*{why}")
    sock = tcp(hub.port)
    sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
    try:
        assert len(sock.recv(100)) < 20  # an alert at most
    except ConnectionResetError:
        pass
    hub.says("does not speak TLS")
    # A packet in the right frame that is none is dropped, and nothing else.
    client = hub.joined()
    client.send(packet(1)[:2] + b"\x64\x00" + packet(1)[4:])
    hub.serves(client)
    hub.end()


def first_rut():
    """A bridge may begin with what it knows of routes; that is for the kernel."""
    hub = Hub()
    client = Client(AUTHORITY, hub.port)
    rut = trailed(struct.pack("<8H2H", 0o10 << 8, 4, 0, 0, 0o402, 0, 0, 0, 2, 10), 0, 0o402)
    client.send(rut)
    assert hub.kernel.receive()[:-6] == rut[:-6]
    hub.serves(client)
    hub.end()


def others_addresses():
    """What a client sends in the name of others is dropped; what it forwards is not."""
    hub = Hub()
    alpha, beta = hub.joined(), hub.joined("beta.test")
    rut = trailed(struct.pack("<8H2H", 0o10 << 8, 4, 0, 0, 0o407, 0, 0, 0, 2, 10), 0, 0o407)
    alpha.send(packet(1, 0o403, 0o401), packet(2, 0o401, 0o401), rut, packet(3, 0o1001, 0o401))
    assert number_of(hub.kernel.receive()) == 3
    hub.gives(beta, 0o403)
    hub.reports("client 402 .alpha.test", "3 with another's source")
    hub.end()


def to_whom():
    """The next hop says which client a packet is for; all, or none."""
    hub = Hub()
    alpha, beta = hub.joined(), hub.joined("beta.test")
    hub.kernel.send(packet(1, 0o401, 0o3040, 0o403), packet(2, 0o401, 0, 0),
                    packet(3, 0o401, 0o404, 0o404), packet(4, 0o401, 0o402, 0o402))
    assert [number_of(alpha.receive()) for _ in range(2)] == [2, 4]
    assert [number_of(beta.receive()) for _ in range(2)] == [1, 2]
    hub.gives(beta, 0o403)
    hub.end()


def revoked_later():
    """A list of revoked certificates that is replaced counts at once; one out of date, too."""
    shutil.copy(AUTHORITY.file("crl.pem"), "crl.pem")
    hub = Hub(crl=here("crl.pem"))
    hub.joined("gone.test").close()
    shutil.copy(AUTHORITY.file("crl-revoked.pem"), "new.pem")
    os.rename("new.pem", "crl.pem")
    refused(hub, "certificate revoked", "gone.test")
    shutil.copy(AUTHORITY.file("crl-expired.pem"), "new.pem")
    os.rename("new.pem", "crl.pem")
    refused(hub, "(?s)certificate revoked.*certificate revoked", "gone.test")
    hub.says("crl.pem: the revocation list .*ended")
    hub.joined()
    hub.end()


def slow_handshakes():
    """200 that do not come to the point hold up nobody."""
    hub = Hub(before="clients 4\naccept-timeout 60s")
    begun = time.monotonic()
    hub.joined("beta.test").close()
    usual = time.monotonic() - begun
    slow = [tcp(hub.port, source="127.0.0.2") for _ in range(200)]
    for number, sock in enumerate(slow):
        sock.sendall(b"\x16\x03\x01\x02\x00\x01"[:number % 7])
    begun = time.monotonic()
    client = hub.joined()
    hub.serves(client)
    took = time.monotonic() - begun
    assert took < 10 + 3 * usual, (took, usual)
    # More than may wait: those go who have waited longest, from where most are.
    slow += [tcp(hub.port, source="127.0.0.2") for _ in range(100)]
    hub.joined("second.test")
    assert not slow[0].recv(1)
    hub.says("too many wait to be identified")
    slow[-1].settimeout(0.01)
    try:
        assert slow[-1].recv(1)
    except TimeoutError:
        pass
    hub.end()


def accept_timeout():
    """Each of handshake and first packet must come in time; later silence is none's business."""
    hub = Hub()
    client = hub.joined()
    hub.reload(hub.config(before="accept-timeout 3s"))
    raw, mute = tcp(hub.port), Client(AUTHORITY, hub.port, "beta.test")
    assert not raw.recv(1)
    assert mute.is_closed()
    hub.says("did not tell who it is within 3 s", 2)
    hub.serves(client)
    hub.end()


def takeover():
    """The same certificate and address again: the newer one stays.  Another must not."""
    hub = Hub()
    older = hub.joined()
    newer = hub.joined()
    assert older.is_closed()
    hub.serves(newer)
    refused(hub, "402 is connected already, as alpha.test", "again.test")
    hub.serves(newer)
    newer.close()
    hub.says("402 .alpha.test.*has left")
    hub.serves(hub.joined("again.test"))
    hub.end()


def mux():
    """Hosts behind a client."""
    hub = Hub("mux alpha.test 411 412")
    alpha, beta = hub.joined("alpha.test", 0o411), hub.joined("beta.test")
    hub.takes(alpha, 0o411)
    hub.takes(alpha, 0o412)
    hub.takes(alpha, 0o402)
    hub.gives(alpha, 0o412)
    beta.send(packet(1, 0o411, 0o401), packet(2, 0o403, 0o401))
    assert number_of(hub.kernel.receive()) == 2
    refused(hub, "it says it is 412", "second.test", first=[sns(0o412)])
    hub.end()


def limit():
    """No more clients than are allowed; again some when one has left."""
    hub = Hub(before="clients 2")
    alpha, beta = hub.joined(), hub.joined("beta.test")
    refused(hub, "there are 2 clients already", "second.test")
    hub.serves(alpha)
    hub.serves(beta, 0o403)
    # Who is there already may come again.
    beta = hub.joined("beta.test")
    alpha.close()
    hub.says("402 .alpha.test.*has left")
    hub.serves(hub.joined("second.test"), 0o407)
    hub.end()


def overflow():
    """One that does not read holds up nobody; what it does not get is counted."""
    hub = Hub(before="queue 16")
    idle, client = hub.joined("beta.test", buffer=4096), hub.joined()
    for number in range(8000):
        hub.kernel.send(packet(number, 0o401, 0o403, 0o403, size=488))
        if number % 100 == 0:
            hub.serves(client)
    hub.reports("client 403 [^\n]*\n[^\n]* in:[^\n]*\n[^\n]* waiting, [1-9][0-9]* dropped")
    # In order, with a gap.
    got = -1
    while True:
        hub.kernel.send(packet(9999, 0o401, 0o403, 0o403))
        number = number_of(idle.receive())
        if number == 9999:
            break
        assert number > got
        got = number
    hub.end()


def reload():
    """SIGHUP: sessions that still fit stay, with new keys; mistakes change nothing."""
    hub = Hub("mux alpha.test 411")
    alpha, beta = hub.joined(), hub.joined("beta.test", 0o403)
    hub.reload(hub.config("mux alpha.test 411", before="keepalive 30"))
    hub.serves(alpha)
    hub.serves(beta, 0o403)
    hub.write(hub.config("mux alpha.test 9"))
    hub.signal(signal.SIGHUP)
    hub.says("the configuration stays as it was")
    hub.name = "late.test"
    hub.write(hub.config())
    hub.signal(signal.SIGHUP)
    hub.says("the configuration stays as it was", 2)
    hub.says("late.test.pem.*(expired|ended)")
    hub.serves(alpha)
    hub.name = "second.test"
    hub.reload(hub.config("mux alpha.test 411"))
    hub.serves(alpha)
    newer = Client(AUTHORITY, hub.port, "again.test")
    assert dict(pair[0] for pair in newer.socket.getpeercert()["subject"])["commonName"] \
        == "second.test"
    # Another port; nobody may connect any more.
    hub.port = free_port()
    hub.reload(hub.config())
    beta = hub.joined("beta.test")
    hub.serves(beta, 0o403)
    hub.reload("link chaos0 address 401\n"
               f"connect {LOCALHOST}:{free_port()} name hub.test\n")
    assert beta.is_closed()
    hub.end()


def reload_links():
    """A link is taken away, and its clients with it; the other's stay."""
    kernels = {"chaos0": Kernel(), "chaos1": Kernel()}
    hub = Hub("link chaos1 address 1002", "accept", kernel=kernels)
    near, far = Client(AUTHORITY, hub.port).tell(0o402), Client(AUTHORITY, hub.port, "far.test")
    far.tell(0o1001).send(packet(1, 0o1001, 0o1002))
    assert number_of(kernels["chaos1"].receive()) == 1
    hub.reload(hub.config())
    assert far.is_closed()
    near.send(packet(2, 0o402, 0o401))
    assert number_of(kernels["chaos0"].receive()) == 2
    hub.reports("link chaos0, where we are 401: 1 peer")
    assert "link chaos1, where we are 1002: " not in hub.log()
    refused(hub, "it says it is 1001, on a subnet", "far.test")
    hub.end()


def report():
    """SIGUSR1: links, peers, counters."""
    hub = Hub()
    client = hub.joined()
    hub.serves(client)
    hub.reports("link chaos0.*401", "client 402 .alpha.test., at 127.0.0.1:[0-9]+",
                "TLSv1.3.*TLS_AES", "0 dropped")
    hub.end()


# ------------------------------------------------------------------- as a client

def client_first():
    """Its first packet tells its address; an answer as captured is for the kernel."""
    server = Server(AUTHORITY)
    leaf = Leaf((server.port, "hub.test"), more="peer 401\n")
    peer = server.accept()
    assert peer.exactly(24) == struct.pack(">H", 22) + sns(0o402, 0o401)
    leaf.kernel.send(REQUEST)
    assert peer.receive() == REQUEST
    peer.send(ANSWER)
    got = leaf.kernel.receive()
    assert got[:-6] == ANSWER[:-6]
    assert link_addresses(got) == (0o402, 0o401)
    # Whoever it is for, it comes from here.
    peer.send(trailed(ANSWER[:-6], 0, 0o401), trailed(ANSWER[:-6], 0o400, 0o401))
    for _ in range(2):
        assert link_addresses(leaf.kernel.receive())[0] in (0, 0o402)
    leaf.end()
    server.close()


def s_server():
    """The same with another program."""
    port = free_port()
    with subprocess.Popen(
            ["openssl", "s_server", "-accept", f"{LOCALHOST}:{port}", "-quiet", "-Verify", "2",
             "-verify_return_error", "-cert", AUTHORITY.file("hub.test.pem"),
             "-key", AUTHORITY.file("hub.test.key"), "-cert_chain", AUTHORITY.file("chain.pem"),
             "-CAfile", AUTHORITY.file("ca.pem")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        limit = threading.Timer(PATIENCE, server.kill)
        limit.start()
        leaf = Leaf((port, "hub.test"))
        assert server.stdout.read(24) == struct.pack(">H", 22) + sns(0o402, 0o401)
        server.stdin.write(struct.pack(">H", len(ANSWER)) + ANSWER)
        server.stdin.flush()
        assert leaf.kernel.receive()[:-6] == ANSWER[:-6]
        leaf.kernel.send(REQUEST)
        assert server.stdout.read(2 + len(REQUEST))[2:] == REQUEST
        leaf.end()
        limit.cancel()
        server.kill()


def refused_servers():
    """Servers that are not who they should be, or of another CA."""
    for name, wanted, why in (
            ("stranger.test", "stranger.test", "unable to get local issuer certificate"),
            ("late.test", "late.test", "certificate has expired"),
            ("gone.test", "gone.test", "certificate revoked"),
            ("client.test", "client.test", "(unsuitable|unsupported) certificate purpose"),
            ("hub.test", "beta.test", "is not for beta.test")):
        server = Server(AUTHORITY, name)
        leaf = Leaf((server.port, wanted))
        server.refused()
        leaf.says(why)
        leaf.end()
        server.close()


def refused_server_addresses():
    """Servers that have not the address they should have, or none here; and old TLS."""
    for name, more, why in (("hub.test", "peer 403\n", "which is not 403"),
                            ("far.test", "", "not on subnet 1"),
                            ("unknown.test", "", "address of unknown.test")):
        server = Server(AUTHORITY, name)
        leaf = Leaf((server.port, name), more=more)
        assert server.accept().is_closed()
        leaf.says(why)
        leaf.end()
        server.close()
    server = Server(AUTHORITY)
    only_tls_1_1(server.context)
    leaf = Leaf((server.port, "hub.test"))
    server.refused()
    leaf.says("older than 1.2|protocol version")
    leaf.end()
    server.close()


def plain_server():
    """A server that does not speak TLS at all."""
    server = Server(AUTHORITY)
    leaf = Leaf((server.port, "hub.test"))
    sock, _ = server.socket.accept()
    sock.sendall(b"220 mail.example ESMTP\r\n")
    leaf.says("does not speak TLS")
    leaf.end()
    server.close()


def in_turn():
    """Servers are tried one after the other, until there is one; later again."""
    first, second = Server(AUTHORITY, "stranger.test"), Server(AUTHORITY, "second.test")
    leaf = Leaf((free_port(), "hub.test"), (first.port, "stranger.test"),
                (second.port, "second.test"))
    first.refused()
    peer = second.accept()
    assert link_addresses(peer.receive_any()) == (0o407, 0o402)
    peer.close()
    first.refused()
    leaf.serves(second.accept())
    leaf.end()


def comes_again():
    """A server that was restarted, while packets come for it."""
    server = Server(AUTHORITY, port=free_port())
    leaf = Leaf((server.port, "hub.test"))
    peer = server.accept()
    leaf.serves(peer)
    server.close()
    peer.close()
    leaf.says("the connection to .*hub.test.*has ended")
    for number in range(300):
        leaf.kernel.send(packet(number, 0o402, 0o401, 0o401))
    # What cannot be sent is lost, as on any network.
    leaf.reports("300 for nobody")
    server = Server(AUTHORITY, port=server.port)
    peer = server.accept()
    assert peer.receive_any()[1] == SNS
    leaf.serves(peer)
    leaf.end()


def both():
    """A daemon that is a client of another, and a server for others, at the same time."""
    kernels = {"chaos0": Kernel(), "chaos1": Kernel()}
    hub = Hub()
    port = free_port()
    middle = Tls(f"listen {LOCALHOST}:{port}\nlink chaos0 address 402\n"
                 f"connect {LOCALHOST}:{hub.port} name hub.test\n"
                 "link chaos1 address 1002\naccept\n", "alpha.test", kernel=kernels)
    middle.ready()
    hub.says("402 .alpha.test. has connected")
    client = Client(AUTHORITY, port, "far.test").tell(0o1001)
    client.send(packet(1, 0o1001, 0o401, 0o1002))
    got = kernels["chaos1"].receive()
    assert number_of(got) == 1
    kernels["chaos0"].send(packet(2, 0o1001, 0o401, 0o401))
    assert number_of(hub.kernel.receive()) == 2
    hub.kernel.send(packet(3, 0o401, 0o1001, 0o402))
    assert number_of(kernels["chaos0"].receive()) == 3
    kernels["chaos1"].send(packet(4, 0o401, 0o1001, 0o1001))
    assert number_of(client.receive()) == 4
    middle.end()
    hub.end()


# ------------------------------------------------------------------ certificates

def make_csr():
    """A key and a request; with the certificate they are good at both ends."""
    asking = Daemon("--make-csr", "New.Test")
    asking.process.wait(PATIENCE)
    asking.end()
    AUTHORITY.certify("new.test.csr", NEW)
    os.rename("new.test.key", AUTHORITY.file("new.test.key"))
    hub = Hub()
    client = Client(AUTHORITY, hub.port, NEW).tell(NEW_ADDRESS)
    hub.takes(client, NEW_ADDRESS)
    hub.end()
    again = Hub(name=NEW)
    again.joined()
    again.end()
    asking = Daemon("--make-csr", "new")
    asking.process.wait(PATIENCE)
    asking.end(2)


# ------------------------------------------------------------------ for a long time

def grows(daemon, once, times):
    """Do something often; what grew is told, and must not be much."""
    for _ in range(times // 10):
        once()
    before = processes_files(daemon.process.pid)
    for _ in range(times):
        once()
    after = processes_files(daemon.process.pid)
    print(f"# {times} times: {before[0]} to {after[0]} descriptors, {before[1]} to {after[1]} KiB")
    assert after[0] <= before[0] + 2, (before, after)
    # What the sanitizers remember of it comes on top, and does not grow with the number.
    assert after[1] <= before[1] + 2048 + times // 10, (before, after)


def clients_come_and_go():
    """No descriptor, no memory is lost on them."""
    hub = Hub()

    def once():
        client = hub.joined()
        client.close()

    grows(hub, once, RECONNECTS)
    hub.end()


def servers_come_and_go():
    """Nor on servers that we connect to."""
    server = Server(AUTHORITY)
    leaf = Leaf((server.port, "hub.test"))

    def once():
        peer = server.accept()
        assert peer.receive_any()[1] == SNS
        peer.close()

    grows(leaf, once, RECONNECTS)
    leaf.end()


TESTS = [captured, refused_certificates, refused_packets, first_rut, others_addresses, to_whom,
         revoked_later, slow_handshakes, accept_timeout, takeover, mux, limit, overflow, reload,
         reload_links, report, client_first, s_server, refused_servers, refused_server_addresses,
         plain_server, in_turn, comes_again, both, make_csr, clients_come_and_go,
         servers_come_and_go]

if __name__ == "__main__":
    # A closed connection is nothing unusual, and memory is given back at once.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    os.environ.setdefault("BACKOFF_MS", "5")
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=1:" + os.environ.get("ASAN_OPTIONS", "")
    sys.exit(run(TESTS))
