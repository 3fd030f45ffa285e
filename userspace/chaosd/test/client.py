# SPDX-License-Identifier: GPL-2.0-or-later
"""A member of a chaosd's ether, as small as it can be."""

import socket

from whole import PATIENCE, Framed


class Client(Framed):
    """A connection: whole packets, with their trailers, out and in."""

    def __init__(self, where):
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE)
        sock.connect(where)
        super().__init__(sock, b"\1\0")
