# SPDX-License-Identifier: GPL-2.0-or-later
"""The other side of chaos-tls: Python's ssl as client and server, and a CA for both."""

import os
import re
import socket
import ssl
import struct
import subprocess
import tempfile

from whole import PATIENCE, TRAILER, Framed, free_port

SNS = 6
LOCALHOST = "127.0.0.1"

# Who is certified, and how; and the Chaosnet addresses of all of them.
HOSTS = {
    "hub.test": (0o401, "good"), "alpha.test": (0o402, "good"), "beta.test": (0o403, "good"),
    "again.test": (0o402, "good"), "late.test": (0o404, "expired"),
    "early.test": (0o404, "future"), "gone.test": (0o404, "revoked"),
    "stranger.test": (0o404, "other"), "program.test": (0o404, "code"),
    "server.test": (0o405, "server"), "client.test": (0o406, "client"),
    "far.test": (0o1001, "good"), "unknown.test": (0, "good"), "second.test": (0o407, "good"),
}
NEW = "new.test"  # to be certified at its own request
NEW_ADDRESS = 0o410


class Authority:
    """A CA, its files, and those of all hosts."""

    def __init__(self):
        self.no_dns = free_port()
        self.directory = tempfile.TemporaryDirectory(prefix="ca.")
        make_ca = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make-ca")
        subprocess.run([make_ca, self.directory.name]
                       + [f"{name}={kind}" for name, (_, kind) in HOSTS.items()], check=True)
        with open(self.file("hosts"), "w", encoding="ascii") as hosts:
            hosts.write(f"{NEW_ADDRESS:o}\t{NEW}\n")
            for name, (address, _) in HOSTS.items():
                if address:
                    hosts.write(f"{address:o}\t{name}\n")
        for name, (_, kind) in HOSTS.items():
            self.chain(name, "other-chain.pem" if kind == "other" else "chain.pem")

    def file(self, name):
        """The path of one of its files."""
        return os.path.join(self.directory.name, name)

    def read(self, name):
        """What is in one of its files."""
        with open(self.file(name), "rb") as file:
            return file.read()

    def chain(self, name, issuer="chain.pem"):
        """Make the file of a certificate and its issuer's, as Python wants them."""
        with open(self.file(f"{name}.all"), "wb") as whole:
            whole.write(self.read(f"{name}.pem") + self.read(issuer))

    def certify(self, request, name):
        """Do what a request asks for."""
        subprocess.run(["openssl", "x509", "-req", "-in", request, "-copy_extensions", "copy",
                        "-CA", self.file("chain.pem"), "-CAkey", self.file("chain.key"),
                        "-days", "2", "-out", self.file(f"{name}.pem")],
                       check=True, stderr=subprocess.DEVNULL)
        self.chain(name)

    def statements(self, name, crl=None):
        """The part of a configuration that says who we are."""
        return (f"key {self.file(name)}.key\ncertificate {self.file(name)}.pem\n"
                f"chain {self.file('chain.pem')}\nca {self.file('ca.pem')}\n"
                f"crl {crl or self.file('crl-revoked.pem')}\nhosts {self.file('hosts')}\n"
                f"dns {LOCALHOST}:{self.no_dns}\n")

    def context(self, protocol, name):
        """For a connection of Python's; the other end must be certified by the CA."""
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.file("ca.pem"))
        if name:
            context.load_cert_chain(self.file(f"{name}.all"), self.file(f"{name}.key"))
        return context


def checksum(data):
    """The Internet checksum."""
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return struct.pack(">H", ~total & 0xffff)


def trailed(packet, hop, source):
    """A packet with its trailer, all of it right."""
    packet += struct.pack("<2H", hop, source)
    return packet + checksum(packet)


def sns(source, to=0):
    """How a host tells its address."""
    return trailed(struct.pack("<8H", SNS << 8, 0, to, 0, source, 0, 0, 0), to, source)


def link_addresses(packet):
    """Next hop and sender."""
    return TRAILER.unpack(packet[-6:])[:2]


class Peer(Framed):
    """A TLS connection."""

    def receive_any(self):
        """The next packet, a keep-alive or not."""
        return super().receive()

    def receive(self):
        """The next packet but keep-alives."""
        while True:
            packet = self.receive_any()
            if packet[1] != SNS or struct.unpack_from("<H", packet, 6)[0]:
                return packet

    def is_closed(self):
        """The other end has closed, or reset, the connection, after any packets."""
        try:
            while True:
                self.receive_any()
        except (EOFError, ConnectionResetError, BrokenPipeError, ssl.SSLError):
            return True


class Client(Peer):
    """A client of the daemon."""

    def __init__(self, authority, port, name="alpha.test", **options):
        sock = tcp(port, options.get("source"), options.get("buffer"))
        context = authority.context(ssl.PROTOCOL_TLS_CLIENT, name)
        if "adjust" in options:
            options["adjust"](context)
        super().__init__(context.wrap_socket(sock))

    def tell(self, source, to=0):
        """Say which address is ours, as the first packet must."""
        self.send(sns(source, to))
        return self


def tcp(port, source=None, buffer=None):
    """A TCP connection; it may come from another address, or have little room."""
    sock = socket.socket()
    sock.settimeout(PATIENCE)
    sock.bind((source or LOCALHOST, 0))
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.connect((LOCALHOST, port))
    return sock


class Server:
    """A server for the daemon as a client."""

    def __init__(self, authority, name="hub.test", port=0):
        self.context = authority.context(ssl.PROTOCOL_TLS_SERVER, name)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.settimeout(PATIENCE)
        self.socket.bind((LOCALHOST, port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]

    def accept(self):
        """The next client that gets through the handshake."""
        sock, _ = self.socket.accept()
        sock.settimeout(PATIENCE)
        return Peer(self.context.wrap_socket(sock, server_side=True))

    def refused(self):
        """A client comes, and does not go through with it."""
        try:
            self.accept().close()
        except OSError:
            return
        raise AssertionError("the client accepted the server")

    def close(self):
        """No more clients."""
        self.socket.close()


def processes_files(pid):
    """How many descriptors a process has, and its memory in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        memory = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
    return len(os.listdir(f"/proc/{pid}/fd")), memory
