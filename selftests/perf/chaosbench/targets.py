# SPDX-License-Identifier: GPL-2.0-or-later
"""What the figures should be, and whether they are."""

from dataclasses import dataclass

from .parts import CONCURRENT, DETERMINISTIC

# Instructions on a stock kernel 6.1, measured once by others: the instrument is sound if
# it finds about the same.
REFERENCES = {
    "stream-short.tcp": 7750, "blocking.packet": 11100, "blocking.udp": 15100,
    "ask.udp": 24100, "connect.tcp": 88700, "forward.ipv4": 2600, "tunnel.ipip": 5300,
}


@dataclass
class Target:
    """A figure, alone or by another, that should be at most or at least so much."""
    work: str
    name: str
    limit: float
    than: str | None = None     # figure to divide by
    least: bool = False
    mode: str = DETERMINISTIC

    def value(self, found):
        """What it is; None if it was not measured."""
        if self.name not in found or (self.than and self.than not in found):
            return None
        value = found[self.name]["median"]
        return value / found[self.than]["median"] if self.than else value

    def met(self, value):
        """Is this good enough?"""
        return value >= self.limit if self.least else value <= self.limit

    def text(self):
        """What should be."""
        return f"{'>=' if self.least else '<='} {self.limit:g}" + \
            (f" x {self.than}" if self.than else "")


BUSY = (1, 4, 16, 64, 256)      # numbers of connections

# The part "ops".
OPERATIONS = (
    Target("stream, 64 KiB writes, instructions", "stream.chaos", 1.0, "stream.tcp"),
    Target("stream of 1 MiB", "stream-short.chaos", 1.0, "stream-short.tcp"),
    Target("packets of 488 bytes, bursts of 64", "burst.chaos", 0.95, "burst.udp"),
    Target("packets of 488 bytes, blocking", "blocking.chaos", 1.0, "blocking.udp"),
    Target("transaction answered in the kernel", "ask.status", 0.7, "ask.udp"),
    Target("transaction answered by a socket", "ask.server", 1.1, "ask.udp"),
    Target("connect + accept + close", "connect.chaos", 0.8, "connect.tcp"),
    Target("forwarding a packet", "forward.chaos", 1.0, "forward.ipv4"),
    Target("IP protocol 16, increment", "tunnel.chaos", 1.1, "tunnel.ipip"),
)

TARGETS = (
    *OPERATIONS,
    Target("chaos-udp, equal sizes", "way-488.chaos-udp", 2.0, "way-488.forwarder", True),
    Target("chaos-udp, mixed sizes", "way-32,488.chaos-udp", 1.0, "way-32,488.forwarder", True),
    Target("chaos-udp, one by one", "way-one.chaos-udp", 1.0, "way-one.forwarder", True),
    Target("chaos-udp, no offloads", "way-bare-488.chaos-udp", 1.0, "way-bare-488.forwarder",
           True),
    Target("chaos-udp, system calls per packet, sending", "calls-488-client.chaos-udp", 0.25),
    Target("chaos-udp, system calls per packet, receiving", "calls-488-server.chaos-udp", 0.25),
    Target("50,000 idle connections, percent slower", "many.slowdown", 3),
    Target("50,000 idle connections, bytes per endpoint", "many.memory", 2560),
    Target("loss 1 % at 10 ms, windows per round trip", "loss-window-1-10.chaos", 0.8,
           least=True),
    Target("loss 1 % at 10 ms, packets sent per delivered", "loss-sent-1-10.chaos", 1.02),
    Target("1 Mbit/s, 20 packets, share of the rate", "bottleneck.chaos", 0.8, least=True),
    Target("1 Mbit/s, 20 packets, percent of duplicates", "bottleneck.duplicates", 5),
    Target("10,000 idle connections, percent of a CPU", "idle.cpu", 0.5),
    *(Target(f"{n} busy connections, of the peak", f"busy-{n}.chaos", 0.8, "busy-peak.chaos", True,
             CONCURRENT) for n in BUSY),
    *(Target(f"{n} busy connections, Jain's index", f"fair-{n}.chaos", 0.95, None, True,
             CONCURRENT) for n in BUSY[1:]),
)


def complete(found):
    """Add what is made of several figures."""
    busy = [found[f"busy-{n}.chaos"] for n in BUSY if f"busy-{n}.chaos" in found]
    if busy:
        found["busy-peak.chaos"] = max(busy, key=lambda figure: figure["median"])


def judge(by_mode):
    """All targets whose figures are there, as in the file of figures."""
    result = []
    for target in TARGETS:
        value = target.value(by_mode.get(target.mode, {}))
        if value is not None:
            result.append({"work": target.work, "target": target.text(),
                           "figure": round(value, 4), "met": target.met(value)})
    return result
