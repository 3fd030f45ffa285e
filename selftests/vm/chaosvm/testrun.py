# SPDX-License-Identifier: GPL-2.0-or-later
"""Running a list of tests in the test machine.

All run in one boot.  If the machine dies or hangs, the test that ran then has
failed, and another boot runs those after it.
"""

import secrets
import time

from .machine import HERE
from .tap import TapReader, Tally

# Seconds that the machine may need beyond a test's own time, to boot or to
# stop the test.
GRACE = 45


class TestOutput:
    """Output of guest/run-tests: cut into tests, shown as it comes, counted.

    Lines that begin with `mark` come from run-tests itself, the others from
    tests.
    """

    def __init__(self, mark, show):
        self.mark = mark
        self.tally = Tally()
        self.begun = []         # names, in order
        self._show = show
        self._reader = None
        self._partial = b""
        self._started = 0
        self._blank = False     # an empty line, held back: run-tests makes one

    def feed(self, data):
        """Take bytes as they come."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip("\r"))

    @property
    def running(self):
        """The name of the test that has begun and not ended."""
        return self.begun[-1] if self._reader else None

    def _line(self, line):
        if line.startswith(self.mark):
            self._blank = False
            word, name, *rest = line.removeprefix(self.mark).split()
            if word == "test":
                self._begin(name)
            else:
                self._end(int(rest[0]), rest[1:])
            return
        if self._blank:
            self._show("")
        self._blank = not line
        if line:
            self._show(line)
            if self._reader:
                self._reader.line(line)

    def _begin(self, name):
        self._show(f"# ---- {name}")
        self._reader = TapReader(name)
        self._started = time.monotonic()
        self.begun.append(name)

    def _end(self, status, namespaces):
        if self.begun[-1] == "rmmod":
            self._rmmod(status)
        else:
            self.tally.add(self._reader.finish(status))
        if namespaces:
            self._show(f"# left network namespaces behind: {' '.join(namespaces)}")
            self.tally.fail(self.begun[-1], "left network namespaces behind")
        self._show(f"# {time.monotonic() - self._started:.0f} s")
        self._reader = None

    def _rmmod(self, status):
        self._show(f"{'not ' if status else ''}ok 1 - the module can be unloaded")
        if status:
            self.tally.fail("rmmod", "the module cannot be unloaded")
        else:
            self.tally.passed += 1


def run_tests(machine, tests, limit, show=lambda line: print(line, flush=True)):
    """Run the programs `tests`, each for at most `limit` seconds; returns a Tally.

    No two may have the same name.
    """
    tally = Tally()
    pending = [test.resolve() for test in tests]

    while pending:
        begun = _boot(machine, pending, limit, show, tally)
        if not begun:
            tally.fail("test machine", f"not run: {' '.join(test.name for test in pending)}")
            break
        pending = [test for test in pending if test.name not in begun]
    return tally


def _boot(machine, tests, limit, show, tally):
    """One boot; returns the names of the tests that were begun."""
    mark = f"@{secrets.token_hex(4)} "
    output = TestOutput(mark, show)
    outcome = machine.run(
        [str(HERE / "guest/run-tests"), str(limit), mark.strip()],
        output.feed, files={"tests": "".join(f"{test}\n" for test in tests)},
        patience=limit + GRACE)

    tally.add(output.tally)
    for report in outcome.log.reports:
        show("# the kernel reported:")
        for line in report.lines:
            show(f"#     {line}")
        tally.fail(report.test or "test machine", f"kernel: {report.title}")
    if outcome.problem:
        show(f"# {outcome.problem}; the kernel's last words:")
        for line in outcome.log.tail(10):
            show(f"#     {line}")
        tally.fail(output.running or "test machine", outcome.problem)
    elif outcome.status != 0:
        tally.fail("test machine", f"run-tests: exit status {outcome.status}")
    return output.begun
