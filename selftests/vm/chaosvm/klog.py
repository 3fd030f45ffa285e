# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel log: its lines, our marks in it, and reports of trouble."""

import re

# Beginnings of messages that a healthy kernel does not print.
TROUBLE = re.compile("|".join((
    r"WARNING: ",                       # WARN_ON, lockdep, RCU checks
    r"(watchdog: |\[ )?BUG: ",          # also KASAN, soft lockups, bad pointers
    r"kernel BUG at ",
    r"Oops\b",
    r"general protection fault",
    r"(divide error|invalid opcode|stack segment|double fault): ",
    r"Kernel panic",
    r"INFO: task .* blocked for more than",
    r"INFO: trying to register non-static key",
    r"(rcu: )?INFO: .*(self-detected stall|detected (expedited )?stalls?)",
    r"UBSAN: ",
    r"KCSAN: ",
    r"ODEBUG: ",
    r"refcount_t: ",
    r"ref_tracker: ",
    r"leaked reference\.",              # ref_tracker's before 6.5
    r"list_(add|del) corruption",
    r"kmemleak: [1-9]\d* new suspected memory leaks",
    r"unregister_netdevice: waiting for ",
    r"Out of memory: ",
    r"Call Trace:",
)))
STAMP = re.compile(r"^\[ *\d+\.\d+\] (\[ *[TC]\d+\] )?")
MARK = "chaosvm: "

# How much of a report is shown: from a few lines before it.
LINES_BEFORE = 3
LINES_SHOWN = 60


class Report:
    """Trouble the kernel reported: consecutive lines of its log."""

    def __init__(self, test, lines):
        self.test = test
        self.lines = lines
        self.title = STAMP.sub("", lines[-1])

    def add(self, line):
        """Take a line that still belongs to this report; False when full."""
        self.lines.append(line)
        return len(self.lines) < LINES_SHOWN and "end trace" not in line


class KernelLog:
    """Kernel messages of one boot, read as they come.

    on_mark is called with the text of each mark (a line of ours).
    """

    def __init__(self, on_mark):
        self.lines = []
        self.reports = []
        self.test = None
        self._on_mark = on_mark
        self._partial = b""
        self._open = None

    def feed(self, data):
        """Take bytes from the console."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip("\r"))

    def finish(self):
        """The machine is off: nothing more will come."""
        if self._partial:
            self.feed(b"\n")

    def tail(self, count=30):
        """The last lines."""
        return self.lines[-count:]

    def _line(self, line):
        self.lines.append(line)
        text = STAMP.sub("", line)
        if text.startswith(MARK):
            self._mark(text.removeprefix(MARK))
        elif self._open:
            if not self._open.add(line):
                self._open = None
        elif TROUBLE.match(text):
            before = self.lines[-1 - LINES_BEFORE:-1]
            self._open = Report(self.test, [*before, line])
            self.reports.append(self._open)

    def _mark(self, text):
        self._open = None
        word, _, rest = text.partition(" ")
        if word == "test":
            self.test = rest
        elif word == "tested":
            self.test = None
        self._on_mark(text)
