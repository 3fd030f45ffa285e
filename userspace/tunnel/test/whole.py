# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of whole daemons share: each test runs in a directory of its own, with a
socketpair as the kernel (see doubles.c).

usage of a program made of such tests: daemon_test.py PROGRAM [TEST...]
"""

import contextlib
import glob
import itertools
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

PATIENCE = 30
PROGRAM = os.path.abspath(sys.argv[1])
TRAILER = struct.Struct("<3H")
RUNNING = []


def packet(number, source=0o401, to=0o402, hop=0, size=4):
    """A packet that can be told by its number."""
    return (struct.pack("<8H", 0x8000, size, to, 1, source, 1, number, 0) + bytes(size)
            + TRAILER.pack(hop, source, 0))


def number_of(data):
    """The number of a packet."""
    return struct.unpack_from("<H", data, 12)[0]


def wait(condition, what):
    """Wait until the condition holds; return its value."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited in vain: {what}")


class Kernel:
    """What /dev/chaos would be: records in packets of a socket."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ours.settimeout(PATIENCE)
        self.waiting = []

    def send(self, *packets):
        """As if the kernel sent them."""
        self.ours.send(b"".join(struct.pack("=H", len(p)) + p for p in packets))

    def receive(self):
        """The next packet that the kernel is given."""
        while not self.waiting:
            data = self.ours.recv(65536)
            while data:
                length, = struct.unpack_from("=H", data)
                self.waiting.append(data[2:2 + length])
                data = data[2 + length:]
        return self.waiting.pop(0)


class Framed:
    """A stream of packets, each after its length."""

    def __init__(self, sock, tail=b""):
        self.socket = sock
        self.socket.settimeout(PATIENCE)
        self.tail = tail

    def send(self, *packets, tail=None):
        """Send packets; the end of the frame's header may be another."""
        tail = self.tail if tail is None else tail
        self.socket.sendall(b"".join(struct.pack(">H", len(p)) + tail + p for p in packets))

    def exactly(self, count):
        """Return that many bytes; EOFError if there will be less."""
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        """Return the next packet; EOFError if there will be none."""
        length, = struct.unpack(">H", self.exactly(2))
        assert self.exactly(len(self.tail)) == self.tail
        return self.exactly(length)

    def close(self):
        """Go away."""
        self.socket.close()


class Daemon:
    """A running daemon.  It has a kernel for all links, or a dictionary by their names."""

    def __init__(self, *words, kernel=None, files=None):
        name = f"{len(RUNNING)}"
        self.log_name = f"log.{name}"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(0.1)
        self.notify.bind(f"notify.{name}")
        env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath(f"notify.{name}"))
        kernels = kernel if isinstance(kernel, dict) else {"": kernel} if kernel else {}
        for link, end in kernels.items():
            env[f"TAP_FD{link}"] = str(end.theirs.fileno())

        def limit():
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        with open(self.log_name, "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-v", *words], stdout=subprocess.DEVNULL, stderr=log, env=env,
                preexec_fn=limit, pass_fds=[end.theirs.fileno() for end in kernels.values()])
        RUNNING.append(self.process)

    def ready(self):
        """Wait until it tells systemd that it is."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            try:
                if b"READY=1" in self.notify.recv(4096):
                    # What nobody reads would fill it up.
                    self.notify.close()
                    return
            except socket.timeout:
                pass
        raise AssertionError(f"not ready: {self.log()}")

    def log(self):
        """What it has said."""
        with open(self.log_name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def says(self, pattern, times=1):
        """Wait until it says this."""
        wait(lambda: len(re.findall(pattern, self.log())) >= times, pattern)

    def signal(self, number):
        """Send a signal."""
        self.process.send_signal(number)

    def reports(self, *patterns):
        """Have it report until it has said all this: what it counts may still be under way."""
        def asked():
            self.signal(signal.SIGUSR1)
            return all(re.search(pattern, self.log()) for pattern in patterns)

        wait(asked, f"reports of {patterns}")

    def end(self, status=0):
        """Have it end; what it returns must be right."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        got = self.process.wait(PATIENCE)
        assert got == status, f"status {got}: {self.log()}"


def here(name="server"):
    """The path of a file in our directory, as daemons want it."""
    return os.path.join(os.getcwd(), name)


PORTS = itertools.count(20000 + os.getpid() % 1000 * 10)


def free_port():
    """A TCP port that nobody uses, nor gets from the kernel for a connection of theirs."""
    for port in PORTS:
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def commented(text):
    """As a comment of TAP."""
    return "".join(f"# {line}\n" for line in text.splitlines())


def run(tests):
    """Run all, or those named in the command line; print TAP; return the exit status."""
    tests = [test for test in tests if len(sys.argv) < 3 or test.__name__ in sys.argv[2:]]
    failures = 0
    print(f"1..{len(tests)}")
    for count, test in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="daemon.") as directory:
            os.chdir(directory)
            try:
                test()
                print(f"ok {count} - {test.__name__}", flush=True)
            except Exception:  # pylint: disable=broad-except
                failures += 1
                print(commented(traceback.format_exc()), end="")
                for log in sorted(glob.glob("log.*")):
                    with open(log, encoding="utf-8", errors="replace") as said:
                        print(commented(f"{log}:\n{said.read()[-4000:]}"), end="")
                print(f"not ok {count} - {test.__name__}", flush=True)
            for process in RUNNING:
                process.kill()
                process.wait()
            RUNNING.clear()
            os.chdir("/")
    return 1 if failures else 0
