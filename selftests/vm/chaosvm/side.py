# SPDX-License-Identifier: GPL-2.0-or-later
"""Running several things that print TAP side by side.

Tests mostly wait: for clocks, for other processes.  What each of them prints is shown
in one piece, when it has ended.
"""

import os
import re
import subprocess
import threading
from pathlib import Path

from .machine import TREE
from .tap import TapReader, Tally

_LOCK = threading.Lock()

# Test machines at a time; more only wait for each other.
MOST = 2


def shares(tests, memory):
    """Cut a list into as many as this computer has room for machines with `memory` MiB."""
    free = re.search(r"MemAvailable: +(\d+)", Path("/proc/meminfo").read_text("ascii"))
    room = int(free[1]) // 1024 // (memory * 3 // 2) if free else 1
    count = max(1, min(MOST, os.cpu_count() or 1, room))
    return [tests[i::count] for i in range(count)]


def show_line(line):
    """Show a line at once."""
    with _LOCK:
        print(line, flush=True)


class Pieces:
    """Lines of one of several things: held back until a test has ended."""

    def __init__(self):
        self._lines = []

    def show(self, line):
        """Take a line."""
        if line.startswith("# ---- "):
            self.flush()
        self._lines.append(line)

    def flush(self):
        """Show what is held back."""
        with _LOCK:
            if self._lines:
                print(*self._lines, sep="\n", flush=True)
        self._lines = []


class Side:
    """A function that is called beside others: function(show) returns a Tally."""

    def __init__(self, function):
        self._function = function
        self._tally = Tally()
        self._error = None
        # A daemon: whoever interrupts us does not wait for it.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        pieces = Pieces()
        try:
            self._tally = self._function(pieces.show)
        except Exception as error:  # pylint: disable=broad-except # join() raises it
            self._error = error
        pieces.flush()

    def join(self):
        """Wait for it; returns its Tally."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._tally


def run_here(name, command, show=show_line):
    """Run a program that prints TAP on this machine; returns its Tally."""
    show(f"# ---- {name}")
    reader = TapReader(name)
    with subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True,
                          errors="replace", stdin=subprocess.DEVNULL) as process:
        for line in process.stdout:
            line = line.rstrip("\n")
            show(line)
            reader.line(line)
    return reader.finish(process.returncode)
