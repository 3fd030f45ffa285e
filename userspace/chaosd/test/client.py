# SPDX-License-Identifier: GPL-2.0-or-later
"""A member of a chaosd's ether, as small as it can be."""

import socket
import struct

PATIENCE = 30


class Client:
    """A connection: whole packets, with their trailers, out and in."""

    def __init__(self, where):
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(where)

    def send(self, packet, tail=b"\1\0"):
        """Send a packet; the tail of the frame's header may be anything."""
        self.socket.sendall(struct.pack(">H", len(packet)) + tail + packet)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def receive(self):
        """Return the next packet; EOFError if there will be none."""
        length, tail = struct.unpack(">H2s", self._exactly(4))
        assert tail == b"\1\0", tail
        return self._exactly(length)

    def close(self):
        """Go away."""
        self.socket.close()
